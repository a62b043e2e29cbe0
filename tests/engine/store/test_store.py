"""Conversations kept, found, exported, and gone when they are deleted."""

from __future__ import annotations

import json
import re
import stat
import sys
import wave
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from engine.audio.wavfile import WavWriter
from engine.dialogue import ToolUse
from engine.dialogue.plan import AddNote, DropNotes, Forget, Remember
from engine.session.record import HeardAnswer as Heard
from engine.store import ConversationRecord, Store, StoreError, open_store

NOW = datetime(2026, 11, 29, 15, 42, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store(tmp_path)
    yield made
    made.close()


def talk(store: Store, *turns: tuple[str, str]) -> ConversationRecord:
    """A conversation of these questions and answers."""
    record = store.record()
    for number, (question, answer) in enumerate(turns, 1):
        record.user_said(number, question, True, 0.8, NOW)
        record.assistant_heard(Heard(number, "time", answer + " And more.", answer, 900.0, False, True))
    record.close()
    return record


def test_a_turn_keeps_both_texts_and_what_was_heard(store: Store) -> None:
    record = store.record()
    assert store.conversations.listed() == (), "a conversation without words leaves nothing"
    record.user_said(1, "what time is it", True, 0.75, NOW)
    record.assistant_heard(Heard(1, "time", "It is late. Go to bed.", "It is late.", 700.0, False, False))
    record.assistant_heard(Heard(1, "time", "It is late. Go to bed.", "It is late. Go", 1000.0, True, True))
    record.timed(1, 512.5, {"eot": 200.0, "speech": 312.5})
    record.assistant_heard(Heard(7, "timers", "Your timer is up.", "Your timer is up.", 900.0, False, True))
    assert record.number is not None
    first, second = store.conversations.turns(record.number)
    assert (first.user_text, first.spoken, first.confidence) == ("what time is it", True, 0.75)
    assert (first.heard_text, first.generated_text) == ("It is late. Go", "It is late. Go to bed.")
    assert (first.heard_ms, first.interrupted, first.done) == (1000.0, True, True)
    assert (first.v2v_ms, first.breakdown_ms) == (512.5, {"eot": 200.0, "speech": 312.5})
    assert (second.user_text, second.heard_text) == ("", "Your timer is up."), (
        "what is said unasked is kept too"
    )


def test_search_finds_what_either_side_said(store: Store) -> None:
    talk(store, ("where is the Café", "It is at the harbour."), ("and the museum", "Next to it."))
    talk(store, ("tell me about the harbour", "I can't."))
    assert [turn.user_text for turn in store.conversations.search("harbour")] == [
        "tell me about the harbour",
        "where is the Café",
    ]
    assert [turn.user_text for turn in store.conversations.search("cafe")] == ["where is the Café"]
    assert [turn.user_text for turn in store.conversations.search("mus")] == ["and the museum"]
    assert store.conversations.search("harbour museum") == ()
    assert store.conversations.search('" OR * NEAR(') == ()
    assert store.conversations.search("And more") == (), "what was not heard was not said"


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()).lower()


def test_deleted_is_gone_from_every_file(store: Store, tmp_path: Path) -> None:
    kept = talk(store, ("a harmless question", "A harmless answer."))
    secret = talk(store, ("my zebrafish is called Quixotica", "Quixotica it is."), ("xylophone", "Yes."))
    assert b"quixotica" in everything_in(tmp_path)
    assert secret.number is not None
    assert kept.number is not None
    store.conversations.delete(secret.number)
    left = everything_in(tmp_path)
    assert [word for word in (b"quixotica", b"zebrafish", b"xylophone") if word in left] == []
    assert store.conversations.search("zebrafish") == ()
    assert len(store.conversations.turns(kept.number)) == 1
    with pytest.raises(StoreError, match="There is no conversation"):
        store.conversations.turns(secret.number)


def test_deleted_notes_and_facts_are_gone_from_every_file(store: Store, tmp_path: Path) -> None:
    store.keepsakes.carry_out((AddNote("the zebrafish", NOW), Remember("pin", "quixotica")), NOW)
    assert b"quixotica" in everything_in(tmp_path)
    store.keepsakes.carry_out((DropNotes((1,)), Forget((1,))), NOW)
    assert not any(word in everything_in(tmp_path) for word in (b"zebrafish", b"quixotica"))


def test_one_turn_is_deleted_or_corrected(store: Store, tmp_path: Path) -> None:
    record = talk(store, ("set a time for tea", "No."), ("quixotica", "What?"))
    assert record.number is not None
    first, second = store.conversations.turns(record.number)
    store.conversations.correct(first.number, "set a timer for tea")
    store.conversations.delete_turn(second.number)
    assert [turn.user_text for turn in store.conversations.turns(record.number)] == ["set a timer for tea"]
    assert store.conversations.search("timer")
    assert b"quixotica" not in everything_in(tmp_path)
    with pytest.raises(StoreError, match="There is no turn"):
        store.conversations.delete_turn(second.number)


