"""flite in this process through ctypes: words with given phones in, 16 kHz samples and phone end times out.

One worker thread or process per voice set; libflite is not thread-safe. Knows nothing of the corpus' files.
Must not import torch.
"""

from __future__ import annotations

import ctypes
import zlib
from dataclasses import dataclass
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray

from engine.errors import SottoError

VOICES = ("rms", "slt", "kal16")
"""Voices that may be used. flite's `awb` is kept out of every corpus: it is the fine-tune target of a later test."""


class FliteUnavailable(SottoError):
    """libflite is not installed."""


@dataclass(frozen=True)
class Segment:
    """One phone as flite spoke it; `end_s` counts from the start of the samples."""

    name: str
    end_s: float


@dataclass(frozen=True)
class Spoken:
    """flite's rendering of one clause: float32 samples (S,) in -1..1 and its segments, `pau` at both ends."""

    sample_rate_hz: int
    samples: NDArray[np.float32]
    segments: tuple[Segment, ...]


class _Wave(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_char_p),
        ("sample_rate", ctypes.c_int),
        ("num_samples", ctypes.c_int),
        ("num_channels", ctypes.c_int),
        ("samples", ctypes.POINTER(ctypes.c_short)),
    ]


class _Voice(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("features", ctypes.c_void_p)]


_HOOK = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p)

_PROTOTYPES = {
    "flite_init": (ctypes.c_int, ()),
    "flite_add_lang": (ctypes.c_int, (ctypes.c_char_p, ctypes.c_void_p, ctypes.c_void_p)),
    "flite_feat_set": (None, (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)),
    "flite_ssml_text_to_speech": (ctypes.c_float, (ctypes.c_char_p, ctypes.c_void_p, ctypes.c_char_p)),
    "utt_wave": (ctypes.POINTER(_Wave), (ctypes.c_void_p,)),
    "utt_relation": (ctypes.c_void_p, (ctypes.c_void_p, ctypes.c_char_p)),
    "relation_head": (ctypes.c_void_p, (ctypes.c_void_p,)),
    "item_next": (ctypes.c_void_p, (ctypes.c_void_p,)),
    "item_feat_string": (ctypes.c_char_p, (ctypes.c_void_p, ctypes.c_char_p)),
    "item_feat_float": (ctypes.c_float, (ctypes.c_void_p, ctypes.c_char_p)),
    "uttfunc_val": (ctypes.c_void_p, (_HOOK,)),
}


def available() -> bool:
    """Whether libflite and its English voices can be loaded."""
    try:
        for name in ("", "_usenglish", "_cmulex", *(f"_cmu_us_{voice}" for voice in VOICES)):
            ctypes.CDLL(f"libflite{name}.so.1", mode=ctypes.RTLD_GLOBAL)
    except OSError:
        return False
    return True


class Flite:
    """The flite library with its English voices loaded on first use."""

    def __init__(self) -> None:
        if not available():
            raise FliteUnavailable("flite is not installed: apt-get install flite (make setup installs it).")
        self._lib = ctypes.CDLL("libflite.so.1", mode=ctypes.RTLD_GLOBAL)
        self._libc = ctypes.CDLL(None)
        for name, (result, arguments) in _PROTOTYPES.items():
            function = getattr(self._lib, name)
            function.restype, function.argtypes = result, list(arguments)
        self._lib.flite_init()
        language = ctypes.CDLL("libflite_usenglish.so.1").usenglish_init
        lexicon = ctypes.CDLL("libflite_cmulex.so.1").cmu_lex_init
        self._lib.flite_add_lang(
            b"eng", ctypes.cast(language, ctypes.c_void_p), ctypes.cast(lexicon, ctypes.c_void_p)
        )
        self._spoken: list[Spoken] = []
        self._hook = _HOOK(self._collect)  # kept alive for as long as the voices hold it
        self._hook_value = self._lib.uttfunc_val(self._hook)
        self._voices: dict[str, int] = {}

    def _collect(self, utterance: int) -> int:
        """Called by flite after each utterance: copies the wave and walks the segments."""
        wave = self._lib.utt_wave(utterance).contents
        samples = np.ctypeslib.as_array(wave.samples, (wave.num_samples,)).astype(np.float32) / 32768.0
        segments = []
        item = self._lib.relation_head(self._lib.utt_relation(utterance, b"Segment"))
        while item:
            name = self._lib.item_feat_string(item, b"name").decode("ascii")
            segments.append(Segment(name, float(self._lib.item_feat_float(item, b"end"))))
            item = self._lib.item_next(item)
        self._spoken.append(Spoken(wave.sample_rate, samples, tuple(segments)))
        return utterance

    def _voice(self, name: str) -> int:
        if name not in VOICES:
            raise ValueError(f"flite voice {name!r} is not one of {', '.join(VOICES)}.")
        if name not in self._voices:
            library = ctypes.CDLL(f"libflite_cmu_us_{name}.so.1")
            register = getattr(library, f"register_cmu_us_{name}")
            register.restype, register.argtypes = ctypes.c_void_p, [ctypes.c_char_p]
            voice = register(None)
            features = ctypes.cast(voice, ctypes.POINTER(_Voice)).contents.features
            self._lib.flite_feat_set(features, b"post_synth_hook_func", self._hook_value)
            self._voices[name] = voice
        return self._voices[name]

    def speak(self, voice: str, words: list[tuple[str, str]]) -> Spoken | None:
        """Speak one clause. `words` are (spelling, phones) such as ("lead", "l iy1 d").

        Returns None when flite did not render it as exactly one utterance.
        """
        tags = " ".join(f'<phoneme ph="{phones}">{escape(word)}</phoneme>' for word, phones in words)
        ssml = f"<speak>{tags}</speak>".encode("ascii")
        self._spoken.clear()
        self._libc.srand(
            zlib.crc32(ssml)
        )  # rms and slt draw their noise from rand(): each clause starts it anew
        self._lib.flite_ssml_text_to_speech(ssml, self._voice(voice), b"none")
        return self._spoken[0] if len(self._spoken) == 1 else None
