"""`python -m training COMMAND …`: finds the command and hands over; nothing heavy is imported before.

Main thread. A user's mistake ends with one sentence and exit code 2, Ctrl-C with 130.
"""

from __future__ import annotations

import importlib
import sys

from engine.errors import SottoError

COMMANDS = {
    "corpus": ("training.corpus.commands", "make the corpus: codec, speech, dialogue, heldout, words"),
    "codec": ("training.recipes.codec", "train the tokenizer"),
    "tokenise": ("training.recipes.tokenise", "write the codes of a corpus with a frozen tokenizer"),
    "speech": ("training.recipes.speech", "train the speech model"),
    "draft": ("training.recipes.draft", "train a voice's draft heads, which make PyTorch on the CPU faster"),
    "package": ("training.recipes.package", "put codec and model together as a voice"),
    "voice": ("training.recipes.voice", "all of the above, in as many calls as it takes"),
    "evaluate": ("training.evaluation.commands", "judge a voice with an independent recogniser"),
}


def usage() -> str:
    """The commands, one a line."""
    lines = [f"  {name:<10}{what}" for name, (_, what) in COMMANDS.items()]
    return "\n".join(["usage: python -m training COMMAND …", *lines])


def main(argv: list[str]) -> int:
    """Run `argv[0]` with the other arguments; returns the exit code."""
    if not argv or argv[0] in ("-h", "--help"):
        print(usage())
        return 0 if argv else 2
    if argv[0] not in COMMANDS:
        print(f"There is no training command {argv[0]!r}.\n{usage()}", file=sys.stderr)
        return 2
    try:
        return int(importlib.import_module(COMMANDS[argv[0]][0]).main(argv[1:]) or 0)
    except SottoError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
