"""The strip over the sheet with what can be mended on it."""

from enum import Enum

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
)

from ecgdesk.desk import look
from ecgdesk.desk.fields import ChoiceBox
from ecgdesk.desk.fitting import FittingBar
from ecgdesk.desk.models.scales import GAINS, SPEEDS, Choice, chosen
from ecgdesk.desk.review.elided import Elided
from ecgdesk.ecg.corrections import AUTOMATIC, Corrections
from ecgdesk.ecg.page import Page
from ecgdesk.page.mend import layout_names


class Part(Enum):
    """What of a sheet is being mended."""

    CORNERS = "corners"
    BOXES = "boxes"
    REDRAW = "redraw"


_WORDS = {
    Part.CORNERS: ("Corners", "Drag each handle to its corner of the paper; the wheel zooms."),
    Part.BOXES: ("Leads", "Drag a box or its edges; double-click to name it."),
    Part.REDRAW: ("Redraw", "Draw over the trace, beginning in the row of its lead."),
}


_LONGEST, _SHORTEST = (10, 8, 8), (7, 7, 7)  # letters of the three choices: “auto: 3x4+1”, “automatic”
_NARROW = """#mendbar QToolButton { padding: 4px; } #mendbar QComboBox { padding: 3px 0 3px 4px; }
    #mendbar QComboBox::drop-down { width: 14px; } """


