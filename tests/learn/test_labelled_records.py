"""A folder of records that is damaged is refused with a sentence, never read as records of healthy people."""

from pathlib import Path

import numpy as np
import pytest

from ecgdesk.ecg.patient import Sex
from ecgdesk.learn.labelled_records import NoRecords, labelled_records

LABELS = "ecg_id,scp_codes,superclasses,age,sex\n1,NORM SR,NORM,300.0,female\n2.0,AFIB,,,\n"


def records(folder: Path, labels: str = LABELS, **arrays: object) -> Path:
    delta = np.zeros((2, 8, 50), np.int16)
    delta[:, 1, 0] = 500
    np.savez(folder / "signals_00.npz", **({"ecg_id": np.array([1, 2]), "delta_uv": delta} | arrays))
    (folder / "labels.csv").write_text(labels, encoding="utf-8")
    return folder


def test_a_record_has_its_labels_its_millivolts_and_ten_seconds(tmp_path):
    one, other = labelled_records(records(tmp_path, "\ufeff" + LABELS))  # as a spreadsheet saves it
    assert (one.ecg_id, one.said, one.superclasses) == (1, {"NORM", "SR"}, {"NORM"})
    assert (one.patient.sex, one.patient.age) == (Sex.FEMALE, 90.0)  # 300 stands for "above 89"
    assert (other.patient.sex, other.patient.age, other.superclasses) == (Sex.UNKNOWN, None, frozenset())
    assert one.signal.shape == (12, 5000)
    assert one.signal[1, 2500] == pytest.approx(0.5, abs=1e-3)
    assert one.signal[3, 2500] == pytest.approx(-0.25, abs=1e-3)  # aVR


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        (LABELS.replace("scp_codes", "codes"), r"lacks the column scp_codes; it needs"),
        (LABELS.replace("300.0", "old"), r"is damaged at line 2 \(.*old"),
        (LABELS.replace("2.0,AFIB,,,", "2"), r"is damaged at line 3"),
        (LABELS.replace("2.0", "3"), r"has no row for record 2 of signals_00.npz"),
        ("", r"lacks the column ecg_id"),
    ],
)
def test_a_table_of_labels_that_is_damaged_is_refused(tmp_path, labels, sentence):
    with pytest.raises(NoRecords, match=sentence):
        list(labelled_records(records(tmp_path, labels)))


@pytest.mark.parametrize("arrays", [{"delta_uv": np.zeros((2, 12, 50))}, {"ecg_id": np.array([1])}])
def test_signals_of_another_shape_are_refused(tmp_path, arrays):
    with pytest.raises(NoRecords, match=r"must be records x 8 leads x samples"):
        list(labelled_records(records(tmp_path, **arrays)))


def test_a_file_of_signals_that_is_cut_off_is_refused(tmp_path):
    file = records(tmp_path) / "signals_00.npz"
    file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(NoRecords, match="is damaged or holds no records; copy it anew"):
        list(labelled_records(tmp_path))
