"""The result of an evaluation as one JSON object and as a readable table.

Pure functions. Must not import torch.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from training.evaluation.errors import Interval, WordErrors, bootstrap, paired_difference, wilson
from training.evaluation.failures import KINDS, Take, failure
from training.evaluation.sound import Likeness, Sound

WER_BARS = {"codec 32 books": 0.02, "codec 10 books": 0.08, "voice": 0.05}
UPPER_BARS = {"codec 32 books": 0.04}
"""On the upper end of the interval."""
FAILURE_BAR = 0.01
SOUND_BARS: dict[str, dict[str, tuple[float, float]]] = {
    "codec": {
        "f0_error_semitones": (0.0, 1.5),
        "voicing_error": (0.0, 0.08),
        "pause_dbfs": (-math.inf, -60.0),
    },
    "voice": {
        "duration_ratio": (0.9, 1.1),
        "f0_spread_ratio": (0.9, math.inf),
        "leading_silence_ms": (0.0, 60.0),
    },
}
"""Lowest and highest median of each measure, for the tokenizer at all books and for a voice."""


@dataclass(frozen=True)
class Condition:
    """One way of making the sentences heard: per sentence (and seed) what was heard, its errors and its sound.

    `source` holds, for each, the index of its sentence in the source condition. `likenesses` are there where the
    sound has the source's times.
    """

    name: str
    source: tuple[int, ...]
    heard: tuple[tuple[str, ...], ...]
    errors: tuple[WordErrors, ...]
    sounds: tuple[Sound, ...]
    reached_limit: tuple[bool, ...]
    likenesses: tuple[Likeness, ...] = ()


def _rounded(interval: Interval) -> dict[str, float]:
    return {name: round(value, 4) for name, value in asdict(interval).items()}


def _quantiles(values: Sequence[float]) -> dict[str, float]:
    names = ("p5", "median", "p95")
    return {
        name: round(float(v), 3) for name, v in zip(names, np.percentile(values, (5, 50, 95)), strict=True)
    }


def _by_sentence(takes: Sequence[tuple[int, WordErrors]]) -> list[WordErrors]:
    """Errors added up over the takes of a sentence: takes of one sentence are no independent draws."""
    sums: dict[int, list[int]] = {}
    for index, errors in takes:
        total = sums.setdefault(index, [0, 0, 0, 0])
        parts = (errors.substitutions, errors.deletions, errors.insertions, errors.reference_words)
        sums[index] = [a + b for a, b in zip(total, parts, strict=True)]
    return [WordErrors(*sums[index]) for index in sorted(sums)]


def wer_of(condition: Condition, source: Condition) -> dict[str, Any]:
    """Word error rate with its interval and, but for the source itself, the paired difference to the source."""
    errors = _by_sentence(list(zip(condition.source, condition.errors, strict=True)))
    result: dict[str, Any] = {"takes": len(condition.errors), "wer": _rounded(bootstrap(errors))}
    if condition is not source:
        baseline = _by_sentence([(index, source.errors[index]) for index in condition.source])
        difference = paired_difference(errors, baseline)
        result["above_source"] = _rounded(difference)
        if condition.name in WER_BARS:
            bar = WER_BARS[condition.name]
            upper = UPPER_BARS.get(condition.name, math.inf)
            passed = difference.value <= bar and difference.high <= upper
            result |= {"bar": bar, "passed": passed}
    return result


def sound_of(condition: Condition, source: Condition) -> dict[str, Any]:
    """Duration, F0 spread and leading silence against the source, sentence by sentence."""
    pairs = [
        (sound, source.sounds[index]) for sound, index in zip(condition.sounds, condition.source, strict=True)
    ]
    spread = [sound.f0_spread_semitones for sound, _ in pairs]
    wanted = [other.f0_spread_semitones for _, other in pairs]
    return {
        "duration_ratio": _quantiles([sound.duration_s / other.duration_s for sound, other in pairs]),
        "f0_spread_ratio": round(float(np.median(spread) / max(1e-6, np.median(wanted))), 3),
        "leading_silence_ms": _quantiles([sound.leading_silence_ms for sound, _ in pairs]),
    }


def likeness_of(condition: Condition) -> dict[str, Any]:
    """Medians over the sentences of what differs from the source; nothing where the times are others."""
    if not condition.likenesses:
        return {}
    pauses = [each.pause_dbfs for each in condition.likenesses if each.pause_dbfs is not None]
    return {
        "f0_error_semitones": _quantiles([each.f0_error_semitones for each in condition.likenesses]),
        "voicing_error": _quantiles([each.voicing_error for each in condition.likenesses]),
        "pause_dbfs": _quantiles(pauses) if pauses else None,
    }


def missed_by_sound(name: str, figures: Mapping[str, Any]) -> list[str]:
    """The measures of `SOUND_BARS` that a condition's figures miss."""
    kind = "voice" if name == "voice" else "codec" if name in UPPER_BARS else ""
    missed = []
    for measure, (low, high) in SOUND_BARS.get(kind, {}).items():
        value = figures.get(measure)
        median = value["median"] if isinstance(value, dict) else value
        if median is not None and not low <= median <= high:
            missed.append(measure)
    return missed


