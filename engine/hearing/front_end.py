"""Blocks of the microphone in, what was heard out: the order of the parts, and the three ways to treat echo.

Two ears on one echo filter (docs/decisions/0014-two-ears.md): the recogniser gets the suppressed signal, the decision
whether the user speaks beside the assistant is taken on the linear residual. Runs on the conversation's thread; one
object a conversation. Must not import devices, the speech model or front ends.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.audio.duplex import CaptureBlock
from engine.config import AudioConfig
from engine.events import Echo
from engine.hearing import RECOGNISER_RATE_HZ, HeardBlock, voice
from engine.hearing.activity import Activity
from engine.hearing.decimation import Decimator
from engine.hearing.echo_filter import EchoFilter, EchoFilterConfig
from engine.hearing.levels import Levels, dbfs
from engine.hearing.near import NearField
from engine.hearing.silero import load_silero
from engine.hearing.suppressor import Suppressor

Array = NDArray[np.float32]

OVERLAP_GAP_MS = 300.0
"""A pause in the user's voice shorter than this does not end an overlap."""

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
        self._cancels = echo == "cancel"
        network = load_silero()
        self._filter = EchoFilter(EchoFilterConfig(rate_hz=RECOGNISER_RATE_HZ, block_samples=self._block))
        self._near = NearField(RECOGNISER_RATE_HZ, self._block)
        self._suppressor = Suppressor(RECOGNISER_RATE_HZ, self._block, self._cancels)
        self._cleaned, self._residual = Activity(network), Activity(network)
        self._levels = Levels()
        self._voice_config = voice.VoiceConfig(block_ms=config.block_ms)
        self._voice = voice.VoiceState()
        self._began_at = 0
        self._overlap_from: int | None = None
        self._silent_blocks = 0
        self._quiet_blocks = round(ECHO_TAIL_MS / config.block_ms)
        self._played_blocks_ago = self._quiet_blocks

    def hear(self, block: CaptureBlock, playing: bool) -> HeardBlock:
        """One block; `playing`: the assistant's sound is in the room, or was a moment ago."""
        microphone = self._microphone.step(block.samples)
        reference = self._reference.step(block.reference)
        sounding = playing or bool(np.abs(reference).max(initial=0.0) > 1e-4)
        self._played_blocks_ago = 0 if sounding else self._played_blocks_ago + 1
        if self._echo == "half_duplex" and self._closed:
            microphone = np.zeros_like(microphone)
        if not self._cancels:
            cleaned = self._suppressor.step(microphone, reference)
            self._levels.step(microphone)
            score = self._cleaned.step(cleaned)
            return self._told(block, cleaned, score, beside=False)
        parted = self._filter.step(microphone, reference)
        near = self._near.step(parted.echo, parted.residual)
        cleaned = self._suppressor.step(parted.residual, reference)
        beside = self._played_blocks_ago < self._quiet_blocks
        of_cleaned, of_near = self._cleaned.step(cleaned), self._residual.step(near.samples)
        self._levels.step(near.samples if beside else parted.residual)
        score = of_cleaned
        if beside:
            score = max(of_cleaned, of_near * float(near.excess_db > 3.0))
        return self._told(block, cleaned, score, beside)

    @property
    def _closed(self) -> bool:
        return self._played_blocks_ago * self._config.block_ms < CLOSED_AFTER_MS

    def _told(self, block: CaptureBlock, cleaned: Array, score: float, beside: bool) -> HeardBlock:
        """The block with what the voice's state says of it, on the microphone's clock."""
        self._voice, told = voice.step(self._voice_config, self._voice, score, self._levels)
        end = block.at_sample + len(block.samples)
        delay = self._microphone.delay_samples

        def at(blocks_ago: float | None) -> int | None:
            if blocks_ago is None:
                return None
            return max(0, end - delay - round(blocks_ago * len(block.samples)))

        started_at, stopped_at = at(told.began_blocks_ago), at(told.ended_blocks_ago)
        if started_at is not None:
            self._began_at = started_at
        return HeardBlock(
            at_sample=block.at_sample,
            samples=cleaned,
            voice=self._voice.voice,
            probability=score,
            started_at=started_at,
            stopped_at=stopped_at,
            overlap_ms=self._overlap_ms(block.at_sample, end, beside),
            level_dbfs=dbfs(float((cleaned**2).mean())),
        )

    def _overlap_ms(self, start: int, end: int, beside: bool) -> float:
        if self._voice.voice:
            self._silent_blocks = 0
            if beside and self._overlap_from is None:
                self._overlap_from = max(self._began_at, 0)
        else:
            self._silent_blocks += 1
            if self._silent_blocks * self._config.block_ms >= OVERLAP_GAP_MS:
                self._overlap_from = None
        if not beside or self._overlap_from is None:
            self._overlap_from = None
            return 0.0
        return 1000.0 * (end - self._overlap_from) / self._config.rate_hz
