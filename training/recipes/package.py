"""Recipe: put a trained codec and model together as a voice folder with its card.

    python -m training package --codec F --model F --out resources/voices/NAME --name NAME --speaker S
    python -m training package --weights-of NAME --out resources/voices/OTHER --name OTHER --speaker T

The second makes another speaker of the same model a voice of its own: a card and a sample beside the voice that holds
the weights of both.

Writes the weights, the card and a sample into a folder beside OUT, which is loaded and spoken with; only then does it
take the place of OUT, whole. Where anything goes wrong, OUT stays as it was.
"""

from __future__ import annotations

import argparse
import json
import secrets
import shutil
from pathlib import Path

import numpy as np
import soundfile

from engine.codec import load_codec
from engine.errors import SottoError
from engine.model import load_model
from engine.runtime import Synthesiser, load_voice
from engine.runtime.voices import CARD, CODEC, MODEL, TEXT
from engine.text import SYMBOLS

SAMPLE = "Hello, I am Sotto. I speak and I listen, and whatever you tell me stays on this machine."


def write_card(folder: Path, parts: Path, args: argparse.Namespace) -> None:
    """`voice.toml` from what the weight files in `parts` say of themselves."""
    codec = load_codec(parts / CODEC)
    model, about = load_model(parts / MODEL)
    untrained = ["user frames", "manner from prosodic memory"]  # no recipe trains these
    if not about["memory_trained"]:
        untrained.append("memory reads")
    config = codec.config
    lines = [
        f"name = {json.dumps(args.name)}",
        'kind = "sotto"',
        f"licence = {json.dumps(args.licence)}",
        f"description = {json.dumps(args.description)}",
        f"speaker = {json.dumps(args.speaker)}",
        f"sample_rate_hz = {config.sample_rate_hz}",
        f"frame_rate_hz = {config.frame_rate_hz:.4f}",
        f"codebooks = {config.codebooks}",
        f"context_frames = {about['trained_frames']}",
        f"untrained = {json.dumps(untrained)}",
        *([f"weights = {json.dumps(args.weights_of)}"] if args.weights_of else []),
        "",
        "[provenance]",
        f"training = {json.dumps(args.training)}",
        f"preset = {json.dumps(model.config.name)}",
        f"parameters = {sum(p.numel() for p in model.parameters())}",
        f"codec_parameters = {sum(p.numel() for p in codec.parameters())}",
        f"model_minutes = {about['trained_minutes']}",
        "",
    ]
    (folder / CARD).write_text("\n".join(lines), encoding="utf-8")


def build(folder: Path, args: argparse.Namespace) -> float:
    """A whole voice in the empty `folder`; gives the seconds of its sample. Raises VoiceError if it cannot speak."""
    if args.weights_of:
        write_card(folder, folder.parent / args.weights_of, args)
    else:
        shutil.copyfile(args.codec, folder / CODEC)
        shutil.copyfile(args.model, folder / MODEL)
        text = {"language": "en-US", "dictionary": "resources/text/cmudict.txt.gz", "symbols": SYMBOLS}
        (folder / TEXT).write_text(json.dumps(text, indent=1), encoding="utf-8")
        write_card(folder, folder, args)
    voice = load_voice(folder, "cpu")
    samples = np.concatenate([chunk.samples for chunk in Synthesiser(voice).stream(SAMPLE)])
    soundfile.write(folder / "sample.wav", samples, voice.sample_rate_hz)
    return len(samples) / voice.sample_rate_hz


def swap_in(new: Path, out: Path) -> None:
    """Give `new` the place of `out`, whose old folder goes; if that fails, `out` is what it was."""
    if not out.exists():
        new.rename(out)
        return
    old = new.with_suffix(".old")
    out.rename(old)
    try:
        new.rename(out)
    except OSError:
        old.rename(out)
        raise
    shutil.rmtree(old)


def main(argv: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m training package", description=__doc__)
    parser.add_argument("--codec", type=Path)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--weights-of", default="", help="a voice in the same folder that holds the weights")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--speaker", required=True)
    parser.add_argument("--description", default="")
    parser.add_argument("--licence", default="Apache-2.0")
    parser.add_argument("--training", default="", help="one sentence on the data and the run")
    args = parser.parse_args(argv)
    if bool(args.weights_of) == bool(args.codec or args.model) or bool(args.codec) != bool(args.model):
        parser.error("give either --codec and --model, or --weights-of")
    out: Path = args.out.resolve()  # of a link, what it points to is replaced
    if out.exists() and not (out / CARD).is_file() and (not out.is_dir() or any(out.iterdir())):
        raise SottoError(f"{out} is there already and is not a voice; name another folder.")
    out.parent.mkdir(parents=True, exist_ok=True)
    new = out.with_name(f".{out.name}.{secrets.token_hex(4)}.new")  # hidden: not yet one of the voices
    new.mkdir()
    try:
        seconds = build(new, args)
        swap_in(new, out)
    except (SottoError, OSError) as error:
        raise SottoError(f"{out} is as it was: {str(error).replace(str(new), str(out))}") from error
    finally:
        shutil.rmtree(new, ignore_errors=True)  # there only if something went wrong
    print(json.dumps({"voice": str(args.out), "seconds": seconds}))
    return 0
