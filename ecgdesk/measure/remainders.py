"""The signal with parts of the beats taken away, to see what the atria do."""

import numpy as np

from ecgdesk.measure.conditioning import Conditioned, Floats, samples
from ecgdesk.measure.delineate import Delineated
from ecgdesk.measure.marks import has_p


def without_qrst(conditioned: Conditioned, shapes: tuple[Delineated, ...]) -> Floats:
    """float64[12, n]: the signal with every beat's average QRST taken away; P and atrial waves remain."""
    rest = conditioned.mv.copy()
    for shape in shapes:
        first = shape.qrs_onset - samples(0.02)
        last = shape.t_offset if np.isfinite(shape.t_offset) else shape.qrs_offset
        if not (np.isfinite(first) and np.isfinite(last)):
            continue
        a, b = int(first), int(last) + samples(0.04)
        piece = np.nan_to_num(shape.cluster.average[:, max(0, a) : b])
        piece = piece * _taper(piece.shape[1])
        for at in shape.cluster.at:
            _subtract(rest, piece, int(at) + max(0, a) - shape.cluster.centre)
    return np.where(conditioned.present, rest, 0.0)


def _taper(length: int) -> Floats:
    ramp = np.ones(length)
    edge = min(samples(0.02), length // 2)
    if edge:
        ramp[:edge] = np.linspace(0, 1, edge)
        ramp[-edge:] = np.linspace(1, 0, edge)
    return ramp


def _subtract(rest: Floats, piece: Floats, start: int) -> None:
    a, b = max(0, start), min(rest.shape[1], start + piece.shape[1])
    if b > a:
        rest[:, a:b] -= piece[:, a - start : b - start]


def without_p(rest: Floats, shapes: tuple[Delineated, ...]) -> Floats:
    """`rest` with the average P wave taken from the beats that have it: what remains is no part of any beat."""
    left = rest.copy()
    for shape in shapes:
        if not shape.p_found:
            continue
        a, b = int(shape.p_onset) - samples(0.02), int(shape.p_offset) + samples(0.02)
        piece = np.nan_to_num(shape.cluster.average[:, max(0, a) : b])
        piece = (piece - piece[:, :1]) * _taper(piece.shape[1])
        for number, at in enumerate(shape.cluster.at):
            if has_p(shape, number):
                _subtract(left, piece, int(at + max(0, a) - shape.cluster.centre + shape.p_lag[number]))
    return left


def without_qrs(conditioned: Conditioned, shapes: tuple[Delineated, ...]) -> Floats:
    """float64[12, n]: the signal with a straight line in place of every complex."""
    left = conditioned.mv.copy()
    for shape in shapes:
        if not (np.isfinite(shape.qrs_onset) and np.isfinite(shape.qrs_offset)):
            continue
        for at in shape.cluster.at:
            a = max(0, int(at + shape.qrs_onset - shape.cluster.centre) - samples(0.01))
            b = min(left.shape[1] - 1, int(at + shape.qrs_offset - shape.cluster.centre) + samples(0.02))
            if b > a:
                left[:, a : b + 1] = np.linspace(left[:, a], left[:, b], b - a + 1, axis=1)
    return left
