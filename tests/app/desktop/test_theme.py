"""The look in numbers: contrast, icons, shapes."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from app.desktop import icons, theme
from app.desktop.settings import Appearance
from app.desktop.shapes import _DRAWN, MOVING
from app.desktop.theme import DARK, LIGHT, Palette, contrast
from app.desktop.view import ViewState
from app.desktop.wording import _WORDS, status
from engine.paths import resources_dir

GROUNDS = ("window", "surface", "raised", "accent_soft")


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_every_word_can_be_read(palette: Palette) -> None:
    for ground in GROUNDS:
        assert contrast(palette.text, getattr(palette, ground)) >= 7
        assert contrast(palette.quiet, getattr(palette, ground)) >= 4.5, ground
    assert contrast(palette.on_accent, palette.accent) >= 4.5
    for colour in ("accent", "warning", "error"):
        assert contrast(getattr(palette, colour), palette.surface) >= 4.5
    assert {field.name for field in fields(Palette)} >= set(GROUNDS)


def test_the_theme_is_the_users_before_the_systems(qapp: QApplication) -> None:
    assert theme.chosen_palette(Appearance(theme="dark")) is DARK
    assert theme.chosen_palette(Appearance(theme="light")) is LIGHT
    system = QGuiApplication.styleHints().colorScheme().name
    assert theme.chosen_palette(Appearance()) is (DARK if system == "Dark" else LIGHT)
    assert theme.reduces_motion(Appearance(reduced_motion="on"))
    assert not theme.reduces_motion(Appearance(reduced_motion="off"))


def test_every_icon_can_be_drawn_and_has_a_licence(qapp: QApplication) -> None:
    folder = resources_dir() / "icons"
    assert "ISC" in (folder / "LICENSE").read_text(encoding="utf-8")
    for file in folder.glob("*.svg"):
        image = icons.pixmap(file.stem, "#102030", 24, 2.0).toImage()
        assert image.size() == QSize(48, 48)
        seen = {
            image.pixelColor(x, y).name()
            for x in range(48)
            for y in range(48)
            if image.pixelColor(x, y).alpha() == 255
        }
        assert seen == {"#102030"}, file


def test_every_state_has_words_and_a_shape_of_its_own() -> None:
    shapes = {state: shape for state, (shape, _) in _WORDS.items()}
    assert set(_DRAWN) >= set(shapes.values()) | MOVING
    told = {
        status(replace(ViewState(engine="ready", session="1"), conversation=state), "open")[1]
        for state in shapes
    }
    assert len(told) == len(_WORDS) - 1  # deciding is a part of thinking
    assert status(ViewState(), "open")[0] == "loading"
    assert status(ViewState(engine="ended"), "open")[0] == "failed"
