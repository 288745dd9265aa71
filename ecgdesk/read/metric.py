"""How well a model was found to read: one figure of a bundle's `[[metric]]` tables."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Metric:
    """One figure with the data on which it was measured."""

    name: str
    value: float
    data: str
