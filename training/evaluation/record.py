"""Writes an evaluation's figures into the voice's card, so that no result is ever copied by hand.

Pure text and one file. Must not import torch.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.errors import SottoError

_HEADER = "[metrics]"


def card_metrics(report: Mapping[str, Any], command: str, date: str) -> dict[str, str | float]:
    """The figures of a voice's evaluation that its card shows, rates as fractions, with their command and date."""
    conditions = report["conditions"]
    metrics: dict[str, str | float] = {
        "date": date,
        "command": command,
        "runtime": report["runtime"],
        "sentences": report["sentences"],
        "source_wer": conditions["source"]["wer"]["value"],
    }
    for name, figures in conditions.items():
        if "above_source" in figures:
            metrics[f"{name.replace(' ', '_')}_wer_above_source"] = figures["above_source"]["value"]
        if "f0_error_semitones" in figures:
            metrics[f"{name.replace(' ', '_')}_f0_error_semitones"] = figures["f0_error_semitones"]["median"]
    voice = conditions["voice"]
    return metrics | {
        "voice_wer": voice["wer"]["value"],
        "voice_failures": voice["failures"]["share"]["value"],
        "voice_duration_ratio": voice["duration_ratio"]["median"],
        "voice_f0_spread_ratio": voice["f0_spread_ratio"],
        "voice_leading_silence_ms": voice["leading_silence_ms"]["median"],
    }


def write_metrics(card: Path, metrics: Mapping[str, str | float]) -> None:
    """Replace the card's last table, `[metrics]`, or add it; atomic. Raises SottoError when it cannot be written."""
    try:
        kept = card.read_text(encoding="utf-8").partition(_HEADER)[0].rstrip("\n")
        lines = [f"{key} = {json.dumps(value)}" for key, value in metrics.items()]
        partial = card.with_name(f".{card.name}.partial")
        partial.write_text("\n".join([kept, "", _HEADER, *lines, ""]), encoding="utf-8")
        os.replace(partial, card)
    except OSError as error:
        raise SottoError(f"The voice's card {card} cannot be written ({error.strerror}).") from error
