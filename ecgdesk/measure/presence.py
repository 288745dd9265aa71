"""One beat's wave against the average beat's: is it there, and how much earlier or later?

A real P wave has the same shape before each beat; noise and f waves do not.
"""

import numpy as np
from numpy.typing import NDArray

from ecgdesk.measure.conditioning import Conditioned, Floats, samples
from ecgdesk.measure.p_wave import SMOOTH_S, bumps
from ecgdesk.measure.shapes import Cluster, cut, seen
from ecgdesk.measure.t_wave import smoothed

LAG_S = 0.03
SURE = 0.8  # correlation from which a beat's own place of a wave is believed
ALIKE = 0.5  # correlation of one P wave with the mean of the others


def likeness(conditioned: Conditioned, at: NDArray[np.intp], *, start: int, stop: int) -> Floats:
    """float64[beats]: correlation of each beat's stretch [start, stop) after its fiducial with the others' mean.

    NaN where nothing can be compared.
    """
    whole = seen(conditioned)
    if stop - start < samples(0.03) or not len(at):
        return np.full(len(at), np.nan)
    pieces = cut(whole, at, -start, stop)
    shows = np.all(np.isfinite(pieces), axis=2)
    flat = smoothed(pieces.reshape(-1, pieces.shape[2]), SMOOTH_S)
    shape = bumps(flat, 0, flat.shape[1]).reshape(pieces.shape)
    shape -= shape.mean(axis=2, keepdims=True)
    shape[~shows] = 0.0
    total, number = shape.sum(axis=0), shows.sum(axis=0)
    others = (total[None] - shape) / np.maximum(1, number[None] - shows)[:, :, None]
    usable = shows & (number[None] - shows >= 1)
    cross = np.einsum("blt,blt,bl->b", shape, others, usable.astype(np.float64))
    own = np.einsum("blt,blt,bl->b", shape, shape, usable.astype(np.float64))
    their = np.einsum("blt,blt,bl->b", others, others, usable.astype(np.float64))
    norm = np.sqrt(own * their)
    return np.asarray(np.divide(cross, norm, out=np.full(len(at), np.nan), where=norm > 0))


def lags(conditioned: Conditioned, cluster: Cluster, *, start: float, stop: float) -> Floats:
    """float64[beats]: samples by which each beat's wave in columns [start, stop) of the average comes later.

    Zero where the wave cannot be recognised in that beat, or stays where the average has it.
    """
    none = np.zeros(len(cluster.at))
    if not (np.isfinite(start) and np.isfinite(stop)) or stop - start < samples(0.03) or len(cluster.at) < 2:
        return none
    a, b, reach = int(start) - cluster.centre, int(stop) - cluster.centre, samples(LAG_S)
    model = smoothed(cluster.average[:, int(start) : int(stop)], SMOOTH_S)
    model = model - model.mean(axis=1, keepdims=True)
    pieces = cut(seen(conditioned), cluster.at, reach - a, b + reach)
    shows = np.all(np.isfinite(pieces), axis=2) & np.isfinite(cluster.average[:, cluster.centre])[None]
    shape = smoothed(pieces.reshape(-1, pieces.shape[2]), SMOOTH_S).reshape(pieces.shape)
    model_power = shows @ np.einsum("lt,lt->l", model, model)
    fits = []
    for lag in range(2 * reach + 1):
        part = shape[:, :, lag : lag + b - a]
        part = (part - part.mean(axis=2, keepdims=True)) * shows[:, :, None]
        norm = np.sqrt(np.einsum("blt,blt->b", part, part) * model_power)
        cross = np.einsum("blt,lt->b", part, model)
        fits.append(np.divide(cross, norm, out=np.zeros(len(none)), where=norm > 0))
    fit = np.stack(fits)
    best = np.argmax(fit, axis=0)
    sure = (fit.max(axis=0) > SURE) & (best > 0) & (best < 2 * reach)
    return np.where(sure, best - reach, 0).astype(np.float64)
