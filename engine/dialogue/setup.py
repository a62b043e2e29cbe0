"""Changes to who answers, as the settings make them: from one DialogueConfig to the next, and what is told of it.

Any thread; apart from `save` and `keep_damaged` pure. What the settings do not show stays as it stands in the file.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from engine.dialogue.model_config import (
    DEFAULT_PERSONA,
    DEFAULT_SYSTEM_PROMPT,
    DialogueConfig,
    ModelConfig,
    ToolServerConfig,
    save_dialogue_config,
)
from engine.errands import DialogueSetup, ModelChoice, ToolServerSetup, UseModel
from engine.errors import SottoError
from engine.paths import put_aside


def setup_of(config: DialogueConfig, keyed: frozenset[str], notice: str) -> DialogueSetup:
    """A configuration as the settings show it; `keyed` are addresses with keys that it does not name itself."""
    models = [model for model in (config.model, config.resting) if model is not None]
    return DialogueSetup(
        model=None if config.model is None else _choice(config.model),
        resting=None if config.resting is None else _choice(config.resting),
        tool_servers=tuple(
            ToolServerSetup(
                name=server.name,
                command=server.command,
                arguments=server.arguments,
                url=server.url,
                allowed=server.allowed,
                allowed_tools=server.allowed_tools,
                refused_tools=server.refused_tools,
            )
            for server in config.tool_servers
        ),
        keyed=tuple(sorted(keyed | {model.base_url for model in models if model.key})),
        default_persona=DEFAULT_PERSONA,
        default_system_prompt=DEFAULT_SYSTEM_PROMPT,
        notice=notice,
    )


def model_for(config: DialogueConfig, address: str, name: str) -> ModelConfig:
    """A model as it is to be used: with the limits of the file where it is the one in the file, and as whom the last
    one answered."""
    last = config.model or config.resting
    if last is None:
        return ModelConfig(address, name)
    if (last.base_url, last.model) == (address, name):
        return last
    return ModelConfig(address, name, persona=last.persona, system_prompt=last.system_prompt)


def patient(model: ModelConfig) -> ModelConfig:
    """The same, for a first question, for which the server may have to load the model."""
    return replace(
        model,
        read_s=max(model.read_s, model.load_s),
        answer_within_s=max(model.answer_within_s, model.load_s),
    )


def with_model(
    config: DialogueConfig, address: str | None, key_name: str, wanted: UseModel
) -> DialogueConfig:
    """The model that is wanted, at an address that is whole; None: the built-in skills alone."""
    last = config.model or config.resting
    if address is None:
        resting = None if last is None else _as(last, wanted.persona, wanted.system_prompt)
        return replace(config, model=None, resting=resting)
    model = replace(model_for(config, address, wanted.model or ""), key=key_name)
    return replace(config, model=_as(model, wanted.persona, wanted.system_prompt), resting=None)


def setup_with_key(config: DialogueConfig, address: str, key_name: str) -> DialogueConfig:
    """The models at an address use a key from now on, "" for none."""

    def keyed(model: ModelConfig | None) -> ModelConfig | None:
        if model is None or model.base_url != address:
            return model
        return replace(model, key=key_name)

    return replace(config, model=keyed(config.model), resting=keyed(config.resting))


def with_tool_server(config: DialogueConfig, wanted: ToolServerSetup, is_new: bool) -> DialogueConfig:
    """A tool server more, or in place of the one of its name. Raises SottoError where it cannot be."""
    before = next((server for server in config.tool_servers if server.name == wanted.name), None)
    if is_new and before is not None:
        raise SottoError(f"There is a tool server {wanted.name!r} already; give this one another name.")
    server = replace(
        before or ToolServerConfig(wanted.name, command=wanted.command, url=wanted.url),
        command=wanted.command,
        arguments=wanted.arguments,
        url=wanted.url,
        allowed=wanted.allowed,
        allowed_tools=wanted.allowed_tools,
        refused_tools=wanted.refused_tools,
    )
    others = tuple(server if each is before else each for each in config.tool_servers)
    return replace(config, tool_servers=others if before is not None else (*others, server))


def without_tool_server(config: DialogueConfig, name: str) -> DialogueConfig:
    """One tool server less; harmless where it has gone already."""
    return replace(
        config, tool_servers=tuple(server for server in config.tool_servers if server.name != name)
    )


def save(path: Path, config: DialogueConfig) -> None:
    """Write it down. Raises SottoError with one sentence."""
    try:
        save_dialogue_config(path, config)
    except OSError as error:
        raise SottoError(
            f"The choice cannot be saved in {path.parent} ({error.strerror}), so nothing is changed;"
            " make the folder writable."
        ) from error


def keep_damaged(path: Path) -> Path:
    """Put a damaged file aside, so that nothing in it is lost. Raises SottoError with one sentence."""
    try:
        return put_aside(path)
    except OSError as error:
        raise SottoError(
            f"The damaged file {path} cannot be put aside ({error.strerror}); mend or remove it."
        ) from error


def _choice(model: ModelConfig) -> ModelChoice:
    return ModelChoice(
        address=model.base_url, model=model.model, persona=model.persona, system_prompt=model.system_prompt
    )


def _as(model: ModelConfig, persona: str | None, system_prompt: str | None) -> ModelConfig:
    """Answering as somebody: None changes nothing, nothing is the default."""
    if persona is not None:
        model = replace(model, persona=persona.strip() or DEFAULT_PERSONA)
    if system_prompt is not None:
        model = replace(model, system_prompt=system_prompt.strip() or DEFAULT_SYSTEM_PROMPT)
    return model
