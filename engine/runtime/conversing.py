"""One voice for a whole conversation: its answers continue one stream, and what was not heard was never said.

Runs on the engine thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Literal

import torch

from engine.memory import Bank, Slot
from engine.memory.prosody import FEATURES
from engine.meters import MemoryShown, SlotShown
from engine.model import Checkpoint
from engine.runtime.fallback import Fallback, Tell
from engine.runtime.guards import Trouble, words_spoken
from engine.runtime.synthesiser import PlannedClause, SpeechChunk, Synthesiser
from engine.runtime.voices import Voice


class ConversationVoice:
    """Answers spoken one after the other: `stream` one, then `keep` what was heard of it before the next.

    `rate` above 1 is faster and holds from the next clause on.
    """

    def __init__(self, voice: Voice, seed: int, tell: Tell) -> None:
        self._tell = tell
        self._synthesiser = Synthesiser(voice, seed=seed, tell=self._fell_back)
        self._before: Checkpoint | None = None
        self._first_frame = 0

    @property
    def voice(self) -> Voice:
        """Whose it is; another after its GPU failed."""
        return self._synthesiser.voice

    @property
    def rate(self) -> float:
        """How fast, 1 being the voice's own way."""
        return self._synthesiser.rate

    @rate.setter
    def rate(self, rate: float) -> None:
        self._synthesiser.rate = rate

    def stream(
        self,
        text: str | Iterable[str],
        reserve_ms: Callable[[], float | None],
        report: Callable[[Trouble], None],
    ) -> Iterator[SpeechChunk]:
        """See `Synthesiser.stream`."""
        state = self._synthesiser.state
        self._before, self._first_frame = state.checkpoint(), state.mark.frame
        return self._synthesiser.stream(text, reserve_ms, report)

    def keep(self, heard_samples: int) -> None:
        """Go back to where the answer of the last `stream` had been heard up to `heard_samples`, at the voice's rate.

        Its speech must have been let go of. What lies further back than can be undone stays in the voice's ear, but
        not as words.
        """
        state = self._synthesiser.state
        made = state.mark.frame - self._first_frame
        heard = min(made, round(heard_samples / self.voice.codec.config.frame_samples))
        if made <= 0:
            return
        if heard == 0 and self._before is not None and made <= self.voice.model.config.rollback_margin:
            state.undo_to(self._before)
            return
        with torch.inference_mode():
            state.rollback(min(made - heard, len(state.past)))
            if state.mark.clause_sum is not None:
                self._cut()

    def memory(self) -> MemoryShown:
        """Both banks as they are now, the oldest slot first. The model's clock stands still while nothing is said."""
        mark, now_s = self._synthesiser.state.mark, self._synthesiser.state.now_s
        semantic, prosodic = mark.memory.semantic, mark.memory.prosodic
        slots = [_shown("semantic", semantic, slot, now_s) for slot in semantic.slots]
        slots += [_shown("prosodic", prosodic, slot, now_s) for slot in prosodic.slots]
        return MemoryShown(tuple(slots), semantic.tau_s, prosodic.tau_s)

    def _cut(self) -> None:
        """End the clause in which the stream stands now."""
        synthesiser = self._synthesiser
        frame = synthesiser.state.mark.frame - self._first_frame
        planned = self._planned_at(frame)
        if planned is None:
            return
        spoken_quarters = (frame - planned.first_frame) * self.voice.model.config.quarters_per_frame
        spoken = int((planned.quarters.cumsum() <= spoken_quarters).sum())
        words = " ".join(words_spoken(planned.clause, spoken))
        synthesiser.cut_clause(len(planned.quarters), spoken, words)

    def _planned_at(self, frame: int) -> PlannedClause | None:
        """The clause of which `frame` frames of the answer are the end so far."""
        for planned in reversed(self._synthesiser.planned):
            if planned.first_frame < frame:
                return planned
        return None

    def _fell_back(self, fallback: Fallback) -> None:
        self._before = None  # it lies on the device that failed
        self._tell(fallback)


def _shown(bank: Literal["semantic", "prosodic"], whole: Bank, slot: Slot, now_s: float) -> SlotShown:
    pitch = energy = 0.0
    if bank == "prosodic":
        features = dict(zip(FEATURES, slot.vector.tolist(), strict=False))
        pitch, energy = features["f0_mean"], features["energy_mean"]
    return SlotShown(
        bank=bank,
        age_s=now_s - slot.written_s,
        weight=whole.decay(slot, now_s),
        of_user=slot.speaker != "agent",
        pitch=pitch,
        energy=energy,
        label=slot.text.strip(),
    )
