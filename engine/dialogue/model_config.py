"""Which language model answers, as whom, within which limits, and which tool servers it may use: values and TOML.

Thread-agnostic, cheap to import. Keys to servers are not kept here but in the keyring, under the name given here.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import tomli_w

from engine.config import from_mapping, to_mapping
from engine.errors import ConfigError
from engine.tool_consent import ToolConsent, consent_for

DEFAULT_PERSONA = "You are Sotto, a friendly voice assistant. You are honest about what you do not know."
DEFAULT_SYSTEM_PROMPT = (
    "Your words are spoken aloud and heard, never read. Answer in one to three short sentences, the answer first."
    " Use plain words: no headings, lists, tables, code, links or emoji, unless you are asked for them."
)


def checked_url(url: str, what: str) -> str:
    """The address without a trailing slash; raises ConfigError where it is none."""
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:  # a port that is no number
        is_address = False
    if not is_address:
        raise ConfigError(
            f"{what} {url!r} is no address of a server; give one such as http://127.0.0.1:11434/v1"
        )
    return url.rstrip("/")


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """One model of one OpenAI-compatible server.

    `key` names the API key in the keyring ("" for none). `context_tokens` holds everything that the model is sent and
    `answer_tokens` what it may send back. `answer_within_s` bounds thinking, `read_s` each silence on the way,
    `load_s` the server's loading of the model, before anybody asks.
    """

    base_url: str
    model: str
    key: str = ""
    persona: str = DEFAULT_PERSONA
    system_prompt: str = DEFAULT_SYSTEM_PROMPT
    context_tokens: int = 4096
    answer_tokens: int = 600
    temperature: float = 0.7
    connect_s: float = 15.0
    read_s: float = 15.0
    answer_within_s: float = 60.0
    load_s: float = 180.0
    uses_tools: bool = True

    def __post_init__(self) -> None:
        checked_url(self.base_url, "base_url")
        if not self.model.strip():
            raise ConfigError("model is empty; name one of the models that the server has")
        for name in ("context_tokens", "answer_tokens", "connect_s", "read_s", "answer_within_s", "load_s"):
            if getattr(self, name) <= 0:
                raise ConfigError(f"{name} must be positive, not {getattr(self, name)}")
        if not 0.0 <= self.temperature <= 2.0:
            raise ConfigError(f"temperature must lie between 0 and 2, not {self.temperature}")
        if self.prompt_tokens < 256:
            raise ConfigError(
                f"context_tokens ({self.context_tokens}) must exceed answer_tokens ({self.answer_tokens}) by 256 at"
                " least, or nothing of the conversation fits"
            )

    @property
    def prompt_tokens(self) -> int:
        """Room for what the model is sent: the context less the answer and a tenth for wrong estimates."""
        return int(0.9 * (self.context_tokens - self.answer_tokens))


@dataclass(frozen=True, slots=True)
class ToolServerConfig:
    """One MCP server: a program that is started (`command`), or an address (`url`).

    Nothing is started before `allowed`. Tools in `allowed_tools` are used without asking, those in `refused_tools`
    never; for each other use the user is asked.
    """

    name: str
    command: str = ""
    arguments: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    url: str = ""
    allowed: bool = False
    allowed_tools: tuple[str, ...] = ()
    refused_tools: tuple[str, ...] = ()
    start_s: float = 15.0
    call_s: float = 15.0

    def __post_init__(self) -> None:
        if not self.name or not self.name.replace("-", "").replace("_", "").isalnum():
            raise ConfigError(f"a tool server's name has letters, digits, - and _ only, unlike {self.name!r}")
        if bool(self.command) == bool(self.url):
            raise ConfigError(f"the tool server {self.name!r} needs either a command or a url")
        if self.url:
            checked_url(self.url, "url")
        if self.start_s <= 0 or self.call_s <= 0:
            raise ConfigError(f"start_s and call_s of the tool server {self.name!r} must be positive")

    def consent_for(self, tool: str) -> ToolConsent:
        """Whether a tool may be used."""
        return consent_for(tool, self.allowed_tools, self.refused_tools)


@dataclass(frozen=True, slots=True)
class DialogueConfig:
    """The language model, None for the built-in skills alone, and the tool servers. `resting`: the model that answered
    before the built-in skills alone were chosen, with the persona that the user wrote."""

    model: ModelConfig | None = None
    tool_servers: tuple[ToolServerConfig, ...] = ()
    resting: ModelConfig | None = None

    def __post_init__(self) -> None:
        names = [server.name for server in self.tool_servers]
        for name in names:
            if names.count(name) > 1:
                raise ConfigError(f"two tool servers are named {name!r}; give each a name of its own")


def dialogue_from_mapping(values: dict[str, Any], source: str) -> DialogueConfig:
    """The tables `[model]`, `[resting]` and `[[tool_servers]]`; unknown keys raise ConfigError naming `source`."""
    unknown = sorted(set(values) - {"model", "resting", "tool_servers"})
    if unknown:
        raise ConfigError(f"{source}: unknown key {unknown[0]!r} (known: model, resting, tool_servers)")
    model, resting, servers = values.get("model"), values.get("resting"), values.get("tool_servers", [])
    for name, table in (("model", model), ("resting", resting)):
        if not isinstance(table, dict | None):
            raise ConfigError(f"{source}: [{name}] must be a table")
    if not isinstance(servers, list) or not all(isinstance(server, dict) for server in servers):
        raise ConfigError(f"{source}: [[tool_servers]] must be tables")
    try:
        return DialogueConfig(
            None if model is None else from_mapping(ModelConfig, model, f"{source}, [model]"),
            tuple(from_mapping(ToolServerConfig, s, f"{source}, [[tool_servers]]") for s in servers),
            None if resting is None else from_mapping(ModelConfig, resting, f"{source}, [resting]"),
        )
    except ConfigError as error:
        sentence = str(error)
        raise ConfigError(sentence if sentence.startswith(source) else f"{source}: {sentence}") from error


def save_dialogue_config(path: Path, config: DialogueConfig) -> None:
    """Write what `load_dialogue_config` reads, in one step."""
    models = {"model": config.model, "resting": config.resting}
    values: dict[str, Any] = {name: to_mapping(model) for name, model in models.items() if model is not None}
    values["tool_servers"] = [to_mapping(server) for server in config.tool_servers]
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    beside.write_text(tomli_w.dumps(values), encoding="utf-8")
    beside.replace(path)


def load_dialogue_config(path: Path) -> DialogueConfig:
    """Read a TOML file; one that does not exist is a dialogue without a language model."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return DialogueConfig()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({error.strerror}); make it readable.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML ({error})") from error
    return dialogue_from_mapping(values, str(path))
