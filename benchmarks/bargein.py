"""`python -m benchmarks.bargein [--json] [--recall N] [--echo-minutes N] [--interjections N]`: barge-in, simulated.

A loudspeaker and a person in rooms that do not exist (`benchmarks.rooms`), the real ears, a playback that is lowered
and paused as the session does it. Each part prints its figures beside its bars. Main thread of a process of its own.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.room_speech import (
    BACKCHANNELS,
    INTERRUPTIONS,
    REPLIES,
    Array,
    at_level,
    cough,
    people,
    said,
)
from benchmarks.room_talk import RoomTalk, TurnModel
from benchmarks.rooms import Room
from benchmarks.telling import tell
from engine.config import AudioConfig

USER_DBFS = -26.0
"""The person at the microphone, while speaking."""

LEVELS_DB = {"as_loud": 0.0, "louder_12db": 12.0}
"""The loudspeaker over the person, both at the microphone."""

FIRST_ROOM = {"tuning": 1000, "reporting": 500_000}
"""Rooms that were listened to while the ears were made, and rooms that were not."""

SPEAKERS = {"tuning": ("slt", "kal16"), "reporting": ("awb", "kal16", "people")}

INTERRUPTIONS_A_ROOM = 4
RECALLED_WITHIN_S = 1.0
"""The assistant must be silent so soon for an interruption to count as noticed."""

ECHO_ROOM_MINUTES = 3.0


@dataclasses.dataclass(frozen=True, slots=True)
class Setting:
    """Which rooms and which people."""

    rooms: str
    human: Path
    config: AudioConfig = dataclasses.field(default_factory=AudioConfig)

    def person(self, index: int, text: str) -> Array:
        """What the index-th speaker says: `text`, or a recording where it is a person."""
        speakers = SPEAKERS[self.rooms]
        voice = speakers[index % len(speakers)]
        if voice != "people":
            return said(voice, text)
        recordings = people(self.human)
        return recordings[index // len(speakers) % len(recordings)]

    def talk(self, index: int, echo_db: float) -> RoomTalk:
        """The index-th room with a conversation in it."""
        room = Room.drawn(FIRST_ROOM[self.rooms] + index)
        return RoomTalk(room, USER_DBFS + echo_db, self.config)


def recall(setting: Setting, trials: int) -> dict[str, Any]:
    """Interruptions: how many are noticed, how soon the assistant is lowered and silent."""
    people(setting.human)  # a folder without recordings is told at once
    figures: dict[str, Any] = {}
    everything: list[tuple[float | None, float | None]] = []
    used_s = simulated_s = 0.0
    for level_index, (name, echo_db) in enumerate(LEVELS_DB.items()):
        outcomes: list[tuple[float | None, float | None]] = []
        while len(outcomes) < trials:
            room_index = len(outcomes) // INTERRUPTIONS_A_ROOM
            talk = setting.talk(2 * room_index + level_index, echo_db)
            draw = np.random.default_rng([FIRST_ROOM[setting.rooms], room_index, level_index])
            for turn in range(INTERRUPTIONS_A_ROOM):
                number = room_index * INTERRUPTIONS_A_ROOM + turn
                spoken = setting.person(number, INTERRUPTIONS[number % len(INTERRUPTIONS)])
                outcomes.append(interrupted(talk, spoken, draw))
            simulated_s, used_s = simulated_s + talk.now_s, used_s + talk.ears_s
        everything += outcomes
        figures[name] = _outcome(outcomes) | {"first_in_room": _outcome(outcomes[::INTERRUPTIONS_A_ROOM])}
    return figures | {"both": _outcome(everything), "cpu_share_of_ears": round(used_s / simulated_s, 3)}


def interrupted(
    talk: RoomTalk, spoken: Array, draw: np.random.Generator
) -> tuple[float | None, float | None]:
    """One reply that is interrupted; milliseconds from the person's onset until it was lowered, and silent."""
    model = TurnModel()
    talk.begin_reply(_reply("rms" if talk.room.seed % 2 else "slt", draw, 8), model)
    talk.run(float(draw.uniform(2.5, 5.0)))
    talk.run_until_loud()
    onset = talk.person_speaks(at_level(spoken, USER_DBFS))
    talk.run(RECALLED_WITHIN_S + 0.5)
    ducked = model.first_at("duck", onset, talk.rate_hz)
    silent = model.first_at("silent", onset, talk.rate_hz)
    if silent is not None and silent > 1000.0 * RECALLED_WITHIN_S:
        silent = None
    talk.end_reply()
    talk.run(len(spoken) / 16_000 + float(draw.uniform(0.4, 0.9)))
    return ducked, silent


def _reply(voice: str, draw: np.random.Generator, sentences: int) -> Array:
    pieces: list[Array] = []
    for index in draw.permutation(len(REPLIES))[:sentences]:
        pieces += [said(voice, REPLIES[index]), np.zeros(int(16_000 * draw.uniform(0.15, 0.45)), np.float32)]
    return at_level(np.concatenate(pieces), -20.0)


