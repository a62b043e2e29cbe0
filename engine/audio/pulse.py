"""PulseAudio (or PipeWire in its place): which devices there are, and on which of them our streams lie.

PortAudio sees one device, `pulse`, behind which the server moves streams silently; here they are watched and put where
they belong. The watch has a thread of its own, since a server that hangs makes every question to it hang. Linux only.
"""

from __future__ import annotations

import os
import sys
import threading
from dataclasses import dataclass
from typing import Any

from engine.audio.choice import Direction, SoundDevice, choose

HOST_API = "PulseAudio"

LIST_S = 1.0
"""A server that does not answer within this time is none, for a list of devices."""

LOOK_S = 0.2
"""Time between two looks: a move is told and undone well within a second."""

DUMMY = "auto_null"
"""The sink that a server makes when it has none."""


@dataclass(frozen=True, slots=True)
class PulseView:
    """What the server showed at the last look. `input` and `output`: the devices our streams belong on, None where
    there is none. Where `reachable` is False the rest says nothing."""

    reachable: bool = False
    input: SoundDevice | None = None
    output: SoundDevice | None = None

    def device(self, direction: Direction) -> SoundDevice | None:
        """The device of one direction."""
        return self.input if direction == "input" else self.output


def _connect() -> Any | None:
    """A connected pulsectl object, or None where no server answers or its library is missing. Blocks as long as the
    server thinks: pulsectl's own time-out is always waited for whole."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        import pulsectl
    except OSError:  # libpulse is missing: PortAudio's own devices are used
        return None
    pulse = pulsectl.Pulse("sotto", connect=False)
    try:
        pulse.connect(autospawn=False)
    except pulsectl.PulseError:
        pulse.close()
        return None
    return pulse


def _devices(pulse: Any, direction: Direction) -> tuple[tuple[int, SoundDevice], ...]:
    """The server's devices with its numbers for them."""
    server = pulse.server_info()
    default = server.default_source_name if direction == "input" else server.default_sink_name
    found = pulse.source_list() if direction == "input" else pulse.sink_list()
    return tuple(
        (
            each.index,
            SoundDevice(
                direction,
                name=each.description or each.name,
                host_api=HOST_API,
                key=each.name,
                is_default=each.name == default,
                is_real=_is_real(each, direction),
            ),
        )
        for each in found
    )


def _is_real(device: Any, direction: Direction) -> bool:
    if direction == "output":
        return bool(device.name != DUMMY)
    return not device.name.endswith(".monitor")


def pulse_devices(direction: Direction) -> tuple[SoundDevice, ...] | None:
    """The real devices of the server; None where no server answers within LIST_S."""
    found: list[tuple[SoundDevice, ...]] = []

    def ask() -> None:
        pulse = _connect()
        if pulse is not None:
            with pulse:
                found.append(tuple(device for _, device in _devices(pulse, direction) if device.is_real))

    thread = threading.Thread(target=ask, name="sotto-pulse-list", daemon=True)
    thread.start()
    thread.join(LIST_S)
    return found[0] if found else None


class PulseWatch:
    """Looks every LOOK_S and moves this process's streams onto the devices that are wanted (None: the default)."""

    def __init__(self, wanted: dict[Direction, str | None]) -> None:
        self._wanted = wanted
        self._stop = threading.Event()
        self._looked = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sotto-pulse", daemon=True)
        self.view = PulseView()
        """The latest look; replaced whole."""

    def want(self, direction: Direction, device: str | None) -> None:
        """Our streams belong elsewhere from the next look on."""
        self._wanted[direction] = device

    def start(self, patience_s: float) -> None:
        """Begin; returns after the first look, or after `patience_s` at the latest."""
        self._thread.start()
        self._looked.wait(patience_s)

    def stop(self, patience_s: float) -> None:
        """End. A server that hangs keeps the thread, which ends with it."""
        self._stop.set()
        self._thread.join(patience_s)

    def _run(self) -> None:
        pulse = None
        try:
            while not self._stop.is_set():
                pulse = pulse or _connect()
                if pulse is not None and not self._look(pulse):
                    pulse.close()
                    pulse = None
                if pulse is None:
                    self.view = PulseView()
                self._looked.set()
                self._stop.wait(LOOK_S)
        finally:
            if pulse is not None:
                pulse.close()

    def _look(self, pulse: Any) -> bool:
        """One look; False where the server has gone."""
        import pulsectl

        try:
            self.view = PulseView(True, self._place(pulse, "input"), self._place(pulse, "output"))
        except pulsectl.PulseOperationFailed:
            return bool(
                pulse.connected
            )  # a device or stream went between two questions: the next look sees it
        except pulsectl.PulseError:
            return False
        return True

    def _place(self, pulse: Any, direction: Direction) -> SoundDevice | None:
        """Put our streams where they belong; gives the device."""
        devices = _devices(pulse, direction)
        target = choose([device for _, device in devices], self._wanted[direction])
        if target is None:
            return None
        index = next(index for index, device in devices if device.key == target.key)
        streams = pulse.source_output_list() if direction == "input" else pulse.sink_input_list()
        for stream in streams:
            if stream.proplist.get("application.process.id") != str(os.getpid()):
                continue
            if (stream.source if direction == "input" else stream.sink) == index:
                continue
            if direction == "input":
                pulse.source_output_move(stream.index, index)
            else:
                pulse.sink_input_move(stream.index, index)
        return target
