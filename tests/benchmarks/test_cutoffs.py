"""The benchmark of cut-offs in a small form: words from the plan, sound from flite, nothing heard twice."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from benchmarks.bars import BARS
from benchmarks.cutoffs import PATIENCES, main
from training.corpus import flite


@pytest.mark.skipif(not flite.available(), reason="flite is not installed (make setup installs it)")
def test_a_few_turns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = tmp_path / "traces.jsonl"
    options = ["--turns", "24", "--corpus-share", "0", "--ears", "timed", "--workers", "1", "--json"]
    assert main([*options, "--work", str(tmp_path), "--traces", str(kept)]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["turns"] == 24
    assert figures["half"] == "held"
    assert set(figures["voices"]) == {"rms", "awb"}
    assert figures["pauses"]["final"] == 12
    assert figures["understood"] == 1.0
    assert {bar["figure"] for bar in figures["bars"]} == {bar.figure for bar in BARS["cutoffs"]}
    assert figures["cut"] <= 0.25
    assert figures["command_ms"]["p50"] < figures["open_ms"]["p50"] < 1500
    assert [row["patience"] for row in figures["curve"]] == list(PATIENCES)
    assert figures["curve"][0]["cut"] >= figures["curve"][-1]["cut"]
    assert figures["curve"][-1]["cut"] == 0.0, "with that much patience nobody is cut off"
    assert all(math.isfinite(row["open_ms"]["p95"]) for row in figures["curve"])
    assert len(kept.read_text(encoding="utf-8").splitlines()) == 24

    heard = {path: path.stat().st_mtime_ns for path in tmp_path.glob("timed-*.jsonl")}
    assert main([*options, "--work", str(tmp_path)]) == 0
    assert json.loads(capsys.readouterr().out)["cut"] == figures["cut"]
    assert {path: path.stat().st_mtime_ns for path in tmp_path.glob("timed-*.jsonl")} == heard


def test_clips_that_are_not_there_are_told_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--turns", "0", "--corpus-share", "0", "--ears", "timed", "--work", str(tmp_path)]
    assert main([*options, "--clips", str(tmp_path / "nowhere")]) == 2
    assert "cannot be read" in capsys.readouterr().err
