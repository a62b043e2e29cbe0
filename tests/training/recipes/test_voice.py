"""All stages in as many calls as it takes: what is done stays done, what runs out of time leaves nothing running."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.errors import SottoError
from training.recipes.voice import Deadline, Sizes, Stage, finish, make_voice, plan, running, write_parts

SIZES = Sizes(
    codec_hours=0.01,
    speech_hours=0.01,
    codec_minutes=0.01,
    speech_minutes=0.01,
    codec_batch=1,
    rows=1,
    config=Path("resources/configs/tiny.toml"),
    speakers=("rms", "slt"),
    device="cpu",
)


def test_a_stage_out_of_time_is_stopped_with_all_its_workers(tmp_path: Path) -> None:
    stage = Stage(
        "corpus", ("corpus", "codec", "--out", str(tmp_path / "corpus"), "--hours", "9"), tmp_path / "done"
    )
    with running(stage) as process:
        assert finish(stage, process, Deadline(0.0)) is False
    assert process.returncode is not None
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
    assert not stage.done.exists()


def test_a_stage_that_fails_says_which(tmp_path: Path) -> None:
    stage = Stage(
        "codec", ("codec", "--corpus", str(tmp_path), "--run", str(tmp_path), "--steps", "1"), tmp_path
    )
    with (
        running(stage) as process,
        pytest.raises(SottoError, match="the stage 'codec' failed with exit code 2"),
    ):
        finish(stage, process, Deadline(1.0))


def test_stages_that_are_done_are_not_done_again(tmp_path: Path) -> None:
    for stage in plan(tmp_path, SIZES).stages:
        stage.done.parent.mkdir(parents=True, exist_ok=True)
        stage.done.touch()
    assert make_voice(tmp_path, SIZES, Deadline(0.0)) is True


def test_the_parts_of_a_file_join_to_the_file(tmp_path: Path) -> None:
    whole = os.urandom(2_500_000)
    (tmp_path / "model.safetensors").write_bytes(whole)
    files = [tmp_path / "model.safetensors"]
    first = write_parts(files, tmp_path / "parts", part_mib=1.0, first=0, count=2)
    rest = write_parts(files, tmp_path / "parts", part_mib=1.0, first=2, count=2)
    assert [path.stat().st_size for path in first] == [1 << 20, 1 << 20]
    assert b"".join(path.read_bytes() for path in sorted([*first, *rest])) == whole
