import csv
import shutil

import numpy as np
import pytest

from ecgdesk.ecg.lead import Lead
from ecgdesk.ecg.reading import Certainty, Finding, Reading, Severity
from ecgdesk.learn.benchmark_reading import SUPERCLASSES, Via, answer, benchmark_reading, evidence_of
from ecgdesk.learn.labelled_records import NoRecords, labelled_records
from ecgdesk.learn.llama_samples import BadSamples
from ecgdesk.learn.misses import Difference, differences, summarise, write_differences
from ecgdesk.learn.rhythms import Rhythm
from ecgdesk.learn.simulator import EcgSpec, simulate
from ecgdesk.read.registry import UnknownReader, reader
from tests.read.patients import ecg, read
from tests.read.rule_cases import RBBB

STORED = [Lead.I, Lead.II, Lead.V1, Lead.V2, Lead.V3, Lead.V4, Lead.V5, Lead.V6]


def folder_of_records(folder, specs):
    folder.mkdir()
    microvolts = [np.round(simulate(spec).signal[[lead.row for lead in STORED]] * 1000) for spec in specs]
    delta = np.stack([np.diff(one, axis=1, prepend=0) for one in microvolts]).astype(np.int32)
    np.savez(folder / "signals_00.npz", ecg_id=np.arange(1, len(specs) + 1), delta_uv=delta)
    with (folder / "labels.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["ecg_id", "scp_codes", "superclasses", "age", "sex"])
        rows.writerows([number + 1, "NORM SR", "NORM", "55.0", "male"] for number in range(len(specs)))
    return folder


def table(path):
    with path.open(newline="") as file:
        return {row["ecg_id"]: row for row in csv.DictReader(file)}


def test_derived_limb_leads_obey_einthoven_and_goldberger(tmp_path):
    (record,) = labelled_records(folder_of_records(tmp_path / "records", [EcgSpec()]))
    one, two, three, avr = record.signal[:4]
    assert np.allclose(one + three, two, atol=1e-3)
    assert np.allclose(avr, -(one + two) / 2, atol=1e-3)
    assert record.patient.age == 55
    assert record.said == {"NORM", "SR"}


def test_two_tables_are_written_and_a_second_run_reads_nothing_again(tmp_path):
    records = folder_of_records(tmp_path / "records", [EcgSpec(), EcgSpec(rhythm=Rhythm.FIBRILLATION, rate=90)])
    out = tmp_path / "out"
    benchmark_reading(records, out, reader="criteria", via=Via.SIGNAL)
    said = table(out / "statements.csv")
    assert "SR" in said["1"]["codes"].split()
    assert "AFIB" in said["2"]["codes"].split()
    sure = table(out / "superclasses.csv")
    assert float(sure["1"]["NORM"]) > float(sure["2"]["NORM"])
    assert sure["1"]["NORM_said"] == "1"
    before = (out / "statements.csv").read_bytes()
    benchmark_reading(records, out, reader="criteria", via=Via.SIGNAL)
    assert (out / "statements.csv").read_bytes() == before


def test_a_run_that_was_cut_off_within_a_row_goes_on_to_the_same_tables(tmp_path):
    records = folder_of_records(tmp_path / "records", [EcgSpec(), EcgSpec(rate=120.0), EcgSpec(rate=45.0)])
    (records / "reports_en.csv").write_text("ecg_id,report_en\n1,Sinus rhythm.\n2,x\n3,y\n", encoding="utf-8")
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    benchmark_reading(records, whole, reader="criteria", via=Via.SIGNAL)
    shutil.copytree(whole, cut)
    supers, statements = cut / "superclasses.csv", cut / "statements.csv"
    supers.write_bytes(supers.read_bytes()[:-9])
    statements.write_bytes(b"".join(statements.read_bytes().splitlines(keepends=True)[:-2]))
    benchmark_reading(records, cut, reader="criteria", via=Via.SIGNAL)
    for name in ("superclasses.csv", "statements.csv", "reports.csv", "misses.csv"):
        assert sorted((cut / name).read_text().splitlines()) == sorted((whole / name).read_text().splitlines())


def test_other_records_are_not_added_to_the_tables_of_the_first(tmp_path):
    out = tmp_path / "out"
    for number, name in enumerate(("first", "second")):
        records = folder_of_records(tmp_path / name, [EcgSpec()] * (2 - number))
        benchmark_reading(records, out, reader="criteria", via=Via.SIGNAL)
    assert set(table(out / "superclasses.csv")) == set(table(out / "statements.csv")) == {"1"}


def test_a_run_that_could_not_begin_does_not_claim_the_rows_of_another(tmp_path):
    out, records = tmp_path / "out", folder_of_records(tmp_path / "records", [EcgSpec()])
    benchmark_reading(records, out, reader="criteria", via=Via.SIGNAL)
    before = (out / "statements.csv").read_bytes()
    (records / "reports_en.csv").write_text("no table of reports")
    with pytest.raises(BadSamples):
        benchmark_reading(records, out, reader="network", via=Via.SIGNAL)
    assert (out / "run.txt").read_text().startswith("criteria")
    assert (out / "statements.csv").read_bytes() == before


def test_every_difference_from_the_labels_has_its_cause(tmp_path):
    specs = [EcgSpec(pr_ms=240), EcgSpec(), EcgSpec(rhythm=Rhythm.FIBRILLATION, rate=90)]
    out = tmp_path / "out"
    benchmark_reading(folder_of_records(tmp_path / "records", specs), out, reader="criteria", via=Via.SIGNAL)
    with (out / "misses.csv").open(newline="") as file:
        rows = {(row["ecg_id"], row["statement"]): row for row in csv.DictReader(file)}
    assert rows["1", "1AVB"]["kind"] == "called"
    assert "PR" in rows["1", "1AVB"]["reason"] or "P " in rows["1", "1AVB"]["reason"]
    assert rows["3", "SR"]["kind"] == "missed"
    assert not any(ecg_id == "2" for ecg_id, _ in rows)
    summary = (out / "misses.md").read_text()
    assert "## SR (3 by the labels)" in summary
    assert "labelled and not stated: 1" in summary


def test_differences_are_counted_by_criterion_with_the_range_of_their_figures(tmp_path):
    rows = tmp_path / "misses.csv"
    for ecg_id, pr in ((1, 190), (2, 196), (3, 199)):
        write_differences(rows, ecg_id, [Difference("1AVB", "missed", f"PR {pr} ms ≤ 200 ms", pr > 191)])
    summarise(rows, tmp_path / "misses.md", {"1AVB": 40})
    assert "| 3 | 2 | PR ≤ 200 ms | 190, 196, 199 ms | 1, 2, 3 |" in (tmp_path / "misses.md").read_text()


def test_two_grades_of_one_block_are_told_as_one_difference_from_both_sides(tmp_path):
    evidence = ecg(figures={"qrs": 146.0}, leads=RBBB)
    found = {one.statement: one for one in differences(frozenset({"IRBBB"}), evidence, read(evidence))}
    assert (found["IRBBB"].kind, found["IRBBB"].instead) == ("missed", "CRBBB")
    assert (found["CRBBB"].kind, found["CRBBB"].instead) == ("called", "IRBBB")
    assert "QRS 146 ms" in found["CRBBB"].reason

    write_differences(tmp_path / "misses.csv", 1, list(found.values()))
    summarise(tmp_path / "misses.csv", tmp_path / "misses.md", {"IRBBB": 1, "CRBBB": 0})
    summary = (tmp_path / "misses.md").read_text()
    assert "stated in its place: CRBBB 1" in summary
    assert "labelled in its place: IRBBB 1" in summary


def test_a_called_statement_is_near_when_its_own_figure_is_and_not_for_being_a_mere_possibility():
    for changed, code, near in (
        ({"figures": {"qrs_axis": 115.0}, "leads": {"V1": {"r_mv": 1.5, "s_mv": -0.2}}}, "RVH", False),
        ({"figures": {"pr": 224.0}}, "1AVB", True),
        ({"figures": {"pr": 260.0}}, "1AVB", False),
    ):
        evidence = ecg(**changed)
        found = {one.statement: one for one in differences(frozenset(), evidence, read(evidence))}
        assert found[code].near is near


def test_folder_without_records_is_refused_with_what_it_must_hold(tmp_path):
    with pytest.raises(NoRecords, match="signals_"):
        benchmark_reading(tmp_path, tmp_path / "out", reader="criteria", via=Via.SIGNAL)


def test_unknown_reader_is_refused_before_any_record_is_read(tmp_path):
    with pytest.raises(UnknownReader):
        benchmark_reading(tmp_path, tmp_path / "out", reader="oracle", via=Via.SIGNAL)


def test_answer_takes_the_most_certain_finding_of_each_class():
    def said(code, certainty):
        return Finding(code, Severity.ABNORMAL, certainty, (), "criteria", "")

    reading = Reading(
        "criteria",
        "t",
        (said("LAFB", Certainty.POSSIBLE), said("CRBBB", Certainty.DEFINITE), said("LVH", Certainty.POSSIBLE)),
    )
    one = answer(7, reading)
    assert one.codes == ("CRBBB", "LAFB", "LVH")
    assert dict(zip(SUPERCLASSES, one.levels, strict=True)) == {
        "NORM": "",
        "MI": "",
        "STTC": "",
        "CD": "definite",
        "HYP": "possible",
    }


def test_a_reader_with_probabilities_is_written_with_them_and_says_a_class_from_its_threshold_on(tmp_path):
    records = folder_of_records(tmp_path / "records", [EcgSpec()])
    benchmark_reading(records, tmp_path / "out", reader="network", via=Via.SIGNAL)
    (record,) = labelled_records(records)
    _, evidence = evidence_of(record, via=Via.SIGNAL)
    own = {one.label: one for one in reader("network").read(evidence).probabilities}
    row = table(tmp_path / "out" / "superclasses.csv")["1"]
    said = {name: int(own[name].value >= own[name].threshold) for name in SUPERCLASSES}
    assert set(said.values()) == {0, 1}
    assert {name: int(row[f"{name}_said"]) for name in SUPERCLASSES} == said
    assert [float(row[name]) for name in SUPERCLASSES] == pytest.approx([own[n].value for n in SUPERCLASSES], abs=1e-4)


def test_reports_are_scored_where_references_lie_beside_the_records(tmp_path, capsys):
    records = folder_of_records(tmp_path / "records", [EcgSpec(), EcgSpec(rate=120.0)])
    (records / "reports_en.csv").write_text(
        'ecg_id,report_en\n1,"Sinus rhythm. Normal ECG."\n2,"Sinus tachycardia."\n', encoding="utf-8"
    )
    benchmark_reading(records, tmp_path / "out", reader="criteria", via=Via.SIGNAL)
    scored = table(tmp_path / "out" / "reports.csv")
    assert float(scored["1"]["rhythm"]) == 10.0
    assert float(scored["2"]["rhythm"]) == 10.0
    assert "Sinus tachycardia" in scored["2"]["report"]
    assert "over 2 reports" in capsys.readouterr().out


def test_without_references_no_report_is_scored(tmp_path, capsys):
    benchmark_reading(
        folder_of_records(tmp_path / "records", [EcgSpec()]), tmp_path / "out", reader="criteria", via=Via.SIGNAL
    )
    assert not (tmp_path / "out" / "reports.csv").exists()
    assert "report score" not in capsys.readouterr().out
