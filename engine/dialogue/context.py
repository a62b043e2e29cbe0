"""What of a conversation a language model is sent: the newest turns that fit, and a summary of those before them.

Pure, any thread. Only what was heard enters, or could be read for want of a loudspeaker; where nothing was, the user's
turns before and after become one.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.dialogue import Asked, Exchange, Summary
from engine.dialogue.model_config import ModelConfig

Message = dict[str, Any]

_PER_MESSAGE_TOKENS = 5
"""What a chat template writes around each message, about."""
_WORD_OR_SIGN = re.compile(r"[A-Za-z]+|\d|[^\sA-Za-z\d]")
_LETTERS_PER_TOKEN = 5.0
_SUMMARY_TOKENS = 200
_LONGEST_SUMMARY = 1_200
_MOST_UNTOLD = 40
"""Exchanges that no summary tells: short ones fill no context, but nobody keeps all of them whole: a typed conversation
and one that is gone on with hold 50, a spoken one 60."""


def estimate_tokens(text: str) -> int:
    """Tokens of a text, rather too many than too few: servers do not say how they count before they are asked.

    A word costs a token for each five letters, each digit and each other sign one. Large vocabularies have most English
    words as one token, and group digits; text in other scripts is counted by its signs.
    """
    return sum(
        math.ceil(len(match[0]) / _LETTERS_PER_TOKEN) for match in _WORD_OR_SIGN.finditer(text)
    )  # fmt: skip


UNHEARD = "The user read your last answer, and did not hear all of it, since the loudspeaker is gone."
"""Said to the model after such an answer; in the answer itself it would be imitated."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """The messages, the tokens they are thought to have, and how many exchanges are neither in them nor summed up."""

    messages: tuple[Message, ...]
    tokens: int
    left_out: int


def system_text(config: ModelConfig, at: datetime) -> str:
    """Persona, rules and the day. The hour is left out, so that a server can keep what it has computed of this text."""
    day = f"Today is {at:%A}, {at.day} {at:%B %Y}."
    return "\n".join(part for part in (config.persona.strip(), config.system_prompt.strip(), day) if part)


def turns(history: tuple[Exchange, ...], asked: str) -> list[Message]:
    """The conversation as alternating messages that end with the user's."""
    messages: list[Message] = []
    for exchange in history:
        _append(messages, "user", exchange.user_text)
        _append(messages, "assistant", exchange.assistant_text)
    _append(messages, "user", asked)
    return messages


def _append(messages: list[Message], role: str, text: str) -> None:
    """Add a turn; nothing heard is no turn, and two turns of one speaker are one."""
    if not (text := text.strip()):
        return
    if messages and messages[-1]["role"] == role:
        messages[-1]["content"] += f"\n{text}"
    elif messages or role == "user":  # an announcement before the first question has nothing to answer to
        messages.append({"role": role, "content": text})


def build_prompt(
    config: ModelConfig,
    history: tuple[Exchange, ...],
    asked: Asked,
    summary: Summary | None = None,
    tools_tokens: int = 0,
) -> Prompt:
    """The system's text with the summary, then the newest exchanges that fit, then the question, cut if it must be."""
    untold = _untold(history, summary)
    system = system_text(config, asked.at)
    if history and history[-1].unheard:
        system += f"\n{UNHEARD}"
    if summary is not None:
        system += f"\nEarlier in this conversation: {summary.text[:_LONGEST_SUMMARY]}"
    room = config.prompt_tokens - tools_tokens - _cost(system)
    question = _cut_to(asked.text, max(room - _PER_MESSAGE_TOKENS, 64))
    room -= _cost(question)
    first = len(untold)
    while first > 0:
        exchange = untold[first - 1]
        room -= _cost(exchange.user_text) + _cost(exchange.assistant_text)
        if room < 0:
            break
        first -= 1
    messages = ({"role": "system", "content": system}, *turns(untold[first:], question))
    return Prompt(messages, sum(_cost(m["content"]) for m in messages) + tools_tokens, first)


def _untold(history: tuple[Exchange, ...], summary: Summary | None) -> tuple[Exchange, ...]:
    """The exchanges that the summary does not tell."""
    return tuple(exchange for exchange in history if summary is None or not summary.tells(exchange.turn))


def _cost(text: str) -> int:
    return estimate_tokens(text) + _PER_MESSAGE_TOKENS if text else 0


def _cut_to(text: str, tokens: int) -> str:
    """The beginning and the end of a text that is too long: a question stands mostly at one of them."""
    most = 8 * tokens  # no prose has more letters a token, and longer texts are not worth counting
    if len(text) > most:
        text = f"{text[: most // 2]} … {text[-most // 2 :]}"
    if estimate_tokens(text) <= tokens:
        return text
    kept = max(1, int(len(text) * tokens / estimate_tokens(text)) - 5)
    while (
        estimate_tokens(shortened := f"{text[: kept // 2]} … {text[-(kept - kept // 2) :]}") > tokens
        and kept > 8
    ):
        kept = int(kept * 0.9)
    return shortened


def to_summarise(
    config: ModelConfig, history: tuple[Exchange, ...], summary: Summary | None
) -> tuple[Exchange, ...]:
    """The oldest exchanges that the next summary should add, half of those untold; () while there is room.

    It is due before the room is used up, so that no turn has to wait for it.
    """
    untold = _untold(history, summary)
    used = sum(_cost(exchange.user_text) + _cost(exchange.assistant_text) for exchange in untold)
    if (used < 0.6 * config.prompt_tokens and len(untold) < _MOST_UNTOLD) or len(untold) < 4:
        return ()
    return tuple(exchange for exchange in untold[: len(untold) // 2] if exchange.turn is not None)


def summary_request(
    config: ModelConfig, old: tuple[Exchange, ...], summary: Summary | None
) -> tuple[tuple[Message, ...], int]:
    """What the model is asked for a summary of what is summed up so far and of `old`, and the tokens it may use."""
    lines = [f"Summary so far: {summary.text}"] if summary is not None else []
    for exchange in old:
        lines += [f"User: {exchange.user_text}"] if exchange.user_text else []
        lines += [f"Assistant: {exchange.assistant_text}"] if exchange.assistant_text else []
    task = (
        "Summarise this conversation in at most eight short sentences. Keep names, numbers, decisions and what the user"
        " asked for. Write the summary only."
    )
    room = config.prompt_tokens - _cost(task) - _SUMMARY_TOKENS
    text = _cut_to("\n".join(lines), max(room, 64))
    return ({"role": "system", "content": task}, {"role": "user", "content": text}), _SUMMARY_TOKENS
