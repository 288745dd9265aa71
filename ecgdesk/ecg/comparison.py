"""An ECG beside an earlier one of the same patient: what changed, by how much, and what to make of it."""

from dataclasses import dataclass
from datetime import datetime

from ecgdesk.ecg.lead import Lead
from ecgdesk.ecg.reading import Finding

BEYOND_SD = 2.0  # a difference of two standard deviations is the measurement's own in one comparison of twenty at most


@dataclass(frozen=True)
class Change:
    """One figure, earlier and later.

    `name`: as printed (PR interval, J level); `lead`: None for a figure of the whole ECG. `difference` is later less
    earlier (angles: the shorter way round); `uncertainty`: one standard deviation of that difference, in `unit`.
    """

    name: str
    unit: str
    earlier: float
    later: float
    difference: float
    uncertainty: float
    lead: Lead | None = None

    @property
    def beyond_uncertainty(self) -> bool:
        return abs(self.difference) > BEYOND_SD * self.uncertainty


@dataclass(frozen=True)
class ComparisonStatement:
    """One line of the comparison (AHA/ACC/HRS 2007, Part II, statements 400 to 406); `why`: this patient's numbers."""

    text: str
    why: str


@dataclass(frozen=True)
class SerialComparison:
    """`earlier_at`: when the earlier ECG was recorded, as far as it is known, else when its sheet was read.

    `changes`: every figure that both ECGs have, those of the whole ECG first. `new`, `gone`: findings that stand in
    one of the two alone. `not_compared`: sentences for the user.
    """

    earlier_id: str
    earlier_at: datetime
    statements: tuple[ComparisonStatement, ...]
    changes: tuple[Change, ...]
    new: tuple[Finding, ...] = ()
    gone: tuple[Finding, ...] = ()
    not_compared: tuple[str, ...] = ()

    @property
    def real_changes(self) -> tuple[Change, ...]:
        """The changes that the measurement's own uncertainty does not explain."""
        return tuple(change for change in self.changes if change.beyond_uncertainty)
