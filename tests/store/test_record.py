"""A case comes back from its bytes as it was."""

import subprocess
import sys
from dataclasses import fields, replace
from datetime import date, datetime, timedelta, timezone
from enum import Enum
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ecgdesk.ecg.case import Case, Edit, Signature
from ecgdesk.ecg.figure import Figure
from ecgdesk.ecg.measurements import MedianBeat
from ecgdesk.ecg.page import Page
from ecgdesk.ecg.recording import Recording
from ecgdesk.store.record import join, split
from tests.store import builders
from tests.store.alike import alike

REPOSITORY = Path(__file__).resolve().parents[2]

_SIGNALS = hnp.arrays(np.float32, st.tuples(st.just(12), st.integers(0, 6)), elements=st.floats(width=32))
_AWARE = st.datetimes(
    min_value=datetime(1900, 1, 2),
    max_value=datetime(2200, 1, 1),
    timezones=st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
_OWN: dict[tuple[type, str], st.SearchStrategy[Any]] = {
    (Page, "image"): hnp.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(3))),
    (Page, "ink"): hnp.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9))),
    (Page, "to_scan"): hnp.arrays(np.float64, (3, 3), elements=st.floats()),
    (Recording, "signal"): _SIGNALS,
    (Recording, "quality_db"): hnp.arrays(np.float32, 12, elements=st.floats(width=32)),
    (MedianBeat, "signal"): _SIGNALS,
    (Case, "created_at"): _AWARE,
    (Edit, "at"): _AWARE,
    (Signature, "at"): _AWARE,
}
_PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(st.characters(exclude_categories=("Cs",)), max_size=6),
    bytes: st.binary(max_size=6),
    bool: st.booleans(),
    int: st.integers(-(2**63), 2**63 - 1),
    float: st.floats(),
    date: st.dates(),
    datetime: st.datetimes(),
    type(None): st.none(),
}


@cache
def any_of(kind: Any) -> st.SearchStrategy[Any]:
    """Any value of one of the domain's types, small."""
    if kind in _PLAIN:
        return _PLAIN[kind]
    if get_origin(kind) is np.ndarray:
        return hnp.arrays(get_args(get_args(kind)[1])[0], st.tuples(st.integers(0, 4), st.just(2)))
    if get_origin(kind) is UnionType:
        return st.one_of(*(any_of(one) for one in get_args(kind)))
    if get_origin(kind) is tuple:
        inner = get_args(kind)
        if inner[-1] is Ellipsis:
            return st.lists(any_of(inner[0]), max_size=2).map(tuple)
        return st.tuples(*(any_of(one) for one in inner))
    if issubclass(kind, Enum):
        return st.sampled_from(kind)
    hints = get_type_hints(kind)
    members = {(kind, field.name): hints[field.name] for field in fields(kind)}
    return st.builds(kind, **{key[1]: _OWN[key] if key in _OWN else any_of(hint) for key, hint in members.items()})


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(any_of(Case))
def test_any_case_comes_back_as_it_was(case: Case) -> None:
    body, parts = split(case)
    assert alike(join(body, {part.name: part.stored() for part in parts}), case)


def test_offset_of_a_signing_time_is_kept() -> None:
    berlin = timezone(timedelta(hours=2))
    case = replace(builders.case(), signature=Signature("Dr. Sample", datetime(2024, 7, 1, 10, 0, tzinfo=berlin), b"%"))
    body, parts = split(case)
    kept = join(body, {part.name: part.stored() for part in parts})
    assert kept.signature is not None
    assert kept.signature.at.isoformat() == "2024-07-01T10:00:00+02:00"


def test_numbers_of_numpy_are_kept_as_plain_numbers() -> None:
    case = builders.case()
    assert case.page is not None
    figure = Figure(np.float32(25.0), "mm/s", uncertainty=np.float64(0.1))  # type: ignore[arg-type]
    body, parts = split(replace(case, sheet_number=np.int64(3), page=replace(case.page, speed=figure)))
    kept = join(body, {part.name: part.stored() for part in parts})
    assert kept.page is not None
    assert (type(kept.sheet_number), type(kept.page.speed.value), type(kept.page.speed.uncertainty)) == (
        int,
        float,
        float,
    )


def test_what_no_case_may_hold_is_not_kept_silently() -> None:
    with pytest.raises(NotImplementedError, match="complex"):
        split(replace(builders.case(), reasons=(1j,)))  # type: ignore[arg-type]


def test_only_a_changed_part_has_another_digest() -> None:
    before = {part.name: part.digest for part in split(builders.case())[1]}
    other_page = builders.page(seed=1)
    after = {part.name: part.digest for part in split(builders.case(of_page=other_page))[1]}
    assert {name for name in before if before[name] != after[name]} == {"page.image"}


def test_first_cases_of_a_program_may_be_read_by_several_threads_at_once() -> None:
    script = """
import sys, time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from ecgdesk.store.record import join, split
from tests.store import builders

body, parts = split(builders.case())
stored = {part.name: part.stored() for part in parts}
together = Barrier(16)
sys.setswitchinterval(1e-6)

def read(number):
    together.wait()
    time.sleep(number * 0.0005)  # some come while the first is half-way
    return join(body, stored)

with ThreadPoolExecutor(16) as pool:
    list(pool.map(read, range(16)))
"""
    # A process of its own: only its first reading meets types that were never worked out before.
    done = subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, timeout=60, check=False)
    assert done.returncode == 0
