"""What goes on the tape when: a released answer as it is made, signs of waiting before it, nothing while one fades out.

Runs on the conversation's thread, once a block. Must not import devices.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.audio.playback import Playback, PlaybackPosition
from engine.session.heard import resume_sample
from engine.session.making import Making

CLIP = -1
"""The number under which a sign of waiting is on the tape."""

START_MS = 60.0
"""Speech there before an answer begins, so that one late second frame is no gap."""

FADED_S = 1.0
"""A loudspeaker that takes nothing for so long has stopped anyway."""


class Outlet:
    """One answer at a time. Nothing of it is on the tape before `release`, so that nothing held can sound."""

    def __init__(self, playback: Playback, block_ms: float) -> None:
        self._playback = playback
        self._start_samples = round(playback.rate_hz * START_MS / 1000.0)
        self._patience = round(1000.0 * FADED_S / block_ms)
        self._making: Making | None = None
        self._begun = self._held = self._all = False
        self._clip: NDArray[np.float32] | None = None
        self._clip_plays = False
        self._fading = 0

    def release(self, making: Making) -> None:
        """Let this answer sound as soon as there is any of it."""
        self._making, self._begun, self._held, self._all = making, False, False, False

    def play(self, clip: NDArray[np.float32]) -> None:
        """A sign of waiting: mono (S,), before an answer begins."""
        self._clip = clip

    def pause(self) -> None:
        """Fade out, or do not begin."""
        self._held = True
        self._clip = None
        if self._begun or self._clip_plays:
            self._playback.pause()

    def resume(self) -> None:
        """Go on from the start of the last word, or begin."""
        self._held = False
        if self._begun and self._making is not None:
            self._playback.resume(resume_sample(self._making.words, self._playback.position.head_sample))
        elif self._clip_plays:
            self._playback.resume()

    def duck(self, by_db: float) -> None:
        """Lower what sounds."""
        self._playback.duck(by_db)

    def drop(self) -> None:
        """Fade out for good."""
        if self._begun or self._clip_plays:
            self._playback.drop()
            self._fading = self._patience
        self._making, self._clip, self._clip_plays = None, None, False

    def finish(self) -> None:
        """The answer is over by itself."""
        self._making, self._clip = None, None

    def give_up(self) -> None:
        """Nobody listens any more."""
        self._fading = 0

    @property
    def making(self) -> Making | None:
        """The released answer."""
        return self._making

    @property
    def answer_plays(self) -> bool:
        """Whether an answer has begun."""
        return self._begun

    @property
    def fading(self) -> bool:
        """Whether a dropped answer may still be heard."""
        return self._fading > 0

    def position(self) -> PlaybackPosition:
        """Where the tape stands."""
        return self._playback.position

    def tick(self) -> None:
        """Another block has passed."""
        if self._fading:
            self._fading = self._fading - 1 if self._playback.position.sounding else 0
            if self._fading:
                return
            self._begun = False
        if self._clip_plays:
            if not self._playback.position.finished:
                return
            self._clip_plays = False
        making = self._making
        if making is None or self._held:
            return
        if self._begun:
            self._fill(making)
        elif making.made >= self._start_samples or (making.speech_done and making.made):
            self._playback.begin(making.response, held=True)
            self._begun = making.playing = True
            self._fill(making)
            self._playback.release()
        elif self._clip is not None:
            self._playback.begin(CLIP, held=True)
            self._playback.append(self._clip)
            self._playback.end()
            self._playback.release()
            self._clip, self._clip_plays = None, True

    def _fill(self, making: Making) -> None:
        done = making.speech_done  # before the samples are taken: none follow then
        while len(samples := making.take_samples(self._playback.free_samples)):
            self._playback.append(samples)
        if done and not making.samples and not self._all:
            self._playback.end()
            self._all = True
