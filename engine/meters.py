"""What a window pulls while a conversation runs: levels for a waveform, marks on it, the memory, counters.

A block of shared memory that the front end owns and the engine's conversation thread writes, lock-free: the writer
never waits, the reader copies and looks whether it was overtaken. Bounded; either side may die. Imports numpy only.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, fields
from multiprocessing.shared_memory import SharedMemory
from types import TracebackType
from typing import Any, Literal, Self, get_args

import numpy as np
from numpy.typing import NDArray

from engine.config import AudioConfig, MemoryConfig
from engine.errors import SottoError

WAVEFORM_S = 60.0
"""How far back the waveform goes."""

BLOCK_MS = AudioConfig().block_ms
"""One column of the waveform."""

RING_BLOCKS = round(WAVEFORM_S * 1000.0 / BLOCK_MS)
MAX_MARKS = 256
MAX_SLOTS = 2 * MemoryConfig().slots
"""Slots of both banks that a snapshot shows."""

MAX_LABEL_BYTES = 96
"""Words of a slot, UTF-8; longer ones are cut."""

MarkKind = Literal["user_started", "user_stopped", "turn", "reply_started", "reply_ended", "interrupted"]
Bank = Literal["semantic", "prosodic"]
MARK_KINDS: tuple[MarkKind, ...] = get_args(MarkKind)
BANKS: tuple[Bank, ...] = get_args(Bank)

_LAYOUT = 1  # raised whenever a field below moves, so that two releases never misread each other
_RETRIES = 8  # a snapshot is written in microseconds: overtaken eight times means a writer that died in it

_SLOT = np.dtype(
    [
        ("bank", np.uint8),
        ("of_user", np.uint8),
        ("age_s", np.float32),
        ("weight", np.float32),
        ("attention", np.float32),
        ("pitch", np.float32),
        ("energy", np.float32),
        ("label", f"S{MAX_LABEL_BYTES}"),
    ],
    align=True,
)
_PLACE = np.dtype(
    [
        ("layout", np.int64),
        ("written", np.int64),  # blocks so far, over all writers
        ("marked", np.int64),  # marks so far
        ("sequence", np.int64),  # of the memory's snapshot: odd while it is being written
        ("taken_ns", np.int64),
        ("slots_used", np.int64),
        ("fading", np.int64),
        ("tau_s", np.float64, (len(BANKS),)),
        ("counters", np.float64, (16,)),
        ("marks", [("block", np.int64), ("kind", np.int64)], (MAX_MARKS,)),
        ("levels", np.float32, (RING_BLOCKS, 2, 3)),  # user, assistant × lowest, highest, rms
        ("slots", _SLOT, (MAX_SLOTS,)),
    ],
    align=True,
)


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened at a block of the waveform."""

    block: int
    kind: MarkKind


@dataclass(frozen=True, slots=True, eq=False)
class Waveform:
    """Blocks from `first_block` on: (N, 3) of lowest and highest sample and rms, -1 to 1, of either side."""

    first_block: int
    user: NDArray[np.float32]
    assistant: NDArray[np.float32]
    marks: tuple[Mark, ...] = ()

    @property
    def end_block(self) -> int:
        """The block after the last one."""
        return self.first_block + len(self.user)


@dataclass(frozen=True, slots=True)
class SlotShown:
    """One slot: how old it is on the speech model's clock, what exp(-age / tau) leaves of it, how much of the last
    reply's attention it had (0 to 1), the words of its clause and who said them. Pitch in octaves about 128 Hz and
    energy in 20 dB about -40 dBFS, as in `engine.memory.prosody`."""

    bank: Bank
    age_s: float
    weight: float
    of_user: bool = False
    attention: float = 0.0
    pitch: float = 0.0
    energy: float = 0.0
    label: str = ""


@dataclass(frozen=True, slots=True)
class MemoryShown:
    """Both banks at one moment. `fading`: the model's clock runs on, so that weights fall until the next snapshot."""

    slots: tuple[SlotShown, ...] = ()
    semantic_tau_s: float = MemoryConfig().semantic_tau_s
    prosodic_tau_s: float = MemoryConfig().prosodic_tau_s
    fading: bool = False
    taken_ns: int = 0

    def tau_s(self, bank: Bank) -> float:
        """The time constant of a bank."""
        return self.semantic_tau_s if bank == "semantic" else self.prosodic_tau_s


