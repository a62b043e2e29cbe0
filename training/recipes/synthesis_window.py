"""Gives a codec's decoder another synthesis window, so that it can be taught on from where it stands; tokens stay.

A short window follows a plosive that a long one smears. Imports no data and no optimiser.
"""

from __future__ import annotations

from dataclasses import replace

import torch

from engine.codec import Codec
from engine.codec.decoder import FILTERS
from engine.errors import SottoError


@torch.no_grad()
def with_synthesis_window(codec: Codec, samples: int) -> Codec:
    """A copy of `codec` whose decoder writes windows of `samples`, in whole hops and an even fraction of the old one.

    The filters are read at every n-th frequency. A window's middle lies nearer to its hop than before, so the rows
    that make a frame's hops move up by as many; the last ones, which have no successor, stay for training to mend.
    """
    config = codec.config
    if samples == config.synthesis_window:
        return codec
    if config.synthesis_window % samples:
        raise SottoError(
            f"A synthesis window of {samples} samples does not divide the present one of {config.synthesis_window};"
            " choose a fraction of it."
        )
    fraction = config.synthesis_window // samples
    made = Codec(replace(config, synthesis_window_samples=samples))
    weights = codec.state_dict()
    for name in ("decoder.head.weight", "decoder.head.bias"):
        filters = weights[name].view(FILTERS, codec.decoder.bins, *weights[name].shape[1:])
        weights[name] = filters[:, ::fraction].flatten(0, 1)
    moved = (config.synthesis_window - samples) // 2 // config.hop_samples
    order = (torch.arange(config.hops_per_frame) + moved).clamp_max(config.hops_per_frame - 1)
    for name in ("decoder.to_hops.weight", "decoder.to_hops.bias"):
        rows = weights[name].view(config.hops_per_frame, config.decoder_width, *weights[name].shape[1:])
        weights[name] = rows[order].flatten(0, 1)
    made.load_state_dict(weights)
    return made
