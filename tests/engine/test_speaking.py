"""Speaking measures what it makes, and says why a text cannot be spoken."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from engine.audio.sinks import EventSink
from engine.errors import SottoError
from engine.events import BooksChanged, ErrorOccurred, Event
from engine.speaking import speak, why_unspeakable
from engine.text_inlet import TextInlet
from tests.fakes.tones import CODEC, FRAMES_A_WORD, EndlessVoice, LapsingVoice, LateVoice, ToneVoice


def ignored(event: Event) -> None:
    """For speech in which nothing happens."""


def test_figures_follow_from_the_chunks() -> None:
    taken: list[np.ndarray] = []
    sink = EventSink(lambda samples, rate_hz, index: taken.append(samples))
    sink.open(CODEC.sample_rate_hz)
    figures = speak(ToneVoice("tones", "cpu"), "two words", 3, sink, threading.Event(), ignored)
    assert figures is not None
    assert figures.frames == 2 * FRAMES_A_WORD == len(taken)
    assert figures.audio_s == pytest.approx(sum(map(len, taken)) / CODEC.sample_rate_hz)
    assert figures.rtf == pytest.approx(6.0 / CODEC.frame_ms)  # the tones claim 6 ms a frame
    assert (figures.frame_p50_ms, figures.frame_p99_ms, figures.seed) == (6.0, 6.0, 3)
    assert figures.ttfa_ms >= 0


def test_a_change_of_books_is_told_and_counted() -> None:
    told: list[Event] = []
    sink = EventSink(lambda *_: None)
    figures = speak(LateVoice("late", "cpu"), "two words more", 0, sink, threading.Event(), told.append)
    most = CODEC.codebooks
    assert told == [
        BooksChanged(books=most // 2, reserve_ms=0.0),
        BooksChanged(books=most, reserve_ms=0.0),
    ]
    assert figures is not None
    assert figures.books == {most: 2 * FRAMES_A_WORD, most // 2: FRAMES_A_WORD}
    assert sum(figures.books.values()) == figures.frames


def test_words_that_are_left_out_are_told_and_counted() -> None:
    told: list[Event] = []
    sink = EventSink(lambda *_: None)
    voice = LapsingVoice("lapsing", "cpu")
    figures = speak(voice, "once again never more", 0, sink, threading.Event(), told.append)
    assert told == [ErrorOccurred(code="voice", message="The voice lapsed at 'never'.")]
    assert figures is not None
    assert (figures.respoken, figures.cut, figures.frames) == (1, 1, 3 * FRAMES_A_WORD)


def test_a_text_of_which_nothing_could_be_spoken_is_refused_for_that_reason() -> None:
    sink = EventSink(lambda *_: None)
    with pytest.raises(SottoError, match="Nothing of the text could be spoken with the voice 'lapsing'"):
        speak(LapsingVoice("lapsing", "cpu"), "never", 0, sink, threading.Event(), ignored)


def test_a_cancelled_voice_stops_within_a_frame() -> None:
    cancelled = threading.Event()

    def emit(samples: np.ndarray, rate_hz: int, index: int) -> None:
        if index == 4:
            cancelled.set()

    figures = speak(EndlessVoice("endless", "cpu"), "on", 0, EventSink(emit), cancelled, ignored)
    assert figures is not None
    assert figures.frames == 5


def test_text_is_spoken_while_it_arrives() -> None:
    inlet, first_heard, words = TextInlet(), threading.Event(), []

    def emit(samples: np.ndarray, rate_hz: int, index: int) -> None:
        words.append(index)
        first_heard.set()

    def type_slowly() -> None:
        inlet.feed("first ")
        assert first_heard.wait(5), "speech begins before the text is complete"
        inlet.feed("second")
        inlet.finish()

    typist = threading.Thread(target=type_slowly)
    typist.start()
    figures = speak(ToneVoice("tones", "cpu"), inlet, 0, EventSink(emit), threading.Event(), ignored)
    typist.join()
    assert figures is not None
    assert words == list(range(2 * FRAMES_A_WORD))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        (" \n\t", "empty"),
        ("?!… — ()", "only punctuation"),
        ("😀🎉", "only punctuation, symbols"),
        ("\x00\x07\x1b[0m"[:3], "control characters"),
        ("你好", "CJK script"),
        ("Привет", "CYRILLIC script"),
        ("مرحبا", "ARABIC script"),
    ],
)
def test_an_unspeakable_text_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(SottoError, match=reason):
        speak(ToneVoice("tones", "cpu"), text, 0, EventSink(lambda *_: None), threading.Event(), ignored)
    assert "\n" not in why_unspeakable(text)
