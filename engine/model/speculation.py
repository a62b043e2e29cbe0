"""Speculation inside a frame: small heads draft a frame's books at once, batched depth passes verify them.

The codes are those of plain decoding, bit for bit: the noise of a book is given, so its draft is either what the depth
decoder would have drawn or wrong (Leviathan et al. 2023, with a coupling by common noise). Knows no runtime but eager
PyTorch. Runs on the engine thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from engine.config import SpeechModelConfig
from engine.errors import VoiceError
from engine.layers import RMSNorm, SwiGLU
from engine.model.frames import FrameInput, TorchFrames
from engine.model.sampling import Sampling
from engine.model.state import StreamState
from engine.weights import read_weights, write_weights

ROUNDING = 2.0**-16
"""By how much of the largest logit a batched pass may round otherwise than a step. The most that was seen is less than
a tenth of it (decision 12)."""

_KIND = "draft heads"


class DraftHeads(nn.Module):
    """Guesses books 2..K of a frame from the backbone's state and its first book, all at once.

    Trained when the speech model is frozen, on what it draws itself: the logits are of the distribution after
    temperature and top-k.
    """

    def __init__(self, config: SpeechModelConfig) -> None:
        super().__init__()
        width = config.depth_width
        self.state_in = nn.Linear(config.width, width, bias=False)
        self.codes = nn.Embedding(config.codebook_size, width)
        self.norm = RMSNorm(width)
        self.ffn = SwiGLU(width, config.depth_ffn)
        self.out_norm = RMSNorm(width)
        self.heads = nn.Linear(width, (config.codebooks - 1) * config.codebook_size, bias=False)

    def forward(self, state: Tensor, first: Tensor) -> Tensor:
        """Logits (N, K-1, entries) for the backbone's `state` (N, D) and the codes (N,) of book 1."""
        x = self.state_in(state) + self.codes(first)
        x = x + self.ffn(self.norm(x))
        logits: Tensor = self.heads(self.out_norm(x))
        return logits.view(len(x), -1, self.codes.num_embeddings)


def save_draft(path: Path, heads: DraftHeads, model: str) -> None:
    """Write `heads` rounded to bf16, bound to the speech model whose weights have the hash `model`."""
    write_weights(path, heads.state_dict(), {"kind": _KIND, "model": model})


def load_draft(path: Path, config: SpeechModelConfig, model: str, device: torch.device) -> DraftHeads:
    """Read the heads for the speech model whose weights have the hash `model`.

    Raises VoiceError when the file is not intact or was made for other weights.
    """
    tensors, about = read_weights(path)
    if about.get("kind") != _KIND:
        raise VoiceError(f"{path} holds a {about.get('kind', 'file of unknown kind')}, not {_KIND}")
    if about.get("model") != model:
        raise VoiceError(
            f"{path} was made for other weights of the speech model; remove it, the voice speaks without it, or make "
            "it anew with `python -m training draft`"
        )
    heads = DraftHeads(config)
    try:
        heads.load_state_dict(tensors)
    except RuntimeError as error:
        raise VoiceError(f"{path} does not fit its speech model; install the voice again") from error
    return heads.to(device).eval().requires_grad_(False)


@dataclass(frozen=True, slots=True, eq=False)
class Speculated:
    """Codes (K,) of a frame, the books that each verifying pass settled, and whether the books were too close to call
    and the frame was made plainly after all."""

    codes: Tensor
    settled: tuple[int, ...]
    plain: bool


