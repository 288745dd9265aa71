"""Which leads the rhythm strips below a grid show, by the names that stand there."""

import numpy as np

from ecgdesk.ecg.lead import STANDARD_ORDER, Lead
from ecgdesk.page.layout import best_match
from ecgdesk.page.named_rows import with_named_strips
from ecgdesk.page.names import PRINTED, Name
from ecgdesk.page.rhythm import RhythmStrip, find_rhythm_strips
from ecgdesk.page.rows import Row
from ecgdesk.page.working import WORKING_PPM


def _name(text: str, x_mm: float, y_mm: float, odds: float = 6.0) -> Name:
    logits = np.full(len(PRINTED) + 1, -6.0, np.float32)
    logits[PRINTED.index(text)], logits[-1] = odds, 0.0
    return Name(x_mm, y_mm, 4.0, 2.5, logits - np.logaddexp.reduce(logits))


def test_a_clear_name_is_not_lent_to_the_strip_above_it():
    rows = [Row(14.0 + 13.0 * number, 10.0, 260.0, 1.0) for number in range(6)]
    names = [
        _name(lead, 14.0 + 62.5 * (number // 3), rows[number % 3].y_mm - 5.0)
        for number, lead in enumerate(STANDARD_ORDER)
    ]
    names += [
        _name(Lead.V5, 14.0, rows[3].y_mm - 5.0),
        _name(Lead.II, 14.0, rows[4].y_mm - 5.0, odds=1.0),  # hardly legible
        _name(Lead.V1, 14.0, rows[5].y_mm - 5.0),
    ]
    match = best_match(rows, names, width_mm=280.0, speed=25.0)
    assert match is not None
    strips = find_rhythm_strips(match, rows, names)
    assert strips == (RhythmStrip(3, Lead.V5), RhythmStrip(4, Lead.II), RhythmStrip(5, Lead.V1))


def test_a_strip_that_wanders_is_placed_by_its_name_where_there_is_ink():
    rows = [Row(30.0 + 30.0 * number, 15.0, 265.0, 1.0) for number in range(3)]
    names = [
        _name(lead, 18.0 + 62.5 * (number // 3), rows[number % 3].y_mm - 6.0)
        for number, lead in enumerate(STANDARD_ORDER)
    ]
    names += [_name(Lead.II, 18.0, 114.0), _name(Lead.V1, 18.0, 144.0)]
    ink = np.zeros((int(190 * WORKING_PPM), int(280 * WORKING_PPM)), np.uint8)
    x = np.arange(int(15 * WORKING_PPM), int(265 * WORKING_PPM))
    ink[np.round((120 + 7 * np.sin(x / 90)) * WORKING_PPM).astype(int), x] = 255
    match = best_match(rows, names, width_mm=280.0, speed=25.0)
    assert match is not None
    heights = [row.y_mm for row in with_named_strips(rows, match, names, ink)]
    assert np.allclose(heights, [30.0, 60.0, 90.0, 120.0], atol=1.0)
