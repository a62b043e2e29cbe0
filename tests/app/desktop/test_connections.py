"""The settings of language models, tools and devices, as somebody uses them; the engine follows a script."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from app.desktop import crash
from app.desktop.answers_page import AnswersPage
from app.desktop.connections import NO_ENGINE, Connections, ErrandBegun, connected
from app.desktop.device_choice import entries
from app.desktop.dialogs import Dialogs
from app.desktop.settings_dialog import SettingsDialog
from app.desktop.tools_page import ToolsPage
from engine.commands import ChooseDevices, EndConversation, StartConversation
from engine.errand_events import ErrandDone
from engine.errands import (
    CancelErrand,
    DeviceSummary,
    DialogueSetup,
    Errand,
    FindServers,
    FoundServers,
    KeyStored,
    ListDevices,
    ListModels,
    ListTools,
    ModelChoice,
    ModelServer,
    ModelTimes,
    OfferedTool,
    OfferedTools,
    ReadDialogue,
    RemoveToolServer,
    SetToolServer,
    SoundDevices,
    StoreKey,
    ToolServerSetup,
    TryModel,
    UseModel,
)
from engine.events import DeviceChanged
from engine.handle import EngineHandle
from tests.app.desktop.conftest import User, controls_of, sit_down
from tests.app.desktop.test_access import CONTROLS, walk
from tests.fakes import model_server
from tests.fakes.kept_conversations import kept_parts
from tests.fakes.model_server import words
from tests.fakes.tones import ToneShelf

HERE, FAR = "http://127.0.0.1:11434/v1", "https://api.example.org/v1"
NOBODY = DialogueSetup(
    model=None,
    resting=None,
    tool_servers=(),
    keyed=(),
    default_persona="Sotto.",
    default_system_prompt="Brief.",
)
LLAMA = ModelChoice(address=HERE, model="llama", persona="Sotto.", system_prompt="Brief.")
SOMEBODY = replace(NOBODY, model=LLAMA)
OLLAMA = ModelServer(address=HERE, name="Ollama", models=("llama", "qwen"))
DESK = ToolServerSetup(name="desk", command="desk", arguments=("--all", "my files"))
ErrandT = TypeVar("ErrandT", bound=Errand)


def engine_with_settings() -> EngineHandle:
    """A real engine process that speaks in tones and answers as the settings say."""
    return EngineHandle(ToneShelf, kept_parts)


class Settings:
    """The settings' window, open at a page."""

    def __init__(self, user: User, setup: DialogueSetup = NOBODY, page: str = "Answers") -> None:
        self.user = user
        if user.engines:
            user.engine.results |= {ReadDialogue: setup, ListDevices: SoundDevices(inputs=(), outputs=())}
        user.presses(Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
        dialogs = user.desktop.dialogs
        assert isinstance(dialogs, Dialogs)
        assert dialogs.settings is not None
        self.dialog: SettingsDialog = dialogs.settings
        titles = [self.dialog.tabs.tabText(tab) for tab in range(self.dialog.tabs.count())]
        self.dialog.tabs.setCurrentIndex(titles.index(page))
        user.waits(lambda: user.desktop.state.connections.setup == setup or not user.engines)

    @property
    def answers(self) -> AnswersPage:
        return self.dialog.answers

    @property
    def tools(self) -> ToolsPage:
        return self.dialog.tools

    def clicks(self, button: QAbstractButton) -> None:
        assert button.isVisible(), button.text()
        assert button.isEnabled(), button.text()
        button.click()

    def types(self, entry: QLineEdit, words: str) -> None:
        entry.setFocus()
        entry.clear()
        self.user.bot.keyClicks(entry, words)

    def asked(self, kind: type[ErrandT]) -> ErrandT:
        """Wait until the engine was asked such a thing; the last one."""
        self.user.waits(lambda: any(isinstance(errand, kind) for errand in self.user.engine.errands))
        return [errand for errand in self.user.engine.errands if isinstance(errand, kind)][-1]

    def reads(self, words: str) -> None:
        """Wait until a visible label says so."""
        labels = self.dialog.findChildren(QLabel)
        self.user.waits(lambda: any(words in each.text() and each.isVisible() for each in labels))


def rows(shown: QWidget) -> list[str]:
    return [shown.item(row).text() for row in range(shown.count())]  # type: ignore[attr-defined]


def test_servers_are_found_and_a_model_is_used(user: User) -> None:
    user.engine.results = {FindServers: FoundServers(servers=(OLLAMA,)), UseModel: SOMEBODY}
    settings = Settings(user)
    settings.reads("The built-in skills answer.")
    assert not settings.answers.use_button.isEnabled()
    assert not settings.answers.off_button.isVisible()
    settings.clicks(settings.answers.find_button)
    settings.reads("Found: Ollama (2 models).")
    assert rows(settings.answers.models) == ["llama", "qwen"]
    settings.clicks(settings.answers.use_button)
    assert settings.asked(UseModel) == UseModel(address=HERE, model="llama")
    settings.reads("llama answers what the built-in skills do not (Ollama, 127.0.0.1:11434).")
    settings.reads(
        "It runs on this machine: what you say stays here. A change takes effect with your next question"
    )
    assert rows(settings.answers.models) == ["llama · answers now", "qwen"]


def test_without_a_server_it_is_said_what_to_do(user: User) -> None:
    user.engine.results = {FindServers: FoundServers(servers=())}
    settings = Settings(user)
    settings.clicks(settings.answers.find_button)
    settings.reads("No server answers here. Start Ollama, LM Studio, llama.cpp or vLLM and look again")


def test_an_address_is_typed_and_its_models_listed(user: User) -> None:
    server = ModelServer(address=FAR, models=("huge",))
    user.engine.results = {ListModels: server}
    settings = Settings(user)
    settings.types(settings.answers.entry, "https://api.example.org/v1/")
    user.bot.keyClick(settings.answers.entry, Qt.Key.Key_Return)
    user.waits(lambda: rows(settings.answers.models) == ["huge"])
    assert settings.asked(ListModels).address == "https://api.example.org/v1/"
    assert settings.answers.entry.text() == FAR, "as the engine understood it"


def test_a_server_that_does_not_answer_is_one_sentence(user: User) -> None:
    user.engine.results = {ListModels: "No language model server answers at http://x; start it there."}
    settings = Settings(user)
    settings.types(settings.answers.entry, "http://x")
    settings.clicks(settings.answers.list_button)
    settings.reads("No language model server answers at http://x; start it there.")
    assert settings.answers.list_button.isEnabled(), "to try again"


def test_what_leaves_the_machine_is_said(user: User) -> None:
    far = replace(SOMEBODY, model=replace(LLAMA, address=FAR))
    settings = Settings(user, far)
    settings.reads("What you say, and the conversation so far, is sent to api.example.org.")
    settings.dialog.tabs.setCurrentIndex(settings.dialog.tabs.count() - 1)
    settings.reads(
        "You have set up an exception. What you say, and the conversation so far, is sent to api.ex"
    )


def test_a_test_tells_the_time_to_the_first_word(user: User) -> None:
    user.engine.results = {
        TryModel: ModelTimes(address=HERE, model="llama", first_answer_ms=180.0, first_question_ms=2_100.0)
    }
    settings = Settings(user, SOMEBODY)
    settings.clicks(settings.answers.try_button)
    assert settings.asked(TryModel) == TryModel(address=HERE, model="llama")
    settings.reads("its first word comes after 180 ms, the first time after 2.1 s, while it was loaded.")


def test_a_test_can_be_stopped(user: User) -> None:
    settings = Settings(user, SOMEBODY)
    settings.clicks(settings.answers.try_button)
    user.waits(lambda: settings.answers.try_button.text() == "Stop the test")
    settings.reads("The model is asked to say hello.")
    settings.clicks(settings.answers.try_button)
    assert settings.asked(CancelErrand) == CancelErrand(errand="try")
    user.engine.feed(ErrandDone(errand="try"))
    user.waits(lambda: settings.answers.try_button.text() == "Test")


def test_a_key_is_kept_and_not_shown_again(user: User) -> None:
    user.engine.results = {StoreKey: KeyStored(address=HERE, has_key=True, kept=True)}
    settings = Settings(user, SOMEBODY)
    assert settings.answers.key.echoMode() == QLineEdit.EchoMode.Password
    settings.types(settings.answers.key, "sk-1")
    settings.clicks(settings.answers.keep_button)
    errand = settings.asked(StoreKey)
    assert (errand.address, errand.key) == (HERE, "sk-1")
    settings.reads("The key is in the keyring of this computer, and nowhere else.")
    assert settings.answers.key.text() == ""
    user.engine.feed(ErrandDone(errand="setup", result=replace(SOMEBODY, keyed=(HERE,))))
    user.waits(lambda: settings.answers.forget_button.isVisible())
    settings.clicks(settings.answers.forget_button)
    user.waits(lambda: settings.asked(StoreKey).key == "")


def test_without_a_keyring_its_sentence_is_shown(user: User) -> None:
    sentence = (
        "This computer has no keyring that can be used (NoKeyringError), so the key is kept for this session."
    )
    user.engine.results = {StoreKey: KeyStored(address=HERE, has_key=True, kept=False, sentence=sentence)}
    settings = Settings(user, SOMEBODY)
    settings.types(settings.answers.key, "sk-1")
    settings.clicks(settings.answers.keep_button)
    settings.reads(sentence)


@pytest.mark.parametrize("page", ["Answers", "Tools"])
def test_tab_reaches_every_control_of_a_page_that_is_full(user: User, page: str) -> None:
    tools = OfferedTools(server="desk", tools=(OfferedTool(name="read", description="Reads."),))
    full = replace(SOMEBODY, tool_servers=(replace(DESK, allowed=True),), keyed=(HERE,))
    settings = Settings(user, full, page)
    user.engine.feed(ErrandDone(errand="tools", result=tools), ErrandDone(errand="models", result=OLLAMA))
    user.waits(lambda: user.desktop.state.connections.listed == (OLLAMA,))
    reached = walk(user, settings.dialog)
    wanted = [each for each in controls_of(settings.dialog) if isinstance(each, (*CONTROLS, QPlainTextEdit))]
    assert len(wanted) > 8
    assert [each for each in wanted if each not in reached] == []
    assert all(each.accessibleName() or isinstance(each, QAbstractButton) for each in wanted)


def test_no_group_of_settings_is_out_of_sight_however_narrow_the_window(user: User) -> None:
    settings = Settings(user)
    bar = settings.dialog.tabs.tabBar()
    settings.dialog.tabs.addTab(QWidget(), "One more group of settings")
    settings.dialog.resize(100, 100)
    user.waits(lambda: settings.dialog.width() != 560)
    last = bar.tabRect(bar.count() - 1)
    assert last.right() <= bar.width(), "each can be seen and clicked"


def test_the_skills_alone_answer_again(user: User) -> None:
    user.engine.results = {UseModel: replace(NOBODY, resting=LLAMA)}
    settings = Settings(user, SOMEBODY)
    settings.clicks(settings.answers.off_button)
    assert settings.asked(UseModel).model is None
    settings.reads("The built-in skills answer.")
    assert settings.answers.entry.text() == HERE, "the way back is one click"
    assert settings.answers.use_button.isEnabled()


def test_the_character_is_written_anew_and_put_back(user: User) -> None:
    pirate = replace(SOMEBODY, model=replace(LLAMA, persona="A pirate."))
    user.engine.results = {UseModel: pirate}
    settings = Settings(user, SOMEBODY)
    box = settings.answers.persona
    assert not box.keep_button.isEnabled()
    assert not box.default_button.isEnabled()
    box.persona.setPlainText("A pirate.")
    settings.clicks(box.keep_button)
    wanted = UseModel(address=HERE, model="llama", persona="A pirate.", system_prompt="Brief.")
    assert settings.asked(UseModel) == wanted
    user.waits(lambda: not box.keep_button.isEnabled())
    user.engine.results = {UseModel: SOMEBODY}
    settings.clicks(box.default_button)
    user.waits(lambda: not box.default_button.isEnabled())
    assert settings.asked(UseModel) == UseModel(address=HERE, model="llama", persona="", system_prompt="")
    assert box.persona.toPlainText() == "Sotto."


def test_what_is_being_written_is_not_lost_by_news(user: User) -> None:
    user.engine.results = {FindServers: FoundServers(servers=(OLLAMA,))}
    settings = Settings(user, SOMEBODY)
    settings.answers.persona.persona.setPlainText("A pir")
    settings.types(settings.answers.key, "sk")
    settings.types(settings.answers.entry, "http://half")
    settings.clicks(settings.answers.find_button)
    settings.reads("Found: Ollama (2 models).")
    assert settings.answers.persona.persona.toPlainText() == "A pir"
    assert (settings.answers.key.text(), settings.answers.entry.text()) == ("sk", "http://half")


def test_a_tool_server_is_added_and_starts_only_when_allowed(user: User) -> None:
    user.engine.results = {SetToolServer: replace(SOMEBODY, tool_servers=(DESK,))}
    settings = Settings(user, SOMEBODY, "Tools")
    settings.reads("There is no tool server yet.")
    settings.types(settings.tools.name, "desk")
    settings.types(settings.tools.command, "desk --all 'my files'")
    settings.clicks(settings.tools.add_button)
    assert settings.asked(SetToolServer) == SetToolServer(server=DESK, is_new=True)
    settings.reads(
        "Not allowed, so it never runs. If you allow it, Sotto starts desk --all 'my files' and offers"
    )
    assert not settings.tools.list_button.isEnabled()
    allowed = replace(DESK, allowed=True)
    tools = (OfferedTool(name="read", description="Reads."), OfferedTool(name="write", description="Writes."))
    user.engine.results = {
        SetToolServer: replace(SOMEBODY, tool_servers=(allowed,)),
        ListTools: OfferedTools(server="desk", tools=tools),
    }
    settings.clicks(settings.tools.allow_button)
    user.waits(lambda: settings.tools.list_button.isEnabled())
    assert settings.asked(SetToolServer) == SetToolServer(server=allowed)
    settings.clicks(settings.tools.list_button)
    user.waits(lambda: settings.tools.tools.count() == 2)
    settings.tools.tools.setCurrentRow(0)
    decided = replace(allowed, allowed_tools=("read",))
    user.engine.results = {SetToolServer: replace(SOMEBODY, tool_servers=(decided,))}
    settings.tools.use.setFocus()
    user.bot.keyClick(settings.tools.use, Qt.Key.Key_Up)
    user.waits(lambda: rows(settings.tools.tools)[0] == "read · always\nReads.")
    assert settings.asked(SetToolServer).server == decided


def test_a_removed_tool_server_can_be_added_again(user: User) -> None:
    user.engine.results = {RemoveToolServer: SOMEBODY}
    settings = Settings(user, replace(SOMEBODY, tool_servers=(DESK,)), "Tools")
    settings.clicks(settings.tools.remove_button)
    settings.reads("There is no tool server yet.")
    settings.clicks(settings.tools.add_button)
    assert settings.asked(SetToolServer) == SetToolServer(server=DESK, is_new=True)


def test_an_address_is_a_tool_server_too_and_half_a_quote_is_none(user: User) -> None:
    settings = Settings(user, page="Tools")
    settings.types(settings.tools.name, "web")
    settings.types(settings.tools.command, "desk 'my files")
    settings.clicks(settings.tools.add_button)
    settings.reads("an opening quotation mark without a closing one")
    settings.types(settings.tools.command, "http://127.0.0.1:7000/mcp")
    settings.clicks(settings.tools.add_button)
    server = ToolServerSetup(name="web", url="http://127.0.0.1:7000/mcp")
    assert settings.asked(SetToolServer).server == server


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
    from engine.events import ErrorOccurred

    user.engine.feed(ErrorOccurred(code="sound_device", message="There is no microphone."))
    user.waits(lambda: not user.desktop.state.can_converse)
    conversing = replace(user.desktop.settings.conversing, input_device="Headset")
    user.desktop.apply(replace(user.desktop.settings, conversing=conversing))
    user.waits(lambda: user.desktop.state.can_converse)
    command = user.asked(StartConversation)
    assert isinstance(command, StartConversation)
    assert command.input_device == "Headset"


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


def test_an_engine_that_ended_leaves_nothing_under_way(user: User) -> None:
    settings = Settings(user, SOMEBODY)
    settings.clicks(settings.answers.try_button)
    user.waits(lambda: "try" in user.desktop.state.connections.under_way)
    user.engine.die()
    user.waits(lambda: settings.answers.try_button.text() == "Test")
    settings.clicks(settings.answers.find_button)
    settings.reads(NO_ENGINE)


def test_trouble_stays_until_it_is_tried_again() -> None:
    now = connected(Connections(), ErrandBegun("try"), True)
    assert now.under_way == {"try"}
    failed = connected(now, ErrandDone(errand="try", trouble="No."), True)
    assert (failed.trouble("try"), failed.under_way) == ("No.", frozenset())
    assert connected(failed, ErrandBegun("try"), True).trouble("try") == ""
    assert connected(failed, EndConversation(), True) is failed


def test_a_model_is_set_up_in_the_window_and_answers_in_the_conversation(
    qtbot: QtBot, tmp_path: Path, crashes: crash.CrashHandling, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOTTO_DATA_DIR", str(tmp_path / "data"))
    with (
        model_server.ModelServer() as server,
        sit_down(qtbot, tmp_path, crashes, engine_with_settings) as user,
    ):
        server.behaviours = [words("Because of the air.")]
        settings = Settings(user)
        settings.reads("The built-in skills answer.")
        settings.types(settings.answers.entry, server.base_url)
        settings.clicks(settings.answers.list_button)
        user.waits(lambda: rows(settings.answers.models) == ["small"])
        settings.clicks(settings.answers.try_button)
        settings.reads("small answers: its first word comes after")
        settings.clicks(settings.answers.use_button)
        settings.reads("small answers what the built-in skills do not")
        settings.dialog.reject()
        user.types("why is the sky blue")
        user.sees("Because of the air.")
        assert user.notices() == []
