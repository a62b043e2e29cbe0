"""Fits the two small models behind the end of a turn: which words may close a sentence, and how long to wait.

`python -m training turns closing` reads natural sentences of the training split (a minute); `python -m training turns
waits --traces F` reads heard turns of the tuning half (a minute). Main thread; the same files each time.
"""

from __future__ import annotations

import argparse
import itertools
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from engine.errors import SottoError
from engine.recognition import Grammar
from engine.session.closing import CLOSING_FILE, Closing, traits
from engine.session.command_forms import CommandForms
from engine.session.end_of_turn import EndOfTurn
from engine.session.turn_model import FEATURES, WEIGHTS_FILE, TurnModel, features
from engine.session.wording import read
from training.corpus import lexicon, splits, texts
from training.corpus.turn_plans import BREAKS
from training.data.turn_traces import Trace, load
from training.evaluation.turn_ends import decide, evidence_at

Array = NDArray[np.float64]
Words = tuple[str, ...]

SENTENCE_WORDS = (2, 20)
AT_A_BREAK, ELSEWHERE = 0.5, 0.15
"""Weights of an unfinished sentence: people pause before "and" and "to" more than elsewhere."""

SEEN = {"bias": 1, "last": 15, "tail": 30, "first": 25, "before": 25, "pair": 40, "opening": 40}
"""A trait is kept when it was seen so often."""

RIDGE_WORDS, RIDGE_TURNS = 2.0, 2.0
AT_MS = (200.0, 350.0, 500.0, 650.0)
"""Moments of silence that are learned from, as long as it lasts."""

GOAL_CUT = 0.04
"""Share of turns that may be cut off in the tuning half: below the bar of 5 %, since the other half comes out worse."""


def logistic(examples: csr_matrix | Array, ends: Array, weights: Array, ridge: float) -> Array:
    """Weights (F,) of a logistic regression with a ridge; the first feature is the bias and is free."""
    signs = np.where(ends > 0, 1.0, -1.0)
    penalty = np.full(examples.shape[1], ridge)
    penalty[0] = 0.0

    def loss(w: Array) -> tuple[float, Array]:
        margin = signs * (examples @ w)
        slope = -weights * signs / (1.0 + np.exp(margin))
        value = (weights * np.logaddexp(0.0, -margin)).sum() + (penalty * w * w).sum()
        return float(value), np.asarray(examples.T @ slope + 2.0 * penalty * w)

    return np.asarray(minimize(loss, np.zeros(examples.shape[1]), jac=True, method="L-BFGS-B").x)


def ranking(scores: Array, ends: Array) -> float:
    """How often an end scores above a pause (area under the receiver's curve)."""
    order = ends[np.argsort(scores, kind="stable")]
    count = order.sum()
    ranks = np.arange(1, len(order) + 1)[order > 0].sum()
    return float((ranks - count * (count + 1) / 2) / max(1.0, count * (len(order) - count)))


# Which words may close a sentence


def plain_sentences(split: str) -> list[Words]:
    """Natural sentences of one split as lower-case words."""
    found = []
    for text in texts.natural_sentences():
        words = tuple(re.sub(r"[^A-Za-z' ]", " ", text).lower().split())
        fits = SENTENCE_WORDS[0] <= len(words) <= SENTENCE_WORDS[1]
        if fits and splits.split_of(text, lexicon.words_of(text)) == split:
            found.append(words)
    return found


def prefixes(sentences: Sequence[Words]) -> Iterator[tuple[Words, float, float]]:
    """(words, 1 where they are a sentence, weight): each sentence and everything that it began as."""
    for words in sentences:
        yield words, 1.0, 1.0
        for count in range(1, len(words)):
            yield words[:count], 0.0, AT_A_BREAK if words[count] in BREAKS else ELSEWHERE


def fit_closing(
    sentences: Sequence[Words], heard: Sequence[Words]
) -> tuple[dict[str, float], dict[str, Any]]:
    """The table of `engine.session.closing`, and how well it tells ends from pauses in sentences it never saw."""
    counts: Counter[str] = Counter()
    for words, _, weight in prefixes(sentences):
        if weight != ELSEWHERE:
            counts.update(traits(words))
    kept = sorted(trait for trait, count in counts.items() if count >= SEEN[trait.partition(" ")[0]])
    kept.sort(key=lambda trait: trait != "bias")  # first
    place = {trait: index for index, trait in enumerate(kept)}
    rows, columns, ends, weights = [], [], [], []
    for number, (words, end, weight) in enumerate(prefixes(sentences)):
        found = [place[trait] for trait in traits(words) if trait in place]
        rows += [number] * len(found)
        columns += found
        ends.append(end)
        weights.append(weight)
    matrix = csr_matrix((np.ones(len(rows)), (rows, columns)), (len(ends), len(kept)))
    fitted = logistic(matrix, np.array(ends), np.array(weights), RIDGE_WORDS)
    table = {trait: round(float(w), 2) for trait, w in zip(kept, fitted, strict=True) if abs(w) >= 0.05}
    closing = Closing(table)
    tried = list(prefixes(heard))
    scores, held_ends = np.array([closing.log_odds(t[0]) for t in tried]), np.array([t[1] for t in tried])
    at_breaks = np.array([t[2] != ELSEWHERE for t in tried])
    return table, {
        "sentences": len(sentences),
        "held_out_sentences": len(heard),
        "weights": len(table),
        "ranking": round(ranking(scores, held_ends), 3),
        "ranking_at_breaks": round(ranking(scores[at_breaks], held_ends[at_breaks]), 3),
    }


