"""Errands: what the settings ask about models, keys and tools, on a real server, and what is written down of it."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from engine.connecting import Errands, address_of
from engine.dialogue.keys import Keyring, KeyStore
from engine.dialogue.model_config import (
    DEFAULT_PERSONA,
    DialogueConfig,
    ModelConfig,
    ToolServerConfig,
    load_dialogue_config,
    save_dialogue_config,
)
from engine.errand_events import ErrandDone
from engine.errands import (
    CancelErrand,
    DialogueSetup,
    Errand,
    FindServers,
    FoundServers,
    KeyStored,
    ListModels,
    ListTools,
    ModelServer,
    ModelTimes,
    OfferedTools,
    ReadDialogue,
    RemoveToolServer,
    SetToolServer,
    StoreKey,
    ToolServerSetup,
    TryModel,
    UseModel,
)
from engine.errors import ConfigError
from engine.events import Event
from tests.fakes import model_server
from tests.fakes.keyrings import NoKeyring, OpenKeyring
from tests.fakes.model_server import Behaviour, words

SECRET = "sk-very-secret"


@dataclass
class Settings:
    """Somebody with the settings open."""

    folder: Path
    ring: Keyring = field(default_factory=OpenKeyring)
    told: list[ErrandDone] = field(default_factory=list)
    renewed: int = 0
    changed: threading.Condition = field(default_factory=threading.Condition)
    errands: Errands = None  # type: ignore[assignment]  # begun with the rest

    @property
    def path(self) -> Path:
        return self.folder / "dialogue.toml"

    @property
    def config(self) -> DialogueConfig:
        return load_dialogue_config(self.path)

    def send(self, event: Event) -> None:
        assert isinstance(event, ErrandDone)
        assert SECRET not in repr(event)
        with self.changed:
            self.told.append(event)
            self.changed.notify_all()

    def renew(self) -> None:
        self.renewed += 1

    def asks(self, errand: Errand) -> ErrandDone:
        """The end of an errand."""
        before = len(self._of(errand))
        self.errands.take(errand)
        with self.changed:
            assert self.changed.wait_for(lambda: len(self._of(errand)) > before, 20.0), errand
            return self._of(errand)[-1]

    def _of(self, errand: Errand) -> list[ErrandDone]:
        return [event for event in self.told if event.errand == errand.errand]

    def sets(self, errand: Errand) -> DialogueSetup:
        """A change that goes well."""
        done = self.asks(errand)
        assert done.trouble == ""
        assert isinstance(done.result, DialogueSetup)
        return done.result


@contextmanager
def opened(
    folder: Path, ring: Keyring | None = None, candidates: tuple[tuple[str, str], ...] = ()
) -> Iterator[Settings]:
    settings = Settings(folder, ring or OpenKeyring())
    keys = KeyStore(settings.ring)
    settings.errands = Errands(settings.send, settings.renew, keys, candidates, lambda: settings.path)
    try:
        yield settings
    finally:
        settings.errands.close()


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    with opened(tmp_path) as opening:
        yield opening


@pytest.fixture
def server() -> Iterator[model_server.ModelServer]:
    with model_server.ModelServer(models=("small", "large")) as running:
        yield running


def tools(folder: Path, mode: str = "well", **more: object) -> ToolServerSetup:
    arguments = ("-m", "tests.fakes.tool_server", mode, str(folder / "log"))
    return replace(ToolServerSetup(name="desk", command=sys.executable, arguments=arguments), **more)


def test_servers_that_run_here_are_found(tmp_path: Path, server: model_server.ModelServer) -> None:
    candidates = (("Ollama", server.base_url), ("vLLM", "http://127.0.0.1:9/v1"))
    with opened(tmp_path, candidates=candidates) as settings:
        found = ModelServer(address=server.base_url, name="Ollama", models=("small", "large"))
        assert settings.asks(FindServers()).result == FoundServers(servers=(found,))
        assert found.is_here


def test_a_typed_address_is_asked_for_its_models(
    settings: Settings, server: model_server.ModelServer
) -> None:
    typed = server.base_url.removeprefix("http://") + "/"
    done = settings.asks(ListModels(address=typed))
    assert done.result == ModelServer(address=server.base_url, models=("small", "large"))
    done = settings.asks(ListModels(address="http://127.0.0.1:9/v1"))
    assert done.result is None
    assert "No language model server answers at http://127.0.0.1:9/v1" in done.trouble


@pytest.mark.parametrize("typed", ["", "ftp://a", "http://", "localhost:banana"])
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(ConfigError, match="is no address of a server; give one such as"):
        address_of(typed)


def test_a_model_is_tried_and_timed(settings: Settings, server: model_server.ModelServer) -> None:
    server.behaviours = [words("Hello", pause_s=0.3), words("Hello")]
    result = settings.asks(TryModel(address=server.base_url, model="large")).result
    assert isinstance(result, ModelTimes)
    assert 0.0 < result.first_answer_ms < result.first_question_ms
    done = settings.asks(TryModel(address=server.base_url, model="huge"))
    assert done.trouble.endswith("has no language model 'huge'; the server has: small, large.")


def test_a_trial_that_takes_long_can_be_given_up(
    settings: Settings, server: model_server.ModelServer
) -> None:
    server.behaviours = [Behaviour(end="hang")]
    errand = TryModel(address=server.base_url, model="small")
    settings.errands.take(errand)
    assert server.wait_for(lambda: len(server.chats) == 1)
    done = settings.asks(CancelErrand(errand="try"))
    assert (done.result, done.trouble) == (None, "")
    assert server.chats[0].left.wait(10.0), "the server is not kept busy"


def test_a_model_is_used_changed_left_and_taken_up_again(
    settings: Settings, server: model_server.ModelServer
) -> None:
    setup = settings.sets(ReadDialogue())
    assert (setup.model, setup.resting, setup.default_persona) == (None, None, DEFAULT_PERSONA)
    settings.sets(UseModel(address=server.base_url, model="small", persona="You are a pirate."))
    model = settings.config.model
    assert model == ModelConfig(server.base_url, "small", persona="You are a pirate.")
    settings.sets(UseModel(address=server.base_url, model="large"))
    setup = settings.sets(UseModel(model=None))
    assert settings.config.model is None
    assert setup.resting is not None
    assert (setup.resting.model, setup.resting.persona) == ("large", "You are a pirate.")
    setup = settings.sets(UseModel(address=server.base_url, model="large", persona=" "))
    assert setup.model is not None
    assert setup.model.persona == DEFAULT_PERSONA
    assert settings.config.resting is None
    assert settings.renewed == 4, "whoever converses now takes each change"


def test_what_only_the_file_says_stays(settings: Settings, tmp_path: Path) -> None:
    model = ModelConfig("http://127.0.0.1:9/v1", "small", context_tokens=8000, load_s=5.0)
    server = ToolServerConfig("desk", "desk", environment={"A": "b"}, call_s=3.0)
    save_dialogue_config(settings.path, DialogueConfig(model, (server,)))
    settings.sets(UseModel(address=model.base_url, model="small", persona="Me"))
    settings.sets(SetToolServer(server=ToolServerSetup(name="desk", command="desk", allowed=True)))
    assert settings.config.model == replace(model, persona="Me")
    assert settings.config.tool_servers == (replace(server, allowed=True),)


def test_a_key_is_kept_in_the_keyring_used_and_forgotten(tmp_path: Path) -> None:
    ring = OpenKeyring()
    with model_server.ModelServer(key=SECRET) as server, opened(tmp_path, ring) as settings:
        settings.sets(UseModel(address=server.base_url, model="small"))
        done = settings.asks(ListModels(address=server.base_url))
        assert (
            done.trouble == f"The server at {server.base_url} asks for an API key; enter one in the settings."
        )
        errand = StoreKey(address=server.base_url, key=f" {SECRET}\n")
        assert SECRET not in repr(errand)
        done = settings.asks(errand)
        assert done.result == KeyStored(address=server.base_url, has_key=True, kept=True)
        assert list(ring.kept.values()) == [SECRET]
        assert settings.asks(ListModels(address=server.base_url)).trouble == ""
        assert settings.config.model is not None
        assert settings.config.model.key == server.base_url
        assert settings.sets(ReadDialogue()).keyed == (server.base_url,)
        assert SECRET not in settings.path.read_text(encoding="utf-8")
        settings.asks(StoreKey(address=server.base_url, key=""))
        assert ring.kept == {}
        assert settings.config.model.key == ""
        assert settings.sets(ReadDialogue()).keyed == ()


def test_without_a_keyring_the_key_holds_for_now_and_that_is_said(tmp_path: Path) -> None:
    with model_server.ModelServer(key=SECRET) as server, opened(tmp_path, NoKeyring()) as settings:
        result = settings.asks(StoreKey(address=server.base_url, key=SECRET)).result
        assert isinstance(result, KeyStored)
        assert (result.has_key, result.kept) == (True, False)
        assert "kept for this session only; install one" in result.sentence
        assert settings.asks(ListModels(address=server.base_url)).trouble == ""
        done = settings.asks(StoreKey(address=server.base_url, key="two words"))
        assert done.trouble.startswith("This is no API key")


def test_tool_servers_are_added_allowed_asked_and_removed(settings: Settings, tmp_path: Path) -> None:
    settings.sets(SetToolServer(server=tools(tmp_path), is_new=True))
    done = settings.asks(SetToolServer(server=tools(tmp_path), is_new=True))
    assert done.trouble == "There is a tool server 'desk' already; give this one another name."
    done = settings.asks(ListTools(server="desk"))
    assert done.trouble == "The tool server 'desk' is not started before you allow it."
    refused = tools(tmp_path, allowed=True, refused_tools=("die",), allowed_tools=("add",))
    assert settings.sets(SetToolServer(server=refused)).tool_servers == (refused,)
    result = settings.asks(ListTools(server="desk")).result
    assert isinstance(result, OfferedTools)
    assert [tool.name for tool in result.tools] == ["add", "send_letter", "hang", "die", "fail"]
    assert result.tools[0].description == "The sum of two whole numbers."
    assert settings.sets(RemoveToolServer(name="desk")).tool_servers == ()
    assert "no tool server 'desk'" in settings.asks(ListTools(server="desk")).trouble


@pytest.mark.parametrize(
    ("server", "sentence"),
    [
        (ToolServerSetup(name="no good", command="x"), "letters, digits, - and _ only"),
        (ToolServerSetup(name="empty"), "needs either a command or a url"),
        (ToolServerSetup(name="web", url="nowhere"), "is no address of a server"),
    ],
)
def test_a_tool_server_that_cannot_be_is_one_sentence(
    settings: Settings, server: ToolServerSetup, sentence: str
) -> None:
    assert sentence in settings.asks(SetToolServer(server=server, is_new=True)).trouble
    assert not settings.path.exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"command": "/no/such/program"}, "there is no program '/no/such/program'"),
        ({"arguments": ("-c", "raise SystemExit(3)")}, "failed"),
    ],
)
def test_a_tool_server_that_does_not_start_is_one_sentence(
    settings: Settings, tmp_path: Path, changes: dict[str, object], sentence: str
) -> None:
    settings.sets(SetToolServer(server=tools(tmp_path, allowed=True, **changes)))
    assert sentence in settings.asks(ListTools(server="desk")).trouble


def test_a_damaged_file_is_told_of_and_kept_aside(settings: Settings) -> None:
    settings.path.write_text("[model", encoding="utf-8")
    setup = settings.sets(ReadDialogue())
    assert "is not valid TOML" in setup.notice
    assert settings.path.read_text(encoding="utf-8") == "[model"
    setup = settings.sets(UseModel(address="http://127.0.0.1:9/v1", model="small"))
    assert setup.model is not None
    kept = settings.path.with_name("dialogue.damaged-1.toml")
    assert str(kept) in setup.notice
    assert kept.read_text(encoding="utf-8") == "[model"


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with opened(tmp_path / "file" / "folder") as settings:
        done = settings.asks(UseModel(address="http://127.0.0.1:9/v1", model="small"))
        assert done.result is None
        assert "Not a directory" in done.trouble
        assert settings.renewed == 0
