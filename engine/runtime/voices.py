"""Voices: folders with a card, a codec and a speech model that belong together.

Bundled voices lie in the resources, the user's own in the data folder and win over bundled ones of the same name.
Imports torch; runs on the engine thread.
"""

from __future__ import annotations

import json
import os
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from engine.codec import Codec, StreamDecoder, load_codec
from engine.config import from_mapping
from engine.errors import ConfigError, VoiceError
from engine.model import FrameRunner, Sampling, SpeechModel, load_model
from engine.paths import data_dir, resources_dir
from engine.runtime.runtimes import RuntimeName, choose_runtime, make_runtime
from engine.text import SYMBOLS, Frontend
from engine.weights import description

CARD, MODEL, CODEC, TEXT = "voice.toml", "model.safetensors", "codec.safetensors", "text.json"
DEFAULT_VOICE = "rms"


@dataclass(frozen=True, slots=True)
class VoiceCard:
    """What `voice.toml` says. `context_frames` is how far back the voice was trained to look; `untrained` names the
    branches of the architecture that these weights do not use yet."""

    name: str
    kind: str
    licence: str
    description: str
    speaker: str
    sample_rate_hz: int
    frame_rate_hz: float
    codebooks: int
    context_frames: int
    provenance: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    sampling: Sampling = field(default_factory=Sampling)
    untrained: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VoiceInfo:
    """An installed voice, as far as its card tells."""

    name: str
    path: Path
    kind: str
    licence: str
    sample_rate_hz: int
    card: dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Voice:
    """A loaded voice: weights on `device`, the front end that writes its units, and the parts of `runtime` that
    compute its frames and decode them."""

    card: VoiceCard
    codec: Codec
    model: SpeechModel
    frontend: Frontend
    speaker: int
    device: torch.device
    runtime: RuntimeName
    frames: FrameRunner
    decoder: StreamDecoder

    @property
    def name(self) -> str:
        """The card's name."""
        return self.card.name

    @property
    def sample_rate_hz(self) -> int:
        """Of the audio it makes."""
        return self.codec.sample_rate

    @property
    def frame_samples(self) -> int:
        """Samples a frame."""
        return self.codec.frame_size


def _folders() -> list[Path]:
    return [data_dir() / "voices", resources_dir() / "voices"]


def _read_card(folder: Path) -> tuple[VoiceCard, dict[str, Any]]:
    path = folder / CARD
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise VoiceError(f"{folder} is not a voice: it has no {CARD}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise VoiceError(f"the voice's card {path} is damaged ({error}); install the voice again") from error
    try:
        return from_mapping(VoiceCard, values, str(path)), values
    except ConfigError as error:
        raise VoiceError(f"the voice's card is damaged ({error}); install the voice again") from error


def list_voices() -> list[VoiceInfo]:
    """All installed voices by name; folders whose card cannot be read are reported when asked for, not here."""
    found: dict[str, VoiceInfo] = {}
    for parent in _folders():
        for path in sorted(parent.glob(f"*/{CARD}")):
            try:
                card, values = _read_card(path.parent)
            except VoiceError:
                continue
            info = VoiceInfo(card.name, path.parent, card.kind, card.licence, card.sample_rate_hz, values)
            found.setdefault(card.name, info)
    return sorted(found.values(), key=lambda voice: voice.name)


def find_voice(name_or_path: str | Path | None = None) -> Path:
    """The folder of a voice by name or path; the bundled default without. Raises VoiceError when there is none."""
    wanted = str(name_or_path) if name_or_path else DEFAULT_VOICE
    # os.path, since pathlib raises for a name that is too long for a file.
    if name_or_path and os.path.isfile(Path(wanted) / CARD):
        return Path(wanted)
    for parent in _folders():
        if "/" not in wanted and os.path.isfile(parent / wanted / CARD):
            return parent / wanted
    if os.path.isdir(wanted):
        raise VoiceError(f"{wanted} is not a voice: it has no {CARD}")
    known = ", ".join(voice.name for voice in list_voices()) or "none"
    raise VoiceError(f"there is no voice named {wanted!r}; installed: {known}")


def choose_device(name: str | None) -> torch.device:
    """The named device, or CUDA, MPS, CPU in this order. Raises VoiceError for one that this machine lacks."""
    if name is None or name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise VoiceError(
            f"the device {name!r} is not to be had on this machine; leave it out, or say cpu"
        ) from error
    return device


def _check_text(path: Path) -> None:
    try:
        symbols = json.loads(path.read_text(encoding="utf-8"))["symbols"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise VoiceError(f"{path} is missing or damaged; install the voice again") from error
    if tuple(symbols) != SYMBOLS:
        raise VoiceError(
            f"{path.parent} was made for another set of text units; install a newer version of the voice"
        )


def load_voice(
    name_or_path: str | Path | None = None, device: str | None = None, runtime: str | None = None
) -> Voice:
    """Load a voice onto a device, warm. Raises VoiceError with one sentence when it is missing, damaged, mismatched.

    `runtime` is "torch" or "onnx"; None takes the fastest that this machine has for the device.
    """
    folder = find_voice(name_or_path)
    card, _ = _read_card(folder)
    target = choose_device(device)
    chosen = choose_runtime(runtime, target)
    # One thread: a step is matrix-vector work, which more threads only slow down. Denormals in silence cost more.
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    _check_text(folder / TEXT)
    codec = load_codec(folder / CODEC, target)
    model, about = load_model(folder / MODEL, target)
    agreed = (codec.config.codebooks, codec.config.semantic_codebooks, codec.config.codebook_size)
    expected = (model.config.codebooks, model.config.semantic_codebooks, model.config.codebook_size)
    if about.get("tokens") != codec.token_hash() or agreed != expected:
        raise VoiceError(
            f"the codec in {folder} does not belong to its speech model; install the voice again"
        )
    speakers = description(about, "speakers", folder / MODEL)
    if card.speaker not in speakers:
        raise VoiceError(
            f"the voice in {folder} has no speaker {card.speaker!r} (it has: {', '.join(speakers)})"
        )
    frames, decoder = make_runtime(chosen, model, codec)
    return Voice(card, codec, model, Frontend.load(), speakers[card.speaker], target, chosen, frames, decoder)
