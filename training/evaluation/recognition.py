"""An open-vocabulary recogniser that shares nothing with training: pocketsphinx with the English model of its wheel.

One `Recogniser` keeps one decoder, so that its cepstral means adapt over a fixed order of sentences; a new condition
takes a new one. Its calls hold Python's lock: use worker processes. Must not import torch.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from engine.config import CodecConfig

RECOGNISER_HZ = 16_000
WARM_UP = 4
HALVES = 2


@functools.cache
def recogniser_words() -> frozenset[str]:
    """The words in the recogniser's dictionary, lower case."""
    import pocketsphinx

    path = Path(pocketsphinx.get_model_path()) / "en-us" / "cmudict-en-us.dict"
    words = (
        line.split(maxsplit=1)[0].partition("(")[0]
        for line in path.read_text(encoding="utf-8").splitlines()
        if line
    )
    return frozenset(words)


class Recogniser:
    """One decoder with the wheel's acoustic model, dictionary and language model, all at their defaults.

    `narrow` keeps fewer paths: about twice as fast and seldom another result; for choosing sentences only.
    """

    def __init__(self, narrow: bool = False) -> None:
        from pocketsphinx import Decoder

        search = {"maxhmmpf": 3000, "maxwpf": 10} if narrow else {}
        self._decoder = Decoder(samprate=float(RECOGNISER_HZ), loglevel="FATAL", **search)

    def words(self, samples: NDArray[np.float32], rate_hz: int) -> tuple[str, ...]:
        """The words heard in float32 samples (S,)."""
        common = int(np.gcd(rate_hz, RECOGNISER_HZ))
        heard = resample_poly(samples, RECOGNISER_HZ // common, rate_hz // common)
        data = np.clip(np.round(heard * 32767.0), -32768, 32767).astype("<i2").tobytes()
        self._decoder.start_utt()
        self._decoder.process_raw(data, full_utt=True)
        self._decoder.end_utt()
        hypothesis = self._decoder.hyp()
        return tuple(hypothesis.hypstr.split()) if hypothesis is not None else ()


def _recognise_half(audio: Sequence[NDArray[np.float32]], narrow: bool) -> list[tuple[str, ...]]:
    if not audio:
        return []
    recogniser = Recogniser(narrow)
    rate_hz = CodecConfig().sample_rate_hz
    for samples in audio[:WARM_UP]:
        recogniser.words(samples, rate_hz)
    return [recogniser.words(samples, rate_hz) for samples in audio]


def recognise(
    conditions: Sequence[Sequence[NDArray[np.float32]]], workers: int = 2, narrow: bool = False
) -> list[list[tuple[str, ...]]]:
    """The words heard in each condition's audio (float32 at the codec's rate), in the order given.

    Each condition goes to two fresh decoders, one for the even and one for the odd sentences, each warmed up on its
    first four: the result does not depend on `workers`, and conditions of the same sentences are comparable.
    """
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        jobs = [
            [pool.submit(_recognise_half, list(audio[half::HALVES]), narrow) for half in range(HALVES)]
            for audio in conditions
        ]
        results = []
        for audio, halves in zip(conditions, jobs, strict=True):
            heard: list[tuple[str, ...]] = [()] * len(audio)
            for half, job in enumerate(halves):
                heard[half::HALVES] = job.result()
            results.append(heard)
    return results
