"""The command line besides `say`: voices, the doctor, and what other programs carry out."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from app.cli.main import main
from engine.handle import EngineHandle
from tests.fakes.shared_engine import SharedEngine
from tests.fakes.tones import ToneShelf


@pytest.fixture(scope="module")
def engine() -> Iterator[EngineHandle]:
    handle = SharedEngine()
    handle.start()
    yield handle
    handle.close()


def run(engine: EngineHandle, *arguments: str) -> int:
    return main(arguments, lambda: engine)


def test_voices_are_listed_for_people_and_programs(
    engine: EngineHandle, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(engine, "voices", "list") == 0
    assert capsys.readouterr().out.split()[:2] == ["tones", "sotto-csm"]
    assert run(engine, "voices", "list", "--json") == 0
    assert [voice["name"] for voice in json.loads(capsys.readouterr().out)] == ["tones"]


def test_a_voice_shows_its_card(engine: EngineHandle, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(engine, "voices", "show", "tones") == 0
    assert "wer: 0.5" in capsys.readouterr().out
    assert run(engine, "voices", "show", "tones", "--json") == 0
    assert json.loads(capsys.readouterr().out)["card"]["metrics"] == {"wer": 0.5}


def test_every_voice_is_verified_unless_one_is_named(
    engine: EngineHandle, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(engine, "voices", "verify", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"voice": "tones", "whole": True}


def test_the_doctor_names_every_subject_and_a_mend_for_what_is_wrong(
    no_sound_card: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", "--json"], lambda: EngineHandle(ToneShelf)) == 0
    report = json.loads(capsys.readouterr().out)
    subjects = [finding["subject"] for finding in report["findings"]]
    assert subjects == [
        "system",
        "accelerator",
        "runtime",
        "loudspeaker",
        "microphone",
        "voice",
        "disk",
        "network",
    ]
    silent = report["findings"][3]
    assert silent["state"] == "warning"
    assert "--out" in silent["mend"]


def test_a_program_that_carries_out_a_command_passes_its_exit_code_on(
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert main(["bench", "nonsense"]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert "nonsense" in err
    assert "Traceback" not in err


def test_help_and_version_succeed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("sotto ")
    assert main([]) == 0
    assert "COMMAND" in capsys.readouterr().out
