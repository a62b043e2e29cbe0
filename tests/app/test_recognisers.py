"""`sotto recognisers` with the real engine process and a hub on the loopback interface."""

from __future__ import annotations

import json
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli.main import main
from engine.handle import EngineHandle
from engine.recognition import Grammar, make_recogniser
from tests.fakes.hub_server import HubServer
from tests.fakes.tones import ToneShelf
from tests.fixtures.tone_models import write_model

GRAMMAR = Grammar("#JSGF V1.0; grammar t; public <c> = stop;")


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """The shipped catalogue's smallest kind of model, in the place where it is looked for."""
    folder = write_model(tmp_path / "made", "int8")
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    with HubServer(files, repo="istupakov/parakeet-ctc-0.6b-onnx", licence="cc-by-4.0") as server:
        monkeypatch.setenv("HF_ENDPOINT", server.endpoint)
        monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
        monkeypatch.setenv("SOTTO_DATA_DIR", str(tmp_path / "data"))
        yield server


def test_a_recogniser_is_fetched_listed_checked_used_and_removed(
    hub: HubServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["recognisers", "fetch", "parakeet-ctc"]) == 0
    assert "Fetched parakeet-ctc" in capsys.readouterr().out
    assert main(["recognisers", "list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    states = {one["name"]: one["state"] for one in listed["recognisers"]}
    assert (states["pocketsphinx"], states["parakeet-ctc"]) == ("bundled", "installed")
    assert listed["cache"] == str(tmp_path / "hub" / "hub")
    made = make_recogniser(GRAMMAR, "parakeet-ctc", tmp_path / "data")
    made.start()
    made.close()
    assert main(["recognisers", "verify"]) == 0
    assert "every file is whole" in capsys.readouterr().out
    assert main(["recognisers", "remove", "parakeet-ctc"]) == 0
    assert "MB are free again" in capsys.readouterr().out


def test_mistakes_are_one_sentence(hub: HubServer, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, words in (
        (["recognisers", "fetch", "parrot"], "There is no recogniser 'parrot' to download"),
        (["recognisers", "remove", "whisper-base"], "was not downloaded"),
        (["recognisers", "fetch", "whisper-base"], "no model istupakov/whisper-base-onnx on the hub"),
    ):
        assert main(arguments) == 2
        told = capsys.readouterr().err
        assert words in told
        assert len(told.strip().splitlines()) == 1


def quiet(path: Path) -> Path:
    """A second of silence as a recording."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 48_000, 0, "NONE", ""))
        file.writeframes(bytes(2 * 48_000))
    return path


def talk(recording: Path, recogniser: Path | str) -> int:
    arguments = ["talk", str(recording), "--json", "--recogniser", str(recogniser)]
    return main(arguments, lambda: EngineHandle(ToneShelf))


def test_a_conversation_listens_with_a_folder_of_ones_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SOTTO_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("SOTTO_CONFIG_DIR", str(tmp_path / "config"))
    recording = quiet(tmp_path / "quiet.wav")
    assert talk(recording, write_model(tmp_path / "tones")) == 0
    assert json.loads(capsys.readouterr().out)["turns"] == []
    (tmp_path / "empty").mkdir()
    for wrong, words in (
        (tmp_path / "empty", "There is no .onnx file"),
        ("parrot", "no recogniser 'parrot'"),
    ):
        assert talk(recording, wrong) == 2
        assert words in capsys.readouterr().err
