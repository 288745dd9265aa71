"""The measured values as the model is told them; never the patient's name, age or sex."""

from ecgdesk.ecg.figure import Figure
from ecgdesk.ecg.measurements import Measurements

_FIGURES = (
    ("heart rate", "heart_rate"),
    ("PR", "pr"),
    ("QRS", "qrs"),
    ("QT", "qt"),
    ("QTc (Bazett)", "qtc_bazett"),
    ("P axis", "p_axis"),
    ("QRS axis", "qrs_axis"),
    ("T axis", "t_axis"),
)
_UNKNOWN = "not measurable"


def measured_values(measurements: Measurements) -> str:
    """One line: what was measured on this recording, to whole units."""
    told = (f"{name} {_told(getattr(measurements, field))}" for name, field in _FIGURES)
    return "Measured: " + ", ".join(told) + "."


def _told(figure: Figure) -> str:
    if figure.value is None:
        return _UNKNOWN
    unit = "degrees" if figure.unit in ("°", "deg", "degrees") else figure.unit
    return f"{figure.value:.0f} {unit}"
