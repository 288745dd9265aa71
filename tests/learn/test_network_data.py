import numpy as np

from ecgdesk.learn.network_data import kept_part, part_name


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
