"""`sotto talk` in a whole engine process: turns, files, and one sentence for each bad recording."""

from __future__ import annotations

import json
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from app.cli.main import main
from app.cli.talk import told
from app.cli.turns import Turn
from engine.handle import EngineHandle
from tests.fakes.spoken_tones import AUDIO, samples, spoken
from tests.fakes.tone_conversations import REPLIES, tone_parts
from tests.fakes.tones import ToneShelf

QUESTION = "what time is it"


class TalkingEngine(EngineHandle):
    """One process for all tests of this module."""

    def __init__(self) -> None:
        super().__init__(ToneShelf, tone_parts)

    def __enter__(self) -> TalkingEngine:
        return self

    def __exit__(self, *_: object) -> None:
        """The fixture closes it."""


@pytest.fixture(scope="module")
def engine() -> Iterator[EngineHandle]:
    handle = TalkingEngine()
    handle.start()
    yield handle
    handle.close()


def talk(engine: EngineHandle, *arguments: object) -> int:
    return main(["talk", *map(str, arguments)], lambda: engine)


def silence(duration_ms: float) -> NDArray[np.float32]:
    return np.zeros(samples(duration_ms), np.float32)


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """A question, and a story that is stopped."""
    parts = [
        silence(500),
        spoken(QUESTION),
        silence(3000),
        spoken("tell me a story"),
        silence(1900),
        spoken("wait stop"),
    ]
    path = tmp_path / "in.wav"
    soundfile.write(path, np.concatenate(parts), AUDIO.rate_hz)
    return path


