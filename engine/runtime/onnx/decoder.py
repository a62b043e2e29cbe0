"""The codec's decoding half on onnxruntime. States are the reference's own values, so either runtime can go on.

Runs on the engine thread.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from engine.codec import Codec, DecoderState
from engine.codec.decoder import FILTERS
from engine.layers import AttentionCache
from engine.runtime.onnx.decoder_graph import book_table, decoder_graph
from engine.runtime.onnx.graph import array
from engine.runtime.onnx.session import Session


class OnnxDecoder:
    """Fulfils `engine.codec.StreamDecoder` for one stream at a time on the CPU."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        config = codec.config
        self._session = Session(decoder_graph(codec))
        self._filters = torch.empty(1, config.hops_per_frame, FILTERS * codec.decoder.bins)
        self._octaves = torch.empty(1, config.hops_per_frame)
        probe = codec.prosody_probe
        heard = torch.from_numpy(book_table(codec)[: config.semantic_codebooks])
        self._prosody = array(heard @ probe.weight.float().t())
        self._prosody_bias = array(probe.bias)
        self._books = np.arange(config.semantic_codebooks)

    def decoder_state(self, batch: int = 1) -> DecoderState:
        """See `StreamDecoder`."""
        return self._codec.decoder_state(batch)

    def flush(self, state: DecoderState) -> Tensor:
        """See `StreamDecoder`."""
        return self._codec.flush(state)

    def prosody(self, codes: Tensor) -> Tensor:
        """See `StreamDecoder`."""
        rows = self._prosody[self._books, codes.numpy()[..., : len(self._books)] + 1]
        guess = (
            rows.sum(axis=-2) + self._prosody_bias
        )  # a few numbers, for which PyTorch takes ten times as long
        guess[..., 1] = 1.0 / (1.0 + np.exp(-guess[..., 1]))
        return torch.from_numpy(guess)

    def decode_step(self, codes: Tensor, state: DecoderState) -> tuple[Tensor, DecoderState]:
        """See `StreamDecoder`; one stream, B = 1."""
        if codes.shape[0] != 1:
            raise ValueError(f"the onnx decoder takes one stream and got {codes.shape[0]}")
        missing = self._codec.config.codebooks - codes.shape[-1]
        codes = torch.nn.functional.pad(codes, (0, missing), value=-1) if missing else codes
        pieces = []
        for frame in codes[0].contiguous():
            samples, state = self._frame(frame, state)
            pieces.append(samples)
        return pieces[0] if len(pieces) == 1 else torch.cat(pieces, dim=1), state

    def _frame(self, codes: Tensor, state: DecoderState) -> tuple[Tensor, DecoderState]:
        position = state.layers[0].position if state.layers else 0
        inputs = {"codes": codes, "position": torch.tensor([[float(position)]])}
        outputs = {"filters": self._filters, "octaves": self._octaves}
        layers, blocks = [], []
        for index, cache in enumerate(state.layers):
            batch, heads, count, width = cache.keys.shape
            kept = min(count + 1, self._codec.config.attention_window - 1)
            keys, values = (torch.empty(batch, heads, kept, width) for _ in range(2))
            inputs[f"keys.{index}"], inputs[f"values.{index}"] = cache.keys, cache.values
            outputs[f"keys.{index}.out"], outputs[f"values.{index}.out"] = keys, values
            layers.append(AttentionCache(keys, values, cache.position + 1))
        for index, past in enumerate(state.blocks):
            inputs[f"past.{index}"] = past
            outputs[f"past.{index}.out"] = following = torch.empty(past.shape)
            blocks.append(following)
        self._session.run(inputs, outputs)
        state = replace(state, blocks=tuple(blocks), layers=tuple(layers))
        return self._codec.decoder.sound(self._filters, self._octaves, state)
