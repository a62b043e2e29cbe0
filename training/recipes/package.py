"""Recipe: put a trained codec and model together as a voice folder with its card.

    python -m training package --codec F --model F --out resources/voices/NAME --name NAME --speaker S

Writes the weights, the card and a sample; what it wrote is loaded and spoken with before it says so.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import numpy as np
import soundfile

from engine.codec import load_codec
from engine.model import load_model
from engine.runtime import Synthesiser, load_voice
from engine.runtime.voices import CARD, CODEC, MODEL, TEXT
from engine.text import SYMBOLS

SAMPLE = "Hello, I am Sotto. I speak and I listen, and whatever you tell me stays on this machine."


def write_card(folder: Path, name: str, speaker: str, description: str, licence: str, training: str) -> None:
    """`voice.toml` from what the weight files say of themselves."""
    codec = load_codec(folder / CODEC)
    model, about = load_model(folder / MODEL)
    untrained = ["user frames", "reference encoder"]
    if not about["memory_trained"]:
        untrained += ["memory reads", "manner from prosodic memory"]
    config = codec.config
    lines = [
        f"name = {json.dumps(name)}",
        'kind = "sotto"',
        f"licence = {json.dumps(licence)}",
        f"description = {json.dumps(description)}",
        f"speaker = {json.dumps(speaker)}",
        f"sample_rate_hz = {config.sample_rate_hz}",
        f"frame_rate_hz = {config.frame_rate_hz:.4f}",
        f"codebooks = {config.codebooks}",
        f"context_frames = {about['trained_frames']}",
        f"untrained = {json.dumps(untrained)}",
        "",
        "[provenance]",
        f"training = {json.dumps(training)}",
        f"preset = {json.dumps(model.config.name)}",
        f"parameters = {sum(p.numel() for p in model.parameters())}",
        f"codec_parameters = {sum(p.numel() for p in codec.parameters())}",
        f"model_minutes = {about['trained_minutes']}",
        "",
    ]
    (folder / CARD).write_text("\n".join(lines), encoding="utf-8")


def main(argv: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m training package", description=__doc__)
    parser.add_argument("--codec", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--speaker", required=True)
    parser.add_argument("--description", default="")
    parser.add_argument("--licence", default="Apache-2.0")
    parser.add_argument("--training", default="", help="one sentence on the data and the run")
    args = parser.parse_args(argv)
    args.out.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(args.codec, args.out / CODEC)
    shutil.copyfile(args.model, args.out / MODEL)
    (args.out / TEXT).write_text(
        json.dumps(
            {"language": "en-US", "dictionary": "resources/text/cmudict.txt.gz", "symbols": SYMBOLS}, indent=1
        )
    )
    write_card(args.out, args.name, args.speaker, args.description, args.licence, args.training)
    voice = load_voice(args.out, "cpu")
    chunks = [chunk.samples for chunk in Synthesiser(voice).stream(SAMPLE)]
    soundfile.write(args.out / "sample.wav", np.concatenate(chunks), voice.sample_rate_hz)
    print(json.dumps({"voice": str(args.out), "seconds": sum(map(len, chunks)) / voice.sample_rate_hz}))
    return 0