class MendBar(FittingBar):
    part_chosen = Signal(object)  # Part
    layout_chosen = Signal(str)  # empty: automatic
    speed_chosen = Signal(object)  # float or None
    gain_chosen = Signal(object, object)  # mm/mV of all or of the limb leads, of the chest leads; None: automatic
    add_wanted = Signal()
    turn_wanted = Signal()
    automatic_wanted = Signal()
    stop_wanted = Signal()
    done_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("mendbar")
        self._ground = f"#mendbar {{ background: {look.ACCENT_SOFT.name()}; }} "
        self.setStyleSheet(self._ground)
        self._group = QButtonGroup(self)
        self.parts = {part: self._part_button(part) for part in Part}
        self.layout_box, self.speed_box, self.gain_box = ChoiceBox(), ChoiceBox(), ChoiceBox()
        self.layout_box.setToolTip("Rows x columns of the leads; rhythm strips below them are found, or added as boxes")
        self.speed_box.setToolTip("Paper speed")
        self.gain_box.setToolTip("Millimetres of paper a millivolt")
        self.layout_box.addItems(["", *layout_names()])
        self.speed_box.addItems(["", *(choice.text for choice in SPEEDS)])
        self.gain_box.addItems(["", *(choice.text for choice in GAINS)])
        self.add_button = _small("Add box", "add", "Draw a box around a lead that has none")
        self.turn_button = _small("Turn", "redo", "Turns the sheet by a quarter, clockwise")
        self.automatic_button = _small("Back to automatic", "undo", "Takes all corrections of this sheet back")
        self.done_button = _small("Done", "accept", "Leaves the corrections (Esc)")
        self.done_button.setShortcut(Qt.Key.Key_Escape)
        self.stop_button = _small("Cancel", "stop", "Stops the correction that is on its way")
        self._labels: list[QLabel] = []
        self._hint = Elided()
        self._hint.setObjectName("muted")
        self._progress = QProgressBar()
        self._progress.setRange(0, 100)
        self._progress.setTextVisible(False)
        self._progress.setFixedWidth(110)
        self._lay_out()
        self._connect()
        self.show_busy(None)
        self.hide()

    def _part_button(self, part: Part) -> QToolButton:
        button = QToolButton()
        button.setText(_WORDS[part][0])
        button.setIcon(look.icon(part.value, checked="#ffffff"))
        button.setToolTip(_WORDS[part][1])
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setCheckable(True)
        button.setObjectName("part")
        self._group.addButton(button)
        return button

    def _lay_out(self) -> None:
        upper, lower = QHBoxLayout(), QHBoxLayout()
        for row in (upper, lower):
            row.setSpacing(6)
        for button in self.parts.values():
            upper.addWidget(button)
        upper.addSpacing(8)
        for word, box in (("Layout", self.layout_box), ("Speed", self.speed_box), ("Gain", self.gain_box)):
            label = QLabel(word)
            label.setObjectName("muted")
            label.setBuddy(box)
            self._labels.append(label)
            upper.addWidget(label)
            upper.addWidget(box)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._fix_choices(_LONGEST)
        upper.addStretch(1)
        lower.addWidget(self._hint, 1)
        for widget in (self._progress, self.stop_button, self.add_button, self.turn_button):
            lower.addWidget(widget)
        lower.addWidget(self.automatic_button)
        lower.addWidget(self.done_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 6, 12, 6)
        column.setSpacing(5)
        column.addLayout(upper)
        column.addLayout(lower)

    def spread(self, wide: bool) -> None:
        """Words give way to icons, and labels to tool tips, where there is no room for them."""
        self._fix_choices(_LONGEST if wide else _SHORTEST)
        self.setStyleSheet(self._ground + ("" if wide else _NARROW))
        style = Qt.ToolButtonStyle.ToolButtonTextBesideIcon if wide else Qt.ToolButtonStyle.ToolButtonIconOnly
        for button in self.parts.values():
            button.setToolButtonStyle(style)
        for label in self._labels:
            label.setVisible(wide)

    def _fix_choices(self, lengths: tuple[int, int, int]) -> None:
        for box, length in zip((self.layout_box, self.speed_box, self.gain_box), lengths, strict=True):
            box.setMinimumContentsLength(length)

    def _connect(self) -> None:
        for part, button in self.parts.items():
            button.clicked.connect(lambda _=False, part=part: self.part_chosen.emit(part))
        self.layout_box.activated.connect(
            lambda index: self.layout_chosen.emit(self.layout_box.itemText(index) if index else "")
        )
        self.speed_box.activated.connect(lambda index: self.speed_chosen.emit(SPEEDS[index - 1].all if index else None))
        self.gain_box.activated.connect(self._on_gain)
        self.add_button.clicked.connect(self.add_wanted)
        self.turn_button.clicked.connect(self.turn_wanted)
        self.automatic_button.clicked.connect(self.automatic_wanted)
        self.stop_button.clicked.connect(self.stop_wanted)
        self.done_button.clicked.connect(self.done_wanted)

    def _on_gain(self, index: int) -> None:
        choice = GAINS[index - 1] if index else Choice("", None, None)
        self.gain_chosen.emit(choice.all, choice.chest)

    def show_part(self, part: Part, *, has_page: bool) -> None:
        for one, button in self.parts.items():
            button.setChecked(one is part)
            button.setEnabled(has_page or one is Part.CORNERS)
        self._hint.show_text(_WORDS[part][1], tip=_WORDS[part][1])
        self.add_button.setVisible(part is Part.BOXES)
        self.turn_button.setVisible(part is Part.CORNERS)

    def show_corrections(self, corrections: Corrections, page: Page | None) -> None:
        """The choices as they are; the automatic ones say what was found."""
        _offer(self.layout_box, "" if page is None or corrections.layout else page.layout.name)
        self.layout_box.setCurrentText(corrections.layout) if corrections.layout else self.layout_box.setCurrentIndex(0)
        _offer(self.speed_box, page.speed.value if page is not None and corrections.speed is None else None)
        self.speed_box.setCurrentIndex(chosen(SPEEDS, corrections.speed, None))
        _offer(self.gain_box, page.gain.value if page is not None and corrections.gain is None else None)
        self.gain_box.setCurrentIndex(chosen(GAINS, corrections.gain, corrections.chest_gain))
        for box in (self.layout_box, self.speed_box, self.gain_box):
            box.setEnabled(page is not None or box is self.layout_box)
        self.automatic_button.setEnabled(corrections != AUTOMATIC)

    def show_busy(self, stage: str | None, fraction: float = 0.0) -> None:
        """The stage that is on its way, None when nothing is."""
        for widget in (self._progress, self.stop_button):
            widget.setVisible(stage is not None)
        self._progress.setValue(round(fraction * 100))
        self._progress.setToolTip(stage or "")

    @property
    def busy(self) -> bool:
        return not self._progress.isHidden()


def _offer(box: QComboBox, found: str | float | None) -> None:
    value = f"{found:g}" if isinstance(found, float) else found
    box.setItemText(0, f"auto: {value}" if value else "automatic")


def _small(text: str, icon: str, tip: str) -> QPushButton:
    button = QPushButton(look.icon(icon), text)
    button.setObjectName("small")
    button.setToolTip(tip)
    return button
