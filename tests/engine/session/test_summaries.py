"""The summary of a conversation goes from one dialogue to the next, and into the record in order."""

from __future__ import annotations

from engine.dialogue import Summary
from engine.dialogue.built_in import BuiltInDialogue
from engine.session.summaries import SummaryKeeper
from tests.fakes.scripted_dialogue import ScriptedDialogue

FIRST, SECOND = Summary(3, "Roses."), Summary(7, "Roses and tulips.")


def skills() -> BuiltInDialogue:
    """A dialogue that sums nothing up."""
    return BuiltInDialogue(seed=1)


def test_the_next_dialogue_takes_up_the_newest_summary_and_the_one_before_is_no_longer_heard() -> None:
    written: list[Summary | None] = []
    keeper = SummaryKeeper(FIRST, written.append)
    before, after = ScriptedDialogue(), ScriptedDialogue()
    keeper.serve(before)
    before.keep_summary(SECOND)
    keeper.serve(after)
    before.keep_summary(Summary(9, "Too late."))
    assert (before.taken_up, after.taken_up, written) == (FIRST, SECOND, [SECOND])


def test_it_outlasts_a_dialogue_that_sums_nothing_up_and_goes_with_its_turns() -> None:
    written: list[Summary | None] = []
    keeper = SummaryKeeper(FIRST, written.append)
    keeper.serve(skills())
    keeper.amended(4)
    assert written == [], "it does not rest on that turn"
    model = ScriptedDialogue()
    keeper.serve(model)
    assert model.taken_up == FIRST
    keeper.amended(2)
    assert (model.amendments, written) == ([2], []), "who makes them tells what becomes of them"
    model.keep_summary(None)
    keeper.serve(skills())
    keeper.amended(1)
    assert written == [None]
