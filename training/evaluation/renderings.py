"""The sounds that are compared: the source, its resynthesis by the tokenizer, and the voice's own speech.

Main thread of the evaluation. Imports torch; the engine's runtimes only when a voice is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from engine.codec import Codec

Samples = NDArray[np.float32]

LIMIT_RATIO = 3.0
LIMIT_EXTRA_S = 2.0


class Chunk(Protocol):
    """A stretch of speech: float32 (S,)."""

    @property
    def samples(self) -> Samples: ...


class Clause(Protocol):
    """The part of a text that a chunk belongs to."""

    @property
    def text(self) -> str: ...


class ClauseChunk(Chunk, Protocol):
    """A stretch of speech that knows what it says."""

    @property
    def clause(self) -> Clause: ...


class Speaking(Protocol):
    """A voice that says a text with a seed, in chunks at its tokenizer's sample rate."""

    def __call__(self, text: str, seed: int) -> Iterator[Chunk]: ...


class Reading(Protocol):
    """A voice that says a text with a seed and tells which clause each chunk is of."""

    def __call__(self, text: str, seed: int) -> Iterator[ClauseChunk]: ...


@dataclass(frozen=True)
class LoadedVoice:
    """A voice as an evaluation needs it. `speaker` names the source that it was taught on."""

    name: str
    runtime: str
    speaker: str
    codec: Codec
    speaking: Reading


@dataclass(frozen=True)
class Speech:
    """What a voice said; `reached_limit` when it had not ended at three times the source's length and 2 s."""

    samples: Samples
    reached_limit: bool


def resynthesised(codec: Codec, samples: Samples, books: int) -> Samples:
    """The samples after encoding and decoding the first `books` books, same length."""
    with torch.inference_mode():
        device = next(codec.parameters()).device
        codes = codec.encode(torch.from_numpy(samples)[None].to(device))
        decoded = codec.decode(codes[..., :books])[0, : len(samples)]
    return decoded.float().cpu().numpy()


def spoken(voice: Speaking, text: str, seed: int, source_s: float, rate_hz: int) -> Speech:
    """The voice's speech for `text`, cut off where it does not end."""
    limit = int((LIMIT_RATIO * source_s + LIMIT_EXTRA_S) * rate_hz)
    parts: list[Samples] = [np.zeros(0, np.float32)]
    count = 0
    for chunk in voice(text, seed):
        parts.append(np.asarray(chunk.samples, np.float32))
        count += len(parts[-1])
        if count > limit:
            return Speech(np.concatenate(parts), True)
    return Speech(np.concatenate(parts), False)


def load_voice(name_or_path: str | None, device: str | None, runtime_name: str | None = None) -> LoadedVoice:
    """A voice to be judged. Raises SottoError when it is missing or damaged."""
    from engine import runtime  # judging a tokenizer alone needs no voices

    voice = runtime.load_voice(name_or_path, device, runtime_name)

    def speaking(text: str, seed: int) -> Iterator[ClauseChunk]:
        return runtime.Synthesiser(voice, seed).stream(text)

    return LoadedVoice(voice.name, voice.runtime, voice.card.speaker, voice.codec, speaking)


def card_of(name_or_path: str | None) -> Path:
    """The card of a voice. Raises SottoError when there is no such voice."""
    from engine.runtime.voices import CARD, find_voice

    return find_voice(name_or_path) / CARD
