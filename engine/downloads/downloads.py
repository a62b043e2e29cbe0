"""What the commands about recognisers do. Two threads: one fetches and removes, in order; one lists and verifies.

Both are begun by the first command that needs them. Nothing but `FetchRecogniser` opens a connection.
"""

from __future__ import annotations

import queue
import shutil
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from engine.commands import (
    FetchRecogniser,
    ListRecognisers,
    PauseFetch,
    RecogniserCommand,
    RemoveRecogniser,
    VerifyRecogniser,
)
from engine.downloads.patience import Patience
from engine.downloads.trouble import Trouble
from engine.errors import SottoError
from engine.event_values import FetchState, FetchTrouble, RecogniserState, RecogniserSummary
from engine.events import ErrorOccurred, Event
from engine.recogniser_events import FetchProgress, RecogniserRemoved, RecognisersListed, RecogniserVerified
from engine.recognition.catalogue import CATALOGUE, CatalogueModel, load_catalogue
from engine.recognition.choice import BUNDLED
from engine.recognition.installed import KeptModel, damaged_files, forget, kept_models, locate

if TYPE_CHECKING:
    from engine.downloads.hub import Hub

TELL_S = 0.2
"""Progress is told no more often."""

_END_S = 1.0

ABOUT_BUNDLED = RecogniserSummary(
    name=BUNDLED,
    title="pocketsphinx, bundled",
    state="bundled",
    licence="BSD",
    languages=("English",),
    hardware="any",
    about="Understands basic English commands: the time, dates, sums, units, notes, timers and alarms. It understands "
    "free conversation less well.",
)


def public_hub() -> Hub:
    """The hub and the cache that the environment names; its library is loaded here, on the thread that needs it."""
    from engine.downloads.hub import Hub

    return Hub()


