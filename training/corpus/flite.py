"""flite in this process through ctypes: words with given phones in, 16 kHz samples and phone end times out; its F0 may
be changed on the way.

One worker thread or process per voice set; libflite is not thread-safe. Knows nothing of the corpus' files.
Must not import torch.
"""

from __future__ import annotations

import ctypes
import zlib
from collections.abc import Callable
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


class _Utterance(ctypes.Structure):
    _fields_ = [("features", ctypes.c_void_p)]


class _Track(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_char_p),
        ("num_frames", ctypes.c_int),
        ("num_channels", ctypes.c_int),
        ("times", ctypes.POINTER(ctypes.c_float)),
        ("frames", ctypes.POINTER(ctypes.POINTER(ctypes.c_float))),
    ]


PARAMETRIC = ("rms", "slt")
"""Voices that flite makes from a track of parameters, whose first is F0 (clustergen; Black 2006)."""

Melody = Callable[[tuple[Segment, ...], NDArray[np.float64], float], NDArray[np.float64]]
"""F0 (F,) in hertz, 0 where unvoiced, for an utterance's segments, flite's own F0, and its frame in seconds."""


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
    "feat_val": (ctypes.c_void_p, (ctypes.c_void_p, ctypes.c_char_p)),
    "feat_present": (ctypes.c_int, (ctypes.c_void_p, ctypes.c_char_p)),
    "val_track": (ctypes.POINTER(_Track), (ctypes.c_void_p,)),
    "val_cg_db": (ctypes.c_void_p, (ctypes.c_void_p,)),
    "mlpg": (ctypes.POINTER(_Track), (ctypes.POINTER(_Track), ctypes.c_void_p)),
    "mlsa_resynthesis": (
        ctypes.POINTER(_Wave),
        (ctypes.POINTER(_Track), ctypes.POINTER(_Track), ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int),
    ),
    "delete_track": (None, (ctypes.POINTER(_Track),)),
    "delete_wave": (None, (ctypes.POINTER(_Wave),)),
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
        self._melody: Melody | None = None
        self._seed = 0
        self._raised: Exception | None = None
        self._hook = _HOOK(self._collect)  # kept alive for as long as the voices hold it
        self._hook_value = self._lib.uttfunc_val(self._hook)
        self._voices: dict[str, int] = {}

    def _collect(self, utterance: int) -> int:
        """Called by flite after each utterance: walks the segments, copies the wave or makes it anew."""
        try:
            segments = []
            item = self._lib.relation_head(self._lib.utt_relation(utterance, b"Segment"))
            while item:
                name = self._lib.item_feat_string(item, b"name").decode("ascii")
                segments.append(Segment(name, float(self._lib.item_feat_float(item, b"end"))))
                item = self._lib.item_next(item)
            wave = self._lib.utt_wave(utterance).contents
            samples = _copied(wave)
            if self._melody is not None:
                samples = self._sung(utterance, tuple(segments), self._melody)
            self._spoken.append(Spoken(wave.sample_rate, samples, tuple(segments)))
        except Exception as error:  # noqa: BLE001 (ctypes would only print it and go on; `speak` raises it)
            self._raised = error
        return utterance

    def _sung(self, utterance: int, segments: tuple[Segment, ...], melody: Melody) -> NDArray[np.float32]:
        """The utterance's parameters once more through flite's vocoder, with another F0 and the same noise."""
        lib = self._lib
        features = ctypes.cast(utterance, ctypes.POINTER(_Utterance)).contents.features
        track = lib.val_track(lib.feat_val(features, b"param_track"))
        strengths = None
        if lib.feat_present(features, b"str_track"):
            strengths = lib.val_track(lib.feat_val(features, b"str_track"))
        database = lib.val_cg_db(lib.feat_val(features, b"cg_db"))
        parameters = track.contents
        f0_hz = np.array([parameters.frames[i][0] for i in range(parameters.num_frames)])
        frame_s = parameters.times[1] - parameters.times[0]
        for index, value in enumerate(melody(segments, f0_hz, frame_s)):
            parameters.frames[index][0] = value
        self._libc.srand(self._seed)
        smooth = lib.mlpg(track, database)
        wave = lib.mlsa_resynthesis(smooth, strengths, database, None, 0)
        try:
            return _copied(wave.contents)
        finally:
            lib.delete_wave(wave)
            lib.delete_track(smooth)

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

    def speak(self, voice: str, words: list[tuple[str, str]], melody: Melody | None = None) -> Spoken | None:
        """Speak one clause. `words` are (spelling, phones) such as ("lead", "l iy1 d"). `melody` gives the F0 of a
        `PARAMETRIC` voice.

        Returns None when flite did not render it as exactly one utterance.
        """
        if melody is not None and voice not in PARAMETRIC:
            raise ValueError(f"the F0 of flite's voice {voice!r} cannot be changed.")
        tags = " ".join(f'<phoneme ph="{phones}">{escape(word)}</phoneme>' for word, phones in words)
        ssml = f"<speak>{tags}</speak>".encode("ascii")
        self._spoken.clear()
        self._melody, self._raised = melody, None
        # rms and slt draw their noise from rand(): each clause starts it anew
        self._seed = zlib.crc32(ssml)
        self._libc.srand(self._seed)
        self._lib.flite_ssml_text_to_speech(ssml, self._voice(voice), b"none")
        if self._raised is not None:
            raise self._raised
        return self._spoken[0] if len(self._spoken) == 1 else None


def _copied(wave: _Wave) -> NDArray[np.float32]:
    samples = np.ctypeslib.as_array(wave.samples, (wave.num_samples,))
    return np.asarray(samples.astype(np.float32) / np.float32(32768.0))
