"""The page room is judged against what was really drawn."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.lead import Lead
from ecgdesk.learn.benchmark_pages import judge, table
from ecgdesk.learn.page_kinds import KINDS, ordinary
from ecgdesk.learn.pages import Names, PageSpec, make_page
from ecgdesk.learn.photo import Handling
from ecgdesk.learn.simulator import EcgSpec, simulate


def _signal() -> NDArray[np.float32]:
    return simulate(EcgSpec(seed=4)).signal


def test_a_sheet_that_is_understood_is_judged_right_and_its_known_points_lie_where_they_are() -> None:
    handling = Handling(rotation_deg=2.0, perspective=0.01, border_mm=5.0, curl_mm=1.0)
    spec = PageSpec(dpi=120.0, names=Names(height_mm=3.0), handling=handling)
    judged = judge("sample", 0, make_page(_signal(), spec=spec, seed=2))
    assert (judged.refused, judged.layout, judged.names, judged.invented) == ("", True, 1.0, 0)
    assert judged.speed
    assert judged.gain
    assert abs(judged.scale) < 5e-4
    assert judged.off95_mm < 0.2


def test_what_is_read_wrong_is_judged_wrong() -> None:
    made = make_page(_signal(), spec=PageSpec(dpi=120.0, names=Names(height_mm=3.0)), seed=2)
    rows = [strip for strip in made.layout.strips if not strip.rhythm]
    swapped = tuple(replace(strip, lead=Lead.V1 if strip.lead is Lead.V4 else strip.lead) for strip in rows)
    wrong = replace(made, layout=replace(made.layout, strips=swapped), spec=replace(made.spec, speed=50.0))
    judged = judge("wrong", 0, wrong)
    assert not judged.layout
    assert not judged.speed
    assert judged.names < 1.0
    assert judged.invented == 1
    assert "wrong" in table([judged])


def test_every_kind_can_be_asked_for() -> None:
    for kind, change in KINDS.items():
        rng = np.random.default_rng(1)
        assert isinstance(change(ordinary(rng), rng), PageSpec), kind
