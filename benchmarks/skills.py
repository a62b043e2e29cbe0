"""How well the built-in skills understand: phrasings as users type them, each answered from the same prepared store.

`python -m benchmarks.skills --json`. Right: the skill that was meant answered, and with the right content. Asserted
wrongly: anything else that is not an honest "I can't". Imports no model.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from benchmarks.telling import tell
from engine.dialogue import Asked, Exchange
from engine.dialogue.built_in import BuiltInDialogue
from engine.dialogue.grammar import spoken_grammar
from engine.dialogue.plan import AddNote, AddToList, Alarm, Remember, SetAlarm
from engine.paths import cache_dir, resources_dir
from engine.store import Store, store_in_memory

ZONE = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 29, 15, 42, tzinfo=ZONE)
HISTORY = (Exchange("what is one plus one", "This is the earlier answer."),)
PHRASINGS = resources_dir() / "evaluation" / "skills.tsv"
SPOKEN = resources_dir() / "evaluation" / "spoken-skills.tsv"


@dataclass(frozen=True, slots=True)
class Phrasing:
    """What is typed, the skill that is meant, and what its answer must contain."""

    text: str
    source: str
    answer: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a phrasing."""

    phrasing: Phrasing
    source: str
    answer: str
    ms: float

    @property
    def is_right(self) -> bool:
        """The skill that was meant, with the right content."""
        return self.source == self.phrasing.source and self.phrasing.answer.search(self.answer) is not None

    @property
    def is_asserted_wrongly(self) -> bool:
        """Something was claimed or done that was not asked for."""
        return not self.is_right and self.source != "cannot"


def phrasings(path: Path = PHRASINGS) -> tuple[Phrasing, ...]:
    """The list, without its comments."""
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return tuple(Phrasing(text, source, re.compile(answer)) for text, source, answer in rows)


def prepared_store() -> Store:
    """Two notes, a shopping list, some facts, a timer and an alarm."""
    store = store_in_memory()
    now = NOW.timestamp()
    wall = datetime(2026, 11, 30, 6, 30)
    store.keepsakes.carry_out(
        (
            AddNote("The spare key is with the neighbour", NOW - timedelta(days=2)),
            AddNote("The dentist is on Thursday", NOW - timedelta(days=1)),
            AddToList("shopping", ("butter", "bread")),
            Remember("dogs name", "Rex"),
            Remember("doctor", "Doctor Weber"),
            Remember("", "I put my passport in the top drawer"),
            SetAlarm(Alarm(0, "timer", "tea", 240.0, now + 240.0, None, (), now)),
            SetAlarm(Alarm(0, "alarm", "", 0.0, wall.replace(tzinfo=ZONE).timestamp(), wall, (), now)),
        ),
        NOW,
    )
    return store


def outcomes_of(asked: Iterable[tuple[Phrasing, Asked]]) -> list[Outcome]:
    """The answers, each from the same store: plans are made, and nothing is done."""
    store = prepared_store()
    dialogue = BuiltInDialogue(store.keepsakes, zone=ZONE, seed=1, clock=lambda: 0.0)
    outcomes = []
    for phrasing, question in asked:
        began_s = time.perf_counter()
        plan = dialogue.plan(question, HISTORY)
        ms = 1000.0 * (time.perf_counter() - began_s)
        outcomes.append(Outcome(phrasing, plan.source, plan.text, ms))
    dialogue.close()
    store.close()
    return outcomes


def typed(path: Path = PHRASINGS) -> list[Outcome]:
    """The answers to a list that is typed."""
    return outcomes_of((one, Asked(one.text, spoken=False, at=NOW)) for one in phrasings(path))


def measure(path: Path = PHRASINGS) -> dict[str, Any]:
    """Shares of right answers and of wrong ones asserted, by skill too, and every miss."""
    return _figures(typed(path))


def measure_spoken(path: Path = SPOKEN, voices: tuple[str, ...] = ("slt", "awb")) -> dict[str, Any]:
    """The same for what is said: flite's voices, the recogniser in the loop, one fresh one a voice."""
    from benchmarks.spoken_commands import in_noise, speak  # the recogniser's libraries are for this alone
    from engine.recognition import RATE_HZ
    from engine.recognition.sphinx import SphinxListener

    questions, heard = [], []
    for voice in voices:
        with tempfile.TemporaryDirectory() as folder:
            listener = SphinxListener(spoken_grammar(), Path(folder))
            for number, phrasing in enumerate(phrasings(path)):
                spoken = speak(voice, phrasing.text, cache_dir() / "spoken-skills")
                sound = in_noise(spoken, None, np.random.default_rng(number))
                listener.begin()
                for at in range(0, len(sound), RATE_HZ // 20):
                    listener.feed(sound[at : at + RATE_HZ // 20])
                final = listener.finish()
                listener.tidy()
                asked = Asked(final.text, True, NOW, final.confidence, final.from_grammar)
                questions.append((phrasing, asked))
                heard.append({"voice": voice, "said": phrasing.text, "heard": final.text})
    figures = _figures(outcomes_of(questions))
    figures["misheard"] = [one for one in heard if one["said"] != one["heard"]]
    return figures


def _figures(outcomes: list[Outcome]) -> dict[str, Any]:
    times = sorted(outcome.ms for outcome in outcomes)
    by_skill: dict[str, dict[str, int]] = {}
    for outcome in outcomes:
        counts = by_skill.setdefault(outcome.phrasing.source, {"right": 0, "of": 0})
        counts["of"] += 1
        counts["right"] += outcome.is_right
    return {
        "phrasings": len(outcomes),
        "right": sum(outcome.is_right for outcome in outcomes) / len(outcomes),
        "asserted_wrongly": sum(outcome.is_asserted_wrongly for outcome in outcomes) / len(outcomes),
        "plan_ms": {"p50": times[len(times) // 2], "p99": times[int(len(times) * 0.99)]},
        "by_skill": by_skill,
        "missed": [
            {"text": o.phrasing.text, "meant": o.phrasing.source, "source": o.source, "answer": o.answer}
            for o in outcomes
            if not o.is_right
        ],
    }


def main(argv: list[str]) -> int:
    """Measure, tell, and hold against the bars."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.skills", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--list", type=Path, metavar="F.tsv", help="another list of phrasings")
    parser.add_argument("--spoken", action="store_true", help="say them, with the recogniser in the loop")
    options = parser.parse_args(argv)
    if options.spoken:
        return tell("skills spoken", lambda: measure_spoken(options.list or SPOKEN), options.json)
    return tell("skills", lambda: measure(options.list or PHRASINGS), options.json)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
