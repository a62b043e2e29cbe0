"""Fetches one model: lists it, takes what is missing of each file from where it broke off, checks, links, remembers.

Downloads' fetching thread. Whatever ends it, what came stays and is not fetched twice.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from engine.downloads.hub import Hub, is_transient
from engine.downloads.patience import Patience
from engine.downloads.trouble import BrokenOff, DiskFull, WrongContent
from engine.recognition.catalogue import CatalogueModel
from engine.recognition.installed import KeptFile, KeptModel, is_whole, keep, kept_models, started_digest
from engine.recognition.model_folder import read_folder

_READ_BYTES = 1 << 20
_COMMIT_DIGITS = 40
T = TypeVar("T")


class Paused(Exception):
    """It was asked to stop."""


class Fetching:
    """One model's download. `tell` hears of bytes done and in all; `stop` ends it between two pieces."""

    def __init__(
        self,
        model: CatalogueModel,
        hub: Hub,
        data_folder: Path | None,
        stop: threading.Event,
        tell: Callable[[int, int], None],
        patience: Patience,
    ) -> None:
        self._model, self._hub, self._data_folder = model, hub, data_folder
        self._stop, self._tell = stop, tell
        self._patience = patience
        self._done = self._total = 0

    def run(self) -> KeptModel:
        """All of it. Raises Paused, and what `engine.downloads.hub.trouble` understands."""
        kept = self._begun() or self._listed()
        self._total = kept.size_bytes
        self._done = 0
        missing = [file for file in kept.files if not self._is_there(kept, file)]
        self._tell(self._done, self._total)
        self._check_room(kept, missing)
        for file in missing:
            self._take(kept, file)
        folder = Path(kept.folder)
        for file in kept.files:
            folder = self._again(lambda file=file: self._hub.link(kept.repo, kept.commit, file))  # type: ignore[misc]
        read_folder(folder, kept.kind, kept.precision or None)
        whole = KeptModel(
            name=kept.name, repo=kept.repo, commit=kept.commit, folder=str(folder), kind=kept.kind,
            precision=kept.precision, licence=kept.licence, files=kept.files, complete=True,
        )  # fmt: skip
        keep(whole, self._data_folder)
        return whole

    def _begun(self) -> KeptModel | None:
        """What an earlier attempt learnt: what is missing or damaged must come from the same commit."""
        for kept in kept_models(self._data_folder):
            same = (kept.name, kept.repo) == (self._model.name, self._model.repo)
            pinned = len(self._model.revision) == _COMMIT_DIGITS
            current = not pinned or kept.commit == self._model.revision
            if same and current and {file.path for file in kept.files} == set(self._model.files):
                return kept
        return None

    def _listed(self) -> KeptModel:
        model = self._model
        listing = self._again(lambda: self._hub.listing(model.repo, model.revision, model.files))
        kept = KeptModel(
            name=model.name,
            repo=model.repo,
            commit=listing.commit,
            folder="",
            kind=model.kind,
            precision=model.precision,
            licence=listing.licence or model.licence,
            files=listing.files,
            complete=False,
        )
        keep(kept, self._data_folder)
        return kept

    def _is_there(self, kept: KeptModel, file: KeptFile) -> bool:
        """Whether the cache has the file, and it is whole; a damaged one is thrown away."""
        self._look_up()
        path = self._hub.whole_path(kept.repo, file)
        if path.exists():
            if is_whole(path, file):
                self._done += file.size_bytes
                return True
            path.unlink()
        partial = self._hub.partial_path(kept.repo, file)
        if partial.exists():
            self._done += min(partial.stat().st_size, file.size_bytes)
        return False

    def _check_room(self, kept: KeptModel, missing: Sequence[KeptFile]) -> None:
        if not missing:
            return
        folder = self._hub.whole_path(kept.repo, missing[0]).parent
        folder.mkdir(parents=True, exist_ok=True)
        free, needed = shutil.disk_usage(folder).free, self._total - self._done
        if free < needed + self._patience.room_bytes:
            raise DiskFull(needed + self._patience.room_bytes, free)

    def _take(self, kept: KeptModel, file: KeptFile) -> None:
        """One file: the rest of it, then its checksum, then its place in the cache."""
        partial = self._hub.partial_path(kept.repo, file)
        digest = started_digest(file)
        with partial.open("a+b") as stream:
            stream.seek(0)
            while piece := stream.read(_READ_BYTES):
                self._look_up()
                digest.update(piece)
            have = stream.tell()

            def start_anew() -> None:
                nonlocal digest, have
                self._done -= have
                stream.truncate(0)
                digest, have = started_digest(file), 0

            def take_rest() -> None:
                nonlocal have
                if have > file.size_bytes:
                    start_anew()
                if have == file.size_bytes:
                    return
                with self._hub.bytes_of(kept.repo, kept.commit, file.path, have) as (begins, pieces):
                    if begins != have:
                        start_anew()
                    for piece in pieces:
                        self._look_up()
                        stream.write(piece)
                        digest.update(piece)
                        have += len(piece)
                        self._done += len(piece)
                        self._tell(self._done, self._total)
                        if have > file.size_bytes:
                            return
                if have < file.size_bytes:
                    raise BrokenOff(file.path)

            self._again(take_rest, lambda: have)
        if have != file.size_bytes or digest.hexdigest() != file.checksum:
            partial.unlink()
            self._done -= have
            raise WrongContent(f"{file.path} has another {'checksum' if have == file.size_bytes else 'size'}")
        partial.replace(self._hub.whole_path(kept.repo, file))

    def _again(self, do: Callable[[], T], progress: Callable[[], int] = lambda: 0) -> T:
        """Do it, and again after a wait where the line broke; each progress gives it all its tries anew."""
        waits = list(self._patience.retry_s)
        before = progress()
        while True:
            self._look_up()
            try:
                return do()
            except Exception as error:
                if not is_transient(error):
                    raise
                if progress() > before:
                    before, waits = progress(), list(self._patience.retry_s)
                if not waits:
                    raise
                self._stop.wait(waits.pop(0))

    def _look_up(self) -> None:
        if self._stop.is_set():
            raise Paused
