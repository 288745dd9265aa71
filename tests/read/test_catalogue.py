import pytest

from ecgdesk.ecg.statements import catalogue
from ecgdesk.read.criteria.expression import BadExpression
from ecgdesk.read.criteria.rules import read_rules, rules

CATEGORIES = {"technical", "rhythm", "conduction", "axis", "voltage", "ischaemia", "repolarisation", "overall"}
SUPERCLASSES = {"", "NORM", "MI", "STTC", "CD", "HYP"}
# Every SCP statement of PTB-XL (Wagner et al. 2020).
_NAMES = """
NDT NST_ DIG LNGQT NORM IMI ASMI LVH LAFB ISC_ IRBBB 1AVB IVCD ISCAL CRBBB CLBBB ILMI LAO/LAE AMI ALMI ISCIN
INJAS LMI ISCIL LPFB ISCAS INJAL ISCLA RVH ANEUR RAO/RAE EL WPW ILBBB IPLMI ISCAN IPMI SEHYP INJIN INJLA PMI
3AVB INJIL 2AVB ABQRS PVC STD_ VCLVH QWAVE LOWT NT_ PAC LPR INVT LVOLT HVOLT TAB_ STE_ PRC(S) SR AFIB STACH
SARRH SBRAD PACE SVARR BIGU AFLT SVTAC PSVT TRIGU
"""
SCP = set(_NAMES.split())


def test_every_statement_has_a_name_a_criterion_and_a_source():
    for row in catalogue().values():
        assert row.name
        assert row.criterion.endswith((".", ".)"))
        assert row.sources
        assert row.category in CATEGORIES
        assert row.superclass in SUPERCLASSES


def test_codes_that_a_statement_leaves_out_exist():
    table = catalogue()
    for row in table.values():
        assert set(row.hides) | set(row.precludes) <= set(table)


def test_precedence_has_no_circle():
    table = catalogue()
    left_out = {code: set(row.hides) | set(row.precludes) for code, row in table.items()}
    while left_out:
        free = {code for code, others in left_out.items() if not others & set(left_out)}
        assert free, f"these leave each other out: {sorted(left_out)}"
        left_out = {code: others for code, others in left_out.items() if code not in free}


def test_scp_codes_are_those_of_the_data_sets():
    assert {code for row in catalogue().values() for code in row.scp} <= SCP


def test_every_diagnosis_of_the_data_sets_can_be_stated_but_the_long_pr():
    assert SCP - {code for row in catalogue().values() for code in row.scp} <= {"LPR"}


def test_rules_of_the_program_can_be_read():
    assert len(rules().rules) > 70


def with_rule(when, code="1AVB"):
    return f'version = "t"\n[usable]\nwhen = "noise <= 50"\n[[rule]]\ncode = "{code}"\nwhen = "{when}"\n'


@pytest.mark.parametrize(
    "when",
    [
        "PRR > 200",
        "PR",
        "PR > ",
        "V7.R > 1",
        "at_least(2, [I, X], T < 0)",
        "__import__('os')",
        "some_of([I], T < 0)",
        "PR > 200 if HR > 3 else PR < 1",
        "100 > PR > 50",
    ],
)
def test_rule_that_cannot_be_read_is_refused_with_its_text(when):
    with pytest.raises(BadExpression):
        read_rules(with_rule(when))


def test_rule_for_a_statement_that_is_not_in_the_catalogue_is_refused():
    with pytest.raises(BadExpression, match="NOSUCH"):
        read_rules(with_rule("PR > 200", code="NOSUCH"))


def test_changed_threshold_changes_the_version():
    assert read_rules(with_rule("PR > 200")).version != read_rules(with_rule("PR > 210")).version
