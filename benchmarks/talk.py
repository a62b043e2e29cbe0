"""Voice to voice on a virtual sound card: the last voiced sample of the user to the first audible one of the reply.

One rig stream speaks and records; its own delay is taken off. The engine is a whole one, in its own process, as users
have it. What it says of its delays is checked against the recording.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from benchmarks.bench_figures import percentiles
from benchmarks.conversations import AUDIBLE, Talker, as_it_comes, conversing
from benchmarks.duplex_rig import RATE_HZ, Rig, rig_delay
from benchmarks.user_lines import PEOPLE, Line, lines
from benchmarks.virtual_card import virtual_card
from engine.commands import StartConversation

REPLY_WITHIN_S = 12.0
QUIET_S = 1.0
Noted = TypeVar("Noted")


def measure(turns: int, voice: str | None, human: Path | None = None) -> dict[str, Any]:
    """So many turns; `human` is a folder of people's recordings."""
    return _figures(*take_turns(lines(turns, human), voice, lambda result, talker: result))


@dataclass(frozen=True)
class Result:
    """A line, its delay from its end to the first audible sample of the reply (None: none came), and its turn."""

    line: Line
    v2v_ms: float | None
    turn: int


def take_turns(
    said: list[Line],
    voice: str | None,
    note: Callable[[Result, Talker], Noted],
    set_up: Callable[[Path], None] = as_it_comes,
) -> tuple[list[Noted], Talker, int, int]:
    """What `note` makes of each turn as it is over, who was talked to, the rig's delay in samples, and its troubles."""
    with virtual_card():
        delay = rig_delay()
        with conversing(StartConversation(voice=voice), set_up) as talker:
            longest_s = 10.0 + sum(len(line.samples) / RATE_HZ + REPLY_WITHIN_S + 8.0 for line in said)
            with Rig(longest_s) as rig:
                rig.wait_until(2 * RATE_HZ)
                noted = [note(_take_turn(rig, talker, line, delay), talker) for line in said]
                return noted, talker, delay, rig.troubles


def _take_turn(rig: Rig, talker: Talker, line: Line, delay: int) -> Result:
    """Say a line, and wait until its reply has been heard and it is quiet again."""
    before = max((event.turn_id for event in talker.events), default=0)
    at = rig.say(line.samples)
    ended = at + line.end_sample
    deadline = ended + round(REPLY_WITHIN_S * RATE_HZ)
    rig.wait_until(ended)
    reply: int | None = None
    while reply is None and rig.place < deadline:
        rig.wait_until(rig.place + RATE_HZ // 10)
        loud = np.flatnonzero(np.abs(rig.heard(at + delay)) > AUDIBLE)
        reply = at + int(loud[0]) if len(loud) else None
    quiet = round(QUIET_S * RATE_HZ)
    while np.abs(rig.heard(rig.place - quiet)).max() > AUDIBLE or talker.state not in ("listening", "asleep"):
        if rig.place > deadline + 20 * RATE_HZ:
            break
        rig.wait_until(rig.place + RATE_HZ // 10)
    turns = {event.turn_id for event in talker.events if event.turn_id > before}
    v2v_ms = None if reply is None else 1000.0 * (reply - ended) / RATE_HZ
    return Result(line, v2v_ms, min(turns, default=0))


def _figures(results: list[Result], talker: Talker, delay: int, troubles: int) -> dict[str, Any]:
    figures: dict[str, Any] = {
        "turns": len(results),
        "people": sum(result.line.voice in PEOPLE for result in results),
        "answered": sum(result.v2v_ms is not None for result in results),
        "too_early": sum((result.v2v_ms or 1.0) < 0.0 for result in results),
        "rig_delay_ms": round(1000.0 * delay / RATE_HZ, 2),
        "rig_troubles": troubles,
    }
    for kind in ("command", "open"):
        values = [r.v2v_ms for r in results if r.line.kind == kind and r.v2v_ms is not None]
        if values:
            figures[f"{kind}_v2v_ms"] = percentiles(values)
    told = [talker.seen.turn(result.turn) for result in results if result.turn]
    parts = [turn.breakdown_ms for turn in told if turn.breakdown_ms]
    figures["breakdown_ms"] = {
        name: percentiles([part[name] for part in parts]) for name in (parts[0] if parts else ())
    }
    errors_ms = [
        talker.seen.turn(result.turn).v2v_ms - result.v2v_ms  # type: ignore[operator]
        for result in results
        if result.v2v_ms is not None and talker.seen.turn(result.turn).v2v_ms is not None
    ]
    figures["told_less_measured_ms"] = percentiles(errors_ms) if errors_ms else {}
    saved = [turn.saved_ms for turn in told if turn.made_ahead]
    ended = talker.seen.ended
    figures["made_ahead"] = {
        "hit_rate": round(len(saved) / max(1, len(told)), 3),
        "saved_ms": percentiles(saved) if saved else {},
        "made": ended.made_ahead if ended else 0,
        "used": ended.used_ahead if ended else 0,
        "wasted_share": round(ended.wasted_ms / max(1.0, ended.wasted_ms + ended.computed_ms), 3)
        if ended
        else 0,
    }
    right = [talker.seen.turn(r.turn).user_text.lower() == r.line.words.lower() for r in results]
    figures["understood"] = round(float(np.mean(right)), 3)
    figures["errors"] = sorted(set(talker.errors))
    figures["each"] = [_told(result, talker) for result in results]
    return figures


def _told(result: Result, talker: Talker) -> dict[str, Any]:
    """One turn, to look into."""
    turn = talker.seen.turn(result.turn)
    return {
        "words": result.line.words,
        "heard": turn.user_text,
        "voice": result.line.voice,
        "noisy": result.line.noisy,
        "v2v_ms": None if result.v2v_ms is None else round(result.v2v_ms, 1),
        "breakdown_ms": turn.breakdown_ms,
        "made_ahead": turn.made_ahead,
    }
