"""Commands: what a front end asks of the engine. What comes of them are the events of `engine.events`.

Frozen values, safe on any thread and across processes. Imports nothing heavy.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from engine.errands import Errand

Destination = Literal["events", "loudspeaker"] | Path
"""Where speech goes: back as audio events, to the default output device, or to a WAV file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Load a voice (None: the default one) on a device, computed by a runtime (None: chosen automatically)."""

    voice: str | None = None
    device: str | None = None
    runtime: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Speak `text`; with `more`, text follows in SayMore until one is `last`. Loads the voice where needed."""

    turn_id: int
    generation: int
    text: str
    more: bool = False
    seed: int = 0
    voice: str | None = None
    device: str | None = None
    runtime: str | None = None
    destination: Destination = "events"


@dataclass(frozen=True, slots=True, kw_only=True)
class SayMore:
    """More text for the turn that is being spoken."""

    turn_id: int
    text: str
    last: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """Stop speaking, drop what is queued."""


Echo = Literal["cancel", "headphones", "half_duplex"]
"""Loudspeakers in the room, none, or a microphone that is closed while the assistant speaks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartConversation:
    """Open the devices (None: the system's defaults) and converse; SessionCreated follows, or an error.

    `listen`: "open" hears all the time, "push_to_talk" between Listen(on=True) and Listen(on=False), "on_call" from
    Listen(on=True) until a while of silence. `patience` scales the silence that ends a turn. `meters` names the shared
    memory of a front end's `engine.meters.MeterReader`, where one wants to see levels, memory and counters.

    With a `recording` in place of the microphone the conversation lasts until it was answered; what was said and heard
    goes to the stereo file `write`. Time is simulated, so that computing takes none, unless it is to be `realtime`.
    `keep_audio`: a folder for the sound of every turn; without one none is kept. `recogniser`: a downloaded model's
    name or the folder of one, None for the bundled recogniser, which also takes the place of one that cannot be had.
    With `wait_for_devices` it begins without any, tells so, and uses them when they come; answers wait for a
    loudspeaker.
    `go_on`: the number of a kept conversation that this one goes on with, 0 for the newest; None begins a new one.
    """

    voice: str | None = None
    input_device: str | None = None
    output_device: str | None = None
    listen: Literal["open", "push_to_talk", "on_call"] = "open"
    echo: Echo = "cancel"
    patience: float = 1.0
    volume_db: float = 0.0
    rate: float = 1.0
    seed: int = 0
    meters: str | None = None
    recording: Path | None = None
    write: Path | None = None
    realtime: bool = False
    keep_audio: Path | None = None
    recogniser: str | None = None
    wait_for_devices: bool = False
    go_on: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndConversation:
    """Close the devices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """The push-to-talk key, or the call to listen."""

    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """Close or open the microphone."""

    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedText:
    """What the user typed instead of saying it."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StopSpeaking:
    """Fall silent; the conversation goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SayAgain:
    """Speak a text beside the conversation, which neither tells nor remembers it; refused while somebody speaks."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendTurn:
    """The user corrected a turn of this conversation (`was` is what it said before) or, with None, deleted it: what is
    answered from now on goes by that. The store is the front end's to change."""

    turn_id: int
    text: str | None
    was: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjust:
    """Change what is not None, at once."""

    volume_db: float | None = None
    rate: float | None = None
    patience: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseDevices:
    """Use other devices from now on (None: the system's defaults); DeviceChanged follows."""

    input_device: str | None
    output_device: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewDialogue:
    """Who answers was changed in the settings: the next question goes to them, the conversation goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartChat:
    """A typed conversation, beside no devices: ChatChanged, and from now on what is due unasked. `go_on` as in
    StartConversation."""

    go_on: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """Answer what was typed: TranscriptDelta as it comes, then ChatAnswered, or an error."""

    turn_id: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndChat:
    """The typed conversation is over: ChatChanged follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListVoices:
    """Ask for VoicesListed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyVoice:
    """Ask for VoiceVerified; a damaged voice is an error event."""

    voice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveVoice:
    """Ask for VoiceRemoved; only the user's own voices can be removed."""

    voice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRecognisers:
    """Ask for RecognisersListed; opens no connection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchRecogniser:
    """Download a model of the catalogue, or go on with it: FetchProgress until it is done, paused or failed."""

    recogniser: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseFetch:
    """Stop a download; what has come stays."""

    recogniser: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyRecogniser:
    """Ask for RecogniserVerified of a downloaded model, or of a folder."""

    recogniser: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveRecogniser:
    """Ask for RecogniserRemoved of a downloaded model, wholly or partly here."""

    recogniser: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Examine:
    """Ask for Examined."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shutdown:
    """End the engine process."""


ConversationCommand = (
    StartConversation
    | EndConversation
    | Listen
    | Mute
    | TypedText
    | StopSpeaking
    | SayAgain
    | AmendTurn
    | Adjust
    | ChooseDevices
    | RenewDialogue
)

RecogniserCommand = ListRecognisers | FetchRecogniser | PauseFetch | VerifyRecogniser | RemoveRecogniser

Command = (
    Load
    | Say
    | SayMore
    | Cancel
    | ListVoices
    | VerifyVoice
    | RemoveVoice
    | Examine
    | Shutdown
    | StartChat
    | Chat
    | EndChat
    | ConversationCommand
    | Errand
    | RecogniserCommand
)
