"""The walk through a frame's books with sampling, all of it one function over fixed tensors.

The noise is an input, as everywhere: the same seed chooses the same codes. Runs on the engine thread.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.model import Sampling, SpeechModel
from engine.model.depth import DepthLayer
from engine.runtime.books import book_steps
from engine.runtime.cuda.graph import CudaOptions, Step, add_product, graph_pool


class Depth:
    """Chooses the codes of one frame. K books, E entries.

    One graph for each of the numbers of books that a voice steps down to, since a graph's length is fixed; other
    numbers take the next larger one and drop what is too much.
    """

    def __init__(self, model: SpeechModel, options: CudaOptions) -> None:
        self.model, self._options = model, options
        config, depth = model.config, model.depth
        self._device = model.first_head.weight.device
        steps = config.codebooks - 1
        # A code's embedding and its place in the frame never change apart.
        self._table = depth.codes.weight.view(steps, config.codebook_size, -1) + depth.place.unsqueeze(1)
        self._layers = [_Layer(layer, steps, options.dtype) for layer in depth.layers]  # type: ignore[arg-type]
        self._hidden = torch.zeros(1, config.width, device=self._device)
        self._noise = torch.zeros(config.codebooks, config.codebook_size, device=self._device)
        self._temperature = torch.zeros(config.codebooks, 1, device=self._device)
        self._pool = graph_pool(options.graphs)
        self._sampling: Sampling | None = None
        self._walks: dict[int, Step] = {}

    def prepare(self, sampling: Sampling) -> None:
        """Capture the walks for `sampling`, whose top-k decides shapes; nothing to do where it is as before."""
        if sampling == self._sampling:
            return
        config = self.model.config
        semantic = torch.arange(config.codebooks) < config.semantic_codebooks
        degrees = torch.where(semantic, sampling.semantic_temperature, sampling.acoustic_temperature)
        self._temperature.copy_(degrees.view(-1, 1))
        self._sampling = sampling
        self._walks = {
            rung: Step(lambda rung=rung: (self._walk(rung),), self._device, self._options.graphs, self._pool)  # type: ignore[misc]
            for rung in book_steps(config.codebooks, config.semantic_codebooks)
        }

    def choose(self, hidden: Tensor, sampling: Sampling, noise: Tensor, books: int) -> Tensor:
        """See `FrameRunner`."""
        self.prepare(sampling)
        self._hidden.copy_(hidden)
        self._noise.copy_(noise)
        rung = min(rung for rung in self._walks if rung >= books)
        codes = self._walks[rung]()[0].clone()
        if books < rung:
            codes[books:] = -1
        return codes

    def choose_forced(self, hidden: Tensor, sampling: Sampling, noise: Tensor, codes: Tensor) -> Tensor:
        """What would be chosen for each book (K,) after the true `codes` (K,) of the books before it; no graph."""
        self.prepare(sampling)
        self._hidden.copy_(hidden)
        self._noise.copy_(noise)
        return self._walk(len(codes), codes)

    def _walk(self, books: int, forced: Tensor | None = None) -> Tensor:
        """Codes (K,), -1 beyond `books`."""
        assert self._sampling is not None, "prepared before the first walk"
        model, config, sampling = self.model, self.model.config, self._sampling
        codes = torch.full((config.codebooks,), -1, dtype=torch.long, device=self._device)
        # Temperature multiplies the noise instead of dividing the logits: the same argmax, and 0 needs no case.
        noise = self._noise * self._temperature
        state = model.depth.state_in(self._hidden)
        logits = model.first_head(self._hidden)
        for book in range(books):
            if book:
                before = (codes if forced is None else forced)[book - 1 : book]
                logits = self._next_logits(book - 1, before, state)
            top = sampling.semantic_top_k if book < config.semantic_codebooks else sampling.acoustic_top_k
            values, places = logits.topk(min(top, config.codebook_size), dim=-1, sorted=False)
            best = (values + noise[book : book + 1].gather(1, places)).argmax(dim=-1, keepdim=True)
            torch.gather(places, 1, best, out=codes[book].view(1, 1))
        return codes

    def _next_logits(self, step: int, code: Tensor, state: Tensor) -> Tensor:
        """Logits (1, E) of book `step` + 2, given the `code` (1,) before it and the projected `state` (1, W)."""
        depth = self.model.depth
        x = self._table[step].index_select(0, code) + state
        for layer in self._layers:
            layer.add(x, step)
        normed: Tensor = depth.norm(x)
        return normed @ depth.heads[step]


class _Layer:
    """A depth layer's weights and the rows (K - 1, queries + keys + values) of the frame under way."""

    def __init__(self, layer: DepthLayer, steps: int, dtype: torch.dtype) -> None:
        self._attention_norm, self._ffn_norm, self._dtype = layer.attention_norm, layer.ffn_norm, dtype
        self._into = layer.query_key_value.weight.to(dtype)
        self._out, self._up = layer.out.weight.to(dtype), layer.ffn.up.weight.to(dtype)
        self._down = layer.ffn.down.weight.to(dtype)
        self._kv_heads, self._head_width = layer.kv_heads, layer.head_width
        self._rows = torch.zeros(steps, len(self._into), dtype=dtype, device=self._into.device)
        kv_width = layer.kv_heads * layer.head_width
        self._sizes = [len(self._into) - 2 * kv_width, kv_width, kv_width]

    def add(self, x: Tensor, step: int) -> None:
        """Residuals of this layer onto `x` (1, W), in place."""
        normed = self._attention_norm(x).to(self._dtype)
        # The product writes where the keys and values are kept.
        torch.mm(normed, self._into.t(), out=self._rows[step : step + 1])
        queries, keys, values = torch.split(self._rows[: step + 1], self._sizes, dim=-1)
        query = queries[step].view(1, self._kv_heads, -1, self._head_width)
        key, value = (
            kept.view(1, step + 1, self._kv_heads, self._head_width).transpose(1, 2)
            for kept in (keys, values)
        )
        mixed = F.scaled_dot_product_attention(query, key, value)
        add_product(x, mixed.reshape(1, -1), self._out)
        gate, up = F.linear(self._ffn_norm(x).to(self._dtype), self._up).chunk(2, dim=-1)
        add_product(x, F.silu(gate) * up, self._down)
