"""The beat on the desk: its leads are chosen, and a mark that is dragged measures and reads anew."""

from dataclasses import replace

from PySide6.QtCore import QObject

from ecgdesk.desk.beat.marks import MarksLayer
from ecgdesk.desk.centre import Centre
from ecgdesk.desk.models.beat import shown_leads
from ecgdesk.desk.sheet.scene import Kind
from ecgdesk.desk.workbench import Workbench
from ecgdesk.ecg.corrections import AS_MEASURED, BeatMarks
from ecgdesk.ecg.lead import Lead
from ecgdesk.ecg.measurements import MedianBeat


class BeatView(QObject):
    """Lays the marks over the centre's beat sheet whenever that is shown."""

    def __init__(self, workbench: Workbench, centre: Centre, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bench, self._centre = workbench, centre
        self.bar = centre.beat_bar
        self.layer: MarksLayer | None = None
        self.bar.lead_chosen.connect(self._choose)
        self.bar.measured_wanted.connect(lambda: self._set(AS_MEASURED, "the beat’s marks"))
        centre.shown.connect(self._on_shown)

    def _on_shown(self, kind: Kind | None) -> None:
        case, median = self._bench.case, self._median()
        on = kind is Kind.BEAT and median is not None
        self.bar.setVisible(on)
        self.layer = None
        scene = self._centre.scene
        if not on or case is None or median is None or scene is None:
            return
        self.layer = MarksLayer(median, case.corrections.marks, scene.sheet_rect, editable=case.signature is None)
        self.layer.moved.connect(lambda marks, name: self._set(marks, f"moving {name}"))
        scene.lay_over(self.layer)
        self._centre.view.use_layer(self.layer)
        moved = case.corrections.marks != AS_MEASURED and case.signature is None
        self.bar.show_leads(shown_leads(median), self._centre.beat_lead, moved=moved)
        if case.signature is None:
            self._bench.mender.warm_up()

    def _median(self) -> MedianBeat | None:
        case = self._bench.case
        return case.measurements.median_beat if case is not None and case.measurements is not None else None

    def _choose(self, lead: Lead | None) -> None:
        self._centre.show_beat_of(lead)

    def _set(self, marks: BeatMarks, what: str) -> None:
        corrections = self._bench.corrections
        if corrections is not None:
            self._bench.correct(replace(corrections, marks=marks), what)
