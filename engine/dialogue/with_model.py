"""Puts a dialogue with a language model together: built-in skills, keys, tool servers, the model.

Called on the conversation's thread. Imports neither the `openai` client nor `mcp`: the dialogue thread does.
"""

from __future__ import annotations

from collections.abc import Callable

from engine.dialogue import Dialogue, Effect
from engine.dialogue.built_in import BuiltInDialogue
from engine.dialogue.built_in_tools import BuiltInSkills
from engine.dialogue.keys import KeyStore
from engine.dialogue.language_model import AnswerTimes, LanguageModel
from engine.dialogue.mcp_sessions import ToolServers
from engine.dialogue.model_config import DialogueConfig, ModelConfig
from engine.dialogue.model_dialogue import ModelDialogue
from engine.dialogue.tools import Consent
from engine.events import Event


def open_with_model(
    config: DialogueConfig,
    built_in: BuiltInDialogue,
    tell: Callable[[Event], None],
    late: Callable[[tuple[Effect, ...]], None] | None = None,
    consent: Consent | None = None,
    keys: KeyStore | None = None,
) -> Dialogue:
    """See `engine.dialogue.opening.open_dialogue`. Closing it closes `built_in`."""
    model = config.model
    if model is None:
        return built_in
    store = keys or KeyStore()

    async def read_key() -> str:
        return await store.read(model.key)

    tools = ToolServers(config.tool_servers, tell, consent) if config.tool_servers else None
    skills = BuiltInSkills(built_in, late)
    return ModelDialogue(model, skills, read_key, tell, late=late, more_tools=tools, consent=consent)


async def try_out(config: ModelConfig, key: str) -> AnswerTimes:
    """Ask a model one thing and measure it, for the settings' test button. Raises ModelTrouble with a sentence."""

    async def read_key() -> str:
        return key

    model, times = LanguageModel(config, read_key), AnswerTimes()
    try:
        async for _ in model.answer(({"role": "user", "content": "Say hello in one word."},), (), times):
            pass
    finally:
        await model.close()
    return times
