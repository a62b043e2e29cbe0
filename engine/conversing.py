"""The engine process' conversation: at most one, begun on the engine thread, commanded from the process' main thread.

Imports nothing heavy before a conversation begins.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from engine.collector import settle
from engine.commands import ConversationCommand, EndConversation, StartConversation
from engine.events import Event
from engine.speaking import SpeakingVoice

if TYPE_CHECKING:
    from engine.session.conversation import Conversation
    from engine.session.parts import Parts

MakeParts = Callable[[StartConversation], "Parts"]
"""Devices, hearing, recogniser, dialogue and record for a conversation. Raises SottoError with one sentence."""


def real_parts(command: StartConversation) -> Parts:
    """The parts of a real conversation, whose modules are imported here, inside the engine process."""
    from engine.session.assembly import assemble

    return assemble(command)


class ComingParts:
    """Parts in the making, recogniser started, on a thread of their own: the voice is loaded meanwhile."""

    def __init__(self, make_parts: MakeParts, command: StartConversation) -> None:
        self._make_parts, self._command = make_parts, command
        self._parts: Parts | None = None
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="parts", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._parts = self._make_parts(self._command)
            self._parts.recogniser.start()
        except Exception as error:  # noqa: BLE001 - raised where it is waited for
            self._failure = error

    def wait(self) -> Parts:
        """The parts. Raises what their making raised, after closing what there was."""
        self._thread.join()
        if self._failure is not None:
            self.close()
            raise self._failure
        assert self._parts is not None, "they were made, or their making failed"
        return self._parts

    def close(self) -> None:
        """Nothing comes of them."""
        self._thread.join()
        if self._parts is not None:
            self._parts.close()
            self._parts = None


class ConversationHost:
    """`send` takes events from any thread, `on_engine` runs a job on the engine thread."""

    def __init__(
        self,
        make_parts: MakeParts,
        send: Callable[[Event], None],
        on_engine: Callable[[Callable[[], None]], None],
    ) -> None:
        self._make_parts, self._send, self._on_engine = make_parts, send, on_engine
        self._lock = threading.Lock()
        self._conversation: Conversation | None = None
        self._early: list[ConversationCommand] | None = None

    def expect(self, command: StartConversation) -> ComingParts:
        """A conversation is about to begin: commands wait for it. On the main thread."""
        with self._lock:
            self._early = []
        return ComingParts(self._make_parts, command)

    def begin(
        self, command: StartConversation, voice: SpeakingVoice, coming: ComingParts, generation: int
    ) -> None:
        """Begin, after the end of the conversation before. On the engine thread."""
        from engine.session.conversation import Conversation

        self.end()
        parts = coming.wait()
        conversation = Conversation(parts, voice, command, self._send, self._on_engine, generation)
        settle()  # the parts, as the voice did before them
        conversation.start()
        with self._lock:
            self._conversation = conversation
            early, self._early = self._early or [], None
        for one in early:
            conversation.post(one)

    def give_up(self, coming: ComingParts) -> None:
        """It could not begin."""
        coming.close()
        with self._lock:
            self._early = None

    def obey(self, command: ConversationCommand) -> None:
        """Pass a command on. Without a conversation it means nothing."""
        with self._lock:
            conversation = self._conversation
            if self._early is not None:
                self._early.append(command)
                return
        if conversation is not None:
            conversation.post(command)

    def end(self) -> bool:
        """End what there is and wait for it; False when it hangs."""
        with self._lock:
            conversation, self._conversation = self._conversation, None
        if conversation is None:
            return True
        conversation.post(EndConversation())
        return conversation.join()
