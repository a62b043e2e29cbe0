"""Reads the command line, runs one command, and turns what goes wrong into one sentence and an exit code.

0 success, 1 a failure of Sotto itself, 2 a mistake the user can mend, 130 Ctrl-C. Imports nothing heavy.
"""

from __future__ import annotations

import argparse
import io
import multiprocessing
import os
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import NoReturn

from app.cli.asking import EngineFailure
from app.cli.chat import add_chat, run_chat
from app.cli.demo import run_demo
from app.cli.doctor import run_doctor
from app.cli.models import run_models
from app.cli.outside import run_benchmarks, run_training
from app.cli.recognisers import add_recognisers, run_recognisers
from app.cli.say import run_say
from app.cli.talk import run_talk
from app.cli.voices import run_voices
from engine.errors import SottoError
from engine.handle import EngineHandle

PASSED_ON = {"train": run_training, "evaluate": run_training, "bench": run_benchmarks}
"""Commands whose arguments another program reads."""


class _Parser(argparse.ArgumentParser):
    """argparse's errors as one sentence."""

    def error(self, message: str) -> NoReturn:
        raise SottoError(f"{message[:1].upper()}{message[1:]}; see `{self.prog} --help`.")


def main(
    argv: Sequence[str] | None = None,
    make_handle: Callable[[], EngineHandle] = EngineHandle,
    stdin_fd: int = 0,
) -> int:
    """Run `sotto` with `argv`; returns the exit code. Tests pass an engine with small voices and a pipe to read."""
    multiprocessing.freeze_support()
    if isinstance(
        sys.stdout, io.TextIOWrapper
    ):  # a file name or a card may hold what the terminal cannot show
        sys.stdout.reconfigure(errors="backslashreplace")
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        code = _run(arguments, make_handle, stdin_fd)
        sys.stdout.flush()
    except SottoError as error:
        print(f"sotto: {error}", file=sys.stderr)
        return 2
    except EngineFailure as failure:
        print(f"sotto: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of our output, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def _run(arguments: list[str], make_handle: Callable[[], EngineHandle], stdin_fd: int) -> int:
    if arguments and arguments[0] in PASSED_ON:
        return PASSED_ON[arguments[0]](arguments)
    parser = _parser()
    try:
        chosen = parser.parse_args(arguments)
    except SystemExit as finished:  # --help and --version have printed their answer
        return int(finished.code or 0)
    if chosen.command == "say":
        return run_say(chosen, make_handle, stdin_fd)
    if chosen.command == "recognisers":
        return run_recognisers(chosen, make_handle)
    if chosen.command == "talk":
        return run_talk(chosen, make_handle)
    if chosen.command == "demo":
        return run_demo(chosen, make_handle)
    if chosen.command == "chat":
        return run_chat(chosen, make_handle, stdin_fd)
    if chosen.command == "voices":
        return run_voices(chosen, make_handle)
    if chosen.command == "models":
        return run_models(chosen, make_handle, stdin_fd)
    if chosen.command == "doctor":
        return run_doctor(chosen, make_handle)
    if chosen.command is None and has_display():
        # Here, since every other command does without Qt.
        from app.desktop.main import run

        return run(make_handle)
    parser.print_help()
    return 0


def has_display() -> bool:
    """Whether a window can be shown here."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="sotto", description="A private voice assistant. Without a command: the desktop app."
    )
    parser.add_argument("--version", action="version", version=f"sotto {version('sotto')}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)

    say = commands.add_parser("say", help="speak a text", description="Speak a text.")
    say.add_argument(
        "text", nargs="+", metavar="TEXT", help="what to say; - reads standard input as it comes"
    )
    way_out = say.add_mutually_exclusive_group()
    way_out.add_argument("--out", type=Path, metavar="F.wav", help="write a WAV file instead of playing")
    way_out.add_argument(
        "--fallback", type=Path, metavar="F.wav", help="write this file where nothing can be played"
    )
    say.add_argument("--voice", metavar="V", help="name or folder of a voice (default: the shipped one)")
    say.add_argument("--seed", type=int, default=0, metavar="N", help="same seed, same speech (default: 0)")
    say.add_argument("--device", metavar="D", help="cpu, cuda or mps (default: the fastest there is)")
    say.add_argument(
        "--runtime", metavar="R", help="torch, onnx or cuda (default: the fastest there is for the device)"
    )
    say.add_argument("--json", action="store_true", help="print what was measured as one JSON object")

    _add_talk(commands)
    add_chat(commands)

    demo = commands.add_parser(
        "demo", help="a spoken conversation of two bundled voices, written as a WAV file"
    )
    demo.add_argument("--out", type=Path, default=Path("demo.wav"), metavar="F.wav", help="default: demo.wav")
    demo.add_argument("--voice", metavar="V", help="the assistant's voice (default: the shipped one)")
    demo.add_argument("--seed", type=int, default=0, metavar="N", help="same seed, same speech (default: 0)")

    _add_voices(commands)
    _add_models(commands)
    add_recognisers(commands, _Parser)

    doctor = commands.add_parser(
        "doctor", help="devices, accelerator, models, disk: what is wrong, and the mend"
    )
    doctor.add_argument("--json", action="store_true", help="print JSON")

    commands.add_parser("train", help="train a codec or a voice", add_help=False)
    commands.add_parser("evaluate", help="measure a voice", add_help=False)
    commands.add_parser("bench", help="the benchmarks: say, frame, start, long, steady, peer", add_help=False)
    return parser


def _add_talk(commands: argparse._SubParsersAction[_Parser]) -> None:
    talk = commands.add_parser(
        "talk",
        help="hold a whole conversation",
        description="Hold a whole conversation, with a recording as the microphone or live.",
    )
    talk.add_argument("recording", nargs="?", type=Path, metavar="IN.wav", help="what the user says")
    talk.add_argument("--live", action="store_true", help="talk on the sound devices; Ctrl-C ends it")
    talk.add_argument(
        "--out", type=Path, metavar="OUT.wav", help="stereo: left the user, right the assistant"
    )
    talk.add_argument("--events", type=Path, metavar="E.jsonl", help="write every event as a line of JSON")
    talk.add_argument("--voice", metavar="V", help="name or folder of a voice (default: the shipped one)")
    talk.add_argument(
        "--recogniser",
        metavar="R",
        help="a downloaded recogniser, or a folder of one (default: pocketsphinx)",
    )
    talk.add_argument(
        "--realtime", action="store_true", help="let time pass as it does; else it is simulated"
    )
    talk.add_argument("--input", metavar="D", help="microphone by name (default: the system's)")
    talk.add_argument("--output", metavar="D", help="loudspeaker by name (default: the system's)")
    talk.add_argument(
        "--echo", choices=("cancel", "headphones", "half_duplex"), default="cancel",
        help="what to do about the loudspeaker's echo (default: cancel)",
    )  # fmt: skip
    talk.add_argument(
        "--patience", type=float, default=1.0, metavar="X", help="above 1 waits longer (default: 1)"
    )
    talk.add_argument("--seed", type=int, default=0, metavar="N", help="same seed, same speech (default: 0)")
    talk.add_argument("--json", action="store_true", help="print the turns as one JSON object at the end")


def _add_voices(commands: argparse._SubParsersAction[_Parser]) -> None:
    voices = commands.add_parser("voices", help="list, show, verify and remove voices")
    actions = voices.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=_Parser)
    listing = actions.add_parser("list", help="the installed voices")
    show = actions.add_parser("show", help="one voice's card")
    show.add_argument("name", metavar="VOICE")
    verify = actions.add_parser(
        "verify", help="read every part of a voice and check that they belong together"
    )
    verify.add_argument("names", nargs="*", metavar="VOICE", help="default: every installed voice")
    remove = actions.add_parser("remove", help="remove one of your own voices")
    remove.add_argument("name", metavar="VOICE")
    download = actions.add_parser("download", help="where voices come from")
    download.add_argument("name", metavar="VOICE", nargs="?")
    for action in (listing, show, verify, remove, download):
        action.add_argument("--json", action="store_true", help="print JSON")


def _add_models(commands: argparse._SubParsersAction[_Parser]) -> None:
    models = commands.add_parser("models", help="language models: find, use and test them")
    actions = models.add_subparsers(dest="action", metavar="ACTION", parser_class=_Parser)
    models.set_defaults(address=None, json=False)
    listing = actions.add_parser(
        "list", help="servers on this machine and their models, or those of an address"
    )
    listing.add_argument("address", nargs="?", metavar="ADDRESS")
    use = actions.add_parser("use", help="have a model answer what the built-in skills do not")
    use.add_argument("address", metavar="ADDRESS", help="such as http://127.0.0.1:11434/v1")
    use.add_argument("model", metavar="MODEL")
    off = actions.add_parser("off", help="answer by the built-in skills alone")
    test = actions.add_parser("test", help="time the first word of the model in use, or of another one")
    test.add_argument("address", nargs="?", metavar="ADDRESS")
    test.add_argument("model", nargs="?", metavar="MODEL")
    key = actions.add_parser(
        "key", help="keep a server's API key in the keyring; it is asked for, or read from stdin"
    )
    key.add_argument("address", metavar="ADDRESS")
    for action in (listing, use, off, test, key):
        action.add_argument("--json", action="store_true", help="print JSON")
