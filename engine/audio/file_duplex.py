"""A microphone and a loudspeaker made of files, in simulated time: what the conversation computes takes none of it.

Each `read` renders one block of the playback and gives the microphone's block of the same time, so that a decision
made on a block sounds from the next one on. Runs on the conversation's thread. Must not import devices.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.audio.duplex import CaptureBlock, DeviceNotice, DuplexCounts
from engine.audio.playback import Playback
from engine.audio.recording import examine_recording, read_recording
from engine.audio.wavfile import WavWriter
from engine.config import AudioConfig


@dataclass(frozen=True, slots=True, eq=False)
class EchoPath:
    """The way from the loudspeaker into the microphone: `impulse_response` (S,) at the devices' rate, and a gain."""

    impulse_response: NDArray[np.float32]
    gain_db: float = 0.0


class FileDuplex:
    """Fulfils `engine.audio.duplex.Duplex` from a recording, or from silence (None) into which others `speak`.

    `recording` becomes a stereo WAV file on `close`: left the user as the file has him, right the assistant. After
    the microphone's file there is silence until `finish` is called. `realtime` gives each block when its time has
    come, by `clock` (seconds). Raises SottoError for a file that cannot be read or written.
    """

    def __init__(
        self,
        microphone: Path | NDArray[np.float32] | None,
        config: AudioConfig,
        *,
        recording: Path | None = None,
        echo: EchoPath | None = None,
        realtime: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._config = config
        self._playback = Playback(config.rate_hz)
        self._notices: list[DeviceNotice] = []
        self._microphone = self._blocks(microphone)
        self._spoken: dict[int, NDArray[np.float32]] = {}
        self._echo = None if echo is None else _Echo(echo, config.block_samples)
        self._writer = None if recording is None else WavWriter(recording, config.rate_hz, channels=2)
        self._realtime, self._clock = realtime, clock
        self._started_s: float | None = None
        self._index = 0
        self._exhausted = self._finished = self._closed = False
        self.audible = True
        """Whether there is a loudspeaker; without one what is played takes its course unheard."""

    @property
    def playback(self) -> Playback:
        """What the right channel gets."""
        return self._playback

    @property
    def is_simulated(self) -> bool:
        """False when paced, since time goes on between two reads then."""
        return not self._realtime

    @property
    def counts(self) -> DuplexCounts:
        """Files lose nothing; what the playback missed is counted."""
        return DuplexCounts(output_underflows=self._playback.starved)

    @property
    def exhausted(self) -> bool:
        """The recording, and all that was spoken into it, has been read; silence follows."""
        return self._exhausted and not self._spoken

    @property
    def ended(self) -> bool:
        """`finish` or `close` was called."""
        return self._finished or self._closed

    @property
    def now_samples(self) -> int:
        """The place of the next block."""
        return self._index * self._config.block_samples

    def start(self) -> None:
        """Time begins."""
        self._started_s = self._clock()

    def speak(self, samples: NDArray[np.float32], at_sample: int | None = None) -> int:
        """Add (S,) to the microphone from `at_sample` (None: the next block) on; gives the first sample's place.

        What would lie before the next block is refused with ValueError.
        """
        begin = self.now_samples if at_sample is None else at_sample
        if begin < self.now_samples:
            raise ValueError(f"sample {begin} has passed; the next block begins at {self.now_samples}")
        size = self._config.block_samples
        index, offset = divmod(begin, size)
        padded = np.pad(samples.astype(np.float32), (offset, -(offset + len(samples)) % size))
        for number, block in enumerate(padded.reshape(-1, size), index):
            self._spoken[number] = self._spoken.get(number, np.float32(0.0)) + block
        return begin

    def finish(self) -> None:
        """No block will come any more."""
        self._finished = True

    def read(self, timeout_s: float) -> CaptureBlock | None:
        """The next block; None after `finish`, or where its time does not come within `timeout_s`."""
        if self.ended or (self._realtime and not self._wait_for_block(timeout_s)):
            return None
        size = self._config.block_samples
        played = np.zeros(size, np.float32)
        self._playback.render(played, audible=self.audible)
        if not self.audible:
            played[:] = 0.0
        user = next(self._microphone, None)
        if user is None:
            self._exhausted, user = True, np.zeros(size, np.float32)
        user = user + self._spoken.pop(self._index, np.float32(0.0))
        heard = user if self._echo is None else user + self._echo.add(played)
        if self._writer is not None:
            self._writer.write(np.stack([user, played], axis=1))
        block = CaptureBlock(self.now_samples, np.clip(heard, -1.0, 1.0), played)
        self._index += 1
        return block

    def choose(self, input_device: str | None, output_device: str | None) -> None:
        """The recording stays the microphone."""

    def notices(self) -> tuple[DeviceNotice, ...]:
        """What was odd about the recording, once."""
        notices, self._notices = tuple(self._notices), []
        return notices

    def close(self) -> None:
        """Give the recording its name."""
        if not self._closed and self._writer is not None:
            self._writer.commit()
        self._closed = True

    def abandon(self) -> None:
        """Close without leaving a recording."""
        if not self._closed and self._writer is not None:
            self._writer.abort()
        self._closed = True

    def _wait_for_block(self, timeout_s: float) -> bool:
        """Wait until the block that comes next would have been recorded."""
        assert self._started_s is not None, "start comes before read"
        due_s = self._started_s + (self._index + 1) * self._config.block_ms / 1000.0
        wait_s = due_s - self._clock()
        if wait_s > timeout_s:
            time.sleep(timeout_s)
            return False
        if wait_s > 0:
            time.sleep(wait_s)
        return True

    def _blocks(self, microphone: Path | NDArray[np.float32] | None) -> Iterator[NDArray[np.float32]]:
        size = self._config.block_samples
        if microphone is None:
            return iter(())
        if isinstance(microphone, Path):
            facts = examine_recording(microphone)
            self._notices += [DeviceNotice("input", "changed", remark) for remark in facts.remarks]
            return read_recording(facts, self._config.rate_hz, size)
        padded = np.pad(microphone.astype(np.float32), (0, -len(microphone) % size))
        return iter(padded.reshape(-1, size))


class _Echo:
    """Convolves what is played with a room, block by block (overlap-add)."""

    def __init__(self, path: EchoPath, block_samples: int) -> None:
        length = block_samples + len(path.impulse_response) - 1
        self._size = 1 << (length - 1).bit_length()
        gain = 10.0 ** (path.gain_db / 20.0)
        self._room = np.fft.rfft(path.impulse_response.astype(np.float64) * gain, self._size)
        self._tail = np.zeros(self._size)

    def add(self, played: NDArray[np.float32]) -> NDArray[np.float32]:
        """What of (S,) and of the blocks before it reaches the microphone now."""
        self._tail += np.fft.irfft(np.fft.rfft(played, self._size) * self._room, self._size)
        now = self._tail[: len(played)].astype(np.float32)
        self._tail = np.concatenate([self._tail[len(played) :], np.zeros(len(played))])
        return now
