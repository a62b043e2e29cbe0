"""The GPU's benchmark is rehearsed where there is none, and says so where it is asked for in earnest."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from benchmarks.gpu import REHEARSAL, VARIANTS, main


def test_the_rehearsal_measures_every_variant_and_judges_every_bar(
    babbler_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--rehearse", "--json", "--voice", str(babbler_folder)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["benchmark"], told["rehearsal"], told["gpu"]) == ("gpu", True, None)
    for variant in VARIANTS:
        figures = told[variant]
        assert figures["graphs"] is False
        assert figures["frames"] == REHEARSAL.frames
        assert 0 < figures["frame_ms"]["p50"] <= figures["frame_ms"]["p99"]
        assert figures["rtf"] > 0
        assert 0 < figures["first_samples_ms"]["p50"] <= figures["first_sound_made_ms"]["p50"]
        assert figures["first_sound_made_ms"]["p95"] <= figures["first_sound_ms"]["p95"]
    assert told["float32"]["agreement"] == {
        "frames": REHEARSAL.compared,
        "codes": 1.0,
        "hidden_error": told["float32"]["agreement"]["hidden_error"],
    }
    assert told["float32"]["agreement"]["hidden_error"] < 1e-5
    assert told["bfloat16"]["agreement"]["hidden_error"] > 1e-4
    assert [bar["figure"] for bar in told["bars"]] == [
        "float32.rtf",
        "float32.first_sound_made_ms.p95",
        "float32.agreement.codes",
        "bfloat16.agreement.codes",
    ]
    assert all(isinstance(bar["passed"], bool) for bar in told["bars"])


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu_it_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--json"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert "no CUDA GPU" in told.err
    assert "--rehearse" in told.err
