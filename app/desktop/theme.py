"""Colours, type and spacing: one accent, one type scale, light and dark following the system.

`Palette` is a value without Qt types, tested for contrast; `apply` gives it to the application. Window's thread.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from app.desktop.settings import Appearance
from engine.paths import resources_dir

GAP = 8
"""The unit of every margin and distance, in device-independent pixels."""

RADIUS = 8

SCALE = {"small": 0.87, "body": 1.0, "title": 1.2, "heading": 1.6}
"""The type scale, as factors of the system's own size."""


@dataclass(frozen=True, slots=True)
class Palette:
    """What is drawn in what colour. `quiet` is for secondary words, `line` for borders."""

    dark: bool
    window: str
    surface: str
    raised: str
    text: str
    quiet: str
    line: str
    accent: str
    on_accent: str
    accent_soft: str
    warning: str
    error: str


LIGHT = Palette(
    dark=False,
    window="#f6f6f3",
    surface="#ffffff",
    raised="#efefeb",
    text="#1d1e1c",
    quiet="#5f625d",
    line="#dcdcd6",
    accent="#0b6e66",
    on_accent="#ffffff",
    accent_soft="#dff0ed",
    warning="#8a5300",
    error="#b3261e",
)
DARK = Palette(
    dark=True,
    window="#161817",
    surface="#1e2120",
    raised="#282c2a",
    text="#eceeeb",
    quiet="#a3a8a4",
    line="#363b38",
    accent="#5cc9bb",
    on_accent="#06211d",
    accent_soft="#1c3a36",
    warning="#f0b35c",
    error="#ff8a80",
)


def chosen_palette(appearance: Appearance) -> Palette:
    """The palette that the user chose, or the system's."""
    if appearance.theme != "system":
        return DARK if appearance.theme == "dark" else LIGHT
    return DARK if QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark else LIGHT


def reduces_motion(appearance: Appearance) -> bool:
    """Whether nothing is to move that carries no meaning by moving."""
    if appearance.reduced_motion != "system":
        return appearance.reduced_motion == "on"
    # The one sign of it that Qt gives on every platform: a system without animation blinks no cursor.
    return QGuiApplication.styleHints().cursorFlashTime() == 0


_system_points: list[float] = []


def font(step: str = "body", bold: bool = False) -> QFont:
    """The application's font at a step of the type scale."""
    made = QFont(QApplication.font())
    made.setPointSizeF(made.pointSizeF() * SCALE[step])
    if bold:
        made.setWeight(QFont.Weight.DemiBold)
    return made


def apply(app: QApplication, palette: Palette, text_scale: float) -> None:
    """Give the application its style, colours and font."""
    if not _system_points:
        _system_points.append(app.font().pointSizeF())
    base = app.font()
    base.setPointSizeF(_system_points[0] * text_scale)
    app.setFont(base)
    app.setPalette(_qt_palette(palette))
    app.setStyleSheet(_style_sheet(palette))


def _qt_palette(palette: Palette) -> QPalette:
    role = QPalette.ColorRole
    made = QPalette()
    for name, value in (
        (role.Window, palette.window),
        (role.Base, palette.surface),
        (role.AlternateBase, palette.raised),
        (role.Button, palette.surface),
        (role.WindowText, palette.text),
        (role.Text, palette.text),
        (role.ButtonText, palette.text),
        (role.ToolTipBase, palette.raised),
        (role.ToolTipText, palette.text),
        (role.PlaceholderText, palette.quiet),
        (role.Highlight, palette.accent),
        (role.HighlightedText, palette.on_accent),
        (role.Link, palette.accent),
        (role.Mid, palette.line),
    ):
        made.setColor(name, QColor(value))
    for name in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, name, QColor(palette.quiet))
    return made


def _style_sheet(p: Palette) -> str:
    """Only what the palette cannot say; every focusable control shows its focus by a ring."""
    return _controls(p) + _surfaces(p)


