"""Summaries of long conversations: kept with them, taken up with them, gone with any turn that they rest on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.dialogue import Exchange, Summary
from engine.session.record import Earlier
from engine.session.record import HeardAnswer as Heard
from engine.store import ConversationRecord, Store, open_store

NOW = datetime(2026, 11, 29, 15, 42, tzinfo=UTC)
SUMMARY = Summary(2, "Quixotica the zebrafish was talked about.")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store(tmp_path)
    yield made
    made.close()


def talk(store: Store, turns: int = 3) -> ConversationRecord:
    """A conversation whose first two turns were summed up."""
    record = store.record()
    for number in range(1, turns + 1):
        record.user_said(number, f"question {number}", True, 0.8, NOW)
        answer = Heard(
            number, "small", f"Answer {number}. Never heard.", f"Answer {number}.", 9.0, True, True
        )
        record.assistant_heard(answer)
    record.summed_up(SUMMARY)
    record.close()
    return record


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file())


def test_a_conversation_is_gone_on_with_by_what_was_heard_and_its_summary(store: Store) -> None:
    first = talk(store)
    talk(store, turns=2)
    record, earlier, notice = store.begin(first.number)
    assert (record.number, notice) == (first.number, "")
    assert earlier == Earlier(
        tuple(Exchange(f"question {n}", f"Answer {n}.", True, turn=n - 4) for n in (1, 2, 3)),
        Summary(-2, SUMMARY.text),
    )
    record.user_said(1, "question 4", False, 1.0, NOW)
    record.summed_up(Summary(-1, "All of it."))
    record.close()
    assert first.number is not None
    assert [turn.user_text for turn in store.conversations.turns(first.number)][2:] == [
        "question 3",
        "question 4",
    ]
    _, again, _ = store.begin(0)
    assert again.summary == Summary(-2, "All of it."), "0 is the one that was last talked in"


def test_what_cannot_be_gone_on_with_is_said_and_a_new_one_begins(store: Store) -> None:
    assert store.begin(0)[2] == "There is no conversation to go on with yet. A new conversation begins."
    gone = talk(store)
    assert gone.number is not None
    store.conversations.delete(gone.number)
    record, earlier, notice = store.begin(gone.number)
    assert "There is no conversation 1; it may have been deleted already. A new" in notice
    assert (record.number, earlier) == (None, Earlier())
    assert store.begin(None)[1:] == (Earlier(), "")


AMENDMENTS: dict[str, Callable[[Store, int], None]] = {
    "deleted": lambda store, turn: store.conversations.delete_turn(turn),
    "hidden": lambda store, turn: store.conversations.hide_turn(turn),
    "corrected": lambda store, turn: store.conversations.correct(turn, "something else"),
}


@pytest.mark.parametrize("how", AMENDMENTS)
def test_it_goes_with_a_turn_that_it_rests_on_and_with_no_other(store: Store, how: str) -> None:
    record = talk(store)
    assert record.number is not None
    first, _, third = store.conversations.turns(record.number)
    AMENDMENTS[how](store, third.number)
    assert store.begin(record.number)[1].summary is not None
    AMENDMENTS[how](store, first.number)
    assert store.begin(record.number)[1].summary is None


def test_it_is_gone_from_the_file_with_its_turn_and_with_its_conversation(
    store: Store, tmp_path: Path
) -> None:
    for _ in range(2):
        record = talk(store)
        assert record.number is not None
        assert b"Quixotica" in everything_in(tmp_path)
        if record.number == 1:
            store.conversations.delete_turn(store.conversations.turns(1)[1].number)
        else:
            store.conversations.delete(record.number)
        assert b"Quixotica" not in everything_in(tmp_path)


def test_a_summary_that_comes_late_does_not_bring_a_deleted_turn_back(store: Store, tmp_path: Path) -> None:
    record = talk(store)
    assert record.number is not None
    _, second, _ = store.conversations.turns(record.number)
    store.conversations.delete_turn(second.number)
    record.summed_up(SUMMARY)
    assert store.begin(record.number)[1].summary is None
    record.summed_up(Summary(3, "Quixotica"))
    record.summed_up(None)
    assert b"Quixotica" not in everything_in(tmp_path)
