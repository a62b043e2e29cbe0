"""A speech model on disk: one safetensors file with its configuration, speakers and the codec tokens it was taught."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from engine.config import SpeechModelConfig, from_mapping, to_mapping
from engine.errors import VoiceError
from engine.model.speech import SpeechModel
from engine.weights import description, read_weights, write_weights


def save_model(path: Path, model: SpeechModel, tokens: str, about: dict[str, Any]) -> None:
    """Write `model` rounded to bf16, bound to the codec whose token hash is `tokens`."""
    described = {**about, "kind": "speech model", "config": to_mapping(model.config), "tokens": tokens}
    write_weights(path, model.state_dict(), described)


def load_model(path: Path, device: torch.device | None = None) -> tuple[SpeechModel, dict[str, Any]]:
    """Read a model for inference, and what was written about it. Raises VoiceError when the file is not intact."""
    tensors, about = read_weights(path)
    if about.get("kind") != "speech model":
        raise VoiceError(f"{path} holds a {about.get('kind', 'file of unknown kind')}, not a speech model")
    model = SpeechModel(from_mapping(SpeechModelConfig, description(about, "config", path), str(path)))
    try:
        model.load_state_dict(tensors)
    except RuntimeError as error:
        raise VoiceError(f"{path} does not fit its own configuration; install the voice again") from error
    return model.to(device or torch.device("cpu")).eval().requires_grad_(False), about
