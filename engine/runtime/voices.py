"""Voices: folders with a card, a codec and a speech model that belong together.

Bundled voices lie in the resources, the user's own in the data folder and win over bundled ones of the same name.
A voice's name is that of its folder, everywhere; the name on its card is a title, which two copies may share.
Imports torch; runs on the engine thread.
"""

from __future__ import annotations

import json
import math
import os
import secrets
import shutil
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from engine.codec import Codec, StreamDecoder, load_codec
from engine.config import SpeechModelConfig, from_mapping
from engine.errors import ConfigError, VoiceError
from engine.model import FrameRunner, Sampling, SpeechModel, load_model
from engine.model.speculation import load_draft
from engine.paths import data_dir, resources_dir
from engine.runtime.cuda import CudaOptions
from engine.runtime.guards import GuardLimits, HeardPhones
from engine.runtime.runtimes import RuntimeName, choose_runtime, make_runtime
from engine.text import SYMBOLS, Frontend
from engine.weights import description

CARD, MODEL, CODEC, TEXT = "voice.toml", "model.safetensors", "codec.safetensors", "text.json"
DRAFT = "draft.safetensors"
"""Optional: heads that draft a frame's books."""
DEFAULT_VOICE = "rms"


@dataclass(frozen=True, slots=True)
class VoiceCard:
    """What `voice.toml` says. `context_frames` is how far back the voice was trained to look; `untrained` names the
    branches of the architecture that these weights do not use yet; `weights` names the voice beside this one that holds
    the weights of both, where one model speaks with several speakers."""

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
    guards: GuardLimits = field(default_factory=GuardLimits)
    untrained: tuple[str, ...] = ()
    weights: str = ""

    def window_frames(self, model: SpeechModelConfig) -> int:
        """How many frames back a stream of this voice looks: no further than it was trained to, nor than it can."""
        return min(self.context_frames, model.voice_window_frames)


@dataclass(frozen=True, slots=True)
class VoiceInfo:
    """An installed voice, as far as its card tells."""

    name: str
    path: Path
    kind: str
    licence: str
    sample_rate_hz: int
    card: dict[str, Any]


