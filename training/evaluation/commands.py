"""`python -m training evaluate voice|codec|books|drift|human`: the same sentences from the source, the tokenizer and
the voice, heard by the same recogniser in the same order; what the books hold; whether a voice tires; people's speech.

Main thread; recognition in two processes. JSON on stdout with --json, otherwise a table.
"""

from __future__ import annotations

import argparse
import json
import sys
import wave
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from engine.codec import Codec, load_codec
from engine.config import CodecConfig
from engine.errors import SottoError
from training.corpus import lexicon, splits, texts
from training.corpus.utterance import render
from training.evaluation import books, drift, heldout, human, record, renderings, report
from training.evaluation.errors import word_errors
from training.evaluation.recognition import recognise
from training.evaluation.renderings import LoadedVoice, Samples, Speaking
from training.evaluation.sound import likeness, measure

FEW_BOOKS = 10
BOOKS_TAUGHT = 3
"""Sentences that teach a probe, for each that it is asked about."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training evaluate", description="Judge a voice or a tokenizer."
    )
    kinds = parser.add_subparsers(dest="kind", required=True)
    voice = kinds.add_parser("voice", help="source, tokenizer and voice on the held-out sentences")
    voice.add_argument("--voice", help="name or folder of the voice (default: the default voice)")
    voice.add_argument("--device", help="cpu, cuda or mps (default: chosen automatically)")
    voice.add_argument("--runtime", help="torch or onnx (default: the fastest for the device)")
    voice.add_argument("--seeds", type=int, default=1, help="how often the voice says each sentence")
    voice.add_argument("--record", action="store_true", help="write the figures into the voice's card")
    codec = kinds.add_parser("codec", help="source and tokenizer on the held-out sentences")
    codec.add_argument("--codec", type=Path, required=True, help="file of the tokenizer")
    group = kinds.add_parser("books", help="what the tokenizer's semantic and acoustic books hold")
    group.add_argument("--codec", type=Path, required=True, help="file of the tokenizer")
    group.add_argument("--sentences", type=int, default=100)
    group.add_argument("--workers", type=int, default=2, help="processes of the recogniser")
    group.add_argument("--json", action="store_true")
    steady = kinds.add_parser("drift", help="the beginnings and ends of minute-long passages of a voice")
    steady.add_argument("--voice", help="name or folder of the voice (default: the default voice)")
    steady.add_argument("--device", help="cpu, cuda or mps (default: chosen automatically)")
    steady.add_argument("--runtime", help="torch or onnx (default: the fastest for the device)")
    steady.add_argument("--passages", type=int, default=12, help="each is read forwards and backwards")
    steady.add_argument("--seed", type=int, default=0)
    people = kinds.add_parser("human", help="recordings of people through the tokenizer")
    people.add_argument("--codec", type=Path, required=True, help="file of the tokenizer")
    people.add_argument("--clips", type=Path, required=True, help="folder of the recordings")
    people.add_argument("--words", type=Path, default=human.WORDS_FILE, help="table of file names and words")
    for kind in (steady, people):
        kind.add_argument("--workers", type=int, default=2, help="processes of the recogniser")
        kind.add_argument("--json", action="store_true")
    for kind in (voice, codec):
        kind.add_argument("--sentences", type=int, default=200)
        kind.add_argument("--workers", type=int, default=2, help="processes of the recogniser")
        kind.add_argument("--json", action="store_true")
        kind.add_argument("--save-audio", type=Path, help="folder for the wavs of every condition")
    return parser


class _Rendering:
    """A condition before it is recognised."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.source: list[int] = []
        self.audio: list[Samples] = []
        self.reached_limit: list[bool] = []

    def add(self, index: int, samples: Samples, reached_limit: bool = False) -> None:
        self.source.append(index)
        self.audio.append(samples)
        self.reached_limit.append(reached_limit)


def render_all(
    sentences: Sequence[str], codec: Codec, voice: Speaking | None, seeds: int, speaker: str = "rms"
) -> list[_Rendering]:
    """The source, the tokenizer at all and at ten books, and the voice `seeds` times, for every sentence."""
    rate_hz = codec.config.sample_rate_hz
    books = {f"codec {codec.num_codebooks} books": codec.num_codebooks, f"codec {FEW_BOOKS} books": FEW_BOOKS}
    source = _Rendering("source")
    coded = {name: _Rendering(name) for name in books}
    said = _Rendering("voice")
    for index, sentence in enumerate(sentences):
        original = heldout.source_audio(sentence, speaker)
        source.add(index, original)
        for name, count in books.items():
            coded[name].add(index, renderings.resynthesised(codec, original, count))
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{index + 1} of {len(sentences)} sentences spoken ")
    if voice is not None:
        for seed in range(seeds):
            for index, sentence in enumerate(sentences):
                speech = renderings.spoken(voice, sentence, seed, len(source.audio[index]) / rate_hz, rate_hz)
                said.add(index, speech.samples, speech.reached_limit)
    return [source, *coded.values(), *([said] if voice is not None else [])]


