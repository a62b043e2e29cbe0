"""Which runtime computes a voice's frames: CUDA graphs on a CUDA device, onnxruntime on the CPU, else PyTorch.

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
from engine.runtime.cuda import CudaDecoder, CudaFrames, CudaOptions

RuntimeName = Literal["torch", "onnx", "cuda"]
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


def choose_runtime(wanted: str | None, device: torch.device, cuda: CudaOptions | None = None) -> RuntimeName:
    """The runtime of this name, or the fastest there is. Raises VoiceError for one that cannot be used.

    Without its graphs the cuda runtime computes anywhere, slowly: that is for tests and rehearsals.
    """
    if wanted is None:
        if device.type == "cuda":
            return "cuda"
        return "onnx" if device.type == "cpu" and why_not_onnx() is None else "torch"
    if wanted not in RUNTIMES:
        raise VoiceError(f"there is no runtime named {wanted!r}; there are: {', '.join(RUNTIMES)}")
    if wanted == "onnx":
        if device.type != "cpu":
            raise VoiceError(f"the onnx runtime computes on the CPU, not on {device}; ask for the device cpu")
        if (reason := why_not_onnx()) is not None:
            raise VoiceError(f"the onnx runtime is not to be had: {reason}; run make setup, or say torch")
    if wanted == "cuda" and device.type != "cuda" and (cuda or CudaOptions()).graphs:
        raise VoiceError(
            f"the cuda runtime computes on a GPU that PyTorch can use, not on {device}; leave it out, or say torch"
        )
    return cast(RuntimeName, wanted)


def make_runtime(
    name: RuntimeName,
    model: SpeechModel,
    codec: Codec,
    window: int,
    sampling: Sampling,
    cuda: CudaOptions | None = None,
    draft: DraftHeads | None = None,
) -> tuple[FrameRunner, StreamDecoder]:
    """What computes frames and what decodes them, warm: the first frame costs no more than the others.

    `window` is how many frames back the voice looks and `sampling` how it draws: what graphs are captured for.
    With `draft`, PyTorch speculates inside a frame; the onnx runtime has no use for it (decision 12).
    """
    frames: FrameRunner
    decoder: StreamDecoder
    if name == "onnx":
        # Here, since importing onnxruntime costs a tenth of a second and it may not be installed.
        from engine.runtime.onnx import OnnxDecoder, OnnxFrames

        frames, decoder = OnnxFrames(model), OnnxDecoder(codec)
    elif name == "cuda":
        options = cuda or CudaOptions()
        frames, decoder = CudaFrames(model, window, sampling, options), CudaDecoder(codec, options.graphs)
    else:
        plain = TorchFrames(model)
        frames, decoder = plain if draft is None else SpeculativeFrames(plain, draft), codec
    _warm_up(model, frames, decoder, window, sampling)
    return frames, decoder


@torch.inference_mode()
def _warm_up(
    model: SpeechModel, frames: FrameRunner, decoder: StreamDecoder, window: int, sampling: Sampling
) -> None:
    """Hear and speak a few frames on a state that is thrown away."""
    config = model.config
    stream = SpeechStream(model, window, frames)
    state, decoded = stream.create(), decoder.decoder_state()
    speaker = torch.zeros((), dtype=torch.long, device=state.device)
    codes = torch.zeros(config.codebooks, dtype=torch.long, device=state.device)
    noise = torch.zeros(config.codebooks, config.codebook_size, device=state.device)
    for _ in range(WARM_UP_FRAMES):
        prosody = decoder.prosody(codes.view(1, 1, -1))[0, 0]
        hidden = stream.hear_frame(state, codes, speaker, prosody)
        codes = frames.choose(hidden, sampling, noise, config.codebooks)
        _, decoded = decoder.decode_step(codes.view(1, 1, -1), decoded)
