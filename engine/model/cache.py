"""A bounded cache of keys and values, time first: what is visible is one contiguous stretch, for any runtime.

Owned by one stream state; knows nothing of models.
"""

from __future__ import annotations

import torch
from torch import Tensor


class KeyValueCache:
    """Keys and values of the last entries: appended at the end, moved to the front when full.

    What lies within `window` + `margin` of the end is kept, so that the last `margin` entries can be taken back.
    `pair` (2, capacity, H, d) holds keys, then values. `revision` rises with every change, so that who keeps a copy
    knows whether it is still one.
    """

    def __init__(self, heads: int, width: int, window: int, margin: int, device: torch.device) -> None:
        self.window, self.kept = window, window + margin
        self.pair = torch.zeros(2, 2 * self.kept, heads, width, device=device)
        self.end = 0
        self.count = 0
        self.revision = 0

    def append(self, key: Tensor, value: Tensor) -> None:
        """Add n entries (1, H, n, d); n must not exceed what is kept."""
        self.append_pair(torch.stack((key[0], value[0])).transpose(1, 2))

    def append_pair(self, fresh: Tensor) -> None:
        """Add n entries given as (2, n, H, d), the layout they are kept in."""
        count = fresh.shape[1]
        if self.end + count > self.pair.shape[1]:
            self.pair[:, : self.kept] = self.pair[:, self.end - self.kept : self.end].clone()
            self.end = self.kept
        self.pair[:, self.end : self.end + count] = fresh
        self.end += count
        self.count += count
        self.revision += 1

    def span(self, window: int | None = None) -> tuple[int, int]:
        """Where in `pair` the last min(`window`, own window) entries lie: first, and one after the last."""
        reach = self.window if window is None else min(window, self.window)
        return max(0, self.end - reach), self.end

    def visible(self, window: int | None = None) -> tuple[Tensor, Tensor]:
        """Views (1, H, n, d) of the last min(`window`, own window) keys and values."""
        begin, end = self.span(window)
        key, value = self.pair[:, begin:end].transpose(1, 2).unsqueeze(1)
        return key, value

    def rollback(self, count: int) -> None:
        """Forget all entries after the first `count`."""
        gone = self.count - count
        if gone < 0 or gone > self.end:
            raise ValueError(f"cannot take back {gone} entries of {self.end}")
        self.end -= gone
        self.count = count
        self.revision += 1

    def forget(self) -> None:
        """Let go of all entries; those to come are counted on."""
        self.end = 0
        self.revision += 1

    def clone(self, device: torch.device | None = None) -> KeyValueCache:
        """An independent copy, on another device where one is named."""
        copy = object.__new__(KeyValueCache)
        copy.window, copy.kept, copy.end, copy.count = self.window, self.kept, self.end, self.count
        copy.revision = self.revision
        copy.pair = self.pair.to(device or self.pair.device, copy=True)
        return copy
