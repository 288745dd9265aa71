"""Which lead runs where: the rows of a sheet matched to the known layouts."""

from collections.abc import Sequence
from dataclasses import dataclass

from ecgdesk.ecg.figure import Figure
from ecgdesk.ecg.lead import STANDARD_ORDER, Lead
from ecgdesk.ecg.page import Layout, Strip
from ecgdesk.page.refusals import UnreadablePage
from ecgdesk.page.rows import Row

COLUMN_S = 2.5  # of a 3x4 sheet of ten seconds


@dataclass(frozen=True)
class Template:
    """`rows` x `columns` of leads, filled column by column in `order`, above `rhythm` full-width strips."""

    rows: int
    columns: int
    order: tuple[Lead, ...]
    rhythm: int = 0

    @property
    def name(self) -> str:
        return f"{self.rows}x{self.columns}" + (f"+{self.rhythm}" if self.rhythm else "")

    def lead(self, row: int, column: int) -> Lead:
        return self.order[column * self.rows + row]


def templates(rows: int) -> tuple[Template, ...]:
    """The layouts that a sheet with this many rows of trace can have, the usual one first."""
    found = []
    for grid_rows, columns in ((3, 4), (6, 2), (12, 1)):
        if 0 <= rows - grid_rows <= 3:
            found.append(Template(grid_rows, columns, STANDARD_ORDER, rows - grid_rows))
    return tuple(found)


def assumed_layout(rows: Sequence[Row], *, speed: float, gain: Figure, page_height_mm: float) -> Layout:
    """The usual layout for this many rows, without having read a name. Raises UnreadablePage when there is none."""
    known = templates(len(rows))
    if not known:
        raise UnreadablePage(
            f"This page shows {len(rows)} row{'s' if len(rows) != 1 else ''} of trace, which fits no layout of a "
            "12-lead ECG; scan the whole sheet and try again."
        )
    template = known[0]
    strips = []
    for number, row in enumerate(rows):
        top = (rows[number - 1].y_mm + row.y_mm) / 2 - 10 if number else 0.0
        bottom = (rows[number + 1].y_mm + row.y_mm) / 2 + 10 if number + 1 < len(rows) else page_height_mm
        rhythm = number >= template.rows
        columns = 1 if rhythm else template.columns
        width = (row.x1_mm - row.x0_mm) / columns
        for column in range(columns):
            lead = Lead.II if rhythm else template.lead(number, column)
            x0 = row.x0_mm + column * width
            strips.append(
                Strip(lead, x0, x0 + width, row.y_mm, top, bottom, column * width / speed, (column + 1) * width / speed,
                      gain, rhythm)
            )  # fmt: skip
    return Layout(template.name, tuple(strips))
