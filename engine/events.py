"""The vocabulary that the engine, its front ends, the recorder and the server share: events. `engine.commands` has the
other direction, `engine.event_values` what events hold.

Frozen values, safe on any thread and across processes. Names are those of the Realtime API's GA vocabulary where it
has one and `sotto.*` otherwise; units stand in the field names. Imports nothing heavy.
"""

from __future__ import annotations

import base64
import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

from engine.event_values import DamagedVoice, Finding, SpeechFigures, VoiceSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What every event carries: the turn it belongs to and a generation that never falls.

    `t_ms` is when it happened on the microphone's clock, within a conversation; JSON leaves it out elsewhere.
    """

    type: ClassVar[str]
    turn_id: int = 0
    generation: int = 0
    t_ms: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """The event as JSON-ready values, `type` first."""
        values = {f.name: _plain(getattr(self, f.name)) for f in dataclasses.fields(self)}
        if values["t_ms"] is None:
            del values["t_ms"]
        return {"type": self.type} | values

    def to_json(self) -> str:
        """The event as one line of JSON."""
        return json.dumps(self.as_dict(), ensure_ascii=False)


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Path):
        return str(value)
    return value


# The engine itself


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineLoading(Event):
    """The engine process imports its libraries and reads a voice; seconds pass."""

    type: ClassVar[str] = "sotto.engine.loading"
    voice: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineReady(Event):
    """A voice is loaded and speaks without further delay."""

    type: ClassVar[str] = "sotto.engine.ready"
    voice: str
    runtime: str
    device: str
    sample_rate_hz: int
    load_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class VoicesListed(Event):
    """The voices that are installed, and the folders among them that cannot be read."""

    type: ClassVar[str] = "sotto.voices.listed"
    voices: tuple[VoiceSummary, ...]
    damaged: tuple[DamagedVoice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceVerified(Event):
    """Every part of a voice was read and belongs to it."""

    type: ClassVar[str] = "sotto.voice.verified"
    voice: str
    sample_rate_hz: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceRemoved(Event):
    """A voice's folder is gone."""

    type: ClassVar[str] = "sotto.voice.removed"
    voice: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined(Event):
    """What `sotto doctor` found, in the order it looked."""

    type: ClassVar[str] = "sotto.examined"
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorOccurred(Event):
    """Something failed: a sentence for the user, the cause, and what to do. `fatal` ends the engine process."""

    type: ClassVar[str] = "error"
    code: Literal[
        "refused", "sound_device", "voice", "device", "recogniser", "dialogue", "internal", "engine_died"
    ]
    message: str
    cause: str = ""
    mend: str = ""
    fatal: bool = False

    @property
    def response_goes_on(self) -> bool:
        """After words that had to be left out ("voice"), and when the CPU took over from the GPU ("device")."""
        return self.code in ("voice", "device")


# The conversation


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionCreated(Event):
    """A conversation begins."""

    type: ClassVar[str] = "session.created"
    session_id: str
    voice: str
    sample_rate_hz: int


