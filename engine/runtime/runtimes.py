"""Which runtime computes a voice's frames: onnxruntime on the CPU where it is installed, else PyTorch.

Imports torch; brings in onnxruntime only when it is wanted. Runs on the engine thread.
"""

from __future__ import annotations

import importlib
from typing import Literal, cast, get_args

import torch

from engine.codec import Codec, StreamDecoder
from engine.errors import VoiceError
from engine.model import FrameRunner, Sampling, SpeechModel, SpeechStream, TorchFrames
from engine.model.speculation import DraftHeads, SpeculativeFrames

RuntimeName = Literal["torch", "onnx"]
RUNTIMES: tuple[str, ...] = get_args(RuntimeName)
WARM_UP_FRAMES = 2


def why_not_onnx() -> str | None:
    """Why the onnx runtime cannot be used on this machine; None when it can."""
    for module in ("onnx", "onnxruntime"):
        try:
            importlib.import_module(module)
        except (ImportError, OSError) as error:
            return f"{module} cannot be loaded ({error})"
    return None


def choose_runtime(wanted: str | None, device: torch.device) -> RuntimeName:
    """The runtime of this name, or the fastest there is. Raises VoiceError for one that cannot be used."""
    if wanted is None:
        return "onnx" if device.type == "cpu" and why_not_onnx() is None else "torch"
    if wanted not in RUNTIMES:
        raise VoiceError(f"there is no runtime named {wanted!r}; there are: {', '.join(RUNTIMES)}")
    if wanted == "onnx":
        if device.type != "cpu":
            raise VoiceError(f"the onnx runtime computes on the CPU, not on {device}; ask for the device cpu")
        if (reason := why_not_onnx()) is not None:
            raise VoiceError(f"the onnx runtime is not to be had: {reason}; run make setup, or say torch")
    return cast(RuntimeName, wanted)


def make_runtime(
    name: RuntimeName, model: SpeechModel, codec: Codec, draft: DraftHeads | None = None
) -> tuple[FrameRunner, StreamDecoder]:
    """What computes frames and what decodes them, warm: the first frame costs no more than the others.

    With `draft`, PyTorch speculates inside a frame; the onnx runtime has no use for it (ADR 10).
    """
    frames: FrameRunner
    decoder: StreamDecoder
    if name == "onnx":
        # Here, since importing onnxruntime costs a tenth of a second and it may not be installed.
        from engine.runtime.onnx import OnnxDecoder, OnnxFrames

        frames, decoder = OnnxFrames(model), OnnxDecoder(codec)
    else:
        plain = TorchFrames(model)
        frames, decoder = plain if draft is None else SpeculativeFrames(plain, draft), codec
    _warm_up(model, frames, decoder)
    return frames, decoder


@torch.inference_mode()
def _warm_up(model: SpeechModel, frames: FrameRunner, decoder: StreamDecoder) -> None:
    """Hear and speak a few frames on a state that is thrown away."""
    config = model.config
    stream = SpeechStream(model, WARM_UP_FRAMES, frames)
    state, decoded = stream.create(), decoder.decoder_state()
    speaker = torch.zeros((), dtype=torch.long, device=state.device)
    codes = torch.zeros(config.codebooks, dtype=torch.long, device=state.device)
    noise = torch.zeros(config.codebooks, config.codebook_size, device=state.device)
    for _ in range(WARM_UP_FRAMES):
        prosody = decoder.prosody(codes.view(1, 1, -1))[0, 0]
        hidden = stream.hear_frame(state, codes, speaker, prosody)
        codes = frames.choose(hidden, Sampling(), noise, config.codebooks)
        _, decoded = decoder.decode_step(codes.view(1, 1, -1), decoded)
