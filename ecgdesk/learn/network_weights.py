"""How much each record counts, so that every source of records shows the classes as often as all of PTB-XL does.

What can be had of a data set is a selection, and each selection leans its own way: in one, three in five are normal, in
another one in five. A network that can tell the sources apart, by the age that one of them lacks, say, learns their
shares instead of the heart. So the records of each source are weighted until its classes have the shares of the whole
(raking, Deming and Stephan, Annals of Mathematical Statistics 1940; for learning: Lipton, Wang and Smola, ICML 2018).
"""

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

ROUNDS = 50  # each halves what is off, or better
LARGEST = 5.0  # a rare kind of record must not decide by itself


def raked(classes: F32, source: NDArray[np.int64], shares: F64) -> F32:
    """float32[n], mean 1 in each source: `classes` 0 or 1 [n, k], `source` int[n], `shares` float64[k] of the classes.

    A class that a source has not, or always has, is left as it is there.
    """
    weights = np.ones(len(classes))
    for one in np.unique(source):
        here = source == one
        weights[here] = _raked_one(classes[here] > 0, shares)
    return weights.astype(np.float32)


def _raked_one(classes: NDArray[np.bool_], shares: F64) -> F64:
    weights = np.ones(len(classes))
    for _ in range(ROUNDS):
        for has, share in zip(classes.T, shares, strict=True):
            if 0 < has.sum() < len(has):
                now = weights[has].sum() / weights.sum()
                weights *= np.where(has, share / now, (1 - share) / (1 - now))
        weights = np.minimum(weights / weights.mean(), LARGEST)
    return np.asarray(weights / weights.mean(), dtype=np.float64)
