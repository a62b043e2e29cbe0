"""A program that talks to a store without end and tells what it has committed, to be killed in the middle.

`python -m benchmarks.talker FOLDER`: after each commit a line on standard output, `said N` or `heard N CLAUSES`.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from engine.session.record import HeardAnswer
from engine.store import open_store

CLAUSES = 4


def main() -> None:
    """Talk until killed."""
    store = open_store(Path(sys.argv[1]))
    record = store.record()
    print("ready", flush=True)
    number = 0
    while True:
        number += 1
        record.user_said(number, f"question {number}", True, 1.0, datetime.now(UTC))
        print(f"said {number}", flush=True)
        for count in range(1, CLAUSES + 1):
            heard = " ".join(f"clause-{number}-{one}" for one in range(1, count + 1))
            record.assistant_heard(
                HeardAnswer(number, "talker", heard, heard, 400.0 * count, False, count == CLAUSES)
            )
            print(f"heard {number} {count}", flush=True)


if __name__ == "__main__":
    main()
