"""Equality of cases, arrays and NaN included."""

import math
from dataclasses import fields, is_dataclass

import numpy as np


def alike(a: object, b: object) -> bool:
    """True when both hold the same, to the last bit, in the same types."""
    if type(a) is not type(b):
        return False
    if is_dataclass(a):
        return all(alike(getattr(a, field.name), getattr(b, field.name)) for field in fields(a))
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(alike(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, float) and isinstance(b, float) and math.isnan(a):
        return math.isnan(b)
    return a == b
