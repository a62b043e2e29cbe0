"""From a language model's words to the first spoken one: a loopback model streams 30 tokens a second.

`python -m benchmarks.models --json`. Timed from the moment when the server has sent the last token of the first clause:
until the voice has that clause whole (`clause_ms`, which waits for the next token, since only that shows that a clause
has ended), and until its first sound is heard (`first_word_ms`). With `--dialogue-only` no voice speaks.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from benchmarks.bench_voice import percentiles, warm_voice
from benchmarks.first_sound import Listener
from benchmarks.telling import tell
from engine.dialogue import Asked, Reply
from engine.dialogue.built_in import BuiltInDialogue
from engine.dialogue.built_in_tools import BuiltInSkills
from engine.dialogue.model_config import ModelConfig
from engine.dialogue.model_dialogue import ModelDialogue
from engine.dialogue.streamed_reply import StreamedReply
from engine.errors import SottoError
from engine.events import ErrorOccurred, Event
from engine.runtime import Synthesiser, Voice
from engine.text import ClauseStream, Frontend
from tests.fakes.model_server import Behaviour, ModelServer

TOKEN_S = 1.0 / 30.0
ANSWERS = (
    "Yes, that is quite possible, although it takes a while.",
    "The sky is blue because air scatters short waves more. Sunsets are red for the same reason.",
    "**Honey** never spoils: jars from old graves were still good to eat.",
    "Well, I would start with the windows, since most of the heat is lost there.",
    "Cats sleep for *twelve to sixteen* hours a day, and old ones even longer.",
)
ROUNDS = 4
SILENT_TOKENS = 6
"""Thinking before each answer, which counts for nothing."""


class _Timed:
    """A reply's pieces on their way to the voice; notes when the first clause was whole."""

    def __init__(self, reply: Reply, frontend: Frontend) -> None:
        self._pieces = reply.pieces()
        self._clauses = ClauseStream(frontend)
        self.clause_s: float | None = None

    def __iter__(self) -> Iterator[str]:
        for piece in self._pieces:
            if self.clause_s is None and self._clauses.feed(piece):
                self.clause_s = time.perf_counter()
            yield piece


def tokens_of(answer: str) -> tuple[str, ...]:
    """Words and marks as a model's vocabulary cuts them."""
    return tuple(re.findall(r" ?\**[A-Za-z']+|[^\sA-Za-z]+", answer))


def last_of_first_clause(tokens: tuple[str, ...]) -> int:
    """The place of the token that ends the first clause."""
    return next(i for i, token in enumerate(tokens) if re.search(r"[,.:;!?]", token) and i > 0)


def measure(voice_name: str | None, dialogue_only: bool) -> dict[str, Any]:
    """Percentiles in milliseconds over all answers of all rounds."""
    voice = None if dialogue_only else warm_voice(voice_name, None, None)
    troubles: list[Event] = []
    clause_ms: list[float] = []
    first_word_ms: list[float] = []
    first_answer_ms: list[float] = []

    async def no_key() -> str:
        return ""

    with ModelServer() as server:
        config = ModelConfig(server.base_url, "small")
        dialogue = ModelDialogue(config, BuiltInSkills(BuiltInDialogue(seed=1)), no_key, troubles.append)
        try:
            dialogue.settle()
            frontend = Frontend.load()
            for seed in range(ROUNDS):
                for answer in ANSWERS:
                    tokens = tokens_of(answer)
                    thoughts = ({"reasoning_content": "hm"},) * SILENT_TOKENS
                    server.behaviours = [Behaviour((*thoughts, *tokens), TOKEN_S)]
                    asked = Asked("tell me something I do not know", False, datetime.now().astimezone())
                    reply = dialogue.reply(asked, ())
                    assert isinstance(reply, StreamedReply)
                    reply.commit()
                    timed = _Timed(reply, frontend)
                    heard_s = _listen(voice, timed, seed)
                    reply.cancel()
                    sent_s = server.chats[-1].sent_at_s[SILENT_TOKENS + last_of_first_clause(tokens)]
                    if timed.clause_s is None:
                        raise SottoError("No clause came from the model; the benchmark itself is broken.")
                    clause_ms.append(1000.0 * (timed.clause_s - sent_s))
                    if heard_s is not None:
                        first_word_ms.append(1000.0 * (heard_s - sent_s))
                    first_answer_ms.append(reply.times.first_answer_ms or 0.0)
        finally:
            dialogue.close()
    for event in troubles:
        if isinstance(event, ErrorOccurred):
            raise SottoError(event.message)
    figures: dict[str, Any] = {
        "answers": len(clause_ms),
        "token_ms": 1000.0 * TOKEN_S,
        "first_answer_ms": percentiles(first_answer_ms),
        "clause_ms": percentiles(clause_ms),
    }
    return figures | ({"first_word_ms": percentiles(first_word_ms)} if first_word_ms else {})


def _listen(voice: Voice | None, pieces: _Timed, seed: int) -> float | None:
    """When the first sound was heard, on the clock of `time.perf_counter`; None without a voice."""
    if voice is None:
        for _ in pieces:
            pass
        return None
    listener = Listener(voice.sample_rate_hz)
    for chunk in Synthesiser(voice, seed=seed).stream(pieces):
        listener.hear(chunk.samples, time.perf_counter())
        if listener.heard_s is not None:
            break  # the rest of the answer is of no interest
    return listener.heard_s


def main(argv: list[str]) -> int:
    """Measure, tell, and hold against the bars."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.models", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--voice", metavar="V", help="name or folder (default: the shipped one)")
    parser.add_argument("--dialogue-only", action="store_true", help="without a voice")
    options = parser.parse_args(argv)
    name = "models dialogue" if options.dialogue_only else "models"
    return tell(name, lambda: measure(options.voice, options.dialogue_only), options.json)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
