"""Who answers in this installation: made once a conversation, from what the user has set up.

Imports nothing heavy; what a language model needs is imported where one is set up.
"""

from __future__ import annotations

from engine.dialogue import Dialogue
from engine.dialogue.built_in import NOT_KEPT, BuiltInDialogue
from engine.errors import SottoError
from engine.store import Store, open_store


def open_dialogue(store: Store | None, why_none: str = NOT_KEPT) -> Dialogue:
    """The dialogue over a store; without one (`why_none` says why) nothing is kept, and skills say so."""
    return BuiltInDialogue(store.keepsakes if store is not None else None, why_none)


def open_kept() -> tuple[Store | None, Dialogue, str]:
    """The user's store, a dialogue over it, and a sentence where something about the store is to be told.

    A store that cannot be opened is left alone: the conversation goes on, and nothing of it is kept.
    """
    try:
        store = open_store()
    except SottoError as error:
        return (
            None,
            open_dialogue(None, f"I can't keep anything now. {error}"),
            f"{error} Nothing said now is kept.",
        )
    return store, open_dialogue(store), store.notice
