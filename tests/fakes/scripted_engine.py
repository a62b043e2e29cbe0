"""An engine without a process: answers typed texts word by word, and sends whatever a test lets it send.

The same interface as `engine.handle.EngineHandle`, as far as the window uses it.
"""

from __future__ import annotations

import queue

from engine.commands import (
    Adjust,
    AmendTurn,
    ChooseDevices,
    ConversationCommand,
    EndConversation,
    Listen,
    ListRecognisers,
    Mute,
    RecogniserCommand,
    RenewDialogue,
    SayAgain,
    StartConversation,
    StopSpeaking,
    TypedText,
)
from engine.errand_events import ErrandDone
from engine.errands import Errand, ErrandResult
from engine.event_values import RecogniserSummary, SpeechFigures, VoiceSummary
from engine.events import (
    ConversationState,
    EngineLoading,
    EngineReady,
    ErrorOccurred,
    Event,
    ResponseCreated,
    ResponseDone,
    SessionCreated,
    StateChanged,
    TranscriptDelta,
    TranscriptDone,
    TurnLatency,
    VoicesListed,
)
from engine.recogniser_events import RecognisersListed

FIGURES = SpeechFigures(
    voice="scripted",
    runtime="onnx",
    device="cpu",
    seed=0,
    audio_s=1.5,
    frames=25,
    ttfa_ms=90.0,
    rtf=0.31,
    frame_p50_ms=17.0,
    frame_p95_ms=21.0,
    frame_p99_ms=24.0,
)
VOICE = VoiceSummary(
    name="scripted",
    path="/voices/scripted",
    kind="sotto-csm",
    licence="Apache-2.0",
    sample_rate_hz=24_000,
    card={"description": "A voice for tests."},
)
RECOGNISERS = RecognisersListed(
    recognisers=(
        RecogniserSummary(
            name="pocketsphinx",
            title="pocketsphinx, bundled",
            state="bundled",
            licence="BSD",
            languages=("English",),
            hardware="any",
            about="Understands basic English commands. It understands free conversation less well.",
        ),
        RecogniserSummary(
            name="big",
            title="A big one, English",
            state="available",
            licence="CC-BY-4.0",
            languages=("English", "Czech", "Danish", "Greek", "Maltese"),
            hardware="four cores or a GPU, 2 GB of memory",
            about="Free conversation, with punctuation.",
            repo="somebody/big-onnx",
            revision="main",
            size_bytes=661_000_000,
        ),
        RecogniserSummary(
            name="small",
            title="A small one, English",
            state="installed",
            licence="Apache-2.0",
            languages=("English",),
            hardware="two cores",
            about="Small and less accurate.",
            repo="somebody/small-onnx",
            revision="0" * 40,
            size_bytes=107_000_000,
            done_bytes=107_000_000,
            folder="/cache/small",
        ),
    ),
    free_bytes=52_300_000_000,
    cache="/cache",
)
ANSWERS = {"what time is it": "It is five past three.", "say nothing": ""}


