"""The middle of the window: which case this is, what is critical about it, and its sheet."""

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from ecgdesk.desk import look
from ecgdesk.desk.banner import Banner
from ecgdesk.desk.blank import Blank
from ecgdesk.desk.models import edits, wording
from ecgdesk.desk.models.queue import Entry
from ecgdesk.desk.review.elided import Elided
from ecgdesk.desk.sheet.scene import Kind, SheetScene, sheet_scene
from ecgdesk.desk.sheet.view import SheetView
from ecgdesk.ecg.case import Case, Status
from ecgdesk.ecg.reading import Finding


class Centre(QWidget):
    """Shows the open case on one of its sheets; scenes are made when they are first looked at."""

    acknowledged = Signal()
    stop_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._case: Case | None = None
        self._kind = Kind.GRID
        self._scenes: dict[Kind, SheetScene | None] = {}
        self._overlay = False
        self._title = Elided(mode=Qt.TextElideMode.ElideMiddle)
        self._title.setFont(look.font(16, bold=True))
        self._facts = Elided()
        self._facts.setObjectName("muted")
        self._facts.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.banner = Banner()
        self.banner.acknowledged.connect(self.acknowledged)
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
        row.addWidget(self._facts, 4)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(self.banner)
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
        self._case, self._scenes = case, {}
        self.view.show_sheet(None)
        self.refresh(case, entry)
        self.show_kind(self._kind)

    def refresh(self, case: Case | None, entry: Entry | None) -> None:
        """The same case, changed: words and highlights, not the picture."""
        self._case = case
        for scene in self._scenes.values():
            if scene is not None and case is not None:
                scene.show_findings(case.findings)
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

    def show_kind(self, kind: Kind) -> None:
        self._kind = kind
        case = self._case
        shown = Kind.PAGE if case is not None and not edits.was_read(case) else kind
        if case is not None and case.status is not Status.WAITING and shown not in self._scenes:
            self._scenes[shown] = self._made(case, shown)
        scene = self._scenes.get(shown)
        self._stack.setCurrentWidget(self.view if scene is not None else self.blank)
        if scene is not None:
            self.view.show_sheet(scene)
            self._show_overlay()

    def _made(self, case: Case, kind: Kind) -> SheetScene | None:
        scan = _decoded(case.scan) if case.page is None and case.scan else None
        scene = sheet_scene(case, kind, scan=scan)
        if scene is not None:
            scene.show_findings(case.findings)
        return scene

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


def _decoded(scan: bytes) -> NDArray[np.uint8] | None:
    # The scan of a kept sheet was encoded by the worker itself: no hostile file comes here.
    image = cv2.imdecode(np.frombuffer(scan, np.uint8), cv2.IMREAD_COLOR)
    return None if image is None else np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), dtype=np.uint8)
