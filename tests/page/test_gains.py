"""Limb and chest leads may be drawn at gains of their own."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.corrections import AUTOMATIC
from ecgdesk.ecg.figure import How
from ecgdesk.ecg.lead import CHEST_LEADS
from ecgdesk.ecg.page import Page, Sheet
from ecgdesk.learn.pages import Names, PageSpec, make_page
from ecgdesk.learn.simulator import EcgSpec, simulate
from ecgdesk.page.understand import understand

SPEC = PageSpec(dpi=110.0, chest_gain=5.0, names=Names(height_mm=3.0))


def _signal() -> NDArray[np.float32]:
    return simulate(EcgSpec(seed=2)).signal


def _page(spec: PageSpec) -> Page:
    return understand(Sheet(make_page(_signal(), spec=spec, seed=3).image, "sample"))


def _gains(page: Page) -> tuple[set[float | None], set[float | None]]:
    limb, chest = set[float | None](), set[float | None]()
    for strip in page.layout.strips:
        (chest if strip.lead in CHEST_LEADS else limb).add(strip.gain.value)
    return limb, chest


def test_a_pulse_of_two_steps_tells_two_gains() -> None:
    page = _page(SPEC)
    assert page.layout.name == "3x4+1"
    assert _gains(page) == ({10.0}, {5.0})
    assert page.gain.how is How.MEASURED


def test_pulses_of_two_heights_below_each_other_tell_each_rows_gain() -> None:
    page = _page(replace(SPEC, grid="12x1", rhythm=(), footer=False))
    assert _gains(page) == ({10.0}, {5.0})


def test_one_height_of_pulses_is_one_gain_for_all_leads() -> None:
    assert _gains(_page(replace(SPEC, chest_gain=None))) == ({10.0}, {10.0})


def test_an_entered_gain_holds_for_all_leads() -> None:
    made = make_page(_signal(), spec=SPEC, seed=3)
    page = understand(Sheet(made.image, "sample"), replace(AUTOMATIC, gain=10.0))
    assert _gains(page) == ({10.0}, {10.0})
