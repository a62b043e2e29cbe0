"""The transcript's list: ten thousand lines cheap, the end followed, what is read kept in place, code copied."""

from __future__ import annotations

import time

import pytest
from PySide6.QtCore import QAbstractItemModel, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from app.desktop.theme import DARK, LIGHT
from app.desktop.transcript.document import code_blocks, line_document
from app.desktop.transcript.model import LINE_ROLE, TranscriptModel, spoken_form
from app.desktop.transcript.view import TranscriptView
from app.desktop.view import Aloud, Line, Stage

CODE = "Look:\n\n```python\na = 1\nb = 2\n```\n\nand\n\n```\nc\n```\n"


def line(number: int, words: str = "words ") -> Line:
    return Line(number, "user" if number % 2 else "assistant", words * (1 + number % 7), stage="final")


def lines(count: int) -> tuple[Line, ...]:
    return tuple(line(number) for number in range(1, count + 1))


@pytest.fixture
def view(qtbot: QtBot) -> TranscriptView:
    view = TranscriptView(LIGHT)
    qtbot.addWidget(view)
    view.resize(600, 500)
    view.show()
    qtbot.waitExposed(view)
    return view


def heights_hold(view: TranscriptView) -> bool:
    """Whether every row in sight has the height that it is painted with."""
    page = view.viewport().height()
    seen = [view.indexAt(QPoint(5, y)) for y in range(0, page, 7)]
    rows = {index.row() for index in seen if index.isValid()}
    return all(bool(view._known[row]) for row in rows)


