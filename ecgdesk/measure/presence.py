"""Is there a P wave before the beats? A real one has the same shape before each of them; noise and f waves do not."""

import numpy as np
from numpy.typing import NDArray

from ecgdesk.measure.conditioning import Conditioned, Floats, samples
from ecgdesk.measure.p_wave import SMOOTH_S, bumps
from ecgdesk.measure.shapes import cut, seen
from ecgdesk.measure.t_wave import smoothed

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
