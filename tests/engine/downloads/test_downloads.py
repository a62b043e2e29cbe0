"""A recogniser model is fetched from a hub: whole, broken off, paused, damaged, refused; checked and removed."""

from __future__ import annotations

import errno
import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest

from engine.commands import FetchRecogniser, ListRecognisers, PauseFetch, RemoveRecogniser, VerifyRecogniser
from engine.downloads import Downloads
from engine.downloads.hub import PARTIAL, Hub
from engine.downloads.patience import Patience
from engine.downloads.trouble import DiskFull, Trouble
from engine.event_values import RecogniserSummary
from engine.events import ErrorOccurred, Event
from engine.recogniser_events import FetchProgress, RecogniserRemoved, RecognisersListed, RecogniserVerified
from engine.recognition.catalogue import load_catalogue
from engine.recognition.installed import kept_models, locate
from tests.fakes.hub_server import COMMIT, HubServer
from tests.fixtures.tone_models import write_model

WAIT_S = 10.0
E = TypeVar("E", bound=Event)
PADDING = 3_000_000
"""The weights are made longer than what one piece holds; onnxruntime does not read these here."""

CATALOGUE = """
[tones]
title = "Tones"
repo = "somebody/tones-onnx"
revision = "main"
kind = "nemo-conformer-ctc"
files = ["config.json", "vocab.txt", "model.onnx"]
licence = "unknown"
languages = ["Tones"]
size_mb = 3
hardware = "any"
about = "For tests."
"""


@dataclass
class Keeper:
    """Somebody who looks after recognisers, and what they are told."""

    downloads: Downloads
    events: queue.Queue[Event]
    cache: Path
    data: Path

    def waits_for(self, kind: type[E], so: Callable[[E], bool] = lambda _: True) -> E:
        """The next event of this kind that is so; an error of another kind fails the test."""
        while True:
            event = self.events.get(timeout=WAIT_S)
            if isinstance(event, kind) and so(event):
                return event
            assert not isinstance(event, ErrorOccurred), event

    def fetches(self, name: str = "tones") -> FetchProgress:
        """Ask for it, and wait for the end."""
        self.downloads.take(FetchRecogniser(recogniser=name))
        return self.waits_for(FetchProgress, lambda e: e.state in ("done", "paused", "failed"))

    def sees(self, name: str = "tones") -> RecogniserSummary:
        """What the list says of it."""
        self.downloads.take(ListRecognisers())
        listed = self.waits_for(RecognisersListed)
        return next(one for one in listed.recognisers if one.name == name)

    def verifies(self, name: str = "tones") -> RecogniserVerified:
        self.downloads.take(VerifyRecogniser(recogniser=name))
        return self.waits_for(RecogniserVerified)

    def partials(self) -> list[Path]:
        return list(self.cache.rglob(f"*{PARTIAL}"))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = write_model(tmp_path_factory.mktemp("tones"))
    found = {path.name: path.read_bytes() for path in folder.iterdir()}
    found["model.onnx"] += np.random.default_rng(0).bytes(PADDING)
    return found | {"README.md": b"not asked for", "model.pt": b"\x80\x04pickle"}


@pytest.fixture
def hub(files: dict[str, bytes]) -> Iterator[HubServer]:
    with HubServer(dict(files)) as server:
        yield server


@pytest.fixture
def keeper(hub: HubServer, tmp_path: Path) -> Iterator[Keeper]:
    yield from keeping(hub, tmp_path, Patience((0.0, 0.0, 0.0), 0))


def keeping(hub: HubServer, tmp_path: Path, patience: Patience) -> Iterator[Keeper]:
    """With a clock that goes a second at each look, so that all progress is told."""
    catalogue = tmp_path / "models.toml"
    catalogue.write_text(CATALOGUE, encoding="utf-8")
    events: queue.Queue[Event] = queue.Queue()
    cache = tmp_path / "cache"
    clock = iter(range(10**9))
    made = Downloads(
        events.put,
        lambda: Hub(hub.endpoint, cache),
        tmp_path / "data",
        catalogue,
        patience,
        lambda: float(next(clock)),
    )
    yield Keeper(made, events, cache, tmp_path / "data")
    hub.go_on.set()
    made.close()


def test_a_model_is_fetched_with_its_licence_and_can_be_found(keeper: Keeper, hub: HubServer) -> None:
    assert keeper.sees().state == "available"
    assert hub.asked == []  # looking opens no connection
    ended = keeper.fetches()
    assert (ended.state, ended.done_bytes) == ("done", ended.total_bytes)
    assert ended.total_bytes == sum(
        len(hub.files[name]) for name in ("config.json", "vocab.txt", "model.onnx")
    )
    seen = keeper.sees()
    assert (seen.state, seen.licence, seen.revision) == ("installed", "apache-2.0", COMMIT)
    folder = locate("tones", keeper.data)
    assert (folder.kind, folder.precision) == ("nemo-conformer-ctc", None)
    assert {path.name for path in folder.path.iterdir()} == {"config.json", "vocab.txt", "model.onnx"}
    assert (folder.path / "model.onnx").read_bytes() == hub.files["model.onnx"]
    assert keeper.verifies().whole
    assert not keeper.partials()


