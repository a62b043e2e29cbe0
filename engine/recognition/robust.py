"""The acoustic model made ready for noise: its Gaussians moved to where noisy, cleaned speech really lies.

Runs in the recogniser's process. A shipped map says how cepstra of clean speech move when noise is added and lowered
again (fitted by `benchmarks.commands_fit` on pairs of both); it is applied to the means and variances of pocketsphinx's
model, and the result is kept in a folder. Sources: Moreno 1996 (piecewise affine compensation), Gales 1995 (moving
models instead of features). Imports numpy.
"""

from __future__ import annotations

import hashlib
import os
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.errors import SottoError
from engine.paths import resources_dir

Floats = NDArray[np.float32]

MAP_FILE = resources_dir() / "recognition" / "noise-map.npz"

REACH = 0.5
"""So far the Gaussians go on the way that the map shows. It was learnt from two voices: gone to its end, those two are
understood best in noise, and every other voice is understood less, in quiet as well (sixteen becomes sixty)."""

STREAMS = 3
"""Cepstra, their first and their second differences."""

_LITTLE = 0x11223344
_END_OF_HEADER = b"endhdr\n"
_LEAST_VARIANCE = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class StreamMap:
    """K regions of D values: `centres` (K, D) nearest by `scale` (D,), y = x @ `slopes` (K, D, D) + `shifts` (K, D).

    `spread` (K, D) is the variance of y about that.
    """

    centres: Floats
    scale: Floats
    slopes: Floats
    shifts: Floats
    spread: Floats

    def moved(self, means: Floats, variances: Floats, reach: float = REACH) -> tuple[Floats, Floats]:
        """Gaussians (N, D) with diagonal variances (N, D), each by the map of the region that its mean lies in.

        `reach`: 0 leaves them where they are, 1 takes them all the way.
        """
        distance = (((means[:, None] - self.centres[None]) / self.scale) ** 2).sum(axis=-1)
        region = distance.argmin(axis=1)
        slopes = self.slopes[region]
        moved = np.einsum("nd,nde->ne", means, slopes) + self.shifts[region]
        widened = np.einsum("nd,nde->ne", np.maximum(variances, _LEAST_VARIANCE), slopes**2)
        widened += self.spread[region]
        return (
            (means + reach * (moved - means)).astype(np.float32),
            (variances + reach * (widened - variances)).astype(np.float32),
        )


def load_map(path: Path = MAP_FILE) -> tuple[StreamMap, ...]:
    """One map for each of the STREAMS. Raises SottoError where the file is missing or damaged."""
    names = StreamMap.__dataclass_fields__
    try:
        with np.load(path, allow_pickle=False) as stored:
            return tuple(
                StreamMap(**{name: stored[f"{name}{stream}"].astype(np.float32) for name in names})
                for stream in range(STREAMS)
            )
    except (OSError, KeyError, ValueError) as cause:
        raise SottoError(
            f"The recogniser's file {path} cannot be read ({cause}); install Sotto again."
        ) from cause


def store_map(path: Path, maps: tuple[StreamMap, ...]) -> None:
    """Write it, at half precision: it is a shape, no measurement. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    values = {
        f"{name}{stream}": getattr(found, name).astype(np.float16)
        for stream, found in enumerate(maps)
        for name in StreamMap.__dataclass_fields__
    }
    np.savez_compressed(path, allow_pickle=False, **values)


@dataclass(frozen=True, slots=True, eq=False)
class Gaussians:
    """One parameter file: of each stream (codebooks, densities, D)."""

    streams: tuple[Floats, ...]


def read_gaussians(path: Path) -> Gaussians:
    """Sphinx-3's parameter file: a text header, a word that tells the byte order, sizes, floats by codebook."""
    stored = path.read_bytes()
    start = stored.index(_END_OF_HEADER) + len(_END_OF_HEADER)
    order = "<" if struct.unpack_from("<I", stored, start)[0] == _LITTLE else ">"
    codebooks, streams, densities = struct.unpack_from(f"{order}3i", stored, start + 4)
    widths = struct.unpack_from(f"{order}{streams}i", stored, start + 16)
    (count,) = struct.unpack_from(f"{order}i", stored, start + 16 + 4 * streams)
    values = np.frombuffer(stored, f"{order}f4", count, start + 20 + 4 * streams).reshape(codebooks, -1)
    ends = np.cumsum([densities * width for width in widths])
    return Gaussians(
        tuple(
            part.reshape(codebooks, densities, width).astype(np.float32)
            for part, width in zip(np.split(values, ends[:-1], axis=1), widths, strict=True)
        )
    )


def write_gaussians(path: Path, gaussians: Gaussians) -> None:
    """Write it whole or not at all. Raises OSError."""
    codebooks, densities, _ = gaussians.streams[0].shape
    widths = [stream.shape[2] for stream in gaussians.streams]
    values = np.concatenate([stream.reshape(codebooks, -1) for stream in gaussians.streams], axis=1)
    sizes = np.array([codebooks, len(widths), densities, *widths, values.size], "<i4")
    header = b"s3\nversion 1.0\n" + _END_OF_HEADER + struct.pack("<I", _LITTLE)
    partly = path.with_name(f"{path.name}.{os.getpid()}.new")
    partly.write_bytes(header + sizes.tobytes() + values.astype("<f4").tobytes())
    partly.replace(path)


def robust_model(model: Path, folder: Path, map_file: Path = MAP_FILE) -> dict[str, str]:
    """Settings of a decoder whose Gaussians are those of `model` moved by the map; made once, kept in `folder`."""
    source = {name: model / name for name in ("means", "variances")}
    content = hashlib.sha256(map_file.read_bytes() if map_file.exists() else b"")
    content.update(repr(REACH).encode())
    for path in source.values():
        content.update(path.read_bytes())
    made = folder / f"acoustic-{content.hexdigest()[:16]}"
    if not all((made / name).exists() for name in source):
        maps = load_map(map_file)
        means, variances = (read_gaussians(path) for path in source.values())
        moved = [
            found.moved(mean.reshape(-1, mean.shape[2]), variance.reshape(-1, mean.shape[2]))
            for found, mean, variance in zip(maps, means.streams, variances.streams, strict=True)
        ]
        made.mkdir(parents=True, exist_ok=True)
        for at, (name, old) in enumerate((("means", means), ("variances", variances))):
            shapes = [stream.shape for stream in old.streams]
            new = tuple(each[at].reshape(shape) for each, shape in zip(moved, shapes, strict=True))
            write_gaussians(made / name, Gaussians(new))
    return {"mean": str(made / "means"), "var": str(made / "variances")}
