"""Random crops for the codec: clean and augmented audio, phones and prosody per frame.

Crops start on quarter-frame boundaries, so labels are array slices. The encoder hears the augmented side only.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.config import CodecConfig
from engine.errors import SottoError
from training.data import augmentation
from training.data.corpus import Corpus, Utterance
from training.data.durations import quarter_labels
from training.data.prosody import cache_path, cache_prosody, voicing_step


@dataclass(frozen=True, slots=True)
class _Item:
    utterance: Utterance
    prosody_start: int
    voicing_start: int


class CodecBatches:
    """Draws batches {clean, noisy (B, S), phones (B, T, Q), prosody (B, T, 3), pitch (B, T Q, 2), voiced (B, H)}
    with a torch generator. pitch: log2(F0 / 128 Hz) and whether it is voiced, for every quarter. voiced: for every hop,
    about its first sample.
    """

    def __init__(
        self,
        folder: Path,
        config: CodecConfig,
        batch: int,
        frames: int,
        device: torch.device | None = None,
        augment: bool = True,
    ) -> None:
        self.config, self.batch, self.frames, self.augment = config, batch, frames, augment
        self.device = device or torch.device("cpu")
        self.corpus = Corpus(folder)
        cache_prosody(folder, sorted({u.shard for u in self.corpus.utterances}), config)
        self.prosody: dict[int, NDArray[np.float16]] = {}
        self.voicing: dict[int, NDArray[np.uint8]] = {}
        self.phones: dict[str, NDArray[np.int8]] = {}
        offsets: dict[int, tuple[int, int]] = {}
        groups: dict[str, list[_Item]] = {"train": [], "valid": []}
        for utterance in self.corpus.utterances:
            starts = offsets.get(utterance.shard, (0, 0))
            quarters = utterance.samples // config.quarter_samples
            steps = utterance.samples // voicing_step(config)
            offsets[utterance.shard] = (starts[0] + quarters, starts[1] + steps)
            enough = quarters > frames * config.quarters_per_frame
            if enough and utterance.split in groups:
                groups[utterance.split].append(_Item(utterance, *starts))
        for shard in offsets:
            self.prosody[shard] = np.load(cache_path(folder, shard, "prosody"))
            self.voicing[shard] = np.load(cache_path(folder, shard, "voicing"))
        if not groups["train"]:
            raise SottoError(f"{folder} holds no training utterance longer than {frames} frames")
        self.train, self.valid = groups["train"], groups["valid"] or groups["train"][-4:]
        self.odds = torch.tensor([float(item.utterance.samples) for item in self.train])

    def draw(self, rng: torch.Generator) -> dict[str, Tensor]:
        """A training batch, augmented unless the batches were asked not to."""
        chosen = torch.multinomial(self.odds, self.batch, replacement=True, generator=rng)
        return self._collate([self.train[int(i)] for i in chosen], rng, self.augment)

    def held_out_batches(self, count: int) -> list[dict[str, Tensor]]:
        """The same held-out crops every time, not augmented."""
        rng = torch.Generator().manual_seed(1)
        picks = [torch.randint(0, len(self.valid), (self.batch,), generator=rng) for _ in range(count)]
        return [self._collate([self.valid[int(i)] for i in pick], rng, augment=False) for pick in picks]

    def _labels(self, utterance: Utterance) -> NDArray[np.int8]:
        if utterance.id not in self.phones:
            self.phones[utterance.id] = quarter_labels(
                utterance, utterance.samples // self.config.quarter_samples, self.config
            ).astype(np.int8)
        return self.phones[utterance.id]

    def _voiced(self, item: _Item, start: int) -> Tensor:
        """Whether each hop (H,) of the crop that begins with quarter `start` is voiced within half a hop of its first
        sample, about which its window lies."""
        config, step = self.config, voicing_step(self.config)
        track = self.voicing[item.utterance.shard][item.voicing_start :][: item.utterance.samples // step]
        near = np.pad(track, 1)
        near = near[:-2] | near[1:-1] | near[2:]
        hops = np.arange(self.frames * config.hops_per_frame) * config.hop_samples
        places = (start * config.quarter_samples + hops) // step
        return torch.from_numpy(near[places].astype(np.float32))

    def _collate(self, items: list[_Item], rng: torch.Generator, augment: bool) -> dict[str, Tensor]:
        config, per_frame = self.config, self.config.quarters_per_frame
        clean, phones, prosody, voiced = [], [], [], []
        for item in items:
            quarters = item.utterance.samples // config.quarter_samples
            start = int(torch.randint(0, quarters - self.frames * per_frame + 1, (1,), generator=rng))
            stop = start + self.frames * per_frame
            audio = self.corpus.audio(item.utterance)
            clean.append(
                torch.from_numpy(audio[start * config.quarter_samples : stop * config.quarter_samples])
            )
            phones.append(torch.from_numpy(self._labels(item.utterance)[start:stop]))
            stored = self.prosody[item.utterance.shard][
                item.prosody_start + start : item.prosody_start + stop
            ]
            prosody.append(torch.from_numpy(stored.astype(np.float32)))
            voiced.append(self._voiced(item, start))
        wave = torch.stack(clean)
        track = torch.stack(prosody).view(len(items), self.frames, per_frame, 3)
        batch = {
            "clean": wave,
            "noisy": wave,
            "phones": torch.stack(phones).long().view(len(items), self.frames, per_frame),
            "prosody": _frame_prosody(track),
            "pitch": track[..., :2].flatten(1, 2),
            "voiced": torch.stack(voiced),
        }
        if augment:
            batch = _augment(batch, config, rng)
        return {name: tensor.to(self.device) for name, tensor in batch.items()}


def _frame_prosody(quarters: Tensor) -> Tensor:
    """(B, T, Q, 3) to (B, T, 3): pitch over the voiced quarters, share voiced, mean energy."""
    voiced = quarters[..., 1]
    pitch = (quarters[..., 0] * voiced).sum(-1) / voiced.sum(-1).clamp_min(1.0)
    return torch.stack((pitch, voiced.mean(-1), quarters[..., 2].mean(-1)), dim=-1)


def _augment(batch: dict[str, Tensor], config: CodecConfig, rng: torch.Generator) -> dict[str, Tensor]:
    """Gain on both sides; a room and a microphone for the encoder alone."""
    gain_db = augmentation.draw_gain_db(len(batch["clean"]), rng)
    clean = (batch["clean"] * 10.0 ** (gain_db / 20.0)).clamp(-1.0, 1.0)
    prosody = batch["prosody"].clone()
    prosody[..., 2] += gain_db / 20.0
    noisy = augmentation.as_heard(clean, config.sample_rate_hz, rng)
    return {**batch, "clean": clean, "noisy": noisy, "prosody": prosody}
