"""Voice to voice with a language model behind it: a loopback model of 30 tokens a second, on the virtual sound card.

`python -m benchmarks.model_talk --json`. The model's own time runs from the moment its server has the question until it
has sent the last token of the first clause. What of it was hidden, since the answer was asked for ahead, is no wait and
is not taken off.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from benchmarks.bench_figures import percentiles
from benchmarks.conversations import Talker
from benchmarks.duplex_rig import RATE_HZ
from benchmarks.models import TOKEN_S, last_of_first_clause, tokens_of
from benchmarks.talk import Result, take_turns
from benchmarks.telling import tell
from benchmarks.user_lines import COMMANDS, SENTENCES, VOICES, Line, make_line
from engine.dialogue.model_config import DialogueConfig, ModelConfig, save_dialogue_config
from engine.errors import SottoError
from tests.fakes.model_server import Behaviour, Chat, ModelServer

ANSWERS = (
    "Yes, I think so.",
    "That is a good question, and it depends.",
    "I would start with the windows, if I were you.",
    "It was built a hundred years ago.",
    "Well, nobody knows for sure.",
)
"""Short ones: what follows the first clause is waited for and measures nothing."""

MODEL = "small"


def measure(turns: int, voice: str | None) -> dict[str, Any]:
    """So many turns, four open sentences for each command, every third in noise."""
    with ModelServer((MODEL,)) as server:
        server.respond = _Answers()

        def choose(folder: Path) -> None:
            config = DialogueConfig(ModelConfig(server.base_url, MODEL))
            save_dialogue_config(folder / "dialogue.toml", config)

        def note(result: Result, talker: Talker) -> dict[str, Any]:
            return _told(result, talker, server.chats)

        return _figures(*take_turns(_lines(turns), voice, note, choose))


class _Answers:
    """One answer after the other, for ever."""

    def __init__(self) -> None:
        self._count = 0

    def __call__(self, chat: Chat) -> Behaviour:
        self._count += 1
        return Behaviour(tokens_of(ANSWERS[self._count % len(ANSWERS)]), TOKEN_S)


def _lines(turns: int) -> list[Line]:
    made = []
    for number in range(turns):
        is_command = number % 5 == 2
        texts = COMMANDS if is_command else SENTENCES
        voice, is_noisy = VOICES[number // 2 % len(VOICES)], number % 3 == 1
        kind: Any = "command" if is_command else "open"
        made.append(make_line(texts[number % len(texts)], kind, voice, is_noisy, number))
    return made


def _told(result: Result, talker: Talker, chats: list[Chat]) -> dict[str, Any]:
    """One turn: its delay, and the part of it that the model took where it answered."""
    turn = talker.seen.turn(result.turn)
    told: dict[str, Any] = {
        "words": result.line.words,
        "kind": result.line.kind,
        "heard": turn.user_text,
        "source": turn.source,
        "made_ahead": turn.made_ahead,
        "v2v_ms": result.v2v_ms,
        "breakdown_ms": turn.breakdown_ms,
    }
    if turn.source == MODEL:
        own_ms = _own_ms(chats[-1], turn.assistant_text)  # guesses that were given up came before it
        waited_ms = max(0.0, own_ms - sum(turn.ahead_ms.values()))
        told |= {"model_ms": round(own_ms, 1), "model_waited_ms": round(waited_ms, 1)}
    return told


def _own_ms(chat: Chat, answer: str) -> float:
    """From the question's arrival to the last token of the first clause."""
    return 1000.0 * (chat.sent_at_s[last_of_first_clause(tokens_of(answer))] - chat.received_s)


def _figures(each: list[dict[str, Any]], talker: Talker, delay: int, troubles: int) -> dict[str, Any]:
    answered = [one for one in each if one["v2v_ms"] is not None]
    by_model = [one for one in answered if "model_ms" in one]
    by_skill = [one for one in answered if "model_ms" not in one]
    commands = [one["v2v_ms"] for one in by_skill if one["kind"] == "command"]
    if not by_model or not commands:
        raise SottoError(f"Nothing to measure in {len(each)} turns; give --turns 10 or more. {talker.errors}")
    return {
        "turns": len(each),
        "answered": len(answered),
        "by_model": len(by_model),
        "too_early": sum(one["v2v_ms"] < 0.0 for one in answered),
        "made_ahead": sum(one["made_ahead"] for one in by_model),
        "rig_delay_ms": round(1000.0 * delay / RATE_HZ, 2),
        "rig_troubles": troubles,
        "open_v2v_ms": percentiles([one["v2v_ms"] for one in by_model]),
        "model_ms": percentiles([one["model_ms"] for one in by_model]),
        "model_waited_ms": percentiles([one["model_waited_ms"] for one in by_model]),
        "open_less_model_ms": percentiles([one["v2v_ms"] - one["model_waited_ms"] for one in by_model]),
        "command_v2v_ms": percentiles(commands),
        "errors": sorted(set(talker.errors)),
        "each": each,
    }


def main(argv: list[str]) -> int:
    """Measure, tell, and hold against the bars."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.model_talk", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--voice", metavar="V", help="name or folder (default: the shipped one)")
    parser.add_argument("--turns", type=int, default=60, metavar="N", help="default: 60, each command once")
    options = parser.parse_args(argv)
    return tell("talk model", lambda: measure(options.turns, options.voice), options.json)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
