"""When the GPU fails in the middle of a text: which errors are its own, and what of a stream can be saved from it.

Runs on the engine thread.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.codec import DecoderState
from engine.errors import VoiceError
from engine.model import Checkpoint, StreamState
from engine.runtime.voices import Voice, load_voice

_TOLD_BY_THE_GPU = re.compile(r"(?<![A-Za-z])(CUDA|HIP|CUBLAS|CUDNN|cuDNN|CUFFT|cuFFT|NVML|MPS)(?![A-Za-z])")
FULL = "The graphics memory is full"
LOST = "The graphics processor stopped working"


@dataclass(frozen=True, slots=True)
class Fallback:
    """That a voice computes on the CPU from now on: a sentence for the user, the cause, and the mend."""

    message: str
    cause: str
    mend: str


Tell = Callable[[Fallback], None]


def device_failure(error: BaseException) -> str | None:
    """What happened to the GPU, as the beginning of a sentence; None for an error that is not the GPU's."""
    if isinstance(error, torch.OutOfMemoryError):
        return FULL
    if isinstance(error, torch.AcceleratorError):
        return LOST
    if isinstance(error, RuntimeError) and _TOLD_BY_THE_GPU.search(str(error)):
        return FULL if "out of memory" in str(error) else LOST
    return None


def fallback_of(error: BaseException, remembers: bool) -> Fallback:
    """What to tell of a GPU's `error`; `remembers` is whether the stream's past could be saved from it."""
    reason = device_failure(error) or LOST
    lost = "" if remembers else ", without what it remembered"
    mend = (
        "Close other programs that use the GPU, then start again."
        if reason == FULL
        else "Start again; if it comes back, look for a newer driver, or say --device cpu."
    )
    return Fallback(
        f"{reason}, so the voice goes on on the CPU{lost}.",
        "".join(traceback.format_exception(error)),
        mend,
    )


def load_or_fall_back(
    name: str | None, device: str | None, runtime: str | None
) -> tuple[Voice, Fallback | None]:
    """See `load_voice`. Where nobody asked for the GPU and it fails already now, the CPU takes its place."""
    try:
        return load_voice(name, device, runtime), None
    except RuntimeError as error:
        reason = device_failure(error)
        if reason is None:
            raise
        if device not in (None, "auto") or runtime is not None:
            raise VoiceError(
                f"{reason} while the voice was loaded; close other programs that use it, or say --device cpu"
            ) from error
        return load_voice(name, "cpu"), fallback_of(error, remembers=True)


@dataclass(slots=True)
class Progress:
    """How far a clause has been spoken: the stream as it stood behind the `frames` that are out, the clause's durations
    in quarters (U,) on the CPU, and how often it was taken up again.

    `begun` is False where the clause's units are not in the stream's state although frames are out.
    """

    before: Checkpoint
    quarters: Tensor | None = None
    frames: int = 0
    attempt: int = 0
    begun: bool = True

    def carry_over(
        self, state: StreamState, decoded: DecoderState, voice: Voice
    ) -> tuple[DecoderState, bool]:
        """Take `state` and the decoder's, `decoded`, to the device of `voice`, as they were before the frame that
        failed. Gives the decoder's there.

        And False where they cannot be read any more: then only the place in the text is kept.
        """
        state.return_to(self.before)
        try:
            moved, remembers = decoded.to(voice.device), True
            state.move(voice.device)
        except RuntimeError:  # the device is gone, and what it held with it
            state.restart(voice.device)
            moved, remembers = voice.decoder.decoder_state(), False
            self.begun = self.frames == 0
        self.before = state.checkpoint()
        return moved, remembers
