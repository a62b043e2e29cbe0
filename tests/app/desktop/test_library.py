"""Conversations of the past: listed, searched, opened, renamed, exported, deleted with undo."""

from __future__ import annotations

import json
import re
import wave
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from app.desktop import crash
from app.desktop.archive import lines_of
from app.desktop.conversations import ConversationList, when, with_suffix
from app.desktop.dialogs import Dialogs
from engine.audio.wavfile import WavWriter
from engine.commands import StartConversation
from engine.session.record import HeardAnswer
from engine.store import Conversation, open_store
from tests.app.desktop.conftest import User, sit_down

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)


def keep(folder: Path, *turns: tuple[str, str, str]) -> None:
    """A conversation in the store: what was asked, what was to be said, what was heard of it."""
    store = open_store(folder)
    record = store.record()
    for number, (asked, generated, heard) in enumerate(turns, 1):
        record.user_said(number, asked, True, 1.0, NOW)
        record.assistant_heard(
            HeardAnswer(
                turn_id=number,
                source="script",
                generated_text=generated,
                heard_text=heard,
                heard_ms=500.0,
                interrupted=heard != generated,
                done=True,
            )
        )
    record.close()
    store.close()


@pytest.fixture
def reader(qtbot: QtBot, tmp_path: Path, crashes: crash.CrashHandling) -> Iterator[User]:
    """Somebody with two conversations behind them."""
    keep(tmp_path / "data", ("What time is it?", "It is five.", "It is five."))
    keep(tmp_path / "data", ("Tell me a story", "Once upon a time there was a king.", "Once upon a time"))
    with sit_down(qtbot, tmp_path, crashes) as user:
        user.waits(lambda: shown(user).list.count() == 2)
        yield user


