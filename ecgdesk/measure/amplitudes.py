"""Amplitudes, durations and areas of one lead's average beat."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.ndimage import gaussian_filter1d

from ecgdesk.ecg.lead import SAMPLING_RATE_HZ, STANDARD_ORDER
from ecgdesk.ecg.measurements import NAN, LeadMeasures
from ecgdesk.measure.conditioning import Conditioned, Floats, samples
from ecgdesk.measure.delineate import Delineated

MS = 1000 / SAMPLING_RATE_HZ
LEAST_MV, LEAST_PEAK_MS, LEAST_MS = 0.030, 6.0, 12.0  # IEC 60601-2-51, Annex GG: what counts as a deflection
LATE_R_SHARE = 0.1  # of R


@dataclass(frozen=True)
class Deflection:
    """One stretch of the QRS complex on one side of the zero line."""

    mv: float
    ms: float
    peak: int  # column of the average beat


def base_level(average: Floats, before: float) -> Floats:
    """mV of each lead just before a wave: mean of the 16 ms that end 4 ms before it."""
    stop = int(max(1, before - samples(0.004)))
    part = average[:, max(0, stop - samples(0.016)) : stop]
    number = np.isfinite(part).sum(axis=1)
    return np.where(number > 0, np.nansum(part, axis=1) / np.maximum(1, number), np.nan)


def deflections(above: Floats, start: int) -> list[Deflection]:
    """Deflections that count in mV[n] above the level before the complex; `start` is the first sample's column."""
    sign = np.sign(above)
    edges = np.concatenate([[0], np.flatnonzero(np.diff(sign)) + 1, [len(above)]])
    found: list[Deflection] = []
    for a, b in pairwise(edges):
        part = above[a:b]
        peak = int(np.argmax(np.abs(part)))
        high = float(np.sum(np.abs(part) >= LEAST_MV)) * MS
        if abs(part[peak]) >= LEAST_MV and high >= LEAST_PEAK_MS and (b - a) * MS >= LEAST_MS:
            found.append(Deflection(float(part[peak]), float((b - a) * MS), start + int(a) + peak))
    return found


def name_deflections(found: list[Deflection]) -> dict[str, Deflection]:
    """q, r, s, r2, s2 by order and sign. A complex that is only negative is a QS and stands as q."""
    names: dict[str, Deflection] = {}
    for deflection in found:
        if deflection.mv > 0:
            key = "r" if "r" not in names else "r2"
        elif "r" not in names:
            key = "q"
        else:
            key = "s" if "r2" not in names else "s2"
        if key not in names or abs(deflection.mv) > abs(names[key].mv):
            names[key] = deflection
    return names


def lead_measures(conditioned: Conditioned, beat: Delineated) -> tuple[LeadMeasures, ...]:
    """One row for each lead that is present."""
    return tuple(_measure_lead(conditioned, beat, row) for row in range(12) if bool(np.any(conditioned.present[row])))


