"""A box to choose a microphone or a loudspeaker by name: what is plugged in, and what was chosen and is not.

Window's thread.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QSizePolicy, QWidget

from app.desktop.language import tr
from engine.errands import DeviceSummary

Entry = tuple[str, str | None]
"""What is shown, and the device's label; None: like the system."""


def entries(devices: tuple[DeviceSummary, ...] | None, chosen: str | None) -> list[Entry]:
    """The system's first; last what was chosen and is not plugged in. None: the list is not there yet."""
    default = next((device.label for device in devices or () if device.is_default), "")
    shown: list[Entry] = [
        (tr("Like the system: {device}", device=default) if default else tr("Like the system"), None)
    ]
    shown += [(device.label, device.label) for device in devices or ()]
    if chosen is not None and all(label != chosen for _, label in shown):
        shown.append((chosen if devices is None else tr("{device}, not plugged in", device=chosen), chosen))
    return shown


class DeviceChoice(QComboBox):
    """`picked` carries the label of the device that the user chose, None for the system's."""

    picked = Signal(object)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(24)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._entries: list[Entry] = []
        self.activated.connect(lambda index: self.picked.emit(self.itemData(index)))

    def render_devices(self, devices: tuple[DeviceSummary, ...] | None, chosen: str | None) -> None:
        """Show these; an open list is left alone while nothing has changed."""
        fresh = entries(devices, chosen)
        if fresh != self._entries:
            self._entries = fresh
            self.clear()
            for words, label in fresh:
                self.addItem(words, label)
        self.setCurrentIndex([label for _, label in fresh].index(chosen))
