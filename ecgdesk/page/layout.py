"""Which layout a sheet has: its rows and the names read on it against every known layout at once.

No single name is trusted. A hypothesis is a template (rows x columns in an order of leads), the rows of trace that
are its grid, and where on the page its names stand: the place of the first column's names, the columns' pitch, and
the names' height above or below their row. Its score is the sum over all leads of the log odds of the best text at
the place where the lead's name should be; a name that is missing or not legible costs little, a wrong one nothing
more than a missing one. The best hypothesis wins (maximum likelihood with missing observations).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.lead import STANDARD_ORDER, Lead
from ecgdesk.page.names import Name
from ecgdesk.page.rows import FEWEST_EVEN, Row, pitch_of
from ecgdesk.page.templates import TEMPLATES, Template

F64 = NDArray[np.float64]

MOST_RHYTHM_STRIPS = 3
_MOST_BELOW = MOST_RHYTHM_STRIPS + 2  # rows below the grid: rhythm strips, lines of print, the sheet's edge
GRID_S = 10.0  # all columns of a sheet together, usually
_MISSING = -1.2  # score of a name that is not there: about 3 in 10 names of a page cannot be read
_BEST = 6.0  # log odds beyond this say nothing more
_ALONG_MM = 2.5  # spread of names about their column (they are set by their left edge, widths differ)
_ACROSS_MM = 1.8  # spread of names about their height over the row
_ABOVE_MM, _BELOW_MM = 16.0, 12.0  # names stand within this of their row's zero line
_BELOW_SHARE = 0.3  # of the distance between rows, at most, a name stands below its own
_FAR = 0.05  # price of a name's distance from its row, a mm squared: nearer rows have the better claim
_PITCH_SLACK = 0.05  # a usual column is at most this much narrower or wider than its share of ten seconds
_PITCHES_MM = (28.0, 140.0)  # others (12.5 or 50 mm/s, narrow paper) lie in here
_LEFT_OVER = -2.5  # score of a row of trace that a hypothesis does not explain
_FREE_CHOICE = -2.5  # a lone row can be any of twelve leads: the logarithm of one in twelve
_READ_SHARE = 0.5  # of a grid's names must be legible for its layout to count as read
_LEGIBLE = 1.0  # log odds from which a text is legible
_OTHERWISE = 3  # names that are plainly another lead's: one or two are misread
_EXPLAINED = 0.7  # of the legible names by the rows must be in the grid, else other column widths are tried too
_PLAIN = 3.0  # log odds from which a name alone tells of another lead in its row
_LONE_ALONG_MM = 20.0  # a row of one lead has its name this close to where it begins


@dataclass(frozen=True, eq=False)
class _Texts:
    """The texts that may be names: height `y` and log `odds` (float64[n, 12], standard order) of each; `along`:
    float64[n, len(x)], log likelihood of its place for a name centred at each of the places `x`."""

    names: tuple[Name, ...]
    x: F64
    y: F64
    odds: F64
    along: F64


@dataclass(frozen=True, eq=False)
class Match:
    """A template laid on the page.

    `grid` and `rhythm`: numbers of the rows that are its grid and that may be its rhythm strips. `names_x_mm`: place
    of the first column's names (their centre), `pitch_mm`: from one column to the next, `names_dy_mm`: the names'
    height below their row. `names`: (row, column) of the grid -> the text that was taken for its name.
    `contradicted`: at how many other places another lead's name stands plainly.
    """

    template: Template
    grid: tuple[int, ...]
    rhythm: tuple[int, ...]
    names_x_mm: float
    pitch_mm: float
    names_dy_mm: float
    score: float
    names: dict[tuple[int, int], Name]
    contradicted: int = 0

    @property
    def name(self) -> str:
        extra = f"+{len(self.rhythm)}" if self.rhythm else ""
        return f"{self.template.rows}x{self.template.columns}{extra}"

    @property
    def is_read(self) -> bool:
        """True when enough names were read as what they should be for the layout to count as read, not assumed."""
        return self.read >= _READ_SHARE * len(self.template.order) and not self.is_contradicted

    @property
    def is_contradicted(self) -> bool:
        """True when so many names say otherwise that the leads stand in another order."""
        return self.contradicted >= _OTHERWISE

    @property
    def read(self) -> int:
        """How many names of the grid were read as what they should be."""
        return sum(odds > 0.0 for odds in self._odds())

    @property
    def odds(self) -> float:
        """Log odds of these names together."""
        return sum(min(odds, _BEST) for odds in self._odds() if odds > 0.0)

    def _odds(self) -> list[float]:
        return [name.odds(self.template.lead(row, column)) for (row, column), name in self.names.items()]


def best_match(
    rows: Sequence[Row],
    names: Sequence[Name],
    *,
    width_mm: float,
    speed: float,
    whole: bool = False,
    layout: str = "",
) -> Match | None:
    """The layout that explains rows and names best; None when no template has as few rows as the page.

    `whole`: only layouts of all twelve leads. `layout`: only the template of this name. Unusual column widths are
    tried only where no usual one can be read.
    """
    texts = _texts(names, rows, np.arange(0.0, width_mm, 1.0))
    best = None
    legible = int((texts.odds.max(axis=1, initial=-np.inf) > _LEGIBLE).sum())
    for pitches in (_usual_pitches, _other_pitches):
        matches = [
            _fit(template, first, rows, texts, pitches=pitches(template, speed=speed))
            for template in TEMPLATES
            if not whole or len(template.order) == len(STANDARD_ORDER)
            if layout in ("", template.name)
            for first in range(len(rows) - template.rows + 1)
            if len(rows) - first - template.rows <= _MOST_BELOW
        ]
        found = [match for match in (best, *matches) if match is not None]
        best = max(found, key=lambda match: match.score, default=None)
        best = best and replace(best, contradicted=_contradicted(best, rows, texts.names))
        if best is None or (best.is_read and best.read >= _EXPLAINED * legible):
            break
    return best


def _contradicted(match: Match, rows: Sequence[Row], names: Sequence[Name]) -> int:
    """At how many places of the grid another lead's name stands plainly, and not its own."""
    count = 0
    for row, number in enumerate(match.grid):
        for column in range(match.template.columns):
            lead, own = match.template.lead(row, column), match.names.get((row, column))
            if own is not None and own.odds(lead) > 0.0:
                continue
            x, y = match.names_x_mm + column * match.pitch_mm, rows[number].y_mm + match.names_dy_mm
            near = [n for n in names if abs(n.x_mm - x) < _ALONG_MM and abs(n.y_mm - y) < _ACROSS_MM]
            count += any(name.odds(other) > _PLAIN for name in near for other in STANDARD_ORDER if other is not lead)
    return count


