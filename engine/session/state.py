"""Where a conversation stands, as one frozen value; its phase is derived from its parts and stored nowhere.

Pure, any thread. Times are samples of the microphone's clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from engine.events import ConversationState

ListenMode = Literal["open", "push_to_talk", "on_call"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The times that turn-taking goes by, at the rate and block of `AudioConfig`.

    Into an answer: lowered by `duck_db` when an overlap is suspected or after `duck_ms` of it, paused after `pause_ms`,
    ended after `commit_ms` of voice; `last_word_ms` after the voice it is asked what it said, and gone on with
    `resume_ms` after it.
    `sleep_s` of silence end an on-call conversation. What is said unasked waits `loudspeaker_s` for a loudspeaker that
    is gone, and is then only written. An answer that has no words `effects_ms` after it was asked for
    may wait for its effects. `earcon_ms` and `word_ms`: signs that an answer takes long. Sound without words of at
    least `unclear_ms` is worth a question.
    `guesses`: answers made ahead in one turn; one is used only where the recogniser is at least this `sure`.
    """

    rate_hz: int = 48_000
    block_ms: float = 10.0
    duck_ms: float = 180.0
    duck_db: float = 12.0
    pause_ms: float = 270.0
    commit_ms: float = 900.0
    resume_ms: float = 600.0
    last_word_ms: float = 150.0
    sleep_s: float = 45.0
    loudspeaker_s: float = 60.0
    effects_ms: float = 200.0
    earcon_ms: float = 1500.0
    word_ms: float = 8000.0
    unclear_ms: float = 600.0
    guesses: int = 3
    sure: float = 0.35

    def samples(self, ms: float) -> int:
        """Milliseconds on the microphone's clock."""
        return round(self.rate_hz * ms / 1000.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """What the user is saying. `voiced` counts samples with voice. `finishing`: the turn is over and the recogniser's
    last word is awaited. `by_key`: it lasts as long as the key is held. `into`: it began while an answer was there;
    `settled`: it is known to be no turn."""

    number: int
    turn: int
    started_at: int
    voice: bool = True
    stopped_at: int = 0
    voiced: int = 0
    text: str = ""
    complete: bool = False
    finishing: bool = False
    by_key: bool = False
    into: bool = False
    settled: bool = False
    guesses: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """An answer made ahead to words that may not be the last: held, without effects."""

    response: int
    asked: str
    complete: bool
    has_text: bool = False
    has_speech: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer that may sound. `asked` is what it answers (empty: it comes unasked).

    `hold`: what the user's voice has done to it so far. `signs`: how many signs of waiting were given.
    """

    response: int
    turn: int
    asked: str
    since: int
    unasked: bool = False
    has_text: bool = False
    has_speech: bool = False
    committed: bool = False
    sounded: bool = False
    hold: Literal["", "ducked", "paused"] = ""
    signs: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """The whole. `generation` rises whenever something that was to be heard is not to be heard any more.

    `voice_since`: where the voice that sounds now began; `suspected_at`: when one was last thought to begin.
    `unanswered`: words of turns whose answers were not heard at all; what is said next goes on from them.
    `lost` names the devices that are gone, the loudspeaker since `silent_since`.
    `quiet_since`: since when nothing happens. `asked_again`: the last thing said was that nothing was understood.
    """

    limits: Limits = field(default_factory=Limits)
    listen: ListenMode = "open"
    now: int = 0
    generation: int = 0
    turns: int = 0
    responses: int = 0
    utterances: int = 0
    awake: bool = True
    muted: bool = False
    key_down: bool = False
    sleepy: bool = False
    lost: frozenset[str] = frozenset()
    silent_since: int = 0
    trouble: str = ""
    voice_since: int | None = None
    suspected_at: int = 0
    quiet_since: int = 0
    unanswered: str = ""
    asked_again: bool = False
    user: Utterance | None = None
    guess: Guess | None = None
    answer: Answer | None = None

    @property
    def hears(self) -> bool:
        """Whether what the microphone gives may become a turn."""
        if self.muted or self.lost & {"input", "both"}:
            return False
        return self.key_down if self.listen == "push_to_talk" else self.awake

    @property
    def is_audible(self) -> bool:
        """Whether there is a loudspeaker."""
        return not self.lost & {"output", "both"}

    @property
    def overlap(self) -> bool:
        """Whether the user speaks into an answer, and it is open what of it."""
        return self.user is not None and self.answer is not None

    @property
    def phase(self) -> ConversationState:
        """Where the conversation stands, in one word.

        Without a loudspeaker it goes on, in writing; without a microphone what was typed is answered, and can be
        stopped.
        """
        if self.answer is not None:
            if self.answer.hold == "paused":
                return "paused"
            return "speaking" if self.answer.sounded else "thinking"
        if self.lost - {"output"}:
            return "failed"
        if self.user is not None:
            if self.user.finishing:
                return "thinking"
            return "user_speaking" if self.user.voice or self.user.by_key else "deciding"
        if self.muted:
            return "muted"
        resting = self.listen == "push_to_talk" or not self.awake
        return "asleep" if resting else "listening"


def starting(listen: ListenMode, limits: Limits, generation: int = 0) -> Session:
    """How a conversation begins."""
    return Session(limits=limits, listen=listen, generation=generation, awake=listen != "on_call")
