"""Carries out what the state machine wants, and finds out what became of it: answers in the making, the tape, events.

Runs on the conversation's thread. Must not import devices, recognisers or the speech model.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.audio.playback import PlaybackPosition
from engine.config import CodecConfig
from engine.dialogue import Asked, Exchange, Reply
from engine.events import (
    BooksChanged,
    ItemTruncated,
    ResponseCreated,
    ResponseDone,
    ToolUsed,
    TranscriptDelta,
    TranscriptDone,
    TurnKept,
)
from engine.session import actions as do
from engine.session import signs
from engine.session.audio_keeper import AudioKeeper
from engine.session.dialogue_side import DialogueSide
from engine.session.figures import Tally, speech_figures
from engine.session.happenings import AnswerFailed, Happening, Played, Sounded, SpeechBegan, TextBegan
from engine.session.heard import text_of
from engine.session.history import History
from engine.session.making import Making
from engine.session.outlet import Outlet
from engine.session.parts import Parts
from engine.session.reached import NOWHERE, Reached
from engine.session.record import HeardAnswer
from engine.session.speech_side import AHEAD_FRAMES, SpeechSide
from engine.session.teller import Teller


@dataclass(slots=True)
class _Told:
    """What the machine and the outside know of an answer."""

    text: bool = False
    speech: bool = False
    sounded: bool = False
    over: bool = False
    reached: Reached = field(default_factory=Reached)
    starved: int = 0
    tools: int = 0
    books: int = 1


@dataclass(slots=True)
class Performer:
    """See the module. `answers` are those in the making by number, `dropped` those that still fade out."""

    parts: Parts
    outlet: Outlet
    speech: SpeechSide
    dialogue: DialogueSide
    teller: Teller
    on_engine: Callable[[Callable[[], None]], None]
    seed: int
    keeper: AudioKeeper | None = None
    answers: dict[int, Making] = field(default_factory=dict)
    dropped: list[Making] = field(default_factory=list)
    history: History = field(default_factory=History)
    tally: Tally = field(default_factory=Tally)
    _told: dict[int, _Told] = field(default_factory=dict)
    _open_words: list[str] = field(default_factory=list)
    _noted: set[int] = field(default_factory=set)
    _kept: queue.SimpleQueue[tuple[int, int]] = field(default_factory=queue.SimpleQueue)

    def __post_init__(self) -> None:
        """What was said before, where a conversation is gone on with."""
        for exchange in self.parts.earlier.exchanges:
            self.history.add(exchange)

    # What the machine wants

    def user_said(self, told: do.TellWords) -> None:
        """The user's words are final."""
        self._open_words.append(told.text)
        at = self.parts.clock()
        record = self.parts.record

        def deed() -> None:
            record.user_said(told.turn, told.text, told.spoken, told.confidence, at)
            self._note(told.turn)

        self.dialogue.keep(deed)

    def _note(self, turn: int) -> None:
        """On the thread that keeps: a turn is in the record now, which `tick` tells."""
        if turn not in self._noted and (number := self.parts.record.number_of(turn)) is not None:
            self._noted.add(turn)
            self._kept.put((turn, number))

    def keep_user(self, turn: int, sound: list[NDArray[np.float32]]) -> None:
        """What the user said in a turn, where it is to be kept."""
        if self.keeper is not None:
            keeper = self.keeper
            self.dialogue.keep(lambda: keeper.user(turn, sound))

    def ask(self, ask: do.Ask) -> None:
        """Ask the dialogue and begin to make speech."""
        asked = Asked(ask.text, ask.spoken, self.parts.clock(), ask.confidence, ask.from_grammar)
        # What was said before and never answered is not in the history yet; where it is not asked again, it is told.
        before = [words for words in self._open_words if words not in ask.text and ask.text not in words]
        unanswered = (Exchange(" ".join(before), ""),) if before else ()
        self.tally.made_ahead += ask.ahead
        self.teller.count("pregenerated", ask.ahead)
        self._make(ask.response, ask.turn, asked, (*self.history.exchanges, *unanswered))

    def announce(self, response: int, turn: int, reply: Reply) -> None:
        """Make speech of what is to be said unasked."""
        self._make(response, turn, None, (), reply)

    def _make(
        self,
        response: int,
        turn: int,
        asked: Asked | None,
        history: tuple[Exchange, ...],
        reply: Reply | None = None,
    ) -> None:
        audio = self.parts.audio
        room = round(AHEAD_FRAMES * audio.rate_hz * CodecConfig().frame_ms / 1000.0)
        making = Making(response, turn, asked, history, room, threading.Condition(), reply)
        making.sound = None if self.keeper is None or making.aside else []
        self.answers[response] = making
        self._told[response] = _Told(starved=self.outlet.position().starved)
        self.dialogue.ask(making)
        self.on_engine(lambda: self.speech.speak(making))

    def discard(self, response: int) -> None:
        """It was made in vain."""
        making = self._forget(response)
        self._cancel(making)
        making.keep(0)
        self.tally.wasted.append(making)

    def release(self, response: int, was_ahead: bool) -> None:
        """Let it sound."""
        making = self.answers[response]
        making.moments.released_s = time.monotonic()
        self.tally.used_ahead += was_ahead
        self.teller.count("pregeneration_hits", was_ahead)
        self.outlet.release(making)
        self.teller.event(ResponseCreated(seed=self.seed), making.turn)

    def commit(self, response: int) -> None:
        """Carry out what it says."""
        if response in self.answers:
            self.dialogue.commit(self.answers[response])

    def drop(self, response: int) -> None:
        """End it where it is; how much was heard is known when it has faded out."""
        making = self._take(response)
        self._cancel(making)
        self.outlet.drop()
        self.dropped.append(making)
        self.settle_dropped()

    def finish(self, response: int, failed: bool) -> None:
        """It is over by itself."""
        making = self._take(response)
        position = self._position_of(making)
        self.outlet.finish()
        if failed or making.aside or position.heard_samples < position.passed_samples:
            self._cancel(making)
            making.keep(0 if making.aside else position.heard_samples)
        self._close(making, position, interrupted=False, failed=failed)

    def _cancel(self, making: Making) -> None:
        """Make no more of it, and have the voice forget what will turn out not to have been heard."""
        making.cancel()
        self.on_engine(lambda: self.speech.cut(making))

    def wait(self, sign: str) -> None:
        """A sign that it takes long."""
        if sign == "earcon":
            self.outlet.play(signs.earcon(self.parts.audio.rate_hz))
        elif self.speech.waiting_words is not None:
            self.outlet.play(self.speech.waiting_words)

    # What became of it

    def tick(self) -> list[Happening]:
        """Another block has passed: move samples, tell of words heard, find what the machine must know."""
        self.outlet.tick()
        self.settle_dropped()
        while not self._kept.empty():
            turn, number = self._kept.get()
            self.teller.event(TurnKept(number=number), turn)
        found: list[Happening] = []
        for making in list(self.answers.values()):
            found += self._progress(making)
        return found

    def _progress(self, making: Making) -> list[Happening]:
        told, at, response = self._told[making.response], self.teller.now, making.response
        found: list[Happening] = []
        with making.changed:
            text_s, speech_s = making.moments.text_s, making.moments.speech_s
            done, made, failure = making.text_done and making.speech_done, making.made, making.failure
            stretches, reserve = making.books[told.books :], making.made - making.passed
        if making.moments.released_s is not None:
            self._tell_tools(making, told)
        for books in stretches:
            reserve_ms = 1000.0 * reserve / self.parts.audio.rate_hz
            self.teller.event(BooksChanged(books=books, reserve_ms=reserve_ms), making.turn)
            told.books += 1
        if text_s is not None and not told.text:
            told.text = True
            found.append(TextBegan(at_sample=at, response=response))
        if speech_s is not None and not told.speech:
            told.speech = True
            found.append(SpeechBegan(at_sample=at, response=response))
        if self.outlet.making is making:
            found += self._playing(making, told, done)
        if done and not made and not told.over and (failure or self.outlet.making is making):
            told.over = True
            found.append(self._silent_end(making, failure))
        return found

    def _silent_end(self, making: Making, failure: str) -> Happening:
        """Nothing of it sounded: it had no words, or failed."""
        at, response = self.teller.now, making.response
        if failure:
            return AnswerFailed(at_sample=at, response=response)
        if making.text.strip():
            self.teller.error(
                "voice", "There was nothing in the answer that the voice can speak.", turn=making.turn
            )
        return Played(at_sample=at, response=response)

    def _playing(self, making: Making, told: _Told, done: bool) -> list[Happening]:
        position = self._position_of(making)
        if not position.passed_samples:
            return []
        found: list[Happening] = []
        if not making.passed:
            found.append(Sounded(at_sample=self.teller.now, response=making.response))
        making.passed_until(position.passed_samples)
        if position.heard_samples and not told.sounded:
            told.sounded = True
            self.teller.mark("reply_started")
        self._tell_words(making, told, position)
        if done and not told.over and self.outlet.position().finished and not making.samples:
            told.over = True
            found.append(Played(at_sample=self.teller.now, response=making.response))
        return found

    def _tell_tools(self, making: Making, told: _Told) -> None:
        """The tools that its words come from."""
        uses = making.tool_uses
        for use in uses[told.tools :]:
            used = ToolUsed(
                name=use.name,
                owner=use.owner,
                arguments=use.arguments,
                result=use.result,
                failed=use.failed,
            )
            self.teller.event(used, making.turn)
        told.tools = len(uses)

    def _tell_words(self, making: Making, told: _Told, position: PlaybackPosition) -> None:
        news = told.reached.take(making, position)
        if making.aside:
            return
        for words, heard in news:
            if delta := text_of(words):
                self.teller.event(TranscriptDelta(delta=delta, heard=heard), making.turn)
        if any(word.ends_clause for words, _ in news for word in words):
            self._keep_heard(making, told, position, interrupted=False, done=False)

    def wait_resting(self, timeout_s: float) -> None:
        """Simulated time: wait until every answer is made as far as it can be."""
        deadline_s = time.monotonic() + timeout_s
        for making in self.answers.values():
            making.wait_resting(max(0.0, deadline_s - time.monotonic()))

    def settle_dropped(self) -> None:
        """Close the answers that have faded out."""
        if self.outlet.fading or not self.dropped:
            return
        for making in self.dropped:
            position = self._position_of(making)
            making.keep(0 if making.aside else position.heard_samples)
            self._close(making, position, interrupted=True)
        self.dropped.clear()

    def _close(
        self, making: Making, position: PlaybackPosition, interrupted: bool, failed: bool = False
    ) -> None:
        """Say what was heard of it, and remember that alone, and what could be read instead."""
        told = self._told.pop(making.response)
        self._tell_words(making, told, position)
        self._tell_tools(making, told)
        heard, written = told.reached.heard_text, told.reached.written_text
        if not making.aside:
            self.teller.event(TranscriptDone(transcript=heard, written=written), making.turn)
        if interrupted and not making.aside:
            truncated = ItemTruncated(
                item_id=f"assistant_{making.turn}",
                audio_end_ms=1000.0 * position.heard_samples / self.parts.audio.rate_hz,
                heard_text=heard,
                written_text=written,
            )
            self.teller.event(truncated, making.turn)
            self.teller.mark("interrupted")
        elif told.sounded:
            self.teller.mark("reply_ended")
        underruns = self.outlet.position().starved - told.starved
        self.teller.count("underruns", underruns)
        self.tally.starved += underruns
        self.tally.computed_ms += sum(making.frame_ms)
        figures = speech_figures(making, self.speech.voice, self.seed, self.parts.audio.rate_hz, underruns)
        status: Literal["completed", "cancelled", "failed"]
        status = "failed" if failed else "cancelled" if interrupted else "completed"
        done = ResponseDone(
            status=status,
            speech=figures,
            text="" if making.aside else making.text.strip(),
            source=making.source,
            until_sample=self.teller.loud_until if told.sounded else 0,
        )
        self.teller.event(done, making.turn)
        if figures is not None:
            self.teller.gauge("real_time_factor", figures.rtf)
        if making.aside:
            return
        if text := told.reached.text:
            asked = " ".join(self._open_words)
            self.history.add(Exchange(asked, text, interrupted, making.turn, unheard=bool(written)))
        if text or not interrupted:
            self._open_words.clear()
        self._keep_heard(making, told, position, interrupted, done=True)
        if self.keeper is not None and making.sound and heard:
            keeper, sound = self.keeper, making.sound
            self.dialogue.keep(lambda: keeper.assistant(making.turn, sound))

    def _keep_heard(
        self, making: Making, told: _Told, position: PlaybackPosition, interrupted: bool, done: bool
    ) -> None:
        answer = HeardAnswer(
            turn_id=making.turn,
            source=making.source,
            generated_text=making.text,
            heard_text=told.reached.heard_text,
            heard_ms=1000.0 * position.heard_samples / self.parts.audio.rate_hz,
            interrupted=interrupted,
            done=done,
            tools=making.tool_uses,
            written_text=told.reached.written_text,
        )
        record = self.parts.record

        def deed() -> None:
            record.assistant_heard(answer)
            self._note(answer.turn_id)

        self.dialogue.keep(deed)

    def _position_of(self, making: Making) -> PlaybackPosition:
        position = self.outlet.position()
        return position if position.response == making.response else NOWHERE

    def _take(self, response: int) -> Making:
        return self.answers.pop(response)

    def _forget(self, response: int) -> Making:
        del self._told[response]
        return self.answers.pop(response)

    def close(self) -> None:
        """Nothing more will be heard: every answer ends here."""
        for response in list(self.answers):
            if self.outlet.making is self.answers[response]:
                self.drop(response)
            else:
                self.discard(response)
        self.outlet.give_up()
        self.settle_dropped()
