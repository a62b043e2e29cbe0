"""The microphone and the loudspeaker of this machine as one `Duplex`, whatever happens to them.

`read` runs on the conversation's thread: it takes what the callbacks left, regroups it, lays the reference on it.
It never waits for a device: while there is no microphone, silence comes at the pace of the wall clock.
"""

from __future__ import annotations

import threading
import time
from collections import deque

import numpy as np

from engine.audio.choice import Direction, SoundDevice
from engine.audio.duplex import CaptureBlock, DeviceNotice, DuplexCounts
from engine.audio.keeper import Keeper, as_sound_device
from engine.audio.level import Level, measure
from engine.audio.microphone import MicrophoneReader
from engine.audio.playback import Playback
from engine.audio.portaudio import SoundDeviceError, devices_of
from engine.audio.pulse import pulse_devices
from engine.audio.reference import Reference
from engine.audio.streams import OpenInput, OpenOutput
from engine.config import AudioConfig

LOOK_S = 0.003
"""A callback wakes nobody, so whoever waits for it looks this often."""

XRUN_NOTICE_S = 10.0
"""Losses are told at most so often; all are counted."""


def list_devices(direction: Direction) -> tuple[SoundDevice, ...]:
    """What can be chosen: the sound server's devices where one answers, else PortAudio's. Raises SoundDeviceError."""
    found = pulse_devices(direction)
    return (
        tuple(as_sound_device(direction, each) for each in devices_of(direction)) if found is None else found
    )