def lone_match(rows: Sequence[Row], names: Sequence[Name]) -> Match | None:
    """Each row a lead of its own, as its own name says: a sheet of a few leads. None when no name is legible.

    Rows whose name cannot be read stay out of the grid and of the rhythm strips.
    """
    matches = [match for dy in name_heights(rows) if (match := _lone(rows, names, float(dy))) is not None]
    return max(matches, key=lambda match: match.score, default=None)


def _lone(rows: Sequence[Row], names: Sequence[Name], dy: float) -> Match | None:
    """The lone leads whose names stand at height `dy` below their row."""
    grid: list[int] = []
    leads: list[Lead] = []
    taken: dict[tuple[int, int], Name] = {}
    score = 0.0
    for number, row in enumerate(rows):
        near = [
            (min(name.odds(lead), _BEST) - 0.5 * ((name.y_mm - row.y_mm - dy) / _ACROSS_MM) ** 2, name, lead)
            for name in names
            if abs(name.y_mm - row.y_mm - dy) < 3 * _ACROSS_MM and abs(name.left_mm - row.x0_mm) < _LONE_ALONG_MM
            for lead in STANDARD_ORDER
            if lead not in leads
        ]
        odds, name, lead = max(near, key=lambda one: one[0], default=(-np.inf, None, None))
        if name is None or lead is None or odds <= 0.0 or _is_shared(row, names, name, lead):
            score += _LEFT_OVER
            continue
        taken[len(grid), 0] = name
        grid.append(number)
        leads.append(lead)
        score += odds + _FREE_CHOICE
    if not grid or score <= 0.0:  # letters can be seen in anything
        return None
    at_x = float(np.median([name.x_mm for name in taken.values()]))
    return Match(Template(len(grid), 1, tuple(leads)), tuple(grid), (), at_x, 0.0, dy, score, taken)


def name_heights(rows: Sequence[Row]) -> F64:
    """Heights below their row at which names may stand: above it, or a little below, never by the row beneath.

    Were rows close together free to take either, one that was missed would move all names by one.
    """
    heights = np.arange(-_ABOVE_MM, _BELOW_MM + 0.1, 1.5)
    if len(rows) < FEWEST_EVEN:
        return heights
    pitch = pitch_of([row.y_mm for row in rows])
    return heights[(heights >= (_BELOW_SHARE - 1) * pitch) & (heights <= _BELOW_SHARE * pitch)]


def _is_shared(row: Row, names: Sequence[Name], own: Name, lead: Lead) -> bool:
    """True where another lead's name stands farther along the row: it is cut from a sheet of several columns."""
    return any(
        name.odds(other) > _PLAIN
        for name in names
        if abs(name.y_mm - own.y_mm) < 2 * _ACROSS_MM and row.x0_mm + _LONE_ALONG_MM < name.left_mm < row.x1_mm
        for other in STANDARD_ORDER
        if other is not lead
    )


