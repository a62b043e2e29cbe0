"""Blocks of the microphone in, what was heard out: the order of the parts, and the three ways to treat echo.

Two ears on one echo filter (docs/decisions/0014-two-ears.md): the recogniser gets the suppressed signal, the decision
whether the user speaks beside the assistant is taken on the linear residual. Runs on the conversation's thread; one
object a conversation. Must not import devices, the speech model or front ends.
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from engine.audio.duplex import CaptureBlock
from engine.commands import Echo
from engine.config import AudioConfig
from engine.hearing import RECOGNISER_RATE_HZ, HeardBlock, voice
from engine.hearing.activity import Activity
from engine.hearing.decimation import Decimator
from engine.hearing.echo_filter import EchoFilter, EchoFilterConfig
from engine.hearing.levels import Levels, dbfs
from engine.hearing.near import NearField
from engine.hearing.overlap import (
    CONFIRMED_PROBABILITY,
    CONFIRMED_WITHIN_MS,
    LOWERED_HEARD_MS,
    Overlap,
    mean_excess_db,
    near_score,
)
from engine.hearing.silero import load_silero
from engine.hearing.suppressor import Suppressor

Array = NDArray[np.float32]

OFFSET_RATE = 0.02
"""How fast the microphone's constant offset is followed, a block: over half a second."""

AUDIBLE = 1e-4
"""A reference above this (-80 dBFS) is sound."""

RESIDUAL_KEEP = 0.97
"""Of the second ear's memory, a chunk of 32 ms: half of it is gone in 0.7 s. In rooms for tuning 94 % of voices 12 dB
below the loudspeaker pause a reply, 88 % with all of it."""

CLOSED_AFTER_MS = 200.0
"""Half duplex: how long the microphone stays closed behind the assistant's sound (the room's tail, the devices')."""

ECHO_TAIL_MS = 400.0
"""How long the room may answer to what was played: within this, a voice must show itself beside the echo."""


class FrontEnd:
    """Hearing for one conversation."""

    def __init__(self, echo: Echo, config: AudioConfig) -> None:
        """Raises ConfigError where the rate is no multiple of the recognisers'."""
        self._echo, self._config = echo, config
        self._block = round(RECOGNISER_RATE_HZ * config.block_ms / 1000.0)
        self._microphone = Decimator(config.rate_hz, RECOGNISER_RATE_HZ)
        self._reference = Decimator(config.rate_hz, RECOGNISER_RATE_HZ)
        network = load_silero()
        self._filter = EchoFilter(EchoFilterConfig(rate_hz=RECOGNISER_RATE_HZ, block_samples=self._block))
        self._near = NearField(RECOGNISER_RATE_HZ, self._block)
        self._suppressor = Suppressor(RECOGNISER_RATE_HZ, self._block, echo == "cancel")
        self._of_cleaned, self._of_residual = Activity(network), Activity(network, RESIDUAL_KEEP)
        self._levels = Levels()
        self._voice_config = voice.VoiceConfig(block_ms=config.block_ms)
        self._voice = voice.VoiceState()
        self._overlap = Overlap(config.rate_hz)
        self._cleaned_lately: deque[float] = deque(maxlen=round(CONFIRMED_WITHIN_MS / config.block_ms))
        self._offset: float | None = None
        self._began_at = self._stopped_at = 0
        self._played_blocks_ago = round(ECHO_TAIL_MS / config.block_ms)

    def hear(self, block: CaptureBlock, playing: bool) -> HeardBlock:
        """One block; `playing`: the assistant's sound is in the room, or was a moment ago."""
        microphone = self._without_offset(self._microphone.step(block.samples))
        reference = self._reference.step(block.reference)
        sounding = playing or bool(np.abs(reference).max(initial=0.0) > AUDIBLE)
        self._played_blocks_ago = 0 if sounding else self._played_blocks_ago + 1
        played_ms_ago = self._played_blocks_ago * self._config.block_ms
        if self._echo != "cancel":
            if self._echo == "half_duplex" and played_ms_ago < CLOSED_AFTER_MS:
                microphone = np.zeros_like(microphone)
            cleaned = self._suppressor.step(microphone, reference)
            self._levels.step(microphone)
            beside = self._echo == "headphones" and sounding
            return self._told(block, cleaned, self._of_cleaned.step(cleaned), beside)
        parted = self._filter.step(microphone, reference)
        excess_db = self._near.step(parted)
        cleaned = self._suppressor.step(parted.residual, reference)
        of_cleaned, of_residual = self._of_cleaned.step(cleaned), self._of_residual.step(parted.residual)
        self._cleaned_lately.append(of_cleaned)
        beside = played_ms_ago < ECHO_TAIL_MS
        self._levels.step(parted.residual)
        mean_db = mean_excess_db(excess_db)
        self._overlap.weigh(mean_db, of_residual, of_cleaned, beside)
        score = near_score(mean_db, of_residual, self._is_lower()) if beside else of_cleaned
        return self._told(block, cleaned, score, beside)

    def _is_lower(self) -> bool:
        """Whether what the session lowered has come to the microphone."""
        lowered_ms = self._overlap.lowered_ms - LOWERED_HEARD_MS
        # The delay is looked for in the whole of the filter's path: only where there is something to compare it with.
        return lowered_ms > 0.0 and lowered_ms > (self._filter.delay_ms or 0.0)

    def _without_offset(self, samples: Array) -> Array:
        """Cheap microphones have a constant in their signal, beside which every level is loud."""
        mean = float(samples.mean())
        before = mean if self._offset is None else self._offset
        self._offset = before + OFFSET_RATE * (mean - before)
        return samples - np.linspace(before, self._offset, len(samples), dtype=np.float32)

    def _told(self, block: CaptureBlock, cleaned: Array, score: float, beside: bool) -> HeardBlock:
        """The block with what the voice's state says of it, on the microphone's clock."""
        self._voice, told = voice.step(self._voice_config, self._voice, score, self._levels, beside)
        self._levels.tell(self._voice.voice)
        end = block.at_sample + len(block.samples)
        confirmed = self._echo != "cancel" or max(self._cleaned_lately) >= CONFIRMED_PROBABILITY

        def at(blocks_ago: float | None) -> int | None:
            if blocks_ago is None:
                return None
            return max(0, end - self._microphone.delay_samples - round(blocks_ago * len(block.samples)))

        started_at, stopped_at = at(told.began_blocks_ago), at(told.ended_blocks_ago)
        if started_at is not None:
            self._began_at = max(started_at, self._stopped_at)
            started_at = self._began_at
        if stopped_at is not None:
            self._stopped_at = stopped_at
        return HeardBlock(
            at_sample=block.at_sample,
            samples=cleaned,
            voice=self._voice.voice,
            probability=score,
            started_at=started_at,
            stopped_at=stopped_at,
            overlap_ms=self._overlap.step(
                end, self._began_at if self._voice.voice else None, beside, confirmed
            ),
            level_dbfs=dbfs(float((cleaned**2).mean())),
            stirring=told.stirs,
            suspected=self._overlap.suspected,
        )
