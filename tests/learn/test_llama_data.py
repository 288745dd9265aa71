import csv
import json
from dataclasses import replace

import numpy as np
import pytest

from ecgdesk.ecg.reading import Reading
from ecgdesk.learn.llama_data import SAMPLES, DataOptions, make_data, read_reports
from ecgdesk.learn.llama_questions import Known, holds, questions
from ecgdesk.learn.llama_samples import BadSamples, Sample, Turn, lines, read_samples, texts
from ecgdesk.learn.simulator import EcgSpec, simulate
from ecgdesk.measure.measure import measure
from ecgdesk.read.llama.context import measured_values
from ecgdesk.read.llama.conversation import LIST_FINDINGS, WRITE_REPORT, label_question, rendered

PLAIN = DataOptions(measured=False)


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    """Two simulated records as the benchmark's folders hold them; the second is said to be atrial fibrillation."""
    folder = tmp_path_factory.mktemp("records")
    rows = []
    for ecg_id, rate, codes, classes in ((7, 70.0, "NORM SR", "NORM"), (8, 110.0, "AFIB CRBBB", "CD")):
        signal = simulate(EcgSpec(rate=rate, seed=ecg_id)).signal
        eight = np.round(signal[[0, 1, 6, 7, 8, 9, 10, 11], :5000] * 1000).astype(np.int32)
        rows.append((ecg_id, np.diff(eight, axis=1, prepend=0), codes, classes))
    np.savez(folder / "signals_00.npz", ecg_id=[r[0] for r in rows], delta_uv=np.stack([r[1] for r in rows]))
    with (folder / "labels.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["ecg_id", "scp_codes", "superclasses", "age", "sex"])
        writer.writerows([(r[0], r[2], r[3], "60", "male") for r in rows])
    (folder / "reports.csv").write_text("ecg_id,report_en\n7,Sinus rhythm. Normal ECG.\n")
    return folder


@pytest.fixture(scope="module")
def made(records, tmp_path_factory):
    out = tmp_path_factory.mktemp("made")
    make_data([records], out, options=PLAIN, reports=records / "reports.csv")
    return out


def answers(out, ecg_id):
    found = {sample.id: sample.turns[0] for sample in read_samples(out / SAMPLES)}
    return {name.split("-", 1)[1]: turn for name, turn in found.items() if name.startswith(f"{ecg_id:05d}-")}


def test_each_record_is_asked_every_kind_of_question(made):
    normal, fibrillating = answers(made, 7), answers(made, 8)
    assert {"feature", "rhythm", "morphology", "diagnosis", "label-NORM", "label-CD", "report"} <= set(normal)
    assert normal["report"].answer == "Sinus rhythm. Normal ECG."
    assert "report" not in fibrillating
    assert (normal["label-NORM"].answer, fibrillating["label-NORM"].answer) == ("Yes", "No")
    assert normal["label-CD"].asked == label_question("CD")
    assert "fibrillation" in fibrillating["rhythm"].answer.lower()
    codes = {row["code"] for row in json.loads(fibrillating["diagnosis"].answer)["findings"]}
    assert "AFIB" in codes


def test_the_heart_rate_of_the_sheet_is_told(made):
    assert "heart rate 70 bpm" in answers(made, 7)["feature"].answer


def test_a_page_is_drawn_for_each_record(made):
    assert sorted(path.name for path in (made / "pages").iterdir()) == ["00007.jpg", "00008.jpg"]


def test_a_stopped_run_goes_on_to_the_same_file(made, records, tmp_path):
    whole = (made / SAMPLES).read_text()
    make_data([records], tmp_path, options=replace(PLAIN, limit=1), reports=records / "reports.csv")
    with (tmp_path / SAMPLES).open("a") as file:
        file.write(whole[: len(whole) * 2 // 3][(tmp_path / SAMPLES).stat().st_size :])
    make_data([records], tmp_path, options=PLAIN, reports=records / "reports.csv")
    assert (tmp_path / SAMPLES).read_text() == whole
    page = "pages/00008.jpg"
    assert (tmp_path / page).read_bytes() == (made / page).read_bytes()


def test_a_folder_made_otherwise_is_refused(made, records):
    with pytest.raises(BadSamples, match="other options"):
        make_data([records], made, options=replace(PLAIN, seed=1))


def test_kinds_of_which_there_can_be_none_are_refused_before_anything_is_made(records, tmp_path):
    with pytest.raises(BadSamples, match="add --unaided"):
        make_data([records], tmp_path / "out", options=DataOptions(kinds=("feature", "rhythm")))
    with pytest.raises(BadSamples, match="--reports"):
        make_data([records], tmp_path / "out", options=DataOptions(kinds=("report",)))
    assert not (tmp_path / "out").exists()


def test_a_record_without_a_sample_is_neither_counted_nor_drawn(records, tmp_path):
    only_reports = replace(PLAIN, kinds=("report",))
    assert make_data([records], tmp_path, options=only_reports, reports=records / "reports.csv") == 1
    assert [path.name for path in (tmp_path / "pages").iterdir()] == ["00007.jpg"]


def test_a_public_file_with_several_turns_is_read_as_it_is(tmp_path):
    row = {
        "id": "x-1",
        "image": "mimic/1.png",
        "conversations": [
            {"from": "human", "value": "<image>\nWhat rhythm?"},
            {"from": "gpt", "value": "Sinus."},
            {"from": "human", "value": "And the axis?"},
            {"from": "gpt", "value": "Normal."},
        ],
    }
    (tmp_path / "instruct.json").write_text(json.dumps([row]))
    (sample,) = read_samples(tmp_path / "instruct.json")
    assert sample == Sample("x-1", "mimic/1.png", (Turn("What rhythm?", "Sinus."), Turn("And the axis?", "Normal.")))
    (tmp_path / "own.jsonl").write_text(lines([sample]))
    assert read_samples(tmp_path / "own.jsonl") == (sample,)


def test_questions_with_the_measured_values_are_the_readers_own():
    recording = simulate(EcgSpec(rate=70.0)).recording
    known = Known(frozenset(), frozenset({"NORM"}), measure(recording), Reading("criteria", "1", ()), "A report.")
    turns, context = questions(known, measured=True), measured_values(known.measurements)
    own = {"label NORM": label_question("NORM"), "diagnosis": LIST_FINDINGS, "report": WRITE_REPORT}
    assert "heart rate 70 bpm" in context
    assert {kind: rendered(turns[kind].asked) for kind in own} == {
        kind: rendered(question, context=context) for kind, question in own.items()
    }
    assert "feature" not in turns  # its answer would stand in the question


def test_the_learner_sees_the_words_of_the_reader():
    sample = Sample("1", "1.jpg", (Turn("Measured: x.\n\nIs it?", "Yes"), Turn("More?", "No")))
    (given, answer), (then, _) = texts(sample)
    assert given == rendered("Is it?", context="Measured: x.")
    assert given + answer == rendered("Is it?", context="Measured: x.", answer="Yes")
    assert then.startswith("<|start_header_id|>user")
    assert "<|image|>" not in then


@pytest.mark.parametrize("turns", [[], [{"from": "gpt", "value": "a"}, {"from": "human", "value": "b"}]])
def test_what_is_no_conversation_is_named(tmp_path, turns):
    (tmp_path / "a.jsonl").write_text(json.dumps({"id": "odd", "image": "i.png", "conversations": turns}) + "\n")
    with pytest.raises(BadSamples, match="odd"):
        read_samples(tmp_path / "a.jsonl")


def test_a_table_of_reports_that_is_not_there_or_no_such_table_is_named(records, tmp_path):
    with pytest.raises(BadSamples, match="no table of reports"):
        read_reports(tmp_path / "none.csv")
    with pytest.raises(BadSamples, match="report_en"):
        read_reports(records / "labels.csv")
    (tmp_path / "odd.csv").write_text("ecg_id,report_en\n7,Normal.\nseven,Normal.\n")
    with pytest.raises(BadSamples, match="is damaged at line 3"):
        read_reports(tmp_path / "odd.csv")


@pytest.mark.parametrize(
    ("label", "said", "superclasses", "expected"),
    [
        ("MI", {"IMI"}, {"MI"}, True),
        ("MI", {"IMI"}, {"STTC"}, False),  # as the cardiologists' own classes have it
        ("AFIB", {"AFIB"}, set(), True),
        ("AFIB", {"SR"}, {"NORM"}, False),
        ("NORM", {"SR"}, {"NORM"}, True),
    ],
)
def test_a_label_holds_by_its_superclass_or_by_its_statement(label, said, superclasses, expected):
    assert holds(label, frozenset(said), frozenset(superclasses)) is expected