def test_the_turns_are_printed_as_they_were_heard(
    engine: EngineHandle, recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert talk(engine, recording) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == [f"You:   {QUESTION}", f"Sotto: {REPLIES[QUESTION]}"]
    assert lines[3].endswith("(interrupted)")


def test_what_could_only_be_read_is_printed_as_such() -> None:
    turn = Turn("what time is it", "It is ten past three.", written_text="It is ten past three.")
    assert told(turn) == "It is ten past three. — (written, not heard)"
    turn.heard_text, turn.interrupted = "It is", True
    assert told(turn) == "It is ten past three. — (written, in part not heard) — (interrupted)"


def test_the_object_tells_each_turn_on_one_clock(
    engine: EngineHandle, recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert talk(engine, recording, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told) >= {"turns", "xruns", "memory"}
    first, second, *_ = told["turns"]
    assert (first["user_text"], first["heard_text"]) == (QUESTION, REPLIES[QUESTION])
    assert first["v2v_ms"] is None
    assert first["user_start_s"] == pytest.approx(0.5, abs=0.01)
    assert first["user_start_s"] < first["user_end_s"] < first["reply_start_s"] < first["reply_end_s"]
    assert second["interrupted"]
    assert second["assistant_text"].startswith(second["heard_text"])
    assert len(second["heard_text"]) < len(second["assistant_text"])


def test_both_sides_are_written_on_one_clock(
    engine: EngineHandle, recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.wav"
    assert talk(engine, recording, "--out", out, "--json") == 0
    turn = json.loads(capsys.readouterr().out)["turns"][0]
    both, rate_hz = soundfile.read(out)
    user, assistant = both.T
    said = soundfile.read(recording)[0]
    assert np.abs(user[: len(said)] - said).max() < 1e-4
    first = int(np.flatnonzero(np.abs(assistant) > 10 ** (-50 / 20))[0])
    assert first / rate_hz == pytest.approx(turn["reply_start_s"], abs=0.001)


def test_every_event_is_a_line_with_its_time(engine: EngineHandle, recording: Path, tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    assert talk(engine, recording, "--events", path) == 0
    events = [json.loads(line) for line in path.read_text().splitlines()]
    assert events[0]["type"] == "session.created"
    assert events[-1]["type"] == "sotto.session.ended"
    times = [event["t_ms"] for event in events]
    assert times == sorted(times)
    generations = [event["generation"] for event in events]
    assert generations == sorted(generations)
    kinds = {event["type"] for event in events}
    assert {"input_audio_buffer.speech_started", "conversation.item.truncated", "response.done"} <= kinds


def test_in_real_time_the_delay_is_told_and_its_parts_add_up(
    engine: EngineHandle, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "short.wav"
    soundfile.write(path, np.concatenate([silence(300), spoken(QUESTION)]), AUDIO.rate_hz)
    assert talk(engine, path, "--realtime", "--json") == 0
    (turn,) = json.loads(capsys.readouterr().out)["turns"]
    assert set(turn["breakdown_ms"]) == {
        "eot", "recognition", "dialogue", "speech", "leading_silence", "output",
    }  # fmt: skip
    assert sum(turn["breakdown_ms"].values()) == pytest.approx(turn["v2v_ms"], abs=0.1)
    assert turn["v2v_ms"] > 0


def written(path: Path, sound: NDArray[np.float32], rate_hz: int = 48_000, subtype: str = "PCM_16") -> Path:
    soundfile.write(path, sound, rate_hz, subtype=subtype)
    return path


def lying(path: Path) -> Path:
    """A header that announces ten times as much as there is."""
    soundfile.write(path, spoken(QUESTION), 48_000)
    data = bytearray(path.read_bytes())
    at = data.index(b"data") + 4
    data[at : at + 4] = (10 * int.from_bytes(data[at : at + 4], "little")).to_bytes(4, "little")
    path.write_bytes(bytes(data))
    return path


def test_a_recording_that_is_none_is_one_sentence(
    engine: EngineHandle, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text.wav").write_text("This is no sound.")
    (tmp_path / "empty.wav").write_bytes(b"")
    with wave.open(str(tmp_path / "nothing.wav"), "wb") as file:
        file.setparams((1, 2, 48_000, 0, "NONE", ""))
    for name in ("text.wav", "empty.wav", "nothing.wav", "missing.wav", "."):
        assert talk(engine, tmp_path / name) == 2
        error = capsys.readouterr().err
        assert error.count("\n") == 1
        assert error.startswith("sotto: ")
        assert "Traceback" not in error


def test_odd_recordings_are_heard_all_the_same(
    engine: EngineHandle, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sound = np.concatenate([silence(300), spoken(QUESTION)])
    odd = [
        written(tmp_path / "eight.wav", sound, subtype="PCM_U8"),
        written(tmp_path / "stereo.wav", np.stack([sound, sound], axis=1)),
        written(tmp_path / "high.wav", np.repeat(sound, 4), rate_hz=192_000),
        written(tmp_path / "offset.wav", sound + np.float32(0.3)),
        lying(tmp_path / "lying.wav"),
    ]
    for path in odd:
        assert talk(engine, path, "--json") == 0
        turns = json.loads(capsys.readouterr().out)["turns"]
        assert [turn["user_text"] for turn in turns] == [QUESTION], path.name


@pytest.mark.parametrize("kind", ["silence", "noise"])
def test_where_nothing_is_said_nothing_is_answered(
    kind: str, engine: EngineHandle, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    noise = 0.002 * np.random.default_rng(0).standard_normal(samples(2000)).astype(np.float32)
    path = written(tmp_path / "in.wav", noise if kind == "noise" else silence(2000))
    assert talk(engine, path, "--json") == 0
    assert json.loads(capsys.readouterr().out)["turns"] == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Name one recording"),
        (("a.wav", "--live"), "Name one recording"),
        (("--live", "--out", "b.wav"), "go with a recording"),
        (("a.wav", "--events", "/nowhere/e.jsonl"), "cannot be written"),
        (("a.wav", "--echo", "none"), "invalid choice"),
    ],
)
def test_mistakes_on_the_command_line(
    arguments: tuple[str, ...], words: str, engine: EngineHandle, capsys: pytest.CaptureFixture[str]
) -> None:
    assert talk(engine, *arguments) == 2
    assert words in capsys.readouterr().err


def test_a_voice_that_is_none_is_told(
    engine: EngineHandle, recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert talk(engine, recording, "--voice", "nobody") == 2
    assert "no voice named" in capsys.readouterr().err
    assert talk(engine, recording) == 0


def test_an_unwritable_out_is_told(
    engine: EngineHandle, recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert talk(engine, recording, "--out", tmp_path / "missing" / "out.wav") == 2
    assert "does not exist" in capsys.readouterr().err
