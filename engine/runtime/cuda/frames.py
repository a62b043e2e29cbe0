"""The frame runner of the cuda runtime: fixed tensors, two functions over them, graphs of both.

Runs on the engine thread, which also captures the graphs. Nothing in a frame waits for the device.
"""

from __future__ import annotations

from torch import Tensor

from engine.model import FrameInput, Sampling, SpeechModel, StreamState
from engine.runtime.cuda.backbone import Backbone
from engine.runtime.cuda.depth import Depth
from engine.runtime.cuda.graph import CudaOptions


class CudaFrames:
    """Fulfils `engine.model.FrameRunner` on the model's device.

    Graphs for streams that look `window` frames back and draw by `sampling` are captured here; a stream that differs
    pays for its own with its first frame.
    """

    def __init__(
        self,
        model: SpeechModel,
        window: int | None = None,
        sampling: Sampling | None = None,
        options: CudaOptions | None = None,
    ) -> None:
        self.model, self.options = model, options or CudaOptions()
        self._backbone = Backbone(model, window or model.config.voice_window_frames, self.options)
        self._depth = Depth(model, self.options)
        self._depth.prepare(sampling or Sampling())

    def step(self, state: StreamState, inputs: FrameInput) -> tuple[Tensor, Tensor]:
        """See `FrameRunner`."""
        if state.voice_window != self._backbone.window:
            self._backbone = Backbone(self.model, state.voice_window, self.options)
        return self._backbone.step(state, inputs)

    def choose(self, hidden: Tensor, sampling: Sampling, noise: Tensor, books: int) -> Tensor:
        """See `FrameRunner`."""
        return self._depth.choose(hidden, sampling, noise, books)

    def choose_forced(self, hidden: Tensor, sampling: Sampling, noise: Tensor, codes: Tensor) -> Tensor:
        """What would be chosen for each book (K,) after the true `codes` (K,) of the books before it."""
        return self._depth.choose_forced(hidden, sampling, noise, codes)
