"""Reading and writing weight files: safetensors only, hashed, atomic. Pickles are refused.

Imports torch; knows nothing of what the tensors mean.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from engine.errors import VoiceError

_PICKLE_OR_ZIP = (b"\x80", b"PK\x03\x04")


def hash_tensors(named: Iterable[tuple[str, Tensor]]) -> str:
    """SHA-256 over names, shapes and bf16 contents in name order."""
    digest = hashlib.sha256()
    for name, tensor in sorted(named, key=lambda item: item[0]):
        digest.update(f"{name}{tuple(tensor.shape)}".encode())
        digest.update(
            tensor.detach().to("cpu", torch.bfloat16).contiguous().view(torch.uint8).numpy().tobytes()
        )
    return digest.hexdigest()


def write_weights(path: Path, tensors: Mapping[str, Tensor], about: Mapping[str, Any]) -> None:
    """Write `tensors` rounded to bf16 with `about` (JSON-able) and the hash of their contents. Atomic."""
    rounded = {name: t.detach().to("cpu", torch.bfloat16).contiguous() for name, t in tensors.items()}
    described = {**about, "sha256": hash_tensors(rounded.items())}
    partial = path.with_name(path.name + ".partial")
    save_file(rounded, str(partial), metadata={"sotto": json.dumps(described)})
    partial.chmod(0o644)  # safetensors makes files that nobody else can read
    os.replace(partial, path)


def read_weights(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Float32 tensors and what was written about them.

    Raises VoiceError for a missing, truncated, tampered or pickled file, and for weights that are not finite.
    """
    if not path.is_file():
        raise VoiceError(f"the voice is incomplete: {path} is missing; install the voice again")
    with path.open("rb") as file:
        if file.read(4).startswith(_PICKLE_OR_ZIP):
            raise VoiceError(
                f"{path} is a pickled checkpoint, which can run code when loaded, so it is refused; "
                "convert it to safetensors first"
            )
    try:
        with safe_open(str(path), framework="pt") as file:
            about = json.loads((file.metadata() or {}).get("sotto", "null"))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
    except (SafetensorError, OSError, ValueError) as error:
        raise VoiceError(
            f"{path} is damaged or not a safetensors file ({error}); install the voice again"
        ) from error
    if not isinstance(about, dict) or "sha256" not in about:
        raise VoiceError(
            f"{path} was not written by Sotto: its description is missing; install the voice again"
        )
    if hash_tensors(tensors.items()) != about["sha256"]:
        raise VoiceError(
            f"{path} does not match its checksum, so it was changed or damaged; install the voice again"
        )
    floats = {name: tensor.float() for name, tensor in tensors.items()}
    # A sum is finite where its terms are, and costs a fifth of looking at each.
    if not all(math.isfinite(float(tensor.sum())) for tensor in floats.values()):
        raise VoiceError(
            f"{path} holds weights that are no numbers, so it cannot speak; install the voice again"
        )
    return floats, about


def description(about: Mapping[str, Any], key: str, path: Path) -> dict[str, Any]:
    """The table `key` of what was written about the weights in `path`. Raises VoiceError when it is lost."""
    table = about.get(key)
    if not isinstance(table, dict):
        raise VoiceError(f"{path} is damaged: its description has lost the {key}; install the voice again")
    return table
