"""Keeps the two streams of a conversation open: opens them, sees them die or stall, says so, opens them again.

Runs on a thread of its own, since opening and closing may take long where a sound system hangs: what is lost is told
before anything is tried. Knows no conversation; the reader takes `input` and `output` as they are.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from engine.audio.choice import WHAT, Direction, SoundDevice, choose
from engine.audio.duplex import DeviceNotice
from engine.audio.playback import Playback
from engine.audio.portaudio import AudioDevice, SoundDeviceError, devices_of, refresh
from engine.audio.pulse import PulseWatch
from engine.audio.streams import OpenInput, OpenOutput
from engine.audio.suspension import Clocks, clocks_now, in_words, slept_s
from engine.config import AudioConfig

TICK_S = 0.05
STALL_S = 0.8
"""Without a callback for so long a stream is lost; they come in bursts, up to 0.15 s apart on a busy machine."""

PROOF_S = 0.2
"""What a loudspeaker has to take before it counts as one that plays: a suspended one takes its first buffer too."""

PATIENCE_S = 2.0
"""A stream that was opened and gives no callback is opened anew after this time."""

RETRY_S = 0.3
"""Time between two attempts to open."""

GRACE_S = 2.0
"""A response waits so long for its loudspeaker; then it takes its course unheard, and can be read."""

RESUME_S = 6.0
"""After the machine slept its devices may take so long to come back before they count as lost."""

REFRESH_S = 5.0
"""With one stream open and the other missing, PortAudio's list is renewed at most so often, and not during sound:
it needs both streams closed."""

START_S = 3.0
"""What `start` waits for the first sign of life of both devices."""

MENDS = {
    "input": "Check that it is connected and switched on; Sotto goes on when it is back, and you can type meanwhile.",
    "output": "Check that it is connected and switched on; Sotto goes on when it is back, and answers can be read"
    " meanwhile.",
}

OpenT = TypeVar("OpenT", OpenInput, OpenOutput)


@dataclass(slots=True)
class Side(Generic[OpenT]):
    """One direction. `opened` is what callbacks run for; `live` once they come; `missing` once that was told."""

    direction: Direction
    wanted: str | None
    opened: OpenT | None = None
    live: bool = False
    missing: bool = False
    callbacks: int = 0
    progress_s: float = 0.0
    next_try_s: float = 0.0
    used: SoundDevice | None = None
    reason: str = ""
    lost_s: float = 0.0
    rewanted: bool = False
    """The user chose another device, and the stream does not lie on it yet."""

    @property
    def name(self) -> str:
        """The label of the device that is, or was last, in use."""
        return "" if self.used is None else self.used.label

    @property
    def what(self) -> str:
        """The microphone or the loudspeaker."""
        return WHAT[self.direction]


class Keeper:
    """Both sides of a conversation's sound. `notices` grows at its end; whoever reads takes from its beginning."""

    def __init__(
        self,
        config: AudioConfig,
        playback: Playback,
        input_device: str | None,
        output_device: str | None,
        clocks: Callable[[], Clocks] = clocks_now,
    ) -> None:
        self._config, self._playback = config, playback
        self.input: Side[OpenInput] = Side("input", input_device)
        self.output: Side[OpenOutput] = Side("output", output_device)
        self.notices: deque[DeviceNotice] = deque(maxlen=256)
        self._pulse = PulseWatch({"input": input_device, "output": output_device})
        self._stop = threading.Event()
        self._tried = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sotto-devices", daemon=True)
        self._silence = np.zeros(config.block_samples, np.float32)
        self._unheard_s: float | None = None
        self._next_refresh_s = 0.0
        self._clocks, self._looked = clocks, clocks()
        self._patient_until_s = 0.0
        self._closing: list[threading.Thread] = []
        self._stale = True  # PortAudio's list may be older than the devices

    def start(self) -> None:
        """Begin; returns when both sides are live or were found missing, or after START_S."""
        self._looked = self._clocks()  # a voice may have been loaded since this was made, which was no sleep
        self._thread.start()
        self._tried.wait(START_S)

    def want(self, direction: Direction, device: str | None) -> None:
        """Another device (None: the system's default), from the next look on. From any thread."""
        side: Side[OpenInput] | Side[OpenOutput] = self.input if direction == "input" else self.output
        if device != side.wanted:
            side.wanted = device
            self._pulse.want(direction, device)
            side.rewanted = True

    def stop(self) -> None:
        """Close both streams and end. A sound system that hangs keeps the thread, which is no one's concern then."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(START_S)

    def _run(self) -> None:
        self._pulse.start(START_S / 2)
        try:
            while not self._stop.is_set():
                self._tick(time.monotonic())
                self._stop.wait(TICK_S)
        finally:
            for side in (self.input, self.output):
                self._close(side)
            for thread in self._closing:
                thread.join(START_S / 2)
            self._pulse.stop(START_S / 2)

    def _tick(self, now_s: float) -> None:
        self._notice_sleep(now_s)
        for side in (self.input, self.output):
            self._watch(side, now_s)
        for side in (self.input, self.output):
            self._closing = [thread for thread in self._closing if thread.is_alive()]
            if side.opened is None and now_s >= side.next_try_s and not self._closing:
                self._try(side, now_s)
        self._play_unheard(now_s)
        if all(side.live or side.missing for side in (self.input, self.output)):
            self._tried.set()

    def _notice_sleep(self, now_s: float) -> None:
        """After a sleep streams are dead or stall for a while: they are opened anew without a word of loss."""
        before, self._looked = self._looked, self._clocks()
        slept = slept_s(before, self._looked)
        if not slept:
            return
        self._patient_until_s = now_s + RESUME_S
        self._stale = True
        for side in (self.input, self.output):
            side.progress_s = now_s
        sentence = f"The machine slept for {in_words(slept)}; the conversation goes on."
        self.notices.append(DeviceNotice("both", "changed", sentence))

    def _watch(self, side: Side[OpenInput] | Side[OpenOutput], now_s: float) -> None:
        opened = side.opened
        if opened is None:
            return
        if side.rewanted and side.live:
            # A sound server moves the stream; without one another stream has to be opened.
            if not self._pulse.view.reachable:
                self._close(side)
                side.next_try_s = now_s
                return
            side.rewanted = False
        target = self._pulse.view.device(side.direction)
        if self._pulse.view.reachable and target is None:
            self._lose(side, f"There is no {side.what} any more.", now_s)
        elif not opened.is_active:
            self._lose(side, f"The {side.what} {side.name} has gone.", now_s)
        elif opened.track.callbacks != side.callbacks:
            side.callbacks, side.progress_s = opened.track.callbacks, now_s
            if side.live and target is not None and target != side.used:
                self._moved(side, target)
            elif not side.live and self._is_proven(opened):
                self._revive(side)
        elif side.live and now_s - side.progress_s > STALL_S:
            verb = "gives" if side.direction == "input" else "takes"
            self._lose(side, f"The {side.what} {side.name} {verb} no sound any more.", now_s)
        elif not side.live and now_s - side.progress_s > PATIENCE_S:
            self._miss(side, f"The {side.what} {side.name} does not answer.", now_s)

    def _is_proven(self, opened: OpenInput | OpenOutput) -> bool:
        return isinstance(opened, OpenInput) or opened.track.position >= PROOF_S * opened.rate_hz

    def _revive(self, side: Side[OpenInput] | Side[OpenOutput]) -> None:
        """The first callback of a stream."""
        side.live = True
        if isinstance(side.opened, OpenOutput):
            self._unheard_s = None
            side.opened.live = True
        if side.missing:
            side.missing = False
            self._tell(side, "recovered", f"The {side.what} is {side.name} again.", "")
        elif side.rewanted or not _is_wanted(side):
            self._tell_used(side)
        side.rewanted = False

    def _moved(self, side: Side[OpenInput] | Side[OpenOutput], target: SoundDevice) -> None:
        before, side.used = side.used, target
        if before is None or target.key != before.key:
            self._tell_used(side)

    def _tell_used(self, side: Side[OpenInput] | Side[OpenOutput]) -> None:
        """Which device it is now, and where that is not the one that was chosen."""
        if _is_wanted(side):
            self._tell(side, "changed", f"The {side.what} is now {side.name}.", "")
            return
        sentence = f"The {side.what} {side.wanted} is not there; {side.name} is used until it is."
        self._tell(side, "changed", sentence, "Connect it, or choose another one in the settings.")

    def _lose(self, side: Side[OpenInput] | Side[OpenOutput], sentence: str, now_s: float) -> None:
        """Tell first, since closing may hang."""
        if not side.missing and now_s >= self._patient_until_s:
            self._tell(side, "lost", sentence, MENDS[side.direction])
            side.missing = True
        side.lost_s = now_s
        self._stale = True
        self._close(side)
        side.next_try_s = now_s

    def _miss(self, side: Side[OpenInput] | Side[OpenOutput], sentence: str, now_s: float) -> None:
        """It could not be opened, or gives no sign of life."""
        if not side.missing and now_s >= self._patient_until_s:
            side.missing = True
            self._tell(side, "lost", sentence, MENDS[side.direction])
        self._close(side)
        side.next_try_s = now_s + RETRY_S

    def _close(self, side: Side[OpenInput] | Side[OpenOutput]) -> None:
        """Give a device back, beside this thread: with a server that hangs it takes for ever, and the other side is
        to be watched. PortAudio is asked to open nothing meanwhile."""
        opened, side.opened, side.live = side.opened, None, False
        if opened is not None:
            thread = threading.Thread(target=opened.close, name="sotto-closing", daemon=True)
            thread.start()
            self._closing.append(thread)

    def _try(self, side: Side[OpenInput] | Side[OpenOutput], now_s: float) -> None:
        try:
            if not self._list_is_fresh(now_s):
                return
            device = self._device(side)
            if device is None:
                self._miss(side, f"There is no {side.what}.", now_s)
                return
            if side.direction == "input":
                opened: OpenInput | OpenOutput = OpenInput(device, self._config)
            else:
                opened = OpenOutput(device, self._config, self._playback)
            opened.start()
        except SoundDeviceError as error:
            side.reason = str(error)
            self._miss(side, str(error), now_s)
            return
        target = self._pulse.view.device(side.direction)
        side.used = as_sound_device(side.direction, device) if target is None else target
        side.callbacks, side.progress_s, side.live = 0, now_s, False
        side.opened = opened

    def _list_is_fresh(self, now_s: float) -> bool:
        """Make PortAudio look again where its list may be old and nothing stands against it; False: not yet."""
        if self.input.opened is None and self.output.opened is None:
            if self._stale:
                self._stale = not refresh()
            return True
        if self._pulse.view.reachable or now_s < self._next_refresh_s or self._playback.position.sounding:
            return True
        self._next_refresh_s = now_s + REFRESH_S
        self._stale = True
        for side in (self.input, self.output):
            self._close(side)
            side.next_try_s = now_s
        return False

    def _device(self, side: Side[OpenInput] | Side[OpenOutput]) -> AudioDevice | None:
        """What PortAudio shall open: its way to the sound server where there is one, else the wanted device."""
        found = devices_of(side.direction)
        view = self._pulse.view
        if view.reachable:
            if view.device(side.direction) is None:
                return None
            for name in ("pulse", "pipewire", "default"):
                if (device := next((each for each in found if each.name == name), None)) is not None:
                    return device
        self._stale = self._stale or not found
        named = [as_sound_device(side.direction, device) for device in found]
        chosen = choose(named, side.wanted)
        return None if chosen is None else found[named.index(chosen)]

    def _play_unheard(self, now_s: float) -> None:
        """Without a loudspeaker a response takes its course in its own time, so that no one waits for it for ever."""
        if self.output.live or not self.output.missing or now_s - self.output.lost_s < GRACE_S:
            self._unheard_s = None
            return
        block_s = self._config.block_ms / 1000.0
        self._unheard_s = now_s if self._unheard_s is None else self._unheard_s
        while self._unheard_s + block_s <= now_s:
            self._playback.render(self._silence, audible=False)
            self._unheard_s += block_s

    def _tell(self, side: Side[OpenInput] | Side[OpenOutput], kind: str, message: str, mend: str) -> None:
        self.notices.append(DeviceNotice(side.direction, kind, message, mend))  # type: ignore[arg-type]


def _is_wanted(side: Side[OpenInput] | Side[OpenOutput]) -> bool:
    return side.wanted is None or side.used is None or side.used.answers_to(side.wanted)


def as_sound_device(direction: Direction, device: AudioDevice) -> SoundDevice:
    """PortAudio's device as a choice."""
    return SoundDevice(direction, device.name, device.host_api, device.name, device.is_default)
