"""A run that is killed in the middle goes on from its checkpoint and ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from safetensors import safe_open

from tests.training.recipes.conftest import metrics
from tests.training.recipes.settings import train_codec, train_speech

STEPS, KILLED_AFTER = 24, 17
"""Dead books are restarted at step 20, from what was counted before the kill."""
ROOT = Path(__file__).parents[3]


def kill_in_the_middle(call: str, *paths: Path) -> None:
    """Run `call` (a function of settings) in a process of its own, for ever; kill -9 it after some steps."""
    program = (
        "import sys, pathlib; from tests.training.recipes import settings; "
        f"settings.{call}(*map(pathlib.Path, sys.argv[1:]), steps={STEPS}, checkpoint_every_s=0.0)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, *map(str, paths)],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        text=True,
    )
    with process:
        assert process.stdout is not None
        for line in process.stdout:
            if json.loads(line)["step"] == KILLED_AFTER:
                break
        process.kill()
    assert process.returncode == -9


def checkpointed_step(folder: Path) -> int:
    with safe_open(str(folder / "checkpoint.safetensors"), framework="pt") as file:
        return int(file.metadata()["step"])


def test_a_killed_codec_run_ends_as_an_uninterrupted_one(tones: Path, tmp_path: Path) -> None:
    kill_in_the_middle("train_codec", tones, tmp_path / "killed")
    reached = checkpointed_step(tmp_path / "killed")
    assert KILLED_AFTER - 1 <= reached < STEPS
    before = len(metrics(tmp_path / "killed"))
    train_codec(tones, tmp_path / "killed", STEPS)
    train_codec(tones, tmp_path / "whole", STEPS)
    resumed, whole = metrics(tmp_path / "killed")[before:], metrics(tmp_path / "whole")
    assert [line["step"] for line in resumed] == [*range(reached + 1, STEPS + 1), STEPS]
    for one, other in zip(resumed, whole[reached:], strict=True):
        assert one.keys() == other.keys()
        for name in one.keys() - {"minutes"}:
            assert one[name] == pytest.approx(other[name], rel=0.02, abs=1e-3), name


def test_a_killed_speech_run_ends_as_an_uninterrupted_one(
    tokens: Path, codec_run: Path, tmp_path: Path
) -> None:
    codec = codec_run / "codec.safetensors"
    kill_in_the_middle("train_speech", tokens, codec, tmp_path / "killed")
    reached = checkpointed_step(tmp_path / "killed")
    assert KILLED_AFTER - 1 <= reached < STEPS
    before = metrics(tmp_path / "killed")
    train_speech(tokens, codec, tmp_path / "killed", STEPS)
    resumed = metrics(tmp_path / "killed")[len(before) :]
    assert [line["step"] for line in resumed] == [*range(reached + 1, STEPS + 1), STEPS, STEPS]
    assert resumed[0]["minutes"] > before[0]["minutes"]
    assert (tmp_path / "killed" / "model.safetensors").is_file()
    train_speech(tokens, codec, tmp_path / "whole", STEPS)
    for one, other in zip(resumed, metrics(tmp_path / "whole")[reached:], strict=True):
        assert one.keys() == other.keys()
        for name in one.keys() - {"minutes"}:
            assert one[name] == pytest.approx(other[name], rel=0.02, abs=1e-3), name
