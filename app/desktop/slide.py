"""A number that is chosen by sliding, with its value beside it. Window's thread."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QSlider

from app.desktop.theme import GAP

WIDEST_VALUE = "-40.0 dB"


class Slide(QSlider):
    """A number from a lowest to a highest one in steps; it tells when it is let go, not at every step on the way."""

    def __init__(
        self,
        name: str,
        now: float,
        scale: tuple[float, float, float],
        unit: str,
        does: Callable[[float], None],
    ) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._name, self._unit, self._does = name, unit, does
        self._lowest, highest, self._step = scale
        steps = round((highest - self._lowest) / self._step)
        self.setRange(0, steps)
        self.setPageStep(max(1, steps // 10))
        self.setValue(round((now - self._lowest) / self._step))
        self.setAccessibleName(name)
        self._value = QLabel()
        self._value.setProperty("quiet", True)
        self._value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._value.setMinimumWidth(self._value.fontMetrics().horizontalAdvance(WIDEST_VALUE))
        self._describe()
        self.valueChanged.connect(self._moved)
        self.sliderReleased.connect(lambda: does(self.number))

    def add_to(self, form: QFormLayout, label: str) -> None:
        """A row of the form: the label, whose mnemonic leads here, the slider, its value."""
        name = QLabel(label)
        name.setBuddy(self)
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addWidget(self, 1)
        row.addWidget(self._value)
        form.addRow(name, row)

    @property
    def number(self) -> float:
        """What it stands for."""
        return round(self._lowest + self.value() * self._step, 3)

    def _moved(self) -> None:
        self._describe()
        if not self.isSliderDown():
            self._does(self.number)

    def _describe(self) -> None:
        value = f"{QLocale().toString(self.number, 'g', 3)}{self._unit}"
        self._value.setText(value)
        self.setToolTip(f"{self._name}: {value}")
        self.setAccessibleDescription(value)
