"""The signal is as poor as it says, and as poor again when the run is repeated."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_client.network import GOOD, MOUNTAIN, OFFLINE, WEAK_3G, Fate, Network, Signal


def test_the_same_seed_meets_the_same_fates() -> None:
    def fates(seed: int) -> list[Fate]:
        network = Network(MOUNTAIN, seed)
        return [network.draw(uploading=True).fate for _ in range(50)]

    assert fates(7) == fates(7) != fates(8)


@pytest.mark.parametrize("signal", [GOOD, WEAK_3G, MOUNTAIN], ids=lambda signal: signal.name)
def test_each_fate_comes_as_often_as_the_signal_says(signal: Signal) -> None:
    network, draws = Network(signal, seed=1), 20_000
    drawn = [network.draw(uploading=True) for _ in range(draws)]

    counted = Counter(passage.fate for passage in drawn)
    for fate, share in {
        Fate.LOST_BEFORE: signal.loss_before,
        Fate.LOST_AFTER: signal.loss_after,
        Fate.CUT: signal.cut,
    }.items():
        assert counted[fate] / draws == pytest.approx(share, abs=0.01)
    low, high = signal.latency_ms
    assert all(low <= passage.latency_s * 1000 <= high for passage in drawn)


@given(st.tuples(*[st.floats(-1, 2)] * 3))
def test_a_signals_shares_are_shares(shares: tuple[float, float, float]) -> None:
    sound = min(shares) >= 0 and sum(shares) <= 1
    if sound:
        assert Signal("s", *shares).cut == shares[2]
    else:
        with pytest.raises(ValueError, match="shares"):
            Signal("s", *shares)


def test_foreseen_fates_come_first_and_do_not_disturb_chance() -> None:
    told, left = Network(MOUNTAIN, 7), Network(MOUNTAIN, 7)
    told.foresee(Fate.CUT, Fate.DELIVERED)

    fates = [told.draw(uploading=True).fate for _ in range(20)]
    others = [left.draw(uploading=True).fate for _ in range(20)]

    assert fates[:2] == [Fate.CUT, Fate.DELIVERED]
    assert fates[2:] == others[2:]


def test_offline_lasts_until_the_phone_is_carried_elsewhere() -> None:
    network = Network(OFFLINE)
    before = [network.draw(uploading=False).fate for _ in range(5)]

    network.change(GOOD)

    assert set(before) == {Fate.OFFLINE}
    assert network.draw(uploading=False).fate is Fate.DELIVERED
    assert network.traffic.attempts == 6


@pytest.mark.parametrize("latency", [(-1.0, 5.0), (9.0, 5.0)])
def test_latency_runs_from_low_to_high(latency: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="latency"):
        Signal("s", latency_ms=latency)