def test_only_what_was_asked_for_is_asked_of_the_hub(keeper: Keeper, hub: HubServer) -> None:
    keeper.fetches()
    assert not [one for one in hub.asked if "model.pt" in one.path or "README" in one.path]
    assert not [one for one in hub.asked if "harness" in one.path or "torch" in one.agent]


def test_progress_is_told_and_never_falls(keeper: Keeper) -> None:
    keeper.downloads.take(FetchRecogniser(recogniser="tones"))
    told: list[int] = []
    keeper.waits_for(FetchProgress, lambda e: told.append(e.done_bytes) or e.state == "done")  # type: ignore[func-returns-value]
    assert len(told) > 4
    assert told == sorted(told)


def test_a_line_that_breaks_is_taken_up_where_it_broke(keeper: Keeper, hub: HubServer) -> None:
    hub.cuts += [1_000_000, 700_000]
    assert keeper.fetches().state == "done"
    starts = hub.starts("model.onnx")
    assert starts[0] == 0
    assert 0 < starts[1] <= 1_000_000
    assert starts[1] < starts[2] <= starts[1] + 700_000
    assert keeper.verifies().whole


def test_a_hub_that_is_gone_is_told_and_the_download_goes_on_later(keeper: Keeper, hub: HubServer) -> None:
    hub.cuts += [1_500_000]
    hub.dies_after_cuts = True
    ended = keeper.fetches()
    assert (ended.state, ended.trouble) == ("failed", "network")
    assert "what has come is kept" in ended.message
    seen = keeper.sees()
    assert seen.state == "partial"
    assert 1_000_000 < seen.done_bytes < seen.size_bytes
    hub.error, hub.dies_after_cuts = None, False
    before = len(hub.starts("model.onnx"))
    assert keeper.fetches().state == "done"
    assert hub.starts("model.onnx")[before] > 1_000_000
    assert (
        len([one for one in hub.asked if one.path.startswith("/api/")]) == 1
    )  # the commit of the first attempt
    assert keeper.verifies().whole


def test_a_pause_keeps_what_came_and_resuming_goes_on(keeper: Keeper, hub: HubServer) -> None:
    hub.holds_at = 2_000_000
    keeper.downloads.take(FetchRecogniser(recogniser="tones"))
    assert hub.held.wait(WAIT_S)
    keeper.waits_for(FetchProgress, lambda e: e.done_bytes > 1_000_000)
    keeper.downloads.take(PauseFetch(recogniser="tones"))
    hub.go_on.set()
    paused = keeper.waits_for(FetchProgress, lambda e: e.state == "paused")
    assert 1_000_000 < paused.done_bytes < paused.total_bytes
    assert len(keeper.partials()) == 1
    hub.holds_at = None
    ended = keeper.fetches()
    assert ended.state == "done"
    assert hub.starts("model.onnx")[-1] >= 1_000_000
    assert keeper.verifies().whole


def test_a_server_that_knows_no_ranges_starts_anew(keeper: Keeper, hub: HubServer) -> None:
    hub.cuts += [1_000_000]
    hub.ranges = False
    ended = keeper.fetches()
    assert (ended.state, ended.done_bytes) == ("done", ended.total_bytes)
    assert keeper.verifies().whole


def test_wrong_bytes_are_thrown_away_and_told(keeper: Keeper, hub: HubServer) -> None:
    right = hub.files["model.onnx"]
    hub.sent["model.onnx"] = bytes(len(right))
    ended = keeper.fetches()
    assert (ended.state, ended.trouble) == ("failed", "checksum")
    assert "model.onnx has another checksum" in ended.message
    assert not keeper.partials()
    assert not [path for path in keeper.cache.rglob("*") if path.name == "model.onnx"]
    hub.sent.clear()
    assert keeper.fetches().state == "done"


def test_a_file_that_is_longer_than_told_is_refused(keeper: Keeper, hub: HubServer) -> None:
    hub.sent["vocab.txt"] = hub.files["vocab.txt"] + b"more"
    ended = keeper.fetches()
    assert (ended.trouble, "another size" in ended.message) == ("checksum", True)


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        ((404, "RepoNotFound"), "unknown", "no model somebody/tones-onnx on the hub"),
        ((401, ""), "unknown", "no model somebody/tones-onnx on the hub"),
        ((403, "GatedRepo"), "gated", "accept them at https://huggingface.co/somebody/tones-onnx"),
        ((404, "RevisionNotFound"), "unknown", "not on the hub as it was"),
        ((418, ""), "refused", "status 418"),
        ((500, ""), "network", "then resume"),
    ],
)
def test_a_refusal_of_the_hub_is_one_sentence(
    keeper: Keeper, hub: HubServer, error: tuple[int, str], kind: str, words: str
) -> None:
    hub.error = error
    ended = keeper.fetches()
    assert (ended.state, ended.trouble) == ("failed", kind)
    assert words in ended.message
    assert "\n" not in ended.message


def test_a_repository_without_the_files_is_told(keeper: Keeper, hub: HubServer) -> None:
    del hub.files["vocab.txt"]
    assert "has no vocab.txt" in keeper.fetches().message


