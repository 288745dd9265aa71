"""Sheets that cannot be one ECG at one scale."""

from types import SimpleNamespace

import numpy as np
import pytest

from ecgdesk.ecg.corrections import Corrections
from ecgdesk.ecg.figure import Figure, How
from ecgdesk.ecg.page import Sheet
from ecgdesk.learn.pages import PageSpec, Pulse, make_page
from ecgdesk.learn.simulator import EcgSpec, simulate
from ecgdesk.page.plausible import doubt_of_columns
from ecgdesk.page.refusals import UnreadablePage
from ecgdesk.page.understand import understand


@pytest.fixture(scope="module")
def two() -> tuple[np.ndarray, np.ndarray]:
    first, second = (
        make_page(simulate(EcgSpec(rate=rate)).signal, spec=PageSpec(dpi=150.0), seed=1).image for rate in (70.0, 110.0)
    )
    return first, second


def test_two_ecgs_above_each_other_are_refused_with_what_to_do(two):
    with pytest.raises(UnreadablePage, match="two ECGs; crop it"):
        understand(Sheet(np.vstack(two), "SAMPLE, ONE"))


def test_two_ecgs_are_no_obstacle_once_a_person_has_cut_one_out(two):
    height, width = two[0].shape[:2]
    corners = ((0.0, 0.0), (width, 0.0), (width, height), (0.0, height))
    page = understand(Sheet(np.vstack(two), "SAMPLE, ONE"), Corrections(corners=corners))
    assert len(page.layout.leads) == 12


def test_two_ecgs_side_by_side_are_refused_too(two):
    with pytest.raises(UnreadablePage, match="two ECGs; crop it"):
        understand(Sheet(np.hstack(two), "SAMPLE, ONE"))


@pytest.mark.parametrize(("pitch_mm", "speed", "sure"), [(62.5, 25.0, True), (64.0, 25.0, True), (125.0, 50.0, True),
                                                         (41.0, 25.0, False), (62.5, 50.0, True),
        (32.0, 25.0, False)])  # fmt: skip
def test_columns_that_fit_no_paper_speed_put_the_scale_in_doubt(pitch_mm, speed, sure):
    match = SimpleNamespace(template=SimpleNamespace(columns=4), pitch_mm=pitch_mm)
    doubt = doubt_of_columns(match, Figure(speed, "mm/s", How.PRINTED))
    assert doubt == "" if sure else "check the scale" in doubt


def test_one_ecg_is_in_no_such_doubt(two):
    assert understand(Sheet(two[0], "SAMPLE, ONE")).doubts == ()


@pytest.mark.parametrize(("pulse", "uneven"), [(Pulse.MIDDLE, True), (Pulse.LEFT, False)])
def test_columns_that_a_pulse_parts_are_a_doubt(pulse, uneven):
    made = make_page(simulate(EcgSpec(rate=76.0)).signal, spec=PageSpec(dpi=110.0, pulse=pulse, rhythm=()), seed=1)
    page = understand(Sheet(made.image, "SAMPLE, ONE"))
    assert any("do not stand evenly" in doubt for doubt in page.doubts) is uneven
