import numpy as np

from ecgdesk.learn.labelled_records import labelled_records
from ecgdesk.learn.network_data import kept_part, material, part_name, seen
from ecgdesk.learn.network_paper import from_paper
from ecgdesk.learn.network_sheets import from_sheet
from ecgdesk.learn.simulator import EcgSpec, simulate


def test_folders_of_one_name_and_other_seeds_are_not_taken_for_each_other(tmp_path):
    first, second = tmp_path / "a" / "train", tmp_path / "b" / "train"
    names = {part_name(first, 3, 0), part_name(second, 3, 0), part_name(first, 4, 0), part_name(first, 3, 1)}
    assert len(names) == 4
    assert part_name(first, 3, 0) == part_name(tmp_path / "b" / ".." / "a" / "train", 3, 0)


def test_a_kept_part_of_other_records_is_not_used(tmp_path):
    path = tmp_path / "part.npz"
    assert kept_part(path, [1, 2]) is None
    np.savez(path, ids=np.array([1, 2]), rows=np.zeros(2))
    assert kept_part(path, [1, 2]) is not None
    assert kept_part(path, [1, 3]) is None


def folder_of_one_record(folder, ecg_id, signal):
    """As `labelled_records` reads it: differences of I, II and V1 to V6 in microvolts."""
    folder.mkdir()
    eight = np.round(signal[[0, 1, 6, 7, 8, 9, 10, 11]] * 1000)
    delta = np.diff(eight, axis=1, prepend=0.0).astype(np.int16)
    np.savez(folder / "signals_000.npz", ecg_id=np.array([ecg_id]), delta_uv=delta[None])
    (folder / "labels.csv").write_text(f"ecg_id,scp_codes,superclasses,strat_fold\n{ecg_id},NORM,NORM,1\n")
    (record,) = labelled_records(folder)
    return record


def test_sheets_of_the_first_folder_are_drawn_and_digitised_and_those_of_others_imitated(tmp_path):
    signal = simulate(EcgSpec(rate=72.0, seed=1)).signal
    first = folder_of_one_record(tmp_path / "first", 1, signal)
    second = folder_of_one_record(tmp_path / "second", 2, signal)
    made = material([tmp_path / "first", tmp_path / "second"], tmp_path / "work", seed=3)
    drawn = seen(from_sheet(first.signal, np.random.default_rng((3, 1, 1))), first.patient)
    imitated = seen(from_paper(second.signal, np.random.default_rng((3, 2))), second.patient)
    for place, (beat, row) in enumerate((drawn, imitated)):
        np.testing.assert_array_equal(made.beat[place, 1], beat.astype(np.float16))
        np.testing.assert_array_equal(made.rows[place, 1], row)
