"""What one caller has to call from counts as one."""

import pytest

from app.kit.addresses import network_of


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param("203.0.113.9", "203.0.113.10", False, id="neighbours"),
        pytest.param("::ffff:203.0.113.9", "203.0.113.9", True, id="IPv4 as a socket for both shows it"),
        pytest.param("::ffff:203.0.113.9", "::ffff:203.0.113.10", False, id="neighbours so shown"),
        pytest.param("2001:db8:1:2::1", "2001:DB8:1:2:ffff::7", True, id="one household's IPv6"),
        pytest.param("2001:db8:1:2::1", "2001:db8:1:3::1", False, id="the household beside it"),
        pytest.param("unix:", "", False, id="no addresses"),
    ],
)
def test_addresses_of_one_network(one: str, other: str, *, same: bool) -> None:
    assert (network_of(one) == network_of(other)) is same
