"""The window in other languages: every text can be translated, and German is whole."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QLabel,
    QLineEdit,
    QMenu,
    QTabWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.desktop import crash, main
from app.desktop.correcting import CorrectionDialog
from app.desktop.dialogs import Dialogs
from app.desktop.figures import latency_report, latency_summary, milliseconds
from app.desktop.language import catalogues, follow, tr
from app.desktop.phrase import Phrase
from app.desktop.view import Latency, Line, Notice, Told, ViewState
from engine.meters import Counters
from engine.paths import resources_dir
from tests.app.desktop.conftest import User, sit_down
from tests.fakes.bracketing_translator import BracketingTranslator

ROOT = Path(__file__).parents[3]
CATALOGUES = sorted((resources_dir() / "translations").glob("*.ts"))
WORD = re.compile(r"[^\W\d_]{2,}")
NAMES = re.compile(r"\{\w+\}|%n")


def marked() -> set[str]:
    """Every text that the desktop app marks for translation, as its source has it."""
    found: set[str] = set()
    for file in (ROOT / "app" / "desktop").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id in ("tr", "tr_later") and isinstance(text := node.args[0], ast.Constant):
                found.add(str(text.value))
            else:
                assert node.func.id != "tr_later", f"{file}:{node.lineno}: only a literal text can be marked"
    return found


def messages(catalogue: Path) -> Iterator[ElementTree.Element]:
    return ElementTree.parse(catalogue).getroot().iter("message")


def translations(message: ElementTree.Element) -> list[str]:
    whole = message.find("translation")
    assert whole is not None
    return [form.text or "" for form in whole.findall("numerusform")] or [whole.text or ""]


def test_the_catalogue_has_every_text_of_the_source_and_no_other() -> None:
    """Where this fails, `make translations` brings the catalogues up to date."""
    german = {
        str(message.findtext("source")) for message in messages(ROOT / "resources/translations/sotto_de.ts")
    }
    assert german == marked()


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda path: path.stem)
def test_no_text_is_unfinished(catalogue: Path) -> None:
    for message in messages(catalogue):
        source = str(message.findtext("source"))
        assert message.find("translation[@type]") is None, source
        for words in translations(message):
            assert words, source
            assert set(NAMES.findall(words)) == set(NAMES.findall(source)), (source, words)
            assert words.count("&") == source.count("&"), (source, words)


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda path: path.stem)
def test_what_is_compiled_is_what_was_written(catalogue: Path, tmp_path: Path) -> None:
    """Where this fails, `make translations` compiles anew."""
    release = Path(sys.executable).with_name("pyside6-lrelease")
    fresh = tmp_path / "fresh.qm"
    subprocess.run([release, "-silent", catalogue, "-qm", fresh], check=True)
    assert fresh.read_bytes() == catalogue.with_suffix(".qm").read_bytes()


@pytest.fixture
def in_english() -> Iterator[None]:
    yield
    follow(main.make_application(), ("en",))


@pytest.mark.usefixtures("in_english")
def test_the_first_language_that_there_is(qtbot: QtBot) -> None:
    app = main.make_application()
    assert set(catalogues()) == {"de", "en"}
    assert follow(app, ("tlh", "de-AT", "en")) == "de"
    assert (tr("Settings"), QLocale().name()) == ("Einstellungen", "de_AT")
    assert [tr("Next"), tr("Next", "place that is found")] == ["Weiter", "Nächste Stelle"]
    assert [tr("%n turn(s)", "", n) for n in (0, 1, 2)] == ["0 Wortwechsel", "1 Wortwechsel", "2 Wortwechsel"]
    assert [tr("{server} (%n model(s))", "", n, server="Ollama") for n in (1, 2)] == [
        "Ollama (1 Modell)",
        "Ollama (2 Modelle)",
    ]
    assert milliseconds(12_345.0) == "12,3 s"
    assert follow(app, ("tlh",)) == "en"
    assert [tr("%n turn(s)", "", n) for n in (0, 1, 2)] == ["0 turns", "1 turn", "2 turns"]
    assert milliseconds(12_345.0) == "12.3 s"


@pytest.mark.usefixtures("in_english")
def test_a_german_sees_a_german_window(qtbot: QtBot, tmp_path: Path, crashes: crash.CrashHandling) -> None:
    with sit_down(qtbot, tmp_path, crashes, languages=("de-DE",)) as user:
        user.sees_state("Schläft")
        window = user.window
        assert window.controls.entry.placeholderText() == "Tippen statt sprechen"
        assert window.new_button.toolTip() == "Neues Gespräch (Strg+N)"
        user.types("crash")
        user.sees_state("Die Engine läuft nicht mehr")
        restart = next(b for b in window.notices.findChildren(QAbstractButton) if b.text() == "Neu starten")
        assert restart.isVisible()
        user.desktop.open_settings()
        dialogs = user.desktop.dialogs
        assert isinstance(dialogs, Dialogs)
        assert dialogs.settings is not None
        shown = {words for _, words in texts(dialogs.settings)}
        assert {
            "Einstellungen",
            "Datenschutz",
            "Schließen",
            "&Lautstärke",
            "Mit dieser Stimme sprechen",
        } <= shown
        dialogs.settings.close()


@pytest.mark.usefixtures("in_english")
def test_the_report_of_delays_is_in_one_language_whatever_the_window_speaks() -> None:
    turn = Latency(1, 12_345.0, (("eot", 250.0), ("speech", 12_095.0)), made_ahead=True)
    state = ViewState(latencies=(turn,), voice="rms", runtime="onnx", device="cpu")
    reports, panels = [], []
    for language in ("en", "de"):
        assert follow(main.make_application(), (language,)) == language
        reports.append(latency_report(state, Counters(real_time_factor=0.34)))
        panels.append(latency_summary(state, Counters(real_time_factor=0.34)))
    assert reports[0] == reports[1]
    assert "Median: 12.3 s" in reports[1]
    assert panels[1][0] == ("Median", "12,3 s")
    assert panels[1][2] == ("Vorab begonnene Antworten", "1 von 1")


def texts(widget: QWidget) -> Iterator[tuple[QWidget, str]]:
    """Everything that is read of a widget and of those in it, seen or only said."""
    for one in (widget, *widget.findChildren(QWidget)):
        found = [one.accessibleName(), one.accessibleDescription(), one.toolTip(), one.windowTitle()]
        if isinstance(one, QLabel | QAbstractButton):
            found.append(one.text())
        elif isinstance(one, QLineEdit):
            found.append(one.placeholderText())
        elif isinstance(one, QComboBox):
            found += [one.itemText(row) for row in range(one.count())]
        elif isinstance(one, QTabWidget):
            found += [one.tabText(row) for row in range(one.count())]
        elif isinstance(one, QMenu):
            found += [action.text() for action in one.actions()]
        yield from ((one, words) for words in found if WORD.search(words))


NOT_TRANSLATED = (
    "Sotto",
    "http://127.0.0.1:11434/v1",
    "A voice for tests.",
    "Understands basic English commands.",
)
"""Names, and what the engine says (decision 26)."""

VALUE = re.compile(r"-?[\d.]+ (ms|dB)")


def test_no_text_of_the_window_is_without_a_translation(
    qtbot: QtBot, tmp_path: Path, crashes: crash.CrashHandling
) -> None:
    app = main.make_application()
    brackets = BracketingTranslator()
    app.installTranslator(brackets)
    try:
        with sit_down(qtbot, tmp_path, crashes) as user:
            shown = [words for widget in walk(user) for _, words in texts(widget)]
    finally:
        app.removeTranslator(brackets)
    left = {words for words in shown if "⟦" not in words and not VALUE.fullmatch(words)}
    assert {words for words in left if not words.startswith(NOT_TRANSLATED)} == set()


def walk(user: User) -> Iterator[QWidget]:
    """Everything that can be opened."""
    window, desktop = user.window, user.desktop
    user.types("what time is it")
    user.sees("five past three")
    desktop.dispatch(
        Told(Notice("one", "warning", Phrase("Every file of the voice {voice} is whole.", (("voice", "x"),))))
    )
    user.engine.feed(user.engine.state("listening"))
    user.waits(lambda: "⟦Listening⟧" in window.controls.words.text())
    window.find_bar.open_bar()
    yield window
    menu = window.transcript.line_menu(window.transcript.model().index(1, 0))
    assert menu is not None
    yield menu
    line = Line(1, "user", "words", stage="final", recognised="birds")
    dialog = CorrectionDialog(line, True, window)
    yield dialog
    desktop.open_settings()
    dialogs = desktop.dialogs
    assert isinstance(dialogs, Dialogs)
    assert dialogs.settings is not None
    settings = dialogs.settings
    user.waits(lambda: settings.voices.list.count() and settings.recognition.list.count())
    yield settings
    settings.close()
    dialogs.open_welcome()
    assert dialogs.welcome is not None
    yield dialogs.welcome
    dialogs.welcome.reject()
