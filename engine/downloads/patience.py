"""How patient a download is with a broken line, and how much of the disk it leaves free. A value; imports nothing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """`retry_s`: waits before a broken line is tried again; after them it is the user's turn, and progress starts them
    anew. `room_bytes` stay free on the disk."""

    retry_s: tuple[float, ...] = (1.0, 3.0, 10.0)
    room_bytes: int = 100_000_000