# How long to wait


def moments(
    traces: Sequence[Trace], forms: CommandForms, closing: Closing
) -> tuple[Array, Array, list[Trace]]:
    """FEATURES (N, F) and 1 or 0 (N,) of moments in true ends and in pauses, and the turn of each."""
    values, ends, of = [], [], []
    for trace in traces:
        for end, (start_ms, until_ms) in enumerate((trace.pause_ms, (trace.end_ms, float("inf")))):
            for at_ms in AT_MS:
                moment = next((m for m in trace.moments if m.at_ms >= start_ms + at_ms), None)
                if moment is None or moment.at_ms >= until_ms or moment.silence_ms is None:
                    break
                evidence = evidence_at(trace, moment)
                wording = read(evidence.text, evidence.complete, forms)
                values.append(features(wording, evidence.melody, closing))
                ends.append(float(end))
                of.append(trace)
    return np.array(values), np.array(ends), of


def fit_waits(
    traces: Sequence[Trace],
    forms: CommandForms,
    closing: Closing,
    without: Callable[[str], bool] | None = None,
) -> tuple[TurnModel, dict[str, Any]]:
    """The model with the least mean delay that cuts off at most GOAL_CUT. `without` names features to leave out."""
    values, ends, _ = moments(traces, forms, closing)
    kept = np.array([without is None or not without(name) for name in FEATURES])
    weights = np.zeros(len(FEATURES))
    weights[kept] = logistic(values[:, kept], ends, np.ones(len(ends)), RIDGE_TURNS)
    best: tuple[float, TurnModel, dict[str, Any]] | None = None
    for even, slope, least, most in itertools.product(
        (550.0, 600.0, 650.0, 700.0, 750.0, 800.0),
        (0.0, 40.0, 80.0, 120.0, 160.0, 220.0),
        (190.0,),
        (950.0, 1100.0),
    ):
        model = TurnModel(tuple(round(float(w), 3) for w in weights), even, slope, least, most)
        judge = EndOfTurn(forms, model=model, closing=closing)
        outcomes = [decide(judge, trace, forms) for trace in traces]
        cut = float(np.mean([outcome.cut for outcome in outcomes]))
        delay = float(np.mean([min(outcome.delay_ms, 2000.0) for outcome in outcomes]))
        if cut <= GOAL_CUT and (best is None or delay < best[0]):
            best = delay, model, {"cut": round(cut, 4), "mean_delay_ms": round(delay)}
    if best is None:
        raise SottoError(
            f"No way of waiting cuts off at most {GOAL_CUT:.0%} of these turns; use other turns."
        )
    return best[1], best[2] | {"moments": len(ends), "ranking": round(ranking(values @ weights, ends), 3)}


def toml_of(model: TurnModel) -> str:
    """The file that `TurnModel.load` reads."""
    lines = ["# Written by training.recipes.turn_ends; see docs/decisions/0017-how-a-turn-ends.md.", ""]
    lines += [
        f"{name} = {getattr(model, name)}" for name in ("even_ms", "per_logit_ms", "least_ms", "most_ms")
    ]
    lines += ["", "[weights]"]
    lines += [f'"{name}" = {weight}' for name, weight in zip(FEATURES, model.weights, strict=True)]
    return "\n".join(lines) + "\n"


def grammar() -> Grammar:
    """The closed grammar that turns are judged by."""
    from engine.dialogue.grammar import spoken_grammar

    return spoken_grammar()


def main(argv: list[str]) -> int:
    """Fit one of the two models; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m training turns", description="Fit the end of a turn.")
    kinds = parser.add_subparsers(dest="kind", required=True)
    words = kinds.add_parser("closing", help="which words may close a sentence")
    words.add_argument("--out", type=Path, default=CLOSING_FILE)
    waits = kinds.add_parser("waits", help="how long to wait")
    waits.add_argument(
        "--traces", type=Path, required=True, help="heard turns, from `python -m benchmarks.cutoffs`"
    )
    waits.add_argument("--out", type=Path, default=WEIGHTS_FILE)
    options = parser.parse_args(argv)
    if options.kind == "closing":
        table, figures = fit_closing(plain_sentences("train"), plain_sentences("test"))
        text = "".join(f"{trait}\t{weight:g}\n" for trait, weight in table.items())
    else:
        spoken = grammar()
        forms = CommandForms(spoken.jsgf, spoken.open_prefixes)
        model, figures = fit_waits(list(load(options.traces)), forms, Closing.load())
        text = toml_of(model)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(text, encoding="utf-8")
    print(json.dumps({"event": options.kind, "out": str(options.out)} | figures))
    return 0
