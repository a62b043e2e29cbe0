"""What the benchmark of commands counts."""

from __future__ import annotations

from typing import Any

from benchmarks.commands import WARM_UP, summary


def row(condition: str, taken: bool) -> dict[str, Any]:
    return {
        "condition": condition,
        "text": None,
        "heard": "what time is it",
        "from_grammar": taken,
        "rejected": False,
        "finish_ms": 10.0,
        "rtf": 0.3,
        "stable_kept": True,
    }


def test_commands_that_warm_up_are_no_false_accepts() -> None:
    rows = [row("others clean", taken=True)] * WARM_UP + [row("others clean", taken=False)] * 9
    rows.append(row("others clean", taken=True))
    figures = summary(rows)
    assert figures["accepted"]["all"] == figures["accepted"]["clean"] == 0.1
