"""`python -m benchmarks.commands_fit noise|limit`: what the recogniser's parts that were fitted were fitted on.

`noise` pairs clean cepstra with those of the same speech in noise, lowered by the denoiser, and writes the map that
`engine.recognition.robust` applies. `limit` fits the weights of `engine.recognition.judge` to rows that
`python -m benchmarks.commands --split fit --rows F` wrote. Both know the fit split's voices and phrasings only.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pocketsphinx
from numpy.typing import NDArray

from benchmarks.spoken_commands import VOICES, Samples, in_noise, other_sentences, phrasings, speak
from engine.dialogue.grammar import spoken_grammar
from engine.paths import cache_dir
from engine.recognition import RATE_HZ
from engine.recognition.denoise import Denoiser
from engine.recognition.gate import SpeechGate
from engine.recognition.judge import (
    CommandEvidence,
    OpenEvidence,
    Sound,
    command_features,
    open_features,
)
from engine.recognition.robust import MAP_FILE, StreamMap, store_map

Floats = NDArray[np.float64]

SNRS_DB = (20.0, 14.0, 9.0)
REGIONS = (48, 24, 24)
_SHRINK = 50.0
"""So many frames' worth of the map over all regions stands in each region's."""


class Cepstra:
    """pocketsphinx's own cepstra, which it writes to a file when it is asked to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        phones = Path(pocketsphinx.get_model_path()) / "en-us" / "en-us-phone.lm.bin"
        self._decoder = pocketsphinx.Decoder(
            samprate=float(RATE_HZ), loglevel="FATAL", lm=None, allphone=str(phones), mfclogdir=str(folder)
        )

    def of(self, samples: Samples) -> Floats:
        """(F, 13) of samples (S,)."""
        for file in self._folder.iterdir():
            file.unlink()
        self._decoder.start_utt()
        pcm = np.round(np.clip(samples, -1.0, 1.0) * 32767.0).astype(np.int16).tobytes()
        self._decoder.process_raw(pcm, no_search=True, full_utt=True)
        self._decoder.end_utt()
        (file,) = self._folder.iterdir()
        return np.fromfile(file, ">f4")[1:].reshape(-1, 13).astype(np.float64)


def pairs(split_every: int) -> list[tuple[Floats, Floats]]:
    """Cepstra (F, 13) of clean and of noisy, lowered speech, each less its mean."""
    rng, cache, voices = np.random.default_rng(7), cache_dir() / "benchmark-commands", VOICES["fit"]
    texts = (
        phrasings(spoken_grammar(), "fit", 200)[1::split_every] + other_sentences("fit", 150)[1::split_every]
    )
    found = []
    with tempfile.TemporaryDirectory() as folder:
        cepstra = Cepstra(Path(folder))
        for at, text in enumerate(texts):
            speech = speak(voices[at % len(voices)], text, cache)
            clean = Denoiser().cleaned(in_noise(speech, None, rng), last=True)[0]
            for snr_db in SNRS_DB:
                noisy, levels_db = Denoiser().cleaned(in_noise(speech, snr_db, rng), last=True)
                places = np.arange(len(noisy), dtype=np.float32)  # exact up to 2**24 samples
                heard = SpeechGate().passed(places, levels_db).astype(np.int64)
                if len(heard) > RATE_HZ // 4:
                    found.append((cepstra.of(clean[heard]), cepstra.of(noisy[heard])))
            found.append((cepstra.of(clean), cepstra.of(clean)))
    return [(x - x.mean(axis=0), y - y.mean(axis=0)) for x, y in found]


def differences(cepstra: Floats) -> tuple[Floats, Floats, Floats]:
    """The streams of pocketsphinx's feature type 1s_c_d_dd."""
    padded = np.pad(cepstra, ((3, 3), (0, 0)), mode="edge")

    def at(offset: int) -> Floats:
        return padded[3 + offset : 3 + offset + len(cepstra)]

    return cepstra, at(2) - at(-2), (at(3) - at(-1)) - (at(1) - at(-3))


