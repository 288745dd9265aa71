"""The whole way from a simulated signal with known truth to what is said of it."""

from dataclasses import replace

import pytest

from ecgdesk.ecg.patient import Patient, Sex
from ecgdesk.ecg.reading import Evidence
from ecgdesk.learn.rhythms import Rhythm
from ecgdesk.learn.simulator import LBBB, NORMAL, RBBB, EcgSpec, Size, simulate
from ecgdesk.measure.measure import measure
from ecgdesk.read.registry import reader
from tests.read.simulated_cases import SIMULATED

RHYTHMS = {
    Rhythm.SINUS: (68, "SR"),
    Rhythm.SINUS_ARRHYTHMIA: (68, "SARRH"),
    Rhythm.SINUS_PAUSE: (60, "SINUS_PAUSE"),
    Rhythm.FIBRILLATION: (95, "AFIB"),
    Rhythm.FLUTTER: (150, "AFLT"),
    Rhythm.JUNCTIONAL: (50, "JUNCTIONAL"),
    Rhythm.MOBITZ_1: (55, "2AVB_MOBITZ_1"),
    Rhythm.MOBITZ_2: (60, "2AVB_MOBITZ_2"),
    Rhythm.TWO_TO_ONE: (40, "2AVB_2_TO_1"),
    Rhythm.COMPLETE_BLOCK: (36, "3AVB"),
    Rhythm.PVC: (70, "PVC"),
    Rhythm.BIGEMINY: (70, "BIGU"),
    Rhythm.PAC: (70, "PAC"),
    Rhythm.VENTRICULAR_TACHYCARDIA: (160, "VT"),
    Rhythm.PACED: (70, "PACE"),
    Rhythm.ASYSTOLE: (60, "OVERALL_UNINTERPRETABLE"),
}
SHAPES = {
    "CRBBB": EcgSpec(shape=RBBB),
    "CLBBB": EcgSpec(shape=LBBB),
    "1AVB": EcgSpec(pr_ms=240),
    "STACH": EcgSpec(rate=120, pr_ms=135),
    "SBRAD": EcgSpec(rate=42),
    "LNGQT": EcgSpec(rate=65, qt_ms=500),
    "LAFB": EcgSpec(shape=replace(NORMAL, qrs_axis=-55)),
    "LVH": EcgSpec(shape=replace(NORMAL, r=NORMAL.r.times(2.2))),
    "STEMI_ANTERIOR": EcgSpec(shape=replace(NORMAL, st=Size(0.0, 0.0, (0.15, 0.35, 0.4, 0.3, 0.1, 0.0)))),
    "STEMI_INFERIOR": EcgSpec(shape=replace(NORMAL, st=Size(0.25, 100.0, (0.0,) * 6))),
}


def read(spec):
    recording = simulate(spec).recording
    return reader("criteria").read(Evidence(recording, measure(recording), Patient(sex=Sex.MALE, age_years=60)))


@pytest.mark.parametrize("rhythm", RHYTHMS, ids=lambda rhythm: rhythm.value)
def test_rhythm_is_named(rhythm):
    rate, code = RHYTHMS[rhythm]
    said = {finding.code for finding in read(EcgSpec(rate=rate, rhythm=rhythm, noise_uv=8)).findings}
    assert code in said


@pytest.mark.parametrize("code", SHAPES)
def test_abnormality_is_named_and_a_healthy_heart_has_none_of_it(code):
    assert code in {finding.code for finding in read(replace(SHAPES[code], noise_uv=8)).findings}
    assert code not in {finding.code for finding in read(EcgSpec(noise_uv=8)).findings}


@pytest.mark.parametrize(("code", "has_it", "has_not"), SIMULATED, ids=[code for code, _, _ in SIMULATED])
def test_pattern_is_named_where_it_is_and_not_where_there_is_only_something_like_it(code, has_it, has_not):
    found = [finding for finding in read(has_it).findings if finding.code == code]
    assert found
    assert found[0].spans
    assert code not in {finding.code for finding in read(has_not).findings}
