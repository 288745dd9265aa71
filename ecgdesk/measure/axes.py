"""Frontal axes from the net area of a wave in I and aVF: atan2(2 aVF / sqrt 3, I)."""

import math

import numpy as np

from ecgdesk.ecg.figure import Figure, not_measurable
from ecgdesk.ecg.lead import Lead
from ecgdesk.measure.conditioning import Floats
from ecgdesk.measure.p_wave import bumps

TINY_MV_MS = 1.0  # below this net area the direction is chance: about 20 uV over 50 ms
AXIS_SD_DEG = 5.0


def limb_leads(average: Floats) -> Floats:
    """The average beat with absent limb leads filled from two that are there (Einthoven, Goldberger)."""
    full = average.copy()
    i, ii, iii = (average[lead.row] for lead in (Lead.I, Lead.II, Lead.III))
    avr, avl, avf = (average[lead.row] for lead in (Lead.AVR, Lead.AVL, Lead.AVF))
    one = _first(i, ii - iii, (avl - avr) * 2 / 3)
    two = _first(ii, one + iii, (avf - avr) * 2 / 3)
    full[Lead.I.row] = _first(one, two - iii)
    full[Lead.II.row] = two
    full[Lead.AVF.row] = _first(avf, two - one / 2)
    return full


def _first(*choices: Floats) -> Floats:
    return next((c for c in choices if np.any(np.isfinite(c))), choices[0])


def p_axis(average: Floats, start: float, stop: float) -> Figure:
    """Axis in degrees of the P wave above the chord of its ends.

    A P wave may ride on the fall of the T wave before it: above the level of its onset, that fall would be counted too.
    """
    if not (np.isfinite(start) and np.isfinite(stop)) or stop - start < 2:
        return axis(average, float("nan"), float("nan"), np.zeros(len(average)), "P wave")
    part = bumps(average, int(start), int(stop) + 1)
    return axis(part, 0, part.shape[1] - 1, np.zeros(len(part)), "P wave")


def axis(average: Floats, start: float, stop: float, base: Floats, name: str) -> Figure:
    """Axis in degrees of the wave in columns [start, stop) of an average beat above `base` (mV a lead)."""
    if not (np.isfinite(start) and np.isfinite(stop)) or stop <= start:
        return not_measurable("°", f"There is no {name} to take an axis from.")
    part = average[:, int(start) : int(stop) + 1] - base[:, None]
    area = np.nansum(part, axis=1) * 2.0  # mV ms at 500 Hz
    lead_i, avf = area[Lead.I.row], area[Lead.AVF.row]
    if not (np.any(np.isfinite(part[Lead.I.row])) and np.any(np.isfinite(part[Lead.AVF.row]))):
        return not_measurable("°", "An axis needs lead I and lead aVF, or two limb leads to derive them from.")
    length = math.hypot(2 * avf / math.sqrt(3), lead_i)
    if length < TINY_MV_MS:
        return not_measurable("°", f"The {name} is too small or too balanced in the limb leads: axis indeterminate.")
    return Figure(math.degrees(math.atan2(2 * avf / math.sqrt(3), lead_i)), "°", uncertainty=AXIS_SD_DEG)
