"""Which recogniser models were downloaded: one small JSON file each, with where they lie and every file's checksum.

Any thread. The models themselves lie in the shared Hugging Face cache. Imports nothing heavy.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from engine.errors import SottoError
from engine.paths import data_dir
from engine.recognition.model_folder import ModelFolder, read_folder

_PIECE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file of a model: `checksum` is SHA-256 (64 digits), or git's SHA-1 of a blob (40) for what is small."""

    path: str
    size_bytes: int
    checksum: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptModel:
    """What is known of a model that is here, or of which a part is (`complete` is false). `folder` is its snapshot."""

    name: str
    repo: str
    commit: str
    folder: str
    kind: str
    precision: str
    licence: str
    files: tuple[KeptFile, ...]
    complete: bool

    @property
    def size_bytes(self) -> int:
        """All its files together."""
        return sum(file.size_bytes for file in self.files)


def records_folder(data_folder: Path | None = None) -> Path:
    """Where the small files lie."""
    return data_dir(data_folder) / "recognition" / "models"


def kept_models(data_folder: Path | None = None) -> tuple[KeptModel, ...]:
    """Every model that was downloaded, wholly or in part. A record that cannot be read counts as none."""
    found = []
    for path in sorted(records_folder(data_folder).glob("*.json")):
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            files = tuple(KeptFile(**file) for file in values.pop("files"))
            found.append(KeptModel(files=files, **values))
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            continue  # as good as not downloaded: downloading again finds what is in the cache
    return tuple(found)


def keep(model: KeptModel, data_folder: Path | None = None) -> None:
    """Remember it, whole or not at all. Raises OSError."""
    folder = records_folder(data_folder)
    folder.mkdir(parents=True, exist_ok=True)
    partly = folder / f"{model.name}.{os.getpid()}.new"
    partly.write_text(json.dumps(dataclasses.asdict(model)), encoding="utf-8")
    partly.replace(folder / f"{model.name}.json")


def forget(name: str, data_folder: Path | None = None) -> None:
    """No longer remember it. Raises OSError."""
    (records_folder(data_folder) / f"{name}.json").unlink(missing_ok=True)


def locate(wanted: str, data_folder: Path | None = None) -> ModelFolder:
    """The model of this name, or in this folder. Raises SottoError with one sentence where there is none."""
    for model in kept_models(data_folder):
        if model.name == wanted and model.complete:
            return read_folder(Path(model.folder), model.kind, model.precision or None)
    path = Path(wanted).expanduser()
    if path.exists():
        return read_folder(path)
    raise SottoError(
        f"There is no recogniser {wanted!r} here; `sotto recognisers list` shows those that can be had, and "
        f"`sotto recognisers fetch {wanted}` downloads one of them."
    )


def damaged_files(model: KeptModel) -> tuple[str, ...]:
    """The files of it that are missing or not what was downloaded."""
    return tuple(file.path for file in model.files if not is_whole(Path(model.folder, file.path), file))


def is_whole(path: Path, file: KeptFile) -> bool:
    """Whether what lies there has the size and the checksum."""
    try:
        if path.stat().st_size != file.size_bytes:
            return False
        digest = started_digest(file)
        with path.open("rb") as stream:
            while piece := stream.read(_PIECE_BYTES):
                digest.update(piece)
    except OSError:
        return False
    return digest.hexdigest() == file.checksum


def started_digest(file: KeptFile) -> hashlib._Hash:
    """What is to be updated with the file's bytes: SHA-256 of them, or git's SHA-1 of a blob."""
    if len(file.checksum) == 64:
        return hashlib.sha256()
    return hashlib.sha1(f"blob {file.size_bytes}\0".encode(), usedforsecurity=False)
