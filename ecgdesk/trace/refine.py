"""The trained refiner: from column features to the trace's rows, several a column, and its expected error."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from ecgdesk.ecg.resources import resource
from ecgdesk.trace.columns import Columns
from ecgdesk.trace.features import OUTPUTS, features

F32 = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Refined:
    """`rows`: float32[w * OUTPUTS], the trace's rows at even steps of 1/OUTPUTS column, the first half a step in.
    `spread`: float32[w], the standard deviation that the refiner expects of its error in each column, in rows."""

    rows: F32
    spread: F32


def refine(runs: Columns, path: NDArray[np.intp], *, pixels_per_mm: float) -> Refined:
    seen = features(runs, path, pixels_per_mm=pixels_per_mm)
    answer = _network().run(None, {"seen": seen[None]})[0][0]
    rows = runs.middle[:, None] + answer[:OUTPUTS].T
    return Refined(rows.reshape(-1).astype(np.float32), np.exp(answer[OUTPUTS] / 2).astype(np.float32))


@cache
def _network() -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # pages are read side by side; threads within one only get in the way
    options.inter_op_num_threads = 1
    path = resource("models/tracer/tracer.onnx")
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
