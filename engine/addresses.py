"""Whether an address stays on the user's machine. Pure; imports nothing heavy."""

from __future__ import annotations

from urllib.parse import urlsplit

LOOPBACK = ("localhost", "127.0.0.1", "::1")


def is_on_this_machine(url: str) -> bool:
    """Whether what is sent to an address stays on the user's machine."""
    return urlsplit(url).hostname in LOOPBACK
