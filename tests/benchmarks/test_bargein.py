"""The barge-in benchmark prints one object whose bars are judged; whether they are passed is no test's business."""

from __future__ import annotations

import json

import pytest

from benchmarks.bargein import main
from benchmarks.bars import BARS


def test_a_few_seconds_of_echo_alone_are_told_with_their_bars(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--echo-minutes", "0.02", "--json"]) == 0
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    figures = json.loads(out)
    assert figures["benchmark"] == "bargein echo"
    assert figures["minutes"] > 0.0
    assert {bar["figure"] for bar in figures["bars"]} == {bar.figure for bar in BARS["bargein echo"]}


def test_a_folder_without_recordings_is_named(tmp_path: object, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--recall", "3", "--human", str(tmp_path)]) == 2
    assert "There are no WAV files" in capsys.readouterr().err
