"""The benchmarks run on a real voice and print what they promise; their figures are no test's business."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.__main__ import main


def test_the_frames_of_a_paragraph_are_measured(
    babbler_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["frame", "--voice", str(babbler_folder), "--device", "cpu", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["benchmark"] == "frame"
    assert told["frames"] > 100
    assert told["rtf"] > 0
    assert 0 < told["frame_ms"]["p50"] <= told["frame_ms"]["p95"] <= told["frame_ms"]["p99"]


def test_an_unknown_voice_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["say", "--voice", "nobody"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
