"""For the statements that rest on the shape of the beat or on the trace itself: a simulated heart that has it and one
that has something like it.

Each case: the statement's code, the heart that has it, the heart that has not.
"""

from dataclasses import replace

from ecgdesk.learn.rhythms import Rhythm
from ecgdesk.learn.simulator import LBBB, NORMAL, RBBB, VENTRICULAR, EcgSpec, Qrst, Size

SimulatedCase = tuple[str, EcgSpec, EcgSpec]
NOTHING = (0.0,) * 6


def chest(*values: float) -> Size:
    return Size(0.0, 0.0, values)  # type: ignore[arg-type]


def heart(shape: Qrst = NORMAL, **changed: object) -> EcgSpec:
    return EcgSpec(shape=shape, noise_uv=6.0, **changed)  # type: ignore[arg-type]


def exchanged(shape: Qrst, first: int) -> Qrst:
    """The shape with two neighbouring chest electrodes in each other's place."""

    def swapped(size: Size) -> Size:
        values = list(size.chest_mv)
        values[first], values[first + 1] = values[first + 1], values[first]
        return replace(size, chest_mv=tuple(values))  # type: ignore[arg-type]

    waves = ("q", "r", "s", "r2", "st", "t")
    return replace(shape, **{name: swapped(getattr(shape, name)) for name in waves})  # type: ignore[arg-type]


BIPHASIC = replace(
    NORMAL, t=Size(0.25, 42.0, (0.05, 0.30, 0.32, 0.30, 0.30, 0.24)), t_end=chest(0, -0.45, -0.45, -0.35, -0.1, 0)
)
DEEP_T = replace(NORMAL, t=Size(0.25, 42.0, (-0.1, -0.6, -0.7, -0.5, 0.1, 0.2)))
TENTED = replace(NORMAL, t=Size(0.45, 50.0, (0.2, 1.15, 1.2, 1.1, 0.8, 0.5)), t_share=0.5)
BROAD_TALL = replace(
    NORMAL,
    r=replace(NORMAL.r, chest_mv=(-0.5, -0.5, 0.3, 0.8, 1.0, 1.0)),
    t=Size(0.3, 42.0, (0.3, 1.4, 1.5, 1.1, 0.6, 0.3)),
    t_share=0.8,
)
NOTCHED = replace(
    NORMAL,
    qrs_ms=80.0,
    s=Size(0.0, 0.0, NOTHING),
    notch=Size(0.22, 80.0, (0, 0, 0, 0.1, 0.2, 0.2)),
    st=Size(0.08, 80.0, (0, 0, 0, 0.05, 0.08, 0.08)),
)
HUMPED = replace(NOTCHED, notch=Size(0.45, 70.0, (0, 0, 0.2, 0.4, 0.45, 0.4)))
WITH_U = replace(NORMAL, u=Size(0.05, 60.0, (0.03, 0.16, 0.18, 0.12, 0.06, 0.04)))
LOW_POTASSIUM = replace(
    WITH_U,
    t=Size(0.15, 42.0, (0.05, 0.19, 0.20, 0.16, 0.13, 0.1)),
    st=Size(0.06, -120.0, (0, -0.03, -0.06, -0.08, -0.08, -0.08)),
)
SADDLE = replace(
    NORMAL,
    r2=chest(0.55, 0.6, 0.1, 0, 0, 0),
    r=replace(NORMAL.r, chest_mv=(-0.5, -0.7, -0.1, 1.1, 1.3, 1.0)),
    st=chest(0.28, 0.32, 0.1, 0, 0, 0),
)
SCOOPED = replace(
    NORMAL,
    st=Size(0.12, -120.0, (0.02, -0.02, -0.1, -0.16, -0.18, -0.16)),
    t=Size(0.02, 60.0, (0.02, 0.02, 0.02, 0.0, -0.04, -0.04)),
    t_end=Size(0.10, 60.0, (0, 0.05, 0.1, 0.12, 0.12, 0.1)),
)
CARDITIS = replace(
    NORMAL,
    st=Size(0.16, 45.0, (0.0, 0.12, 0.15, 0.15, 0.15, 0.13)),
    pr=Size(0.09, -130.0, (0.0, -0.03, -0.05, -0.06, -0.07, -0.07)),
    t=Size(0.20, 42.0, (0.08, 0.3, 0.3, 0.28, 0.22, 0.18)),
)
ONLY_THIRD = replace(
    NORMAL,
    st=Size(0.15, 150.0, (0.09, 0.0, -0.05, -0.14, -0.14, -0.12)),
    t=Size(0.30, 42.0, (0.08, 0.40, 0.45, 0.45, 0.40, 0.32)),
)
RIGHT_HEART = replace(
    NORMAL,
    qrs_ms=104.0,
    q=replace(NORMAL.q, chest_mv=(-0.9, -1.0, -0.8, 0.05, -0.07, -0.07)),
    r=replace(NORMAL.r, chest_mv=(-0.1, -0.1, -0.1, 1.1, 1.35, 1.05)),
    s=replace(NORMAL.s, chest_mv=(-0.25, -0.3, -0.3, -0.45, -0.2, -0.1)),
    t=replace(NORMAL.t, chest_mv=(-0.3, -0.35, -0.3, 0.2, 0.3, 0.24)),
)