@dataclass(frozen=True, slots=True)
class Counters:
    """Totals since the memory was made, and gauges: the last value of each."""

    underruns: float = 0.0
    input_overflows: float = 0.0
    lost_input_samples: float = 0.0
    recogniser_restarts: float = 0.0
    pregenerated: float = 0.0
    pregeneration_hits: float = 0.0
    real_time_factor: float = 0.0
    user_dbfs: float = -120.0
    noise_dbfs: float = -120.0


COUNTERS = tuple(item.name for item in fields(Counters))


class MeterReader:
    """The front end's side: makes the memory, hands its `name` to the engine, pulls. Any one thread; a context manager.

    The engine may come, die and come again: the waveform goes on. Raises SottoError where no memory can be had.
    """

    def __init__(self) -> None:
        try:
            self._memory = SharedMemory(create=True, size=_PLACE.itemsize)
        except OSError as error:
            raise SottoError(
                f"No shared memory could be had for the meters ({error.strerror}); close other programs."
            ) from error
        self._place: Any = np.ndarray((), _PLACE, self._memory.buf)
        self._place["layout"] = _LAYOUT
        self._place["tau_s"] = MemoryConfig().semantic_tau_s, MemoryConfig().prosodic_tau_s
        self._place["counters"][: len(COUNTERS)] = [getattr(Counters(), name) for name in COUNTERS]
        self._last_memory = MemoryShown()
        self._last_sequence = -1

    @property
    def name(self) -> str:
        """What a MeterWriter opens, in a process that this one started."""
        return self._memory.name

    @property
    def written_blocks(self) -> int:
        """Blocks so far; a waveform that stands still needs no painting."""
        return int(self._place["written"])

    def waveform(self, seconds: float = WAVEFORM_S) -> Waveform:
        """The last seconds, at most WAVEFORM_S: copies, fewer blocks where fewer were written."""
        end = self.written_blocks
        first = max(0, end - min(RING_BLOCKS, round(seconds * 1000.0 / BLOCK_MS)))
        levels = np.take(self._place["levels"], np.arange(first, end) % RING_BLOCKS, axis=0)
        # what the writer reached meanwhile, and the block it may be in, is newer than its place says
        overtaken = max(0, self.written_blocks + 1 - RING_BLOCKS - first)
        levels, first = levels[overtaken:], first + overtaken
        return Waveform(first, levels[:, 0], levels[:, 1], self._marks_since(first))

    def _marks_since(self, block: int) -> tuple[Mark, ...]:
        marked = int(self._place["marked"])
        marks = self._place["marks"].copy()
        first = max(0, marked - MAX_MARKS + 1)  # the oldest may be under the writer's hand
        rows = [marks[number % MAX_MARKS] for number in range(first, marked)]
        return tuple(Mark(int(r["block"]), MARK_KINDS[int(r["kind"])]) for r in rows if r["block"] >= block)

    def memory(self) -> MemoryShown:
        """The last whole snapshot."""
        for _ in range(_RETRIES):
            before = int(self._place["sequence"])
            if before == self._last_sequence:
                break
            if before % 2:
                continue
            slots = self._place["slots"][: int(self._place["slots_used"])].copy()
            taus = [float(tau) for tau in self._place["tau_s"]]
            fading, taken_ns = bool(self._place["fading"]), int(self._place["taken_ns"])
            if before == int(self._place["sequence"]):
                shown = MemoryShown(tuple(_slot(row) for row in slots), taus[0], taus[1], fading, taken_ns)
                self._last_memory, self._last_sequence = shown, before
                break
        return self._last_memory

    def counters(self) -> Counters:
        """Every counter."""
        return Counters(
            **{name: float(value) for name, value in zip(COUNTERS, self._place["counters"], strict=False)}
        )

    def close(self) -> None:
        """Give the memory back; a writer that still holds it writes on unseen. Harmless twice."""
        if self._place is not None:
            self._place = None  # numpy's view must be gone before the memory can be closed
            self._memory.close()
            self._memory.unlink()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class MeterWriter:
    """The engine's side, on the conversation's thread only. Takes some ten microseconds a block and never waits."""

    def __init__(self, name: str) -> None:
        """Opens the memory of a MeterReader. Raises SottoError where it is gone or of another release."""
        try:
            # It lies with one resource tracker already: that of the front end, which started this process.
            self._memory = SharedMemory(name)
        except OSError as error:
            raise SottoError(
                f"The meters' shared memory {name!r} cannot be opened ({error.strerror}); start Sotto again."
            ) from error
        place: Any = (
            np.ndarray((), _PLACE, self._memory.buf) if self._memory.size >= _PLACE.itemsize else None
        )
        if place is None or place["layout"] != _LAYOUT:
            place = None
            self._memory.close()
            raise SottoError("The meters' shared memory is of another release of Sotto; start Sotto again.")
        self._place: Any = place
        self._levels: NDArray[np.float32] = place["levels"]
        self._written = int(place["written"])
        self._marked = int(place["marked"])
        self._sequence = (int(place["sequence"]) + 1) // 2 * 2  # a writer that died in a snapshot left it odd
        self._columns = {name: number for number, name in enumerate(COUNTERS)}

    def block(self, user: NDArray[np.float32], assistant: NDArray[np.float32]) -> None:
        """One block of BLOCK_MS: what the microphone gave and what the loudspeaker played, (S,) float32 each."""
        row = self._levels[self._written % RING_BLOCKS]
        for side, samples in enumerate((user, assistant)):
            if len(samples):
                row[side] = samples.min(), samples.max(), np.sqrt(np.dot(samples, samples) / len(samples))
            else:
                row[side] = 0.0
        self._written += 1
        self._place["written"] = self._written  # last: what the reader counts is there

    def mark(self, kind: MarkKind) -> None:
        """Something happens at the block that comes next."""
        self._place["marks"][self._marked % MAX_MARKS] = self._written, MARK_KINDS.index(kind)
        self._marked += 1
        self._place["marked"] = self._marked

    def memory(self, shown: MemoryShown) -> None:
        """Both banks, newest slots first where there are more than MAX_SLOTS; `taken_ns` is set here."""
        rows = np.zeros(min(len(shown.slots), MAX_SLOTS), _SLOT)
        for row, slot in zip(rows, shown.slots, strict=False):
            row["bank"], row["of_user"] = BANKS.index(slot.bank), slot.of_user
            row["age_s"], row["weight"], row["attention"] = slot.age_s, slot.weight, slot.attention
            row["pitch"], row["energy"], row["label"] = slot.pitch, slot.energy, _cut(slot.label)
        self._place["sequence"] = self._sequence + 1
        self._place["slots"][: len(rows)] = rows
        self._place["slots_used"] = len(rows)
        self._place["tau_s"] = shown.semantic_tau_s, shown.prosodic_tau_s
        self._place["fading"], self._place["taken_ns"] = shown.fading, time.monotonic_ns()
        self._sequence += 2
        self._place["sequence"] = self._sequence

    def count(self, name: str, by: float = 1.0) -> None:
        """Raise a total of Counters."""
        self._place["counters"][self._columns[name]] += by

    def gauge(self, name: str, value: float) -> None:
        """Set a value of Counters."""
        self._place["counters"][self._columns[name]] = value

    def close(self) -> None:
        """Let go of the memory, which is the reader's. Harmless twice."""
        if self._place is not None:
            del self._levels
            self._place = None
            self._memory.close()


def _slot(row: Any) -> SlotShown:
    return SlotShown(
        bank=BANKS[int(row["bank"])],
        age_s=float(row["age_s"]),
        weight=float(row["weight"]),
        of_user=bool(row["of_user"]),
        attention=float(row["attention"]),
        pitch=float(row["pitch"]),
        energy=float(row["energy"]),
        label=bytes(row["label"]).decode("utf-8", "ignore"),
    )


def _cut(label: str) -> bytes:
    """UTF-8 that fits; a sign cut in half goes with the rest."""
    return label.encode()[:MAX_LABEL_BYTES].decode("utf-8", "ignore").encode()
