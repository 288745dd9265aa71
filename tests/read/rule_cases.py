"""For every rule of the reader: a patient who meets it and a near one who does not.

Each case: the statement's code, what is changed of a healthy adult so that it is made, and what is changed so that it
is not made although something of it is there.
"""

from typing import Any

import numpy as np

from ecgdesk.ecg.lead import Lead
from ecgdesk.ecg.measurements import BeatKind, Mark, Wave
from ecgdesk.ecg.patient import Sex
from tests.read.patients import beat, beat_train

Case = tuple[str, dict[str, Any], dict[str, Any]]
V, S, P = BeatKind.VENTRICULAR, BeatKind.SUPRAVENTRICULAR, BeatKind.PACED
TURNED_P = {"II aVF": {"p_mv": -0.12}, "aVR": {"p_mv": 0.08}}
NO_P = {"p_share": 0.0, "p_times_s": ()}


def rate(bpm: float, **more: float) -> dict[str, float]:
    return {"heart_rate": bpm, "rr_mean": 60000 / bpm, **more}


def irregular() -> tuple:
    return tuple(beat(r, p=False) for r in (0.5, 1.1, 2.1, 2.6, 3.3, 4.4, 5.2, 5.7, 6.9, 7.5, 8.6, 9.2))


def irregular_sinus() -> tuple:
    return tuple(beat(r) for r in (0.5, 1.0, 1.35, 2.0, 2.5, 2.85, 3.5, 4.0, 4.35, 5.0, 5.5, 6.0, 6.5, 6.85, 7.5, 8.0))


def fast_irregular() -> tuple:
    gaps = (0.28, 0.42, 0.3, 0.5, 0.27, 0.36, 0.44, 0.31, 0.52, 0.29, 0.4, 0.33, 0.47, 0.28, 0.38, 0.3, 0.5, 0.35)
    return tuple(beat(float(r), p=False) for r in 0.5 + np.cumsum(gaps))


def retrograde(train: tuple, rp: float) -> dict[str, Any]:
    return {"p_share": 0.0, "rmssd_ratio": 0.01, "p_times_s": tuple(b.r_s + rp for b in train)}


def dropped(times: tuple[float, ...], train: tuple) -> dict[str, Any]:
    conducted = [b.p_peak_s for b in train if b.p_peak_s == b.p_peak_s]
    return {"p_times_s": tuple(sorted([*conducted, *times]))}


def p_marks(seconds: float) -> tuple[Mark, ...]:
    """A P wave of this length in II before each beat of the usual rate."""
    return tuple(Mark(Lead.II, Wave.P, b.p_onset_s, b.p_peak_s, b.p_onset_s + seconds) for b in beat_train(70))


def delta_waves(*, leads: int = 12, fall: int = 21) -> np.ndarray:
    """A beat whose QRS, from sample 155 to 210, starts with 40 ms of slow rise in so many leads, in the rest with none.

    `fall`: samples from the top down; a few make the way down the steeper one.
    """
    signal = np.zeros((12, 500), dtype=np.float32)
    signal[:leads, 155:176] = np.linspace(0, 0.15, 21)
    signal[:leads, 176:190] = np.linspace(0.15, 1.2, 14)
    signal[leads:, 176:190] = np.linspace(0, 1.2, 14)
    signal[:, 190 : 190 + fall] = np.linspace(1.2, 0, fall)
    return signal


ARM_SWAP = {
    "I": {"p_mv": -0.08, "qrs_area_mv_ms": -20.0, "t_mv": -0.25},
    "aVR": {"p_mv": 0.1, "qrs_area_mv_ms": 25.0, "t_mv": 0.28},
}
LBBB = {
    "I aVL V5 V6": {"q_mv": 0.0, "r_mv": 0.9, "s_mv": 0.0, "r_ms": 110.0, "r_peak_time_ms": 80.0},
    "V1": {"r_mv": 0.1, "s_mv": -1.8, "qrs_area_mv_ms": -80.0},
}
RBBB = {
    "V1": {"r_mv": 0.2, "s_mv": -0.3, "r2_mv": 0.8, "qrs_area_mv_ms": 30.0},
    "I V6": {"s_mv": -0.4, "s_ms": 55.0},
}
Q30 = {"q_mv": -0.3, "q_ms": 40.0, "r_mv": 0.5}
TALL_V1 = {"r_mv": 0.9, "r_ms": 50.0, "s_mv": -0.2, "t_mv": 0.3}
STRAIN = {"I aVL V5 V6": {"st60_mv": -0.08, "st80_mv": -0.1, "j_mv": -0.06, "t_mv": -0.25}}
DOWN = {"j_mv": -0.12, "st60_mv": -0.15, "st80_mv": -0.15}
SLIGHTLY_DOWN = {"j_mv": -0.05, "st60_mv": -0.07, "st80_mv": -0.07}