class Downloads:
    """`send` takes events from any thread. Every call returns at once."""

    def __init__(
        self,
        send: Callable[[Event], None],
        make_hub: Callable[[], Hub] = public_hub,
        data_folder: Path | None = None,
        catalogue: Path = CATALOGUE,
        patience: Patience | None = None,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._send, self._make_hub, self._data_folder, self._catalogue = (
            send,
            make_hub,
            data_folder,
            catalogue,
        )
        self._patience, self._now_s = patience or Patience(), now_s
        self._lock, self._making = threading.Lock(), threading.Lock()
        self._telling = threading.Lock()  # what waits is told before it begins, or not at all
        self._made_hub: Hub | None = None
        self._stops: dict[str, threading.Event] = {}  # of downloads that wait or run, and were not stopped
        self._running: threading.Event | None = None  # of the download that runs
        self._progress: dict[str, tuple[int, int]] = {}
        self._fetching = _Worker("downloads", send)
        self._looking = _Worker("recognisers", send)

    def take(self, command: RecogniserCommand) -> None:
        """Do what a command says. On the process' main thread."""
        match command:
            case FetchRecogniser(recogniser=name):
                self._begin(name)
            case PauseFetch(recogniser=name):
                if self._stop(name):
                    self._looking.put(lambda: self._tell_not_begun(name, None))
            case RemoveRecogniser(recogniser=name):
                self._stop(name)
                self._fetching.put(lambda: self._remove(name))
            case VerifyRecogniser(recogniser=name):
                self._looking.put(lambda: self._verify(name))
            case ListRecognisers():
                self._looking.put(self._list)

    def close(self) -> None:
        """End both threads soon; a download goes on where it is when it is asked for again."""
        with self._lock:
            for stop in self._stops.values():
                stop.set()
        for worker in (self._fetching, self._looking):
            worker.close()

    def _begin(self, name: str) -> None:
        with self._lock:
            if name in self._stops:
                return  # it is under way
            self._stops[name] = stop = threading.Event()
            self._progress.setdefault(name, (0, 0))
        self._looking.put(lambda: self._tell_not_begun(name, stop))
        self._fetching.put(lambda: self._fetch(name, stop))

    def _stop(self, name: str) -> bool:
        """Have a download end; True for one that had not begun, of whose end nobody else tells."""
        with self._lock:
            stop = self._stops.pop(name, None)
            if stop is not None:
                stop.set()
            return stop is not None and stop is not self._running

    def _hub(self) -> Hub:
        with self._making:  # seconds may pass, in which the main thread must not wait for the other lock
            if self._made_hub is None:
                self._made_hub = self._make_hub()
            return self._made_hub

    # On the thread that fetches

    def _fetch(self, name: str, stop: threading.Event) -> None:
        from engine.downloads.fetching import Fetching, Paused
        from engine.downloads.hub import trouble

        with self._telling, self._lock:
            if stop.is_set():
                return
            self._running = stop
        told_s = self._now_s() - TELL_S
        repo = name

        def tell(done: int, total: int) -> None:
            nonlocal told_s
            self._progress[name] = done, total
            if self._now_s() - told_s >= TELL_S or done == total:
                told_s = self._now_s()
                self._tell(name, "fetching")

        try:
            model = self._named(name)
            repo = model.repo
            Fetching(model, self._hub(), self._data_folder, stop, tell, self._patience).run()
            state, failed = "done", None
        except Paused:
            state, failed = "paused", None
        except Exception as error:  # noqa: BLE001 - the download's boundary: a sentence to the user
            state, failed = "failed", trouble(error, repo)
            if failed.kind == "unknown":  # what was begun cannot be gone on with
                forget(name, self._data_folder)
        with self._lock:
            self._running = None
            if self._stops.get(name) is stop:
                del self._stops[name]
        self._tell(name, state, failed)  # type: ignore[arg-type]

    def _tell(self, name: str, state: FetchState, failed: Trouble | None = None) -> None:
        done, total = self._progress.get(name, (0, 0))
        kind: FetchTrouble = "" if failed is None else failed.kind
        message = "" if failed is None else failed.message
        self._send(
            FetchProgress(
                recogniser=name,
                state=state,
                done_bytes=done,
                total_bytes=total,
                trouble=kind,
                message=message,
            )
        )

    def _remove(self, name: str) -> None:
        kept = self._kept(name)
        if kept is None:
            raise SottoError(f"The recogniser {name!r} was not downloaded, so there is nothing to remove.")
        try:
            freed = self._hub().remove(kept.repo, kept.commit)
            forget(name, self._data_folder)
        except OSError as error:
            raise SottoError(
                f"The recogniser {name!r} cannot be removed ({error.strerror}); make its folder in "
                f"{self._hub().cache} writable."
            ) from error
        self._progress.pop(name, None)
        self._send(RecogniserRemoved(recogniser=name, freed_bytes=freed))

    # On the thread that looks

    def _tell_not_begun(self, name: str, stop: threading.Event | None) -> None:
        """That a download waits (`stop` is its own), or was paused before it began (None)."""
        with self._telling:
            with self._lock:
                now, runs = self._stops.get(name), self._running is not None and self._running is stop
            if now is stop and not runs:
                self._tell(name, "waiting" if stop is not None else "paused")

    def _list(self) -> None:
        hub = self._hub()
        kept = {model.name: model for model in kept_models(self._data_folder)}
        listed = [_summary(model, kept.get(model.name), self._here(kept.get(model.name)), self._runs(model.name))
                  for model in load_catalogue(self._catalogue)]  # fmt: skip
        there = next(folder for folder in (hub.cache, *hub.cache.parents) if folder.is_dir())
        free = shutil.disk_usage(there).free
        self._send(
            RecognisersListed(recognisers=(ABOUT_BUNDLED, *listed), free_bytes=free, cache=str(hub.cache))
        )

    def _here(self, kept: KeptModel | None) -> int:
        """Bytes of a model that are on this disk."""
        if kept is None:
            return 0
        hub, here = self._hub(), 0
        for file in kept.files:
            for path in (hub.whole_path(kept.repo, file), hub.partial_path(kept.repo, file)):
                if path.is_file():
                    here += min(path.stat().st_size, file.size_bytes)
                    break
        return here

    def _runs(self, name: str) -> bool:
        with self._lock:
            return name in self._stops

    def _verify(self, name: str) -> None:
        kept = self._kept(name)
        if kept is None or not kept.complete:
            try:
                folder = locate(name, self._data_folder)
            except SottoError as error:
                self._send(RecogniserVerified(recogniser=name, whole=False, message=str(error)))
                return
            told = f"{folder.path} holds a model of the kind {folder.kind}; there is no list of its files to check."
            self._send(RecogniserVerified(recogniser=name, whole=True, message=told))
            return
        damaged = damaged_files(kept)
        told = ""
        if damaged:
            told = f"Damaged or missing: {', '.join(damaged)}; download the recogniser {name} again, which mends them."
        self._send(RecogniserVerified(recogniser=name, whole=not damaged, message=told))

    def _kept(self, name: str) -> KeptModel | None:
        return next((model for model in kept_models(self._data_folder) if model.name == name), None)

    def _named(self, name: str) -> CatalogueModel:
        models = load_catalogue(self._catalogue)
        for model in models:
            if model.name == name:
                return model
        raise SottoError(
            f"There is no recogniser {name!r} to download; there are {', '.join(model.name for model in models)}."
        )


def _summary(model: CatalogueModel, kept: KeptModel | None, here: int, runs: bool) -> RecogniserSummary:
    state: RecogniserState = "available"
    if runs:
        state = "fetching"
    elif kept is not None:
        state = "installed" if kept.complete else "partial"
    return RecogniserSummary(
        name=model.name,
        title=model.title,
        state=state,
        licence=model.licence if kept is None else kept.licence,
        languages=model.languages,
        hardware=model.hardware,
        about=model.about,
        repo=model.repo,
        revision=model.revision if kept is None else kept.commit,
        size_bytes=model.size_mb * 1_000_000 if kept is None else kept.size_bytes,
        done_bytes=here,
        folder="" if kept is None else kept.folder,
    )


class _Worker:
    """A thread that does one job after the other, begun with the first; errors become events."""

    def __init__(self, name: str, send: Callable[[Event], None]) -> None:
        self._name, self._send = name, send
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def put(self, job: Callable[[], None]) -> None:
        """After those before it."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()
        self._jobs.put(job)

    def close(self) -> None:
        """Wait a little for its end."""
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join(_END_S)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                job()
            except SottoError as error:
                self._send(ErrorOccurred(code="refused", message=str(error)))
            except Exception as error:  # noqa: BLE001 - the thread's boundary: a sentence to the user, the cause beside it
                self._send(
                    ErrorOccurred(
                        code="internal",
                        message=f"A recogniser could not be looked after ({type(error).__name__}: {error}).",
                        cause=traceback.format_exc(),
                        mend="Please report this.",
                    )
                )
