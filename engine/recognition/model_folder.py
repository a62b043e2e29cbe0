"""What lies in a folder with a recogniser model for onnx-asr: which kind, which precision. Weights as ONNX only.

Any thread. Reads names and config.json, never the weights themselves; imports nothing heavy.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.errors import SottoError

PICKLED = frozenset({".bin", ".ckpt", ".joblib", ".nemo", ".pickle", ".pkl", ".pt", ".pth"})
"""Endings of weights that can run code when they are loaded."""

TAKEN = frozenset({".onnx", ".ort", ".onnx.data", ".onnx_data", ".txt", ".json", ".yaml"})
"""Endings of what may be downloaded: weights as ONNX with their external data, vocabularies, descriptions."""

KINDS = (
    "nemo-conformer-ctc",
    "nemo-conformer-rnnt",
    "nemo-conformer-tdt",
    "nemo-conformer-aed",
    "kaldi-rnnt",
    "gigaam-v2-ctc",
    "gigaam-v2-rnnt",
    "gigaam-v3-ctc",
    "gigaam-v3-rnnt",
    "t-one-ctc",
    "whisper-ort",
    "whisper",
)
"""Kinds of models that onnx-asr loads and Sotto lets it load."""

_WEIGHTS: Mapping[str, str] = {
    "nemo-conformer-ctc": "model",
    "nemo-conformer-rnnt": "encoder-model",
    "nemo-conformer-tdt": "encoder-model",
    "nemo-conformer-aed": "encoder-model",
    "kaldi-rnnt": "*/encoder",
    "gigaam-v2-ctc": "v?_ctc",
    "gigaam-v2-rnnt": "v?_rnnt_encoder",
    "gigaam-v3-ctc": "v?_ctc",
    "gigaam-v3-rnnt": "v?_rnnt_encoder",
    "t-one-ctc": "model",
    "whisper-ort": "whisper-*_beamsearch",
    "whisper": "**/encoder_model",
}
"""The stem of each kind's first weight file, as a pattern; a precision such as "int8" may follow."""

_MARKS = (
    ("whisper-*_beamsearch*.onnx", "whisper-ort"),
    ("decoder-model*.onnx", "nemo-conformer-aed"),
    ("decoder_joint-model*.onnx", "nemo-conformer-rnnt"),
    ("v3_ctc*.onnx", "gigaam-v3-ctc"),
    ("v3_rnnt_encoder*.onnx", "gigaam-v3-rnnt"),
    ("v2_ctc*.onnx", "gigaam-v2-ctc"),
    ("v2_rnnt_encoder*.onnx", "gigaam-v2-rnnt"),
    ("*/joiner*.onnx", "kaldi-rnnt"),
    ("**/decoder_model_merged*.onnx", "whisper"),
    ("model*.onnx", "nemo-conformer-ctc"),
)
"""Files that tell the kind where config.json does not, the surest first."""


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A folder that onnx-asr can load as `kind`; `precision`: "int8" and the like, None for full."""

    path: Path
    kind: str
    precision: str | None


def may_be_taken(name: str) -> bool:
    """Whether a file of this name may be downloaded and loaded: no pickles, no programs."""
    return any(name.lower().endswith(ending) for ending in TAKEN)


def read_folder(path: Path, kind: str | None = None, precision: str | None = None) -> ModelFolder:
    """What lies there; `kind` and `precision` where they are known already.

    Raises SottoError with one sentence where there is no model that can be loaded.
    """
    if not path.is_dir():
        raise SottoError(
            f"There is no recogniser model in {path}, since that is no folder; name another one."
        )
    if not any(path.glob("**/*.onnx")) and not any(path.glob("**/*.ort")):
        raise SottoError(_without_weights(path))
    found = kind or _described(path) or _guessed(path)
    if found not in KINDS:
        known = ", ".join(KINDS)
        raise SottoError(
            f"The model in {path} is of a kind that Sotto does not know ({found or 'nothing tells which'}); "
            f'write one of {known} as "model_type" into its config.json.'
        )
    return ModelFolder(path, found, precision or _precision(path, found))


def _without_weights(path: Path) -> str:
    if any(file.suffix.lower() in PICKLED for file in path.rglob("*")):
        return (
            f"The weights in {path} are pickled, which can run code when loaded, so they are refused; "
            "get the model as ONNX."
        )
    return f"There is no .onnx file in {path}; name the folder of a model for onnx-asr."


def _described(path: Path) -> str | None:
    """The kind that config.json names, None where it names none."""
    try:
        described = json.loads((path / "config.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise SottoError(
            f"The description {path / 'config.json'} cannot be read ({error}); get the model again."
        ) from error
    kind = described.get("model_type") if isinstance(described, dict) else None
    return kind if isinstance(kind, str) else None


def _guessed(path: Path) -> str | None:
    return next((kind for pattern, kind in _MARKS if any(path.glob(pattern))), None)


def _precision(path: Path, kind: str) -> str | None:
    """Full where there is a full one, else the only other. Raises SottoError where none or several would do."""
    stem = _WEIGHTS[kind]
    if any(path.glob(f"{stem}.onnx")) or any(path.glob(f"{stem}.ort")):
        return None
    start = len(stem.rpartition("/")[2])
    others = {file.name.removesuffix(".onnx")[start:] for file in path.glob(f"{stem}?*.onnx")}
    precisions = sorted({_last_part(other) for other in others})
    if len(precisions) == 1:
        return precisions[0]
    what = f"{stem}.onnx is missing" if not precisions else f"it could be any of {', '.join(precisions)}"
    raise SottoError(f"The model in {path} cannot be loaded as {kind}: {what}; leave one set of files there.")


def _last_part(ending: str) -> str:
    """ "…_beamsearch.int8" and "_int8" are int8."""
    return ending.replace("_", ".").rpartition(".")[2]