class SpeculativeFrames:
    """Fulfils `engine.model.FrameRunner`: `plain` with its walk through the books shortened.

    Without `heads` the first drafts are arbitrary; the later ones are as good, since they come from the passes. A pass
    goes over at most `window` books; None is all that are left.
    """

    def __init__(self, plain: TorchFrames, heads: DraftHeads | None, window: int | None = None) -> None:
        self.plain, self.heads = plain, heads
        self.window = window or plain.model.config.codebooks
        self._rows: tuple[Sampling, Tensor, Tensor] | None = None

    def step(self, state: StreamState, inputs: FrameInput) -> tuple[Tensor, Tensor]:
        """See `FrameRunner`."""
        return self.plain.step(state, inputs)

    def choose(self, hidden: Tensor, sampling: Sampling, noise: Tensor, books: int) -> Tensor:
        """See `FrameRunner`."""
        return self.speculate(hidden, sampling, noise, books).codes

    def speculate(self, hidden: Tensor, sampling: Sampling, noise: Tensor, books: int) -> Speculated:
        """As `choose`, and what it took."""
        model = self.plain.model
        temperature, top = self._sampling_rows(sampling, hidden.device)
        noise = noise.float()
        codes = torch.full((model.config.codebooks,), -1, dtype=torch.long, device=hidden.device)
        # The first book is the backbone's own, made as plain decoding makes it.
        codes[:1] = sampling.choose(model.first_head(hidden), noise[:1], semantic=True)
        self._draft(hidden, noise, codes[:books])
        walk = model.depth.start(hidden)
        done = 1
        settled: list[int] = []
        while done < books:
            rows = slice(done, min(books, done + self.window))
            logits = walk.following_logits(codes[None, rows.start - 1 : rows.stop - 1])[0]
            chosen, sure = choose_surely(logits, noise[rows], temperature[rows], top[rows])
            # The first rejected book takes the depth decoder's own choice, and so does the last one.
            right = _first((chosen[:-1] != codes[rows][:-1]).tolist()) + 1
            if _first((~sure).tolist()) < right:
                codes = self.plain.choose(hidden, sampling, noise, books)
                return Speculated(codes, tuple(settled), True)
            # What was chosen behind a rejected book had nearly the right past: the best draft there is.
            codes[rows] = chosen
            done += right
            settled.append(right)
            walk.rewind(done - 1)
        return Speculated(codes, tuple(settled), False)

    def _draft(self, hidden: Tensor, noise: Tensor, codes: Tensor) -> None:
        """Fill in books 2.. of `codes` (k,) after the first."""
        if self.heads is None:
            codes[1:] = 0
        else:
            logits = self.heads(hidden, codes[:1])[0, : len(codes) - 1]
            codes[1:] = (logits + noise[1 : len(codes)]).argmax(dim=-1)

    def _sampling_rows(self, sampling: Sampling, device: torch.device) -> tuple[Tensor, Tensor]:
        """Temperature and top-k of each book, (K, 1) both."""
        if self._rows is None or self._rows[0] != sampling:
            config = self.plain.model.config
            semantic = (torch.arange(config.codebooks, device=device) < config.semantic_codebooks).view(-1, 1)
            temperature = torch.where(semantic, sampling.semantic_temperature, sampling.acoustic_temperature)
            top = torch.where(semantic, sampling.semantic_top_k, sampling.acoustic_top_k)
            self._rows = sampling, temperature.float(), top.clamp_max(config.codebook_size)
        return self._rows[1:]


def choose_surely(
    logits: Tensor, noise: Tensor, temperature: Tensor, top: Tensor, rounding: float = ROUNDING
) -> tuple[Tensor, Tensor]:
    """Codes (L,) that `Sampling.choose` draws, and whether it draws them however the logits were rounded, (L,) bool.

    logits, noise (L, E) · temperature, top (L, 1) of each row, `top` at most E. A logit may be off by `rounding` times
    the largest logit or scaled noise of its row.
    """
    drawn = temperature * noise  # argmax(logits / T + noise) = argmax(logits + T noise), also for T = 0
    scale = torch.maximum(logits.abs(), drawn.abs()).amax(dim=-1, keepdim=True)
    slack = 2.0 * rounding * scale
    entries = logits.shape[-1]
    ranked = logits.topk(min(int(top.max()) + 1, entries), dim=-1).values
    lowest_in = ranked.gather(-1, top - 1)
    highest_out = ranked.gather(-1, top.clamp_max(ranked.shape[-1] - 1))
    maybe_in = logits >= lowest_in - slack
    best, places = (logits + drawn).masked_fill(~maybe_in, -torch.inf).topk(min(2, entries), dim=-1)
    code = places[:, :1]
    clear = best[:, :1] - best[:, -1:] > slack
    inside = (logits.gather(-1, code) > highest_out + slack) | (top == entries)
    return code[:, 0], (clear & inside)[:, 0]


def _first(true: list[bool]) -> int:
    """Where the first true one stands; behind the last when there is none."""
    return true.index(True) if True in true else len(true)
