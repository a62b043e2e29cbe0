"""WebRTC's audio processing on 10 ms blocks: echo and noise suppressed, rumble removed. What the recogniser hears.

Runs on the conversation's thread. The only file that imports livekit, and only when a conversation begins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from livekit.rtc import AudioFrame

Array = NDArray[np.float32]

_FULL_SCALE = 32767.0


class Suppressor:
    """One conversation's audio processing module. It adapts, so it must see every block."""

    def __init__(self, rate_hz: int, block_samples: int, cancels_echo: bool) -> None:
        """`block_samples` must be 10 ms: the module takes nothing else."""
        if block_samples * 100 != rate_hz:
            raise ValueError(f"a block must last 10 ms, not {1000.0 * block_samples / rate_hz:g}")
        from livekit.rtc import AudioFrame
        from livekit.rtc.apm import AudioProcessingModule

        self._frame = AudioFrame
        self._rate_hz, self._samples = rate_hz, block_samples
        self._cancels_echo = cancels_echo
        self._module = AudioProcessingModule(
            echo_cancellation=cancels_echo, noise_suppression=True, high_pass_filter=True
        )

    def step(self, microphone: Array, reference: Array) -> Array:
        """Both (block_samples,) in -1..1; the echo may trail the reference by half a second."""
        if self._cancels_echo:
            self._module.process_reverse_stream(self._framed(reference))
        frame = self._framed(microphone)
        self._module.process_stream(frame)
        return np.asarray(frame.data, np.int16).astype(np.float32) / np.float32(_FULL_SCALE)

    def _framed(self, samples: Array) -> AudioFrame:
        pcm16 = np.round(np.clip(samples, -1.0, 1.0) * _FULL_SCALE).astype(np.int16)
        return self._frame(bytearray(pcm16.tobytes()), self._rate_hz, 1, self._samples)
