import numpy as np

from ecgdesk.ecg.lead import Lead
from ecgdesk.learn.network_sheets import from_sheet
from ecgdesk.learn.simulator import EcgSpec, simulate


def test_a_record_comes_back_from_its_sheet_as_the_digitiser_gives_it():
    signal = simulate(EcgSpec(rate=72.0, seed=1)).signal
    first, again = (from_sheet(signal, np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(first.signal, again.signal)
    assert np.isnan(first.signal).any(), "a sheet shows most leads for a part of the time"
    found = first.signal[Lead.II.row]
    seen = np.isfinite(found)
    # The sheet's clock may start some milliseconds beside the record's.
    shifts = [np.roll(signal[Lead.II.row], shift)[: len(found)] for shift in range(-10, 11)]
    likeness = max(np.corrcoef(found[seen], shifted[seen])[0, 1] for shifted in shifts)
    assert 0.98 < likeness < 1
