"""The numbers behind the panels: columns of a waveform, fading weights, percentiles of delays, a report to copy.

Pure; of Qt it knows `app.desktop.language` alone.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from app.desktop.language import figure, tr
from app.desktop.phrase import tr_later
from app.desktop.view import Latency, ViewState
from engine.meters import Counters, MemoryShown, SlotShown

PARTS = ("eot", "recognition", "dialogue", "speech", "leading_silence", "output")
PART_NAMES = {
    "eot": tr_later("end of turn"),
    "recognition": tr_later("recognition"),
    "dialogue": tr_later("dialogue"),
    "speech": tr_later("speech"),
    "leading_silence": tr_later("leading silence"),
    "output": tr_later("output"),
}


def columns(
    levels: NDArray[np.float32], first_block: int, blocks_a_column: int
) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.float32]]:
    """Lowest and highest of every `blocks_a_column` blocks of `levels` (N, 3), and the block that each begins at.

    Columns stand on whole multiples of their width, so that a waveform that scrolls does not flicker.
    """
    skipped = -first_block % blocks_a_column
    kept = levels[skipped:]
    whole = len(kept) // blocks_a_column
    grid = kept[: whole * blocks_a_column].reshape(whole, blocks_a_column, 3)
    starts = first_block + skipped + blocks_a_column * np.arange(whole, dtype=np.int64)
    return starts, grid[:, :, 0].min(axis=1), grid[:, :, 1].max(axis=1)


def faded(memory: MemoryShown, now_ns: int | None = None) -> tuple[SlotShown, ...]:
    """The slots as they are now, heaviest first in each bank: where the model's clock runs on, they fade further."""
    now = time.monotonic_ns() if now_ns is None else now_ns
    since_s = max(0.0, (now - memory.taken_ns) / 1e9) if memory.fading else 0.0
    later = [
        SlotShown(
            bank=slot.bank,
            age_s=slot.age_s + since_s,
            weight=slot.weight * math.exp(-since_s / memory.tau_s(slot.bank)),
            of_user=slot.of_user,
            attention=slot.attention,
            pitch=slot.pitch,
            energy=slot.energy,
            label=slot.label,
        )
        for slot in memory.slots
    ]
    return tuple(sorted(later, key=lambda slot: (slot.bank == "prosodic", -slot.weight)))


def percentile(values: Sequence[float], percent: float) -> float:
    """A percentile; not a number where there is no value."""
    return float(np.percentile(values, percent)) if values else math.nan


def totals(latencies: Sequence[Latency]) -> list[float]:
    """Voice to voice of the turns, ms."""
    return [turn.total_ms for turn in latencies]


def parts_of(turn: Latency) -> list[tuple[str, float]]:
    """The parts that the user waited for, in the order of time, then any that this release does not know."""
    known = dict(turn.breakdown_ms)
    order = [*PARTS, *(name for name in known if name not in PARTS)]
    return [(name, known[name]) for name in order if known.get(name, 0.0) > 0.0]


_Number = Callable[[float, int], str]
"""Writes a number with so many decimals."""


def milliseconds(value: float, number: _Number = figure) -> str:
    """For people: whole milliseconds, seconds from ten on, a dash for nothing."""
    if math.isnan(value):
        return "–"
    return f"{number(value, 0)} ms" if value < 10_000 else f"{number(value / 1000, 1)} s"


def part_name(part: str) -> str:
    """A part of a delay as people call it."""
    return tr(PART_NAMES.get(part, part))


def latency_summary(state: ViewState, counters: Counters) -> list[tuple[str, str]]:
    """Names and values of what the latency panel says in words."""
    return _summary(state, counters, tr, figure)


def _summary(
    state: ViewState, counters: Counters, say: Callable[..., str], number: _Number
) -> list[tuple[str, str]]:
    """The same in the language and with the numbers of these two."""
    times = totals(state.latencies)
    begun = sum(turn.made_ahead for turn in state.latencies)
    counted = say(tr_later("{count} of {all}"), count=begun, all=len(times)) if times else "–"
    rows = [
        (say(tr_later("Median")), milliseconds(percentile(times, 50), number)),
        (say(tr_later("95th percentile")), milliseconds(percentile(times, 95), number)),
        (say(tr_later("Answers begun ahead")), counted),
    ]
    factor = counters.real_time_factor or (state.figures.rtf if state.figures else 0.0)
    rows.append((say(tr_later("Real-time factor")), number(factor, 2) if factor else "–"))
    underruns = counters.underruns or (state.figures.underruns if state.figures else 0)
    rows.append((say(tr_later("Underruns")), number(underruns, 0)))
    both = say(tr_later("{runtime} on {device}"), runtime=state.runtime, device=state.device)
    runs = both if state.runtime and state.device else state.runtime or state.device
    rows.append((say(tr_later("Runs with")), runs or "–"))
    return rows


def _english(source: str, **values: object) -> str:
    return source.format(**values)


def _english_number(value: float, places: int) -> str:
    return f"{value:.{places}f}"


def latency_report(state: ViewState, counters: Counters) -> str:
    """The whole of it as English text, for whoever is to look into it: no word of the conversation is in it."""
    lines = [f"{name}: {value}" for name, value in _summary(state, counters, _english, _english_number)]
    lines.append(f"Voice: {state.voice or '–'}")
    lines.append(
        f"Lost input samples: {counters.lost_input_samples:.0f}, input overflows: {counters.input_overflows:.0f}, "
        f"recogniser restarts: {counters.recogniser_restarts:.0f}"
    )
    for number, turn in enumerate(state.latencies, 1):
        parts = ", ".join(f"{PART_NAMES.get(name, name)} {ms:.0f}" for name, ms in parts_of(turn))
        ahead = ", ".join(f"{name} {ms:.0f}" for name, ms in turn.ahead_ms)
        measured = milliseconds(turn.total_ms, _english_number)
        lines.append(f"Turn {number}: {measured} ({parts}){f'; ahead: {ahead}' if ahead else ''}")
    return "\n".join(lines)