def judge(
    rendered: Sequence[_Rendering], references: Sequence[tuple[str, ...]], workers: int
) -> list[report.Condition]:
    """Recognise and measure every condition."""
    rate_hz = CodecConfig().sample_rate_hz
    heard = recognise([rendering.audio for rendering in rendered], workers)
    return [
        report.Condition(
            name=rendering.name,
            source=tuple(rendering.source),
            heard=tuple(words),
            errors=tuple(
                word_errors(references[i], said) for i, said in zip(rendering.source, words, strict=True)
            ),
            sounds=tuple(measure(samples, rate_hz) for samples in rendering.audio),
            reached_limit=tuple(rendering.reached_limit),
            likenesses=tuple(
                likeness(rendered[0].audio[index], samples, rate_hz)
                for index, samples in zip(rendering.source, rendering.audio, strict=True)
                if rendering.name.startswith("codec")
            ),
        )
        for rendering, words in zip(rendered, heard, strict=True)
    ]


def _save(folder: Path, rendered: Sequence[_Rendering]) -> None:
    for rendering in rendered:
        place = folder / rendering.name.replace(" ", "-")
        try:
            place.mkdir(parents=True, exist_ok=True)
            for number, samples in enumerate(rendering.audio):
                with wave.open(str(place / f"{number:04d}.wav"), "wb") as writer:
                    writer.setnchannels(1)
                    writer.setsampwidth(2)
                    writer.setframerate(CodecConfig().sample_rate_hz)
                    writer.writeframes(np.round(np.clip(samples, -1, 1) * 32767.0).astype("<i2").tobytes())
        except OSError as error:
            raise SottoError(f"{place} cannot be written ({error.strerror}).") from error


def _judge_books(options: argparse.Namespace) -> int:
    codec = load_codec(options.codec)
    sentences = heldout.held_out_sentences(options.sentences)
    taught = list(
        islice((text for text in texts.natural_sentences() if fits(text)), BOOKS_TAUGHT * len(sentences))
    )
    probes = books.probe_phones(codec, taught, sentences)
    references = [heldout.reference_words(sentence) for sentence in sentences]
    swap = books.swap_books(codec, sentences, references, options.workers)
    result: dict[str, Any] = {
        "kind": "books",
        "name": str(options.codec),
        "sentences": len(sentences),
        "probe_taught_on": len(taught),
        "phone_probe": {"semantic": round(probes.semantic, 4), "acoustic": round(probes.acoustic, 4)},
        "words_heard_after_swap": {
            "semantic": round(swap.semantic_words, 4),
            "acoustic": round(swap.acoustic_words, 4),
        },
    }
    if options.json:
        print(json.dumps(result))
        return 0
    for name in ("phone_probe", "words_heard_after_swap"):
        shares = ", ".join(f"{group} books {100 * share:.1f} %" for group, share in result[name].items())
        print(f"{name.replace('_', ' ')}: {shares}")
    return 0


def _judge_drift(options: argparse.Namespace) -> int:
    voice = renderings.load_voice(options.voice, options.device, options.runtime)
    source = heldout.source_of(voice.speaker)
    passages = drift.passages(heldout.held_out_sentences(), options.passages, source)
    return _tell(drift.judge(voice, passages, options.seed, options.workers), options.json)


def _judge_people(options: argparse.Namespace) -> int:
    clips = human.read_clips(options.clips, options.words)
    return _tell(human.judge(load_codec(options.codec), clips, FEW_BOOKS, options.workers), options.json)


def _tell(result: dict[str, Any], as_json: bool) -> int:
    if as_json:
        print(json.dumps(result))
        return 0
    for name, value in result.items():
        print(f"{name.replace('_', ' ')}: {value}")
    return 0


def fits(text: str) -> bool:
    """Whether the source voice can speak a sentence that may be trained on."""
    words = lexicon.words_of(text)
    return splits.split_of(text, words) == "train" and render("rms", text) is not None


def _repeatable(arguments: list[str]) -> list[str]:
    """The arguments that decide what is measured: those of the output, and this machine's folders, are left out."""
    kept = iter(a for a in arguments if a not in ("--json", "--record"))
    return [argument for argument in kept if argument != "--save-audio" or not next(kept)]


def main(argv: list[str]) -> int:
    """Run one evaluation; returns the exit code."""
    options = _parser().parse_args(argv)
    counts = [getattr(options, name, 1) for name in ("sentences", "seeds", "passages", "workers")]
    if min(counts) < 1:
        raise SottoError("--sentences, --seeds, --passages and --workers must be at least 1.")
    others = {"books": _judge_books, "drift": _judge_drift, "human": _judge_people}
    if options.kind in others:
        return others[options.kind](options)
    sentences = heldout.held_out_sentences(options.sentences)
    references = [heldout.reference_words(sentence) for sentence in sentences]
    about: dict[str, Any]
    voice: LoadedVoice | None = None
    if options.kind == "voice":
        voice = renderings.load_voice(options.voice, options.device, options.runtime)
        about = {"kind": "voice", "name": voice.name, "runtime": voice.runtime, "seeds": options.seeds}
        rendered = render_all(
            sentences, voice.codec, voice.speaking, options.seeds, heldout.source_of(voice.speaker)
        )
    else:
        about = {"kind": "codec", "name": str(options.codec)}
        rendered = render_all(sentences, load_codec(options.codec), None, 0)
    if options.save_audio is not None:
        _save(options.save_audio, rendered)
    result = report.result(about, judge(rendered, references, options.workers), references, sentences)
    if getattr(options, "record", False):
        command = " ".join(["sotto evaluate", *_repeatable(argv)])
        metrics = record.card_metrics(result, command, datetime.now(UTC).date().isoformat())
        record.write_metrics(renderings.card_of(options.voice), metrics)
    print(json.dumps(result) if options.json else report.table(result))
    return 0
