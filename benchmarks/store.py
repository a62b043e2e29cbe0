"""The store: how long a turn takes to be kept, a search over 100,000 turns, and what a kill in the middle loses.

`python -m benchmarks.store --json`. Each of the kills starts a process that talks to a store, ends it by SIGKILL after
a random while, and holds what is in the file against what the process had said was committed.
"""

from __future__ import annotations

import argparse
import random
import re
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.telling import tell
from engine.errors import SottoError
from engine.session.record import HeardAnswer
from engine.store import FILE_NAME, Store, open_store
from engine.store.database import Database

_WORDS = (
    "time weather music timer milk bread kitchen garden holiday train meeting doctor birthday window coffee light"
    " question answer morning evening letter number street river mountain paper yellow silver quickly never always"
).split()


def measure(turns: int = 100_000, kills: int = 200) -> dict[str, Any]:
    """All three."""
    with tempfile.TemporaryDirectory() as folder:
        return _kept_and_found(Path(folder), turns) | {"killed": killed(Path(folder), kills)}


def _kept_and_found(folder: Path, turns: int) -> dict[str, Any]:
    chance = random.Random(7)
    store = open_store(folder)
    _fill(store, turns - 1000, chance)
    record, kept_ms, computed_ms = store.record(), [], []
    for number in range(1000):
        began_s, computing_s = time.perf_counter(), time.thread_time()
        record.user_said(number, _sentence(chance, 8), True, 0.9, datetime.now(UTC))
        asked_s = time.perf_counter()
        text = _sentence(chance, 20)
        record.assistant_heard(HeardAnswer(number, "time", text, text, 5000.0, False, True))
        kept_ms += [1000.0 * (asked_s - began_s), 1000.0 * (time.perf_counter() - asked_s)]
        computed_ms.append(1000.0 * (time.thread_time() - computing_s))
    searches = {}
    for words in ("milk", "coffee morning", "quickly never always", "mil", "zebra", "silver river mountain"):
        began_s = time.perf_counter()
        found = len(store.conversations.search(words))
        searches[words] = {"ms": round(1000.0 * (time.perf_counter() - began_s), 2), "found": found}
    began_s = time.perf_counter()
    store.conversations.delete(store.conversations.listed()[0].number)
    deleted_ms = 1000.0 * (time.perf_counter() - began_s)
    store.close()
    began_s = time.perf_counter()
    open_store(folder).close()
    opened_ms = 1000.0 * (time.perf_counter() - began_s)
    kept_ms.sort()
    computed_ms.sort()
    return {
        "turns": turns,
        "file_mb": round((folder / FILE_NAME).stat().st_size / 1e6, 1),
        "turn_ms": {
            "p50": round(kept_ms[1000], 3),
            "p99": round(kept_ms[1980], 3),
            "max": round(kept_ms[-1], 3),
        },
        "both_sides_cpu_ms": {"p50": round(computed_ms[500], 3), "p99": round(computed_ms[990], 3)},
        "search_ms": {"max": max(one["ms"] for one in searches.values())},
        "searches": searches,
        "delete_ms": round(deleted_ms, 1),
        "open_ms": round(opened_ms, 1),
    }


def _fill(store: Store, turns: int, chance: random.Random) -> None:
    """Many turns at once, in conversations of a hundred."""
    database: Database = store.database
    at = datetime.now(UTC).isoformat()
    with database.writing() as connection:
        for first in range(0, turns, 100):
            conversation = connection.execute(
                "INSERT INTO conversations (started_at) VALUES (?)", (at,)
            ).lastrowid
            connection.executemany(
                "INSERT INTO turns (conversation, at, user_text, spoken, confidence, heard_text, done)"
                " VALUES (?, ?, ?, 1, 0.9, ?, 1)",
                [
                    (conversation, at, _sentence(chance, 8), _sentence(chance, 20))
                    for _ in range(min(100, turns - first))
                ],
            )


def _sentence(chance: random.Random, words: int) -> str:
    return " ".join(chance.choices(_WORDS, k=words)) + f" {chance.randrange(10_000)}"


def killed(folder: Path, kills: int, seed: int = 1) -> dict[str, int]:
    """Kill a talking process so often; counts turns that lost more than the clause under way, and files now shut."""
    chance, lost, shut, turns = random.Random(seed), 0, 0, 0
    for kill in range(kills):
        place = folder / f"killed-{kill}"
        said = _talk_and_die(place, chance.uniform(0.0, 0.15))
        try:
            store = open_store(place)
        except SottoError:
            shut += 1
            continue
        if store.notice:
            shut += 1
        turns += len(said)
        lost += _missing(store, said)
        store.close()
    return {"kills": kills, "turns": turns, "lost_beyond_a_clause": lost, "would_not_open": shut}


def _talk_and_die(folder: Path, after_s: float) -> dict[int, int]:
    """The turns whose words were committed, and how many clauses of each answer, as the process told them."""
    command = [sys.executable, "-m", "benchmarks.talker", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None, "it was asked for"
        assert process.stdout.readline() == "ready\n", "the talker did not start"
        time.sleep(after_s)  # the random moment itself, not a wait for anything
        process.kill()
        told = process.stdout.read()
    said = {int(number): 0 for number in re.findall(r"^said (\d+)\n", told, re.MULTILINE)}
    for number, clauses in re.findall(r"^heard (\d+) (\d+)\n", told, re.MULTILINE):
        said[int(number)] = int(clauses)
    return said


def _missing(store: Store, said: dict[int, int]) -> int:
    """Turns of which something is missing that was committed."""
    listed = store.conversations.listed()
    if not listed:
        return len(said)
    kept = {turn.user_text: turn.heard_text.split() for turn in store.conversations.turns(listed[0].number)}
    return sum(
        f"question {number}" not in kept or len(kept[f"question {number}"]) < clauses
        for number, clauses in said.items()
    )


def main(argv: list[str]) -> int:
    """Measure, tell, and hold against the bars."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.store", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--turns", type=int, default=100_000, help="default: 100000")
    parser.add_argument("--kills", type=int, default=200, help="default: 200")
    options = parser.parse_args(argv)
    return tell("store", lambda: measure(options.turns, options.kills), options.json)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
