import numpy as np

from ecgdesk.learn.network_paper import from_paper
from ecgdesk.learn.simulator import EcgSpec, simulate


def sheets(count=30):
    signal = simulate(EcgSpec()).signal
    return signal, [from_paper(signal, np.random.default_rng(seed)) for seed in range(count)]


def test_every_lead_is_shown_and_most_sheets_show_a_quarter_of_most():
    _, made = sheets()
    shown = np.array([np.isfinite(one.signal).mean(axis=1) for one in made])
    assert (shown > 0.1).all()
    assert 0.5 < np.mean(np.median(shown, axis=1) < 0.3) < 0.95


def test_what_is_shown_is_the_signal_within_a_digitisers_error():
    signal, made = sheets()
    for one in made:
        apart = one.signal - signal
        apart -= np.nanmean(apart, axis=1, keepdims=True)
        assert np.nanstd(apart) < 0.25  # a clock that runs 1 % wrong moves steep QRS flanks
        assert np.nanstd(apart) > 0.002


def test_the_same_seed_gives_the_same_sheet():
    signal, made = sheets(1)
    again = from_paper(signal, np.random.default_rng(0))
    np.testing.assert_array_equal(again.signal, made[0].signal)
