"""Voices on disk and speaking with them: the door between weights and everything that wants speech."""

from engine.runtime.runtimes import RUNTIMES, choose_runtime, why_not_onnx
from engine.runtime.synthesiser import SpeechChunk, Synthesiser
from engine.runtime.voices import Voice, VoiceCard, VoiceInfo, find_voice, list_voices, load_voice

__all__ = [
    "RUNTIMES",
    "SpeechChunk",
    "Synthesiser",
    "Voice",
    "VoiceCard",
    "VoiceInfo",
    "choose_runtime",
    "find_voice",
    "list_voices",
    "load_voice",
    "why_not_onnx",
]
