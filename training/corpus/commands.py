"""`python -m training corpus codec|speech|dialogue|heldout|words`: argument parsing and running.

Main thread. Must not import torch.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from engine.errors import SottoError
from training.corpus import dialogues, plan, shards, speakers, splits, texts


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training corpus", description="Make the corpus of speech."
    )
    kinds = parser.add_subparsers(dest="kind", required=True)
    for name, hours, minutes, what in (
        ("codec", 4.0, 10.0, "many speakers, for the tokenizer"),
        ("speech", 24.0, 20.0, "one speaker, aligned, for the speech model"),
        ("dialogue", 4.0, 20.0, "turns of a user and the agent"),
    ):
        kind = kinds.add_parser(name, help=what)
        kind.add_argument("--out", type=Path, required=True, help="folder of the corpus")
        kind.add_argument("--hours", type=float, default=hours)
        kind.add_argument("--shard-minutes", type=float, default=minutes)
        kind.add_argument("--workers", type=int, default=os.cpu_count() or 1)
        kind.add_argument("--seed", type=int, default={"codec": 1, "speech": 2, "dialogue": 3}[name])
        if name == "speech":
            kind.add_argument(
                "--speaker", default="rms", help="a flite voice, or a warp of one such as rms-warp007"
            )
        if name == "dialogue":
            kind.add_argument(
                "--dialogue-seconds", type=float, default=60.0, help="least length of one dialogue"
            )
    heldout = kinds.add_parser("heldout", help="choose the held-out sentences of the evaluation again")
    heldout.add_argument("--out", type=Path, help="file to write (default: the one in resources/evaluation)")
    heldout.add_argument("--count", type=int, default=500)
    heldout.add_argument("--workers", type=int, default=2)
    words = kinds.add_parser("words", help="count the frequent words again: this changes every split")
    words.add_argument("--out", type=Path, default=splits.FREQUENT_WORDS_FILE)
    return parser


def _planned(options: argparse.Namespace) -> list[list[plan.Spec]]:
    if options.hours <= 0 or options.shard_minutes <= 0 or options.workers < 1:
        raise SottoError("--hours and --shard-minutes must be positive and --workers at least 1.")
    if options.kind == "codec":
        return plan.many_speakers(options.hours, options.shard_minutes, options.seed)
    if options.kind == "dialogue":
        return dialogues.plan_dialogues(
            options.hours, options.shard_minutes, options.dialogue_seconds, options.seed
        )
    speakers.require_aligned(options.speaker)
    return plan.single_speaker(options.speaker, options.hours, options.shard_minutes, options.seed)


def _choose_held_out(options: argparse.Namespace) -> None:
    from training.evaluation import heldout  # evaluation builds on the corpus, not the other way round

    out = options.out or heldout.HELD_OUT_FILE
    for event in heldout.choose(heldout.candidates(), options.count, options.workers):
        sentences = event.pop("sentences") if event["event"] == "chosen" else []
        shards.report({**event, "sentences": event.get("sentences", len(sentences))})
    _write(out, sentences)


def _write(out: Path, lines: list[str]) -> None:
    try:
        out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    except OSError as error:
        raise SottoError(f"{out} cannot be written ({error.strerror}).") from error


def main(argv: list[str]) -> int:
    """Run one corpus command; returns the exit code."""
    options = _parser().parse_args(argv)
    if options.kind == "heldout":
        _choose_held_out(options)
    elif options.kind == "words":
        _write(options.out, texts.most_frequent(splits.FREQUENT_WORDS))
    else:
        for event in shards.write_corpus(options.out, options.kind, _planned(options), options.workers):
            shards.report(event)
    return 0
