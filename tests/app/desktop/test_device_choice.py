"""The choice of a microphone and a loudspeaker, as somebody makes it; the engine follows a script."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from app.desktop.device_choice import entries
from engine.commands import ChooseDevices, EndConversation, StartConversation
from engine.errand_events import ErrandDone
from engine.errands import DeviceSummary, ListDevices, SoundDevices
from engine.events import DeviceChanged, ErrorOccurred
from tests.app.desktop.at_settings import Settings
from tests.app.desktop.conftest import User

DEVICES = SoundDevices(
    inputs=(
        DeviceSummary(label="Built-in", is_default=True),
        DeviceSummary(label="Headset", is_default=False),
    ),
    outputs=(DeviceSummary(label="Speakers", is_default=True),),
)


def test_a_device_is_chosen_and_used_in_the_running_conversation(user: User) -> None:
    settings = Settings(user, page="Conversation")
    user.engine.feed(ErrandDone(errand="devices", result=DEVICES))
    box = settings.dialog.input
    user.waits(lambda: box.count() == 3)
    assert [box.itemText(row) for row in range(3)] == ["Like the system: Built-in", "Built-in", "Headset"]
    box.setFocus()
    user.bot.keyClick(box, Qt.Key.Key_End)
    choice = user.asked(ChooseDevices)
    assert choice == ChooseDevices(input_device="Headset", output_device=None)
    assert user.desktop.settings.conversing.input_device == "Headset"
    user.asked_for(choice)
    assert not any(isinstance(command, EndConversation) for command in user.engine.commands)


def test_a_device_that_is_not_plugged_in_stays_shown(user: User) -> None:
    conversing = replace(user.desktop.settings.conversing, output_device="Old amplifier")
    user.desktop.apply(replace(user.desktop.settings, conversing=conversing))
    settings = Settings(user, page="Conversation")
    assert settings.dialog.output.currentText() == "Old amplifier, not plugged in"
    before = len(user.engine.errands)
    user.engine.results[ListDevices] = replace(
        DEVICES, outputs=(*DEVICES.outputs, DeviceSummary(label="Old amplifier", is_default=False))
    )
    user.engine.feed(
        DeviceChanged(direction="output", kind="changed", message="The loudspeaker is now Old amplifier.")
    )
    user.waits(lambda: settings.dialog.output.currentText() == "Old amplifier")
    assert user.engine.errands[before:] == [ListDevices()]


def test_a_device_chosen_where_there_was_none_begins_anew(user: User) -> None:
    user.engine.feed(ErrorOccurred(code="sound_device", message="There is no microphone."))
    user.waits(lambda: not user.desktop.state.can_converse)
    conversing = replace(user.desktop.settings.conversing, input_device="Headset")
    user.desktop.apply(replace(user.desktop.settings, conversing=conversing))
    user.waits(lambda: user.desktop.state.can_converse)
    command = user.asked(StartConversation)
    assert isinstance(command, StartConversation)
    assert command.input_device == "Headset"


def test_another_microphone_is_taken_by_a_conversation_that_lost_its_own(user: User) -> None:
    user.engine.feed(user.engine.state("failed", "The headset is gone."))
    user.waits(lambda: not user.desktop.state.can_converse)
    conversing = replace(user.desktop.settings.conversing, input_device="Built-in")
    user.desktop.apply(replace(user.desktop.settings, conversing=conversing))
    assert user.asked(ChooseDevices) == ChooseDevices(input_device="Built-in", output_device=None)
    assert not any(isinstance(command, EndConversation) for command in user.engine.commands)


@pytest.mark.parametrize(
    ("devices", "chosen", "shown"),
    [
        (None, None, [("Like the system", None)]),
        (None, "Headset", [("Like the system", None), ("Headset", "Headset")]),
        ((), "Headset", [("Like the system", None), ("Headset, not plugged in", "Headset")]),
    ],
)
def test_devices_are_shown_as_far_as_they_are_known(
    devices: tuple[DeviceSummary, ...] | None, chosen: str | None, shown: list[tuple[str, str | None]]
) -> None:
    assert entries(devices, chosen) == shown