def test_the_end_is_followed_until_one_scrolls_away(view: TranscriptView) -> None:
    view.show_lines(lines(100))
    bar = view.verticalScrollBar()
    assert bar.value() == bar.maximum() > 0
    view.show_lines(lines(101))
    assert bar.value() == bar.maximum()
    bar.setValue(bar.maximum() // 2)
    row = view.indexAt(QPoint(5, 5)).row()
    top = view.visualRect(view.model().index(row, 0)).top()
    view.show_lines(lines(140))
    assert view.indexAt(QPoint(5, 5)).row() == row
    assert view.visualRect(view.model().index(row, 0)).top() == top


def test_every_row_in_sight_is_laid_out_wherever_one_scrolls(view: TranscriptView) -> None:
    view.show_lines(lines(500))
    bar = view.verticalScrollBar()
    for value in (0, 3000, 17, bar.maximum(), bar.maximum() // 3):
        bar.setValue(value)
        assert heights_hold(view)


def test_scrolling_up_moves_by_as_much_as_was_asked(view: TranscriptView) -> None:
    view.show_lines(lines(300))
    bar = view.verticalScrollBar()
    for _ in range(40):
        index = view.indexAt(QPoint(5, 200))
        before = view.visualRect(index).top()
        bar.setValue(bar.value() - 60)
        assert abs(view.visualRect(index).top() - before - 60) <= 2


def test_ten_thousand_lines_open_and_scroll_without_laying_all_out(view: TranscriptView) -> None:
    started = time.thread_time()
    view.show_lines(lines(10_000))
    view.viewport().repaint()
    assert time.thread_time() - started < 1.0
    assert int(view._known.sum()) < 60


def test_another_width_keeps_the_row_at_the_top(view: TranscriptView) -> None:
    view.show_lines(lines(200))
    view.verticalScrollBar().setValue(2000)
    row = view.indexAt(QPoint(5, 2)).row()
    view.resize(400, 500)
    assert abs(view.indexAt(QPoint(5, 2)).row() - row) <= 1
    assert heights_hold(view)


def test_arrow_keys_go_line_by_line(view: TranscriptView, qtbot: QtBot) -> None:
    view.show_lines(lines(50))
    view.setFocus()
    for key, row in ((Qt.Key.Key_Home, 0), (Qt.Key.Key_Down, 1), (Qt.Key.Key_End, 49), (Qt.Key.Key_Up, 48)):
        qtbot.keyClick(view, key)
        assert view.currentIndex().row() == row
        assert view.viewport().rect().intersects(view.visualRect(view.currentIndex()))


def test_a_click_beside_code_copies_the_code(view: TranscriptView, qtbot: QtBot) -> None:
    view.show_lines((line(1), Line(2, "assistant", CODE, stage="final")))
    index = view.model().index(1, 0)
    laid = view._laid_at(index)
    assert laid is not None
    assert [block.text for block in laid.code] == ["a = 1\nb = 2", "c"]
    place = laid.copy_button(laid.code[0]).center() + QPointF(view.visualRect(index).topLeft())
    qtbot.mouseMove(view.viewport(), place.toPoint())
    assert view.viewport().toolTip() == "Copy this code"
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place.toPoint())
    assert QGuiApplication.clipboard().text() == "a = 1\nb = 2"
    menu = view.line_menu(index)
    assert menu is not None
    assert [action.text() for action in menu.actions()] == ["Copy (Ctrl+C)", "Copy code 1", "Copy code 2"]
    menu.actions()[2].trigger()
    assert QGuiApplication.clipboard().text() == "c"


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_an_answer_reads_no_file_and_no_page(qtbot: QtBot, palette: object) -> None:
    words = "![x](file:///etc/hostname) <img src='http://127.0.0.1/x.png'> [a](https://example.org)"
    document = line_document(Line(1, "assistant", words, stage="final"), LIGHT, 400)
    assert document.loadResource(2, "file:///etc/hostname") is None
    assert code_blocks(document) == ()


def test_the_model_tells_only_what_changed(qtbot: QtBot) -> None:
    model = TranscriptModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    told: list[str] = []
    model.dataChanged.connect(lambda first, last: told.append(f"changed {first.row()}"))
    model.rowsInserted.connect(lambda parent, first, last: told.append(f"new {first}-{last}"))
    model.rowsRemoved.connect(lambda parent, first, last: told.append(f"gone {first}-{last}"))
    model.modelReset.connect(lambda: told.append("reset"))
    three = lines(3)
    model.show_lines(three)
    model.show_lines(three)
    model.show_lines((*three[:2], Line(3, "user", "other")))
    model.show_lines((*three[:1], *lines(5)[2:]))
    model.show_lines(())
    model.show_lines((line(9),))
    model.show_lines((line(11), line(12)))
    assert told == ["new 0-2", "changed 2", "gone 1-2", "new 1-3", "gone 0-3", "new 0-0", "reset"]
    assert isinstance(model, QAbstractItemModel)
    assert model.index(0).data(LINE_ROLE) == line(11)


def test_a_turn_out_of_the_middle_moves_no_other_line(view: TranscriptView) -> None:
    told: list[str] = []
    model = view.model()
    model.rowsRemoved.connect(lambda parent, first, last: told.append(f"gone {first}-{last}"))
    model.rowsInserted.connect(lambda parent, first, last: told.append(f"new {first}-{last}"))
    model.modelReset.connect(lambda: told.append("reset"))
    whole = (*lines(60)[:20], line(21, "many words " * 60), *lines(60)[21:])
    view.show_lines(whole)
    view.verticalScrollBar().setValue(0)
    told.clear()
    view.show_lines(whole[2:])
    view.show_lines(whole)
    view.show_lines((*whole[:10], *whole[12:]))
    view.show_lines(whole)
    assert told == ["gone 0-1", "new 0-1", "gone 10-11", "new 10-11"]
    assert heights_hold(view)
    for row in (9, 20, 21, 59):
        view.setCurrentIndex(model.index(row, 0))
        laid = view._laid_at(model.index(row, 0))
        assert laid is not None
        assert abs(view.visualRect(model.index(row, 0)).height() - laid.height) <= 1


def test_a_line_is_read_out_with_what_became_of_it() -> None:
    cut = Line(1, "assistant", "It is", unheard="five.", stage="interrupted")
    assert spoken_form(cut) == "Sotto: It is Interrupted. Not heard: five."
    assert spoken_form(Line(1, "assistant", "It", stage="failed")) == "Sotto: It The answer failed."
    assert spoken_form(Line(1, "user", "what", "time")) == "You: what time"
    assert spoken_form(Line(1, "assistant", "It is five.", aloud="none")) == (
        "Sotto: It is five. Written, not heard."
    )


@pytest.mark.parametrize(
    ("aloud", "stage", "marks"),
    [
        ("all", "final", []),
        ("none", "final", ["✎ Written, not heard: there was no loudspeaker."]),
        (
            "part",
            "interrupted",
            [
                "✎ Written, in part not heard: the loudspeaker was gone for a while.",
                "✂ Interrupted here.",
            ],
        ),
    ],
)
def test_an_answer_that_could_only_be_read_is_marked(aloud: Aloud, stage: Stage, marks: list[str]) -> None:
    line = Line(1, "assistant", "It is five.", stage=stage, aloud=aloud)
    shown = line_document(line, DARK, 400.0).toPlainText()
    assert shown.replace("\u2028", "\n").split("\n") == ["It is five.", *marks]
