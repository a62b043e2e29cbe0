"""Who answers in this installation: made once a conversation, from what the user has set up.

Imports nothing heavy; what a language model needs is imported where one is set up.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from engine.dialogue import Dialogue, Effect
from engine.dialogue.built_in import NOT_KEPT, BuiltInDialogue
from engine.dialogue.model_config import DialogueConfig, load_dialogue_config
from engine.dialogue.tools import Consent
from engine.errors import SottoError
from engine.events import Event
from engine.paths import data_dir
from engine.store import Store, open_store

Tell = Callable[[Event], None]
Late = Callable[[tuple[Effect, ...]], None]


def _tell_nobody(event: Event) -> None:
    """For callers without a front end: the answers themselves say what the user must know."""


def dialogue_config_path() -> Path:
    """Where the user's choice of a language model and of tool servers is kept."""
    return data_dir() / "dialogue.toml"


def open_dialogue(
    store: Store | None,
    why_none: str = NOT_KEPT,
    config: DialogueConfig | None = None,
    tell: Tell = _tell_nobody,
    late: Late | None = None,
    consent: Consent | None = None,
) -> Dialogue:
    """The dialogue over a store; without one (`why_none` says why) nothing is kept, and skills say so.

    With a model in `config` it answers what no skill is sure of. `tell` hears of its troubles and of what is to be
    remembered, on any thread. `late` gets effects that came after an answer's commit; without it a model cannot change
    volume or rate. Without `consent` the user is asked aloud, and a tool server that is not allowed does not start.
    """
    built_in = BuiltInDialogue(store.keepsakes if store is not None else None, why_none, tell=tell)
    if config is None or config.model is None:
        return built_in
    from engine.dialogue.with_model import open_with_model

    return open_with_model(config, built_in, tell, late, consent)


def open_again(store: Store | None, tell: Tell, late: Late | None = None) -> Dialogue:
    """Another dialogue over a store that is open, from the settings as they are now. Raises SottoError where they
    cannot be read."""
    return open_dialogue(store, config=load_dialogue_config(dialogue_config_path()), tell=tell, late=late)


def open_kept(
    tell: Tell = _tell_nobody, late: Late | None = None, consent: Consent | None = None
) -> tuple[Store | None, Dialogue, str]:
    """The user's store, a dialogue over it, and a sentence where something about either is to be told.

    A store that cannot be opened is left alone: the conversation goes on, and nothing of it is kept. Settings that
    cannot be read leave the built-in skills.
    """
    notices: list[str] = []
    try:
        config = load_dialogue_config(dialogue_config_path())
    except SottoError as error:
        config = DialogueConfig()
        notices.append(f"{str(error).rstrip('.')}. Until that is mended, no language model answers.")
    store: Store | None = None
    why_none = NOT_KEPT
    try:
        store = open_store()
    except SottoError as error:
        why_none = f"I can't keep anything now. {error}"
        notices.append(f"{error} Nothing said now is kept.")
    else:
        notices.append(store.notice)
    dialogue = open_dialogue(store, why_none, config, tell, late, consent)
    return store, dialogue, " ".join(notice for notice in notices if notice)
