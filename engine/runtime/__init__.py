"""Voices on disk and speaking with them: the door between weights and everything that wants speech."""

from engine.runtime.synthesiser import SpeechChunk, Synthesiser
from engine.runtime.voices import Voice, VoiceCard, VoiceInfo, find_voice, list_voices, load_voice

__all__ = [
    "SpeechChunk",
    "Synthesiser",
    "Voice",
    "VoiceCard",
    "VoiceInfo",
    "find_voice",
    "list_voices",
    "load_voice",
]