def _fit(
    template: Template,
    first: int,
    rows: Sequence[Row],
    texts: _Texts,
    *,
    pitches: F64,
) -> Match:
    """`template` with its first grid row at row number `first`, at its best place."""
    grid = tuple(range(first, first + template.rows))
    best = (template.rows * template.columns * _MISSING, 0.0, float(pitches[pitches.size // 2]), 0.0)
    for dy in name_heights(rows):
        curves = _curves(template, [rows[number].y_mm + dy for number in grid], texts)
        if template.columns == 1:  # names in the middle of the rows are a second column's
            begin = float(np.median([rows[number].x0_mm for number in grid]))
            curves[:, :, texts.x > begin + _LONE_ALONG_MM] = _MISSING
        totals = _along(curves, pitches) - _FAR * dy**2
        which, at = np.unravel_index(int(totals.argmax()), totals.shape)
        if totals[which, at] > best[0]:
            best = (float(totals[which, at]), float(texts.x[at]), float(pitches[which]), float(dy))
    score, at_x, pitch, dy = best
    # twelve rows of one lead each have shown everything: a row below them is as much left over as one above
    below = len(rows) - first - template.rows if len(template.order) == template.rows == len(STANDARD_ORDER) else 0
    score += template.usual + _LEFT_OVER * (first + below)
    chosen = _chosen(template, grid, rows, texts.names, at_x, pitch, dy)
    rhythm = tuple(range(first + template.rows, len(rows)))
    return Match(template, grid, rhythm, at_x, pitch, dy, score, chosen)


def _texts(names: Sequence[Name], rows: Sequence[Row], x: F64) -> _Texts:
    table = {name: np.array([min(name.odds(lead), _BEST) for lead in STANDARD_ORDER]) for name in names}
    kept = tuple(name for name in names if table[name].max() > _MISSING and _is_by_a_row(name, rows))
    centres = np.array([name.x_mm for name in kept])
    return _Texts(
        names=kept,
        x=x,
        y=np.array([name.y_mm for name in kept]),
        odds=np.array([table[name] for name in kept]).reshape(len(kept), len(STANDARD_ORDER)),
        along=-0.5 * ((x[None, :] - centres[:, None]) / _ALONG_MM) ** 2,
    )


def _is_by_a_row(name: Name, rows: Sequence[Row]) -> bool:
    return any(-_ABOVE_MM <= name.y_mm - row.y_mm <= _BELOW_MM for row in rows)


def _usual_pitches(template: Template, *, speed: float) -> F64:
    """Column widths (mm) about the column's share of ten seconds."""
    nominal = GRID_S / template.columns * speed
    return nominal * (np.linspace(1 - _PITCH_SLACK, 1 + _PITCH_SLACK, 21) if template.columns > 1 else np.ones(1))


def _other_pitches(template: Template, *, speed: float) -> F64:
    """Column widths (mm) of sheets at 50 mm/s, or on narrow paper."""
    return np.geomspace(*_PITCHES_MM, 80) if template.columns > 1 else _usual_pitches(template, speed=speed)


def _curves(template: Template, heights: Sequence[float], texts: _Texts) -> F64:
    """float64[rows, columns, len(x)]: the score of each lead's name were it centred at x."""
    curves = np.full((template.rows, template.columns, texts.x.size), _MISSING)
    for row, height in enumerate(heights):
        across = -0.5 * ((texts.y - height) / _ACROSS_MM) ** 2
        for column in range(template.columns):
            one = texts.odds[:, template.lead(row, column).row] + across
            near = one > _MISSING
            if near.any():
                best = (one[near, None] + texts.along[near]).max(axis=0)
                np.maximum(curves[row, column], best, out=curves[row, column])
    return curves


def _along(curves: F64, pitches: F64) -> F64:
    """float64[len(pitches), len(x)]: total score for the first column's names at each x.

    Columns off the page count as missing.
    """
    rows, columns, length = curves.shape
    summed = np.concatenate([curves.sum(axis=0), np.full((columns, 1), _MISSING * rows)], axis=1)
    total = np.zeros((pitches.size, length))
    for column in range(columns):
        at = np.arange(length)[None, :] + np.round(column * pitches).astype(int)[:, None]
        total += summed[column, np.minimum(at, length)]
    return total


def _chosen(
    template: Template,
    grid: Sequence[int],
    rows: Sequence[Row],
    names: Sequence[Name],
    at_x: float,
    pitch: float,
    dy: float,
) -> dict[tuple[int, int], Name]:
    """The text at each lead's place, whatever it reads, where there is one."""
    chosen = {}
    for row, number in enumerate(grid):
        for column in range(template.columns):
            x, y = at_x + column * pitch, rows[number].y_mm + dy
            lead = template.lead(row, column)

            def fit(name: Name, x: float = x, y: float = y, lead: Lead = lead) -> float:
                apart = ((name.x_mm - x) / _ALONG_MM) ** 2 + ((name.y_mm - y) / _ACROSS_MM) ** 2
                return min(name.odds(lead), _BEST) - 0.5 * apart

            near = [n for n in names if abs(n.x_mm - x) < 3 * _ALONG_MM and abs(n.y_mm - y) < 3 * _ACROSS_MM]
            if near and fit(name := max(near, key=fit)) > _MISSING:
                chosen[row, column] = name
    return chosen
