"""Processes that compute are started with large pages asked for, and with what the user says of them."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from engine.pages import NAME, VARIABLE, ask_for_large_pages

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="glibc's tunables are Linux'")


@LINUX
def test_a_process_that_is_started_then_asks_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    ask_for_large_pages()
    ask_for_large_pages()
    read = f"import os; print(os.environ[{VARIABLE!r}])"
    said = subprocess.run([sys.executable, "-S", "-c", read], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == f"{NAME}=1"


@LINUX
@pytest.mark.parametrize(
    ("said", "then"),
    [(f"{NAME}=0", f"{NAME}=0"), ("glibc.malloc.arena_max=2", f"glibc.malloc.arena_max=2:{NAME}=1")],
)
def test_what_the_user_says_counts(monkeypatch: pytest.MonkeyPatch, said: str, then: str) -> None:
    monkeypatch.setenv(VARIABLE, said)
    ask_for_large_pages()
    assert os.environ[VARIABLE] == then