def test_hidden_is_out_of_sight_until_it_is_deleted_or_brought_back(store: Store) -> None:
    record = talk(store, ("a question", "An answer."))
    assert record.number is not None
    store.conversations.hide(record.number)
    assert store.conversations.listed() == ()
    assert store.conversations.search("question") == ()
    store.conversations.hide(record.number, hidden=False)
    store.conversations.rename(record.number, "  About nothing ")
    assert [one.title for one in store.conversations.listed()] == ["About nothing"]
    store.conversations.hide(record.number)
    store.conversations.delete_hidden()
    with pytest.raises(StoreError):
        store.conversations.turns(record.number)


def test_export_to_markdown_json_and_wav(store: Store, tmp_path: Path) -> None:
    record = talk(store, ("what *is* it", "It is <late>."))
    for side, value in (("user", 0.25), ("assistant", 0.5)):
        path = tmp_path / f"{side}.wav"
        with WavWriter(path, 16_000 if side == "user" else 24_000) as writer:
            writer.write(np.full(2400, value, np.float32))
        record.recorded(1, side, path)
    assert record.number is not None
    store.export(record.number, tmp_path / "talk.md")
    text = (tmp_path / "talk.md").read_text(encoding="utf-8")
    assert re.search(r"\*\*You\*\* \(\d\d:\d\d\): what \\\*is\\\* it\n", text)
    assert "**Sotto**: It is \\<late>." in text
    assert "And more" not in text
    store.export(record.number, tmp_path / "talk.json")
    exported = json.loads((tmp_path / "talk.json").read_text(encoding="utf-8"))
    assert exported["turns"][0]["user_text"] == "what *is* it"
    assert exported["turns"][0]["generated_text"] == "It is <late>. And more."
    store.export(record.number, tmp_path / "talk.wav")
    with wave.open(str(tmp_path / "talk.wav")) as audio:
        assert audio.getframerate() == 24_000
        assert audio.getnframes() >= 2400 + 3600
    with pytest.raises(StoreError, match=r"\.md, \.json or \.wav"):
        store.export(record.number, tmp_path / "talk.pdf")
    silent = talk(store, ("hello", "Hello."))
    assert silent.number is not None
    with pytest.raises(StoreError, match="no sound"):
        store.export(silent.number, tmp_path / "none.wav")


def test_an_answer_in_markdown_stays_so_and_its_open_code_is_closed(store: Store, tmp_path: Path) -> None:
    record = store.record()
    answer = "Like **this**:\n\n- one\n\n```python\nprint(1 < 2)"
    record.user_said(1, "show me", False, 1.0, NOW)
    record.assistant_heard(Heard(1, "llama", answer + "\n```", answer, 900.0, True, True))
    assert record.number is not None
    store.export(record.number, tmp_path / "talk.md")
    text = (tmp_path / "talk.md").read_text(encoding="utf-8")
    assert text.endswith(f"**Sotto**:\n\n{answer}\n```\n\n*(interrupted)*\n")


@pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no such modes; the user's folder is private there"
)
def test_the_file_is_the_users_alone(store: Store, tmp_path: Path) -> None:
    talk(store, ("a", "b"))
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert set(modes.values()) == {0o600}, modes


def test_text_that_no_file_can_hold_is_kept_as_far_as_it_can_be(store: Store) -> None:
    record = talk(store, ("half a pair \ud800 and a \x00", "ok"))
    assert record.number is not None
    assert store.conversations.turns(record.number)[0].user_text.startswith("half a pair ")


def test_a_correction_keeps_what_was_recognised_and_search_finds_the_correction(store: Store) -> None:
    record = talk(store, ("set a time for tea", "No."))
    number = record.number_of(1)
    assert number is not None
    store.conversations.correct(number, "set a timer for tee")
    store.conversations.correct(number, "set a timer for tea")
    (turn,) = store.conversations.search("timer")
    assert (turn.user_text, turn.recognised) == ("set a timer for tea", "set a time for tea")
    assert store.conversations.search("tee") == ()
    store.conversations.correct(number, "set a time for tea")
    assert store.conversations.search("time")[0].recognised is None, "it was right after all"


def test_a_hidden_turn_is_out_of_sight_and_goes_for_good_at_the_next_start(
    store: Store, tmp_path: Path
) -> None:
    record = talk(store, ("quixotica", "What?"), ("and the other", "Yes."))
    first, second = record.number_of(1), record.number_of(2)
    assert record.number is not None
    assert first is not None
    assert second is not None
    store.conversations.hide_turn(first)
    assert [turn.number for turn in store.conversations.turns(record.number)] == [second]
    assert store.conversations.search("quixotica") == ()
    assert (store.conversations.one(record.number).turns, store.conversations.listed()[0].opening) == (
        1,
        "and the other",
    )
    store.conversations.hide_turn(first, hidden=False)
    assert store.conversations.search("quixotica")
    store.conversations.hide_turn(first)
    store.conversations.delete_hidden()
    assert b"quixotica" not in everything_in(tmp_path)
    store.conversations.hide_turn(second)
    assert store.conversations.listed() == ()
    store.conversations.delete_hidden()
    with pytest.raises(StoreError, match="There is no conversation"):
        store.conversations.turns(record.number)
    with pytest.raises(StoreError, match="There is no turn"):
        store.conversations.hide_turn(second)


