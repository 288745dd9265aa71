"""The measured values as the model is told them; never the patient's name, age or sex."""

from ecgdesk.ecg.figure import Figure
from ecgdesk.ecg.measurements import Measurements
from ecgdesk.read.criteria.record_facts import judged_qtc

_INTERVALS = (
    ("heart rate", "heart_rate"),
    ("PR", "pr"),
    ("QRS", "qrs"),
    ("QT", "qt"),
)
_AXES = (
    ("P axis", "p_axis"),
    ("QRS axis", "qrs_axis"),
    ("T axis", "t_axis"),
)
_UNKNOWN = "not measurable"


def measured_values(measurements: Measurements) -> str:
    """One line: what was measured on this recording, to whole units; of the QTc, the one that the criteria judge."""
    qtc = judged_qtc(measurements)
    corrected = f"{qtc.label} {qtc.number if qtc.known else _UNKNOWN}"
    told = (*_each(measurements, _INTERVALS), corrected, *_each(measurements, _AXES))
    return "Measured: " + ", ".join(told) + "."


def _each(measurements: Measurements, figures: tuple[tuple[str, str], ...]) -> list[str]:
    return [f"{name} {_told(getattr(measurements, field))}" for name, field in figures]


def _told(figure: Figure) -> str:
    if figure.value is None:
        return _UNKNOWN
    unit = "degrees" if figure.unit in ("°", "deg", "degrees") else figure.unit
    return f"{figure.value:.0f} {unit}"
