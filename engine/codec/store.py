"""A codec on disk: one safetensors file holding weights, configuration and token hash."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from engine.codec.codec import Codec
from engine.config import CodecConfig, from_mapping, to_mapping
from engine.errors import VoiceError
from engine.weights import description, read_weights, write_weights


def save_codec(path: Path, codec: Codec, about: dict[str, Any] | None = None) -> None:
    """Write `codec` rounded to bf16. What is loaded again is what its tokens mean from then on."""
    described = {
        **(about or {}),
        "kind": "codec",
        "config": to_mapping(codec.config),
        "tokens": codec.token_hash(),
    }
    write_weights(path, codec.state_dict(), described)


def load_codec(path: Path, device: torch.device | None = None) -> Codec:
    """Read a codec for inference. Raises VoiceError when the file is not an intact codec."""
    tensors, about = read_weights(path)
    if about.get("kind") != "codec":
        raise VoiceError(f"{path} holds a {about.get('kind', 'file of unknown kind')}, not a codec")
    codec = Codec(from_mapping(CodecConfig, description(about, "config", path), str(path)))
    try:
        codec.load_state_dict(tensors)
    except RuntimeError as error:
        raise VoiceError(f"{path} does not fit its own configuration; install the voice again") from error
    return codec.to(device or torch.device("cpu")).eval().requires_grad_(False)
