"""The measurements and the patient as one row of numbers; absent is NaN."""

import math

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.figure import Figure
from ecgdesk.ecg.lead import STANDARD_ORDER, Lead
from ecgdesk.ecg.measurements import NAN, Beat, BeatKind, LeadMeasures, Measurements, Wave
from ecgdesk.ecg.patient import Patient, Sex

F32 = NDArray[np.float32]

_FIGURES = ("heart_rate", "rr_sd", "p_duration", "pr", "qrs", "qt", "jt", "qtc_bazett", "qtc_fridericia")
_AXES = ("p_axis", "qrs_axis", "t_axis")
_RHYTHM = ("p_share", "pr_sd_ms", "rmssd_ratio", "atrial_rate", "fibrillation_ratio", "flutter_hz", "flutter_ratio")
_KINDS = (BeatKind.VENTRICULAR, BeatKind.SUPRAVENTRICULAR, BeatKind.PACED, BeatKind.OTHER)
_DERIVED = ("sokolow_mv", "cornell_mv", "v1_r_share", "limb_size_mv", "chest_size_mv", "qrs_t_angle", "r_progression")
_LEAD = (
    "p_mv",
    "p_terminal_mv",
    "p_terminal_ms",
    "q_mv",
    "q_ms",
    "r_mv",
    "r_ms",
    "s_mv",
    "s_ms",
    "r2_mv",
    "s2_mv",
    "j_mv",
    "st40_mv",
    "st80_mv",
    "t_mv",
    "t_other_mv",
    "p_area_mv_ms",
    "qrs_area_mv_ms",
    "t_area_mv_ms",
    "r_peak_time_ms",
    "qrs_notches",
)
AGE, MALE = 0, 1  # places of the two that no signal tells
NAMES: tuple[str, ...] = (
    "age",
    "male",
    *_FIGURES,
    *(f"{axis}_{part}" for axis in _AXES for part in ("deg", "sin", "cos")),
    *_RHYTHM,
    "rr_spread",
    "spikes",
    *(f"{kind.value}_share" for kind in _KINDS),
    *_DERIVED,
    *(f"{lead.value}_{name}" for lead in STANDARD_ORDER for name in _LEAD),
)


_PREFIXES = {Wave.P: ("p_",), Wave.QRS: ("q_", "r_", "s_", "r2_", "s2_", "qrs_"), Wave.T: ("j_", "st", "t_")}


def columns_of(lead: Lead, wave: Wave) -> list[int]:
    """Places in the row of what is measured on one wave of one lead."""
    prefixes = tuple(f"{lead.value}_{prefix}" for prefix in _PREFIXES[wave])
    return [place for place, name in enumerate(NAMES) if name.startswith(prefixes)]


def features(measurements: Measurements, patient: Patient) -> F32:
    """float32[len(NAMES)], in the units of the measurements; NaN where there is nothing."""
    sex = {Sex.MALE: 1.0, Sex.FEMALE: 0.0}.get(patient.sex, NAN)
    rhythm = measurements.rhythm
    rr = np.array(rhythm.rr_s)
    row = [
        patient.age if patient.age is not None else NAN,
        sex,
        *(_value(getattr(measurements, name)) for name in _FIGURES),
        *(part for name in _AXES for part in _turned(_value(getattr(measurements, name)))),
        *(getattr(rhythm, name) for name in _RHYTHM),
        float(np.ptp(rr) / rr.mean()) if len(rr) > 1 else NAN,
        float(len(rhythm.spikes_s)),
        *_shares(measurements.beats),
        *_derived(measurements),
    ]
    for lead in STANDARD_ORDER:
        measured = measurements.lead(lead)
        row += [_plain(measured, name) for name in _LEAD]
    return np.array(row, dtype=np.float32)


def _value(figure: Figure) -> float:
    return NAN if figure.value is None else figure.value


def _turned(degrees: float) -> tuple[float, float, float]:
    return degrees, math.sin(math.radians(degrees)), math.cos(math.radians(degrees))


def _plain(measured: LeadMeasures | None, name: str) -> float:
    return NAN if measured is None else float(getattr(measured, name))


def _shares(beats: tuple[Beat, ...]) -> list[float]:
    if not beats:
        return [NAN] * len(_KINDS)
    return [sum(beat.kind is kind for beat in beats) / len(beats) for kind in _KINDS]


def _derived(measurements: Measurements) -> list[float]:
    """Sums over leads that a voltage criterion or a vector makes; see _DERIVED."""

    def of(lead: Lead, name: str) -> float:
        value = _plain(measurements.lead(lead), name)
        return value if math.isfinite(value) else 0.0

    def size(lead: Lead) -> float:
        return max(of(lead, "r_mv"), of(lead, "r2_mv")) - min(of(lead, "q_mv"), of(lead, "s_mv"), of(lead, "s2_mv"))

    if not measurements.leads:
        return [NAN] * len(_DERIVED)
    limb, chest = STANDARD_ORDER[:6], STANDARD_ORDER[6:]
    r_v1, s_v1 = of(Lead.V1, "r_mv"), abs(of(Lead.V1, "s_mv"))
    turn = abs(_value(measurements.qrs_axis) - _value(measurements.t_axis))
    rs = [of(lead, "r_mv") for lead in chest[:4]]
    return [
        s_v1 + max(of(Lead.V5, "r_mv"), of(Lead.V6, "r_mv")),
        of(Lead.AVL, "r_mv") + abs(of(Lead.V3, "s_mv")),
        r_v1 / (r_v1 + s_v1) if r_v1 + s_v1 > 0 else NAN,
        sum(size(lead) for lead in limb),
        sum(size(lead) for lead in chest),
        min(turn, 360.0 - turn) if math.isfinite(turn) else NAN,
        float(min(np.diff(rs))),
    ]