SHORT_ST = replace(NORMAL, t_share=0.87)
PRE_EXCITED = replace(NORMAL, q=Size(0.0, 0.0, NOTHING), qrs_ms=146.0, delta=0.4)

SIMULATED: list[SimulatedCase] = [
    ("PRECORDIAL_SWAP", heart(exchanged(NORMAL, 2)), heart()),
    ("WELLENS", heart(BIPHASIC), heart(replace(BIPHASIC, t_end=Size(0, 0, NOTHING)))),
    ("WELLENS", heart(DEEP_T), heart(replace(DEEP_T, r2=RBBB.r2, qrs_ms=142.0))),
    ("HYPERKALAEMIA", heart(TENTED), heart(replace(TENTED, t=NORMAL.t.times(1.6)))),
    ("HYPERCALCAEMIA", heart(SHORT_ST, rate=70, qt_ms=325), heart(rate=70, qt_ms=325)),
    ("HYPERACUTE_T", heart(BROAD_TALL), heart(replace(BROAD_TALL, t=NORMAL.t.times(1.5)))),
    ("ERP", heart(NOTCHED), heart(replace(NOTCHED, notch=Size(0, 0, NOTHING)))),
    ("OSBORN", heart(HUMPED, rate=48, qt_ms=560), heart(HUMPED)),
    ("PROMINENT_U", heart(WITH_U, rate=58), heart(replace(WITH_U, u=WITH_U.u.times(0.2)), rate=58)),
    ("HYPOKALAEMIA", heart(LOW_POTASSIUM, rate=58), heart(WITH_U, rate=58)),
    ("BRUGADA_2", heart(SADDLE), heart(replace(SADDLE, st=Size(0, 0, NOTHING)))),
    ("DIG", heart(SCOOPED, qt_ms=340), heart(SCOOPED, qt_ms=440)),
    ("PERICARDITIS", heart(CARDITIS), heart(replace(CARDITIS, pr=Size(0, 0, NOTHING)))),
    ("ASLANGER", heart(ONLY_THIRD), heart(replace(ONLY_THIRD, st=replace(ONLY_THIRD.st, frontal_deg=90.0)))),
    ("ARVC", heart(RIGHT_HEART), heart(replace(RIGHT_HEART, t=NORMAL.t))),
    ("ALTERNANS", heart(alternating=0.3), heart(alternating=0.05)),
    ("SA_BLOCK", heart(rate=46, rhythm=Rhythm.SINUS_PAUSE), heart(rate=60, rhythm=Rhythm.SINUS_PAUSE)),
    ("PAC_BLOCKED", heart(rate=66, rhythm=Rhythm.BLOCKED_PAC), heart(rate=66, rhythm=Rhythm.PAC)),
    ("WPW", heart(PRE_EXCITED, p_ms=80, pr_ms=100), heart(replace(PRE_EXCITED, delta=0.0), p_ms=80, pr_ms=100)),
    (
        "VT",
        heart(rate=160, rhythm=Rhythm.VENTRICULAR_TACHYCARDIA, ventricular=replace(VENTRICULAR, qrs_ms=170.0)),
        heart(LBBB, rate=120, pr_ms=140),
    ),
]
