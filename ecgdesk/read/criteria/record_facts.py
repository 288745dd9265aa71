"""Facts of the whole record: intervals, axes, rate, patient. Each has the name by which the rules call it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import isfinite

from ecgdesk.ecg.figure import Figure
from ecgdesk.ecg.measurements import Beat, BeatKind, Measurements
from ecgdesk.ecg.reading import Evidence
from ecgdesk.read.criteria.fact import Fact, unknown

# Standard uncertainty where the measurement states none: spread of the marks on the bench after digitisation
# (statements reference, section 12).
PR_SD_MS = 10.0
QRS_SD_MS = 10.0
QT_SD_MS = 15.0
AXIS_SD_DEG = 10.0
RATE_SD_BPM = 1.0
EINTHOVEN_SD = 2.0

QRS_WIDE_MS = 120.0  # AHA/ACC/HRS 2009, Part III
BOGOSSIAN_SHARE = 0.485  # of QRS, taken from QT when QRS is wide (Bogossian 2014)


def from_figure(figure: Figure, label: str, unit: str, sd: float, per_beat: tuple[float, ...] = ()) -> Fact:
    """A measured figure as a fact; the reason why it is absent becomes the fact's `missing`."""
    if figure.value is None or not isfinite(figure.value):
        return unknown(label, unit, f"{label} is not measurable" + (f" ({figure.reason})" if figure.reason else ""))
    stated = figure.uncertainty if figure.uncertainty is not None and isfinite(figure.uncertainty) else sd
    return Fact(float(figure.value), label, unit, stated, per_beat)


def _between(measured: Measurements, start: str, end: str) -> tuple[float, ...]:
    """Milliseconds between two marks in every dominant beat that has both."""
    spans = [
        (getattr(beat, end) - getattr(beat, start)) * 1000 for beat in measured.beats if beat.kind is BeatKind.DOMINANT
    ]
    return tuple(span for span in spans if isfinite(span))


def _pr(evidence: Evidence) -> Fact:
    beats = _between(evidence.measurements, "p_onset_s", "qrs_onset_s")
    return from_figure(evidence.measurements.pr, "PR", "ms", PR_SD_MS, beats)


def _qrs(measured: Measurements) -> Fact:
    """The width that the criteria's limits are set for: that of most leads, else from the outermost marks.

    The limits of 110 and 120 ms come from carts and readers, whose widths in healthy people are those of most leads;
    the outermost marks of twelve leads lie 6 ms further apart.
    """
    typical = measured.qrs_typical
    if typical.value is not None:
        return from_figure(typical, "QRS in most leads", "ms", QRS_SD_MS)
    beats = _between(measured, "qrs_onset_s", "qrs_offset_s")
    return from_figure(measured.qrs, "QRS", "ms", QRS_SD_MS, beats)


def _rr_s(measured: Measurements) -> float | None:
    value = measured.rr_mean.value
    return value / 1000 if value is not None and isfinite(value) and value > 0 else None


def judged_qtc(measured: Measurements) -> Fact:
    """The QTc that is judged: Fridericia's, over the whole range of rates; in a wide QRS after Bogossian's correction.

    Bazett's over-corrects at high and under-corrects at low rates, so it is printed and never judged alone
    (AHA/ACC/HRS 2009, Part IV).
    """
    qrs, rr = _qrs(measured), _rr_s(measured)
    plain = from_figure(measured.qtc_fridericia, "QTc (Fridericia)", "ms", QT_SD_MS)
    qt = from_figure(measured.qt, "QT", "ms", QT_SD_MS)
    if not (plain.known and qrs.known and qt.known and rr) or qrs.value < QRS_WIDE_MS:
        return plain
    label = f"QTc (Fridericia, QT less {BOGOSSIAN_SHARE} of QRS)"
    return replace(plain, value=(qt.value - BOGOSSIAN_SHARE * qrs.value) / rr ** (1 / 3), label=label)


def _qrs_t_angle(evidence: Evidence) -> Fact:
    qrs, t = evidence.measurements.qrs_axis.value, evidence.measurements.t_axis.value
    if qrs is None or t is None:
        return unknown("QRS-T angle", "°", "the QRS-T angle is not measurable")
    angle = abs((qrs - t + 180) % 360 - 180)
    return Fact(angle, "QRS-T angle", "°", AXIS_SD_DEG * 2**0.5)


def _printed(name: str, label: str, unit: str) -> Callable[[Evidence], Fact]:
    """A scale of the page, where the ECG came from one."""

    def fact(evidence: Evidence) -> Fact:
        figure: Figure | None = None if evidence.page is None else getattr(evidence.page, name)
        return unknown(label, unit, "") if figure is None else from_figure(figure, label, unit, 0.3)

    return fact


def _age(evidence: Evidence) -> Fact:
    age = evidence.patient.age
    return unknown("age", "years", "age is not known") if age is None else Fact(float(int(age)), "age", "years")


def _beats(evidence: Evidence) -> Fact:
    return Fact(float(len(evidence.measurements.beats)), "number of beats")


def beat_stretch(beat: Beat) -> tuple[float, float]:
    """QRS of a beat in seconds; where its ends are not marked, 60 ms on either side of the R peak."""
    start = beat.qrs_onset_s if isfinite(beat.qrs_onset_s) else beat.r_s - 0.06
    end = beat.qrs_offset_s if isfinite(beat.qrs_offset_s) else beat.r_s + 0.06
    return start, end


def _figure(name: str, label: str, unit: str, sd: float) -> Callable[[Evidence], Fact]:
    return lambda evidence: from_figure(getattr(evidence.measurements, name), label, unit, sd)


RECORD_FACTS: Mapping[str, Callable[[Evidence], Fact]] = {
    "HR": _figure("heart_rate", "heart rate", "/min", RATE_SD_BPM),
    "RR": _figure("rr_mean", "mean RR", "ms", 5.0),
    "RR_sd": _figure("rr_sd", "spread of RR", "ms", 5.0),
    "PR": _pr,
    "QRS": lambda evidence: _qrs(evidence.measurements),
    "QT": _figure("qt", "QT", "ms", QT_SD_MS),
    "QTc": lambda evidence: judged_qtc(evidence.measurements),
    "P_axis": _figure("p_axis", "P axis", "°", AXIS_SD_DEG),
    "QRS_axis": _figure("qrs_axis", "QRS axis", "°", AXIS_SD_DEG),
    "QRS_T_angle": _qrs_t_angle,
    "Einthoven": _figure("einthoven", "I + III - II against II", "%", EINTHOVEN_SD),
    "paper_speed": _printed("speed", "paper speed", "mm/s"),
    "paper_gain": _printed("gain", "gain", "mm/mV"),
    "age": _age,
    "beats": _beats,
}
