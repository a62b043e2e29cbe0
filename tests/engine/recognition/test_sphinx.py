"""pocketsphinx in its process hears what flite says, takes nothing else for a command, and remembers who speaks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.spoken_commands import in_noise, noises, speak
from engine.dialogue.grammar import spoken_grammar
from engine.errors import SottoError
from engine.recognition import (
    RATE_HZ,
    Final,
    Grammar,
    Partial,
    Recognised,
    Recogniser,
    RecogniserTrouble,
    make_recogniser,
)
from engine.recognition.choice import make_sphinx

GRAMMAR = Grammar(
    """#JSGF V1.0;
grammar test;
public <command> = what time is it | what's the date | set a timer for <number> minutes | stop | louder
    | how many <unit> are in <number> <unit> | roll a dice | repeat that | read my notes | thank you;
<unit> = miles | kilometres | litres | pounds;
<number> = two | three | five | seven | eight | ten | twenty [five];
""",
    ("remember that", "take a note"),
)
BLOCK = RATE_HZ // 100
WAIT_S = 60.0


@pytest.fixture(scope="module")
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def recogniser(data_folder: Path) -> Iterator[Recogniser]:
    made = make_recogniser(GRAMMAR, data_folder=data_folder)
    made.start()
    yield made
    made.close()


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("speech")


_number = iter(range(1, 1000))


def hear(recogniser: Recogniser, samples: NDArray[np.float32]) -> tuple[list[Partial], Final]:
    """As in simulated time: each block is worked on before the next."""
    number, said = next(_number), list[Recognised]()
    recogniser.begin(number)
    for at in range(0, len(samples), BLOCK):
        recogniser.feed(number, samples[at : at + BLOCK])
        assert recogniser.wait_idle(WAIT_S)
        said += recogniser.poll()
    recogniser.finish(number)
    assert recogniser.wait_idle(WAIT_S)
    said += recogniser.poll()
    assert not any(isinstance(each, RecogniserTrouble) for each in said)
    *partials, final = said
    assert isinstance(final, Final)
    assert final.utterance == number
    return [each for each in partials if isinstance(each, Partial)], final


def spoken(voice: str, text: str, cache: Path, snr_db: float | None = None) -> NDArray[np.float32]:
    return in_noise(speak(voice, text, cache), snr_db, np.random.default_rng(3))


@pytest.mark.parametrize(
    ("voice", "text"),
    [
        ("slt", "what time is it"),
        ("awb", "set a timer for twenty five minutes"),
        ("rms", "how many kilometres are in ten miles"),
        ("slt", "stop"),
    ],
)
def test_commands_are_understood(recogniser: Recogniser, cache: Path, voice: str, text: str) -> None:
    partials, final = hear(recogniser, spoken(voice, text, cache))
    assert (final.text, final.from_grammar, final.rejected) == (text, True, False)
    assert 0.5 <= final.confidence <= 1.0
    assert partials[-1].complete
    for earlier, later in pairwise(partials):
        assert later.stable.split()[: len(earlier.stable.split())] == earlier.stable.split()
        assert later.until_sample > earlier.until_sample


def test_most_commands_are_understood_in_noise(recogniser: Recogniser, cache: Path) -> None:
    """At 20 dB a number may be taken for its like, "ten" for "two"; the benchmark of commands counts how often."""
    texts = (
        "set a timer for ten minutes",
        "what time is it",
        "repeat that",
        "read my notes",
        "roll a dice",
    )
    finals = [hear(recogniser, spoken("rms", text, cache, 20.0))[1] for text in texts]
    understood = sum(final.text == text for text, final in zip(texts, finals, strict=True))
    assert understood >= len(texts) - 1, [final.text for final in finals]


def test_what_is_no_command_is_heard_openly(recogniser: Recogniser, cache: Path) -> None:
    _, final = hear(recogniser, spoken("slt", "the accident left her badly shaken", cache))
    assert not final.from_grammar
    assert len(set(final.text.split()) & set("the accident left her badly shaken".split())) >= 3


def test_open_text_follows_an_open_prefix(recogniser: Recogniser, cache: Path) -> None:
    _, final = hear(recogniser, spoken("rms", "remember that my sister likes green tea", cache))
    assert final.text.startswith("remember that my")
    assert not final.from_grammar


def test_silence_and_noise_give_no_words(recogniser: Recogniser) -> None:
    silence = np.zeros(2 * RATE_HZ, np.float32)
    assert hear(recogniser, silence)[1].text == ""
    for kind, samples in noises(5, np.random.default_rng(5)):
        _partials, final = hear(recogniser, samples)
        assert final.rejected or final.text == "", f"{kind} gave {final}"


def test_noise_that_begins_with_a_command_changes_none_of_its_words(tmp_path: Path, cache: Path) -> None:
    """The mean of a quiet room once made "fluff is the date" and "fill me in fuel" of these."""
    commands = ("what is the date", "tell me a joke", "what can you do")
    heard = make_recogniser(spoken_grammar(), data_folder=tmp_path)
    draw = np.random.default_rng(7)
    try:
        heard.start()
        for _ in range(2):
            hear(heard, spoken("awb", "what is the date", cache))
        finals = [hear(heard, in_noise(speak("awb", words, cache), 20.0, draw))[1] for words in commands]
    finally:
        heard.close()
    assert [final.text for final in finals] == list(commands)


def test_a_short_word_is_told_before_it_is_over(recogniser: Recogniser, cache: Path) -> None:
    """An answer must end at once, though the rest of the decoding waits for more to be heard."""
    samples = spoken("rms", "stop", cache)
    partials, final = hear(recogniser, samples)
    told = [partial.until_sample for partial in partials if partial.command == "stop"]
    assert final.text == "stop"
    assert told[0] <= len(samples) - RATE_HZ // 5, "the silence behind it is a fifth of a second"


def test_what_was_learnt_of_the_speaker_survives_a_restart(
    recogniser: Recogniser, data_folder: Path, cache: Path
) -> None:
    file = data_folder / "recognition" / "adaptation.json"
    hear(recogniser, spoken("slt", "what time is it", cache))
    hear(recogniser, np.zeros(BLOCK, np.float32))  # what is learnt is written after the answer
    before = json.loads(file.read_text(encoding="utf-8"))
    hear(recogniser, next(noises(1, np.random.default_rng(6)))[1])
    hear(recogniser, np.zeros(BLOCK, np.float32))
    assert json.loads(file.read_text(encoding="utf-8")) == before  # noise teaches nothing
    again = make_recogniser(GRAMMAR, data_folder=data_folder)
    try:
        again.start()
        _, final = hear(again, spoken("slt", "what time is it", cache))
        hear(again, np.zeros(BLOCK, np.float32))
    finally:
        again.close()
    assert final.from_grammar
    after = json.loads(file.read_text(encoding="utf-8"))
    # A fresh recogniser's mean begins far away, at 40, 3, -1, 0 …
    np.testing.assert_allclose(after, before, atol=6.0)


def test_where_nothing_can_be_written_it_hears_all_the_same(cache: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    listener = make_sphinx(GRAMMAR, tmp_path / "file" / "recognition")
    for _ in range(2):  # what it learnt of the first cannot be kept, which is no end of it
        listener.begin()
        listener.feed(in_noise(speak("slt", "what time is it", cache), None, np.random.default_rng(1)))
        assert listener.finish().text == "what time is it"
        listener.tidy()


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(SottoError, match="no recogniser 'cloud'"):
        make_recogniser(GRAMMAR, kind="cloud")


def test_a_grammar_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SottoError, match="public rule"):
        make_recogniser(Grammar("#JSGF V1.0; grammar x; <a> = b;"), data_folder=tmp_path)