CASES: list[Case] = [
    # technical
    (
        "ARM_REVERSAL",
        {"leads": ARM_SWAP},
        {"leads": {**ARM_SWAP, "V6": {"r_mv": 0.1, "s_mv": -0.8, "qrs_area_mv_ms": -20.0}}},
    ),
    (
        "LEFT_LIMB_REVERSAL",
        {
            "leads": {
                "I": {"p_mv": 0.15},
                "II": {"p_mv": 0.06},
                "III": {"p_mv": -0.09, "qrs_area_mv_ms": -5.0, "t_mv": -0.1},
            },
        },
        {"leads": {"I": {"p_mv": 0.15}, "II": {"p_mv": 0.06}}},
    ),
    (
        "HIGH_V1_V2",
        {"leads": {"V1": {"p_mv": -0.04, "r2_mv": 0.06}, "V2": {"p_mv": -0.05, "r2_mv": 0.05}}},
        {"leads": {"V1": {"p_mv": -0.04, "r2_mv": 0.06}, "V2": {"r2_mv": 0.05}}},
    ),
    ("NONSTANDARD_SCALE", {"scale": (50.0, 10.0)}, {"scale": (25.0, 10.0)}),
    ("NONSTANDARD_SCALE", {"scale": (25.0, 5.0)}, {"scale": (24.8, 10.2)}),
    (
        "DEXTROCARDIA",
        {"leads": {**ARM_SWAP, "V6": {"r_mv": 0.1, "qrs_area_mv_ms": -20.0}}},
        {"leads": ARM_SWAP},
    ),
    ("RIGHT_LEG_REVERSAL", {"flat": ["II"]}, {"flat": ["V3"]}),
    ("RIGHT_LEG_REVERSAL", {"flat": ["III"]}, {"flat": ["I", "II", "III"]}),
    (
        "ARM_LEG_REVERSAL",
        {
            "leads": {
                "II aVF": {"p_mv": -0.1, "qrs_area_mv_ms": -30.0, "t_mv": -0.2},
                "aVR": {"p_mv": 0.1, "qrs_area_mv_ms": 20.0},
            }
        },
        {"leads": {"II aVF": {"p_mv": -0.1}, "aVR": {"p_mv": 0.1}}},
    ),
    ("FLAT_LEAD", {"flat": ["V4"]}, {}),
    ("ARTIFACT", {"leads": {"V2": {"noise_uv": 70.0}}}, {"leads": {"V2": {"noise_uv": 30.0}}}),
    ("EINTHOVEN", {"figures": {"einthoven": 70.0}}, {"figures": {"einthoven": 5.0}}),
    # sinus and supraventricular rhythm
    ("SR", {}, {"rhythm": NO_P}),
    ("SR", {"figures": rate(100.3)}, {"figures": rate(100.6)}),
    ("STACH", {"figures": rate(115)}, {"figures": rate(100.3)}),
    (  # the usual beats are at 103 a minute, with a pause after an ectopic one or without
        "STACH",
        {"figures": rate(100.0), "beats": beat_train(103, kinds={4: V})},
        {"figures": rate(100.0), "beats": beat_train(100, kinds={4: V})},
    ),
    (  # a P from below, clear of the T wave before it
        "ATRIAL_TACHYCARDIA",
        {"figures": rate(121, p_axis=-90.0, pr=173.0, qt=325.0), "leads": TURNED_P},
        {"figures": rate(121, p_axis=-90.0, pr=173.0, qt=345.0), "leads": TURNED_P},
    ),
    (
        "STACH",
        {"figures": rate(115), "beats": irregular_sinus(), "rhythm": {"p_share": 0.9}},
        {"figures": rate(115), "beats": irregular_sinus(), "rhythm": {"p_share": 0.75}},
    ),
    (
        "STACH",
        {"figures": rate(118, p_axis=-120.0, pr=250.0, qt=340.0), "leads": TURNED_P, "beats": beat_train(118, pr=0.2)},
        {"figures": rate(118, p_axis=-120.0, pr=150.0, qt=340.0), "leads": TURNED_P},
    ),
    (
        "STACH",
        {"figures": rate(118), "beats": beat_train(118, pr=0.2), "rhythm": {"p_share": 0.6}},
        {"figures": rate(118), "beats": irregular_sinus(), "rhythm": {"p_share": 0.6}},
    ),
    ("SBRAD", {"figures": rate(45)}, {"figures": rate(55)}),
    (
        "SARRH",
        {"beats": [beat(r) for r in (0.5, 1.3, 2.2, 3.2, 4.3, 5.2, 6.0, 7.0, 8.1, 9.1)]},
        {"beats": beat_train(70, kinds={4: S})},
    ),
    ("SINUS_PAUSE", {"beats": [beat(r) for r in (0.5, 1.4, 2.3, 5.0, 5.9, 6.8)]}, {"figures": rate(35)}),
    (
        "ECTOPIC_ATRIAL",
        {"figures": {"p_axis": -70.0}, "leads": {"II aVF": {"p_mv": -0.1}, "aVR": {"p_mv": 0.05}}},
        {
            "figures": {"p_axis": -70.0, "pr": 95.0},
            "leads": {"II aVF": {"p_mv": -0.1}, "aVR": {"p_mv": 0.05}},
        },
    ),
    (
        "AFIB",
        {
            "beats": irregular(),
            "rhythm": {"p_share": 0.8},
            "figures": {"p_axis": -90.0},
            "leads": {"aVR": {"p_mv": 0.05}},
        },
        {"beats": irregular(), "rhythm": {"p_share": 0.8}},
    ),
    (
        "AFLT",
        {"figures": rate(144), "rhythm": {**NO_P, "flutter_hz": 4.8, "flutter_ratio": 0.2}},
        {"figures": rate(144), "rhythm": {**NO_P, "flutter_hz": 5.5, "flutter_ratio": 0.2}},
    ),
    ("IRBBB", {"leads": {"V1": {"r2_mv": 0.2, "r2_ms": 35.0}}}, {"leads": {"V1": {"r2_mv": 0.05, "r2_ms": 35.0}}}),
    ("IRBBB", {"leads": {"V1": {"r2_mv": 0.24, "r2_ms": 20.0}}}, {"leads": {"V1": {"r2_mv": 0.15, "r2_ms": 20.0}}}),
    (
        "IRBBB",
        {"leads": {"V1": {"r2_mv": 0.2, "r2_ms": 35.0}}, "rhythm": {**NO_P, "flutter_hz": 4.8, "flutter_ratio": 0.2}},
        {"leads": {"V1": {"r2_mv": 0.2, "r2_ms": 35.0}}, "rhythm": {**NO_P, "flutter_hz": 4.8, "flutter_ratio": 0.8}},
    ),
    (
        "IRBBB",
        {"leads": {"V2": {"r2_mv": 0.3, "r2_ms": 30.0, "s_mv": -1.8}}},
        {"leads": {"V2": {"r2_mv": 0.3, "r2_ms": 30.0, "s_mv": -2.2}}},
    ),
    (
        "LAFB",
        {
            "figures": {"qrs_axis": -38.0},
            "leads": {"II III": {"r_mv": 0.2, "s_mv": -0.8}, "aVL": {"r_mv": 1.0, "q_mv": -0.05, "s_mv": 0.0}},
        },
        {
            "figures": {"qrs_axis": -20.0},
            "leads": {"II III": {"r_mv": 0.2, "s_mv": -0.8}, "aVL": {"r_mv": 1.0, "q_mv": -0.05, "s_mv": 0.0}},
        },
    ),
    ("JUNCTIONAL", {"rhythm": NO_P, "figures": rate(45)}, {"rhythm": {"p_share": 0.9}, "figures": rate(45)}),
    ("JUNCTIONAL_ACCELERATED", {"rhythm": NO_P}, {"rhythm": NO_P, "beats": irregular()}),
    ("AFIB", {"rhythm": {**NO_P, "rmssd_ratio": 0.3}, "beats": irregular()}, {"rhythm": NO_P}),
    (
        "AFIB",
        {"rhythm": {"p_share": 0.7, "fibrillation_ratio": 0.6}, "beats": irregular()},
        {"rhythm": {"p_share": 0.7, "fibrillation_ratio": 0.2}, "beats": irregular()},
    ),
    (
        "AFLT",
        {"rhythm": {**NO_P, "flutter_hz": 4.8, "flutter_ratio": 0.6}},
        {"rhythm": {**NO_P, "flutter_hz": 4.8, "flutter_ratio": 0.1}},
    ),
    ("SVT", {"rhythm": {**NO_P, "rmssd_ratio": 0.01}, "figures": rate(170)}, {"figures": rate(170)}),
    ("PAC", {"beats": beat_train(70, kinds={4: S})}, {"beats": beat_train(70, kinds={4: V})}),
    ("PRC_S", {"beats": beat_train(70, kinds={4: S}), "rhythm": NO_P}, {"beats": beat_train(70, kinds={4: S})}),
    ("JUNCTIONAL_TACHYCARDIA", {"rhythm": NO_P, "figures": rate(120)}, {"figures": rate(120)}),
    (
        "ATRIAL_TACHYCARDIA",
        {"figures": rate(150, p_axis=-80.0, pr=130.0, qt=260.0), "leads": TURNED_P},
        {"figures": rate(85, p_axis=-80.0, pr=130.0, qt=260.0), "leads": TURNED_P},
    ),
    (
        "ATRIAL_TACHYCARDIA",
        {
            "figures": rate(120, p_axis=-80.0),
            "leads": TURNED_P,
            "rhythm": {"p_times_s": tuple(np.arange(0.2, 9.8, 0.25))},
        },
        {"figures": rate(120, p_axis=-80.0), "leads": TURNED_P},
    ),
    (
        "ATRIAL_TACHYCARDIA",
        {"figures": rate(120, p_axis=-80.0, qt=300.0), "leads": TURNED_P},
        {"figures": rate(120, p_axis=67.0, qt=300.0), "leads": TURNED_P},
    ),
    (
        "SVT",
        {"figures": rate(160, p_axis=-80.0), "leads": TURNED_P},
        {"figures": rate(160), "leads": {}},
    ),
    (
        "AF_PREEXCITED",
        {"beats": fast_irregular(), "rhythm": NO_P, "figures": rate(170, qrs=140.0)},
        {"beats": fast_irregular(), "rhythm": NO_P, "figures": rate(170)},
    ),
    (
        "AVNRT",
        {"rhythm": {**NO_P, "rmssd_ratio": 0.01}, "figures": rate(170), "leads": {"V1": {"r2_mv": 0.12}}},
        {"rhythm": {**NO_P, "rmssd_ratio": 0.01}, "figures": rate(170)},
    ),
    (
        "AVRT",
        {"beats": (w := beat_train(170)), "rhythm": retrograde(w, 0.12), "figures": rate(170)},
        {"beats": w, "rhythm": retrograde(w, 0.22), "figures": rate(170)},
    ),
    # ventricular rhythm and pacing
    (
        "PVC_MULTIFORM",
        {"beats": (*beat_train(72)[:4], beat(3.62, V), *beat_train(72)[5:8], beat(6.75, V), *beat_train(72)[9:])},
        {"beats": beat_train(72, kinds={4: V, 8: V})},
    ),
    (
        "POLYMORPHIC_VT",
        {"beats": beat_train(217), "rhythm": NO_P, "figures": rate(217, qrs=150.0)},
        {"beats": beat_train(72), "rhythm": NO_P, "figures": rate(160, qrs=150.0)},
    ),
    (
        "PACE_FAILURE",
        {"beats": (w := beat_train(50)), "rhythm": {"spikes_s": (*(b.r_s - 0.05 for b in w), w[3].r_s + 0.6)}},
        {"beats": w, "rhythm": {"spikes_s": tuple(b.r_s - 0.05 for b in w)}},
    ),
    ("PVC", {"beats": beat_train(70, kinds={4: V})}, {"beats": beat_train(70, kinds={4: S})}),
    (
        "PVC",
        {"beats": (beat(0.4, V), *beat_train(70)[1:])},
        {"beats": (*beat_train(70)[:4], beat(5.2, V), *beat_train(70)[7:])},
    ),
    ("COUPLET", {"beats": beat_train(70, kinds={4: V, 5: V})}, {"beats": beat_train(70, kinds={4: V, 6: V})}),
    ("BIGU", {"beats": beat_train(70, kinds={1: V, 3: V, 5: V, 7: V})}, {"beats": beat_train(70, kinds={1: V, 3: V})}),
    (
        "TRIGU",
        {"beats": beat_train(70, kinds={2: V, 5: V, 8: V})},
        {"beats": beat_train(70, kinds={2: V, 5: V})},
    ),
    ("NSVT", {"beats": beat_train(130, kinds={4: V, 5: V, 6: V})}, {"beats": beat_train(130, kinds={4: V, 5: V})}),
    ("AIVR", {"beats": beat_train(70, kinds={4: V, 5: V, 6: V})}, {"beats": beat_train(130, kinds={4: V, 5: V, 6: V})}),
    (  # three in a row, after single ones or after ones that each follow two usual beats
        "AIVR",
        {"beats": beat_train(95, kinds=dict.fromkeys((2, 5, 12, 13, 14), V))},
        {"beats": beat_train(95, kinds=dict.fromkeys((2, 5, 8, 12, 13, 14), V))},
    ),
    (
        "WIDE_TACHYCARDIA",
        {"beats": beat_train(72), "figures": rate(160, qrs=150.0), "rhythm": {**NO_P, "rmssd_ratio": 0.01}},
        {"figures": rate(160, qrs=95.0), "rhythm": {**NO_P, "rmssd_ratio": 0.01}},
    ),
    (
        "WIDE_TACHYCARDIA",
        {"beats": beat_train(72), "figures": rate(160, qrs=150.0, pr=25.0)},
        {"figures": rate(160, qrs=150.0, pr=130.0)},
    ),
    (
        "VENTRICULAR_ESCAPE",
        {"figures": rate(32, qrs=160.0), "rhythm": NO_P},
        {"figures": rate(32, qrs=90.0), "rhythm": NO_P},
    ),
    (
        "PACE",
        {
            "figures": {"qrs": 150.0},
            "beats": (w := beat_train(70, kinds=dict.fromkeys(range(12), P))),
            "rhythm": {"spikes_s": tuple(b.r_s - 0.05 for b in w)},
        },
        {"rhythm": {"spikes_s": (3.0,)}},
    ),
    (
        "PACE",
        {
            "figures": {"qrs": 180.0, "qrs_axis": -75.0},
            "rhythm": {**NO_P, "rmssd_ratio": 0.01},
            "leads": {"V6": {"r_mv": 0.2, "s_mv": -0.8}},
        },
        {"figures": {"qrs": 180.0, "qrs_axis": -75.0}, "leads": {"V6": {"r_mv": 0.2, "s_mv": -0.8}}},
    ),
    (
        "PACE_ATRIAL",
        {"beats": (w := beat_train(70)), "rhythm": {"spikes_s": tuple(b.p_onset_s - 0.02 for b in w)}},
        {"rhythm": {"spikes_s": (3.0,)}},
    ),
    # AV conduction
    ("1AVB", {"figures": {"pr": 232.0}}, {"figures": {"pr": 195.0}}),
    ("LONG_PR", {"figures": {"pr": 206.0}}, {"figures": {"pr": 196.0}}),
    ("SHORT_PR", {"figures": {"pr": 105.0}}, {"figures": {"pr": 125.0}}),
    (
        "2AVB_MOBITZ_1",
        {
            "beats": (
                w := tuple(
                    beat(r, pr=pr)
                    for r, pr in (
                        (0.5, 0.16),
                        (1.4, 0.22),
                        (2.3, 0.26),
                        (4.1, 0.16),
                        (5.0, 0.22),
                        (5.9, 0.26),
                        (7.7, 0.16),
                        (8.6, 0.22),
                    )
                )
            ),
            "rhythm": dropped((2.9, 6.5), w),
        },
        {"figures": {"pr": 232.0}},
    ),
    (
        "2AVB_MOBITZ_2",
        {"beats": (w := tuple(beat(r) for r in (0.5, 1.4, 2.3, 4.1, 5.0, 5.9, 6.8))), "rhythm": dropped((3.05,), w)},
        {"beats": w, "rhythm": dropped((), w)},
    ),
    (
        "2AVB_2_TO_1",
        {
            "beats": (w := tuple(beat(r) for r in (0.5, 2.0, 3.5, 5.0, 6.5, 8.0, 9.5))),
            "rhythm": dropped(tuple(r + 0.6 for r in (0.5, 2.0, 3.5, 5.0, 6.5, 8.0)), w),
        },
        {"beats": w, "rhythm": dropped((1.1,), w)},
    ),
    (
        "2AVB_HIGH",
        {
            "beats": (w := tuple(beat(r) for r in (0.5, 2.9, 5.3, 7.7))),
            "rhythm": dropped(tuple(r + d for r in (0.5, 2.9, 5.3) for d in (0.65, 1.45)), w),
        },
        {"beats": w, "rhythm": dropped((1.7,), w)},
    ),
    (
        "3AVB",
        {
            "beats": [beat(r, pr=pr) for r, pr in ((0.6, 0.1), (2.2, 0.25), (3.8, 0.3), (5.4, 0.15), (7.0, 0.2))],
            "figures": rate(38, rr_sd=10.0),
            "rhythm": {"p_times_s": tuple(np.arange(0.4, 9.5, 0.73)), "p_share": 0.5},
        },
        {"figures": rate(38, rr_sd=10.0)},
    ),
    ("1AVB", {"figures": rate(100, pr=206.0)}, {"figures": rate(60, pr=215.0)}),
    (
        "AV_DISSOCIATION",
        {
            "beats": [beat(r, p=False) for r in np.arange(0.5, 9.6, 0.75)],
            "figures": rate(80, rr_sd=8.0),
            "rhythm": {"p_times_s": tuple(np.arange(0.2, 9.6, 0.9)), "p_share": 0.3},
        },
        {"figures": rate(80, rr_sd=8.0)},
    ),
    # intraventricular conduction and axis
    (
        "AXIS_INDETERMINATE",
        {"leads": {"I II III aVR aVL aVF": {"qrs_area_mv_ms": 1.0}}},
        {"leads": {"I III aVR aVL aVF": {"qrs_area_mv_ms": 1.0}}},
    ),
    ("ABQRS", {"leads": {"II aVF": {"qrs_notches": 2}}}, {"leads": {"II V4": {"qrs_notches": 2}}}),
    (
        "WPW",
        {"figures": {"pr": 100.0, "qrs": 125.0}, "median_signal": delta_waves()},
        {"figures": {"pr": 160.0, "qrs": 125.0}, "median_signal": delta_waves()},
    ),
    (
        "WPW",
        {"figures": {"pr": 100.0, "qrs": 114.0}, "median_signal": delta_waves()},
        {"figures": {"pr": 115.0, "qrs": 114.0}, "median_signal": delta_waves()},
    ),
    (
        "WPW",
        {"figures": {"pr": 100.0, "qrs": 125.0}, "median_signal": delta_waves(fall=8)},
        {"figures": {"pr": 100.0, "qrs": 125.0}, "median_signal": delta_waves(leads=3)},
    ),
    (
        "WPW",
        {"figures": {"pr": 100.0, "qrs": 150.0}, "leads": LBBB, "median_signal": delta_waves()},
        {"figures": {"pr": 65.0, "qrs": 150.0}, "leads": LBBB, "median_signal": delta_waves()},
    ),
    ("CLBBB", {"figures": {"qrs": 150.0}, "leads": LBBB}, {"figures": {"qrs": 105.0}, "leads": LBBB}),
    (
        "CLBBB",
        {"figures": {"qrs": 134.0}, "leads": LBBB, "sex": Sex.FEMALE},
        {"figures": {"qrs": 134.0}, "leads": LBBB},
    ),
    (
        "LAFB",
        {
            "figures": {"qrs_axis": -120.0, "qrs": 140.0},
            "leads": {
                **RBBB,
                "II III": {"r_mv": 0.2, "s_mv": -0.8},
                "aVL": {"r_mv": 0.7, "q_mv": -0.1, "s_mv": -0.3},
            },
        },
        {"figures": {"qrs_axis": -120.0, "qrs": 140.0}, "leads": RBBB},
    ),
    ("CRBBB", {"figures": {"qrs": 140.0}, "leads": RBBB}, {"figures": {"qrs": 140.0}, "leads": {"V1": RBBB["V1"]}}),
    ("IRBBB", {"figures": {"qrs": 100.0}, "leads": RBBB}, {"figures": {"qrs": 100.0}, "leads": {"I V6": RBBB["I V6"]}}),
    ("IRBBB", {"figures": {"qrs": 112.0}, "leads": RBBB}, {"figures": {"qrs": 140.0}, "leads": RBBB}),
    (
        "ILBBB",
        {"figures": {"qrs": 115.0}, "leads": LBBB},
        {"figures": {"qrs": 115.0}, "leads": {"V5 V6": {"r_peak_time_ms": 45.0}}},
    ),
    ("IVCD", {"figures": {"qrs": 128.0}}, {"figures": {"qrs": 150.0}, "leads": LBBB}),
    (
        "LAFB",
        {
            "figures": {"qrs_axis": -60.0},
            "leads": {"II III": {"r_mv": 0.2, "s_mv": -0.8}, "aVL": {"r_mv": 1.0, "q_mv": -0.05, "s_mv": 0.0}},
        },
        {"figures": {"qrs_axis": -60.0}, "leads": {"II III": {"r_mv": 0.0, "q_mv": -0.8, "s_mv": 0.0}}},
    ),
    (
        "LPFB",
        {
            "figures": {"qrs_axis": 110.0},
            "leads": {
                "I aVL": {"r_mv": 0.2, "s_mv": -0.7},
                "III aVF": {"r_mv": 1.0, "q_mv": -0.08, "s_mv": 0.0},
            },
        },
        {"figures": {"qrs_axis": 110.0}},
    ),
    ("LAD", {"figures": {"qrs_axis": -40.0}}, {"figures": {"qrs_axis": -20.0}}),
    ("RAD", {"figures": {"qrs_axis": 110.0}}, {"figures": {"qrs_axis": 85.0}}),
    ("EXTREME_AXIS", {"figures": {"qrs_axis": -120.0}}, {"figures": {"qrs_axis": -60.0}}),
    (
        "POOR_R_PROGRESSION",
        {"leads": {"V1 V2 V3": {"r_mv": 0.15, "s_mv": -0.9}}},
        {"leads": {"V1 V2": {"r_mv": 0.15, "s_mv": -0.9}}},
    ),
    # voltage and chambers
    (
        "LVOLT",
        {"leads": {"I II III aVR aVL aVF": {"r_mv": 0.2, "s_mv": -0.1, "q_mv": -0.05}}},
        {"leads": {"I III aVL": {"r_mv": 0.2, "s_mv": -0.1}}},
    ),
    ("LVOLT", {"leads": {"V1 V2 V3 V4 V5 V6": {"r_mv": 0.4, "s_mv": -0.3}}}, {"leads": {"V1 V2": {"s_mv": -0.3}}}),
    ("HVOLT", {"leads": {"V3": {"r_mv": 3.2}}}, {"leads": {"V3": {"r_mv": 2.8}}}),
    ("VCLVH", {"leads": {"aVL": {"r_mv": 1.15}}}, {"leads": {"aVL": {"r_mv": 1.0}}}),
    ("LVH", {"leads": {"V5": {"r_mv": 2.8}, "aVL": {"r_mv": 1.3}}}, {"leads": {"aVL": {"r_mv": 1.15}}}),
    ("LVH", {"leads": {"V5": {"r_mv": 2.65}}}, {"leads": {"V5": {"r_mv": 2.58}}, "age": 25}),
    (
        "LVH",
        {"leads": {"V5": {"r_mv": 2.8}, "V1": {"p_terminal_mv": -0.13, "p_terminal_ms": 50.0}}},
        {"leads": {"V5": {"r_mv": 2.4}, "V1": {"p_terminal_mv": -0.13, "p_terminal_ms": 50.0}}},
    ),
    (
        "LVH_STRAIN",
        {"leads": {"V1": {"s_mv": -2.8}, **STRAIN}},
        {"leads": STRAIN},
    ),
    (
        "RVH",
        {
            "figures": {"qrs_axis": 115.0},
            "leads": {"V1": {"r_mv": 0.9, "s_mv": -0.2, "t_mv": -0.2}, "V5": {"s_mv": -1.1}, "V2": {"t_mv": -0.2}},
        },
        {"leads": {"V1": {"r_mv": 0.9, "s_mv": -0.2}}},
    ),
    (
        "BVH",
        {"figures": {"qrs_axis": 105.0}, "leads": {"V5": {"r_mv": 2.8}, "V1": {"r_mv": 0.6, "s_mv": -0.9}}},
        {"figures": {"qrs_axis": 105.0}, "leads": {"V1": {"r_mv": 0.6, "s_mv": -0.9}}},
    ),
    ("BVH", {"leads": {"V2 V3": {"r_mv": 3.0, "s_mv": -3.2}}}, {"leads": {"V2 V3": {"r_mv": 1.5, "s_mv": -3.2}}}),
    (
        "SEHYP",
        {"leads": {"V5 V6": {"q_mv": -0.4, "q_ms": 25.0, "r_mv": 2.8}, "V1": {"r_mv": 0.9}}},
        {"leads": {"V5 V6": {"q_mv": -0.4, "q_ms": 50.0, "r_mv": 2.8}, "V1": {"r_mv": 0.9}}},
    ),
    (
        "LAE",
        {"leads": {"V1": {"p_terminal_mv": -0.13, "p_terminal_ms": 50.0}}},
        {"leads": {"V1": {"p_terminal_mv": -0.05}}},
    ),
    ("RAE", {"leads": {"II": {"p_mv": 0.32}}}, {"leads": {"II": {"p_mv": 0.2}}}),
    (
        "INTERATRIAL_BLOCK",
        {"leads": (b := {"II III aVF": {"p_mv": 0.09, "p_terminal_mv": -0.07}}), "marks": p_marks(0.136)},
        {"leads": b, "marks": p_marks(0.116)},
    ),
    (
        "INTERATRIAL_BLOCK",
        {"leads": {**b, "V1": {"p_terminal_mv": -0.12, "p_terminal_ms": 50.0}}, "marks": p_marks(0.136)},
        {"leads": {**b, "II": {"p_terminal_mv": -0.02}}, "marks": p_marks(0.136)},
    ),
    # ST elevation
    (
        "STEMI_EXTENSIVE",
        {"leads": {"V1 V2 V3 V4 V5 V6 I aVL": {"j_mv": 0.35}}},
        {"leads": {"V1 V2 V3 V4": {"j_mv": 0.35}}},
    ),
    ("STEMI_ANTERIOR", {"leads": {"V2 V3": {"j_mv": 0.3}}}, {"leads": {"V2 V3": {"j_mv": 0.15}}}),
    ("STEMI_INFERIOR", {"leads": {"II III aVF": {"j_mv": 0.2}}}, {"leads": {"II V5": {"j_mv": 0.2}}}),
    ("STEMI_LATERAL", {"leads": {"V5 V6": {"j_mv": 0.2}}}, {"leads": {"V6": {"j_mv": 0.2}}}),
    (
        "POSTERIOR_STEMI",
        {"leads": {"V1 V2 V3": {"st60_mv": -0.15, "t_mv": 0.4}, "V2": {"r_mv": 1.2, "s_mv": -0.3}}},
        {"leads": {"V1 V2 V3": {"st60_mv": -0.15, "t_mv": -0.2}}},
    ),
    (
        "SGARBOSSA",
        {"figures": {"qrs": 150.0}, "leads": {**LBBB, "II": {"j_mv": 0.2}}},
        {"figures": {"qrs": 150.0}, "leads": {**LBBB, "V1": {**LBBB["V1"], "j_mv": 0.2}}},
    ),
    ("STE_", {"leads": {"V2 V3": {"j_mv": 0.17}}}, {"leads": {"V2": {"j_mv": 0.17}}}),
    (
        "BRUGADA_1",
        {
            "leads": {
                "V1": {"j_mv": 0.3, "st20_mv": 0.28, "st40_mv": 0.2, "st60_mv": 0.12, "st80_mv": 0.05, "t_mv": -0.2}
            }
        },
        {
            "leads": {
                "V1": {"j_mv": 0.3, "st20_mv": 0.28, "st40_mv": 0.2, "st60_mv": 0.12, "st80_mv": 0.05, "t_mv": 0.2}
            }
        },
    ),
    (
        "DIFFUSE_SUBENDOCARDIAL",
        {"leads": {"I II aVF V3 V4 V5 V6": {"st60_mv": -0.15}, "aVR": {"j_mv": 0.15}}},
        {"leads": {"V4 V5 V6": {"st60_mv": -0.15}, "aVR": {"j_mv": 0.15}}},
    ),
    (
        "DE_WINTER",
        {
            "leads": {
                "V2 V3 V4": {"j_mv": -0.2, "st60_mv": -0.12, "st80_mv": -0.08, "t_mv": 0.9},
                "aVR": {"j_mv": 0.07},
            }
        },
        {
            "leads": {
                "V2 V3 V4": {"j_mv": -0.2, "st60_mv": -0.22, "st80_mv": -0.24, "t_mv": -0.2},
                "aVR": {"j_mv": 0.07},
            }
        },
    ),
    (
        "ANEUR",
        {
            "leads": {
                "V1 V2 V3 V4": {"j_mv": 0.2, "t_mv": 0.2, "q_mv": -1.6, "q_ms": 80.0, "r_mv": 0.0, "s_mv": float("nan")}
            }
        },
        {
            "leads": {
                "V1 V2 V3 V4": {"j_mv": 0.2, "t_mv": 0.8, "q_mv": -1.6, "q_ms": 80.0, "r_mv": 0.0, "s_mv": float("nan")}
            }
        },
    ),
    # ST depression and T
    (
        "NST_",
        {"leads": {"I V5 V6": {"st60_mv": -0.04, "st80_mv": -0.03}}},
        {"leads": {"V6": {"st60_mv": -0.04, "st80_mv": -0.03}}},
    ),
    (
        "LOWT",
        {"leads": {"I V5 V6": {"t_mv": 0.06}, "V4": {"t_mv": 0.11}}, "sex": Sex.FEMALE},
        {"leads": {"V6": {"t_mv": 0.06}}},
    ),
    ("NT_", {"leads": {"aVL V3": {"t_mv": -0.05}}}, {"leads": {"aVL": {"t_mv": -0.05}}}),
    ("TAB_", {"figures": {"t_axis": 160.0}}, {"figures": {"t_axis": 100.0}}),
    (
        "PULMONARY_EMBOLISM",
        {
            "figures": rate(110),
            "leads": {"I": {"s_mv": -0.3}, "III": {"q_mv": -0.25, "q_ms": 25.0, "t_mv": -0.2, "r_mv": 0.6}},
        },
        {
            "figures": rate(75),
            "leads": {"I": {"s_mv": -0.3}, "III": {"q_mv": -0.25, "q_ms": 25.0, "t_mv": -0.2, "r_mv": 0.6}},
        },
    ),
    (
        "PULMONARY_EMBOLISM",
        {"figures": rate(112), "leads": {"V1 V2 V3 III": {"t_mv": -0.25}}},
        {"figures": rate(112), "leads": {"V1 V2 V3": {"t_mv": -0.25}}},
    ),
    ("INJIL", {"leads": {"II III aVF V5 V6": DOWN}}, {"leads": {"II III aVF": DOWN}}),
    ("INJIN", {"leads": {"II III aVF": DOWN}}, {"leads": {"III": DOWN}}),
    ("INJAL", {"leads": {"V3 V4 V5 V6": DOWN}}, {"leads": {"V5 V6": DOWN}}),
    ("INJLA", {"leads": {"V5 V6": DOWN}}, {"leads": {"V5 V6": {"j_mv": -0.2, "st60_mv": -0.1, "st80_mv": -0.05}}}),
    ("INJAS", {"leads": {"V2 V3": DOWN}}, {"leads": {"V2": DOWN}}),
    ("ISC_", {"leads": {"V5 V6": SLIGHTLY_DOWN}}, {"leads": {"V5": SLIGHTLY_DOWN}}),
    ("STD_", {"leads": {"II V5": {"j_mv": -0.15, "st60_mv": -0.06, "st80_mv": 0.0}}}, {"leads": {"V5": DOWN}}),
    ("ISCIL", {"leads": {"II III aVF V5 V6": {"t_mv": -0.2}}}, {"leads": {"II III aVF": {"t_mv": -0.2}}}),
    ("ISCIN", {"leads": {"II III aVF": {"t_mv": -0.2}}}, {"leads": {"III": {"t_mv": -0.2}}}),
    ("ISCAL", {"leads": {"V2 V3 V4 V5 V6": {"t_mv": -0.2}}}, {"leads": {"V5 V6": {"t_mv": -0.2}}}),
    ("ISCLA", {"leads": {"V5 V6": {"t_mv": -0.2}}}, {"leads": {"V6": {"t_mv": -0.2}}}),
    ("ISCAN", {"leads": {"V2 V3 V4": {"t_mv": -0.2}}}, {"leads": {"V1 V2": {"t_mv": -0.2}}}),
    ("ISCAS", {"leads": {"V2 V3": {"t_mv": -0.2}}}, {"leads": {"V1 V2": {"t_mv": -0.2}}}),
    ("INVT", {"leads": {"I V4": {"t_mv": -0.12}}}, {"leads": {"I V4": {"t_mv": -0.07}}}),
    ("NDT", {"leads": {"V5 V6": {"t_mv": 0.05}}}, {"leads": {"V6": {"t_mv": 0.05}}}),
    # Q waves
    (
        "IPLMI",
        {"leads": {"II III aVF V5 V6": Q30, "V1 V2": TALL_V1}},
        {"leads": {"II III aVF V5 V6": Q30}},
    ),
    ("IPMI", {"leads": {"II III aVF": Q30, "V1 V2": TALL_V1}}, {"leads": {"II III aVF": Q30}}),
    ("ILMI", {"leads": {"II III aVF V5 V6": Q30}}, {"leads": {"II III aVF V6": Q30}}),
    ("IMI", {"leads": {"II III aVF": Q30}}, {"leads": {"III": Q30}}),
    (
        "ALMI",
        {"leads": {"V2 V3 V5 V6": Q30, "I aVL": Q30}},
        {"leads": {"I aVL": Q30}},
    ),
    ("ASMI", {"leads": {"V2 V3": {"q_mv": -1.0, "q_ms": 70.0, "r_mv": 0.0, "s_mv": 0.0}}}, {"leads": {"V1": Q30}}),
    ("AMI", {"leads": {"V4 V5": Q30}}, {"leads": {"V4": Q30}}),
    ("LMI", {"leads": {"I aVL": Q30}}, {"leads": {"aVL": Q30}}),
    ("PMI", {"leads": {"V1 V2": TALL_V1}}, {"leads": {"V1": TALL_V1}}),
    ("QWAVE", {"leads": {"I II": Q30}}, {"leads": {"III": Q30}}),
    # QT
    ("LNGQT", {"figures": {"qtc_fridericia": 470.0}}, {"figures": {"qtc_fridericia": 455.0}, "sex": Sex.FEMALE}),
    (  # T ends where the next P begins: how long it would have lasted is not known
        "LNGQT",
        {"figures": rate(100.0, qt=420.0, pr=150.0, qtc_fridericia=498.0)},
        {"figures": rate(100.0, qt=440.0, pr=150.0, qtc_fridericia=521.0)},
    ),
    ("SHORT_QT", {"figures": {"qtc_fridericia": 345.0}}, {"figures": {"qtc_fridericia": 375.0}}),
]
