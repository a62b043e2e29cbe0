"""When the language model is tried, and what is said while it is not: a pure state, and its sentences.

Any thread; times are seconds of a monotonic clock that the caller reads.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.dialogue.trouble import ModelTrouble, TroubleKind

FIRST_RETRY_S = 2.0
LONGEST_RETRY_S = 300.0

_REASONS: dict[TroubleKind, str] = {
    "unreachable": "The language model cannot be reached",
    "slow": "The language model does not answer in time",
    "key": "The language model's server did not accept the key",
    "money": "The account of the language model has no credit left",
    "busy": "The language model is asked too often",
    "model": "The language model that is set does not exist on its server",
    "refused": "The language model's server refused the question",
    "failed": "The language model's server failed",
    "garbage": "The language model's server sent nonsense",
    "broken_off": "The language model broke off",
    "silent": "The language model gave no answer",
}
_PASSING: frozenset[TroubleKind] = frozenset(("refused", "broken_off", "silent"))


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether the model answers. `told`: the user has heard that it does not; `retry_at_s`: when to try quietly."""

    is_up: bool = True
    failures: int = 0
    retry_at_s: float = 0.0
    told: bool = False
    kind: TroubleKind | None = None
    first_retry_s: float = FIRST_RETRY_S

    def failed(self, trouble: ModelTrouble, now_s: float) -> Availability:
        """It gave no answer: wait twice as long as the last time, five minutes at most.

        What concerns this one question alone is told and forgotten: the next one is asked at once.
        """
        if trouble.kind in _PASSING:
            return replace(self, told=False, kind=trouble.kind)
        wait_s = min(LONGEST_RETRY_S, self.first_retry_s * 2.0 ** min(self.failures, 20))
        told = self.told and trouble.kind == self.kind
        return replace(
            self,
            is_up=False,
            failures=self.failures + 1,
            retry_at_s=now_s + wait_s,
            told=told,
            kind=trouble.kind,
        )

    def heard(self) -> Availability:
        """The user heard the sentence."""
        return replace(self, told=True)

    def answered(self) -> Availability:
        """It answers again."""
        return Availability(first_retry_s=self.first_retry_s)

    def sentence(self) -> str:
        """What is said before the first answer without the model; "" when that is known."""
        if self.told or self.kind is None:
            return ""
        return f"{_REASONS[self.kind]}, so I answer with what I can do myself. "


def broke_off_sentence(kind: TroubleKind) -> str:
    """What is said after the beginning of an answer that has no end."""
    return (
        f"{_REASONS[kind]} in the middle of this answer."
        if kind != "broken_off"
        else f"{_REASONS[kind]} there."
    )
