"""The CPU runtime: backbone step, depth loop and codec decoder as hand-written graphs for onnxruntime."""

from engine.runtime.onnx.decoder import OnnxDecoder
from engine.runtime.onnx.frames import OnnxFrames

__all__ = ["OnnxDecoder", "OnnxFrames"]