def _outcome(outcomes: list[tuple[float | None, float | None]]) -> dict[str, Any]:
    noticed = [(ducked, silent) for ducked, silent in outcomes if silent is not None]
    return {
        "trials": len(outcomes),
        "recall": round(len(noticed) / len(outcomes), 4),
        "ducked_ms": _percentiles([ducked for ducked, _ in noticed if ducked is not None]),
        "silent_ms": _percentiles([silent for _, silent in noticed]),
    }


def _percentiles(values: list[float]) -> dict[str, float]:
    if not values:
        return {"p50": 1e6, "p95": 1e6}
    return {f"p{p}": round(float(np.percentile(values, p)), 1) for p in (50, 95)}


def echo_alone(setting: Setting, minutes: float, first_room: int = 0) -> dict[str, Any]:
    """The assistant alone in its rooms, from one of them on: turns and pauses that nobody asked for."""
    totals = {"minutes": 0.0, "ducks": 0, "pauses": 0, "turns": 0}
    index = first_room
    while totals["minutes"] < minutes:
        draw = np.random.default_rng([FIRST_ROOM[setting.rooms], 9, index])
        echo_db = (0.0, 6.0, 12.0)[index % 3]
        talk = setting.talk(10_000 + index, echo_db)
        until_s = 60.0 * min(ECHO_ROOM_MINUTES, minutes - totals["minutes"])
        while talk.now_s < until_s:
            model = TurnModel()
            talk.begin_reply(_reply("rms" if index % 2 else "slt", draw, int(draw.integers(1, 6))), model)
            talk.run_until_played()
            talk.run(float(draw.uniform(1.0, 3.0)))
            talk.end_reply()
            for what in ("duck", "pause", "turn"):
                totals[what + "s"] += model.count(what)
        totals["minutes"] += talk.now_s / 60.0
        index += 1
    scale = 30.0 / totals["minutes"]
    of_half_an_hour = {
        f"{what}_in_30_minutes": round(totals[what] * scale, 2) for what in ("turns", "pauses", "ducks")
    }
    rooms = {"first_room": first_room, "rooms": index - first_room}
    return totals | {"minutes": round(totals["minutes"], 2)} | rooms | of_half_an_hour


def interjections(setting: Setting, count: int) -> dict[str, Any]:
    """Coughs and backchannels into replies: how many replies go on, and how many never stopped."""
    figures: dict[str, Any] = {}
    for kind in ("cough", "backchannel"):
        went_on = paused = 0
        for number in range(count):
            if number % INTERRUPTIONS_A_ROOM == 0:
                draw = np.random.default_rng([FIRST_ROOM[setting.rooms], 5, number])
                talk = setting.talk(20_000 + number, (0.0, 6.0)[number // INTERRUPTIONS_A_ROOM % 2])
            voice = SPEAKERS[setting.rooms][number % 2]
            sound = cough(draw) if kind == "cough" else said(voice, BACKCHANNELS[number % len(BACKCHANNELS)])
            model = TurnModel()
            talk.begin_reply(_reply("rms" if talk.room.seed % 2 else "slt", draw, 4), model)
            talk.run(float(draw.uniform(2.0, 4.0)))
            talk.person_speaks(at_level(sound, USER_DBFS))
            talk.run(len(sound) / 16_000 + 1.2)
            paused += model.count("pause") > 0
            went_on += model.count("turn") == 0 and not model.holds
            talk.end_reply()
            talk.run(0.6)
        figures[kind] = {"count": count, "went_on": went_on, "paused_for_a_while": paused}
    share = sum(part["went_on"] for part in figures.values()) / (2 * count)
    return figures | {"went_on_share": round(share, 4)}


def main(argv: list[str]) -> int:
    """Run the parts that were asked for (all by default), one JSON object a part."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bargein", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object a part")
    parser.add_argument("--recall", type=int, metavar="N", help="interruptions a level (default: 80)")
    parser.add_argument("--echo-minutes", type=float, metavar="N", help="of echo alone (default: 30)")
    parser.add_argument(
        "--first-room", type=int, default=0, metavar="N", help="of echo alone, to hear it in parts"
    )
    parser.add_argument("--interjections", type=int, metavar="N", help="of each kind (default: 40)")
    parser.add_argument("--rooms", choices=sorted(FIRST_ROOM), default="reporting")
    parser.add_argument(
        "--human", type=Path, default=Path("../shared/data/human"), help="recordings of people"
    )
    options = parser.parse_args(argv)
    setting = Setting(options.rooms, options.human)
    asked = (options.recall, options.echo_minutes, options.interjections)
    every = all(part is None for part in asked)
    code = 0
    if every or options.recall is not None:
        trials = options.recall or 80
        code = max(code, tell("bargein recall", lambda: recall(setting, trials), options.json))
    if every or options.echo_minutes is not None:
        minutes = options.echo_minutes or 30.0
        first = options.first_room
        code = max(code, tell("bargein echo", lambda: echo_alone(setting, minutes, first), options.json))
    if every or options.interjections is not None:
        count = options.interjections or 40
        code = max(code, tell("bargein interjections", lambda: interjections(setting, count), options.json))
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
