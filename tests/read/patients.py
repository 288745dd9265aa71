"""Hand-built evidence: a healthy adult in sinus rhythm, and whatever a test changes of that."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ecgdesk.ecg.figure import Figure, not_measurable
from ecgdesk.ecg.lead import SAMPLING_RATE_HZ, STANDARD_ORDER, Lead
from ecgdesk.ecg.measurements import Beat, BeatKind, LeadMeasures, Mark, Measurements, MedianBeat, Rhythm
from ecgdesk.ecg.page import Layout, Page
from ecgdesk.ecg.patient import Patient, Sex
from ecgdesk.ecg.reading import Evidence, Reading
from ecgdesk.ecg.recording import Recording
from ecgdesk.read.registry import reader

DURATION_S = 10.0
_UNITS = {
    "heart_rate": "bpm",
    "p_axis": "°",
    "qrs_axis": "°",
    "t_axis": "°",
    "einthoven": "%",
}
_USUAL = {
    "heart_rate": 70.0,
    "rr_mean": 857.0,
    "rr_sd": 15.0,
    "p_duration": 100.0,
    "pr": 160.0,
    "qrs": 90.0,
    "qt": 380.0,
    "jt": 290.0,
    "qtc_bazett": 410.0,
    "qtc_fridericia": 400.0,
    "qtc_framingham": 402.0,
    "qtc_hodges": 398.0,
    "p_axis": 45.0,
    "qrs_axis": 45.0,
    "t_axis": 45.0,
    "einthoven": 2.0,
}
#            P     q     R     S     J     T    net QRS
_SHAPES = {
    Lead.I: (0.08, 0.05, 0.70, 0.10, 0.0, 0.25, 20.0),
    Lead.II: (0.13, 0.04, 1.00, 0.10, 0.0, 0.30, 30.0),
    Lead.III: (0.05, 0.02, 0.40, 0.15, 0.0, 0.10, 10.0),
    Lead.AVR: (-0.10, 0.80, 0.05, 0.0, 0.0, -0.28, -25.0),
    Lead.AVL: (0.03, 0.04, 0.30, 0.15, 0.0, 0.10, 5.0),
    Lead.AVF: (0.09, 0.03, 0.70, 0.12, 0.0, 0.20, 20.0),
    Lead.V1: (0.04, 0.0, 0.25, 0.90, 0.02, 0.05, -22.0),
    Lead.V2: (0.05, 0.0, 0.45, 1.20, 0.05, 0.45, -20.0),
    Lead.V3: (0.05, 0.0, 0.80, 0.80, 0.05, 0.45, 0.0),
    Lead.V4: (0.05, 0.04, 1.20, 0.45, 0.02, 0.40, 20.0),
    Lead.V5: (0.05, 0.06, 1.30, 0.20, 0.0, 0.35, 30.0),
    Lead.V6: (0.05, 0.06, 1.00, 0.08, 0.0, 0.28, 25.0),
}


def ecg(
    *,
    figures: Mapping[str, float | None] | None = None,
    leads: Mapping[str, Mapping[str, float]] | None = None,
    rhythm: Mapping[str, Any] | None = None,
    beats: Sequence[Beat] | None = None,
    marks: Sequence[Mark] = (),
    shown: Mapping[Lead, tuple[float, float]] | None = None,
    absent: Sequence[str] = (),
    flat: Sequence[str] = (),
    median_signal: Any = None,
    scale: tuple[float, float] | None = None,
    sex: Sex = Sex.MALE,
    age: float | None = 50.0,
) -> Evidence:
    """A normal ECG with these figures (None: not measurable), lead measures and features of the rhythm in place.

    `shown`: seconds of the record in which a lead is shown (default: all of it). `leads` may name several leads with
    one key: "V2 V3". `scale`: mm/s and mm/mV of the sheet that it came from (default: it never was on paper).
    """
    values = {**_USUAL, **(figures or {})}
    changes: dict[Lead, dict[str, float]] = {}
    for names, change in (leads or {}).items():
        for name in names.split():
            changes.setdefault(Lead(name), {}).update(change)
    present = [lead for lead in STANDARD_ORDER if lead.value not in absent]
    measures = tuple(replace(_usual_lead(lead), **changes.get(lead, {})) for lead in present)  # type: ignore[arg-type]
    pr, qt = (0.001 * (values[name] or _USUAL[name]) for name in ("pr", "qt"))
    train = tuple(beats) if beats is not None else beat_train(values["heart_rate"] or 70.0, pr=pr, qt=qt)
    features = Rhythm(
        **{
            "rr_s": tuple(b.r_s - a.r_s for a, b in itertools.pairwise(train)),
            "p_share": 1.0,
            "pr_sd_ms": 4.0,
            "rmssd_ratio": 0.02,
            "atrial_rate": 70.0,
            "fibrillation_ratio": 0.2,
            "flutter_hz": 4.5,
            "flutter_ratio": 0.1,
            "p_times_s": tuple(beat.p_peak_s for beat in train if beat.p_peak_s == beat.p_peak_s),
            **(rhythm or {}),
        }
    )
    measurements = Measurements(
        **{name: _figure(name, value) for name, value in values.items()},  # type: ignore[arg-type]
        beats=train,
        leads=measures,
        marks=tuple(marks),
        rhythm=features,
        median_beat=None if median_signal is None else MedianBeat(median_signal, 200, 70, 120, 155, 210, 330, 380),
        rhythm_lead=Lead.II,
    )
    recording = _recording(present, flat, shown or {})
    return Evidence(recording, measurements, Patient(sex=sex, age_years=age), None if scale is None else _page(*scale))


def beat_train(
    rate: float, *, kinds: Mapping[int, BeatKind] | None = None, pr: float = 0.16, qt: float = 0.38
) -> tuple[Beat, ...]:
    """Beats at an even rate over ten seconds; `kinds` by number, an early one coming 40 % before its time."""
    rr = 60.0 / rate
    times = np.arange(0.5, DURATION_S - 0.4, rr)
    return tuple(
        beat(float(time - (0.4 * rr if (kinds or {}).get(i, BeatKind.DOMINANT) in _EARLY else 0.0)), kind, pr=pr, qt=qt)
        for i, time in enumerate(times)
        for kind in [(kinds or {}).get(i, BeatKind.DOMINANT)]
    )


_EARLY = (BeatKind.VENTRICULAR, BeatKind.SUPRAVENTRICULAR)


def beat(r_s: float, kind: BeatKind = BeatKind.DOMINANT, *, pr: float = 0.16, p: bool = True, qt: float = 0.38) -> Beat:
    onset = r_s - 0.04
    p_marks = (
        {}
        if kind is BeatKind.VENTRICULAR or not p
        else {
            "p_onset_s": onset - pr,
            "p_peak_s": onset - pr + 0.05,
            "p_offset_s": onset - pr + 0.1,
        }
    )
    return Beat(
        r_s,
        kind,
        qrs_onset_s=onset,
        qrs_offset_s=onset + 0.09,
        t_peak_s=onset + 0.3,
        t_offset_s=onset + qt,
        **p_marks,
    )


def read(evidence: Evidence) -> Reading:
    return reader("criteria").read(evidence)


def codes(evidence: Evidence) -> set[str]:
    return {finding.code for finding in read(evidence).findings}


def _usual_lead(lead: Lead) -> LeadMeasures:
    p, q, r, s, j, t, net = _SHAPES[lead]
    return LeadMeasures(
        lead=lead,
        beats=10,
        noise_uv=8.0,
        p_mv=p,
        p_terminal_mv=-0.02,
        p_terminal_ms=20.0,
        p_area_mv_ms=p * 60,
        q_mv=-q if q else float("nan"),
        q_ms=15.0 if q < 0.5 else 60.0,
        r_mv=r,
        r_ms=40.0,
        s_mv=-s if s else float("nan"),
        s_ms=25.0,
        j_mv=j,
        st20_mv=j,
        st40_mv=j,
        st60_mv=j,
        st80_mv=j + 0.03,
        t_mv=t,
        qrs_area_mv_ms=net,
        t_area_mv_ms=t * 80,
        r_peak_time_ms=35.0 if lead not in (Lead.V1, Lead.V2) else 20.0,
    )


def _page(speed: float, gain: float) -> Page:
    blank = np.zeros((4, 4), np.uint8)
    return Page(
        image=np.zeros((4, 4, 3), np.uint8),
        ink=blank,
        pixels_per_mm_x=Figure(8.0, "px/mm"),
        pixels_per_mm_y=Figure(8.0, "px/mm"),
        to_scan=np.eye(3),
        layout=Layout("12x1", ()),
        speed=Figure(speed, "mm/s"),
        gain=Figure(gain, "mm/mV"),
    )


def _figure(name: str, value: float | None) -> Figure:
    unit = _UNITS.get(name, "ms")
    return not_measurable(unit, "the test says so") if value is None else Figure(value, unit)


def _recording(present: Sequence[Lead], flat: Sequence[str], shown: Mapping[Lead, tuple[float, float]]) -> Recording:
    time = np.arange(int(DURATION_S * SAMPLING_RATE_HZ)) / SAMPLING_RATE_HZ
    signal = np.full((12, time.size), np.nan, dtype=np.float32)
    quality = np.full(12, np.nan, dtype=np.float32)
    for lead in present:
        wave = 0.0 if lead.value in flat else 0.5
        signal[lead.row] = wave * np.sin(2 * np.pi * 1.2 * time)
        if lead in shown:
            start, end = shown[lead]
            signal[lead.row, (time < start) | (time >= end)] = np.nan
        quality[lead.row] = 30.0
    return Recording(signal, quality)