def failures_of(
    condition: Condition, source: Condition, references: Sequence[tuple[str, ...]], sentences: Sequence[str]
) -> dict[str, Any]:
    """Share of failed takes with its Wilson interval, by kind, and the takes themselves."""
    failed: list[dict[str, Any]] = []
    for place, index in enumerate(condition.source):
        sound, other = condition.sounds[place], source.sounds[index]
        take = Take(
            reference=references[index],
            heard=condition.heard[place],
            errors=condition.errors[place],
            duration_ratio=sound.duration_s / other.duration_s,
            active_ratio=sound.active_s / max(other.active_s, 1e-6),
            reached_limit=condition.reached_limit[place],
        )
        kind = failure(take)
        if kind is not None:
            failed.append(
                {
                    "kind": kind,
                    "sentence": sentences[index],
                    "heard": " ".join(take.heard),
                    "wer": round(take.errors.rate, 3),
                    "duration_ratio": round(take.duration_ratio, 3),
                }
            )
    counts = Counter(str(item["kind"]) for item in failed)
    share = wilson(len(failed), len(condition.source))
    return {
        "count": len(failed),
        "of": len(condition.source),
        "share": _rounded(share),
        "bar": FAILURE_BAR,
        "passed": share.value <= FAILURE_BAR,
        "kinds": {kind: counts[kind] for kind in KINDS},
        "takes": failed,
    }


def result(
    about: dict[str, Any],
    conditions: Sequence[Condition],
    references: Sequence[tuple[str, ...]],
    sentences: Sequence[str],
) -> dict[str, Any]:
    """The whole result; the first condition is the source."""
    source = conditions[0]
    report: dict[str, Any] = {**about, "sentences": len(sentences), "conditions": {}}
    for condition in conditions:
        figures = wer_of(condition, source)
        if condition is not source:
            figures |= sound_of(condition, source) | likeness_of(condition)
            if condition.name == "voice":
                figures["failures"] = failures_of(condition, source, references, sentences)
            figures["missed"] = missed_by_sound(condition.name, figures)
        report["conditions"][condition.name] = figures
    return report


def table(report: dict[str, Any]) -> str:
    """The same for people."""
    lines = [f"{report['name']}: {report['sentences']} held-out sentences, word error rate in per cent", ""]
    lines.append(
        f"{'':<16}{'WER':>6}  {'95 % interval':<15}{'above source':>13}  {'95 % interval':<17}{'bar':>5}"
    )
    for name, figures in report["conditions"].items():
        wer = figures["wer"]
        line = f"{name:<16}{100 * wer['value']:>6.1f}  {_span(wer):<15}"
        if "above_source" in figures:
            line += f"{100 * figures['above_source']['value']:>+13.1f}  {_span(figures['above_source']):<17}"
        if "bar" in figures:
            line += f"{100 * figures['bar']:>+5.0f}  {'passed' if figures['passed'] else 'MISSED'}"
        lines.append(line)
    for name, figures in report["conditions"].items():
        if "duration_ratio" in figures:
            ratio, silence = figures["duration_ratio"], figures["leading_silence_ms"]
            lines.append(
                f"{name}: duration ratio {ratio['median']:.2f} ({ratio['p5']:.2f} to {ratio['p95']:.2f}), "
                f"F0 spread ratio {figures['f0_spread_ratio']:.2f}, "
                f"leading silence {silence['median']:.0f} ms (95 %: {silence['p95']:.0f} ms)"
            )
        if "f0_error_semitones" in figures:
            error, voicing, pause = (
                figures[k] for k in ("f0_error_semitones", "voicing_error", "pause_dbfs")
            )
            lines.append(
                f"{name}: F0 error {error['median']:.2f} semitones (95 %: {error['p95']:.2f}), voicing error "
                f"{100 * voicing['median']:.1f} %" + (f", pauses {pause['median']:.0f} dBFS" if pause else "")
            )
        if figures.get("missed"):
            lines.append(f"{name}: MISSED the bar of {', '.join(figures['missed']).replace('_', ' ')}")
        if "failures" in figures:
            failures = figures["failures"]
            kinds = (
                ", ".join(f"{count} {kind}" for kind, count in failures["kinds"].items() if count) or "none"
            )
            verdict = "passed" if failures["passed"] else "MISSED"
            lines.append(
                f"failures: {failures['count']} of {failures['of']} = {100 * failures['share']['value']:.1f} % "
                f"(Wilson {_span(failures['share'])}), bar {100 * failures['bar']:.0f} % {verdict}: {kinds}"
            )
    return "\n".join(lines)


def _span(interval: dict[str, float]) -> str:
    return f"{100 * interval['low']:.1f} to {100 * interval['high']:.1f}"
