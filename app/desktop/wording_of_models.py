"""What the settings say about language models and tool servers, in whole sentences. Pure; must not import Qt."""

from __future__ import annotations

import shlex
from urllib.parse import urlsplit

from app.desktop.connections import Connections
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
        return (
            now.trouble("setup") and "The settings of the answers cannot be read." or "Reading the settings."
        )
    if setup.model is None:
        return "The built-in skills answer."
    return f"{setup.model.model} answers what the built-in skills do not ({server_in_words(now, setup.model.address)})."


def privacy(now: Connections) -> str:
    """Where what is said goes, and from when on."""
    setup = now.setup
    if setup is None:
        return ""
    notice = f"{setup.notice} " if setup.notice else ""
    if setup.model is None:
        return (
            f"{notice}They know the time, sums, notes, timers and the like, and need no network. A language model can"
            " answer the rest. A change takes effect with your next question; the conversation goes on."
        )
    where = (
        "It runs on this machine: what you say stays here."
        if setup.model.is_here
        else f"What you say, and the conversation so far, is sent to {host_of(setup.model.address)}."
    )
    return f"{notice}{where} A change takes effect with your next question; the conversation goes on."


def found_in_words(now: Connections) -> str:
    """What came of looking for servers."""
    if "find" in now.under_way:
        return "Looking on the usual ports."
    if now.found is None:
        return "Ollama, LM Studio, llama.cpp and vLLM are looked for on their usual ports. Nothing else is asked."
    if not now.found:
        return (
            "No server answers here. Start Ollama, LM Studio, llama.cpp or vLLM and look again, or enter an"
            " address."
        )
    names = [
        f"{server.name} ({len(server.models)} model{'' if len(server.models) == 1 else 's'})"
        for server in now.found
    ]
    return f"Found: {', '.join(names)}."


def about_key(now: Connections, address: str) -> str:
    """Whether a server has a key, and where it is."""
    if "key" in now.under_way:
        return "Asking the keyring of this computer."
    if trouble := now.trouble("key"):
        return trouble
    key = now.key
    if key is not None and key.address == address:
        if key.sentence:
            return key.sentence
        return (
            "The key is in the keyring of this computer, and nowhere else."
            if key.has_key
            else "The key is gone."
        )
    if now.setup is not None and address in now.setup.keyed:
        return "This server has a key; it is in the keyring of this computer."
    return ""


def about_times(now: Connections) -> str:
    """What came of a test."""
    if "try" in now.under_way:
        return "The model is asked to say hello. The first time, its server may have to load it."
    times = now.times
    if times is None:
        return ""
    words = f"{times.model} answers: its first word comes after {_duration(times.first_answer_ms)}"
    if times.first_question_ms > 2.0 * times.first_answer_ms + 500.0:
        words += f", the first time after {_duration(times.first_question_ms)}, while it was loaded"
    return f"{words}."


def _duration(ms: float) -> str:
    return f"{ms / 1000.0:.1f} s" if ms >= 1000.0 else f"{ms:.0f} ms"


def command_of(server: ToolServerSetup) -> str:
    """A tool server's program and arguments as one would type them, or its address."""
    return server.url or shlex.join((server.command, *server.arguments))


def about_tool_server(server: ToolServerSetup) -> str:
    """What a tool server may do, and what allowing it means."""
    does = f"reaches {server.url}" if server.url else f"starts {command_of(server)}"
    if server.allowed:
        return f"Allowed: while a language model answers, Sotto {does} and offers the model its tools."
    return (
        f"Not allowed, so it never runs. If you allow it, Sotto {does} and offers its tools to the language model."
        " Allow only what you trust."
    )
