"""The Recognition page: what there is, what a download costs before the click, its progress, and what goes wrong."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from app.desktop.dialogs import Dialogs
from app.desktop.recognition_page import RecognitionPage
from engine.commands import (
    FetchRecogniser,
    ListRecognisers,
    PauseFetch,
    RecogniserCommand,
    RemoveRecogniser,
    StartConversation,
    VerifyRecogniser,
)
from engine.recogniser_events import FetchProgress, RecogniserRemoved, RecogniserVerified
from tests.app.desktop.conftest import User, controls_of

TOTAL = 661_000_000


@pytest.fixture
def page(user: User) -> Iterator[RecognitionPage]:
    dialogs = user.desktop.dialogs
    assert isinstance(dialogs, Dialogs)
    dialogs.open_settings()
    assert dialogs.settings is not None
    dialogs.settings.tabs.setCurrentWidget(dialogs.settings.recognition)
    page = dialogs.settings.recognition
    user.waits(lambda: page.list.count() == 3)
    yield page
    dialogs.settings.close()


def press(user: User, page: RecognitionPage, words: str) -> None:
    """The visible button with these words."""
    (button,) = [b for b in page.findChildren(QPushButton) if b.text() == words and b.isVisible()]
    user.bot.mouseClick(button, Qt.MouseButton.LeftButton)


def offered(page: RecognitionPage) -> set[str]:
    return {b.text() for b in page.findChildren(QPushButton) if b.isVisible()}


def asked(user: User, command: RecogniserCommand) -> None:
    user.waits(lambda: command in user.engine.recogniser_commands)


def rows(page: RecognitionPage) -> list[str]:
    return [page.list.item(row).text() for row in range(page.list.count())]


def test_the_bundled_one_listens_and_says_what_it_can_do(user: User, page: RecognitionPage) -> None:
    assert rows(page)[0] == "pocketsphinx, bundled · listens now"
    assert "basic English commands" in page.about.text()
    assert offered(page) == {"Use a folder…"}  # it listens already
    assert user.engine.recogniser_commands == [ListRecognisers()]  # looking fetches nothing


def test_licence_size_and_room_stand_there_before_the_click(user: User, page: RecognitionPage) -> None:
    page.list.setCurrentRow(1)
    told = page.about.text()
    for words in (
        "CC-BY-4.0",
        "661 MB",
        "52.3 GB are free",
        "English, Czech, Danish and 2 more",
        "somebody/big-onnx",
    ):
        assert words in told
    assert offered(page) == {"Download", "Use a folder…"}
    press(user, page, "Download")
    asked(user, FetchRecogniser(recogniser="big"))


def test_a_download_shows_how_far_it_is_and_can_be_paused_and_resumed(
    user: User, page: RecognitionPage
) -> None:
    page.list.setCurrentRow(1)
    user.engine.feed(
        FetchProgress(recogniser="big", state="fetching", done_bytes=TOTAL // 4, total_bytes=TOTAL)
    )
    user.waits(lambda: page.progress.isVisible() and page.progress.value() == 250)
    assert page.amount.text() == "165 MB of 661 MB"
    assert "downloading" in rows(page)[1]
    press(user, page, "Pause")
    asked(user, PauseFetch(recogniser="big"))
    user.engine.feed(
        FetchProgress(recogniser="big", state="paused", done_bytes=TOTAL // 4, total_bytes=TOTAL)
    )
    user.waits(lambda: "download paused" in rows(page)[1])
    assert offered(page) == {"Resume", "Remove", "Use a folder…"}
    press(user, page, "Resume")
    asked(user, FetchRecogniser(recogniser="big"))
    user.engine.feed(FetchProgress(recogniser="big", state="done", done_bytes=TOTAL, total_bytes=TOTAL))
    user.waits(lambda: "downloaded" in rows(page)[1])
    assert "can be used" in page.told.text()
    assert not page.progress.isVisible()


def test_a_failed_download_says_why_and_can_be_resumed(user: User, page: RecognitionPage) -> None:
    page.list.setCurrentRow(1)
    why = "The disk is full; what has come is kept. Free some space, then resume."
    user.engine.feed(
        FetchProgress(
            recogniser="big", state="failed", done_bytes=9, total_bytes=TOTAL, trouble="disk", message=why
        )
    )
    user.waits(lambda: page.told.text() == why)
    assert "download failed" in rows(page)[1]
    assert "Resume" in offered(page)


def test_a_downloaded_one_is_used_and_the_conversation_begins_anew_with_it(
    user: User, page: RecognitionPage
) -> None:
    page.list.setCurrentRow(2)
    press(user, page, "Use")
    user.waits(lambda: rows(page)[2].endswith("listens now"))
    user.waits(lambda: user.engine.commands[-1] == start(user, "small"))
    assert user.desktop.settings.conversing.recogniser == "small"
    page.list.setCurrentRow(0)
    press(user, page, "Use")
    user.waits(lambda: user.engine.commands[-1] == start(user, None))


def start(user: User, recogniser: str | None) -> StartConversation:
    assert user.desktop.meters is not None
    name = user.desktop.meters.name
    return StartConversation(listen="on_call", meters=name, recogniser=recogniser, wait_for_devices=True)


def test_files_are_checked_and_removed(user: User, page: RecognitionPage) -> None:
    page.list.setCurrentRow(2)
    press(user, page, "Check its files")
    asked(user, VerifyRecogniser(recogniser="small"))
    user.engine.feed(RecogniserVerified(recogniser="small", whole=True))
    user.waits(lambda: page.told.text() == "Every file of A small one, English is whole.")
    press(user, page, "Remove")
    asked(user, RemoveRecogniser(recogniser="small"))
    user.engine.feed(RecogniserRemoved(recogniser="small", freed_bytes=107_000_000))
    user.waits(lambda: "107 MB are free again" in page.told.text())
    assert "can be downloaded" in rows(page)[2]


def test_removing_the_one_that_listens_goes_back_to_the_bundled_one(
    user: User, page: RecognitionPage
) -> None:
    page.list.setCurrentRow(2)
    press(user, page, "Use")
    user.waits(lambda: user.desktop.settings.conversing.recogniser == "small")
    press(user, page, "Remove")
    asked(user, RemoveRecogniser(recogniser="small"))
    assert user.desktop.settings.conversing.recogniser is None


def test_a_folder_of_ones_own_is_used(user: User, page: RecognitionPage) -> None:
    page._ask_folder = lambda parent: "/models/mine"
    press(user, page, "Use a folder…")
    asked(user, VerifyRecogniser(recogniser="/models/mine"))
    assert user.desktop.settings.conversing.recogniser is None
    user.engine.feed(RecogniserVerified(recogniser="/models/mine", whole=True, message="It holds a model."))
    user.waits(lambda: rows(page)[-1] == "/models/mine · your folder · listens now")
    assert user.desktop.settings.conversing.recogniser == "/models/mine"


def test_a_folder_without_a_model_is_told_and_not_used(user: User, page: RecognitionPage) -> None:
    page._ask_folder = lambda parent: "/models/none"
    press(user, page, "Use a folder…")
    why = "There is no .onnx file in /models/none; name the folder of a model for onnx-asr."
    user.engine.feed(RecogniserVerified(recogniser="/models/none", whole=False, message=why))
    user.waits(lambda: page.told.text() == why)
    assert user.desktop.settings.conversing.recogniser is None


def test_every_control_is_named_and_takes_the_keyboard(user: User, page: RecognitionPage) -> None:
    for row in range(3):
        page.list.setCurrentRow(row)
        controls = controls_of(page)
        assert page.list in controls
        assert offered(page) <= {b.text() for b in controls if isinstance(b, QPushButton)}
    for widget in (page.list, page.about, page.progress, page.amount, page.told):
        assert widget.accessibleName()
