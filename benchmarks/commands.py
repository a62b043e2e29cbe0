"""`python -m benchmarks.commands [--json] [--every N]`: commands understood, and what is wrongly taken for one.

The recogniser's listener runs in this process, fed as in a conversation; each condition has a fresh one, so that what
it learns of a voice and its noise comes from that condition alone. A missed bar is told, and is no error.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.spoken_commands import (
    SEEDS,
    VOICES,
    Split,
    Spoken,
    in_noise,
    noises,
    other_sentences,
    phrasings,
    speak,
)
from benchmarks.telling import tell
from engine.dialogue.grammar import spoken_grammar
from engine.paths import cache_dir
from engine.recognition import RATE_HZ

STEP_SAMPLES = RATE_HZ // 20
WARM_UP = 3
"""Utterances at the beginning of each condition that teach the means and are not counted."""

CONDITIONS: dict[str, float | None] = {"clean": None, "20 dB": 20.0, "10 dB": 10.0}


def heard(spoken: Iterable[Spoken], condition: str) -> list[dict[str, Any]]:
    """What a fresh listener makes of each, with its evidence and times."""
    from engine.recognition.sphinx import SphinxListener

    rows = []
    with tempfile.TemporaryDirectory() as folder:
        listener = SphinxListener(spoken_grammar(), Path(folder))
        for utterance in spoken:
            listener.begin()
            stable: tuple[str, ...] = ()
            began_s = time.process_time()
            for at in range(0, len(utterance.samples), STEP_SAMPLES):
                stable = listener.feed(utterance.samples[at : at + STEP_SAMPLES]).stable
            fed_s = time.process_time()
            understood = listener.finish()
            done_s = time.process_time()
            listener.tidy()
            rows.append(
                {
                    "condition": condition,
                    "voice": utterance.voice,
                    "said": utterance.words,
                    "text": utterance.text,
                    "heard": understood.text,
                    "confidence": understood.confidence,
                    "from_grammar": understood.from_grammar,
                    "rejected": understood.rejected,
                    "command": listener.judged.command,
                    "stable_kept": understood.text.split()[: len(stable)] == list(stable),
                    "finish_ms": 1000.0 * (done_s - fed_s),
                    "rtf": (fed_s - began_s) / (len(utterance.samples) / RATE_HZ),
                    "evidence": _plain(listener.judged.evidence),
                    "open_evidence": _plain(listener.judged.open_evidence),
                    "sound": _plain(listener.judged.sound),
                }
            )
    return rows


def _plain(value: Any) -> dict[str, Any] | None:
    return None if value is None else dataclasses.asdict(value)


def conditions(split: Split, every: int) -> Iterable[tuple[str, list[Spoken]]]:
    """The utterances of each condition: commands, other sentences, noise."""
    cache, voices = cache_dir() / "benchmark-commands", VOICES[split]
    commands = phrasings(spoken_grammar(), split, 200)[::every]
    others = other_sentences(split, 150)[::every]
    rng = np.random.default_rng(SEEDS[split])
    warm = [("what time is it", voices[at % len(voices)]) for at in range(WARM_UP)]

    def said(texts: list[str], snr_db: float | None, are_commands: bool) -> list[Spoken]:
        turns = warm + [(text, voices[at % len(voices)]) for at, text in enumerate(texts)]
        return [
            Spoken(
                voice, text, in_noise(speak(voice, text, cache), snr_db, rng), text if are_commands else None
            )
            for text, voice in turns
        ]

    for name, snr_db in CONDITIONS.items():
        yield f"commands {name}", said(commands, snr_db, True)
    for name, snr_db in CONDITIONS.items():
        yield f"others {name}", said(others, snr_db, False)
    sounds = [Spoken("", kind, samples, None) for kind, samples in noises(max(24, 240 // every), rng)]
    yield "noise", said([], None, False) + sounds


def summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Shares and times by condition."""
    figures: dict[str, Any] = {"understood": {}, "wrong": {}, "accepted": {}, "invented": {}}
    strangers: list[dict[str, Any]] = []
    for condition in dict.fromkeys(row["condition"] for row in rows):
        of_it = [row for row in rows if row["condition"] == condition][WARM_UP:]
        name = condition.partition(" ")[2] or condition
        taken = [row for row in of_it if row["from_grammar"] and not row["rejected"]]
        if condition.startswith("commands"):
            right = [row for row in taken if row["heard"] == row["text"]]
            figures["understood"][name] = len(right) / len(of_it)
            figures["wrong"][name] = (len(taken) - len(right)) / len(of_it)
        else:
            figures["accepted"][name] = len(taken) / len(of_it)
            strangers += of_it
        if condition == "noise":
            worded = [row for row in of_it if row["heard"] and not row["rejected"]]
            figures["invented"][name] = len(worded) / len(of_it)
    taken_wrongly = sum(row["from_grammar"] and not row["rejected"] for row in strangers)
    figures["accepted"]["all"] = taken_wrongly / max(1, len(strangers))
    commands = [row["finish_ms"] for row in rows if row["from_grammar"]]
    openly = [row["finish_ms"] for row in rows if row["heard"] and not row["from_grammar"]]
    figures["finish_ms"] = {
        name: {"p50": float(np.percentile(times, 50)), "p95": float(np.percentile(times, 95))}
        for name, times in (("grammar", commands), ("open", openly))
        if times
    }
    figures["rtf"] = float(np.median([row["rtf"] for row in rows]))
    figures["stable_kept"] = float(np.mean([row["stable_kept"] for row in rows]))
    figures["utterances"] = len(rows)
    return figures


def measure(split: Split, every: int, rows_file: Path | None, only: str) -> dict[str, Any]:
    """The figures of one split; each utterance's row is written to `rows_file`."""
    rows: list[dict[str, Any]] = []
    for name, spoken in conditions(split, every):
        if not name.startswith(only):
            continue
        rows += heard(spoken, name)
        if rows_file is not None:
            rows_file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return {"split": split, "every": every} | summary(rows)


def main(argv: list[str]) -> int:
    """Run it and print the figures, or fit the weights of the limit to rows written before."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.commands", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="every Nth utterance (default: 1)")
    parser.add_argument("--split", choices=("fit", "report"), default="report")
    parser.add_argument("--rows", type=Path, metavar="F", help="write one JSON object an utterance")
    parser.add_argument("--only", default="", metavar="C", help="conditions whose name begins so")
    options = parser.parse_args(argv)
    if options.every < 1:
        parser.error("--every must be at least 1")
    return tell(
        "commands part" if options.only else "commands",  # a part lacks what the bars are about
        lambda: measure(options.split, options.every, options.rows, options.only),
        options.json,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
