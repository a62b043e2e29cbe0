"""What the settings say about language models and tool servers, in whole sentences.

Of Qt it knows `app.desktop.language` alone.
"""

from __future__ import annotations

import shlex
from urllib.parse import urlsplit

from app.desktop.connections import Connections
from app.desktop.language import figure, said, tr
from engine.errands import ToolServerSetup


def host_of(address: str) -> str:
    """What people call a server by its address."""
    return urlsplit(address).netloc or address


def server_in_words(now: Connections, address: str) -> str:
    """A server by the program that it is, where that is known, and by its place."""
    name = next((server.name for server in now.servers if server.address == address), "")
    return f"{name}, {host_of(address)}" if name else host_of(address)


def who_answers(now: Connections) -> str:
    """Who answers now."""
    setup = now.setup
    if setup is None:
        if now.trouble("setup"):
            return tr("The settings of the answers cannot be read.")
        return tr("Reading the settings.")
    if setup.model is None:
        return tr("The built-in skills answer.")
    return tr(
        "{model} answers what the built-in skills do not ({server}).",
        model=setup.model.model,
        server=server_in_words(now, setup.model.address),
    )


def privacy(now: Connections) -> str:
    """Where what is said goes, and from when on."""
    setup = now.setup
    if setup is None:
        return ""
    if setup.model is None:
        what = tr(
            "They know the time, sums, notes, timers and the like, and need no network. A language model can answer"
            " the rest."
        )
    elif setup.model.is_here:
        what = tr("It runs on this machine: what you say stays here.")
    else:
        what = tr(
            "What you say, and the conversation so far, is sent to {server}.",
            server=host_of(setup.model.address),
        )
    when = tr("A change takes effect with your next question; the conversation goes on.")
    return " ".join(part for part in (setup.notice, what, when) if part)


def found_in_words(now: Connections) -> str:
    """What came of looking for servers."""
    if "find" in now.under_way:
        return tr("Looking on the usual ports.")
    if now.found is None:
        return tr(
            "Ollama, LM Studio, llama.cpp and vLLM are looked for on their usual ports. Nothing else is asked."
        )
    if not now.found:
        return tr(
            "No server answers here. Start Ollama, LM Studio, llama.cpp or vLLM and look again, or enter an"
            " address."
        )
    names = [tr("{server} (%n model(s))", "", len(one.models), server=one.name) for one in now.found]
    return tr("Found: {servers}.", servers=", ".join(names))


def about_key(now: Connections, address: str) -> str:
    """Whether a server has a key, and where it is."""
    if "key" in now.under_way:
        return tr("Asking the keyring of this computer.")
    if trouble := now.trouble("key"):
        return said(trouble)
    key = now.key
    if key is not None and key.address == address:
        if key.sentence:
            return key.sentence
        if key.has_key:
            return tr("The key is in the keyring of this computer, and nowhere else.")
        return tr("The key is gone.")
    if now.setup is not None and address in now.setup.keyed:
        return tr("This server has a key; it is in the keyring of this computer.")
    return ""


def about_times(now: Connections) -> str:
    """What came of a test."""
    if "try" in now.under_way:
        return tr("The model is asked to say hello. The first time, its server may have to load it.")
    times = now.times
    if times is None:
        return ""
    answer, question = _duration(times.first_answer_ms), _duration(times.first_question_ms)
    if times.first_question_ms > 2.0 * times.first_answer_ms + 500.0:
        return tr(
            "{model} answers: its first word comes after {time}, the first time after {first}, while it was loaded.",
            model=times.model,
            time=answer,
            first=question,
        )
    return tr("{model} answers: its first word comes after {time}.", model=times.model, time=answer)


def _duration(ms: float) -> str:
    return f"{figure(ms / 1000.0, 1)} s" if ms >= 1000.0 else f"{figure(ms)} ms"


def command_of(server: ToolServerSetup) -> str:
    """A tool server's program and arguments as one would type them, or its address."""
    return server.url or shlex.join((server.command, *server.arguments))


def about_tool_server(server: ToolServerSetup) -> str:
    """What a tool server may do, and what allowing it means."""
    place = command_of(server)
    if server.allowed and server.url:
        return tr(
            "Allowed: while a language model answers, Sotto reaches {place} and offers the model its tools.",
            place=place,
        )
    if server.allowed:
        return tr(
            "Allowed: while a language model answers, Sotto starts {place} and offers the model its tools.",
            place=place,
        )
    if server.url:
        return tr(
            "Not allowed, so it never runs. If you allow it, Sotto reaches {place} and offers its tools to the language"
            " model. Allow only what you trust.",
            place=place,
        )
    return tr(
        "Not allowed, so it never runs. If you allow it, Sotto starts {place} and offers its tools to the language"
        " model. Allow only what you trust.",
        place=place,
    )
