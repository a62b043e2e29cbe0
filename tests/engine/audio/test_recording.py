"""Whatever is handed over as a recording: it is heard, or one sentence says why not."""

from __future__ import annotations

import struct
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.audio.recording import RecordingFacts, examine_recording, read_recording
from engine.errors import SottoError

RATE_HZ = 48_000
BLOCK = RATE_HZ // 100


def wave_of(rate_hz: int, seconds: float = 0.5, frequency_hz: float = 500.0) -> NDArray[np.float64]:
    return 0.5 * np.sin(2 * np.pi * frequency_hz * np.arange(int(rate_hz * seconds)) / rate_hz)


def listened(path: Path) -> tuple[RecordingFacts, NDArray[np.float32]]:
    facts = examine_recording(path)
    blocks = list(read_recording(facts, RATE_HZ, BLOCK))
    assert {len(block) for block in blocks} == {BLOCK}
    return facts, np.concatenate(blocks)


@settings(max_examples=25)
@given(
    rate_hz=st.sampled_from([8_000, 16_000, 22_050, 44_100, 48_000, 192_000]),
    subtype=st.sampled_from(["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW"]),
    channels=st.integers(1, 3),
    seconds=st.floats(0.3, 0.6),
)
def test_any_rate_width_and_channels_sound_alike(
    tmp_path_factory: pytest.TempPathFactory, rate_hz: int, subtype: str, channels: int, seconds: float
) -> None:
    path = tmp_path_factory.mktemp("recordings") / "heard.wav"
    soundfile.write(path, np.stack([wave_of(rate_hz, seconds)] * channels, axis=1), rate_hz, subtype)
    facts, samples = listened(path)
    assert facts.remarks == ()
    assert facts.duration_s == pytest.approx(seconds, abs=1e-3)
    assert 0 <= len(samples) / RATE_HZ - facts.duration_s < 0.011
    middle = slice(RATE_HZ // 20, int(RATE_HZ * (seconds - 0.05)))
    expected = wave_of(RATE_HZ, len(samples) / RATE_HZ)
    np.testing.assert_allclose(samples[middle], expected[: len(samples)][middle], atol=0.03)


def test_direct_current_is_taken_away(tmp_path: Path) -> None:
    path = tmp_path / "offset.wav"
    soundfile.write(path, 0.3 + wave_of(RATE_HZ), RATE_HZ, "PCM_16")
    _, samples = listened(path)
    assert abs(samples.mean()) < 1e-3
    assert np.abs(samples).max() < 0.51


def test_channels_that_cancel_each_other_are_heard(tmp_path: Path) -> None:
    path = tmp_path / "opposed.wav"
    one = wave_of(RATE_HZ)
    soundfile.write(path, np.stack([one, -one], axis=1), RATE_HZ)
    facts, samples = listened(path)
    assert facts.channel is not None
    assert np.abs(samples).max() > 0.4


def test_one_silent_channel_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "left.wav"
    one = wave_of(RATE_HZ)
    soundfile.write(path, np.stack([one, 0 * one], axis=1), RATE_HZ)
    assert np.abs(listened(path)[1]).max() > 0.2


def test_clipping_is_told(tmp_path: Path) -> None:
    path = tmp_path / "clipped.wav"
    soundfile.write(path, np.clip(5.0 * wave_of(RATE_HZ), -1.0, 1.0), RATE_HZ)
    facts, _ = listened(path)
    (remark,) = facts.remarks
    assert "is clipped in" in remark
    assert "turned down" in remark


def test_what_is_no_number_is_silence(tmp_path: Path) -> None:
    path = tmp_path / "nan.wav"
    samples = wave_of(RATE_HZ).astype(np.float32)
    samples[100:200] = np.nan
    samples[300] = np.inf
    soundfile.write(path, samples, RATE_HZ, "FLOAT")
    assert np.isfinite(listened(path)[1]).all()


def test_a_file_that_breaks_off_is_used_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "truncated.wav"
    soundfile.write(path, wave_of(RATE_HZ), RATE_HZ, "PCM_16")
    path.write_bytes(path.read_bytes()[: 44 + RATE_HZ // 2])
    facts, samples = listened(path)
    assert facts.frames == RATE_HZ // 4
    (remark,) = facts.remarks
    assert "breaks off: 0.2 s of the 0.5 s" in remark
    assert np.abs(samples).max() > 0.4


@pytest.mark.parametrize("announced", [0, 0x7FFFFFFF, 0xFFFFFFFF])
def test_a_length_that_lies_is_not_believed(tmp_path: Path, announced: int) -> None:
    """As programs write it that did not know the length, into a pipe."""
    path = tmp_path / "piped.wav"
    soundfile.write(path, wave_of(RATE_HZ), RATE_HZ, "PCM_16")
    data = bytearray(path.read_bytes())
    data[40:44] = struct.pack("<I", announced)
    path.write_bytes(data)
    if announced:
        facts, samples = listened(path)
        assert facts.remarks == ()
        assert np.abs(samples).max() > 0.4
    else:
        with pytest.raises(SottoError, match="holds no sound"):
            examine_recording(path)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", r"is empty; give the name of a WAV file"),
        (b"Dear Sir or Madam, this is no sound at all." * 50, r"is not a sound file that can be read"),
        (b"RIFF\x00\x00\x00\x00WAVE", r"is not a sound file|holds no sound"),
        (b"\x00" * 5000, r"is not a sound file that can be read"),
    ],
)
def test_what_is_no_recording_is_one_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "claims.wav"
    path.write_bytes(content)
    with pytest.raises(SottoError, match=sentence) as caught:
        examine_recording(path)
    assert "\n" not in str(caught.value)


def test_a_name_that_promises_raw_samples_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "really-a-wav.raw"
    soundfile.write(tmp_path / "a.wav", wave_of(RATE_HZ), RATE_HZ)
    (tmp_path / "a.wav").rename(path)
    assert np.abs(listened(path)[1]).max() > 0.4


def test_a_header_without_sound_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "nothing.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
    with pytest.raises(SottoError, match=r"holds no sound: it has a header and nothing behind it"):
        examine_recording(path)


@pytest.mark.parametrize("rate_hz", [1, 100, 2_000_000])
def test_an_absurd_rate_is_one_sentence(tmp_path: Path, rate_hz: int) -> None:
    path = tmp_path / "absurd.wav"
    soundfile.write(path, np.zeros(1000), rate_hz)
    with pytest.raises(SottoError, match=r"its header is damaged"):
        examine_recording(path)


def test_places_without_a_file_are_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SottoError, match=r"^There is no file "):
        examine_recording(tmp_path / "missing.wav")
    with pytest.raises(SottoError, match=r"is a folder; give the name"):
        examine_recording(tmp_path)
    with pytest.raises(SottoError, match=r"is empty|is not a sound file"):
        examine_recording(Path("/dev/null"))
