"""What the tokenizer's books hold: are the words in the semantic ones, and not in the acoustic ones?

Two measures: a linear probe for phones on either group alone, and sentences whose groups come from two recordings.
Main thread of an evaluation; imports torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from engine.codec import Codec
from engine.errors import SottoError
from training.corpus.utterance import Rendered, render
from training.data import AlignedUnit, ClauseAlignment, Utterance, quarter_labels
from training.evaluation.errors import WordErrors, word_errors
from training.evaluation.recognition import recognise
from training.evaluation.renderings import Samples

PROBE_STEPS = 300
PROBE_RATE = 0.05


@dataclass(frozen=True)
class Spoken:
    """A sentence of the source voice as tokens: codes (1, T, K), and the phone class of every quarter (T, Q)."""

    codes: Tensor
    phones: Tensor


@dataclass(frozen=True)
class Probes:
    """Share of quarters whose phone a linear probe names right, from either group of books alone."""

    semantic: float
    acoustic: float


@dataclass(frozen=True)
class Swap:
    """Of sentences with the semantic books of A and the acoustic books of B: share of the words of each heard."""

    semantic_words: float
    acoustic_words: float


def _utterance(sentence: str, rendered: Rendered, speaker: str) -> Utterance:
    clauses = tuple(
        ClauseAlignment(clause.text, clause.words, tuple(AlignedUnit(*unit) for unit in clause.units))
        for clause in rendered.clauses
    )
    return Utterance("", 0, 0, len(rendered.samples), speaker, sentence, "test", clauses)


@torch.inference_mode()
def spoken(codec: Codec, sentence: str, speaker: str = "rms") -> Spoken:
    """Render and encode one sentence. Raises SottoError where the source voice cannot speak it."""
    rendered = render(speaker, sentence)
    if rendered is None:
        raise SottoError(f"cannot be spoken by the source voice: {sentence!r}.")
    samples = torch.from_numpy(rendered.samples.astype(np.float32) / np.float32(32768.0))
    codes = codec.encode(samples[None])
    quarters = codec.config.quarters_per_frame
    labels = quarter_labels(_utterance(sentence, rendered, speaker), codes.shape[1] * quarters, codec.config)
    return Spoken(codes, torch.from_numpy(labels).view(-1, quarters))


def _group(codec: Codec, codes: Tensor, semantic: bool) -> Tensor:
    """Latents (T, D) of one group of books alone; the others are absent."""
    kept = codes.clone()
    books = codec.config.semantic_codebooks
    kept[..., slice(books, None) if semantic else slice(0, books)] = -1
    return codec.quantiser.decode(kept)[0]


def _probe(codec: Codec, taught: Sequence[Spoken], asked: Sequence[Spoken], semantic: bool) -> float:
    """Teach a fresh linear probe on some sentences and ask it about others."""
    with torch.no_grad():
        inputs = torch.cat([_group(codec, each.codes, semantic) for each in taught])
        questions = torch.cat([_group(codec, each.codes, semantic) for each in asked])
    wanted = torch.cat([each.phones for each in taught])
    answers = torch.cat([each.phones for each in asked])
    mean, spread = inputs.mean(0), inputs.std(0).clamp_min(1e-3)
    inputs, questions = (inputs - mean) / spread, (questions - mean) / spread
    classes = codec.config.phone_classes
    weight = torch.zeros(inputs.shape[1], wanted.shape[1] * classes, requires_grad=True)
    bias = torch.zeros(wanted.shape[1] * classes, requires_grad=True)
    optimizer = torch.optim.Adam((weight, bias), lr=PROBE_RATE)
    known = wanted >= 0
    for step in range(PROBE_STEPS):
        optimizer.param_groups[0]["lr"] = PROBE_RATE * (1.0 - step / PROBE_STEPS)
        logits = (inputs @ weight + bias).view(*wanted.shape, classes)
        optimizer.zero_grad()
        torch.autograd.backward(F.cross_entropy(logits[known], wanted[known]))
        optimizer.step()
    with torch.no_grad():
        guesses = (questions @ weight + bias).view(*answers.shape, classes).argmax(-1)
    known = answers >= 0
    return float((guesses[known] == answers[known]).float().mean())


def probe_phones(codec: Codec, taught: Sequence[str], asked: Sequence[str]) -> Probes:
    """Both probes, taught on some sentences of the source voice and asked about others."""
    lessons = [spoken(codec, sentence) for sentence in taught]
    questions = [spoken(codec, sentence) for sentence in asked]
    return Probes(
        _probe(codec, lessons, questions, semantic=True), _probe(codec, lessons, questions, semantic=False)
    )


@torch.inference_mode()
def swapped(codec: Codec, semantic: Spoken, acoustic: Spoken) -> Samples:
    """Samples (S,) with the semantic books of one sentence and the acoustic books of another, as long as the first.

    A shorter second one begins again.
    """
    books, frames = codec.config.semantic_codebooks, semantic.codes.shape[1]
    turns = -(-frames // acoustic.codes.shape[1])
    codes = semantic.codes.clone()
    codes[..., books:] = acoustic.codes.repeat(1, turns, 1)[:, :frames, books:]
    samples: Samples = codec.decode(codes)[0].numpy()
    return samples


def _heard(errors: Sequence[WordErrors]) -> float:
    right = sum(e.reference_words - e.substitutions - e.deletions for e in errors)
    return right / max(1, sum(e.reference_words for e in errors))


def swap_books(
    codec: Codec, sentences: Sequence[str], references: Sequence[tuple[str, ...]], workers: int
) -> Swap:
    """Each sentence's semantic books with the acoustic books of the next one."""
    said = [spoken(codec, sentence) for sentence in sentences]
    others = [*range(1, len(said)), 0]
    sounds = [swapped(codec, one, said[other]) for one, other in zip(said, others, strict=True)]
    heard = recognise([sounds], workers)[0]
    own = [word_errors(words, found) for words, found in zip(references, heard, strict=True)]
    foreign = [word_errors(references[other], found) for other, found in zip(others, heard, strict=True)]
    return Swap(_heard(own), _heard(foreign))
