"""Frozen configuration values for the codec, the memory and the speech model, and their TOML reader.

Thread-agnostic. Imports neither torch nor numpy, so that front ends can read presets cheaply.
Derived numbers (frame size, frame rate, head width) are properties and are written nowhere else.
"""

from __future__ import annotations

import dataclasses
import tomllib
from dataclasses import MISSING, dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

from engine.errors import ConfigError


def _require(condition: bool, sentence: str) -> None:
    if not condition:
        raise ConfigError(sentence)


def _require_positive(config: Any, may_be_zero: tuple[str, ...] = ()) -> None:
    for f in dataclasses.fields(config):
        value = getattr(config, f.name)
        if isinstance(value, int | float):
            least = "at least 0" if f.name in may_be_zero else "positive"
            enough = value > 0 or (value == 0 and f.name in may_be_zero)
            _require(enough, f"{f.name} must be {least}, not {value}")


@dataclass(frozen=True, slots=True)
class CodecConfig:
    """Hierarchical RVQ tokenizer: log-mel and learned hop features, causal encoder, 32 codebooks, ISTFT decoder.

    A frame is `hops_per_frame` hops; two 30 ms device chunks make one 60 ms frame. `window_samples` is the encoder's
    analysis window and, where `synthesis_window_samples` is 0, the decoder's too; tokens depend on the first alone.
    """

    sample_rate_hz: int = 24_000
    hop_samples: int = 240
    hops_per_frame: int = 6
    window_samples: int = 960
    synthesis_window_samples: int = 0
    mels: int = 80
    codebooks: int = 32
    semantic_codebooks: int = 10
    codebook_size: int = 256
    lookup_width: int = 8
    latent_width: int = 128
    encoder_width: int = 256
    encoder_blocks: int = 4
    decoder_width: int = 256
    decoder_blocks: int = 6
    block_expansion: int = 3
    kernel: int = 7
    transformer_width: int = 384
    transformer_heads: int = 6
    encoder_layers: int = 2
    decoder_layers: int = 2
    attention_window: int = 32
    phone_classes: int = 41

    def __post_init__(self) -> None:
        _require_positive(self, ("synthesis_window_samples",))
        _require(
            0 < self.semantic_codebooks < self.codebooks,
            "semantic_codebooks must lie between 1 and codebooks - 1, since acoustic books quantise what they leave",
        )
        _require(
            self.codebook_size <= 256, "codebook_size above 256 does not fit the corpus' 8-bit token files"
        )
        _require(
            self.window_samples % self.hop_samples == 0,
            "window_samples must be a whole number of hops, since the encoder's windows end with them",
        )
        _require(
            self.synthesis_window % self.hop_samples == 0 and self.synthesis_window >= 2 * self.hop_samples,
            "synthesis_window_samples must be at least two whole hops, or the overlap-add would not be constant",
        )
        _require(
            self.transformer_width % self.transformer_heads == 0,
            "transformer_width must be divisible by transformer_heads",
        )
        _require(
            self.transformer_width // self.transformer_heads % 2 == 0,
            "transformer_width / transformer_heads must be even for rotary positions",
        )
        _require(
            self.frame_samples % self.quarters_per_frame == 0,
            f"a frame (hop_samples x hops_per_frame) must divide into {self.quarters_per_frame} equal parts",
        )

    @property
    def frame_samples(self) -> int:
        """Samples in one frame."""
        return self.hop_samples * self.hops_per_frame

    @property
    def frame_rate_hz(self) -> float:
        """Frames a second."""
        return self.sample_rate_hz / self.frame_samples

    @property
    def frame_ms(self) -> float:
        """Milliseconds in one frame."""
        return 1000.0 * self.frame_samples / self.sample_rate_hz

    @property
    def synthesis_window(self) -> int:
        """Samples in the decoder's window."""
        return self.synthesis_window_samples or self.window_samples

    @property
    def delay_samples(self) -> int:
        """Samples by which decoded audio trails the encoder's input (the overlap of the synthesis window)."""
        return self.synthesis_window - self.hop_samples

    @property
    def analysis_past_samples(self) -> int:
        """Samples of the past that the encoder's next window reaches back to."""
        return self.window_samples - self.hop_samples

    @property
    def quarters_per_frame(self) -> int:
        """Alignment resolution: quarters of a frame (15 ms at the default frame)."""
        return 4

    @property
    def quarter_samples(self) -> int:
        """Samples in one quarter of a frame."""
        return self.frame_samples // self.quarters_per_frame


@dataclass(frozen=True, slots=True)
class AudioConfig:
    """How a conversation's devices are opened: one rate for both, and the block in which everything is heard."""

    rate_hz: int = 48_000
    block_ms: float = 10.0

    def __post_init__(self) -> None:
        _require_positive(self)
        _require(
            (self.rate_hz * self.block_ms / 1000.0).is_integer(),
            "rate_hz and block_ms must make a whole number of samples",
        )

    @property
    def block_samples(self) -> int:
        """Samples in one block."""
        return round(self.rate_hz * self.block_ms / 1000.0)


