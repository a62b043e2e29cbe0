"""The benchmarks run on a real voice and print what they promise; whether bars are passed is no test's business."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from benchmarks import runtime_parts, speculation
from benchmarks.__main__ import main
from benchmarks.bars import BARS, Bar, in_words
from engine.config import to_mapping
from engine.model import load_model
from engine.model.speculation import DraftHeads, save_draft
from tests.fixtures.babbler import BABBLER


@pytest.fixture
def told(babbler_folder: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs a benchmark of the babbling voice; gives its one JSON object, whose figures are finite and judged."""

    def run(benchmark: str, *options: str, of_a_voice: bool = True) -> dict[str, Any]:
        voice = ["--voice", str(babbler_folder), "--device", "cpu"] if of_a_voice else []
        assert main([benchmark, *voice, *options, "--json"]) == 0
        return checked(capsys.readouterr().out, benchmark)

    return run


def checked(out: str, benchmark: str) -> dict[str, Any]:
    """The one JSON object that was printed."""
    assert out.count("\n") == 1
    figures: dict[str, Any] = json.loads(out)
    assert figures["benchmark"] == benchmark
    assert figures["cpu"]
    assert figures["torch"]
    assert all(math.isfinite(number) for number in numbers(figures))
    bars = {verdict["figure"]: verdict for verdict in figures["bars"]}
    assert set(bars) == {bar.figure for bar in BARS[benchmark]}
    for verdict in bars.values():
        below, above = verdict.get("at_most", math.inf), verdict.get("at_least", -math.inf)
        assert verdict["passed"] is (above <= verdict["value"] <= below)
    return figures


def test_a_bar_is_passed_up_to_its_limit_and_missed_beyond() -> None:
    most, least = Bar("a.b", at_most=2.0), Bar("a.b", at_least=2.0)
    told = [in_words(bar.judged({"a": {"b": value}})) for bar in (most, least) for value in (1.9, 2.0, 2.1)]
    passed = [sentence.rpartition(": ")[2] for sentence in told]
    assert passed == ["passed", "passed", "MISSED", "MISSED", "passed", "passed"]


def numbers(value: Any) -> list[float]:
    """Every number in a JSON value."""
    if isinstance(value, dict):
        return [number for part in value.values() for number in numbers(part)]
    if isinstance(value, list):
        return [number for part in value for number in numbers(part)]
    return [value] if isinstance(value, int | float) else []


def test_the_first_sound_of_sentences_is_measured(told: Any) -> None:
    figures = told("say")
    assert figures["utterances"] == 20
    assert 0 < figures["first_samples_ms"]["p50"] <= figures["first_sound_ms"]["p50"]
    assert figures["leading_silence_ms"]["p50"] >= 0
    assert figures["rtf"]["p50"] > 0


def test_the_frames_of_a_paragraph_are_measured(told: Any) -> None:
    figures = told("frame")
    assert figures["frames"] > 100
    assert figures["rtf"] > 0
    assert 0 < figures["frame_ms"]["p50"] <= figures["frame_ms"]["p95"] <= figures["frame_ms"]["p99"]


def test_a_fresh_process_is_measured_to_its_first_sound(told: Any) -> None:
    figures = told("start", "--runs", "1")
    stages = ("engine_asked_s", "voice_loaded_s", "first_samples_s", "first_sound_s")
    moments = [figures[stage]["max"] for stage in stages]
    assert moments == sorted(moments)
    assert 0 < moments[0] < moments[1]


def test_the_memory_of_a_long_text_is_measured(told: Any) -> None:
    figures = told("long", "--words", "60")
    assert figures["words"] == 60
    assert figures["audio_s"] > 5
    assert 0 < figures["peak_at_quarter_mb"] <= figures["peak_at_end_mb"]


def test_the_late_frames_of_a_stream_are_held_against_early_ones(told: Any) -> None:
    figures = told("steady", "--minutes", "0.2")
    assert (figures["early"]["until_minute"], figures["late"]["until_minute"]) == (0.1, 0.2)
    assert figures["early"]["frames"] == figures["late"]["frames"] == 100
    assert set(figures["ratio"]) == {"wall_p50", "wall_p99", "cpu_p50", "cpu_p99"}
    assert figures["resident_early_mb"] > 0
    assert figures["peak_mb"] >= figures["resident_late_mb"] > 0


def test_people_are_told_in_words(babbler_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["long", "--words", "10", "--voice", str(babbler_folder)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.rpartition(": ")[2] for line in lines[-2:]] in (["passed", "passed"], ["MISSED", "passed"])


@pytest.fixture
def small_preset(tmp_path: Path) -> Path:
    """The babbling voice's shape, as a preset on disk."""
    memory = {"heads": BABBLER.memory.heads}
    values = {key: value for key, value in to_mapping(BABBLER).items() if key != "memory"}
    lines = [f"{key} = {json.dumps(value)}" for key, value in values.items()]
    lines += ["[memory]", *(f"{key} = {value}" for key, value in memory.items())]
    path = tmp_path / "small.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_the_peer_is_measured_at_the_same_size(told: Any, small_preset: Path) -> None:
    figures = told("peer", "--config", str(small_preset), "--frames", "3", of_a_voice=False)
    assert set(figures["ours"]) == {"onnx int8", "onnx float32"}
    assert len(figures["peer"]) == 4
    assert all(part["frames"] == 9 for part in (*figures["ours"].values(), *figures["peer"].values()))
    assert figures["peer_best_eager"] in figures["peer"]
    assert figures["times_faster"] == min(figures["times_faster_wall"], figures["times_faster_cpu"])


def test_a_missing_peer_is_one_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "transformers", None)
    assert main(["peer"]) == 2
    err = capsys.readouterr().err
    assert "transformers" in err
    assert err.count("\n") == 1


def test_the_runtimes_are_compared_on_what_a_voice_says(
    babbler_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert runtime_parts.main(["float32", "--voice", str(babbler_folder), "--frames", "5"]) == 0
    figures = checked(capsys.readouterr().out, "runtime_parts float32")
    assert figures["voice"] == "babbler"
    assert figures["agreement"]["frames"] > 100
    assert figures["agreement"]["codes"] > 0.99
    assert set(figures["cpu_ms"]) == {"backbone", "noise", "depth", "decode", "frame"}


@pytest.mark.parametrize("benchmark", ["say", "start"])
def test_an_unknown_voice_is_one_sentence(benchmark: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([benchmark, "--voice", "nobody"]) == 2
    err = capsys.readouterr().err
    assert "There is no voice named 'nobody'" in err
    assert err.count("\n") == 1


def test_a_stream_too_short_to_compare_is_one_sentence(
    babbler_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["steady", "--voice", str(babbler_folder), "--minutes", "0.001"]) == 2
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