def _controls(p: Palette) -> str:
    """Of buttons, fields, tabs and boxes."""
    tick = (resources_dir() / "icons" / "check.svg").as_posix()  # black, so it is drawn where that is seen
    ticked = p.accent if contrast("#000000", p.accent) > 4.5 else p.surface
    return f"""
    QMainWindow, QDialog, #centre {{ background: {p.window}; }}
    QToolTip {{ background: {p.raised}; color: {p.text}; border: 1px solid {p.line}; padding: 4px; }}
    QPushButton, QToolButton {{
        border: 1px solid transparent; border-radius: {RADIUS}px; padding: 6px 10px;
        background: transparent; color: {p.text};
    }}
    QPushButton {{ background: {p.raised}; border-color: {p.line}; min-height: 1.3em; }}
    QPushButton:hover, QToolButton:hover {{ background: {p.line}; }}
    QPushButton:disabled, QToolButton:disabled {{ color: {p.quiet}; }}
    QPushButton[primary="true"] {{ background: {p.accent}; color: {p.on_accent}; border-color: {p.accent}; }}
    QPushButton[primary="true"]:disabled {{ background: {p.raised}; color: {p.quiet}; border-color: {p.line}; }}
    QPushButton[primary="true"]:hover:enabled {{ background: {p.accent}; }}
    QPushButton[primary="true"]:focus {{ border: 2px solid {p.text}; }}
    QPushButton:focus, QToolButton:focus {{ border: 2px solid {p.accent}; padding: 5px 9px; }}
    QToolButton[small="true"] {{ padding: 2px; background: {p.raised}; border-color: {p.line}; }}
    QToolButton[small="true"]:focus {{ padding: 1px; border: 2px solid {p.accent}; }}
    QToolButton:checked, QToolButton[live="true"] {{ background: {p.accent_soft}; }}
    QToolButton[flat="true"]:checked {{ background: transparent; }}
    QLineEdit, QPlainTextEdit {{
        background: {p.surface}; color: {p.text}; border: 1px solid {p.line};
        border-radius: {RADIUS}px; padding: 6px 8px; selection-background-color: {p.accent};
        selection-color: {p.on_accent};
    }}
    QLineEdit:focus, QPlainTextEdit:focus {{ border: 2px solid {p.accent}; padding: 5px 7px; }}
    QProgressBar {{ background: {p.raised}; border: 1px solid {p.line}; border-radius: 5px; max-height: 10px; }}
    QProgressBar::chunk {{ background: {p.accent}; border-radius: 4px; }}
    QComboBox {{ padding: 4px 6px; }}
    QTabWidget::pane {{ border: 1px solid {p.line}; border-radius: {RADIUS}px; top: -1px; }}
    QTabBar::tab {{ padding: 8px 8px; border: none; border-bottom: 2px solid transparent; color: {p.quiet}; }}
    QTabBar::tab:selected {{ color: {p.text}; border-bottom-color: {p.accent}; }}
    QTabBar::tab:focus {{ border: 2px solid {p.accent}; border-radius: 4px; padding: 6px 6px; }}
    QCheckBox:focus, QRadioButton:focus, QSlider:focus {{ border: 2px solid {p.accent}; border-radius: 4px; }}
    QCheckBox::indicator {{
        width: 16px; height: 16px; border: 2px solid {p.quiet}; border-radius: 4px; background: {p.surface};
    }}
    QCheckBox::indicator:checked {{ background: {ticked}; image: url("{tick}"); }}
    """


def _surfaces(p: Palette) -> str:
    """Of lists, menus and what lies beneath the controls."""
    return f"""
    QScrollArea, QScrollArea > QWidget > QWidget {{ background: transparent; border: none; }}
    QListView, QTreeView {{ background: transparent; border: none; outline: none; }}
    QListView:focus {{ border: 2px solid {p.accent}; border-radius: {RADIUS}px; }}
    QListView::item {{ border-radius: {RADIUS}px; padding: 6px; color: {p.text}; }}
    QListView::item:selected {{ background: {p.accent_soft}; color: {p.text}; }}
    QSplitter::handle {{ background: {p.line}; }}
    QScrollBar:vertical {{ background: transparent; width: 12px; margin: 2px; }}
    QScrollBar::handle:vertical {{ background: {p.line}; border-radius: 4px; min-height: 32px; }}
    QScrollBar::handle:vertical:hover {{ background: {p.quiet}; }}
    QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {{
        background: none; border: none; height: 0; width: 0;
    }}
    QMenu {{ background: {p.surface}; border: 1px solid {p.line}; padding: 4px; }}
    QMenu::item {{ padding: 6px 16px; border-radius: 4px; }}
    QMenu::item:selected {{ background: {p.accent_soft}; color: {p.text}; }}
    QMenu::item:disabled {{ color: {p.quiet}; }}
    QLabel[quiet="true"] {{ color: {p.quiet}; }}
    #notice {{ background: {p.raised}; border: 1px solid {p.line}; border-radius: {RADIUS}px; }}
    #card {{ background: {p.surface}; border: 1px solid {p.line}; border-radius: {RADIUS}px; }}
    #bar {{ background: {p.surface}; border: none; }}
    #rule {{ background: {p.line}; }}
    """


def contrast(first: str, second: str) -> float:
    """The ratio of two colours' luminances, 1 to 21, as in WCAG 2.2."""

    def luminance(colour: str) -> float:
        channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
