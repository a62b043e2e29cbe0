"""How long Sotto waits before it takes a turn for over, and how often it cuts one off: simulated time, real synthesis.

    python -m benchmarks.cutoffs [--turns N] [--tune] [--clips FOLDER] [--ears engine|timed] [--work F] [--json]

Turns with a pause of 200 to 800 ms inside, spoken by flite voices and texts that nothing was tuned on, go through the
engine's own hearing and recogniser; what was heard is kept in `--work`, so that another rule is tried in seconds.
`--tune` hears the other half, for `python -m training turns waits`. Main thread of a process of its own.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.telling import tell
from engine.config import AudioConfig
from engine.paths import cache_dir
from engine.recognition import Grammar
from engine.session.command_forms import CommandForms
from engine.session.end_of_turn import EndOfTurn
from training.corpus.pausing import NOISE_DB, RATE_HZ, SpokenTurn, TurnPlan, settled, speak
from training.corpus.turn_plans import Half, plan_turns
from training.data.turn_traces import Ears, Timed, Trace, load, save
from training.evaluation.turn_ends import Judge, Outcome, curve, decide, percentiles, summed

PATIENCES = tuple(round(0.5 + 0.1 * step, 1) for step in range(21))
CHUNK = 15
"""Turns that one process hears before it writes them down."""


def grammar() -> Grammar:
    """The closed grammar of the built-in skills."""
    from engine.dialogue.grammar import spoken_grammar

    return spoken_grammar()


def forms_of(spoken: Grammar) -> CommandForms:
    """The same, as a machine over words."""
    return CommandForms(spoken.jsgf, spoken.open_prefixes)


def _ears(kind: str, spoken: Grammar, folder: Path) -> Ears:
    if kind == "timed":
        return Timed(forms_of(spoken))
    from engine.hearing import make_hearing
    from engine.recognition import make_recogniser
    from training.data.turn_ears import EngineEars

    recogniser = make_recogniser(spoken, data_folder=folder)
    return EngineEars(make_hearing("headphones", AudioConfig()), recogniser)


def _hear(job: tuple[Path, str, Grammar, Sequence[TurnPlan | SpokenTurn]]) -> None:
    """One chunk of turns, heard and written down. Runs in a process of its own."""
    path, kind, spoken, turns = job
    ears = _ears(kind, spoken, path.with_suffix(".learned"))
    try:
        save(path, [ears.hear(speak(turn) if isinstance(turn, TurnPlan) else turn) for turn in turns])
    finally:
        ears.close()


def hear(
    turns: Sequence[TurnPlan | SpokenTurn], kind: str, spoken: Grammar, work: Path, workers: int
) -> list[Trace]:
    """The traces of all turns, from `work` where they were heard before."""
    paths, jobs = [], []
    for start in range(0, len(turns), CHUNK):
        chunk = turns[start : start + CHUNK]
        named = [turn.identity if isinstance(turn, TurnPlan) else turn.plan.identity for turn in chunk]
        key = hashlib.sha256("\n".join((spoken.jsgf, *spoken.open_prefixes, *named)).encode()).hexdigest()[
            :16
        ]
        paths.append(work / f"{kind}-{key}.jsonl")
        if not paths[-1].exists():
            jobs.append((paths[-1], kind, spoken, chunk))
    if workers == 1 or len(jobs) == 1:
        for number, job in enumerate(jobs, 1):
            _hear(job)
            print(f"heard {number} of {len(jobs)} parts", file=sys.stderr)
    elif jobs:
        with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
            for number, _ in enumerate(pool.map(_hear, jobs), 1):
                print(f"heard {number} of {len(jobs)} parts", file=sys.stderr)
    return [trace for path in paths for trace in load(path)]


def clips(folder: Path) -> list[SpokenTurn]:
    """The human recordings that resources/evaluation/human.tsv names, whole, in silence, without an added pause."""
    from training.corpus.speakers import resampled
    from training.evaluation.human import WORDS_FILE, read_clips

    found = []
    for clip in read_clips(folder, WORDS_FILE):
        plan = TurnPlan(
            identity=f"human-{clip.name}",
            kind="open",
            voice="human",
            words=clip.words,
            before=len(clip.words),
            pause_ms=0.0,
            intonation="final",
        )
        found.append(settled(plan, resampled(clip.samples, clip.rate_hz, RATE_HZ)))
    return found


def reported(judge: Judge, traces: Sequence[Trace], forms: CommandForms) -> dict[str, Any]:
    """One decision at patience 1: cut-offs by what was cut and how, delays by what was said; and the whole curve."""
    outcomes = [decide(judge, trace, forms) for trace in traces]
    return summed(outcomes) | {
        "cut_by_intonation": _shares(outcomes, lambda o: o.trace.intonation),
        "cut_by_noise": _shares(outcomes, lambda o: "noisy" if o.trace.noisy else "quiet"),
        "cut_by_voice": _shares(outcomes, lambda o: o.trace.voice),
        "cut_by_look": dict(Counter(o.cut_by for o in outcomes if o.cut)),
        "delay_by_look": {
            look: percentiles([o.delay_ms for o in outcomes if o.by == look]) | {"turns": count}
            for look, count in Counter(o.by for o in outcomes).items()
        },
        "curve": curve(judge, traces, forms, PATIENCES),
    }


def _shares(outcomes: Sequence[Outcome], of: Any) -> dict[str, float]:
    groups: dict[str, list[bool]] = {}
    for outcome in outcomes:
        groups.setdefault(of(outcome), []).append(outcome.cut)
    return {name: round(sum(cuts) / len(cuts), 4) for name, cuts in sorted(groups.items())}


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Hear the turns and judge them."""
    half: Half = "tune" if options.tune else "held"
    spoken = grammar()
    forms = forms_of(spoken)
    plans = plan_turns(half, options.turns, options.corpus_share)
    traces = hear(plans, options.ears, spoken, options.work, options.workers)
    figures: dict[str, Any] = {
        "half": half,
        "ears": options.ears,
        "turns": len(traces),
        "voices": dict(Counter(trace.voice for trace in traces)),
        "noisy": sum(trace.noisy for trace in traces),
        "noise_db": NOISE_DB,
        "pauses": dict(Counter(trace.intonation for trace in traces)),
        "understood": _understood(traces),
    }
    judge = EndOfTurn(forms)
    figures |= reported(judge, traces, forms)
    if options.clips is not None:
        people = hear(clips(options.clips), options.ears, spoken, options.work, 1)
        figures["human"] = summed([decide(judge, trace, forms) for trace in people])
    if options.traces is not None:
        save(options.traces, traces)
    return figures


def _understood(traces: Sequence[Trace]) -> float:
    """Share of turns whose newest words were right when the recording ended."""
    right = [bool(trace.words) and trace.words[-1].text == trace.text for trace in traces]
    return round(sum(right) / max(1, len(right)), 3)


def main(argv: list[str]) -> int:
    """Run the benchmark; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cutoffs", description=__doc__.split("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--turns", type=int, default=420, help="how many (default: 420)")
    parser.add_argument(
        "--corpus-share", type=float, default=0.3, help="natural sentences among them (default: 0.3)"
    )
    parser.add_argument("--tune", action="store_true", help="hear the half that may be tuned on")
    parser.add_argument("--traces", type=Path, metavar="F", help="also write what was heard to F")
    parser.add_argument("--clips", type=Path, metavar="FOLDER", help="human recordings, see human.tsv")
    parser.add_argument(
        "--ears", choices=("engine", "timed"), default="engine", help="timed: words from the plan"
    )
    parser.add_argument(
        "--work", type=Path, default=cache_dir() / "cutoffs", metavar="F", help="what was heard"
    )
    parser.add_argument("--workers", type=int, default=2, help="processes (default: 2)")
    options = parser.parse_args(argv)
    return tell("cutoffs", lambda: measure(options), options.json)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
