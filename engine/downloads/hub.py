"""The Hugging Face Hub: what a repository holds, its files' bytes from any place on, its shared cache on this disk.

Downloads' threads; the one file that imports huggingface_hub, which leaves no partial file behind it: bytes are taken
here over its own session, checked, and handed to its cache under the name that it looks for.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import httpx2

os.environ["HF_HUB_DISABLE_TELEMETRY"] = (
    "1"  # read once, on import; it also asks who runs the program otherwise
)
from huggingface_hub import HfApi, hf_hub_download, hf_hub_url, scan_cache_dir
from huggingface_hub.constants import HF_HUB_CACHE
from huggingface_hub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.file_download import repo_folder_name
from huggingface_hub.utils._headers import build_hf_headers
from huggingface_hub.utils._http import get_session, hf_raise_for_status

from engine.downloads.trouble import BrokenOff, Trouble, WrongContent
from engine.recognition.installed import KeptFile

ANSWER_S = 10.0
"""How long the hub may be silent."""

STALL_S = 4.0
"""How long a body may stand still: a pause is looked for then, and the line is taken up anew where it is not wanted."""

PIECE_BYTES = 1 << 18
PARTIAL = ".sotto.incomplete"
"""Ending of what is not there wholly; the cache's own tools know files that end so as unfinished."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What a repository holds at one commit: the licence that it names, the files that were asked for."""

    commit: str
    licence: str
    files: tuple[KeptFile, ...]


class Hub:
    """`endpoint` and `cache`: None for what the environment says, which is the public hub and the user's cache."""

    def __init__(self, endpoint: str | None = None, cache: Path | None = None) -> None:
        self._endpoint = endpoint
        self.cache = Path(HF_HUB_CACHE) if cache is None else cache

    def listing(self, repo: str, revision: str, names: tuple[str, ...]) -> Listing:
        """The commit that `revision` means now, and these files of it. Raises what `trouble` understands."""
        info = HfApi(endpoint=self._endpoint, library_name="sotto").model_info(
            repo, revision=revision, files_metadata=True, timeout=ANSWER_S
        )
        there = {file.rfilename: file for file in info.siblings or ()}
        if missing := [name for name in names if name not in there]:
            raise WrongContent(f"the repository has no {', '.join(missing)}")
        files = []
        for name in names:
            file = there[name]
            checksum = file.lfs.sha256 if file.lfs is not None else file.blob_id
            if file.size is None or not checksum:
                raise WrongContent(f"the hub tells no size or checksum of {name}")
            files.append(KeptFile(name, file.size, checksum))
        card = info.card_data
        return Listing(
            str(info.sha), str(card.license) if card is not None and card.license else "", tuple(files)
        )

    @contextlib.contextmanager
    def bytes_of(
        self, repo: str, commit: str, name: str, start: int
    ) -> Iterator[tuple[int, Iterator[bytes]]]:
        """Where the bytes begin that come now (0 where the server knows no ranges), and the bytes."""
        url = hf_hub_url(repo, name, revision=commit, endpoint=self._endpoint)
        headers = build_hf_headers(library_name="sotto") | {"Accept-Encoding": "identity"}
        if start:
            headers["Range"] = f"bytes={start}-"
        with get_session().stream(
            "GET", url, headers=headers, timeout=httpx2.Timeout(ANSWER_S, read=STALL_S), follow_redirects=True
        ) as answer:
            if answer.status_code == 416:  # what is here is longer than the file
                yield 0, iter(())
                return
            hf_raise_for_status(answer)
            yield (start if answer.status_code == 206 else 0), answer.iter_bytes(PIECE_BYTES)

    def whole_path(self, repo: str, file: KeptFile) -> Path:
        """Where the cache keeps these bytes."""
        return self._repo_folder(repo) / "blobs" / file.checksum

    def partial_path(self, repo: str, file: KeptFile) -> Path:
        """Where they lie until they are all there."""
        return self.whole_path(repo, file).with_name(f"{file.checksum}{PARTIAL}")

    def link(self, repo: str, commit: str, file: KeptFile) -> Path:
        """Give the bytes their name in the snapshot of this commit; gives the snapshot's folder."""
        linked = hf_hub_download(
            repo,
            file.path,
            revision=commit,
            endpoint=self._endpoint,
            cache_dir=self.cache,
            library_name="sotto",
        )
        return Path(linked).parents[len(PurePosixPath(file.path).parts) - 1]

    def remove(self, repo: str, commit: str) -> int:
        """Take a commit's files out of the cache, and what is unfinished; gives the bytes that came free."""
        freed = 0
        for partial in self._repo_folder(repo).glob(f"blobs/*{PARTIAL}"):
            freed += partial.stat().st_size
            partial.unlink()
        if (self._repo_folder(repo) / "snapshots" / commit).is_dir():
            strategy = scan_cache_dir(self.cache).delete_revisions(commit)
            freed += strategy.expected_freed_size
            strategy.execute()
        return freed

    def _repo_folder(self, repo: str) -> Path:
        return self.cache / repo_folder_name(repo_id=repo, repo_type="model")


def is_transient(error: BaseException) -> bool:
    """Whether trying again may help: the line broke, or the hub is busy."""
    if isinstance(error, HfHubHTTPError):
        return error.response.status_code in (408, 429) or error.response.status_code >= 500
    return isinstance(error, httpx2.TransportError | BrokenOff)


def trouble(error: BaseException, repo: str) -> Trouble:
    """What an error of this file means."""
    if isinstance(error, GatedRepoError):
        return Trouble(
            "gated",
            f"The model {repo} is given only to those who accept its terms; accept them at "
            f"https://huggingface.co/{repo}, log in with `hf auth login`, and download again.",
        )
    private = isinstance(error, HfHubHTTPError) and error.response.status_code == 401
    if isinstance(error, RepositoryNotFoundError) or private:
        return Trouble(
            "unknown",
            f"There is no model {repo} on the hub, or it is private; choose another, or use a folder.",
        )
    if isinstance(error, RevisionNotFoundError | EntryNotFoundError):
        return Trouble(
            "unknown", f"The model {repo} is not on the hub as it was; choose another, or use a folder."
        )
    if isinstance(error, OfflineModeIsEnabled):
        return Trouble(
            "offline",
            "Downloads are switched off by HF_HUB_OFFLINE; unset it and start Sotto again, or use a folder.",
        )
    if isinstance(error, HfHubHTTPError) and not is_transient(error):
        status = error.response.status_code
        return Trouble("refused", f"The hub refuses the model {repo} (status {status}); try again later.")
    if isinstance(error, HfHubHTTPError | httpx2.HTTPError | BrokenOff):
        return Trouble(
            "network",
            "The connection to the hub broke off or could not be made; what has come is kept. Look at the network, "
            "then resume.",
        )
    return Trouble.of(error)