def test_an_unknown_name_is_told_with_those_that_there_are(keeper: Keeper) -> None:
    assert "there are tones" in keeper.fetches("bells").message


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "The disk is full; what has come is kept."),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "The disk is full"),
        (OSError(errno.EROFS, "Read-only file system", "/cache/blobs"), "/cache/blobs cannot be written"),
        (DiskFull(661_000_000, 12_000_000), "661 MB are needed and 12 MB are free"),
        (RuntimeError("odd"), "RuntimeError: odd"),
    ],
)
def test_what_the_disk_says_is_one_sentence(error: Exception, words: str) -> None:
    assert words in Trouble.of(error).message


def test_a_disk_without_room_is_told_before_the_first_byte(hub: HubServer, tmp_path: Path) -> None:
    for keeper in keeping(hub, tmp_path, Patience((), 10**18)):
        ended = keeper.fetches()
        assert (ended.state, ended.trouble) == ("failed", "disk")
        assert "free some, then resume" in ended.message
        assert hub.starts("model.onnx") == []


def test_a_damaged_file_is_found_and_mended_by_fetching_again(keeper: Keeper, hub: HubServer) -> None:
    keeper.fetches()
    model = locate("tones", keeper.data).path / "model.onnx"
    blob = model.resolve()
    blob.write_bytes(blob.read_bytes()[:-1] + b"!")
    verified = keeper.verifies()
    assert not verified.whole
    assert "model.onnx" in verified.message
    assert keeper.fetches().state == "done"
    assert keeper.verifies().whole


def test_what_is_here_is_not_fetched_again_nor_lost_without_a_network(keeper: Keeper, hub: HubServer) -> None:
    keeper.fetches()
    before = len(hub.asked)
    hub.error = (503, "")
    assert keeper.fetches().state == "done"
    assert len(hub.asked) == before
    assert keeper.sees().state == "installed"


def test_removing_frees_the_cache(keeper: Keeper) -> None:
    total = keeper.fetches().total_bytes
    keeper.downloads.take(RemoveRecogniser(recogniser="tones"))
    removed = keeper.waits_for(RecogniserRemoved)
    assert removed.freed_bytes == total
    assert keeper.sees().state == "available"
    assert kept_models(keeper.data) == ()
    assert not list(keeper.cache.rglob("model.onnx"))


def test_removing_half_a_model_takes_its_part_away(keeper: Keeper, hub: HubServer) -> None:
    hub.holds_at = 1_000_000
    keeper.downloads.take(FetchRecogniser(recogniser="tones"))
    assert hub.held.wait(WAIT_S)
    keeper.downloads.take(RemoveRecogniser(recogniser="tones"))
    hub.go_on.set()
    keeper.waits_for(RecogniserRemoved)
    assert not keeper.partials()
    assert keeper.sees().state == "available"


def test_removing_what_is_not_there_is_refused(keeper: Keeper) -> None:
    keeper.downloads.take(RemoveRecogniser(recogniser="tones"))
    told = keeper.events.get(timeout=WAIT_S)
    assert isinstance(told, ErrorOccurred)
    assert "was not downloaded" in told.message


def test_one_waits_for_another_and_can_be_paused_meanwhile(keeper: Keeper, hub: HubServer) -> None:
    hub.holds_at = 1_000_000
    keeper.downloads.take(FetchRecogniser(recogniser="tones"))
    assert hub.held.wait(WAIT_S)
    keeper.downloads.take(FetchRecogniser(recogniser="bells"))
    keeper.waits_for(FetchProgress, lambda e: (e.recogniser, e.state) == ("bells", "waiting"))
    keeper.downloads.take(PauseFetch(recogniser="bells"))
    keeper.waits_for(FetchProgress, lambda e: (e.recogniser, e.state) == ("bells", "paused"))
    hub.go_on.set()
    ended = keeper.waits_for(FetchProgress, lambda e: e.state in ("done", "failed"))
    assert (ended.recogniser, ended.state) == ("tones", "done")


def test_closing_in_the_middle_leaves_no_thread_and_the_next_start_goes_on(
    keeper: Keeper, hub: HubServer, tmp_path: Path
) -> None:
    hub.holds_at = 1_000_000
    keeper.downloads.take(FetchRecogniser(recogniser="tones"))
    assert hub.held.wait(WAIT_S)
    keeper.waits_for(FetchProgress, lambda e: e.done_bytes > 600_000)
    hub.go_on.set()
    keeper.downloads.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "downloads"]
    hub.holds_at = None
    for again in keeping(hub, tmp_path, Patience((), 0)):
        assert again.sees().state == "partial"
        assert again.fetches().state == "done"
        assert hub.starts("model.onnx")[-1] > 500_000


def test_every_shipped_entry_is_well_formed() -> None:
    shipped = load_catalogue()
    assert {model.name for model in shipped} == {
        "parakeet-tdt-v2",
        "parakeet-tdt-v3",
        "parakeet-ctc",
        "whisper-base",
    }
    assert all(model.repo.count("/") == 1 and model.size_mb > 50 for model in shipped)
