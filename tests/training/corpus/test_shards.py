"""A corpus killed between two shards is finished by a rerun, to the byte."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.errors import SottoError
from tests.training.conftest import specs
from training.corpus.shards import write_corpus

pytestmark = pytest.mark.usefixtures("needs_flite")

KILLED = """
import sys
from pathlib import Path
from tests.training.conftest import specs
from training.corpus.shards import write_corpus
if __name__ == "__main__":
    for event in write_corpus(Path(sys.argv[1]), "speech", specs(), workers=1):
        print(event["event"], flush=True)
"""


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes() for path in sorted(folder.iterdir()) if not path.name.startswith(".")
    }


def test_killed_and_resumed_equals_uninterrupted(tiny_corpus: Path, tmp_path: Path) -> None:
    script = tmp_path / "write.py"
    script.write_text(KILLED, encoding="utf-8")
    folder = tmp_path / "corpus"
    root = Path(__file__).resolve().parents[3]
    writer = subprocess.Popen(
        [sys.executable, str(script), str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    with writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "shard\n"
        os.killpg(writer.pid, signal.SIGKILL)
    before = contents(folder)
    assert "shard-00000.jsonl" in before
    list(write_corpus(folder, "speech", specs(), workers=1))
    assert contents(folder) == contents(tiny_corpus)
    assert {name: data for name, data in before.items() if name != "corpus.json"}.items() <= contents(
        folder
    ).items()


def test_a_folder_with_another_plan_is_refused(tiny_corpus: Path) -> None:
    with pytest.raises(SottoError, match="other settings"):
        list(write_corpus(tiny_corpus, "speech", specs()[:1], workers=1))


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(SottoError, match="cannot be written"):
        list(write_corpus(tmp_path / "file", "speech", specs(), workers=1))