def noise_uv(conditioned: Conditioned, row: int) -> float:
    """uV rms between 15 and 45 Hz, in the quieter half of the lead's time (outside QRS complexes)."""
    part = conditioned.mv[row, conditioned.present[row]]
    if len(part) < samples(0.5):
        return NAN
    fast = gaussian_filter1d(part, 0.0035 * SAMPLING_RATE_HZ) - gaussian_filter1d(part, 0.0106 * SAMPLING_RATE_HZ)
    pieces = fast[: len(fast) // 50 * 50].reshape(-1, 50)
    return float(np.median(np.sqrt(np.mean(pieces**2, axis=1))) * 1000)


def _measure_lead(conditioned: Conditioned, beat: Delineated, row: int) -> LeadMeasures:
    lead = STANDARD_ORDER[row]
    count = int(beat.cluster.counts[row])
    noise = noise_uv(conditioned, row)
    if count == 0 or not np.isfinite(beat.qrs_onset):
        return LeadMeasures(lead, noise_uv=noise)
    average = beat.cluster.average
    line = average[row] - base_level(average, beat.qrs_onset)[row]
    if not np.any(np.isfinite(line)):
        return LeadMeasures(lead, beats=count, noise_uv=noise)
    qrs = _qrs_values(line, beat, row)
    values = {**qrs, **_st_values(line, beat), **_p_values(average[row], beat, row), **_t_values(line, beat, row)}
    return LeadMeasures(lead, beats=count, noise_uv=noise, qrs_notches=_notches(line, beat, row), **values)


def _qrs_values(line: Floats, beat: Delineated, row: int) -> dict[str, float]:
    start, stop = int(beat.qrs_onset), int(beat.qrs_offset) + 1
    named = name_deflections(deflections(np.nan_to_num(line[start:stop]), start))
    values: dict[str, float] = {}
    for key, deflection in named.items():
        values[f"{key}_mv"] = deflection.mv
        if key != "s2":
            values[f"{key}_ms"] = deflection.ms
    values["qrs_area_mv_ms"] = float(np.nansum(line[start:stop]) * MS)
    last_r = _last_r(named)
    onset = beat.qrs.onset[row]
    if last_r is not None:
        values["r_peak_time_ms"] = float((last_r.peak - (onset if np.isfinite(onset) else start)) * MS)
    return values


def _last_r(named: dict[str, Deflection]) -> Deflection | None:
    """The R that R-peak time runs to: R' where it is no mere overshoot of the return from S."""
    r, r2 = named.get("r"), named.get("r2")
    return r2 if r is not None and r2 is not None and r2.mv >= LATE_R_SHARE * r.mv else r


def _st_values(line: Floats, beat: Delineated) -> dict[str, float]:
    j = beat.qrs_offset
    times = {"j_mv": 0, "st20_mv": 20, "st40_mv": 40, "st60_mv": 60, "st80_mv": 80}
    return {key: _mean_around(line, j + ms / MS) for key, ms in times.items()}


def _mean_around(line: Floats, at: float) -> float:
    part = line[max(0, int(at) - 1) : int(at) + 2]
    return float(np.mean(part)) if len(part) and np.all(np.isfinite(part)) else NAN


def _p_values(raw: Floats, beat: Delineated, row: int) -> dict[str, float]:
    onset, offset = beat.p_onset, beat.p_offset
    if not (np.isfinite(onset) and np.isfinite(offset)) or offset - onset < samples(0.02):
        return {}
    line = raw - base_level(raw[None], onset)[0]
    part = gaussian_filter1d(np.nan_to_num(line[int(onset) : int(offset) + 1]), 2.0)
    peak = int(np.argmax(np.abs(part)))
    values = {"p_mv": float(part[peak]), "p_area_mv_ms": float(np.sum(part) * MS)}
    tail = np.flatnonzero(part[len(part) // 3 :] < -0.01) + len(part) // 3
    if len(tail) and (values["p_mv"] > 0 or np.max(part) > 0.02):
        values["p_terminal_mv"] = float(np.min(part[tail]))
        values["p_terminal_ms"] = float((len(part) - tail[0]) * MS)
    return values


def _t_values(line: Floats, beat: Delineated, row: int) -> dict[str, float]:
    start, stop = beat.qrs_offset + samples(0.08), beat.t_offset
    if not np.isfinite(stop) or stop - start < samples(0.04):
        return {}
    wave = line[int(start) : int(stop) + 1]
    if not np.all(np.isfinite(wave)):  # the lead ends, or an early beat comes, before T is over
        return {}
    part = gaussian_filter1d(wave, 3.0)
    high, low = float(part.max()), float(part.min())
    main, other = (high, low) if abs(high) >= abs(low) else (low, high)
    values = {"t_mv": main, "t_area_mv_ms": float(np.sum(part) * MS)}
    if main * other < 0 and abs(other) >= LEAST_MV:
        values["t_other_mv"] = other
    return values


def _notches(line: Floats, beat: Delineated, row: int) -> int:
    """Turns of direction inside the complex beyond those that its deflections need."""
    start, stop = int(beat.qrs_onset), int(beat.qrs_offset) + 1
    part = gaussian_filter1d(np.nan_to_num(line[start:stop]), 1.0)
    if len(part) < 5:
        return 0
    height = max(LEAST_MV, 0.05 * float(np.ptp(part)))
    turns, last, direction = 0, part[0], 0
    for value in part[1:]:
        if (direction >= 0 and value < last - height) or (direction <= 0 and value > last + height):
            turns += direction != 0
            direction = -1 if value < last else 1
            last = value
        elif (direction > 0 and value > last) or (direction < 0 and value < last):
            last = value
    needed = len(deflections(np.nan_to_num(line[start:stop]), start))
    return max(0, turns - needed)