ConversationState = Literal[
    "asleep", "listening", "user_speaking", "deciding", "thinking", "speaking", "paused", "muted", "failed"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChanged(Event):
    """Where the conversation stands now; `message` says why where that is not plain. `muted`: the microphone is closed,
    whatever else goes on."""

    type: ClassVar[str] = "sotto.state"
    state: ConversationState
    at_sample: int
    message: str = ""
    muted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceChanged(Event):
    """A sound device was lost, recovered or changed: a sentence for the user, and what to do."""

    type: ClassVar[str] = "sotto.device"
    direction: Literal["input", "output", "both"]
    kind: Literal["lost", "recovered", "changed", "xrun"]
    message: str
    mend: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechStarted(Event):
    """The user began to speak."""

    type: ClassVar[str] = "input_audio_buffer.speech_started"
    item_id: str
    at_sample: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechStopped(Event):
    """The user fell silent."""

    type: ClassVar[str] = "input_audio_buffer.speech_stopped"
    item_id: str
    at_sample: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InputCommitted(Event):
    """The user's turn is over."""

    type: ClassVar[str] = "input_audio_buffer.committed"
    item_id: str
    at_sample: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptionDelta(Event):
    """More of the user's words."""

    type: ClassVar[str] = "conversation.item.input_audio_transcription.delta"
    item_id: str
    delta: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptionPartial(Event):
    """The user's words so far, whole: those of `stable` will stay, those of `tentative` may change."""

    type: ClassVar[str] = "sotto.input_audio_transcription.partial"
    item_id: str
    stable: str
    tentative: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptionCompleted(Event):
    """The user's words, final."""

    type: ClassVar[str] = "conversation.item.input_audio_transcription.completed"
    item_id: str
    transcript: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseCreated(Event):
    """The engine took a text to speak."""

    type: ClassVar[str] = "response.created"
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioDelta(Event):
    """Speech: `samples` holds mono float32 in native byte order, shape (S,), at `sample_rate_hz`.

    In JSON the samples are `delta`, base64 of 16-bit PCM, as in the Realtime API.
    """

    type: ClassVar[str] = "response.output_audio.delta"
    samples: bytes
    sample_rate_hz: int
    frame_index: int

    def as_dict(self) -> dict[str, Any]:
        """The event as JSON-ready values, with `delta` in place of `samples`."""
        pcm16 = np.round(np.clip(np.frombuffer(self.samples, np.float32), -1.0, 1.0) * 32767).astype("<i2")
        # super() without arguments does not work in a class that slots=True creates anew
        fields = {name: value for name, value in Event.as_dict(self).items() if name != "samples"}
        return fields | {"delta": base64.b64encode(pcm16.tobytes()).decode("ascii")}


@dataclass(frozen=True, slots=True, kw_only=True)
class BooksChanged(Event):
    """Frames came late, or come in time again: speech goes on with `books` of the voice's codebooks a frame."""

    type: ClassVar[str] = "sotto.speech.books"
    books: int
    reserve_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioDone(Event):
    """The last speech of a response has left."""

    type: ClassVar[str] = "response.output_audio.done"
    audio_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptDelta(Event):
    """More of the words being spoken; in a conversation, of the words that were heard, or that could only be read
    since there is no loudspeaker."""

    type: ClassVar[str] = "response.output_audio_transcript.delta"
    delta: str
    heard: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptDone(Event):
    """The words that were spoken; in a conversation, those that were heard. `written`: all that could be read, where
    not all of it was heard."""

    type: ClassVar[str] = "response.output_audio_transcript.done"
    transcript: str
    written: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseDone(Event):
    """A response ended; `speech` measures what was made of it (None: nothing was). An incomplete one lacks words.

    In a conversation `text` is all that was to be said, `source` the skill's name or the model's, and `until_sample`
    where its last audible sample lies on the microphone's clock (0: nothing sounded).
    """

    type: ClassVar[str] = "response.done"
    status: Literal["completed", "incomplete", "cancelled", "failed"]
    speech: SpeechFigures | None = None
    text: str = ""
    source: str = ""
    until_sample: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemTruncated(Event):
    """An answer was interrupted: how much of it was heard, and where that is less, what could be read of it."""

    type: ClassVar[str] = "conversation.item.truncated"
    item_id: str
    audio_end_ms: float
    heard_text: str
    written_text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnKept(Event):
    """A turn is in the store, where `number` finds it again; the user's words come first, their answer follows."""

    type: ClassVar[str] = "sotto.turn.kept"
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolUsed(Event):
    """A tool was called for this turn's answer: whose it is, arguments as JSON, what it gave; `failed`: why not."""

    type: ClassVar[str] = "sotto.tool.used"
    name: str
    owner: str
    arguments: str
    result: str
    failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnLatency(Event):
    """One turn's voice-to-voice delay and its parts, None in simulated time. `reply_at_sample`: where the reply's first
    audible sample lies on the microphone's clock. `made_ahead`: the reply was there before the turn was over, by which
    `saved_ms` were saved."""

    type: ClassVar[str] = "sotto.turn.latency"
    v2v_ms: float | None
    breakdown_ms: dict[str, float]
    ahead_ms: dict[str, float]
    reply_at_sample: int = 0
    made_ahead: bool = False
    saved_ms: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnded(Event):
    """The conversation is over: what was lost on the way, answers made ahead and how many of them were used, and the
    computing that went into the others. `memory` counts the slots of the voice's two banks."""

    type: ClassVar[str] = "sotto.session.ended"
    lost_input_samples: int = 0
    input_overflows: int = 0
    output_underflows: int = 0
    starved: int = 0
    made_ahead: int = 0
    used_ahead: int = 0
    wasted_ms: float = 0.0
    computed_ms: float = 0.0
    memory: dict[str, int] = field(default_factory=dict)


# Typed conversation


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatChanged(Event):
    """A typed conversation began (`notice` is to be told, as about a damaged store), or is over and wholly kept."""

    type: ClassVar[str] = "sotto.chat.changed"
    is_open: bool
    notice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatAnswered(Event):
    """A whole answer to what was typed; without `user_text` it comes unasked, as an alarm does. `source`: a skill's
    name, or the model's. `over`: the user said goodbye."""

    type: ClassVar[str] = "sotto.chat.answered"
    user_text: str
    assistant_text: str
    source: str
    ms: float
    over: bool = False