def test_an_answer_of_the_past_that_could_only_be_read_says_so(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    record = store.record()
    for number, heard in ((1, ""), (2, "It is")):
        record.user_said(number, "What time is it?", False, 1.0, NOW)
        whole = "It is five."
        record.assistant_heard(HeardAnswer(number, "time", whole, heard, 0.0, False, True, (), whole))
    assert record.number is not None
    lines = lines_of(store.conversations.turns(record.number))
    store.close()
    answers = [(line.text, line.aloud, line.stage) for line in lines if line.role == "assistant"]
    assert answers == [("It is five.", "none", "final"), ("It is five.", "part", "final")]


def shown(user: User) -> ConversationList:
    return user.window.findChildren(ConversationList)[0]


def titles(user: User) -> list[str]:
    items = [shown(user).list.item(row) for row in range(shown(user).list.count())]
    return [item.text().split("\n")[0] for item in items]


def choose(user: User, row: int) -> Conversation:
    shown(user).list.setCurrentRow(row)
    chosen = shown(user).chosen()
    assert chosen is not None
    return chosen


def test_the_newest_stands_first_and_opens_as_it_was(reader: User) -> None:
    assert titles(reader) == ["Tell me a story", "What time is it?"]
    choose(reader, 0)
    reader.bot.keyClick(shown(reader).list, Qt.Key.Key_Return)
    reader.waits(lambda: reader.desktop.state.earlier is not None)
    line = reader.desktop.state.shown_lines[1]
    assert (line.text, line.unheard, line.stage) == ("Once upon a time", "there was a king.", "interrupted")
    assert reader.window.title.text() == "Tell me a story"
    reader.bot.mouseClick(reader.window.back_button, Qt.MouseButton.LeftButton)
    assert reader.desktop.state.earlier is None
    assert reader.window.title.text() == "Conversation"


def test_speaking_goes_back_to_the_present(reader: User) -> None:
    choose(reader, 1)
    reader.bot.keyClick(shown(reader).list, Qt.Key.Key_Return)
    reader.waits(lambda: reader.desktop.state.earlier is not None)
    reader.types("hello")
    reader.sees("You typed: hello")
    assert reader.desktop.state.earlier is None


def test_searching_finds_what_was_said(reader: User) -> None:
    reader.bot.keyClicks(shown(reader).words, "upon")
    reader.waits(lambda: titles(reader) == ["Tell me a story"])
    reader.bot.keyClicks(shown(reader).words, "zzz")
    reader.waits(lambda: titles(reader) == [])
    assert shown(reader).nothing.text() == "Nothing found"
    shown(reader).words.clear()
    reader.waits(lambda: len(titles(reader)) == 2)


def test_a_conversation_is_renamed(reader: User) -> None:
    shown(reader).renamed.emit(choose(reader, 1), "The time")
    reader.waits(lambda: titles(reader) == ["Tell me a story", "The time"])


@pytest.mark.parametrize("undone", [True, False], ids=["undone", "for good"])
def test_deleting_can_be_undone_until_the_note_goes(reader: User, undone: bool, tmp_path: Path) -> None:
    choose(reader, 0)
    reader.bot.keyClick(shown(reader).list, Qt.Key.Key_Delete)
    reader.waits(lambda: titles(reader) == ["What time is it?"])
    buttons = [b for b in reader.window.findChildren(QPushButton) if b.text() == "Undo" and b.isVisible()]
    if undone:
        reader.bot.mouseClick(buttons[0], Qt.MouseButton.LeftButton)
        reader.waits(lambda: len(titles(reader)) == 2)
        return
    reader.window.notices.dismissed.emit("undo")
    reader.waits(lambda: reader.notices() == [])
    reader.desktop.archive.close()
    store = open_store(tmp_path / "data")
    assert [c.opening for c in store.conversations.listed()] == ["What time is it?"]
    assert store.conversations.search("story") == ()
    store.close()


@pytest.mark.parametrize("suffix", [".md", ".json"])
def test_a_conversation_is_exported(reader: User, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"story{suffix}"
    shown(reader).exported.emit(choose(reader, 0), str(path))
    reader.waits(lambda: any(str(path) in words for words in reader.notices()))
    text = path.read_text(encoding="utf-8")
    if suffix == ".json":
        assert json.loads(text)["turns"][0]["heard_text"] == "Once upon a time"
    else:
        began = r"# Tell me a story\n\n\d{4}-\d\d-\d\d \d\d:\d\d\n\n\*\*You\*\* \(12:00\): Tell me a story\n"
        assert re.match(began, text)
        assert "**Sotto**: Once upon a time *(interrupted)*" in text
        assert "king" not in text


def test_an_export_that_cannot_be_written_is_one_sentence(reader: User, tmp_path: Path) -> None:
    shown(reader).exported.emit(choose(reader, 0), str(tmp_path / "nowhere" / "a.md"))
    reader.waits(lambda: any("cannot be written" in words for words in reader.notices()))


def test_the_menu_offers_what_works(reader: User) -> None:
    menu = shown(reader).menu_for(choose(reader, 0))
    assert [action.text() for action in menu.actions()] == ["Open", "Rename… (F2)", "Export…", "Delete (Del)"]


def test_a_newer_store_is_told_and_left_alone(
    qtbot: QtBot, tmp_path: Path, crashes: crash.CrashHandling
) -> None:
    import sqlite3

    keep(tmp_path / "data", ("Hello", "Hi.", "Hi."))
    file = tmp_path / "data" / "conversations.db"
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA user_version = 9999")
    connection.close()
    before = file.read_bytes()
    with sit_down(qtbot, tmp_path, crashes) as user:
        user.waits(lambda: bool(user.notices()))
        assert "newer" in user.notices()[0]
        user.types("hello")
        user.sees("You typed: hello")
    assert file.read_bytes() == before


def test_days_are_said_as_people_say_them() -> None:
    now = NOW.astimezone()
    days = [when((now - timedelta(days=n)).isoformat(), now) for n in (0, 1, 3, 40)]
    assert days == [
        f"{now:%H:%M}",
        "Yesterday",
        f"{now - timedelta(days=3):%A}",
        f"{now - timedelta(days=40):%d %b %Y}",
    ]
    assert when("no date", now) == ""


def recorded(folder: Path, *sides: str) -> Path:
    """A conversation whose sound is kept, and where it lies."""
    store = open_store(folder)
    record = store.record()
    record.user_said(1, "Tell me a story", True, 1.0, NOW)
    sound = folder / "sound" / "a session"
    sound.mkdir(parents=True)
    for side in sides:
        with WavWriter(sound / f"turn_00001_{side}.wav", 16_000 if side == "user" else 48_000) as writer:
            writer.write(np.full(4800, 0.25, np.float32))
        record.recorded(1, side, sound / f"turn_00001_{side}.wav")
    record.close()
    store.close()
    return sound


def test_a_conversation_is_exported_as_sound_which_goes_with_it(
    qtbot: QtBot, tmp_path: Path, crashes: crash.CrashHandling
) -> None:
    sound = recorded(tmp_path / "data", "user", "assistant")
    with sit_down(qtbot, tmp_path, crashes) as user:
        user.waits(lambda: shown(user).list.count() == 1)
        path = tmp_path / "story.wav"
        shown(user).exported.emit(choose(user, 0), str(path))
        user.waits(lambda: any(str(path) in words for words in user.notices()))
        with wave.open(str(path)) as audio:
            assert audio.getframerate() == 48_000
            assert audio.getnframes() >= 4800 * 3 + 4800
        shown(user).deleted.emit(choose(user, 0))
        user.waits(lambda: "undo" in [notice.key for notice in user.desktop.state.notices])
        assert sound.exists(), "it can still be undone"
        user.window.notices.dismissed.emit("undo")
        user.waits(lambda: not sound.exists())


def test_without_sound_an_export_says_what_to_switch_on(reader: User, tmp_path: Path) -> None:
    shown(reader).exported.emit(choose(reader, 0), str(tmp_path / "story.wav"))
    reader.waits(lambda: any("Keep the sound of conversations" in words for words in reader.notices()))
    assert not (tmp_path / "story.wav").exists()


def test_the_chosen_kind_gives_the_file_its_ending() -> None:
    assert with_suffix("/a/talk", "Sound (*.wav)") == "/a/talk.wav"
    assert with_suffix("/a/talk.json", "Sound (*.wav)") == "/a/talk.json"
    assert with_suffix("/a/talk v1.2", "Markdown (*.md)") == "/a/talk v1.2.md"


def test_sound_is_kept_only_where_it_is_switched_on(reader: User, tmp_path: Path) -> None:
    first = reader.asked(StartConversation)
    assert isinstance(first, StartConversation)
    assert first.keep_audio is None
    reader.presses(Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    dialogs = reader.desktop.dialogs
    assert isinstance(dialogs, Dialogs)
    dialog = dialogs.settings
    assert dialog is not None
    assert "No sound is kept" in dialog.about_sound.text()
    dialog.keep_sound.click()
    reader.waits(lambda: len([c for c in reader.engine.commands if isinstance(c, StartConversation)]) == 2)
    second = reader.asked(StartConversation)
    assert isinstance(second, StartConversation)
    assert second.keep_audio == tmp_path / "data" / "sound"
    assert "kept as sound" in dialog.about_sound.text()
    assert "keep_sound = true" in (tmp_path / "settings.toml").read_text(encoding="utf-8")
    dialog.close()
