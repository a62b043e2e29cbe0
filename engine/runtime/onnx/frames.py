"""The frame runner on onnxruntime: weights are written into two graphs once, states stay torch tensors.

Runs on the engine thread. Holds nothing of a stream but a memo of the projected memory slots.
"""

from __future__ import annotations

import torch
from torch import Tensor

from engine.memory import Bank, MemoryRead, MemoryState
from engine.model import FrameInput, Sampling, SpeechModel, StreamState
from engine.model.backbone import Block
from engine.model.cache import KeyValueCache
from engine.runtime.onnx.backbone_graph import backbone_graph
from engine.runtime.onnx.depth_graph import depth_graph
from engine.runtime.onnx.graph import Precision
from engine.runtime.onnx.session import Rows, Session

BANKS = ("semantic", "prosodic")


class OnnxFrames:
    """Fulfils `engine.model.FrameRunner` on the CPU."""

    def __init__(self, model: SpeechModel, precision: Precision = "int8") -> None:
        self.model, self.precision = model, precision
        config = model.config
        self._backbone = Session(backbone_graph(model, precision))
        self._depth = Session(depth_graph(model, precision))
        self._forced: Session | None = None
        self._memory = _ProjectedMemory(model)
        kv_width = config.kv_heads * (config.width // config.heads)
        self._kv_width = kv_width
        self._fresh = torch.empty(2 * config.layers, kv_width)
        self._pairs = self._fresh.view(config.layers, 2, 1, config.kv_heads, -1)
        no_text = torch.zeros(1, kv_width)
        self._no_text = Rows(no_text, no_text.data_ptr(), (1, kv_width))
        self._names = {
            kind: [(f"{kind}_keys.{layer}", f"{kind}_values.{layer}") for layer in range(config.layers)]
            for kind in ("voice", "text")
        }
        self._kinds = torch.arange(3).view(3, 1)
        self._absent = {
            "spoken": torch.zeros(config.quarters_per_frame, config.text_width),
            "elapsed": torch.zeros(config.quarters_per_frame, dtype=torch.long),
            "remaining": torch.zeros(config.quarters_per_frame, dtype=torch.long),
            "present": torch.zeros(1),
        }
        self._present = torch.ones(1)
        self._drawn: tuple[Sampling, dict[str, Tensor]] | None = None

    @property
    def providers(self) -> list[str]:
        """What computes, as onnxruntime names it."""
        return self._backbone.providers

    def step(self, state: StreamState, inputs: FrameInput) -> tuple[Tensor, Tensor]:
        """See `FrameRunner`."""
        hidden, written = (torch.empty(1, 1, self.model.config.width) for _ in range(2))
        bound: dict[str, Tensor | Rows] = {
            "previous": inputs.previous,
            "kind": self._kinds[inputs.kind],
            "speaker": inputs.speaker.view(1),
            "position": torch.tensor([[float(state.mark.frame)]]),
            "unit": inputs.unit.to(torch.float32).view(1, 1),
        }
        if inputs.spoken is None:
            bound |= self._absent
        else:
            spoken = inputs.spoken
            bound["spoken"], bound["present"] = spoken.encodings, self._present
            bound["elapsed"], bound["remaining"] = spoken.elapsed, spoken.remaining
        for names, voice in zip(self._names["voice"], state.voice, strict=True):
            # One less than the window: the step's own key is the last one.
            bound |= zip(names, self._rows(voice, voice.window - 1), strict=True)
        for names, text in zip(self._names["text"], state.text, strict=True):
            units = self._rows(text, text.window)
            bound |= zip(names, units if units[0].shape[0] else (self._no_text,) * 2, strict=True)
        bound |= self._memory.of(state.mark.memory, state.now_s)
        self._backbone.run(bound, {"hidden": hidden, "written": written, "fresh": self._fresh})
        for cache, pair in zip(state.voice, self._pairs, strict=True):
            cache.append_pair(pair)
        return hidden[0], written[0, 0]

    def _rows(self, cache: KeyValueCache, window: int) -> tuple[Rows, Rows]:
        """The last `window` keys and values, as they lie."""
        begin, end = cache.span(window)
        pair, width = cache.pair, self._kv_width
        keys = pair.data_ptr() + begin * width * pair.element_size()
        values = keys + pair.shape[1] * width * pair.element_size()
        shape = (end - begin, width)
        return Rows(pair, keys, shape), Rows(pair, values, shape)

    def choose(self, hidden: Tensor, sampling: Sampling, noise: Tensor, books: int) -> Tensor:
        """See `FrameRunner`."""
        codes = torch.full((self.model.config.codebooks,), -1)
        inputs = self._depth_inputs(hidden, sampling, noise, books)
        self._depth.run(inputs, {"codes": codes[:books].view(1, -1)})
        return codes

    def choose_forced(self, hidden: Tensor, sampling: Sampling, noise: Tensor, codes: Tensor) -> Tensor:
        """What would be chosen for each book (K,) after the true `codes` (K,) of the books before it."""
        if self._forced is None:
            self._forced = Session(depth_graph(self.model, self.precision, teacher_forced=True))
        chosen = torch.empty_like(codes)
        inputs = self._depth_inputs(hidden, sampling, noise, len(codes))
        self._forced.run(inputs | {"forced": codes}, {"codes": chosen.view(1, -1)})
        return chosen

    def _depth_inputs(
        self, hidden: Tensor, sampling: Sampling, noise: Tensor, books: int
    ) -> dict[str, Tensor]:
        if self._drawn is None or self._drawn[0] != sampling:
            self._drawn = (sampling, self._rows_of(sampling))
        return self._drawn[1] | {
            "hidden": hidden.view(1, 1, -1),
            "noise": noise,
            "steps": torch.tensor(books - 1),
        }

    def _rows_of(self, sampling: Sampling) -> dict[str, Tensor]:
        """Temperature and top-k of each book, (K, 1) both."""
        config = self.model.config
        semantic = torch.arange(config.codebooks) < config.semantic_codebooks
        temperature = torch.where(semantic, sampling.semantic_temperature, sampling.acoustic_temperature)
        top = torch.where(semantic, sampling.semantic_top_k, sampling.acoustic_top_k)
        return {
            "temperature": temperature.to(torch.float32).view(-1, 1),
            "top_k": top.clamp_max(config.codebook_size).view(-1, 1),
        }


class _ProjectedMemory:
    """Keys and values of every slot in every reading layer. They change once a clause, so they are made once a clause.

    In front of the slots stands the empty one, all zeros: it scores 0 and gives nothing.
    """

    def __init__(self, model: SpeechModel) -> None:
        self._config = model.config
        self._reads: list[tuple[str, int, MemoryRead]] = []
        for layer in model.config.memory_read_layers:
            block = model.backbone.blocks[layer]
            assert isinstance(block, Block)
            self._reads += [("semantic", layer, block.semantic), ("prosodic", layer, block.prosodic)]
        self._memory: MemoryState | None = None
        self._projected: dict[str, Tensor] = {}

    def of(self, memory: MemoryState, now_s: float) -> dict[str, Tensor]:
        """The memory's part of the backbone's inputs at `now_s`."""
        if not self._reads:
            return {}
        if memory is not self._memory:
            self._memory, self._projected = memory, self._project(memory)
        bound: dict[str, Tensor] = {}
        faded: dict[str, int] = {}
        for name, bank in (("semantic", memory.semantic), ("prosodic", memory.prosodic)):
            kept = bank.fade(now_s).slots
            faded[name] = len(bank.slots) - len(kept)
            bound[f"{name}_decay"] = torch.tensor([[0.0, *(bank.decay(slot, now_s) for slot in kept)]])
        for name, tensor in self._projected.items():
            bound[name] = _without_oldest(tensor, faded[name.partition("_")[0]])
        return bound

    def _project(self, memory: MemoryState) -> dict[str, Tensor]:
        projected = {}
        device = torch.device("cpu")
        widths = {"semantic": self._config.width, "prosodic": self._config.memory.prosodic_features}
        banks: dict[str, Bank] = {"semantic": memory.semantic, "prosodic": memory.prosodic}
        for name, layer, read in self._reads:
            pair = read.key_value(banks[name].vectors(device, widths[name]))[0]
            keys, values = torch.nn.functional.pad(pair, (0, 0, 1, 0)).chunk(2, dim=-1)
            projected[f"{name}_keys.{layer}"] = keys.contiguous()
            projected[f"{name}_values.{layer}"] = values.contiguous()
        return projected


def _without_oldest(slots: Tensor, count: int) -> Tensor:
    """`slots` (1 + N, I) without the first `count` after the empty one; slots fade in the order of writing."""
    if not count:
        return slots
    return torch.cat((slots[:1], slots[1 + count :]))