class LiveDuplex:
    """Fulfils `engine.audio.duplex.Duplex` on the devices named (label, key or name; None: the system's default).

    With `wait_for_devices`, `start` is content with no device at all: a notice says so, and they are used when they
    come. Else it raises SoundDeviceError where neither a microphone nor a loudspeaker can be opened.
    """

    def __init__(
        self,
        config: AudioConfig,
        input_device: str | None = None,
        output_device: str | None = None,
        wait_for_devices: bool = False,
    ) -> None:
        self._config = config
        self._wait_for_devices = wait_for_devices
        self._playback = Playback(config.rate_hz)
        self._keeper = Keeper(config, self._playback, input_device, output_device)
        self._closed = threading.Event()
        self._microphone: MicrophoneReader | None = None
        self._input: OpenInput | None = None
        self._speaker: OpenOutput | None = None
        self._reference: Reference | None = None
        self._ready: deque[CaptureBlock] = deque()
        self._next = 0  # the place of the next block
        self._anchor = (0, 0.0)  # a place on the microphone's clock, and its second
        self._past_lost = self._past_overflows = self._past_underflows = 0  # of streams that were closed
        self._base: int | None = (
            None  # the place of the microphone's first sample on the conversation's clock
        )
        self._devices: tuple[SoundDevice | None, SoundDevice | None] = (None, None)
        self._told_s, self._told_xruns = 0.0, 0
        self._latest: CaptureBlock | None = None

    @property
    def playback(self) -> Playback:
        """What the loudspeaker plays."""
        return self._playback

    @property
    def is_simulated(self) -> bool:
        """Never: time goes on between two reads."""
        return False

    @property
    def input_name(self) -> str | None:
        """The label of the microphone in use; None while there is none."""
        return self._keeper.input.name if self._keeper.input.live else None

    @property
    def output_name(self) -> str | None:
        """The label of the loudspeaker in use; None while there is none."""
        return self._keeper.output.name if self._keeper.output.live else None

    @property
    def input_level(self) -> Level:
        """Of the microphone's latest block; computed where it is asked for, on any thread."""
        latest = self._latest
        return Level() if latest is None else measure(latest.samples)

    @property
    def output_level(self) -> Level:
        """Of what the loudspeaker gave at that time."""
        latest = self._latest
        return Level() if latest is None else measure(latest.reference)

    @property
    def counts(self) -> DuplexCounts:
        """Losses since the start, over all streams."""
        lost, overflows = self._past_lost, self._past_overflows
        underflows = self._past_underflows + self._playback.starved
        if self._microphone is not None and self._input is not None:
            lost += self._input.track.lost_samples + self._microphone.lost_samples
            overflows += self._input.track.flagged
        if self._speaker is not None:
            underflows += self._speaker.track.flagged
        return DuplexCounts(lost, overflows, underflows)

    def start(self) -> None:
        """Open the devices. Raises SoundDeviceError."""
        self._anchor = (0, time.monotonic())
        self._keeper.start()
        sides = (self._keeper.input, self._keeper.output)
        if not self._wait_for_devices and not any(side.live for side in sides):
            reasons = [side.reason for side in sides if side.reason]
            self.close()
            raise SoundDeviceError(
                reasons[0]
                if reasons
                else "No sound device was found; connect a microphone and a loudspeaker, then try again."
            )

    def read(self, timeout_s: float) -> CaptureBlock | None:
        """The next block; None when none came in time, or after `close`."""
        deadline_s = time.monotonic() + timeout_s
        while not self._closed.is_set():
            self._collect()
            if self._ready:
                return self._ready.popleft()
            if time.monotonic() >= deadline_s:
                return None
            self._closed.wait(LOOK_S)
        return None

    @property
    def ended(self) -> bool:
        """Only after `close`."""
        return self._closed.is_set()

    def choose(self, input_device: str | None, output_device: str | None) -> None:
        """Other devices from now on, by label, key or name (None: the system's default); a notice says when."""
        self._keeper.want("input", input_device)
        self._keeper.want("output", output_device)

    def notices(self) -> tuple[DeviceNotice, ...]:
        """What happened to the devices since the last call."""
        taken: list[DeviceNotice] = []
        while self._keeper.notices:
            taken.append(self._keeper.notices.popleft())
        now_s, counts = time.monotonic(), self.counts
        xruns = counts.input_overflows + counts.output_underflows
        if xruns > self._told_xruns and now_s - self._told_s > XRUN_NOTICE_S:
            message = f"The sound broke off {xruns - self._told_xruns} times: this machine is very busy."
            taken.append(DeviceNotice("both", "xrun", message, "Close programs that need much of it."))
            self._told_s, self._told_xruns = now_s, xruns
        return tuple(taken)

    def close(self) -> None:
        """Give the devices back. Harmless twice."""
        self._closed.set()
        self._keeper.stop()

    def abandon(self) -> None:
        """The same: nothing is recorded here."""
        self.close()

    def _collect(self) -> None:
        """Take what the callbacks left, or make silence where there is no microphone."""
        self._follow_speaker()
        opened = self._keeper.input.opened if self._keeper.input.live else None
        if self._microphone is not None and self._input is not opened:
            self._drain(self._microphone)
            counts = self.counts
            self._past_lost, self._past_overflows = counts.lost_input_samples, counts.input_overflows
            self._microphone = None
        if opened is not None and self._microphone is None:
            self._microphone, self._input = MicrophoneReader(opened.reader, self._config), opened
            self._base = None
        if self._microphone is not None:
            self._drain(self._microphone)
        elif self._keeper.input.missing:
            self._be_silent()

    def _follow_speaker(self) -> None:
        opened = self._keeper.output.opened if self._keeper.output.live else None
        if opened is not self._speaker:
            if self._speaker is not None:
                self._past_underflows += self._speaker.track.flagged
            self._speaker = opened
            self._reference = None if opened is None else Reference(opened.reader, self._config.rate_hz)
        devices = (self._keeper.input.used, self._keeper.output.used)
        if devices != self._devices:  # another device has another latency, also where the stream goes on
            self._devices = devices
            if self._reference is not None:
                self._reference.restart()
            if self._microphone is not None:
                self._microphone.fit.restart()
        if self._reference is not None:
            self._reference.collect()

    def _drain(self, microphone: MicrophoneReader) -> None:
        size, rate_hz = self._config.block_samples, self._config.rate_hz
        for position, samples in microphone.take():
            if self._base is None:  # the clock went on while no stream was open
                passed_s = microphone.fit.time_of(position) - self._anchor[1]
                self._base = max(self._next, self._anchor[0] + round(passed_s * rate_hz)) - position
            at_sample = self._base + position
            self._anchor = (at_sample, microphone.fit.time_of(position))
            reference = (
                np.zeros(size, np.float32)
                if self._reference is None
                else self._reference.at(position, size, microphone.fit)
            )
            self._give(CaptureBlock(at_sample, samples, reference))

    def _be_silent(self) -> None:
        """As many blocks of silence as the wall clock has passed; after a gap the clock jumps to now."""
        size, rate_hz = self._config.block_samples, self._config.rate_hz
        now = self._anchor[0] + int((time.monotonic() - self._anchor[1]) * rate_hz)
        if now - self._next > rate_hz:
            self._next = now - size
        while self._next + size <= now:
            silence = np.zeros(size, np.float32)
            self._give(CaptureBlock(self._next, silence, silence))

    def _give(self, block: CaptureBlock) -> None:
        self._next = block.at_sample + self._config.block_samples
        self._latest = block
        self._ready.append(block)
