"""The GPU runtime: backbone step, walk through the books and codec decoder, each one CUDA graph over fixed tensors.

Without graphs the same functions run on any device, which is how they are tested where there is no GPU.
"""

from engine.runtime.cuda.decoder import CudaDecoder
from engine.runtime.cuda.frames import CudaFrames
from engine.runtime.cuda.graph import CudaOptions, Precision

__all__ = ["CudaDecoder", "CudaFrames", "CudaOptions", "Precision"]
