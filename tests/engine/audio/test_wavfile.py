"""A WAV file is there whole or not at all, and what is wrong with its place is one sentence."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.audio.wavfile import WavWriter, check_target
from engine.errors import SottoError

RATE_HZ = 24_000
SECOND = np.sin(np.arange(RATE_HZ) / 20).astype(np.float32)


@contextmanager
def files_limited_to(limit_bytes: int) -> Iterator[None]:
    """Writes beyond the limit fail as they do on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_file_written_in_pieces_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "speech.wav"
    with WavWriter(path, RATE_HZ) as writer:
        for piece in np.split(SECOND, 10):
            writer.write(piece)
            assert not path.exists(), "the name appears with the whole file"
    samples, rate_hz = soundfile.read(path, dtype="float32")
    assert rate_hz == RATE_HZ
    np.testing.assert_allclose(samples, SECOND, atol=2 / 32_767)
    assert list(tmp_path.iterdir()) == [path]


def test_loud_samples_are_clipped_not_wrapped(tmp_path: Path) -> None:
    with WavWriter(tmp_path / "loud.wav", RATE_HZ) as writer:
        writer.write(np.array([2.0, -3.0], np.float32))
    samples, _ = soundfile.read(tmp_path / "loud.wav")
    assert samples[0] > 0.99
    assert samples[1] < -0.99


def test_an_interrupted_file_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "speech.wav"
    path.write_bytes(b"what was here before")

    def write_and_stop() -> None:
        with WavWriter(path, RATE_HZ) as writer:
            writer.write(SECOND)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_and_stop()
    assert path.read_bytes() == b"what was here before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_keeps_pointing_at_the_new_file(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    link = tmp_path / "link.wav"
    link.symlink_to(tmp_path / "kept" / "speech.wav")
    with WavWriter(link, RATE_HZ) as writer:
        writer.write(SECOND)
    assert link.is_symlink()
    assert soundfile.info(tmp_path / "kept" / "speech.wav").frames == RATE_HZ


@pytest.mark.parametrize("limit_bytes", [1000, RATE_HZ])
def test_a_full_disk_is_one_sentence_and_no_file(tmp_path: Path, limit_bytes: int) -> None:
    def write() -> None:
        with WavWriter(tmp_path / "speech.wav", RATE_HZ) as writer:
            for piece in np.split(SECOND, 10):
                writer.write(piece)

    with files_limited_to(limit_bytes), pytest.raises(SottoError, match=r"is full; free some space"):
        write()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("missing/speech.wav", "does not exist; create it"),
        ("folder", "is a folder"),
        ("file/speech.wav", "does not exist; create it"),
        ("/dev/null", "not an ordinary file"),
        ("n" * 300 + ".wav", "too long"),
        ("/proc/speech.wav", "cannot be written"),
    ],
)
def test_a_place_that_cannot_work_is_refused_first(tmp_path: Path, target: str, sentence: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("a file")
    before = set(tmp_path.rglob("*"))
    with pytest.raises(SottoError, match=sentence):
        check_target(tmp_path / target)
    assert set(tmp_path.rglob("*")) == before
