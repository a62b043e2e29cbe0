"""The conversational speech model: weights, training pass, streaming state and generation."""

from engine.model.frames import FrameInput, FrameRunner, Spoken, TorchFrames
from engine.model.generate import Generator, NotFiniteError, unit_tensors
from engine.model.sampling import Sampling, gumbel_noise
from engine.model.speech import AGENT, START, USER, Rows, SpeechModel, Windows
from engine.model.state import Checkpoint, StreamState
from engine.model.store import load_model, save_model
from engine.model.stream import ClausePlan, SpeechStream

__all__ = [
    "AGENT",
    "START",
    "USER",
    "Checkpoint",
    "ClausePlan",
    "FrameInput",
    "FrameRunner",
    "Generator",
    "NotFiniteError",
    "Rows",
    "Sampling",
    "SpeechModel",
    "SpeechStream",
    "Spoken",
    "StreamState",
    "TorchFrames",
    "Windows",
    "gumbel_noise",
    "load_model",
    "save_model",
    "unit_tensors",
]
