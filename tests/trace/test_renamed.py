from dataclasses import replace

import numpy as np
import pytest

from ecgdesk.ecg.figure import How
from ecgdesk.ecg.lead import Lead
from ecgdesk.ecg.page import Page
from ecgdesk.learn.pages import PageSpec, make_page
from ecgdesk.learn.simulator import EcgSpec, simulate
from ecgdesk.learn.true_page import true_page
from ecgdesk.trace.trace import traced


def _page(*drawn: Lead) -> Page:
    signal = simulate(EcgSpec(rate=70.0)).signal
    return true_page(make_page(signal, spec=PageSpec(dpi=150.0, rhythm=drawn), seed=3))


def _named(page: Page, *names: Lead) -> Page:
    rhythm = iter(names)
    strips = tuple(replace(strip, lead=next(rhythm)) if strip.rhythm else strip for strip in page.layout.strips)
    return replace(page, layout=replace(page.layout, strips=strips))


def _rhythm(page: Page) -> tuple[Lead, ...]:
    return tuple(strip.lead for strip in page.layout.strips if strip.rhythm)


@pytest.mark.parametrize(("drawn", "read"), [(Lead.V1, Lead.II), (Lead.V1, Lead.V6)])
def test_a_rhythm_strip_read_under_another_name_is_named_by_its_waves(drawn: Lead, read: Lead) -> None:
    page, recording = traced(_named(_page(drawn), read))
    assert _rhythm(page) == (drawn,)
    assert any(f"shows the waves of {drawn.value}" in doubt for doubt in page.doubts)
    shown = np.isfinite(recording.signal).mean(axis=1)
    assert shown[drawn.row] > 0.9  # ten seconds of it,
    assert shown[read.row] < 0.3  # and of the other its column


def test_of_two_rhythm_strips_with_one_name_the_less_alike_is_the_other() -> None:
    page, _ = traced(_named(_page(Lead.V1, Lead.II, Lead.V5), Lead.V1, Lead.II, Lead.II))
    assert _rhythm(page) == (Lead.V1, Lead.II, Lead.V5)


def test_a_name_that_the_waves_deny_is_a_doubt_where_they_fit_two_others() -> None:
    page, _ = traced(_named(_page(Lead.II), Lead.AVR))  # simulated beats look alike in II and V5
    assert _rhythm(page) == (Lead.AVR,)
    assert any("does not show the waves of aVR" in doubt for doubt in page.doubts)


@pytest.mark.parametrize("drawn", [(Lead.II,), (Lead.V1,), (Lead.III,), (Lead.V1, Lead.II, Lead.V5)])
def test_rhythm_strips_under_their_own_names_raise_no_doubt(drawn: tuple[Lead, ...]) -> None:
    page, _ = traced(_page(*drawn))
    assert _rhythm(page) == drawn
    assert not page.doubts


def test_a_name_that_a_person_entered_stays() -> None:
    page = _named(_page(Lead.V1), Lead.II)
    entered = replace(page, layout=replace(page.layout, how=How.ENTERED))
    assert _rhythm(traced(entered)[0]) == (Lead.II,)
