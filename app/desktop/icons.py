"""The icons of `resources/icons` (Lucide, ISC), drawn in the colour and size that are asked for. Window's thread."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from engine.paths import resources_dir

ICON_PX = 18


@lru_cache(maxsize=64)
def _source(name: str) -> str:
    return (resources_dir() / "icons" / f"{name}.svg").read_text(encoding="utf-8")


@lru_cache(maxsize=256)
def pixmap(name: str, colour: str, size_px: int = ICON_PX, ratio: float = 1.0) -> QPixmap:
    """An icon for a screen of this pixel ratio."""
    image = QPixmap(QSize(size_px, size_px) * ratio)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    drawn = QSvgRenderer(QByteArray(_source(name).replace("currentColor", colour).encode()))
    drawn.render(painter, QRectF(0, 0, size_px, size_px))
    painter.end()
    return image


@lru_cache(maxsize=256)
def icon(name: str, colour: str, size_px: int = ICON_PX, disabled: str | None = None) -> QIcon:
    """An icon, sharp at 1×, 2× and 3×, in another colour where its button cannot be pressed."""
    made = QIcon()
    for ratio in (1.0, 2.0, 3.0):
        made.addPixmap(pixmap(name, colour, size_px, ratio))
        if disabled is not None:
            made.addPixmap(pixmap(name, disabled, size_px, ratio), QIcon.Mode.Disabled)
    return made