@dataclass(frozen=True, slots=True)
class MemoryConfig:
    """Dual conversational memory: time constants in seconds, bounded slots, heads of each bank."""

    semantic_tau_s: float = 30.0
    prosodic_tau_s: float = 5.0
    slots: int = 32
    heads: int = 8
    prosodic_features: int = 8
    drop_below: float = 0.01

    def __post_init__(self) -> None:
        _require_positive(self)
        _require(0 < self.drop_below < 1, "drop_below is a weight and must lie between 0 and 1")


@dataclass(frozen=True, slots=True)
class SpeechModelConfig:
    """Conversational speech model: backbone over frames, depth decoder over codebooks, text encoder over units.

    `codebooks`, `semantic_codebooks`, `codebook_size`, `quarters_per_frame`, `phone_classes` and `frame_s` must agree
    with the codec's (checked on loading).
    """

    name: str
    width: int
    layers: int
    heads: int
    kv_heads: int
    ffn: int
    depth_width: int
    depth_layers: int
    depth_heads: int
    depth_kv_heads: int
    depth_ffn: int
    text_width: int
    text_layers: int
    text_heads: int
    text_ffn: int
    codebooks: int = 32
    semantic_codebooks: int = 10
    codebook_size: int = 256
    audio_embedding_width: int = 0
    text_window_units: int = 256
    voice_window_frames: int = 2048
    rollback_margin: int = 64
    speakers: int = 64
    phone_classes: int = 41
    max_duration_quarters: int = 64
    quarters_per_frame: int = 4
    frame_s: float = 0.06
    rope_base: float = 10_000.0
    memory_write_layer: int = 0
    memory_read_layers: tuple[int, ...] = ()
    memory: MemoryConfig = field(default_factory=MemoryConfig)

    def __post_init__(self) -> None:
        _require_positive(self, ("audio_embedding_width", "memory_write_layer"))
        for width, heads, kv, what in (
            (self.width, self.heads, self.kv_heads, "backbone"),
            (self.depth_width, self.depth_heads, self.depth_kv_heads, "depth decoder"),
            (self.text_width, self.text_heads, self.text_heads, "text encoder"),
        ):
            _require(width % heads == 0, f"the {what}'s width must be divisible by its heads")
            _require((width // heads) % 2 == 0, f"the {what}'s head width must be even for rotary positions")
            _require(heads % kv == 0, f"the {what}'s heads must be a multiple of its key/value heads")
        _require(
            0 < self.semantic_codebooks < self.codebooks,
            "semantic_codebooks must lie between 1 and codebooks - 1",
        )
        _require(
            all(self.memory_write_layer < layer < self.layers for layer in self.memory_read_layers),
            "memory_read_layers must be blocks after memory_write_layer, the one that writes what is read",
        )
        _require(self.memory_write_layer < self.layers, "memory_write_layer must be one of the blocks")
        _require(
            self.width % self.memory.heads == 0,
            "the backbone's width must be divisible by the memory's heads",
        )

    @property
    def audio_width(self) -> int:
        """Width of the audio code table; 0 in the file means the backbone's own width."""
        return self.audio_embedding_width or self.width


ConfigT = TypeVar("ConfigT")


def from_mapping(cls: type[ConfigT], values: dict[str, Any], source: str) -> ConfigT:
    """Build the frozen dataclass `cls` from `values`; unknown or missing keys raise `ConfigError` naming `source`."""
    hints = get_type_hints(cls)
    fields = {f.name: f for f in dataclasses.fields(cls)}  # type: ignore[arg-type]
    unknown = sorted(set(values) - set(fields))
    if unknown:
        raise ConfigError(f"{source}: unknown key {unknown[0]!r} (known: {', '.join(sorted(fields))})")
    for name, f in fields.items():
        if name not in values and f.default is MISSING and f.default_factory is MISSING:
            raise ConfigError(f"{source}: the key {name!r} is missing")
    built = {key: _checked(hints[key], key, value, source) for key, value in values.items()}
    try:
        return cls(**built)
    except ConfigError as error:
        raise ConfigError(f"{source}: {error}") from error


def _checked(hint: Any, key: str, value: Any, source: str) -> Any:
    """`value` as the type `hint`: tables become dataclasses, lists tuples, whole numbers floats."""
    kind, wanted = get_origin(hint) or hint, getattr(hint, "__name__", str(hint))
    if dataclasses.is_dataclass(hint):
        if isinstance(value, dict):
            return from_mapping(cast(type, hint), value, f"{source}, [{key}]")
        wanted = "a table"
    elif kind is tuple:
        element = get_args(hint)[0]
        if isinstance(value, list) and all(type(item) is element for item in value):
            return tuple(value)
        wanted = f"a list of {element.__name__}"
    elif kind is float and type(value) is int:
        return float(value)
    elif kind in (int, float, str, bool, dict):
        if type(value) is kind:
            return value
    else:
        return value
    raise ConfigError(f"{source}: {key} must be {wanted}, not {value!r}")


def to_mapping(config: Any) -> dict[str, Any]:
    """The inverse of `from_mapping`, fit for TOML or JSON."""
    return {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in dataclasses.asdict(config).items()
    }


def load_config(cls: type[ConfigT], path: Path) -> ConfigT:
    """Read one TOML file into `cls`. Errors name the file."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"there is no configuration file {path}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML ({error})") from error
    return from_mapping(cls, values, str(path))
