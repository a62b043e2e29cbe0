"""The settings' window, a page for each group. What is changed holds at once.

Window's thread.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QSizePolicy,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app.desktop.answers_page import AnswersPage
from app.desktop.device_choice import DeviceChoice
from app.desktop.language import tr
from app.desktop.page_parts import said, tell, tell_all
from app.desktop.phrase import tr_later
from app.desktop.recognition_page import RecognitionPage
from app.desktop.settings import Appearance, Conversing, Settings
from app.desktop.slide import Slide
from app.desktop.theme import GAP
from app.desktop.tools_page import ToolsPage
from app.desktop.view import ViewState
from app.desktop.voices_page import VoicesPage
from app.desktop.wording_of_models import privacy

LISTENING = (
    ("on_call", tr_later("When called, until you fall silent")),
    ("open", tr_later("All the time")),
    ("push_to_talk", tr_later("While a key is held")),
)
ECHO = (
    ("cancel", tr_later("Loudspeakers: echo is taken out")),
    ("headphones", tr_later("Headphones: there is no echo")),
    ("half_duplex", tr_later("Close the microphone meanwhile")),
)
THEMES = (("system", tr_later("Like the system")), ("light", tr_later("Light")), ("dark", tr_later("Dark")))
MOTION = (("system", tr_later("Like the system")), ("on", tr_later("Reduced")), ("off", tr_later("Full")))
PRIVACY = tr_later(
    "Everything stays on this machine. Speech is recognised, answered and spoken here; conversations lie in a file in "
    "your own folder. Nothing is downloaded or sent without a click of yours.\n\n"
    "The bundled recogniser understands basic English commands: the time, dates, sums, units, notes, timers and "
    "alarms. It understands free conversation less well."
)
SOUND_KEPT = tr_later(
    "What you say and what Sotto answers is kept as sound beside the words, from the next thing said on, until you "
    "delete the turn or its conversation. A conversation can be exported as a WAV file then."
)
NO_SOUND_KEPT = tr_later(
    "No sound is kept, only words. What was kept of earlier conversations stays as sound until you delete the turn "
    "or its conversation."
)


class SettingsDialog(QDialog):
    """`changed` carries the settings after every change, `wanted` an Errand."""

    changed = Signal(Settings)
    wanted = Signal(object)

    def __init__(
        self,
        settings: Settings,
        voices: VoicesPage,
        recognition: RecognitionPage,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.settings = settings
        self.voices = voices
        self.answers, self.tools = AnswersPage(), ToolsPage()
        self.recognition = recognition
        self.setWindowTitle(tr("Settings"))
        self.setMinimumHeight(420)
        self.resize(560, 560)
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName(tr("Groups of settings"))
        self.tabs.setUsesScrollButtons(False)  # no group is out of sight: the window is as wide as they are
        self.tabs.addTab(self._conversation(), tr("Conversation"))
        self.tabs.addTab(voices, tr("Voices"))
        self.tabs.addTab(self.answers, tr("Answers"))
        self.tabs.addTab(self.tools, tr("Tools"))
        self.tabs.addTab(recognition, tr("Recognition"))
        self.tabs.addTab(self._look(), tr("Appearance"))
        self.tabs.addTab(self._privacy(), tr("Privacy"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.button(QDialogButtonBox.StandardButton.Close).setIcon(QIcon())  # the system's, of another set
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GAP, 2 * GAP, 2 * GAP, 2 * GAP)
        column.addWidget(self.tabs)
        column.addWidget(buttons)
        voices.chosen.connect(lambda name: self._converse(voice=name))
        recognition.chosen.connect(lambda name: self._converse(recogniser=name))
        for page in (self.answers, self.tools):
            page.wanted.connect(self.wanted)

    def render_state(self, state: ViewState) -> None:
        """The voices, recognisers, devices and servers that there are now."""
        now, devices = self.settings.conversing, state.connections.devices
        self.voices.render_state(state, now.voice)
        self.recognition.render_state(state, now.recogniser)
        self.answers.render_state(state)
        self.tools.render_state(state)
        self.input.render_devices(None if devices is None else devices.inputs, now.input_device)
        self.output.render_devices(None if devices is None else devices.outputs, now.output_device)
        tell_all(self.device_trouble, [state.connections.trouble("devices")])
        setup = state.connections.setup
        far = setup is not None and setup.model is not None and not setup.model.is_here
        exception = tr("You have set up an exception.")
        tell(self.exception, f"{exception} {privacy(state.connections)}" if far else "")

    def _conversation(self) -> QWidget:
        page, form = _page()
        now = self.settings.conversing
        self.listen = _choice(
            tr("Listening", "when"), LISTENING, now.listen, lambda value: self._converse(listen=value)
        )
        self.echo = _choice(
            tr("While Sotto speaks"), ECHO, now.echo, lambda value: self._converse(echo=value)
        )
        self.patience = Slide(
            tr("Patience with pauses"),
            now.patience,
            (0.5, 3.0, 0.1),
            "×",
            lambda v: self._converse(patience=v),
        )
        self.volume = Slide(
            tr("Volume"), now.volume_db, (-40.0, 0.0, 1.0), " dB", lambda v: self._converse(volume_db=v)
        )
        self.rate = Slide(
            tr("Speaking rate"), now.rate, (0.5, 2.0, 0.05), "×", lambda v: self._converse(rate=v)
        )
        self.input, self.output = DeviceChoice(tr("Microphone")), DeviceChoice(tr("Loudspeaker"))
        self.input.picked.connect(lambda label: self._converse(input_device=label))
        self.output.picked.connect(lambda label: self._converse(output_device=label))
        self.input.render_devices(None, now.input_device)
        self.output.render_devices(None, now.output_device)
        self.device_trouble = said()
        self.device_trouble.hide()
        form.addRow(tr("&Listen"), self.listen)
        form.addRow(tr("&Microphone"), self.input)
        form.addRow(tr("L&oudspeaker"), self.output)
        form.addRow(self.device_trouble)
        form.addRow(tr("While &Sotto speaks"), self.echo)
        for label, slide in (
            (tr("&Patience with pauses"), self.patience),
            (tr("&Volume"), self.volume),
            (tr("Speaking &rate"), self.rate),
        ):
            slide.add_to(form, label)
        return page

    def _look(self) -> QWidget:
        page, form = _page()
        now = self.settings.appearance
        self.theme = _choice(tr("Theme"), THEMES, now.theme, lambda value: self._look_like(theme=value))
        self.motion = _choice(
            tr("Motion"), MOTION, now.reduced_motion, lambda value: self._look_like(reduced_motion=value)
        )
        self.text_size = Slide(
            tr("Size of type"), now.text_scale, (0.8, 2.0, 0.05), "×", lambda v: self._look_like(text_scale=v)
        )
        form.addRow(tr("&Theme"), self.theme)
        form.addRow(tr("&Motion"), self.motion)
        self.text_size.add_to(form, tr("&Size of type"))
        return page

    def _privacy(self) -> QWidget:
        page, form = _page()
        words = QLabel(tr(PRIVACY))
        words.setWordWrap(True)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByKeyboard)
        words.setAccessibleName(tr("What stays on this machine"))
        form.addRow(words)
        self.exception = said()
        self.exception.setAccessibleName(tr("What leaves this machine"))
        self.exception.hide()
        form.addRow(self.exception)
        now = self.settings.conversing
        self.keep_sound = QCheckBox(tr("&Keep the sound of conversations"))
        self.keep_sound.setAccessibleName(tr("Keep the sound of conversations"))
        self.keep_sound.setChecked(now.keep_sound)
        self.about_sound = QLabel()
        self.about_sound.setWordWrap(True)
        self.about_sound.setProperty("quiet", True)
        self._tell_sound(now.keep_sound)
        self.keep_sound.toggled.connect(self._keep_sound)
        form.addRow(self.keep_sound)
        form.addRow(self.about_sound)
        return page

    def _keep_sound(self, on: bool) -> None:
        self._converse(keep_sound=on)
        self._tell_sound(on)

    def _tell_sound(self, on: bool) -> None:
        self.about_sound.setText(tr(SOUND_KEPT if on else NO_SOUND_KEPT))
        self.keep_sound.setAccessibleDescription(self.about_sound.text())

    def _converse(self, **changes: object) -> None:
        conversing: Conversing = replace(self.settings.conversing, **changes)  # type: ignore[arg-type]
        self._change(replace(self.settings, conversing=conversing))

    def _look_like(self, **changes: object) -> None:
        appearance: Appearance = replace(self.settings.appearance, **changes)  # type: ignore[arg-type]
        self._change(replace(self.settings, appearance=appearance))

    def _change(self, settings: Settings) -> None:
        if settings != self.settings:
            self.settings = settings
            self.changed.emit(settings)


def _choice(
    name: str, options: tuple[tuple[str, str], ...], now: str, does: Callable[[str], None]
) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(24)
    box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    for value, words in options:
        box.addItem(tr(words), value)
    box.setCurrentIndex([value for value, _ in options].index(now))
    box.currentIndexChanged.connect(lambda index: does(str(box.itemData(index))))
    return box


def _page() -> tuple[QWidget, QFormLayout]:
    page = QWidget()
    form = QFormLayout(page)
    form.setContentsMargins(2 * GAP, 2 * GAP, 2 * GAP, 2 * GAP)
    form.setVerticalSpacing(2 * GAP)
    form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
    return page, form
