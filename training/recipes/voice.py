"""Recipe: a whole voice from nothing, in as many calls as it takes.

    python -m training voice --work DIR --parts OUT --limit-minutes 9

Corpora, tokenizer, tokens, speech model, package; every stage is a command of its own that resumes, so a call that
runs out of its time goes on in the next. While the tokenizer trains, the speech corpus is made on the other cores.
Weights are also written as parts of a settable size, to be carried off a machine that limits file sizes.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.errors import SottoError


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of everything; the defaults fit one accelerator and sixteen cores in half an hour."""

    codec_hours: float
    speech_hours: float
    """Of the first speaker; half as much of every other."""
    codec_minutes: float
    speech_minutes: float
    codec_batch: int
    rows: int
    config: Path
    speakers: tuple[str, ...]
    device: str | None


@dataclass(frozen=True, slots=True)
class Stage:
    """A command, and the file or folder state that says it is done."""

    name: str
    arguments: tuple[str, ...]
    done: Path


class Deadline:
    """Time left in this call."""

    def __init__(self, minutes: float) -> None:
        self.end = time.monotonic() + 60.0 * minutes

    @property
    def left_s(self) -> float:
        """Seconds left, at least 0."""
        return max(0.0, self.end - time.monotonic())


@dataclass(frozen=True, slots=True)
class Plan:
    """The stages in their order. The first speech corpus is made beside the training of the codec."""

    codec_corpus: Stage
    speech_corpora: tuple[Stage, ...]
    codec: Stage
    rest: tuple[Stage, ...]

    @property
    def stages(self) -> tuple[Stage, ...]:
        """All of them."""
        return (self.codec_corpus, *self.speech_corpora, self.codec, *self.rest)


def plan(work: Path, sizes: Sizes) -> Plan:
    """Codec corpus, a speech corpus for each speaker, codec, tokens of each, speech model, a package for each."""
    codec = work / "run-codec" / "codec.safetensors"
    device = ("--device", sizes.device) if sizes.device else ()
    codec_corpus = Stage(
        "codec corpus",
        ("corpus", "codec", "--out", str(work / "corpus-codec"), "--hours", str(sizes.codec_hours)),
        work / "corpus-codec.done",
    )
    codec_stage = Stage(
        "codec",
        (
            *("codec", "--corpus", str(work / "corpus-codec"), "--run", str(work / "run-codec")),
            *("--minutes", str(sizes.codec_minutes), "--batch", str(sizes.codec_batch), *device),
        ),
        codec,
    )
    speech = Stage(
        "speech",
        (
            *("speech", "--tokens", *(str(work / f"tokens-{speaker}") for speaker in sizes.speakers)),
            *("--codec", str(codec), "--config", str(sizes.config)),
            *("--run", str(work / "run-speech"), "--minutes", str(sizes.speech_minutes)),
            *("--rows", str(sizes.rows), "--speak-sentences", "12", *device),
        ),
        work / "run-speech" / "model.safetensors",
    )
    speakers = [_speaker_stages(work, sizes, number, device) for number in range(len(sizes.speakers))]
    corpora, tokens, packages = zip(*speakers, strict=True)
    return Plan(codec_corpus, corpora, codec_stage, (*tokens, speech, *packages))


def _speaker_stages(
    work: Path, sizes: Sizes, number: int, device: tuple[str, ...]
) -> tuple[Stage, Stage, Stage]:
    """A speaker's corpus, tokens and package; the first speaker's holds the weights of all."""
    speaker = sizes.speakers[number]
    codec, model = work / "run-codec" / "codec.safetensors", work / "run-speech" / "model.safetensors"
    hours = sizes.speech_hours * (0.5 if number else 1.0)
    weights = (
        ("--weights-of", sizes.speakers[0]) if number else ("--codec", str(codec), "--model", str(model))
    )
    return (
        Stage(
            f"speech corpus of {speaker}",
            (
                *("corpus", "speech", "--out", str(work / f"corpus-{speaker}"), "--hours", str(hours)),
                *("--speaker", speaker, "--seed", str(2 + 2 * number)),
            ),
            work / f"corpus-{speaker}.done",
        ),
        Stage(
            f"tokens of {speaker}",
            (
                *("tokenise", "--corpus", str(work / f"corpus-{speaker}"), "--codec", str(codec)),
                *("--out", str(work / f"tokens-{speaker}"), "--workers", "1", *device),
            ),
            work / f"tokens-{speaker}.done",
        ),
        Stage(
            f"package of {speaker}",
            (
                *("package", *weights, "--out", str(work / "voices" / speaker)),
                *("--name", speaker, "--speaker", speaker),
            ),
            work / "voices" / speaker / "voice.toml",
        ),
    )


