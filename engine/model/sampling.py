"""Gumbel-argmax sampling with noise hashed from (seed, frame, book): the same draw in every runtime.

The noise is an input, so an exported graph and the eager model choose the same codes for the same seed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from engine.errors import ConfigError

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_A = np.uint64(0xBF58476D1CE4E5B9)
_MIX_B = np.uint64(0x94D049BB133111EB)


def _mix(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64's finaliser (Steele et al. 2014), in place."""
    x ^= x >> np.uint64(30)
    x *= _MIX_A
    x ^= x >> np.uint64(27)
    x *= _MIX_B
    x ^= x >> np.uint64(31)
    return x


@lru_cache(maxsize=4)
def _counted(count: int) -> NDArray[np.uint64]:
    """The generator's steps 1 to `count`."""
    with np.errstate(over="ignore"):
        return (np.arange(count, dtype=np.uint64) + np.uint64(1)) * _GOLDEN


def gumbel_noise(seed: int, frame: int, books: int, entries: int) -> NDArray[np.float32]:
    """(books, entries) of standard Gumbel noise for one frame."""
    with np.errstate(over="ignore"):
        key = _mix(np.asarray([seed & 0xFFFFFFFFFFFFFFFF], dtype=np.uint64) + _GOLDEN)
        key = _mix(key ^ (np.uint64(frame) * _GOLDEN))
        bits = _mix(key + _counted(books * entries))
    bits >>= np.uint64(40)
    noise = bits.astype(np.float64)
    noise /= float(1 << 24)
    noise += 0.5 / float(1 << 24)
    for _ in range(2):
        np.log(noise, out=noise)
        np.negative(noise, out=noise)
    return noise.astype(np.float32).reshape(books, entries)


@dataclass(frozen=True, slots=True)
class Sampling:
    """How codes are drawn; a temperature of 0 takes the most likely."""

    semantic_temperature: float = 0.6
    semantic_top_k: int = 20
    acoustic_temperature: float = 0.4
    acoustic_top_k: int = 20

    def __post_init__(self) -> None:
        if min(self.semantic_temperature, self.acoustic_temperature) < 0:
            raise ConfigError("sampling temperatures must not be negative")
        if min(self.semantic_top_k, self.acoustic_top_k) < 1:
            raise ConfigError("top-k must be at least 1")

    def choose(self, logits: Tensor, noise: Tensor, semantic: bool) -> Tensor:
        """Codes (N,) for `logits` and `noise` (N, entries)."""
        temperature = self.semantic_temperature if semantic else self.acoustic_temperature
        if temperature == 0:
            return logits.argmax(dim=-1)
        top = self.semantic_top_k if semantic else self.acoustic_top_k
        values, places = logits.float().topk(min(top, logits.shape[-1]), dim=-1)
        best = (values / temperature + noise.gather(-1, places)).argmax(dim=-1, keepdim=True)
        return places.gather(-1, best).squeeze(-1)
