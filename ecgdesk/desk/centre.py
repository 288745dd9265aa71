"""The middle of the window: which case this is, what is critical about it, and its sheet."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from ecgdesk.desk import look
from ecgdesk.desk.banner import Banner
from ecgdesk.desk.beat.bar import BeatBar
from ecgdesk.desk.blank import Blank
from ecgdesk.desk.mending.bar import MendBar
from ecgdesk.desk.models import edits, wording
from ecgdesk.desk.models.queue import Entry
from ecgdesk.desk.review.elided import Elided
from ecgdesk.desk.sheet.scene import Kind, SheetScene, scan_scene, sheet_scene
from ecgdesk.desk.sheet.view import SheetView
from ecgdesk.ecg.case import Case, Status
from ecgdesk.ecg.lead import Lead
from ecgdesk.ecg.reading import Finding
from ecgdesk.mend import decoded


class Centre(QWidget):
    """Shows the open case on one of its sheets; scenes are made when they are first looked at."""

    acknowledged = Signal()
    stop_wanted = Signal()
    shown = Signal(object)  # Kind of the sheet that is shown now, None for none

    def __init__(self) -> None:
        super().__init__()
        self._case: Case | None = None
        self._kind = Kind.GRID
        self._scenes: dict[Kind, SheetScene | None] = {}
        self._scan: NDArray[np.uint8] | None = None  # decoded, once it is needed
        self._overlay = False
        self._scan_scene: SheetScene | None = None
        self._mended_on: Kind | None = Kind.GRID  # the sheet that handles lie over; None: the scan
        self._title = Elided(mode=Qt.TextElideMode.ElideMiddle)
        self._title.setFont(look.font(16, bold=True))
        self._facts = Elided()
        self._facts.setObjectName("muted")
        self._facts.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.banner = Banner()
        self.banner.acknowledged.connect(self.acknowledged)
        self.mend_bar, self.beat_bar = MendBar(), BeatBar()
        self.beat_lead: Lead | None = None  # the one that the beat is shown in, None for all
        self.view = SheetView()
        self.blank = Blank()
        self.blank.stop_wanted.connect(self.stop_wanted)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.blank)
        self._stack.addWidget(self.view)
        self._lay_out()

    def _lay_out(self) -> None:
        head = QFrame()
        row = QHBoxLayout(head)
        row.setContentsMargins(14, 8, 14, 8)
        row.setSpacing(12)
        row.addWidget(self._title, 3)
        self._facts.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)  # the title has the rest
        row.addWidget(self._facts, 5)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(self.banner)
        column.addWidget(self.mend_bar)
        column.addWidget(self.beat_bar)
        column.addWidget(self._stack, 1)
        self.setMinimumWidth(320)

    @property
    def kind(self) -> Kind:
        return self._kind

    @property
    def scene(self) -> SheetScene | None:
        """What is shown now."""
        return self.view.sheet

    def show_case(self, case: Case | None, entry: Entry | None) -> None:
        """Another case, or none."""
        self._case, self._scenes, self._scan, self._scan_scene = case, {}, None, None
        self.view.show_sheet(None)
        self.refresh(case, entry)
        self.show_kind(self._kind)

    def refresh(self, case: Case | None, entry: Entry | None) -> None:
        """The same case, changed: words and highlights, and the picture where that is another one now."""
        before, self._case = self._case, case
        if _picture(before) != _picture(case):
            self._scenes = {}
            self.show_kind(self._kind, stay=True)
        for kind, scene in self._scenes.items():
            if scene is not None and case is not None:
                self._show_findings(scene, kind, case)
        self._title.show_text(entry.title if entry else "", tip=entry.tip if entry else "")
        self._facts.show_text(wording.page_line(case.page) if case is not None and case.page is not None else "")
        self._announce(case)
        self.blank.show_entry(entry)

    def _announce(self, case: Case | None) -> None:
        critical = edits.unacknowledged(case) if case is not None else ()
        if critical and case is not None and case.signature is None:
            self.banner.show_critical(wording.alarm(critical))
        elif case is not None and case.status is Status.UNREADABLE and case.scan:
            self.banner.show_notice(" ".join(case.reasons))
        else:
            self.banner.hide()

    def show_kind(self, kind: Kind, *, stay: bool = False) -> None:
        self._kind = kind
        case = self._case
        shown = Kind.PAGE if case is not None and not edits.was_read(case) else kind
        if case is not None and case.status is not Status.WAITING and shown not in self._scenes:
            self._scenes[shown] = self._made(case, shown)
        scene = self._scenes.get(shown)
        self._stack.setCurrentWidget(self.view if scene is not None else self.blank)
        if scene is not None:
            self.view.show_sheet(scene, stay=stay)
            self._show_overlay()
        self.shown.emit(shown if scene is not None else None)

    def show_beat_of(self, lead: Lead | None) -> None:
        """The beat in one lead, or in all of them."""
        self.beat_lead = lead
        self._scenes.pop(Kind.BEAT, None)
        self.show_kind(Kind.BEAT)

    def show_for_mending(self, *, scan: bool, overlay: bool) -> SheetScene | None:
        """The scan as it came, or the straightened page, for handles to be laid over it."""
        image = self._decoded_scan() if scan else None
        if image is None:
            self.show_kind(Kind.PAGE, stay=self._mended_on is Kind.PAGE)
            for trace in self.scene.traces if self.scene is not None else ():
                trace.setVisible(overlay)
            if self.scene is not None:
                self.scene.show_highlights(False)
            self._mended_on = Kind.PAGE
        else:
            if self._scan_scene is None:
                self._scan_scene = scan_scene(image)
            self.view.show_sheet(self._scan_scene, stay=self._mended_on is None)
            self._stack.setCurrentWidget(self.view)
            self._mended_on = None
        return self.scene

    def end_mending(self, kind: Kind) -> None:
        for scene in (*self._scenes.values(), self._scan_scene):
            if scene is not None:
                scene.lay_over(None)
                scene.show_highlights(True)
        self._scan_scene, self._mended_on = None, Kind.GRID
        self.show_kind(kind)

    def scan_size(self) -> tuple[int, int]:
        """Width and height of the scan, pixels."""
        image = self._decoded_scan()
        return (1, 1) if image is None else (image.shape[1], image.shape[0])

    def _decoded_scan(self) -> NDArray[np.uint8] | None:
        if self._scan is None and self._case is not None and self._case.scan:
            self._scan = decoded(self._case.scan)
        return self._scan

    def _made(self, case: Case, kind: Kind) -> SheetScene | None:
        scan = self._decoded_scan() if case.page is None else None
        scene = sheet_scene(case, kind, scan=scan, beat_lead=self.beat_lead)
        if scene is not None:
            self._show_findings(scene, kind, case)
        return scene

    def _show_findings(self, scene: SheetScene, kind: Kind, case: Case) -> None:
        if kind is not Kind.BEAT:  # it has a clock of its own
            scene.show_findings(case.findings)

    def show_overlay(self, on: bool) -> None:
        """The digitised trace over the scanned page, to compare the two."""
        self._overlay = on
        self._show_overlay()

    def _show_overlay(self) -> None:
        page = self._scenes.get(Kind.PAGE)
        for trace in page.traces if page is not None else ():
            trace.setVisible(self._overlay)

    def pick(self, finding: Finding | None) -> None:
        for scene in self._scenes.values():
            if scene is not None and scene is not self.view.sheet:
                scene.pick(finding)
        self.view.pick(finding)


def _picture(case: Case | None) -> tuple[int, int, int]:
    """Another one where the page, its signal or the beat are."""
    return (id(case.page), id(case.recording), id(case.measurements)) if case is not None else (0, 0, 0)
