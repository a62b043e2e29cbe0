"""A conversation whose process is killed at random moments loses at most the clause under way."""

from __future__ import annotations

from pathlib import Path

from benchmarks.store import killed


def test_a_kill_loses_nothing_that_was_committed(tmp_path: Path) -> None:
    outcome = killed(tmp_path, kills=6)
    assert outcome["turns"] > 20, "it was killed before it talked"
    assert outcome["lost_beyond_a_clause"] == 0
    assert outcome["would_not_open"] == 0