def fit_stream(x: Floats, y: Floats, regions: int) -> StreamMap:
    """Least squares in each region of x, drawn towards the map over all of it."""
    rng, scale = np.random.default_rng(0), x.std(axis=0)
    centres = x[rng.choice(len(x), regions, replace=False)]
    for _ in range(12):
        # |x - c|^2 less |x|^2, which does not change who is nearest
        z, c = x / scale, centres / scale
        nearest = ((c**2).sum(axis=1) - 2.0 * z @ c.T).argmin(axis=1)
        centres = np.stack(
            [x[nearest == k].mean(axis=0) if np.any(nearest == k) else centres[k] for k in range(regions)]
        )
    ones = np.ones((len(x), 1))
    x1 = np.hstack([x, ones])
    everywhere = np.linalg.solve(x1.T @ x1 + 1e-3 * np.eye(x1.shape[1]), x1.T @ y)
    spread = ((y - x1 @ everywhere) ** 2).mean(axis=0)
    weight = _SHRINK * np.diag(np.append(scale**2, 1.0))
    slopes, shifts, spreads = [], [], []
    for k in range(regions):
        here = x1[nearest == k]
        fitted = np.linalg.solve(here.T @ here + weight, here.T @ y[nearest == k] + weight @ everywhere)
        slopes.append(fitted[:-1])
        shifts.append(fitted[-1])
        missed = ((y[nearest == k] - here @ fitted) ** 2).sum(axis=0)
        spreads.append((missed + 20.0 * spread) / (len(here) + 20.0))
    arrays = (centres, scale, np.array(slopes), np.array(shifts), np.array(spreads))
    return StreamMap(*(array.astype(np.float32) for array in arrays))


def fit_noise(out: Path, split_every: int) -> dict[str, Any]:
    """Make the pairs, fit and write the map."""
    streams: list[list[tuple[Floats, Floats]]] = [[], [], []]
    for x, y in pairs(split_every):
        for stream, pair in zip(streams, zip(differences(x), differences(y), strict=True), strict=True):
            stream.append(pair)
    maps = tuple(
        fit_stream(np.concatenate([x for x, _ in stream]), np.concatenate([y for _, y in stream]), regions)
        for stream, regions in zip(streams, REGIONS, strict=True)
    )
    store_map(out, maps)
    return {"frames": sum(len(x) for x, _ in streams[0]), "file": str(out), "bytes": out.stat().st_size}


def regression(x: Floats, said: Floats, weight: Floats) -> dict[str, Any]:
    """Weights and bias of a logistic regression, by Newton's method with a ridge, and how it does on its own data."""
    x1 = np.hstack([x, np.ones((len(x), 1))])
    solution, ridge = np.zeros(x1.shape[1]), np.diag([0.3] * x.shape[1] + [1e-6])
    for _ in range(50):
        chance = 1.0 / (1.0 + np.exp(-np.clip(x1 @ solution, -30, 30)))
        gradient = x1.T @ (weight * (said - chance)) - ridge @ solution
        solution += np.linalg.solve((x1.T * (weight * chance * (1 - chance))) @ x1 + ridge, gradient)
    taken = x1 @ solution >= 0.0
    return {
        "weights": [round(float(value), 3) for value in solution[:-1]],
        "bias": round(float(solution[-1]), 3),
        "rows": len(x),
        "said": int(np.sum(said)),
        "said_and_taken": float(np.mean(taken[said > 0])),
        "others_taken": float(np.mean(taken[said == 0])),
    }


def fit_limit(rows_files: list[Path]) -> dict[str, Any]:
    """Both limits. A command counts as said where it is what was said, open words where most of them were said."""
    rows = [json.loads(line) for file in rows_files for line in file.read_text(encoding="utf-8").splitlines()]
    of_commands = [row for row in rows if row["evidence"] is not None]
    openly = [row for row in rows if row["open_evidence"] is not None]
    spoken = [set(str(row["said"]).lower().strip(".!?").split()) for row in openly]
    return {
        "command": regression(
            np.array(
                [command_features(CommandEvidence(**r["evidence"]), Sound(**r["sound"])) for r in of_commands]
            ),
            np.array([row["command"] == row["said"] for row in of_commands], np.float64),
            # a command invented is worse than one asked again
            np.array([2.0 if row["text"] is None else 1.0 for row in of_commands]),
        ),
        "open": regression(
            np.array(
                [open_features(OpenEvidence(**r["open_evidence"]), Sound(**r["sound"])) for r in openly]
            ),
            np.array(
                [
                    len(said & set(row["heard"].split())) >= 0.6 * len(said)
                    for said, row in zip(spoken, openly, strict=True)
                ],
                np.float64,
            ),
            np.array([2.0 if not row["voice"] else 1.0 for row in openly]),
        ),
    }


def main(argv: list[str]) -> int:
    """Fit one of the two and print what came of it as one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.commands_fit", description=__doc__)
    kinds = parser.add_subparsers(dest="kind", required=True)
    noise = kinds.add_parser("noise", help="the map of the acoustic model")
    noise.add_argument("--out", type=Path, default=MAP_FILE)
    noise.add_argument("--every", type=int, default=3, help="every Nth text (default: 3)")
    limit = kinds.add_parser("limit", help="the weights of the limit")
    limit.add_argument("rows", type=Path, nargs="+")
    options = parser.parse_args(argv)
    found = fit_noise(options.out, options.every) if options.kind == "noise" else fit_limit(options.rows)
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
