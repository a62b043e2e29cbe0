"""The settings of language models and their keys, as somebody uses them; the engine follows a script."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from app.desktop import crash
from app.desktop.connections import NO_ENGINE, Connections, ErrandBegun, connected
from engine.commands import EndConversation
from engine.errand_events import ErrandDone
from engine.errands import (
    CancelErrand,
    FindServers,
    FoundServers,
    KeyStored,
    ListModels,
    ModelServer,
    ModelTimes,
    OfferedTool,
    OfferedTools,
    StoreKey,
    TryModel,
    UseModel,
)
from engine.handle import EngineHandle
from tests.app.desktop.at_settings import DESK, FAR, HERE, LLAMA, NOBODY, OLLAMA, SOMEBODY, Settings, rows
from tests.app.desktop.conftest import User, controls_of, sit_down
from tests.app.desktop.test_access import CONTROLS, walk
from tests.fakes import model_server
from tests.fakes.kept_conversations import kept_parts
from tests.fakes.model_server import words
from tests.fakes.tones import ToneShelf


def engine_with_settings() -> EngineHandle:
    """A real engine process that speaks in tones and answers as the settings say."""
    return EngineHandle(ToneShelf, kept_parts)


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


def test_an_engine_that_ended_leaves_nothing_under_way(user: User) -> None:
    settings = Settings(user, SOMEBODY)
    settings.clicks(settings.answers.try_button)
    user.waits(lambda: "try" in user.desktop.state.connections.under_way)
    user.engine.die()
    user.waits(lambda: settings.answers.try_button.text() == "Test")
    settings.clicks(settings.answers.find_button)
    settings.reads(str(NO_ENGINE))


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
