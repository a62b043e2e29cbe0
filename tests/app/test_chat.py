"""`sotto chat`: typed lines in, answers out, through the engine process and into the store."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.cli.main import main
from engine.paths import DATA_DIR_VARIABLE
from engine.store import FILE_NAME, open_store
from engine.store.schema import VERSION
from tests.fakes.shared_engine import SharedEngine
from tests.fakes.tones import ToneShelf

Chat = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's data folder, for this process and those it starts."""
    monkeypatch.setenv(DATA_DIR_VARIABLE, str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def chat(folder: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Chat]:
    """Run `sotto chat` with this as its input; an engine process of its own, since that reads the folder's name."""
    engine = SharedEngine(ToneShelf)
    engine.start()

    def run(text: str | bytes, *arguments: str) -> tuple[int, str, str]:
        reading, writing = os.pipe()
        data = text.encode() if isinstance(text, str) else text

        def write() -> None:
            with os.fdopen(writing, "wb") as pipe:
                pipe.write(data)

        writer = threading.Thread(target=write)
        writer.start()
        try:
            code = main(["chat", *arguments], lambda: engine, reading)
        finally:
            writer.join()
            os.close(reading)
        said = capsys.readouterr()
        return code, said.out, said.err

    yield run
    engine.close()


def objects(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def test_each_line_is_answered_with_one_object(chat: Chat, folder: Path) -> None:
    code, out, err = chat(
        "two plus two\n\nremember that my cat is called Tom\nwhat is my cat called?\n", "--json"
    )
    assert (code, err) == (0, "")
    answers = objects(out)
    assert [set(answer) for answer in answers] == [{"user_text", "assistant_text", "source", "ms"}] * 3
    assert [answer["source"] for answer in answers] == ["arithmetic", "memory", "memory"]
    assert answers[0]["assistant_text"] == "2 plus 2 is 4."
    assert all(answer["ms"] > 0 for answer in answers)
    store = open_store(folder)
    (conversation,) = store.conversations.listed()
    turns = store.conversations.turns(conversation.number)
    assert [(turn.user_text, turn.spoken, turn.done) for turn in turns] == [
        ("two plus two", False, True),
        ("remember that my cat is called Tom", False, True),
        ("what is my cat called?", False, True),
    ]
    assert conversation.ended_at is not None
    assert [fact.text for fact in store.keepsakes.facts()] == ["called Tom"]
    store.close()


def test_a_conversation_is_gone_on_with(chat: Chat, folder: Path) -> None:
    assert chat("seven times eight\n")[0] == 0
    code, out, err = chat("what did you say\n", "--continue")
    assert (code, out, err) == (0, "7 times 8 is 56.\n", "")
    code, out, err = chat("two plus two\n", "--continue", "99")
    assert (code, out) == (0, "2 plus 2 is 4.\n")
    assert "There is no conversation 99" in err
    store = open_store(folder)
    newest, first = store.conversations.listed()
    assert [turn.user_text for turn in store.conversations.turns(first.number)] == [
        "seven times eight",
        "what did you say",
    ]
    assert (newest.opening, first.ended_at is not None) == ("two plus two", True)
    store.close()


def test_people_read_plain_answers(chat: Chat) -> None:
    code, out, err = chat("seven times eight\nrepeat that\nlouder\ngoodbye\nnever asked\n")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[:2] == ["7 times 8 is 56."] * 2
    assert lines[2] == "That is for spoken conversation; here I only write."
    assert lines[3] == "Goodbye."


def test_a_timer_speaks_up_while_nothing_is_typed(chat: Chat, folder: Path) -> None:
    """The pipe stays open until the timer was read."""
    command = [sys.executable, "-m", "tests.fakes.sotto_with_tones", "chat", "--json"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        program.stdin.write("set a timer for one second\n")
        program.stdin.flush()
        assert json.loads(program.stdout.readline())["assistant_text"] == "Timer set for 1 second."
        unasked = json.loads(program.stdout.readline())
        program.stdin.close()
        assert program.wait(30) == 0
    assert (unasked["user_text"], unasked["source"]) == ("", "timers")
    assert unasked["assistant_text"] == "Your 1 second timer is up."


def test_what_comes_in_is_bounded_and_must_be_text(chat: Chat) -> None:
    code, _, err = chat(b"what time is it\n\xff\xfe\n")
    assert code == 2
    assert "not valid UTF-8" in err
    code, out, _ = chat("take a note: " + "word " * 199_000 + "\ntwo plus two\n", "--json")
    assert code == 0
    assert "notes of up to" in objects(out)[0]["assistant_text"]
    assert objects(out)[1]["assistant_text"] == "2 plus 2 is 4."
    code, out, err = chat("x" * 1_000_001 + "\ntwo plus two\n")
    assert (code, out) == (2, "2 plus 2 is 4.\n"), "the lines after it are answered"
    assert err.count("longer than 1000 kB") == 1


def test_a_newer_store_is_told_and_left_and_the_chat_goes_on(chat: Chat, folder: Path) -> None:
    open_store(folder).close()
    connection = sqlite3.connect(folder / FILE_NAME)
    connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()
    code, out, err = chat("two plus two\ntake a note: buy milk\n", "--json")
    assert code == 0
    assert "written by a newer Sotto" in err
    assert "Nothing said now is kept." in err
    first, second = objects(out)
    assert first["assistant_text"] == "2 plus 2 is 4."
    assert second["assistant_text"].startswith("I can't keep anything now.")


def test_a_damaged_store_is_set_aside_and_told(chat: Chat, folder: Path) -> None:
    folder.mkdir()
    (folder / FILE_NAME).write_bytes(b"Dear diary,\n" * 500)
    code, out, err = chat("take a note: buy milk\n", "--json")
    assert code == 0
    assert "was damaged. It is kept as conversations-damaged-" in err
    assert objects(out)[0]["assistant_text"] == "Noted: buy milk."


def test_chatting_loads_no_torch(folder: Path) -> None:
    """Neither in the front end nor, until something is spoken, in what the engine process imports for it."""
    code = (
        "import sys\n"
        "import app.cli.chat, engine.chatting, engine.dialogue.built_in\n"
        "from engine.dialogue.opening import open_kept\n"
        "store, dialogue, notice = open_kept()\n"
        "dialogue.close(); store.close()\n"
        "print(*[name for name in ('torch', 'onnxruntime', 'sounddevice', 'scipy', 'pint') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []
