"""Events are frozen, survive the pipe between processes, and read as the Realtime API's JSON."""

from __future__ import annotations

import base64
import dataclasses
import json
import pickle

import numpy as np
import pytest

from engine import events
from engine.event_values import Finding, SpeechFigures
from engine.events import AudioDelta, Event, ResponseDone

EVENT_TYPES = [
    kind
    for kind in vars(events).values()
    if isinstance(kind, type) and issubclass(kind, Event) and kind is not Event
]
FIGURES = SpeechFigures(
    voice="v", runtime="torch", device="cpu", seed=1, audio_s=1.0, frames=17, ttfa_ms=90.0, rtf=0.4,
    frame_p50_ms=20.0, frame_p95_ms=25.0, frame_p99_ms=30.0,
)  # fmt: skip


def test_names_are_unique_and_of_the_realtime_vocabulary() -> None:
    names = [kind.type for kind in EVENT_TYPES]
    assert len(set(names)) == len(names) <= 30
    roots = ("session.", "input_audio_buffer.", "conversation.item.", "response.", "sotto.", "error")
    assert all(name.startswith(roots) for name in names)


def test_events_are_frozen_values_that_cross_the_pipe() -> None:
    event = ResponseDone(turn_id=3, generation=2, status="completed", speech=FIGURES)
    assert pickle.loads(pickle.dumps(event)) == event
    with pytest.raises(dataclasses.FrozenInstanceError):
        event.turn_id = 4  # type: ignore[misc]


def test_json_carries_type_turn_and_generation() -> None:
    line = ResponseDone(turn_id=3, generation=2, status="completed", speech=FIGURES).to_json()
    data = json.loads(line)
    assert (data["type"], data["turn_id"], data["generation"]) == ("response.done", 3, 2)
    assert data["speech"]["frame_p95_ms"] == 25.0
    assert "\n" not in line


def test_audio_is_pcm16_in_base64_as_in_the_realtime_api() -> None:
    samples = np.array([0.0, 0.5, -1.0, 1.5], np.float32)
    event = AudioDelta(samples=samples.tobytes(), sample_rate_hz=24_000, frame_index=7)
    data = json.loads(event.to_json())
    assert "samples" not in data
    np.testing.assert_array_equal(
        np.frombuffer(base64.b64decode(data["delta"]), "<i2"), [0, 16384, -32767, 32767]
    )


def test_nested_values_become_plain_json() -> None:
    findings = (Finding(subject="disk", state="warning", finding="little", mend="free some"),)
    data = json.loads(events.Examined(findings=findings).to_json())
    assert data["findings"] == [
        {"subject": "disk", "state": "warning", "finding": "little", "mend": "free some"}
    ]
