"""What can be done with a line of the transcript as things stand: names, keys, and whether now. Pure.

Of Qt it knows `tr` alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.desktop.language import tr
from app.desktop.phrase import tr_later
from app.desktop.view import Line, ViewState

Choice = Literal["fold", "replay", "copy", "correct", "delete"]


@dataclass(frozen=True, slots=True)
class Offer:
    """A choice as it is shown: its words, its icon, the key that does the same."""

    words: str
    icon: str
    key: str = ""

    @property
    def with_key(self) -> str:
        """For menus and tool tips, in the user's language."""
        return f"{tr(self.words)} ({tr(self.key)})" if self.key else tr(self.words)


OFFERS: dict[Choice, Offer] = {
    "fold": Offer(tr_later("Show details"), "chevron-right", tr_later("Enter")),
    "replay": Offer(tr_later("Speak again"), "volume-2"),
    "copy": Offer(tr_later("Copy"), "copy", tr_later("Ctrl+C")),
    "correct": Offer(tr_later("Correct…"), "pencil", "F2"),
    "delete": Offer(tr_later("Delete"), "trash-2", tr_later("Del")),
}
HIDE_DETAILS = Offer(tr_later("Hide details"), "chevron-down", tr_later("Enter"))


def offer_of(choice: Choice, line: Line) -> Offer:
    """How a choice is shown on a line."""
    return HIDE_DETAILS if choice == "fold" and line.unfolded else OFFERS[choice]


def choices_for(line: Line, state: ViewState) -> tuple[Choice, ...]:
    """What can be done with `line` now, in the order in which it is shown.

    What is being said can only be copied. An answer is not spoken again while somebody speaks, and a turn that is not
    over cannot be deleted.
    """
    if line.stage == "open":
        return ("copy",)
    if line.role == "tool":
        return ("fold", "copy")
    found: list[Choice] = []
    quiet = not state.sounding and state.conversation != "user_speaking"
    if line.role == "assistant" and state.can_converse and quiet:
        found.append("replay")
    found.append("copy")
    if line.role == "user":
        found.append("correct")
    if not (state.sounding and is_in_last_turn(line, state)):
        found.append("delete")
    return tuple(found)


def is_in_last_turn(line: Line, state: ViewState) -> bool:
    """Whether nothing was said after this line's turn in the present conversation."""
    if state.earlier is not None or not state.lines:
        return False
    last = next((one for one in reversed(state.lines) if one.role == "user"), state.lines[-1])
    return line.key >= last.key or (line.turn_id != 0 and line.turn_id == last.turn_id)


def is_last_question(line: Line, state: ViewState) -> bool:
    """Whether this is what the user said last, which can be asked again."""
    if state.earlier is not None or line.role != "user":
        return False
    return not any(later.role == "user" and later.key > line.key for later in state.lines)
