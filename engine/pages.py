"""Large pages of memory for the processes that compute: asked for by the environment that they are started in.

A frame reads a voice's weights from end to end. With pages of 4 KiB a good part of that is spent on finding the next
page, all the more in a virtual machine. Imports nothing; any process, before it starts another.
"""

from __future__ import annotations

import os
import sys

VARIABLE, NAME, VALUE = "GLIBC_TUNABLES", "glibc.malloc.hugetlb", "1"
"""glibc from 2.35 on asks for large pages itself then, where the system gives them to who asks (Linux: "madvise")."""


def ask_for_large_pages() -> None:
    """Let processes that are started from here have large pages. What the user says about them counts."""
    said = os.environ.get(VARIABLE, "")
    if sys.platform == "linux" and NAME not in said:
        os.environ[VARIABLE] = ":".join(part for part in (said, f"{NAME}={VALUE}") if part)
