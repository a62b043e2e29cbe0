"""The benchmarks run on a real voice and print what they promise; their figures are no test's business."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from benchmarks import speculation
from benchmarks.__main__ import main
from engine.model import load_model
from engine.model.speculation import DraftHeads, save_draft


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


@pytest.mark.parametrize("drafted", [True, False], ids=["heads", "no heads"])
def test_speculation_is_measured_beside_plain_decoding(
    babbler_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], drafted: bool
) -> None:
    arguments = ["--voice", str(babbler_folder), "--frames", "6", "--json"]
    if drafted:
        model, about = load_model(babbler_folder / "model.safetensors")
        torch.manual_seed(0)
        save_draft(tmp_path / "draft.safetensors", DraftHeads(model.config), about["sha256"])
        arguments += ["--draft", str(tmp_path / "draft.safetensors")]
    assert speculation.main(arguments) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["frames"] == 6
    assert told["frames_different"] == 0
    assert told["heads"] is drafted
    assert told["torch"]["plain"]["cpu_ms"] > 0
    assert 1 <= told["torch"]["all"]["books_a_pass"] <= 5
    assert ("all, no heads" in told["torch"]) is drafted
    assert told["torch"]["largest_rounding_of_bound"] < 1
    estimated = told["onnx int8, estimated"]
    assert set(estimated["passes_alone_cpu_ms"]) == {f"window {w}" for w in speculation.WINDOWS} | {"all"}
    assert 0 <= estimated["frames_too_close_to_call"] <= 1


def test_missing_draft_heads_are_one_sentence(
    babbler_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert speculation.main(["--voice", str(babbler_folder), "--draft", "nowhere"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
