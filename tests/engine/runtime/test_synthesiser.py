"""Text in, speech out, both streamed: the audio depends on text and seed alone, and never breaks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from engine.model import Generator, SpeechStream, unit_tensors
from engine.runtime import SpeechChunk, Synthesiser, Voice
from engine.text import symbol_id

TEXT = "Hello there. How are you today? I am fine, thanks; the lamp was clean."


def heard(chunks: Iterable[SpeechChunk]) -> NDArray[np.float32]:
    """All samples."""
    return np.concatenate([chunk.samples for chunk in chunks])


@pytest.fixture(scope="module")
def chunks(babbler: Voice) -> list[SpeechChunk]:
    return list(Synthesiser(babbler, seed=3).stream(TEXT))


def test_chunks_are_frames_less_the_codecs_delay(babbler: Voice, chunks: list[SpeechChunk]) -> None:
    frame, delay = babbler.frame_samples, babbler.codec.config.delay_samples
    sizes = [len(chunk.samples) for chunk in chunks]
    assert sizes == [frame - delay, *[frame] * (len(chunks) - 2), delay]
    assert sum(sizes) % frame == 0
    assert [chunk.frame_index for chunk in chunks] == list(range(len(chunks)))
    assert all(chunk.samples.dtype == np.float32 for chunk in chunks)
    assert all(np.abs(chunk.samples).max() <= 1.0 for chunk in chunks), "neither NaN nor beyond full scale"
    assert all(chunk.compute_ms >= 0 for chunk in chunks)


def test_chunks_name_their_clauses_in_order(chunks: list[SpeechChunk]) -> None:
    clauses = [chunk.clause for chunk in chunks]
    changes = [clause for i, clause in enumerate(clauses) if i == 0 or clause is not clauses[i - 1]]
    words = [word for clause in changes for word in clause.words]
    assert words[:4] == ["hello", "there", "how", "are"]
    assert words[-1] == "clean"
    assert len(changes) >= 3


@pytest.mark.parametrize("size", [1, 7, 30])
def test_text_in_pieces_gives_the_same_audio(babbler: Voice, chunks: list[SpeechChunk], size: int) -> None:
    pieces = [TEXT[i : i + size] for i in range(0, len(TEXT), size)]
    streamed = heard(Synthesiser(babbler, seed=3).stream(iter(pieces)))
    assert np.array_equal(streamed, heard(chunks))


def test_the_seed_decides(babbler: Voice, chunks: list[SpeechChunk]) -> None:
    assert np.array_equal(heard(Synthesiser(babbler, seed=3).stream(TEXT)), heard(chunks))
    other = heard(Synthesiser(babbler, seed=4).stream(TEXT))
    assert not np.array_equal(other[: len(heard(chunks))], heard(chunks)[: len(other)])


def test_audio_continues_across_clauses(babbler: Voice, chunks: list[SpeechChunk]) -> None:
    """All codes decoded at once sound the same: nothing starts anew at a clause."""
    stream = SpeechStream(babbler.model, babbler.card.context_frames, babbler.frames)
    state = stream.create()
    generator = Generator(stream, babbler.codec.prosody, babbler.speaker, 3, babbler.card.sampling)
    codes = []
    with torch.inference_mode():
        for clause in babbler.frontend.clauses(TEXT):
            symbols, stress, starts = zip(
                *((symbol_id(unit.symbol), unit.stress, int(unit.word_start)) for unit in clause.units),
                strict=True,
            )
            units = unit_tensors(
                list(symbols), list(stress), list(starts), babbler.speaker, 0, babbler.device
            )
            codes.extend(generator.speak(state, stream.plan(state, units), clause.text))
        whole = babbler.codec.decode(torch.stack(codes).unsqueeze(0))[0].numpy()
    assert len(whole) == len(heard(chunks))
    assert np.abs(whole.clip(-1.0, 1.0) - heard(chunks)).max() < 1e-5


def test_the_first_sound_comes_before_the_text_has_ended(babbler: Voice) -> None:
    taken: list[str] = []

    def pieces() -> Iterator[str]:
        for piece in ("Hello there. ", "How are ", "you? ", "I am fine. ", "Good bye."):
            taken.append(piece)
            yield piece

    stream = Synthesiser(babbler).stream(pieces())
    first = next(stream)
    assert first.clause.words[0] == "hello"
    assert len(taken) < 5
    list(stream)
    assert len(taken) == 5


def test_two_texts_continue_one_stream(babbler: Voice) -> None:
    def second_of(synthesiser: Synthesiser) -> NDArray[np.float32]:
        list(synthesiser.stream("Hello there."))
        return heard(synthesiser.stream("How are you?"))

    one, other = Synthesiser(babbler, seed=3), Synthesiser(babbler, seed=3)
    continued = second_of(one)
    assert np.array_equal(second_of(other), continued)
    alone = heard(Synthesiser(babbler, seed=3).stream("How are you?"))
    size = min(len(alone), len(continued))
    assert not np.array_equal(alone[:size], continued[:size])
    assert len(one.state.mark.memory.semantic.slots) >= 2


def test_what_is_remembered_stays_the_same_size(babbler: Voice) -> None:
    synthesiser = Synthesiser(babbler)

    def size() -> int:
        state = synthesiser.state
        caches = sum(cache.pair.numel() for cache in (*state.voice, *state.text))
        return caches + len(state.past) + sum(tensor.numel() for tensor in state.save()[0].values())

    sizes = {}
    for chunk in synthesiser.stream("The old man walked slowly down to the river. " * 24):
        assert len(synthesiser.state.mark.memory.semantic.slots) <= synthesiser.state.config.memory.slots
        sizes[chunk.frame_index] = size() if chunk.frame_index in (120, 320) else 0
    assert len(sizes) > 321
    assert abs(sizes[320] - sizes[120]) <= 100  # numbers: a clause remembers its frames while it is spoken


@pytest.mark.parametrize("text", ["", "   \n\t", "... !? --", "🙂🙂", "\0\1\2", ["", "", "?"], []])
def test_nothing_speakable_gives_no_chunk(babbler: Voice, text: str | list[str]) -> None:
    synthesiser = Synthesiser(babbler)
    assert list(synthesiser.stream(text)) == []
    assert synthesiser.state.mark.frame == 0


def test_a_stream_that_is_given_up_does_not_spoil_the_next(babbler: Voice) -> None:
    synthesiser = Synthesiser(babbler)
    stream = synthesiser.stream(TEXT)
    next(stream)
    next(stream)
    stream.close()
    assert len(list(synthesiser.stream("Hello."))) > 2


def test_whoever_takes_the_chunks_keeps_his_own_torch_mode(babbler: Voice) -> None:
    stream = Synthesiser(babbler).stream("Hello.")
    next(stream)
    assert not torch.is_inference_mode_enabled()
    assert torch.is_grad_enabled()
    stream.close()
    assert not torch.is_inference_mode_enabled()


def test_a_higher_rate_is_faster(babbler: Voice, chunks: list[SpeechChunk]) -> None:
    fast = list(Synthesiser(babbler, seed=3, rate=1.5).stream(TEXT))
    assert len(fast) < len(chunks)
