"""The fixed held-out sentences: how they were chosen, and reading them.

Chosen by the sound of flite alone, never by a model: a sentence stays when the recogniser understands it
from rms in faint noise and from slt. Clean rms, the source of the evaluation, has no say, so that no luck with just
that sound is selected for. Must not import torch.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import SottoError
from training.corpus import lexicon, splits, texts
from training.corpus.flite import VOICES
from training.corpus.utterance import render
from training.evaluation.errors import bootstrap, word_errors
from training.evaluation.recognition import recognise, recogniser_words

HELD_OUT_FILE = Path(__file__).resolve().parents[2] / "resources" / "evaluation" / "heldout.txt"
SENTENCES = 500
MIN_WORDS, USUAL_WORDS, MAX_WORDS = 4, 12, 16
"""Sentences longer than usual come last: the shorter ones alone do not give enough that the recogniser understands."""
MAX_MEAN_WER = 0.1
MAX_WER = 0.2
BATCH = 200
NOISE_SNR_DB = 30.0
_UNWELCOME = re.compile(
    r"\b(jew|nazi|hitler|homosex|gay|fair sex|sexis|negro|slave|rape|suicid|murder|terroris|damn|gyps|muslim|kill|nud)",
    re.IGNORECASE,
)
"""Sentences that nobody wants to hear a demonstration voice say."""

Samples = NDArray[np.float32]


def reference_words(sentence: str) -> tuple[str, ...]:
    """The words of a sentence as the recogniser would write them. Raises SottoError for a word we do not know."""
    if not lexicon.clauses(sentence):
        raise SottoError(f"cannot be spoken by the source voice: {sentence!r}.")
    return lexicon.words_of(sentence)


def source_audio(sentence: str, speaker: str = "rms") -> Samples:
    """float32 samples (S,) of the source voice at the codec's rate."""
    rendered = render(speaker, sentence)
    if rendered is None:
        raise SottoError(f"cannot be spoken by the source voice: {sentence!r}.")
    return rendered.samples.astype(np.float32) / np.float32(32768.0)


def source_of(speaker: str) -> str:
    """The flite voice that a voice's speaker was taught on; rms, the clearest, for one that was taught otherwise."""
    return speaker if speaker in VOICES else "rms"


def noisy(samples: Samples, snr_db: float = NOISE_SNR_DB, seed: int = 0) -> Samples:
    """White noise added at the given ratio to the mean power of the samples."""
    power = float(np.mean(samples.astype(np.float64) ** 2)) / 10 ** (snr_db / 10)
    noise = np.random.default_rng(seed).standard_normal(len(samples), dtype=np.float32)
    return samples + noise * np.float32(np.sqrt(power))


def candidates() -> list[str]:
    """Sentences of 4 to 16 words, each with a held-out word, all words known to the recogniser; in hash order, those
    of more than 12 words last."""
    known = recogniser_words()
    found = {}
    for text in texts.natural_sentences():
        words = lexicon.words_of(text)
        if not MIN_WORDS <= len(words) <= MAX_WORDS or not any(splits.held_out(word) for word in words):
            continue
        if all(word in known for word in words) and not _UNWELCOME.search(text):
            found[words] = text[0].upper() + text[1:]
    ordered = sorted(found, key=lambda words: splits.hashed_fraction("heldout", found[words]))
    return [found[words] for words in sorted(ordered, key=lambda words: len(words) > USUAL_WORDS)]


RENDERINGS: tuple[Callable[[str], Samples], ...] = (
    lambda text: noisy(source_audio(text)),
    lambda text: source_audio(text, "slt"),
)


def _rates(sentences: list[str], rendering: Callable[[str], Samples], workers: int) -> dict[str, float]:
    heard = recognise([[rendering(text) for text in sentences]], workers, narrow=True)[0]
    return {
        text: word_errors(reference_words(text), words).rate
        for text, words in zip(sentences, heard, strict=True)
    }


def choose(sentences: list[str], count: int, workers: int) -> Iterator[dict[str, Any]]:
    """The first `count` sentences with at most `MAX_MEAN_WER` over the renderings and `MAX_WER` in each.

    Goes through the candidates in batches, each heard by fresh decoders. Yields one event a batch, then
    {"event": "chosen", "sentences": […]} with the word error rate of the source, which was not selected for.
    """
    chosen: list[str] = []
    for start in range(0, len(sentences), BATCH):
        batch = [
            text for text in sentences[start : start + BATCH] if render("rms", text) and render("slt", text)
        ]
        total = dict.fromkeys(batch, 0.0)
        for rendering in RENDERINGS:
            rates = _rates(batch, rendering, workers)
            batch = [text for text in batch if rates[text] <= MAX_WER]
            total = {text: total[text] + rates[text] / len(RENDERINGS) for text in batch}
        chosen += [text for text in batch if total[text] <= MAX_MEAN_WER]
        yield {"event": "batch", "heard": min(start + BATCH, len(sentences)), "stayed": len(chosen)}
        if len(chosen) >= count:
            break
    chosen = chosen[:count]
    heard = recognise([[source_audio(text) for text in chosen]], workers)[0]
    wer = bootstrap([word_errors(reference_words(t), words) for t, words in zip(chosen, heard, strict=True)])
    yield {"event": "chosen", "source_wer": wer.value, "low": wer.low, "high": wer.high, "sentences": chosen}


def held_out_sentences(count: int | None = None) -> tuple[str, ...]:
    """The first `count` held-out sentences (all by default)."""
    try:
        lines = HELD_OUT_FILE.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError as error:
        raise SottoError(
            f"{HELD_OUT_FILE} is missing: python -m training corpus heldout makes it."
        ) from error
    return tuple(lines[:count])
