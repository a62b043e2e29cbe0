"""What a block of the microphone means: the voice found, the recogniser fed, its words taken, the turn's end judged.

Runs on the conversation's thread. Must not import devices or the recogniser's process.
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from engine.audio.duplex import CaptureBlock
from engine.events import TranscriptionPartial
from engine.hearing import HeardBlock
from engine.recognition import Final, Partial, RecogniserTrouble
from engine.session.happenings import BlockHeard, Happening, WordsFinal, WordsHeard
from engine.session.judging import Judge
from engine.session.parts import Parts
from engine.session.state import Session, Utterance
from engine.session.teller import Teller

PRE_ROLL_MS = 1500.0
"""Sound kept from before a voice was found: finding one takes up to a third of a second, longer beside an echo."""

ONSET_MS = 200.0
"""The recogniser hears so much from before the voice, since it needs a stretch of silence in front."""

IN_THE_ROOM_MS = 500.0
"""The assistant's sound counts as in the room for so long after its last sample was handed over."""


class Ear:
    """Has the parts of a conversation that listen."""

    def __init__(self, parts: Parts, teller: Teller, patience: float, keeps: bool = False) -> None:
        self.fed: list[NDArray[np.float32]] | None = [] if keeps else None
        """What the recogniser was given of the utterance, where it is to be kept."""
        self.judge = Judge(parts.end_of_turn, parts.audio.rate_hz, patience)
        self._hearing, self._recogniser, self._teller = parts.hearing, parts.recogniser, teller
        kept = round(PRE_ROLL_MS / parts.audio.block_ms)
        self._pre_roll: deque[tuple[int, NDArray[np.float32]]] = deque(maxlen=kept)
        self._sounded_at: int | None = None
        self._shown: tuple[int, str, str] = (0, "", "")

    def hear(self, block: CaptureBlock, session: Session, sounding: bool) -> BlockHeard:
        """One block; `sounding`: the assistant's sound is being played."""
        now = block.at_sample + len(block.samples)
        if sounding:
            self._sounded_at = now
        in_the_room = session.limits.samples(IN_THE_ROOM_MS)
        playing = self._sounded_at is not None and now - self._sounded_at <= in_the_room
        heard = self._hearing.hear(block, playing)
        self._pre_roll.append((block.at_sample, heard.samples))
        self._teller.gauge("user_dbfs", heard.level_dbfs)
        user = session.user
        over = prepare = False
        if user is not None and not user.finishing:
            self._feed(user.number, heard.samples)
            self.judge.hear(heard)
            if not (user.voice or heard.voice):
                verdict = self.judge.verdict(user, now, user.stopped_at)
                over, prepare = verdict.over, verdict.prepare
        return _told(now, heard, over, prepare)

    def begin(self, utterance: int, from_sample: int, session: Session) -> None:
        """Hand over the sound from a little before `from_sample` on, as far as it is kept."""
        self._recogniser.begin(utterance)
        first = from_sample - session.limits.samples(ONSET_MS)
        kept = [(at, samples) for at, samples in self._pre_roll if at >= first]
        self.judge.begin(kept[0][0] if kept else session.now)
        if self.fed is not None:
            self.fed = []
        for _, samples in kept:
            self._feed(utterance, samples)

    def _feed(self, utterance: int, samples: NDArray[np.float32]) -> None:
        self._recogniser.feed(utterance, samples)
        if self.fed is not None:
            self.fed.append(samples)

    def finish(self, utterance: int) -> None:
        """No more of it will be heard."""
        self._recogniser.finish(utterance)

    def drop(self, utterance: int) -> None:
        """It is no turn."""
        self._recogniser.drop(utterance)

    def words(self, user: Utterance | None, at_sample: int) -> list[Happening]:
        """What was understood meanwhile."""
        found: list[Happening] = []
        for result in self._recogniser.poll():
            if isinstance(result, RecogniserTrouble):
                self._teller.count("recogniser_restarts")
                self._teller.error("recogniser", result.message, mend=result.mend)
            elif isinstance(result, Partial):
                self._partial(result, user)
                found.append(
                    WordsHeard(
                        at_sample=at_sample,
                        utterance=result.utterance,
                        text=result.text,
                        complete=result.complete,
                    )
                )
            else:
                found.append(_final(result, at_sample))
        return found

    def _partial(self, result: Partial, user: Utterance | None) -> None:
        if user is None or user.number != result.utterance or user.finishing:
            return
        self.judge.take(result)
        words = (user.number, result.stable, result.tentative)
        if words != self._shown and (result.stable or result.tentative):
            self._shown = words
            item_id = f"user_{user.turn}"
            self._teller.event(
                TranscriptionPartial(item_id=item_id, stable=result.stable, tentative=result.tentative),
                user.turn,
            )


def _final(result: Final, at_sample: int) -> WordsFinal:
    return WordsFinal(
        at_sample=at_sample,
        utterance=result.utterance,
        text=result.text.strip(),
        confidence=result.confidence,
        from_grammar=result.from_grammar,
        rejected=result.rejected,
    )


def _told(now: int, heard: HeardBlock, over: bool, prepare: bool) -> BlockHeard:
    return BlockHeard(
        at_sample=now,
        voice=heard.voice,
        started_at=heard.started_at,
        stopped_at=heard.stopped_at,
        overlap_ms=heard.overlap_ms,
        suspected=heard.suspected,
        over=over,
        prepare=prepare,
    )
