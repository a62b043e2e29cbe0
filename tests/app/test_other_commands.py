"""The command line besides `say`: voices, the doctor, and what other programs carry out."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli.main import main
from engine.handle import EngineHandle
from engine.paths import DATA_DIR_VARIABLE
from engine.shelf import RuntimeShelf
from tests.fakes.shared_engine import SharedEngine
from tests.fakes.tones import ToneShelf

CARD = """
name = "A title"
kind = "sotto"
licence = "Apache-2.0"
description = ""
speaker = "me"
sample_rate_hz = 24000
frame_rate_hz = 16.6667
codebooks = 32
context_frames = 100
"""


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


@pytest.fixture
def own_voices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's voices, as far as their cards: one that is well, one that is damaged."""
    monkeypatch.setenv(DATA_DIR_VARIABLE, str(tmp_path))
    for name, card in (("mine", CARD), ("torn", "name =")):
        folder = tmp_path / "voices" / name
        folder.mkdir(parents=True)
        (folder / "voice.toml").write_text(card, encoding="utf-8")
    return tmp_path / "voices"


def test_a_voice_whose_card_is_damaged_is_told_of(
    own_voices: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the real shelf, in an engine process: listed beside the others, refused by verify, a problem to the doctor."""
    (own_voices / "mine" / "voice.toml").unlink()
    (own_voices / "mine").rmdir()
    shared = SharedEngine(RuntimeShelf)
    shared.start()
    with contextlib.closing(shared):
        assert run(shared, "voices", "list") == 0
        assert "torn/voice.toml is damaged" in capsys.readouterr().err
        for arguments in (["verify"], ["verify", "torn"], ["show", "torn"]):
            assert run(shared, "voices", *arguments) == 2
            err = capsys.readouterr().err
            assert "torn/voice.toml is damaged" in err
            assert err.count("\n") == 1
        assert run(shared, "doctor", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    (told,) = [
        finding for finding in report["findings"] if "torn/voice.toml is damaged" in finding["finding"]
    ]
    assert (told["state"], report["well"]) == ("problem", False)
    assert str(own_voices / "torn") in told["mend"]


def test_voices_of_the_users_own_are_removed_by_name(
    own_voices: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shared = SharedEngine(RuntimeShelf)
    shared.start()
    with contextlib.closing(shared):
        assert run(shared, "voices", "remove", "nobody") == 2
        assert "There is no voice named 'nobody'" in capsys.readouterr().err
        assert run(shared, "voices", "remove", "torn") == 0
        assert capsys.readouterr().out == f"Removed torn ({own_voices / 'torn'}).\n"
        assert run(shared, "voices", "remove", "mine", "--json") == 0
    path = str(own_voices / "mine")
    assert json.loads(capsys.readouterr().out) == {"voice": "mine", "path": path, "removed": True}
    assert list(own_voices.iterdir()) == []


def test_there_is_nothing_to_download_yet(own_voices: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["voices", "download"], ["voices", "download", "somebody"]):
        assert main(arguments) == 2
        out, err = capsys.readouterr()
        assert (out, err.count("\n")) == ("", 1)
        assert "no voices to download yet" in err
        assert str(own_voices) in err


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
        "recogniser",
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