@contextlib.contextmanager
def running(stage: Stage) -> Iterator[subprocess.Popen[bytes]]:
    """A stage as a process group of its own, its output passed on; nothing of it is left behind the block."""
    print(json.dumps({"stage": stage.name, "event": "started"}), flush=True)
    with subprocess.Popen(
        [sys.executable, "-m", "training", *stage.arguments], start_new_session=True
    ) as process:
        try:
            yield process
        finally:
            with contextlib.suppress(
                ProcessLookupError
            ):  # workers of its own outlive a stage that is stopped
                os.killpg(process.pid, signal.SIGTERM)


def finish(stage: Stage, process: subprocess.Popen[bytes], deadline: Deadline) -> bool:
    """Wait until the stage is done (True) or the time is up (False: it is stopped and resumes in the next call)."""
    try:
        code = process.wait(deadline.left_s)
    except subprocess.TimeoutExpired:
        print(json.dumps({"stage": stage.name, "event": "stopped, resumes in the next call"}), flush=True)
        return False
    if code:
        raise SottoError(f"the stage {stage.name!r} failed with exit code {code}; its output above says why")
    if not stage.done.exists():
        stage.done.touch()
    print(json.dumps({"stage": stage.name, "event": "done"}), flush=True)
    return True


def make_voice(work: Path, sizes: Sizes, deadline: Deadline) -> bool:
    """Go through the stages that are not done; True when all are."""
    work.mkdir(parents=True, exist_ok=True)
    todo = plan(work, sizes)
    if not _do(todo.codec_corpus, deadline):
        return False
    beside, *corpora = todo.speech_corpora
    if beside.done.exists():
        ready = _do(todo.codec, deadline)
    else:
        with running(beside) as process:
            ready = _do(todo.codec, deadline)
            ready = finish(beside, process, deadline) and ready
    return ready and all(_do(stage, deadline) for stage in (*corpora, *todo.rest))


def _do(stage: Stage, deadline: Deadline) -> bool:
    """True when the stage is done, now or before."""
    if stage.done.exists():
        return True
    with running(stage) as process:
        return finish(stage, process, deadline)


def write_parts(files: list[Path], folder: Path, part_mib: float, first: int, count: int) -> list[Path]:
    """Split `files` into parts of at most `part_mib`; of all of them write `count` from number `first` on.

    `cat NAME.part-* > NAME` joins a file's parts again.
    """
    folder.mkdir(parents=True, exist_ok=True)
    size = int(part_mib * 1024 * 1024)
    places = [(path, index) for path in files for index in range(-(-path.stat().st_size // size))]
    written = []
    for path, index in places[first : first + count]:
        with path.open("rb") as file:
            file.seek(index * size)
            target = folder / f"{path.name}.part-{index:02d}"
            target.write_bytes(file.read(size))
        written.append(target)
    return written


def main(argv: list[str] | None = None) -> int:
    """Command line. Exit code 0 when the voice is done, 3 when another call must go on."""
    parser = argparse.ArgumentParser(prog="python -m training voice", description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="folder that lasts between calls")
    parser.add_argument("--parts", type=Path, help="write the finished weights here, in parts")
    parser.add_argument("--part-mib", type=float, default=15.5)
    parser.add_argument("--first-part", type=int, default=0)
    parser.add_argument("--part-count", type=int, default=4)
    parser.add_argument("--limit-minutes", type=float, default=9.0, help="of this call")
    parser.add_argument("--codec-hours", type=float, default=12.0)
    parser.add_argument("--speech-hours", type=float, default=60.0, help="half as much of each other speaker")
    parser.add_argument("--codec-minutes", type=float, default=7.0)
    parser.add_argument("--speech-minutes", type=float, default=12.0)
    parser.add_argument("--codec-batch", type=int, default=64)
    parser.add_argument("--rows", type=int, default=32)
    parser.add_argument("--config", type=Path, default=Path("resources/configs/tiny.toml"))
    parser.add_argument("--speakers", nargs="+", default=["rms", "slt"])
    parser.add_argument("--device")
    args = parser.parse_args(argv)
    sizes = Sizes(
        args.codec_hours, args.speech_hours, args.codec_minutes, args.speech_minutes, args.codec_batch, args.rows,
        args.config, tuple(args.speakers), args.device,
    )  # fmt: skip
    deadline = Deadline(args.limit_minutes)
    complete = make_voice(args.work, sizes, deadline)
    made = [
        path
        for path in (
            args.work / "run-codec" / "codec.safetensors",
            args.work / "run-speech" / "model.safetensors",
        )
        if path.exists()
    ]
    if args.parts:
        write_parts(made, args.parts, args.part_mib, args.first_part, args.part_count)
        for run in ("run-codec", "run-speech"):
            metrics = args.work / run / "metrics.jsonl"
            if metrics.exists():
                (args.parts / f"{run}.jsonl").write_bytes(metrics.read_bytes())
    print(json.dumps({"complete": complete, "weights": [str(path) for path in made]}))
    return 0 if complete else 3
