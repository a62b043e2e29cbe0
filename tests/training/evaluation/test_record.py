"""An evaluation's figures end up in the voice's card, and only they change there."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from engine.errors import SottoError
from training.evaluation.record import card_metrics, write_metrics

CARD = 'name = "small"\nspeaker = "one"\n\n[provenance]\nparameters = 12\n'


def figures(voice_wer: float) -> dict[str, Any]:
    spread = {"low": 0.0, "high": 1.0}
    return {
        "runtime": "onnx",
        "sentences": 20,
        "conditions": {
            "source": {"wer": {"value": 0.08, **spread}},
            "codec 32 books": {"wer": {"value": 0.1, **spread}, "above_source": {"value": 0.02, **spread}},
            "voice": {
                "wer": {"value": voice_wer, **spread},
                "above_source": {"value": voice_wer - 0.08, **spread},
                "failures": {"share": {"value": 0.05, **spread}},
                "duration_ratio": {"median": 1.01},
                "f0_spread_ratio": 0.93,
                "leading_silence_ms": {"median": 41.0},
            },
        },
    }


def test_a_second_evaluation_replaces_the_first_and_leaves_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "voice.toml"
    path.write_text(CARD, encoding="utf-8")
    for wer in (0.3, 0.2):
        write_metrics(path, card_metrics(figures(wer), "sotto evaluate voice", "2026-01-31"))
    card = tomllib.loads(path.read_text(encoding="utf-8"))
    metrics = card.pop("metrics")
    assert card == tomllib.loads(CARD)
    assert metrics["voice_wer"] == 0.2
    assert metrics["voice_wer_above_source"] == pytest.approx(0.12)
    assert metrics["codec_32_books_wer_above_source"] == 0.02
    assert metrics["command"] == "sotto evaluate voice"
    assert [p.name for p in tmp_path.iterdir()] == ["voice.toml"]


def test_a_card_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(SottoError, match="cannot be written"):
        write_metrics(tmp_path / "missing" / "voice.toml", {"date": "2026-01-31"})
