"""The dialogue's threads: one takes the pieces of answers, one carries out what answers say they do and keeps records.

They are two, since an answer may wait in the middle for its own deeds (a tool's result). Must not import devices, the
speech model or a recogniser.
"""

from __future__ import annotations

import queue
import threading
import traceback
from collections.abc import Callable
from datetime import datetime

from engine.dialogue import Dialogue, Effect, Reply, Summary
from engine.errors import SottoError
from engine.session.making import Making
from engine.session.summaries import SummaryKeeper

ANNOUNCEMENTS_S = 1.0
"""How often it is asked whether something is to be said unasked."""

_END_S = 5.0


Reopen = Callable[[], Dialogue]


class DialogueSide:
    """Started once, closed once; every other call returns at once.

    `failed(making, sentence, cause)` and `effects(making, effects)` are called on these threads, and so is `summed_up`
    with each summary of the conversation; `summary` is the one to begin with.
    """

    def __init__(
        self,
        dialogue: Dialogue,
        now: Callable[[], datetime],
        failed: Callable[[Making | None, str, str], None],
        effects: Callable[[Making, tuple[Effect, ...]], None],
        summed_up: Callable[[Summary | None], None],
        summary: Summary | None = None,
    ) -> None:
        self._dialogue, self._now, self._failed, self._effects = dialogue, now, failed, effects
        self._asked: queue.SimpleQueue[Making | Reopen | None] = queue.SimpleQueue()
        self._deeds: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._due: tuple[Reply, ...] = ()
        self._open_deeds = 0
        self._settled = threading.Condition()
        self._closing: list[threading.Thread] = []
        self._summaries = SummaryKeeper(summary, lambda made: self.keep(lambda: summed_up(made)))
        self._threads = (
            threading.Thread(target=self._answer, name="dialogue", daemon=True),
            threading.Thread(target=self._do, name="dialogue-deeds", daemon=True),
        )

    def start(self) -> None:
        """Start both threads."""
        self._summaries.serve(self._dialogue)
        for thread in self._threads:
            thread.start()

    def ask(self, making: Making) -> None:
        """Answer what it asks."""
        self._asked.put(making)

    def renew(self, reopen: Reopen) -> None:
        """Another dialogue answers from the next question on, once the answers before it are made."""
        self._asked.put(reopen)

    def amended(self, turn: int) -> None:
        """What was said in a turn holds no longer."""
        self._summaries.amended(turn)

    def commit(self, making: Making) -> None:
        """Carry out what the answer says, once its reply is there."""

        def deed() -> None:
            with making.changed:
                made = making.changed.wait_for(
                    lambda: making.reply is not None or making.cancelled or making.text_done, 60.0
                )
            if made and making.reply is not None:
                self._effects(making, making.reply.commit())

        self.keep(deed)

    def keep(self, deed: Callable[[], None]) -> None:
        """Do something slow, in order, beside the conversation."""
        with self._settled:
            self._open_deeds += 1
        self._deeds.put(deed)

    def due(self) -> tuple[Reply, ...]:
        """What is to be said unasked, as far as it was found; taken once."""
        due, self._due = self._due, ()
        return due

    def look_for_due(self) -> None:
        """Find out what is to be said unasked."""

        def deed() -> None:
            self._due = self._dialogue.announcements(self._now())

        self.keep(deed)

    def wait_settled(self, timeout_s: float) -> bool:
        """Wait until all deeds are done (simulated time, and tests)."""
        with self._settled:
            return self._settled.wait_for(lambda: self._open_deeds == 0, timeout_s)

    def close(self) -> None:
        """End both threads; answers under way must have been cancelled. What was to be kept is kept first."""
        self._asked.put(None)
        self._deeds.put(None)
        for thread in self._threads:
            if thread.is_alive():
                thread.join(_END_S)
        self._dialogue.close()
        for thread in self._closing:
            thread.join(_END_S)

    def _answer(self) -> None:
        while (making := self._asked.get()) is not None:
            if not isinstance(making, Making):
                self._change(making)
                continue
            try:
                self._take(making)
            except SottoError as error:
                self._failed(making, str(error), "")
                making.end_text(str(error))
            except Exception:  # noqa: BLE001 - the thread's boundary: the conversation goes on, the cause is told
                sentence = "The answer could not be made, because of a mistake in Sotto; ask again."
                self._failed(making, sentence, traceback.format_exc())
                making.end_text(sentence)

    def _change(self, reopen: Reopen) -> None:
        """The old dialogue ends beside this thread, since ending tool servers takes a while; where there is no new one
        it stays."""
        try:
            fresh = reopen()
        except SottoError as error:
            self._failed(None, str(error), "")
        except Exception:  # noqa: BLE001 - the thread's boundary: the old one goes on answering, the cause is told
            sentence = (
                "The change of who answers failed, because of a mistake in Sotto; start a new conversation."
            )
            self._failed(None, sentence, traceback.format_exc())
        else:
            old, self._dialogue = self._dialogue, fresh
            self._summaries.serve(fresh)
            thread = threading.Thread(target=old.close, name="dialogue-before", daemon=True)
            thread.start()
            self._closing.append(thread)

    def _take(self, making: Making) -> None:
        reply = making.reply
        if reply is None:
            assert making.asked is not None, "an answer without a question brings its reply"
            reply = self._dialogue.reply(making.asked, making.history)
        with making.changed:
            making.reply, making.source = reply, reply.source
            making.changed.notify_all()
        if making.cancelled:
            reply.cancel()
        else:
            for piece in reply.pieces():
                if making.cancelled:
                    break
                making.take_piece(piece)
                making.source = reply.source
        making.end_text()

    def _do(self) -> None:
        while (deed := self._deeds.get()) is not None:
            try:
                deed()
            except SottoError as error:
                self._failed(None, str(error), "")
            except Exception:  # noqa: BLE001 - the thread's boundary: the conversation goes on, the cause is told
                self._failed(
                    None,
                    "Something that was to be kept or done was not, because of a mistake in Sotto.",
                    traceback.format_exc(),
                )
            finally:
                with self._settled:
                    self._open_deeds -= 1
                    self._settled.notify_all()
