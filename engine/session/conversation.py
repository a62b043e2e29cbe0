"""One conversation: the thread that hears, decides by the state machine, and has its decisions carried out.

Runs on a thread of its own; `post` and `end` may be called from any. Must not import devices, recognisers or the speech
model. In simulated time it waits after each block until nothing is left to compute.
"""

from __future__ import annotations

import queue
import threading
import time
import traceback
import uuid
from collections import Counter
from collections.abc import Callable

import numpy as np

from engine.audio.duplex import CaptureBlock, DeviceNotice
from engine.audio.portaudio import SoundDeviceError
from engine.commands import (
    Adjust,
    AmendTurn,
    ChooseDevices,
    ConversationCommand,
    EndConversation,
    RenewDialogue,
    SayAgain,
    StartConversation,
)
from engine.dialogue import ChangeRate, ChangeVolume, Effect, FallAsleep, StopSpeaking
from engine.errors import SottoError
from engine.events import DeviceChanged, Event, SessionCreated, SessionEnded, StateChanged
from engine.meters import MemoryShown, MeterWriter
from engine.session import happenings as what
from engine.session import signs
from engine.session.asides import Aside
from engine.session.audio_keeper import AudioKeeper
from engine.session.commands import happening_of
from engine.session.dialogue_side import ANNOUNCEMENTS_S, DialogueSide
from engine.session.doing import Doer
from engine.session.ear import Ear
from engine.session.machine import step
from engine.session.making import Making
from engine.session.onset import AUDIBLE
from engine.session.outlet import Outlet
from engine.session.parts import Parts
from engine.session.performing import Performer
from engine.session.said_again import SaidAgain
from engine.session.speech_side import SpeechSide
from engine.session.state import Limits, starting
from engine.session.teller import Teller
from engine.session.turn_timer import TurnTimer
from engine.speaking import SpeakingVoice, Trouble

SETTLE_S = 60.0
"""In simulated time computing may take so long; then time goes on without it."""

LINGER_MS = 1000.0
"""A recording is over when nothing has happened for so long after its end."""

_READ_S = 0.1
_END_S = 8.0