@dataclass(frozen=True, slots=True)
class VoiceDamage:
    """A folder among the voices whose card cannot be read, and the sentence that says why."""

    name: str
    path: Path
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class Voice:
    """A loaded voice: weights on `device`, the front end that writes its units, the parts of `runtime` that compute
    its frames and decode them, and what hears the phones of its codes."""

    folder: Path
    card: VoiceCard
    codec: Codec
    model: SpeechModel
    frontend: Frontend
    speaker: int
    device: torch.device
    runtime: RuntimeName
    frames: FrameRunner
    decoder: StreamDecoder
    heard: HeardPhones

    @property
    def name(self) -> str:
        """The folder's name; of a link, the link's own."""
        return os.path.basename(os.path.abspath(self.folder))

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
    except OSError as error:
        raise VoiceError(
            f"the voice's card {path} cannot be read ({error.strerror or error}); change its rights or install the"
            " voice again"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise VoiceError(f"the voice's card {path} is damaged ({error}); install the voice again") from error
    try:
        return from_mapping(VoiceCard, values, str(path)), values
    except ConfigError as error:
        raise VoiceError(f"the voice's card is damaged ({error}); install the voice again") from error


def read_card(folder: Path) -> VoiceCard:
    """The card of the voice in `folder`. Raises VoiceError when it is missing or damaged."""
    return _read_card(folder)[0]


def list_voices() -> list[VoiceInfo]:
    """All installed voices by name, but for those that `damaged_voices` tells of."""
    return _survey()[0]


def damaged_voices() -> list[VoiceDamage]:
    """The folders among the voices that hold none, or whose card cannot be read."""
    return _survey()[1]


def _survey() -> tuple[list[VoiceInfo], list[VoiceDamage]]:
    found: dict[str, VoiceInfo] = {}
    damaged: dict[str, VoiceDamage] = {}
    shadowed: set[str] = set()
    for parent in _folders():
        for folder in sorted(parent.glob("[!.]*")):  # a hidden one is being put together or removed
            if not os.path.isdir(folder):
                continue
            try:
                card, values = _read_card(folder)
            except VoiceError as error:
                damaged[str(folder)] = VoiceDamage(folder.name, folder, str(error))
            else:
                if folder.name not in shadowed:
                    found[folder.name] = VoiceInfo(
                        folder.name, folder, card.kind, card.licence, card.sample_rate_hz, values
                    )
            if os.path.isfile(folder / CARD):  # what `find_voice` finds first
                shadowed.add(folder.name)
    return sorted(found.values(), key=lambda voice: voice.name), list(damaged.values())


def remove_voice(name: str) -> Path:
    """Remove one of the user's own voices, whole or damaged; gives the folder that is gone.

    Raises VoiceError for a bundled voice, an unknown one, and a folder without a card: what that holds is not known.
    """
    own, bundled = (parent / name for parent in _folders())
    plain = name != "" and Path(name).name == name and not name.startswith(".")
    if not plain or not os.path.isdir(own):
        if plain and os.path.isdir(bundled):
            raise VoiceError(
                f"the voice {name!r} comes with Sotto and stays; only voices of your own, in {own.parent}, can be"
                " removed"
            )
        raise _unknown(name)
    if not os.path.lexists(own / CARD):
        raise VoiceError(f"{own} is not a voice: it has no {CARD}; look at it and remove it yourself")
    going = own.with_name(f".{name}.{secrets.token_hex(4)}.removed")
    try:
        own.rename(going)  # first, so that no one meets a half of it
        if going.is_symlink():
            going.unlink()
        else:
            shutil.rmtree(going)
    except OSError as error:
        raise VoiceError(f"{own} cannot be removed ({error.strerror or error}); change its rights") from error
    return own


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
    raise _unknown(wanted)


def _unknown(name: str) -> VoiceError:
    known = ", ".join(voice.name for voice in list_voices()) or "none"
    return VoiceError(f"There is no voice named {name!r}; choose one of those installed: {known}.")


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


def _check_parts(folder: Path, codec: Codec, model: SpeechModel, tokens: Any) -> None:
    """Raise VoiceError unless the model speaks the tokens of this codec, frame for frame."""
    of_codec, of_model = codec.config, model.config
    agreed = (
        tokens == codec.token_hash()
        and math.isclose(of_codec.frame_ms, 1000.0 * of_model.frame_s)
        and all(
            getattr(of_codec, name) == getattr(of_model, name)
            for name in (
                "codebooks",
                "semantic_codebooks",
                "codebook_size",
                "quarters_per_frame",
                "phone_classes",
            )
        )
    )
    if not agreed:
        raise VoiceError(
            f"the codec in {folder} does not belong to its speech model; install the voice again"
        )


@torch.inference_mode()
def heard_phones(codec: Codec) -> HeardPhones:
    """The codec's phone probe as tables: the probe is linear, and a latent is the sum of its books'."""
    config = codec.config
    tables = []
    for book in range(config.semantic_codebooks):
        codes = torch.full(
            (1, config.codebook_size, config.semantic_codebooks), -1, device=codec.phone_probe.weight.device
        )
        codes[..., book] = torch.arange(config.codebook_size)
        latents = codec.quantiser.decode(codes)[0]
        tables.append(latents @ codec.phone_probe.weight.float().t())
    shape = (config.quarters_per_frame, config.phone_classes)
    table = torch.stack(tables).view(config.semantic_codebooks, config.codebook_size, *shape)
    return HeardPhones(table.cpu().numpy(), codec.phone_probe.bias.float().view(shape).cpu().numpy())


def _parts_of(folder: Path, card: VoiceCard) -> Path:
    """The folder that holds the voice's weights: its own, or that of the voice beside it that its card names."""
    if not card.weights:
        return folder
    parts = folder.resolve().parent / card.weights
    if Path(card.weights).name != card.weights or not (parts / MODEL).is_file():
        raise VoiceError(
            f"the voice in {folder} speaks with the weights of {card.weights!r}, which is not beside it; install both"
        )
    return parts


def load_voice(
    name_or_path: str | Path | None = None,
    device: str | None = None,
    runtime: str | None = None,
    cuda: CudaOptions | None = None,
) -> Voice:
    """Load a voice onto a device, warm. Raises VoiceError with one sentence when it is missing, damaged, mismatched.

    `runtime` is "torch", "onnx" or "cuda"; None takes the fastest that this machine has for the device. `cuda` says
    how the cuda runtime computes.
    """
    folder = find_voice(name_or_path)
    card = read_card(folder)
    target = choose_device("cpu" if device is None and runtime == "onnx" else device)
    chosen = choose_runtime(runtime, target, cuda)
    # One thread: a step is matrix-vector work, which more threads only slow down. Denormals in silence cost more.
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    parts = _parts_of(folder, card)
    _check_text(parts / TEXT)
    codec = load_codec(parts / CODEC, target)
    model, about = load_model(parts / MODEL, target)
    _check_parts(parts, codec, model, about.get("tokens"))
    speakers = description(about, "speakers", parts / MODEL)
    if card.speaker not in speakers:
        raise VoiceError(
            f"the voice in {folder} has no speaker {card.speaker!r} (it has: {', '.join(speakers)})"
        )
    window = card.window_frames(model.config)
    draft = None
    # On the CPU alone: elsewhere neither the gain nor how a batch rounds has been measured (decision 12).
    if chosen == "torch" and target.type == "cpu" and os.path.lexists(parts / DRAFT):
        draft = load_draft(parts / DRAFT, model.config, about["sha256"], target)
    frames, decoder = make_runtime(chosen, model, codec, window, card.sampling, cuda, draft)
    speaker = speakers[card.speaker]
    return Voice(
        folder,
        card,
        codec,
        model,
        Frontend.load(),
        speaker,
        target,
        chosen,
        frames,
        decoder,
        heard_phones(codec),
    )
