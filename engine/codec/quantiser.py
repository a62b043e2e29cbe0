"""Residual vector quantisation in two stages, semantic then acoustic (factorised look-ups).

Each book projects the residual to a few dimensions, takes the nearest of its normalised entries and projects back
(Kumar et al. 2023, improved RVQGAN; Yu et al. 2022). The acoustic books quantise what the *detached* semantic
output leaves, so supervision of the semantic books alone decides what they hold. Always float32.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.config import CodecConfig


@dataclass(frozen=True, slots=True)
class Quantised:
    """What training needs of one pass. B batch, T frames, K books, D latent width.

    codes (B, T, K) int64 · latent (B, T, D) sum of the kept books · semantic (B, T, S, D) cumulative outputs of the
    semantic books · acoustic (B, T, D) what all acoustic books add, kept or not · commitment and codebook losses,
    scalars · lookups (K, B*T, lookup_width) for restarting dead codes.
    """

    codes: Tensor
    latent: Tensor
    semantic: Tensor
    acoustic: Tensor
    commitment: Tensor
    codebook: Tensor
    lookups: Tensor


class ResidualQuantiser(nn.Module):
    """All books of the codec; book i < semantic_codebooks is semantic."""

    def __init__(self, config: CodecConfig) -> None:
        super().__init__()
        books, narrow, wide = config.codebooks, config.lookup_width, config.latent_width
        self.books, self.semantic_books = books, config.semantic_codebooks
        self.into = nn.Parameter(torch.randn(books, wide, narrow) * wide**-0.5)
        self.entries = nn.Parameter(F.normalize(torch.randn(books, config.codebook_size, narrow), dim=-1))
        self.out = nn.Parameter(torch.randn(books, narrow, wide) * narrow**-0.5 * 0.5)

    def _nearest(self, lookup: Tensor, book: int) -> Tensor:
        return (F.normalize(lookup, dim=-1) @ F.normalize(self.entries[book], dim=-1).t()).argmax(dim=-1)

    def encode(self, latent: Tensor, books: int | None = None) -> Tensor:
        """Codes (B, T, books) of `latent` (B, T, D)."""
        residual = latent.float()
        codes = []
        for book in range(books or self.books):
            code = self._nearest(residual @ self.into[book], book)
            residual = residual - self.entries[book][code] @ self.out[book]
            codes.append(code)
        return torch.stack(codes, dim=-1)

    def decode(self, codes: Tensor) -> Tensor:
        """Latent (B, T, D) of the first `codes.shape[-1]` books; any prefix of the books is decodable.

        A code of -1 is absent and adds nothing, so that frames of fewer books decode beside whole ones.
        """
        return self.cumulative(codes)[-1]

    def cumulative(self, codes: Tensor) -> list[Tensor]:
        """Sums (B, T, D) of books 1..k for every k."""
        total = torch.zeros((), device=codes.device)
        sums = []
        for book in range(codes.shape[-1]):
            code = codes[..., book]
            entry = self.entries[book][code.clamp_min(0)] * (code >= 0).unsqueeze(-1)
            total = total + entry @ self.out[book]
            sums.append(total)
        return sums

    def forward(self, latent: Tensor, kept_books: Tensor) -> Quantised:
        """Quantise with straight-through gradients; row b keeps its first `kept_books[b]` books (quantiser dropout)."""
        latent = latent.float()
        residual, total, acoustic = latent, torch.zeros_like(latent), torch.zeros_like(latent)
        codes: list[Tensor] = []
        lookups: list[Tensor] = []
        semantic: list[Tensor] = []
        commitment = codebook = latent.new_zeros(())
        for book in range(self.books):
            lookup = residual @ self.into[book]
            code = self._nearest(lookup.detach(), book)
            entry = self.entries[book][code]
            kept = (kept_books > book).to(latent.dtype)[:, None, None]
            commitment = commitment + ((lookup - entry.detach()).square() * kept).mean()
            codebook = codebook + ((entry - lookup.detach()).square() * kept).mean()
            restored = (lookup + (entry - lookup).detach()) @ self.out[book]
            total = total + restored * kept
            if book < self.semantic_books:
                semantic.append(restored if book == 0 else semantic[-1] + restored)
                residual = residual - restored.detach()
            else:
                residual = residual - restored
                acoustic = acoustic + restored
            codes.append(code)
            lookups.append(lookup.detach().flatten(0, 1))
        return Quantised(
            torch.stack(codes, dim=-1),
            total,
            torch.stack(semantic, dim=2),
            acoustic,
            commitment,
            codebook,
            torch.stack(lookups),
        )
