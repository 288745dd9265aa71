"""When the atria and the ventricles of a simulated heart beat."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


class Rhythm(StrEnum):
    """Rhythms that the simulator knows. `rate` is the ventricular rate in each of them."""

    SINUS = "sinus"
    SINUS_ARRHYTHMIA = "sinus arrhythmia"  # RR swings with the breath by +-12 %
    SINUS_PAUSE = "sinus pause"  # one gap of 2.6 s
    FIBRILLATION = "atrial fibrillation"
    FLUTTER = "atrial flutter"  # 300 a minute, each second to fourth wave conducted, whichever is nearest to `rate`
    JUNCTIONAL = "junctional"  # no P waves
    MOBITZ_1 = "second degree AV block, Wenckebach"  # PR grows by 60 ms a beat, the fourth P is not conducted
    MOBITZ_2 = "second degree AV block, constant PR"  # the fourth P is not conducted
    TWO_TO_ONE = "2:1 AV block"
    COMPLETE_BLOCK = "complete AV block"  # P waves at 80 a minute, wide escape beats at `rate`
    PVC = "ventricular premature beats"  # each fourth beat, with a full pause
    BIGEMINY = "ventricular bigeminy"
    PAC = "atrial premature beats"  # each fourth beat
    BLOCKED_PAC = "non-conducted atrial premature beats"  # each fourth P comes upon T and leads to no beat
    VENTRICULAR_TACHYCARDIA = "ventricular tachycardia"
    PACED = "ventricular pacing"  # no P waves, a spike before each wide beat
    ASYSTOLE = "asystole"


@dataclass(frozen=True)
class Complex:
    """One ventricular beat: time of its QRS onset, and whether it is a wide beat of ventricular origin."""

    onset_s: float
    ventricular: bool = False
    paced: bool = False
    pr_ms: float | None = None  # None when no P wave leads to it


@dataclass(frozen=True)
class Schedule:
    """Everything that happens, in seconds. `p_onsets_s` holds every P wave, conducted or not."""

    complexes: tuple[Complex, ...] = ()
    p_onsets_s: tuple[float, ...] = ()
    flutter_hz: float = 0.0
    fibrillation: bool = False


FIRST_S = 0.35  # QRS onset of the first beat
PAUSE_S = 2.6
EARLY, PAC_EARLY = 0.62, 0.70  # coupling of premature beats, of the usual RR
BLOCKED_PAC_EARLY = 0.42  # of the usual PP: upon the T wave
COMPLETE_BLOCK_P_RATE = 80.0  # 1/min
PR_STEP_MS = 60.0
FLUTTER_PER_MIN = 300.0


def schedule(rhythm: Rhythm, *, rate: float, pr_ms: float, duration_s: float, rng: np.random.Generator) -> Schedule:
    """The beats of `duration_s` seconds; `rate` in beats a minute."""
    rr = 60.0 / rate
    if rhythm is Rhythm.ASYSTOLE:
        return Schedule()
    if rhythm is Rhythm.FIBRILLATION:
        gaps = np.clip(rng.gamma(shape=22.0, scale=rr / 22.0, size=int(duration_s / rr * 2) + 4), 0.32, 2.5)
        return Schedule(_plain(FIRST_S + np.cumsum(gaps) - gaps[0], duration_s), fibrillation=True)
    if rhythm is Rhythm.FLUTTER:
        cycle = 60.0 / FLUTTER_PER_MIN
        step = cycle * int(np.clip(round(rr / cycle), 2, 4))
        return Schedule(_plain(np.arange(FIRST_S, duration_s, step), duration_s), flutter_hz=1 / cycle)
    if rhythm is Rhythm.COMPLETE_BLOCK:
        escapes = tuple(Complex(float(t), ventricular=True) for t in np.arange(FIRST_S, duration_s, rr))
        p = np.arange(0.1, duration_s, 60.0 / COMPLETE_BLOCK_P_RATE)
        return Schedule(escapes, tuple(p.tolist()))
    if rhythm in (Rhythm.PACED, Rhythm.VENTRICULAR_TACHYCARDIA):
        times = np.arange(FIRST_S, duration_s, rr).tolist()
        return Schedule(tuple(Complex(t, ventricular=True, paced=rhythm is Rhythm.PACED) for t in times))
    if rhythm is Rhythm.JUNCTIONAL:
        return Schedule(_plain(np.arange(FIRST_S, duration_s, rr), duration_s))
    return _from_the_atria(rhythm, rr, pr_ms, duration_s)


def _plain(onsets: NDArray[np.float64], duration_s: float) -> tuple[Complex, ...]:
    return tuple(Complex(float(t)) for t in onsets if t < duration_s)


def _from_the_atria(rhythm: Rhythm, rr: float, pr_ms: float, duration_s: float) -> Schedule:
    """Rhythms in which each P wave leads to a beat, or should."""
    complexes: list[Complex] = []
    p_onsets: list[float] = []
    time, number = FIRST_S - pr_ms / 1000, 0
    while time < duration_s:
        place = number % 4
        pr = pr_ms + (PR_STEP_MS * place if rhythm is Rhythm.MOBITZ_1 else 0.0)
        premature = place == 3 if rhythm is Rhythm.PVC else rhythm is Rhythm.BIGEMINY and number % 2 == 1
        if premature:  # the sinus beat due now finds the ventricles refractory; its P wave hides in the complex
            onset = complexes[-1].onset_s + EARLY * rr
            complexes.append(Complex(onset, ventricular=True))
        else:
            p_onsets.append(time)
            if not _blocked(rhythm, number):
                complexes.append(Complex(time + pr / 1000, pr_ms=pr))
        time += _next_p(rhythm, rr, number, time)
        number += 1
    kept = tuple(c for c in complexes if c.onset_s < duration_s)
    return Schedule(kept, tuple(p_onsets))


def _blocked(rhythm: Rhythm, number: int) -> bool:
    if rhythm in (Rhythm.MOBITZ_1, Rhythm.MOBITZ_2, Rhythm.BLOCKED_PAC):
        return number % 4 == 3
    return rhythm is Rhythm.TWO_TO_ONE and number % 2 == 1


def _next_p(rhythm: Rhythm, rr: float, number: int, time: float) -> float:
    """Seconds from this P wave to the next; the block rhythms keep `rate` for the ventricles on the whole."""
    if rhythm in (Rhythm.MOBITZ_1, Rhythm.MOBITZ_2):
        return rr * 0.75
    if rhythm is Rhythm.TWO_TO_ONE:
        return rr * 0.5
    if rhythm is Rhythm.SINUS_ARRHYTHMIA:
        return rr * (1 + 0.12 * float(np.sin(2 * np.pi * time / 4.0)))
    if rhythm is Rhythm.SINUS_PAUSE and number == 3:
        return PAUSE_S
    if rhythm is Rhythm.BLOCKED_PAC and number % 4 == 2:
        return rr * BLOCKED_PAC_EARLY
    if rhythm is Rhythm.PAC and number % 4 == 2:
        return rr * PAC_EARLY
    if rhythm is Rhythm.PAC and number % 4 == 3:
        return rr * 1.1
    return rr
