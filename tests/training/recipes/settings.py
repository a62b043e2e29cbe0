"""Sizes of the small runs, shared by the tests and by the processes that they kill."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch

from engine.codec import Codec, load_codec
from engine.config import CodecConfig, SpeechModelConfig
from engine.model import SpeechModel
from tests.fixtures.tiny_models import TINY_CODEC, TINY_MODEL
from training.data.speech_rows import read_tokens
from training.recipes import codec as codec_recipe
from training.recipes import speech as speech_recipe
from training.recipes.run import Budget, Run

SMALL_CODEC: CodecConfig = replace(
    TINY_CODEC,
    mels=40,
    codebooks=6,
    semantic_codebooks=3,
    codebook_size=32,
    lookup_width=6,
    latent_width=32,
    encoder_width=48,
    encoder_blocks=1,
    decoder_width=64,
    transformer_width=64,
    attention_window=16,
)
SMALL_MODEL: SpeechModelConfig = replace(
    TINY_MODEL,
    width=64,
    ffn=128,
    depth_width=32,
    depth_ffn=64,
    text_width=32,
    text_ffn=64,
    codebooks=SMALL_CODEC.codebooks,
    semantic_codebooks=SMALL_CODEC.semantic_codebooks,
    codebook_size=SMALL_CODEC.codebook_size,
    audio_embedding_width=32,
)


def train_codec(
    corpus: Path,
    folder: Path,
    steps: int,
    checkpoint_every_s: float = 1e9,
    start: Codec | None = None,
    decoder_only: bool = False,
) -> Codec:
    """A codec run, every step of it logged, on one thread so that it repeats exactly."""
    torch.set_num_threads(1)
    return codec_recipe.train(
        corpus,
        Run(folder, checkpoint_every_s),
        SMALL_CODEC,
        Budget(steps=steps),
        batch_size=2,
        frames=10,
        peak_lr=2e-3,
        log_every=1,
        validate_every=10_000,
        start=start,
        decoder_only=decoder_only,
    )


def train_speech(
    tokens: Path,
    codec: Path,
    folder: Path,
    steps: int,
    checkpoint_every_s: float = 1e9,
    start: SpeechModel | None = None,
) -> None:
    """A speech run, every step of it logged, on one thread so that it repeats exactly."""
    torch.set_num_threads(1)
    plan = speech_recipe.Plan(
        rows=2,
        frames=48,
        peak_lr=3e-3,
        memory=True,
        log_every=1,
        validate_every=10_000,
        speak_every=10_000,
        speak_sentences=2,
    )
    model, speakers = speech_recipe.train(
        read_tokens(tokens),
        load_codec(codec),
        Run(folder, checkpoint_every_s),
        SMALL_MODEL,
        Budget(steps=steps),
        plan,
        start=start,
    )
    about = {"speakers": speakers, "trained_frames": 48, "memory_trained": True, "trained_minutes": 0.0}
    speech_recipe.save_model(folder / "model.safetensors", model, load_codec(codec).token_hash(), about)
