"""The conversational speech model: weights, training pass, streaming state and generation."""

from engine.model.generate import Generator, sample_frame, unit_tensors
from engine.model.sampling import Sampling, gumbel_noise
from engine.model.speech import AGENT, START, USER, Rows, SpeechModel, Windows
from engine.model.store import load_model, save_model
from engine.model.stream import ClausePlan, SpeechStream, StreamState

__all__ = [
    "AGENT",
    "START",
    "USER",
    "ClausePlan",
    "Generator",
    "Rows",
    "Sampling",
    "SpeechModel",
    "SpeechStream",
    "StreamState",
    "Windows",
    "gumbel_noise",
    "load_model",
    "sample_frame",
    "save_model",
    "unit_tensors",
]
