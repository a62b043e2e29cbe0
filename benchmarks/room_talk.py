"""A conversation in a simulated room, block by block: the real playback and the real ears, a person on cue.

What lowers and pauses the playback is a small model of the session's rules, so that the ears can be measured alone.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np

from benchmarks.room_speech import Array, at_rate
from benchmarks.rooms import BlockConvolver, EchoPath, Room, impulse_response
from engine.audio.duplex import CaptureBlock
from engine.audio.playback import Playback
from engine.config import AudioConfig
from engine.hearing import HeardBlock, make_hearing
from engine.session.state import Limits

LIMITS = Limits()
DUCK_MS, PAUSE_MS, COMMIT_MS, RESUME_MS = LIMITS.duck_ms, LIMITS.pause_ms, LIMITS.commit_ms, LIMITS.resume_ms
DUCK_DB = LIMITS.duck_db
"""The session's times, of overlap, voice and silence."""

FADED_MS = 15.0
"""Playback's fade, at whose end a change has happened."""

REPLY_DBFS = -20.0
"""What is played, before the room."""


@dataclass(slots=True)
class TurnModel:
    """The session's rules for one reply. `happened` are (what, sample) in order."""

    state: str = "speaking"
    happened: list[tuple[str, int]] = field(default_factory=list)
    voiced_ms: float = 0.0
    quiet_ms: float = 0.0
    suspected_ms_ago: float = 0.0

    @property
    def holds(self) -> bool:
        """Whether the reply is lowered or stopped just now."""
        return self.state != "speaking"

    def step(self, heard: HeardBlock, playback: Playback, end: int, block_ms: float, playing: bool) -> None:
        """Answer to a block as the session would."""
        if self.state == "taken":
            return
        self.voiced_ms += block_ms * heard.voice
        self.suspected_ms_ago = 0.0 if heard.suspected else self.suspected_ms_ago + block_ms
        self.quiet_ms = 0.0 if heard.voice else self.quiet_ms + block_ms
        if self.quiet_ms >= RESUME_MS:
            self.voiced_ms = 0.0
            if self.state == "paused" or (self.state == "ducked" and self.suspected_ms_ago >= RESUME_MS):
                self.state = "speaking"
                playback.duck(0.0)
                playback.resume()
                self.happened.append(("resume", end))
        if (self.voiced_ms >= COMMIT_MS and self.state == "paused") or (
            self.voiced_ms > 100.0 and not playing and self.state == "speaking"
        ):
            self.happened.append(("turn", end))
            self.state = "taken"
            playback.drop()
        elif heard.voice and heard.overlap_ms >= PAUSE_MS and self.state != "paused":
            playback.pause()
            self.happened.append(("pause", end))
            self.state = "paused"
        elif self.state == "speaking" and (heard.suspected or (heard.voice and heard.overlap_ms >= DUCK_MS)):
            playback.duck(DUCK_DB)
            self.happened.append(("duck", end))
            self.state = "ducked"

    def count(self, what: str) -> int:
        """How often that happened."""
        return sum(name == what for name, _ in self.happened)

    def first_at(self, what: str, onset: int, rate_hz: int) -> float | None:
        """Milliseconds from `onset` to the first time behind it that the reply was ducked, or "silent"; fades are over.

        A reply that was already lowered or paused at the onset counts as not noticed.
        """
        names = {"duck": ("duck", "pause", "turn"), "silent": ("pause", "turn")}[what]
        for name, sample in self.happened:
            if name in names and sample > onset:
                return 1000.0 * (sample - onset) / rate_hz + FADED_MS
        return None


class RoomTalk:
    """Loudspeaker, person and microphone in one room; `echo_dbfs` is the loudspeaker at the microphone."""

    def __init__(self, room: Room, echo_dbfs: float, config: AudioConfig) -> None:
        self.room, self._config = room, config
        self.rate_hz, block = config.rate_hz, config.block_samples
        gain = 10.0 ** ((echo_dbfs - REPLY_DBFS) / 20.0)
        self._echo = EchoPath(room, gain, self.rate_hz, block)
        draw = np.random.default_rng([room.seed, 2])
        self._mouth = BlockConvolver(impulse_response(room.rt60_s, 6.0, self.rate_hz, draw), block)
        self._noise = np.random.default_rng([room.seed, 3])
        self._noise_rms = 10.0 ** (room.noise_dbfs / 20.0)
        self.hearing = make_hearing("cancel", config)
        self.playback = Playback(self.rate_hz)
        self._model: TurnModel | None = None
        self._person = np.zeros(0, np.float32)
        self._sample = 0
        self._responses = 0
        self.ears_s = 0.0
        self._last_played: Array = np.zeros(block, np.float32)
        self.run(0.5)

    @property
    def now_s(self) -> float:
        """Simulated seconds since the room was entered."""
        return self._sample / self.rate_hz

    def begin_reply(self, speech: Array, model: TurnModel) -> None:
        """The assistant says (S,) at 16 kHz."""
        self._responses += 1
        self.playback.begin(self._responses)
        self.playback.append(at_rate(speech, self.rate_hz))
        self.playback.end()
        self._model = model

    def end_reply(self) -> None:
        """Drop what is left of it."""
        self.playback.drop()
        self._model = None

    def person_speaks(self, speech: Array) -> int:
        """(S,) at 16 kHz from now on; the sample of the onset."""
        self._person = np.concatenate([self._person, at_rate(speech, self.rate_hz)])
        return self._sample

    def run(self, seconds: float) -> list[HeardBlock]:
        """Let so much time pass."""
        return [self.step() for _ in range(round(1000.0 * seconds / self._config.block_ms))]

    def run_until_loud(self) -> None:
        """To the next moment at which the loudspeaker speaks, not between two of its words."""
        while self.playback.position.sounding and float(np.abs(self._last_played).max()) < 0.05:
            self.step()

    def run_until_played(self) -> None:
        """To the end of the reply, however often it stops."""
        while not self.playback.position.finished:
            self.step()

    def step(self) -> HeardBlock:
        """One block."""
        block = self._config.block_samples
        played = np.zeros(block, np.float32)
        self.playback.render(played)
        self._last_played = played
        person = np.zeros(block, np.float32)
        spoken = self._person[:block]
        person[: len(spoken)] = spoken
        self._person = self._person[block:]
        noise = self._noise_rms * self._noise.standard_normal(block).astype(np.float32)
        sound = np.clip(self._echo.step(played) + self._mouth.step(person) + noise, -1.0, 1.0)
        position = self.playback.position
        playing = position.sounding and position.response > 0
        captured = CaptureBlock(self._sample, sound.astype(np.float32), played)
        before = time.process_time()
        heard = self.hearing.hear(captured, playing)
        self.ears_s += time.process_time() - before
        self._sample += block
        if self._model is not None:
            self._model.step(heard, self.playback, self._sample, self._config.block_ms, playing)
        return heard