class ScriptedEngine:
    """`commands` is what the window asked for; `feed` sends events; the word "crash" ends it."""

    def __init__(self) -> None:
        self.commands: list[ConversationCommand] = []
        self.asked: list[str] = []
        self.errands: list[Errand] = []
        self.results: dict[type, ErrandResult | str] = {}
        """What an errand of a kind comes to; a string is its trouble, and others have no end."""
        self.recogniser_commands: list[RecogniserCommand] = []
        self.closed = False
        self._events: queue.Queue[Event] = queue.Queue()
        self._turn_id = 0
        self._died = False

    def start(self) -> None:
        """Nothing to start."""

    def feed(self, *events: Event) -> None:
        """Send these."""
        for event in events:
            self._events.put(event)

    def state(self, state: ConversationState, message: str = "") -> StateChanged:
        """That the conversation stands there."""
        return StateChanged(state=state, at_sample=0, message=message)

    def converse(self, command: ConversationCommand) -> None:
        """Take a command, and answer it as the real one does."""
        self.commands.append(command)
        if self._died:
            return
        match command:
            case StartConversation():
                self.feed(
                    EngineLoading(),
                    EngineReady(
                        voice="scripted", runtime="onnx", device="cpu", sample_rate_hz=24_000, load_ms=5.0
                    ),
                    SessionCreated(session_id="1", voice="scripted", sample_rate_hz=48_000),
                    self.state("asleep" if command.listen == "on_call" else "listening"),
                )
            case TypedText(text="crash"):
                self.die()
            case TypedText():
                self.answer(ANSWERS.get(command.text.lower(), f"You typed: {command.text}"))
            case Listen():
                self.feed(self.state("listening" if command.on else "asleep"))
            case Mute():
                self.feed(self.state("muted" if command.on else "listening"))
            case StopSpeaking():
                self.feed(self.state("listening"))
            case SayAgain():
                self.feed(self.state("speaking"))
            case EndConversation() | Adjust() | ChooseDevices() | RenewDialogue() | AmendTurn():
                pass

    def answer(self, words: str) -> int:
        """An answer, heard to its end; gives its turn."""
        self._turn_id += 1
        turn = self._turn_id
        self.feed(self.state("thinking"), ResponseCreated(turn_id=turn), self.state("speaking"))
        for number, word in enumerate(words.split()):
            self.feed(TranscriptDelta(turn_id=turn, delta=word if number == 0 else f" {word}"))
        self.feed(
            TranscriptDone(turn_id=turn, transcript=words),
            ResponseDone(turn_id=turn, status="completed", speech=FIGURES, text=words, source="script"),
            TurnLatency(
                turn_id=turn,
                v2v_ms=420.0,
                breakdown_ms={
                    "eot": 180.0,
                    "recognition": 60.0,
                    "dialogue": 5.0,
                    "speech": 120.0,
                    "output": 55.0,
                },
                ahead_ms={"speech": 90.0},
                made_ahead=turn % 2 == 1,
            ),
            self.state("listening"),
        )
        return turn

    def die(self) -> None:
        """End as a process does that was killed."""
        self._died = True
        self.feed(
            ErrorOccurred(
                code="engine_died",
                message="The engine process ended unexpectedly; try again, and close other programs if memory is low.",
                cause="exit code -9",
                mend="Run sotto doctor to see what is wrong with this machine.",
                fatal=True,
            )
        )

    def list_voices(self) -> None:
        """One voice."""
        self.asked.append("list_voices")
        self.feed(VoicesListed(voices=(VOICE,)))

    def verify_voice(self, voice: str) -> None:
        """Remember the question."""
        self.asked.append(f"verify {voice}")

    def remove_voice(self, voice: str) -> None:
        """Remember the question."""
        self.asked.append(f"remove {voice}")

    def recogniser(self, command: RecogniserCommand) -> None:
        """Remember it; a test feeds what comes of it."""
        self.recogniser_commands.append(command)
        if isinstance(command, ListRecognisers):
            self.feed(RECOGNISERS)

    def examine(self) -> None:
        """Remember the question."""
        self.asked.append("examine")

    def run_errand(self, errand: Errand) -> None:
        """Remember it, and answer as was said."""
        self.errands.append(errand)
        result = self.results.get(type(errand))
        if isinstance(result, str):
            self.feed(ErrandDone(errand=errand.errand, trouble=result))
        elif result is not None:
            self.feed(ErrandDone(errand=errand.errand, result=result))

    def next_event(self, timeout_s: float | None = None) -> Event | None:
        """The next one, or None after the time."""
        try:
            if timeout_s == 0.0:
                return self._events.get_nowait()
            return self._events.get(timeout=timeout_s)
        except queue.Empty:
            return None

    def close(self, timeout_s: float = 5.0) -> None:
        """Remember it."""
        self.closed = True
