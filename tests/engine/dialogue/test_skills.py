"""Skills in users' words, at a fixed time: what is understood, what is refused, and that a plan does nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.skills import HISTORY, NOW, ZONE, prepared_store, typed
from engine.dialogue import Asked, ChangeVolume, StopSpeaking
from engine.dialogue.built_in import BuiltInDialogue, PlannedReply
from engine.dialogue.skills import built_in_skills
from engine.dialogue.skills.notes import LONGEST_NOTE
from engine.events import Event
from engine.fact_events import FactsTold
from engine.store import Store, store_in_memory


@pytest.fixture
def store() -> Iterator[Store]:
    made = store_in_memory()
    yield made
    made.close()


@pytest.fixture
def dialogue(store: Store) -> BuiltInDialogue:
    return BuiltInDialogue(store.keepsakes, zone=ZONE, seed=3, clock=lambda: 0.0)


def asked(text: str, spoken: bool = False, confidence: float = 1.0, from_grammar: bool = False) -> Asked:
    return Asked(text, spoken, NOW, confidence, from_grammar)


def say(dialogue: BuiltInDialogue, text: str) -> str:
    """The answer, heard to its end."""
    reply = dialogue.reply(asked(text), HISTORY)
    answer = "".join(reply.pieces())
    reply.commit()
    return answer


def test_phrasings_as_users_type_them() -> None:
    outcomes = typed()
    missed = [f"{o.phrasing.text!r}: [{o.source}] {o.answer}" for o in outcomes if not o.is_right]
    assert len(outcomes) >= 150
    assert {o.phrasing.source for o in outcomes} == {skill.name for skill in built_in_skills()}
    assert len(missed) <= 0.03 * len(outcomes), missed
    assert sum(o.is_asserted_wrongly for o in outcomes) <= 0.01 * len(outcomes), missed


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("set a timer for -5 minutes", "A timer must run for a second at least"),
        ("set a timer for 10,000 years", "too long for me"),
        ("wake me at 26 o'clock", "no such time"),
        ("10 divided by 0", "Nothing can be divided by zero"),
        ("9**9**9", "digits, which is too long to tell"),
        ("1000000!", "digits, which is too long to tell"),
        ("(-1)^0.5", "no answer among the real numbers"),
        ("roll 1000 dice", "I have 20 dice"),
        ("roll a d99999", "I have 20 dice"),
        ("convert 5 kilograms to miles", "measure different things"),
        ("-500 celsius in fahrenheit", "Nothing is as cold as that"),
        ("what is the date in 999999999 days", "further away than my calendar goes"),
        ("take a note: " + "word " * 200_000, f"notes of up to {LONGEST_NOTE:,}"),
        ("remember that " + "word " * 200_000, "too long to remember"),
        ("word " * 200_000, "too long for me to understand"),
        ("((((" * 200 + "1" + "))))" * 200, ""),
        ("\x00\ud800 \U0001f600", ""),
        ("", "did not get any words"),
    ],
)
def test_bad_input_is_one_clear_sentence(
    dialogue: BuiltInDialogue, store: Store, text: str, sentence: str
) -> None:
    answer = say(dialogue, text)
    assert sentence in answer
    assert 0 < len(answer) < 200
    assert not store.keepsakes.alarms()
    assert not store.keepsakes.notes()


def test_a_plan_changes_nothing_until_it_is_committed_and_is_done_once(
    dialogue: BuiltInDialogue, store: Store
) -> None:
    reply = dialogue.reply(asked("take a note: buy stamps"), ())
    assert list(reply.pieces()) == ["Noted: buy stamps."]
    assert store.keepsakes.notes() == ()
    reply.commit()
    reply.commit()
    assert [note.text for note in store.keepsakes.notes()] == ["buy stamps"]


def test_a_cancelled_reply_leaves_no_trace(dialogue: BuiltInDialogue, store: Store) -> None:
    reply = dialogue.reply(asked("set a timer for ten minutes"), ())
    reply.cancel()
    assert list(reply.pieces()) == []
    assert reply.commit() == ()
    assert store.keepsakes.alarms() == ()


def test_effects_come_with_the_commit(dialogue: BuiltInDialogue) -> None:
    assert dialogue.reply(asked("louder"), ()).commit() == (ChangeVolume(6.0),)
    assert dialogue.reply(asked("stop"), ()).commit() == (StopSpeaking(),)
    assert list(dialogue.reply(asked("stop"), ()).pieces()) == []


def test_notes_lists_and_facts_live_together(dialogue: BuiltInDialogue) -> None:
    assert say(dialogue, "Add Milk, eggs and brown bread to my shopping list") == (
        "Added Milk, eggs and brown bread to your shopping list."
    )
    assert say(dialogue, "add milk to my list") == "Milk is on your shopping list already."
    assert say(dialogue, "take eggs off my shopping list") == "Removed eggs from your shopping list."
    assert say(dialogue, "what's on my shopping list?") == "On your shopping list: Milk and brown bread."
    assert (
        say(dialogue, "Remember that my sister's name is Anna")
        == "I'll remember that your sister's name is Anna."
    )
    assert say(dialogue, "remember that my sister's name is Hanna")
    assert say(dialogue, "what is my sister's name") == "Your sister's name is Hanna."
    assert say(dialogue, "forget my sister's name") == "Forgotten: Your sister's name is Hanna."
    assert say(dialogue, "what's my sister's name").startswith("I don't know.")
    assert say(dialogue, "remember I parked on level 4") == "I'll remember that you parked on level 4."
    assert say(dialogue, "where did I park?") == "You parked on level 4."


def test_everything_is_deleted_only_when_it_is_said_twice(store: Store) -> None:
    prepared = prepared_store()
    dialogue = BuiltInDialogue(prepared.keepsakes, zone=ZONE, clock=lambda: 0.0)
    assert "yes, delete all notes" in say(dialogue, "delete all my notes")
    assert len(prepared.keepsakes.notes()) == 2
    assert say(dialogue, "yes, delete all notes") == "Deleted all 2 notes."
    assert prepared.keepsakes.notes() == ()
    assert "yes, forget everything" in say(dialogue, "forget everything")
    assert len(prepared.keepsakes.facts()) == 3
    assert say(dialogue, "yes forget everything")
    assert prepared.keepsakes.facts() == ()
    prepared.close()


def test_without_a_store_nothing_is_promised() -> None:
    dialogue = BuiltInDialogue(None, "I can't keep anything now: the record is locked.", zone=ZONE)
    for text in (
        "take a note: x",
        "set a timer for 5 minutes",
        "add milk to my list",
        "remember that I like tea",
    ):
        assert say(dialogue, text) == "I can't keep anything now: the record is locked."
    assert say(dialogue, "two plus two") == "2 plus 2 is 4."


def test_what_another_dialogue_may_know_better_is_not_confirmed(dialogue: BuiltInDialogue) -> None:
    assert dialogue.confirmed(asked("what time is it"), ()) is not None
    assert dialogue.confirmed(asked("who wrote Hamlet"), ()) is None
    assert dialogue.confirmed(asked("what is gravity"), ()) is None
    assert isinstance(dialogue.reply(asked("who wrote Hamlet"), ()), PlannedReply)


def test_what_was_hardly_heard_is_asked_again(dialogue: BuiltInDialogue) -> None:
    assert "say it again" in dialogue.plan(asked("set a timer for", spoken=True, confidence=0.1)).text
    heard = dialogue.plan(asked("what time is it", spoken=True, confidence=0.1, from_grammar=True))
    assert heard.text == "It is 3:42 PM."


def test_help_names_what_there_is(dialogue: BuiltInDialogue) -> None:
    answer = say(dialogue, "what can you do?")
    assert all(word in answer for word in ("timers", "notes", "lists", "sums", "convert"))
    assert len(answer) < 400


def test_what_is_remembered_is_told_at_once_and_whenever_it_changes(store: Store) -> None:
    told: list[Event] = []
    dialogue = BuiltInDialogue(store.keepsakes, zone=ZONE, seed=3, clock=lambda: 0.0, tell=told.append)
    say(dialogue, "what time is it")
    say(dialogue, "remember that my dog's name is Rex")
    say(dialogue, "remember that I parked on level three")
    say(dialogue, "forget my dog's name")
    sentences = [[fact.sentence for fact in event.facts] for event in told if isinstance(event, FactsTold)]
    parked, rex = "You parked on level three.", "Your dog's name is Rex."
    assert sentences == [[], [rex], [rex, parked], [parked]]


def test_what_is_not_understood_is_answered_with_how_to_say_it(dialogue: BuiltInDialogue) -> None:
    assert say(dialogue, "begin my egg timer thing") == (
        "I didn't understand that. Say, for instance: Set a timer for ten minutes. Wake me at seven."
    )
    assert say(dialogue, "the quick brown fox") == "I didn't understand that. Ask me what I can do."
    assert say(dialogue, "why is a day so long") == "I don't know that. Ask me what I can do."