class Conversation:
    """Started once, ended once. `on_engine` runs a job on the engine thread, in order; `send` takes events from any
    thread. Owns its parts and closes them."""

    def __init__(
        self,
        parts: Parts,
        voice: SpeakingVoice,
        command: StartConversation,
        send: Callable[[Event], None],
        on_engine: Callable[[Callable[[], None]], None],
        generation: int = 0,
        limits: Limits | None = None,
    ) -> None:
        rate_hz, block_ms = parts.audio.rate_hz, parts.audio.block_ms
        self._parts, self._command = parts, command
        meters = None if command.meters is None else MeterWriter(command.meters)
        self._teller = Teller(send, rate_hz, meters)
        self._session = starting(
            command.listen, limits or Limits(rate_hz=rate_hz, block_ms=block_ms), generation
        )
        self._simulated = parts.duplex.is_simulated
        self._speech = SpeechSide(voice, command.seed, rate_hz, self._simulated, self._lapsed)
        self._dialogue = DialogueSide(
            parts.dialogue,
            parts.clock,
            self._dialogue_failed,
            self._take_effects,
            parts.record.summed_up,
            parts.earlier.summary,
        )
        outlet = Outlet(parts.duplex.playback, block_ms)
        self._session_id = uuid.uuid4().hex
        folder = command.keep_audio
        keeper = None if folder is None else AudioKeeper(folder / self._session_id, rate_hz, parts.record)
        self._performer = Performer(
            parts, outlet, self._speech, self._dialogue, self._teller, on_engine, command.seed, keeper
        )
        self._ear = Ear(parts, self._teller, command.patience, keeps=folder is not None)
        self._timer = TurnTimer(rate_hz, self._simulated)
        self._doer = Doer(self._performer, self._ear, self._timer, self._teller)
        self._shown: MemoryShown | None = None
        self._on_engine = on_engine
        self._volume_db, self._rate = command.volume_db, command.rate
        self._inbox: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._ending = False
        self._over_since: int | None = None
        self._looked_at_s = 0.0
        self._thread = threading.Thread(target=self._run, name="conversation", daemon=True)

    # From any thread

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def post(self, command: ConversationCommand) -> None:
        """Take a command at the next block."""
        self._inbox.put(lambda: self._obey(command))

    def end(self) -> None:
        """Close the devices soon."""
        self.post(EndConversation())

    def join(self, timeout_s: float = _END_S) -> bool:
        """Wait for the end; False when it did not come in time."""
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self._thread.ident is not None and not self._thread.is_alive()

    def _dialogue_failed(self, making: Making | None, sentence: str, cause: str) -> None:
        def tell() -> None:
            if making is None:
                self._teller.error("dialogue", sentence, cause)
            elif making.moments.released_s is not None:  # what fails ahead is tried again when it is wanted
                self._teller.error("dialogue", sentence, cause, turn=making.turn)

        self._inbox.put(tell)

    def _take_effects(self, making: Making | None, effects: tuple[Effect, ...]) -> None:
        self._inbox.put(lambda: self._effects(making, effects))

    def _take_aside(self, aside: Aside) -> None:
        if isinstance(aside, Event):
            self._inbox.put(lambda: self._teller.event(aside))
        else:
            self._take_effects(None, aside)

    def _lapsed(self, making: Making, trouble: Trouble) -> None:
        if trouble.ended:
            self._inbox.put(lambda: self._teller.error("voice", trouble.message, turn=making.turn))

    # The conversation's thread

    def _run(self) -> None:
        try:
            self._begin()
            while not self._ending:
                self._pass()
        except SottoError as error:
            kind = "sound_device" if isinstance(error, SoundDeviceError) else "refused"
            self._teller.error(kind, str(error))
        except Exception as error:  # noqa: BLE001 - the thread's boundary: a sentence to the user, the cause beside it
            self._teller.error(
                "internal",
                f"The conversation failed in a way it should not ({type(error).__name__}: {error}).",
                traceback.format_exc(),
                "Please report this, then start a new conversation.",
            )
        finally:
            self._close()

    def _begin(self) -> None:
        parts = self._parts
        self._dialogue.start()
        parts.asides.listen(self._take_aside)
        parts.duplex.start()
        self._adjust(self._volume_db, self._rate)
        self._on_engine(lambda: self._speech.prepare(signs.WORDS))
        created = SessionCreated(
            session_id=self._session_id, voice=self._speech.voice.name, sample_rate_hz=parts.audio.rate_hz
        )
        self._teller.event(created)
        if parts.notice:
            self._teller.error("dialogue", parts.notice)
        self._teller.event(StateChanged(state=self._session.phase, at_sample=0))

    def _pass(self) -> None:
        """One block, or the time in which none came."""
        block = self._parts.duplex.read(_READ_S)
        self._take_inbox()
        for notice in self._parts.duplex.notices():
            self._notice(notice)
        if block is not None:
            self._hear(block)
        self._look_around()
        if self._simulated:
            self._settle()
        self._announce()
        if self._parts.duplex.ended or self._recording_answered():
            self._ending = True

    def _hear(self, block: CaptureBlock) -> None:
        now = block.at_sample + len(block.samples)
        self._teller.now = now
        self._teller.block(block)
        self._timer.block(now)
        outlet = self._performer.outlet
        loud = np.flatnonzero(np.abs(block.reference) > AUDIBLE)
        if len(loud):
            self._teller.loud_until = block.at_sample + int(loud[-1]) + 1
            if outlet.answer_plays and outlet.making is not None:
                self._reply_sounds(block.at_sample + int(loud[0]), outlet.making)
        self._take(self._ear.hear(block, self._session, outlet.position().sounding))

    def _look_around(self) -> bool:
        """What other threads have done meanwhile; whether there was anything."""
        found = self._ear.words(self._session.user, self._session.now)
        for happening in found:
            self._take(happening)
        if self._speech.memory is not self._shown:
            self._shown = self._speech.memory
            self._teller.memory(self._shown)
        more = self._performer.tick()
        for happening in more:
            self._take(happening)
        return bool(found or more) or self._take_inbox()

    def _settle(self) -> None:
        """Simulated time: wait until nothing is left to compute, so that computing takes none of it."""
        deadline_s = time.monotonic() + SETTLE_S
        while time.monotonic() < deadline_s:
            user = self._session.user
            left_s = max(0.0, deadline_s - time.monotonic())
            if user is not None:
                self._parts.recogniser.wait_idle(left_s)
            self._performer.wait_resting(left_s)
            self._dialogue.wait_settled(left_s)
            if not self._look_around():
                return

    def _take(self, happening: what.Happening) -> None:
        """Let the machine take it in, and do what it wants."""
        self._session, actions = step(self._session, happening)
        self._teller.generation = self._session.generation
        for action in actions:
            self._doer.carry_out(action, self._session)

    def _reply_sounds(self, at_sample: int, making: Making) -> None:
        """The first audible sample of a reply at the loudspeaker ends the wait for it."""
        if not self._timer.waits_for(making.response):
            return
        latency = self._timer.sounded(making, at_sample)
        self._teller.event(latency, making.turn)
        if latency.v2v_ms is not None:
            v2v_ms, parts, record = latency.v2v_ms, latency.breakdown_ms, self._parts.record
            self._dialogue.keep(lambda: record.timed(making.turn, v2v_ms, parts))

    def _take_inbox(self) -> bool:
        took = False
        while not self._inbox.empty():
            self._inbox.get()()
            took = True
        return took

    def _obey(self, command: ConversationCommand) -> None:
        if isinstance(command, EndConversation):
            self._ending = True
        elif isinstance(command, Adjust):
            if command.patience is not None:
                self._ear.judge.patience = command.patience
            self._adjust(
                self._volume_db if command.volume_db is None else command.volume_db,
                self._rate if command.rate is None else command.rate,
            )
        elif isinstance(command, ChooseDevices):
            self._parts.duplex.choose(command.input_device, command.output_device)
        elif isinstance(command, RenewDialogue):
            if self._parts.reopen_dialogue is not None:
                self._dialogue.renew(self._parts.reopen_dialogue)
        elif isinstance(command, SayAgain):
            self._say_again(command.text)
        elif isinstance(command, AmendTurn):
            self._performer.history.amend(command.turn_id, command.text, command.was)
            self._dialogue.amended(command.turn_id)
        else:
            happening = happening_of(command, self._session.now)
            if happening is not None:
                self._take(happening)

    def _say_again(self, text: str) -> None:
        """Speak it as what comes unasked is spoken, so that it can be interrupted and its echo is known."""
        self._doer.due = SaidAgain(text)
        self._take(what.Announced(at_sample=self._session.now))
        if self._doer.due is not None:
            self._doer.due = None
            sentence = (
                "That cannot be said again while somebody speaks or the sound is away; ask once it is quiet."
            )
            self._teller.error("refused", sentence)

    def _adjust(self, volume_db: float, rate: float) -> None:
        self._volume_db, self._rate = min(0.0, volume_db), min(2.0, max(0.5, rate))
        self._parts.duplex.playback.set_volume_db(self._volume_db)
        self._speech.set_rate(self._rate)

    def _effects(self, making: Making | None, effects: tuple[Effect, ...]) -> None:
        """Do what an answer says; what comes after its commit belongs to the one that sounds (`making` None)."""
        for effect in effects:
            if isinstance(effect, ChangeVolume):
                self._adjust(self._volume_db + effect.by_db, self._rate)
            elif isinstance(effect, ChangeRate):
                self._adjust(self._volume_db, self._rate * effect.by_factor)
            elif isinstance(effect, FallAsleep):
                self._take(what.SleepAsked(at_sample=self._session.now))
            elif isinstance(effect, StopSpeaking):
                answer = self._session.answer
                # The turn that said it has ended what sounded before; a wordless answer of its own ends by itself.
                if answer is not None and (making is None or answer.response != making.response):
                    self._take(what.StopAsked(at_sample=self._session.now))

    def _notice(self, notice: DeviceNotice) -> None:
        self._teller.event(
            DeviceChanged(
                direction=notice.direction, kind=notice.kind, message=notice.message, mend=notice.mend
            )
        )
        now = self._session.now
        if notice.kind == "lost":
            self._take(what.DeviceLost(at_sample=now, direction=notice.direction, message=notice.message))
        elif notice.kind == "recovered":
            self._take(what.DeviceBack(at_sample=now, direction=notice.direction))

    def _announce(self) -> None:
        """Ask now and then whether something is to be said unasked, and offer it."""
        for reply in self._dialogue.due():
            self._doer.due = reply
            self._take(what.Announced(at_sample=self._session.now))
            if self._doer.due is not None:  # someone speaks; it will be found again
                self._doer.due = None
                reply.cancel()
        now_s = self._session.now / self._parts.audio.rate_hz if self._simulated else time.monotonic()
        if now_s - self._looked_at_s >= ANNOUNCEMENTS_S:
            self._looked_at_s = now_s
            self._dialogue.look_for_due()

    def _recording_answered(self) -> bool:
        """Whether the recording that stands for a microphone is over and so is what it led to."""
        session = self._session
        if not self._parts.over() or session.user is not None or session.answer is not None:
            self._over_since = None
            return False
        if self._performer.dropped:
            return False
        self._over_since = self._over_since or session.now
        return session.now - self._over_since >= session.limits.samples(LINGER_MS)

    def _close(self) -> None:
        parts, performer = self._parts, self._performer
        performer.close()
        counts = parts.duplex.counts
        parts.duplex.close()
        parts.recogniser.close()
        self._dialogue.keep(parts.record.close)
        self._dialogue.close()
        parts.close_rest()
        tally = performer.tally
        banks = Counter(slot.bank for slot in self._speech.memory.slots)
        self._teller.event(
            SessionEnded(
                lost_input_samples=counts.lost_input_samples,
                input_overflows=counts.input_overflows,
                output_underflows=counts.output_underflows,
                starved=tally.starved,
                made_ahead=tally.made_ahead,
                used_ahead=tally.used_ahead,
                wasted_ms=round(tally.wasted_ms, 1),
                computed_ms=round(tally.computed_ms, 1),
                memory={str(bank): count for bank, count in banks.items()},
            )
        )
        self._teller.close()
