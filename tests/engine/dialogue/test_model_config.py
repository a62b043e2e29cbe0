"""Which model and which tool servers: written, read, and refused with one sentence each."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from engine.dialogue.built_in import BuiltInDialogue
from engine.dialogue.model_config import (
    DialogueConfig,
    ModelConfig,
    ToolServerConfig,
    load_dialogue_config,
    save_dialogue_config,
)
from engine.dialogue.opening import dialogue_config_path, open_dialogue, open_kept
from engine.dialogue.servers import find_servers, models_at
from engine.dialogue.trouble import ModelTrouble
from engine.dialogue.with_model import try_out
from engine.errors import ConfigError
from tests.engine.dialogue.conversing import asked, config_for
from tests.fakes.model_server import Behaviour, ModelServer

MODEL = ModelConfig("http://127.0.0.1:11434/v1/", "llama3.2:3b", persona="You are Marvin.")


def test_what_is_written_is_read(tmp_path: Path) -> None:
    servers = (
        ToolServerConfig("files", command="npx", arguments=("a", "b"), environment={"A": "1"}, allowed=True),
        ToolServerConfig("web", url="http://127.0.0.1:9/mcp", allowed_tools=("look",)),
    )
    path = tmp_path / "deep" / "dialogue.toml"
    for config in (DialogueConfig(MODEL, servers), DialogueConfig(MODEL), DialogueConfig()):
        save_dialogue_config(path, config)
        assert load_dialogue_config(path) == config
    assert load_dialogue_config(tmp_path / "none.toml") == DialogueConfig()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[model]\nbase_url = 'localhost:11434'\nmodel = 'x'", "'localhost:11434' is no address of a server"),
        ("[model]\nbase_url = 'http://'\nmodel = 'x'", "is no address of a server"),
        ("[model]\nbase_url = 'http://a:99999999/v1'\nmodel = 'x'", "is no address of a server"),
        ("[model]\nbase_url = 'http://a/v1'\nmodel = ' '", "model is empty"),
        ("[model]\nbase_url = 'http://a/v1'", "the key 'model' is missing"),
        ("[model]\nbase_url = 'http://a/v1'\nmodel = 'x'\ntop_k = 4", "unknown key 'top_k'"),
        ("[model]\nbase_url = 'http://a/v1'\nmodel = 'x'\ncontext_tokens = 500", "must exceed answer_tokens"),
        ("[model]\nbase_url = 'http://a/v1'\nmodel = 'x'\ntemperature = 9", "temperature must lie between"),
        ("[model]\nbase_url = 'http://a/v1'\nmodel = 'x'\nread_s = 0", "read_s must be positive"),
        ("model = 5", "[model] must be a table"),
        ("tool_servers = 5", "[[tool_servers]] must be tables"),
        ("[voice]\nname = 'x'", "unknown key 'voice'"),
        ("[[tool_servers]]\nname = 'x'", "needs either a command or a url"),
        ("[[tool_servers]]\nname = 'a b'\ncommand = 'x'", "has letters, digits"),
        (
            "[[tool_servers]]\nname = 'a'\ncommand = 'x'\n[[tool_servers]]\nname = 'a'\ncommand = 'y'",
            "named 'a'",
        ),
        ("[model", "is not valid TOML"),
    ],
)
def test_what_cannot_be_is_refused_with_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "dialogue.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as refused:
        load_dialogue_config(path)
    assert sentence in str(refused.value)
    assert str(path) in str(refused.value)


def test_settings_that_cannot_be_read_leave_the_skills(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOTTO_DATA_DIR", str(tmp_path))
    dialogue_config_path().write_text("[model")
    store, dialogue, notice = open_kept()
    try:
        assert "is not valid TOML" in notice
        assert "no language model answers" in notice
        assert isinstance(dialogue, BuiltInDialogue)
    finally:
        dialogue.close()
        assert store is not None
        store.close()


def test_a_model_that_is_set_up_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOTTO_DATA_DIR", str(tmp_path))
    with ModelServer() as server:
        save_dialogue_config(dialogue_config_path(), DialogueConfig(config_for(server)))
        store, dialogue, notice = open_kept()
        try:
            assert notice == ""
            assert "".join(dialogue.reply(asked("why is the sky blue"), ()).pieces()) == "Hello there."
        finally:
            dialogue.close()
            assert store is not None
            store.close()


def test_without_a_model_the_skills_answer_alone() -> None:
    assert isinstance(open_dialogue(None, config=DialogueConfig()), BuiltInDialogue)


def test_servers_on_this_machine_are_found_with_their_models() -> None:
    async def work() -> None:
        with ModelServer(models=("a", "b")) as good, ModelServer(key="wanted") as locked:
            candidates = (
                ("Good", good.base_url),
                ("Locked", locked.base_url),
                ("None", "http://127.0.0.1:9/v1"),
            )
            (found,) = await find_servers(candidates, within_s=5.0)
            assert (found.name, found.models) == ("Good", ("a", "b"))
            assert await models_at(good.base_url) == ("a", "b")
            with pytest.raises(ModelTrouble, match="refused the API key"):
                await models_at(locked.base_url, "bad")

    asyncio.run(work())


def test_a_model_can_be_tried_out_and_timed() -> None:
    async def work() -> None:
        with ModelServer() as server:
            server.behaviours = [Behaviour(({"reasoning_content": "hm"}, "Hello"), pause_s=0.05)]
            times = await try_out(config_for(server), "")
            assert times.first_token_ms is not None
            assert times.first_answer_ms is not None
            assert times.first_answer_ms > times.first_token_ms > 0.0

    asyncio.run(work())


def test_a_dialogue_with_a_model_is_cheap_to_import() -> None:
    """The clients are imported by the dialogue thread, when it runs."""
    code = (
        "import sys, engine.dialogue.opening, engine.dialogue.with_model\n"
        "heavy = ('openai', 'mcp', 'pydantic', 'jsonschema', 'keyring', 'torch')\n"
        "print(*[name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_settings_that_cannot_be_read_are_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    assert load_dialogue_config(tmp_path / "file" / "dialogue.toml") == DialogueConfig(), "none can be there"
    (tmp_path / "dialogue.toml").mkdir()
    with pytest.raises(ConfigError, match=r"dialogue\.toml cannot be read \(.*\); make it readable\.$"):
        load_dialogue_config(tmp_path / "dialogue.toml")
