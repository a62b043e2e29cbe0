"""Weight files: only intact safetensors of our own are read, and never a half-written one is left."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors import SafetensorError
from safetensors.torch import save_file

from engine.errors import VoiceError
from engine.weights import hash_tensors, read_weights, write_weights


def tensors() -> dict[str, torch.Tensor]:
    rng = torch.Generator().manual_seed(0)
    return {"a": torch.randn(3, 5, generator=rng), "b.c": torch.randn(40, generator=rng)}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "weights.safetensors"
    write_weights(path, tensors(), {"kind": "test", "number": 3})
    return path


def test_what_is_written_is_read_rounded_to_bf16(path: Path) -> None:
    read, about = read_weights(path)
    assert about["kind"] == "test"
    assert about["number"] == 3
    for name, tensor in tensors().items():
        assert read[name].dtype == torch.float32
        assert torch.equal(read[name], tensor.to(torch.bfloat16).float())
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    assert path.stat().st_mode & 0o444 == 0o444


def test_the_hash_names_names_shapes_and_contents() -> None:
    plain = hash_tensors(tensors().items())
    assert hash_tensors(reversed(list(tensors().items()))) == plain
    changed = [
        {**tensors(), "d": torch.zeros(1)},
        {**tensors(), "a": tensors()["a"].view(5, 3)},
        {**tensors(), "a": tensors()["a"] + 0.1},
        {"A" if name == "a" else name: tensor for name, tensor in tensors().items()},
    ]
    assert plain not in {hash_tensors(other.items()) for other in changed}


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(VoiceError, match=r"gone\.safetensors is missing"):
        read_weights(tmp_path / "gone.safetensors")
    with pytest.raises(VoiceError, match="is missing"):
        read_weights(tmp_path)


def test_a_truncated_file_is_refused_wherever_it_ends(path: Path) -> None:
    whole = path.read_bytes()
    for size in (0, 3, 7, 8, 50, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:size])
        with pytest.raises(VoiceError, match="install the voice again"):
            read_weights(path)


def test_a_changed_byte_is_noticed_wherever_it_is(path: Path) -> None:
    whole = path.read_bytes()
    header = int.from_bytes(whole[:8], "little")
    for at in (8 + header, 8 + header + 31, len(whole) - 1):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(VoiceError, match=r"weights\.safetensors does not match its checksum"):
            read_weights(path)


def test_a_changed_header_never_ends_in_another_error(path: Path) -> None:
    whole = path.read_bytes()
    header = int.from_bytes(whole[:8], "little")
    refused = 0
    for at in range(0, 8 + header, 3):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        try:
            _, about = read_weights(path)
        except VoiceError:
            refused += 1
        else:
            assert isinstance(about, dict)
    assert refused > header // 6


def test_a_pickle_is_never_opened(tmp_path: Path) -> None:
    class Armed:
        def __reduce__(self) -> tuple[object, ...]:
            return (Path.touch, (tmp_path / "ran",))

    for zipped in (True, False):
        path = tmp_path / "weights.safetensors"
        torch.save({"a": Armed()}, path, _use_new_zipfile_serialization=zipped)
        with pytest.raises(VoiceError, match="pickled checkpoint, which can run code"):
            read_weights(path)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "metadata", [None, {}, {"sotto": "null"}, {"sotto": "[]"}, {"sotto": json.dumps({"a": 1})}]
)
def test_a_file_of_someone_else_is_refused(tmp_path: Path, metadata: dict[str, str] | None) -> None:
    path = tmp_path / "weights.safetensors"
    save_file(tensors(), str(path), metadata=metadata)
    with pytest.raises(VoiceError, match="was not written by Sotto"):
        read_weights(path)


def test_a_failed_write_leaves_the_old_file_alone(path: Path) -> None:
    before = path.read_bytes()
    path.with_name(path.name + ".partial").mkdir()  # so that the new one cannot be written
    with pytest.raises((OSError, SafetensorError)):
        write_weights(path, {"a": torch.zeros(2)}, {})
    assert path.read_bytes() == before


@pytest.mark.parametrize("bad", [torch.nan, torch.inf])
def test_weights_that_are_no_numbers_are_refused(path: Path, bad: float) -> None:
    spoilt = tensors()
    spoilt["b.c"][7] = bad
    write_weights(path, spoilt, {})
    with pytest.raises(VoiceError, match="no numbers"):
        read_weights(path)
