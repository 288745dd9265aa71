"""The strip over the beat: which leads are shown, and the way back to the marks as they were measured."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QToolButton

from ecgdesk.desk import look
from ecgdesk.desk.fitting import FittingBar
from ecgdesk.ecg.lead import STANDARD_ORDER, Lead

ALL = "All"
_NARROW = "#mendbar QToolButton { padding: 3px 1px; } "


class BeatBar(FittingBar):
    lead_chosen = Signal(object)  # Lead, or None for all
    measured_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("mendbar")
        self._ground = f"#mendbar {{ background: {look.ACCENT_SOFT.name()}; }} "
        self.setStyleSheet(self._ground)
        self._group = QButtonGroup(self)
        self.measured_button = QPushButton(look.icon("undo"), "As measured")
        self.measured_button.setObjectName("small")
        self.measured_button.setToolTip("Puts the marks back to where they were measured")
        self.measured_button.clicked.connect(self.measured_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 12, 6)
        row.setSpacing(3)
        self.leads: dict[Lead | None, QToolButton] = {}
        for lead in (None, *STANDARD_ORDER):
            row.addWidget(self._lead_button(lead))
        row.addStretch(1)
        row.addWidget(self.measured_button)
        self.hide()

    def spread(self, wide: bool) -> None:
        self.measured_button.setText("As measured" if wide else "")
        self.setStyleSheet(self._ground + ("" if wide else _NARROW))

    def _lead_button(self, lead: Lead | None) -> QToolButton:
        button = QToolButton()
        button.setText(lead.value if lead is not None else ALL)
        button.setCheckable(True)
        button.setToolTip(f"The beat in {lead}" if lead is not None else "All leads over each other")
        button.clicked.connect(lambda: self.lead_chosen.emit(lead))
        self._group.addButton(button)
        self.leads[lead] = button
        return button

    def show_leads(self, present: Sequence[Lead], chosen: Lead | None, *, moved: bool) -> None:
        for lead, button in self.leads.items():
            button.setEnabled(lead is None or lead in present)
            button.setChecked(lead is chosen)
        self.measured_button.setEnabled(moved)