def test_what_comes_late_of_a_deleted_turn_harms_no_other(store: Store, tmp_path: Path) -> None:
    record = store.record()
    record.user_said(1, "delete me", True, 1.0, NOW)
    number = record.number_of(1)
    assert number is not None
    store.conversations.delete_turn(number)
    record.user_said(2, "keep me", True, 1.0, NOW.replace(second=1))
    assert record.number_of(2) == number, "the file gives the number to the next one"
    record.assistant_heard(Heard(1, "time", "Late.", "Late.", 300.0, False, True))
    sound = tmp_path / "folder" / "late.wav"
    sound.parent.mkdir()
    sound.write_bytes(b"RIFF")
    record.recorded(1, "user", sound)
    assert record.number is not None
    (turn,) = store.conversations.turns(record.number)
    assert (turn.user_text, turn.heard_text, turn.recordings) == ("keep me", "", {})
    assert not sound.parent.exists()


def test_tools_are_kept_with_their_turn(store: Store) -> None:
    use = ToolUse("weather", "Almanac", '{"town": "Ulm"}', "sunny", False)
    record = store.record()
    record.user_said(1, "the weather", True, 1.0, NOW)
    record.assistant_heard(Heard(1, "model", "Sunny.", "Sunny.", 500.0, False, True, (use,)))
    assert record.number is not None
    assert store.conversations.turns(record.number)[0].tools == (use,)


def test_an_answer_that_could_only_be_read_is_kept_found_exported_and_gone_on_with(
    store: Store, tmp_path: Path
) -> None:
    record = store.record()
    record.user_said(1, "what time is it", False, 1.0, NOW)
    record.assistant_heard(Heard(1, "time", "It is late.", "", 0.0, False, False, (), "It is"))
    record.assistant_heard(Heard(1, "time", "It is late.", "", 0.0, False, True, (), "It is late."))
    record.assistant_heard(Heard(7, "timers", "Tea is up.", "", 0.0, False, True, (), "Tea is up."))
    assert record.number is not None
    first, second = store.conversations.turns(record.number)
    assert (first.heard_text, first.written_text, first.answer) == ("", "It is late.", "It is late.")
    assert second.answer == "Tea is up."
    assert [turn.number for turn in store.conversations.search("late")] == [first.number]
    store.export(record.number, tmp_path / "talk.md")
    assert "**Sotto**: It is late. *(written, not heard)*" in (tmp_path / "talk.md").read_text("utf-8")
    record.close()
    _, earlier, _ = store.begin(record.number)
    assert [(past.assistant_text, past.unheard) for past in earlier.exchanges] == [
        ("It is late.", True),
        ("Tea is up.", True),
    ]
    store.conversations.delete_turn(first.number)
    assert store.conversations.search("late") == ()


def test_of_an_interrupted_answer_only_what_was_heard_is_exported(store: Store, tmp_path: Path) -> None:
    record = store.record()
    record.user_said(1, "tell me", True, 1.0, NOW)
    record.assistant_heard(Heard(1, "model", "A long story.", "A long", 100.0, True, True))
    with WavWriter(tmp_path / "answer.wav", 16_000) as writer:
        writer.write(np.full(16_000, 0.5, np.float32))
    record.recorded(1, "assistant", tmp_path / "answer.wav")
    assert record.number is not None
    store.export(record.number, tmp_path / "out.wav")
    with wave.open(str(tmp_path / "out.wav")) as audio:
        samples = np.frombuffer(audio.readframes(audio.getnframes()), "<i2")
    assert np.count_nonzero(samples) == 1600


def test_a_recording_that_cannot_be_deleted_holds_up_nothing_else(store: Store, tmp_path: Path) -> None:
    record = talk(store, ("hello", "Hello."))
    (tmp_path / "turn.wav").mkdir()
    with pytest.raises(StoreError, match="cannot be deleted"):
        record.recorded(7, "user", tmp_path / "turn.wav")
    record.user_said(2, "what time is it", False, 1.0, NOW)
    assert record.number is not None
    assert [turn.user_text for turn in store.conversations.turns(record.number)] == [
        "hello",
        "what time is it",
    ]


def test_a_conversation_deleted_while_it_goes_on_is_followed_by_a_new_one(store: Store) -> None:
    older, newer = talk(store, ("hello", "Hello.")), talk(store, ("and you", "Yes."))
    assert older.number is not None
    store.conversations.delete(older.number)
    older.user_said(2, "what time is it", False, 1.0, NOW)
    assert older.number not in (1, newer.number)
    assert [one.opening for one in store.conversations.listed()] == ["what time is it", "and you"]
