"""Columns of a sheet without a rhythm strip: the same beat shape seen in other leads at other times.

Clusters that share no lead cannot be compared by shape. The most frequent shape of each column is taken for the
dominant beat, and the columns are laid over each other by the middle of their QRS complexes.
"""

import numpy as np
from numpy.typing import NDArray

from ecgdesk.measure.conditioning import Bools, Conditioned
from ecgdesk.measure.qrs import qrs_limits
from ecgdesk.measure.shapes import Cluster, average_of


def join_columns(conditioned: Conditioned, found: tuple[Cluster, ...]) -> tuple[Cluster, ...]:
    """The clusters with the dominant shapes of all columns made one; unchanged where a lead runs through."""
    columns = _columns([cluster.counts > 0 for cluster in found])
    if len(columns) < 2:
        return found
    mains = [_main([found[k] for k in column]) for column in columns]
    mains.sort(key=lambda cluster: -len(cluster.at))
    zero = _middle(mains[0])
    at = [cluster.at + (0 if cluster is mains[0] else round(_middle(cluster) - zero)) for cluster in mains]
    everything = np.concatenate([*at, *(cluster.at for cluster in found if all(cluster is not main for main in mains))])
    joined = average_of(
        conditioned,
        np.clip(np.concatenate(at), 0, conditioned.length - 1),
        among=np.clip(everything, 0, conditioned.length - 1),
    )
    return (joined, *(cluster for cluster in found if all(cluster is not main for main in mains)))


def _columns(shows: list[Bools]) -> list[list[int]]:
    """Indices of clusters that share leads, directly or through others; clusters that show no lead are left out."""
    columns: list[tuple[Bools, list[int]]] = []
    for number, leads in enumerate(shows):
        if not leads.any():
            continue
        touching = [column for column in columns if np.any(column[0] & leads)]
        merged = (leads.copy(), [number])
        for column in touching:
            merged = (merged[0] | column[0], merged[1] + column[1])
        columns = [column for column in columns if all(column is not other for other in touching)] + [merged]
    return [numbers for _, numbers in columns]


def _main(clusters: list[Cluster]) -> Cluster:
    return min(clusters, key=lambda cluster: (-len(cluster.at), _width(cluster)))


def _limits(cluster: Cluster) -> NDArray[np.float64]:
    """Median onset and offset over the leads; the fiducial point for both where no lead shows any."""
    limits = qrs_limits(cluster.average, cluster.centre)
    if not np.any(np.isfinite(limits.onset)):
        return np.array([cluster.centre, cluster.centre], dtype=np.float64)
    return np.array([np.nanmedian(limits.onset), np.nanmedian(limits.offset)])


def _width(cluster: Cluster) -> float:
    onset, offset = _limits(cluster)
    return float(offset - onset)


def _middle(cluster: Cluster) -> float:
    """Columns from the fiducial point to the middle of the complex."""
    return float(np.mean(_limits(cluster))) - cluster.centre
