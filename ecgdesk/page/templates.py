"""The lead grids that carts print."""

from dataclasses import dataclass

from ecgdesk.ecg.lead import CHEST_LEADS, LIMB_LEADS, STANDARD_ORDER, Lead

CABRERA: tuple[Lead, ...] = (Lead.AVL, Lead.I, Lead.AVR, Lead.II, Lead.AVF, Lead.III, *CHEST_LEADS)


@dataclass(frozen=True)
class Template:
    """`rows` x `columns` of leads, filled column by column in `order`; `usual`: a logarithm of how common it is."""

    rows: int
    columns: int
    order: tuple[Lead, ...]
    usual: float = 0.0

    def lead(self, row: int, column: int) -> Lead:
        return self.order[column * self.rows + row]

    @property
    def name(self) -> str:
        """As a person chooses it: 3x4, 6x2 Cabrera, 6x1 V1–V6."""
        grid = f"{self.rows}x{self.columns}"
        if self.order == STANDARD_ORDER:
            return grid
        return f"{grid} Cabrera" if self.order == CABRERA else f"{grid} {self.order[0]}–{self.order[-1]}"


TEMPLATES: tuple[Template, ...] = (
    Template(3, 4, STANDARD_ORDER, 0.0),
    Template(6, 2, STANDARD_ORDER, -0.5),
    Template(12, 1, STANDARD_ORDER, -0.5),
    Template(3, 4, CABRERA, -2.0),
    Template(6, 2, CABRERA, -2.0),
    Template(12, 1, CABRERA, -2.5),
    Template(4, 3, STANDARD_ORDER, -2.0),
    Template(4, 3, CABRERA, -3.5),
    Template(6, 1, LIMB_LEADS, -2.0),
    Template(6, 1, CHEST_LEADS, -2.0),
    Template(6, 1, CABRERA[:6], -3.0),
    Template(3, 2, LIMB_LEADS, -3.0),
    Template(3, 2, CHEST_LEADS, -3.0),
    Template(3, 1, STANDARD_ORDER[:3], -3.0),
)
