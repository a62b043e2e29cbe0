"""`sotto models` and errands through a real engine process, beside a server on the loopback interface."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli.main import main
from engine.dialogue.model_config import load_dialogue_config
from engine.handle import EngineHandle
from tests.fakes.model_server import ModelServer, words
from tests.fakes.shared_engine import SharedEngine

KEY = "sk-of-this-test"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def engine(folder: Path) -> Iterator[EngineHandle]:
    """With a folder and a keyring of its own."""
    environment = {
        "SOTTO_DATA_DIR": str(folder),
        "PYTHON_KEYRING_BACKEND": "tests.fakes.keyrings.FileKeyring",
        "KEYRING_FILE": str(folder / "keyring.json"),
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        handle = SharedEngine()
        handle.start()
    yield handle
    handle.close()


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with ModelServer(models=("small", "large"), key=KEY) as running:
        running.behaviours = [words("Hello")]
        yield running


def run(engine: EngineHandle, *arguments: str, typed: str = "") -> int:
    reading, writing = os.pipe()
    os.write(writing, typed.encode())
    os.close(writing)
    try:
        return main(("models", *arguments), lambda: engine, reading)
    finally:
        os.close(reading)


def test_a_model_is_set_up_from_key_to_answer_and_put_down(
    engine: EngineHandle, server: ModelServer, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    address = server.base_url
    assert run(engine, "use", address, "small") == 0
    said = capsys.readouterr()
    assert said.out == f"small of {address} answers what the built-in skills do not.\n"
    assert "asks for an API key" in said.err, "its models cannot be listed yet, which hinders nothing"
    assert run(engine, "test") == 2
    assert "asks for an API key; enter one in the settings" in capsys.readouterr().err
    assert run(engine, "key", address, typed=f"{KEY}\nmore\n") == 0
    assert capsys.readouterr().out == f"The key of {address} is in the keyring.\n"
    assert json.loads((folder / "keyring.json").read_text(encoding="utf-8")) == {address: KEY}
    assert KEY not in (folder / "dialogue.toml").read_text(encoding="utf-8")
    assert run(engine, "use", address, "tiny") == 2
    assert "has no language model 'tiny'; the server has: small, large." in capsys.readouterr().err
    assert run(engine, "test", "--json") == 0
    assert json.loads(capsys.readouterr().out)["first_answer_ms"] > 0.0
    assert run(engine, "list", address) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        f"Server  {address}",
        "  small  (answers now)",
        "  large",
    ]
    assert run(engine, "off", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"used": None}
    resting = load_dialogue_config(folder / "dialogue.toml").resting
    assert resting is not None
    assert resting.key == address
    assert run(engine, "key", address) == 0
    assert json.loads((folder / "keyring.json").read_text(encoding="utf-8")) == {}


def test_what_cannot_be_is_one_sentence(
    engine: EngineHandle, server: ModelServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(engine, "off") == 0
    assert run(engine, "test") == 2
    assert "choose one by `sotto models use ADDRESS MODEL`" in capsys.readouterr().err
    assert run(engine, "use", "ftp://somewhere", "small") == 2
    assert "is no address of a server" in capsys.readouterr().err
    assert run(engine, "list", "http://127.0.0.1:9/v1") == 2
    assert "No language model server answers at http://127.0.0.1:9/v1" in capsys.readouterr().err
    assert run(engine, "key", server.base_url, typed="two words") == 2
    assert "This is no API key" in capsys.readouterr().err


def test_a_chat_tells_that_its_model_does_not_answer_and_goes_on(
    engine: EngineHandle, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(engine, "use", "http://127.0.0.1:9/v1", "small") == 0
    reading, writing = os.pipe()
    os.write(writing, b"why is the sky blue\n")
    os.close(writing)
    assert main(("chat",), lambda: engine, reading) == 0
    os.close(reading)
    shown = capsys.readouterr()
    assert "sotto: No language model server answers at http://127.0.0.1:9/v1" in shown.err
    assert "so I answer with what I can do myself" in shown.out
    assert run(engine, "off") == 0


def test_the_servers_of_this_machine_are_listed(
    engine: EngineHandle, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever runs here: none as a rule, and none is a sentence."""
    assert run(engine, "list", "--json") == 0
    assert set(json.loads(capsys.readouterr().out)) == {"used", "servers"}
    assert run(engine) == 0
    assert "answer" in capsys.readouterr().out


def test_the_clients_are_not_imported_by_the_front_end(engine: EngineHandle) -> None:
    import subprocess

    code = "import app.cli.main, sys; print(*[n for n in ('openai', 'mcp', 'keyring') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
