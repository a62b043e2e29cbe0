"""Voices on disk and speaking with them: the door between weights and everything that wants speech."""

from engine.runtime.conversing import ConversationVoice
from engine.runtime.cuda import CudaOptions
from engine.runtime.fallback import Fallback, load_or_fall_back
from engine.runtime.guards import GuardLimits, Trouble
from engine.runtime.runtimes import RUNTIMES, choose_runtime, why_not_onnx
from engine.runtime.synthesiser import SpeechChunk, Synthesiser
from engine.runtime.timing import SpokenWord
from engine.runtime.voices import (
    Voice,
    VoiceCard,
    VoiceDamage,
    VoiceInfo,
    choose_device,
    damaged_voices,
    find_voice,
    list_voices,
    load_voice,
    remove_voice,
)

__all__ = [
    "RUNTIMES",
    "ConversationVoice",
    "CudaOptions",
    "Fallback",
    "GuardLimits",
    "SpeechChunk",
    "SpokenWord",
    "Synthesiser",
    "Trouble",
    "Voice",
    "VoiceCard",
    "VoiceDamage",
    "VoiceInfo",
    "choose_device",
    "choose_runtime",
    "damaged_voices",
    "find_voice",
    "list_voices",
    "load_or_fall_back",
    "load_voice",
    "remove_voice",
    "why_not_onnx",
]
