"""A model for onnx-asr hears its language of tones: commands, numbers, free words, nothing in silence, long speech."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.spoken_commands import in_noise, speak
from engine.errors import SottoError
from engine.recognition import (
    RATE_HZ,
    Final,
    Grammar,
    Partial,
    Recogniser,
    RecogniserTrouble,
    make_recogniser,
)
from engine.recognition.bundled_instead import BundledInstead
from engine.recognition.invented import loops
from engine.recognition.listener import Understood, Words
from engine.recognition.model_folder import read_folder
from engine.recognition.offline import Decoded
from engine.recognition.onnx_listener import OnnxListener, quietest
from engine.recognition.onnx_model import load
from engine.recognition.pace import Pace, measured
from engine.recognition.plain_words import plain_words, spoken_text
from engine.recognition.supervised import SupervisedRecogniser
from tests.fakes.listeners import CountingListener
from tests.fixtures.tone_models import spoken, write_model

GRAMMAR = Grammar(
    """#JSGF V1.0;
grammar test;
public <command> = what time is it | stop [please] | set timer <number> minutes;
<number> = five | ten | twenty five;
"""
)
STEP = RATE_HZ // 20
WAIT_S = 60.0
FAST = Pace(0.0, 2.0**-8)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("tones"))


@pytest.fixture(scope="module")
def listener(folder: Path) -> OnnxListener:
    model, pace = load(read_folder(folder))
    assert not pace.too_slow
    return OnnxListener(GRAMMAR, model, FAST)


def hear(listener: OnnxListener, samples: NDArray[np.float32]) -> tuple[list[Words], Understood]:
    """Feed it all; the words so far after each step, and the last ones."""
    listener.begin()
    words = [listener.feed(samples[start : start + STEP]) for start in range(0, len(samples), STEP)]
    understood = listener.finish()
    listener.tidy()
    return words, understood


@dataclass
class Scripted:
    """A model that says so many words as it hears half seconds; it counts what it was given."""

    says: str = "one more word again"
    log_probability: float | None = -0.01
    heard_s: list[float] = field(default_factory=list)

    def decode(self, samples: NDArray[np.float32]) -> Decoded:
        self.heard_s.append(len(samples) / RATE_HZ)
        words = self.says.split()
        count = max(1, round(2.0 * self.heard_s[-1]))
        text = " ".join(words[n % len(words)] for n in range(count))
        probability = None if self.log_probability is None else self.log_probability * count
        return Decoded(text, count, probability)


def babble(seconds: float, level: float = 0.2) -> NDArray[np.float32]:
    """Sound whose level goes up and down as that of syllables does, after half a second of room."""
    rng = np.random.default_rng(4)
    at = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    loud = rng.standard_normal(len(at)) * level * np.sin(2.0 * np.pi * 2.0 * at) ** 2
    room = 1e-4 * rng.standard_normal(len(at) + RATE_HZ)
    room[RATE_HZ // 2 : RATE_HZ // 2 + len(at)] += loud
    return room.astype(np.float32)


@pytest.mark.parametrize(
    ("said", "text", "command"),
    [
        ("what time is it", "what time is it", True),
        ("stop", "stop", True),
        ("set timer 5 minutes", "set timer five minutes", True),
        ("please stop time it is what", "please stop time it is what", False),
    ],
)
def test_what_is_said_is_understood(listener: OnnxListener, said: str, text: str, command: bool) -> None:
    words, understood = hear(listener, spoken(said))
    assert (understood.text, understood.from_grammar, understood.rejected) == (text, command, False)
    assert 0.5 <= understood.confidence <= 1.0
    assert bool(words[-1].command) == command


def test_words_appear_while_they_are_said_and_stable_ones_stay(listener: OnnxListener) -> None:
    words, _ = hear(listener, spoken("please stop time it is what"))
    lengths = [len(each.stable + each.tentative) for each in words]
    assert sum(later > earlier for earlier, later in pairwise(lengths)) >= 4
    for earlier, later in pairwise(words):
        assert later.stable[: len(earlier.stable)] == earlier.stable
    assert len(words[-1].stable) >= 3


def test_nothing_is_heard_in_silence_noise_or_a_hum(listener: OnnxListener) -> None:
    rng = np.random.default_rng(1)
    hum = 0.2 * np.sin(2.0 * np.pi * 440.0 * np.arange(3 * RATE_HZ) / RATE_HZ)
    for sound in (np.zeros(2 * RATE_HZ), 0.1 * rng.standard_normal(3 * RATE_HZ), hum, np.zeros(0)):
        assert hear(listener, sound.astype(np.float32))[1].text == ""


def test_silence_never_reaches_the_model() -> None:
    model = Scripted()
    quiet = OnnxListener(GRAMMAR, model, FAST)
    hear(quiet, np.zeros(5 * RATE_HZ, np.float32))
    assert model.heard_s == []


def test_words_that_the_model_doubts_are_rejected() -> None:
    _, understood = hear(OnnxListener(GRAMMAR, Scripted(log_probability=-1.2), FAST), babble(2.0))
    assert understood.rejected
    assert understood.confidence < 0.5


def test_a_model_without_confidence_is_believed_but_not_its_phantoms() -> None:
    _, said = hear(OnnxListener(GRAMMAR, Scripted(log_probability=None), FAST), babble(2.0))
    assert (said.rejected, said.confidence) == (False, 0.6)
    _, phantom = hear(OnnxListener(GRAMMAR, Scripted("you", None), FAST), babble(0.5))
    assert (phantom.text, phantom.rejected) == ("", True)


def test_a_loop_of_words_is_taken_for_invented() -> None:
    _, understood = hear(OnnxListener(GRAMMAR, Scripted("round and"), FAST), babble(6.0))
    assert (understood.text, understood.rejected) == ("", True)
    assert loops(("no",) * 5)
    assert not loops(("no",) * 4)


@pytest.mark.parametrize("snr_db", [None, 5.0])
def test_speech_is_not_taken_for_invented(snr_db: float | None, tmp_path: Path) -> None:
    said = in_noise(speak("slt", "stop", tmp_path), snr_db, np.random.default_rng(3))
    assert not hear(OnnxListener(GRAMMAR, Scripted("stop"), FAST), said)[1].rejected


def test_annotations_are_no_words() -> None:
    _, understood = hear(OnnxListener(GRAMMAR, Scripted("[Music]"), FAST), babble(1.0))
    assert (understood.text, understood.rejected) == ("", True)
    assert spoken_text("[Music] Hello (laughs) there") == "Hello there"


def test_long_speech_is_decoded_in_pieces_and_costs_its_length_not_its_square() -> None:
    says = " ".join(f"word{n}" for n in range(97))
    model, pace = Scripted(says), Pace(0.0, 0.25)
    words, understood = hear(OnnxListener(GRAMMAR, model, pace), babble(60.0))
    assert max(model.heard_s) <= pace.window_s
    computed_s = sum(pace.cost_s(length) for length in model.heard_s)
    assert computed_s <= 0.75 * 60.0
    assert len(plain_words(understood.text)) >= 90
    for earlier, later in pairwise(words):
        assert later.stable[: len(earlier.stable)] == earlier.stable


def test_the_last_word_needs_no_decoding_where_nothing_came_after_it() -> None:
    model = Scripted()
    listener = OnnxListener(GRAMMAR, model, FAST)
    listener.begin()
    sound = np.concatenate([babble(1.0), np.zeros(RATE_HZ // 2, np.float32)])
    for start in range(0, len(sound), STEP):
        listener.feed(sound[start : start + STEP])
    before = len(model.heard_s)
    listener.finish()
    assert before > 1
    assert len(model.heard_s) == before


def test_a_pace_is_measured_and_a_slow_model_told() -> None:
    assert measured(lambda seconds: 0.02 * seconds) == Pace(0.0, 2.0**-5)
    fixed = measured(lambda seconds: 0.9)
    assert (fixed.fixed_s, fixed.rate) == (1.0, 2.0**-8)
    assert fixed.window_s == 12.0
    assert measured(lambda seconds: 0.9 * seconds).too_slow


def test_the_quietest_moment_is_found() -> None:
    speech = np.ones(8 * RATE_HZ, np.float32)
    speech[6 * RATE_HZ : 6 * RATE_HZ + RATE_HZ // 5] = 0.01
    assert 6 * RATE_HZ <= quietest(speech) <= 6 * RATE_HZ + RATE_HZ // 5


def test_marks_and_numbers_are_made_plain() -> None:
    assert plain_words("What’s 1,500 plus 3.5%?") == ("what's", "1500", "plus", "3.5", "percent")


# In a process of its own


@pytest.fixture
def recogniser(folder: Path, tmp_path: Path) -> Iterator[Recogniser]:
    made = make_recogniser(GRAMMAR, str(folder), tmp_path)
    made.start()
    yield made
    made.close()


def test_a_folder_is_a_recogniser(recogniser: Recogniser) -> None:
    sound = spoken("set timer 5 minutes")
    recogniser.begin(1)
    for start in range(0, len(sound), RATE_HZ // 100):
        recogniser.feed(1, sound[start : start + RATE_HZ // 100])
    recogniser.finish(1)
    assert recogniser.wait_idle(WAIT_S)
    said = recogniser.poll()
    assert not any(isinstance(each, RecogniserTrouble) for each in said)
    final = said[-1]
    assert isinstance(final, Final)
    assert (final.text, final.from_grammar) == ("set timer five minutes", True)
    assert any(isinstance(each, Partial) and each.complete for each in said)


def test_a_model_that_is_damaged_is_told_when_it_starts(folder: Path, tmp_path: Path) -> None:
    damaged = write_model(tmp_path / "damaged")
    (damaged / "model.onnx").write_bytes(b"\x80\x04 no graph at all")
    made = make_recogniser(GRAMMAR, str(damaged), tmp_path)
    with pytest.raises(SottoError, match="cannot be used as nemo-conformer-ctc"):
        made.start()
    made.close()


def test_the_bundled_one_takes_the_place_of_what_cannot_be_had(tmp_path: Path) -> None:
    def missing() -> Recogniser:
        return make_recogniser(GRAMMAR, "nothing", tmp_path)

    made = BundledInstead(missing, lambda: SupervisedRecogniser(CountingListener))
    made.start()
    made.begin(1)
    made.feed(1, np.zeros(STEP, np.float32))
    made.finish(1)
    assert made.wait_idle(WAIT_S)
    trouble, *_, final = made.poll()
    made.close()
    assert isinstance(trouble, RecogniserTrouble)
    assert "no recogniser 'nothing'" in trouble.message
    assert "bundled recogniser listens" in trouble.mend
    assert isinstance(final, Final)
    assert final.text == f"{STEP} samples"


# Folders


def test_a_precision_is_found_where_there_is_one(tmp_path: Path) -> None:
    folder = read_folder(write_model(tmp_path / "int8", "int8"))
    assert (folder.kind, folder.precision) == ("nemo-conformer-ctc", "int8")
    assert load(folder)[0].decode(spoken("stop")).text == "stop"


def test_the_kind_is_guessed_without_a_description(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "bare")
    (folder / "config.json").unlink()
    assert read_folder(folder).kind == "nemo-conformer-ctc"


def test_pickles_and_empty_folders_are_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SottoError, match=r"no \.onnx file"):
        read_folder(tmp_path)
    (tmp_path / "model.pt").write_bytes(b"\x80\x04")
    with pytest.raises(SottoError, match="pickled, which can run code"):
        read_folder(tmp_path)
    with pytest.raises(SottoError, match="no folder"):
        read_folder(tmp_path / "model.pt")


def test_an_unknown_or_ambiguous_model_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SottoError, match=r"a kind that Sotto does not know .*parrot"):
        read_folder(write_model(tmp_path / "odd", kind="parrot"))
    both = write_model(write_model(tmp_path / "both", "int8"), "fp16")
    with pytest.raises(SottoError, match="fp16, int8"):
        read_folder(both)
    (both / "config.json").write_text("{", encoding="utf-8")
    with pytest.raises(SottoError, match=r"config\.json cannot be read"):
        read_folder(both)
