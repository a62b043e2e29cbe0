"""The tokenizer: hierarchical RVQ codec, causal and streaming, state as a value."""

from engine.codec.codec import Codec, StreamDecoder
from engine.codec.decoder import DecoderState
from engine.codec.encoder import EncoderState
from engine.codec.quantiser import Quantised
from engine.codec.store import load_codec, save_codec

__all__ = [
    "Codec",
    "DecoderState",
    "EncoderState",
    "Quantised",
    "StreamDecoder",
    "load_codec",
    "save_codec",
]
