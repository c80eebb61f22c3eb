"""A phone makes voucher codes by itself, as docs/voucher-code.md says, and learns how wrong its clock is."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mock_client.clock import CHINA
from mock_client.device import Phone
from mock_client.scanner import Symbology, scan_one
from mock_client.voucher_code import NoKeyForDay, OfflineVoucher, screen

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=CHINA)
KNOWN = (
    (
        "HMAC-SHA256",
        "111da34ef69f561b3f319c742edc1a2ef45b9e3d891e9b349f9898dd4ead0f4c",
        "0101234567890375259456525575",
    ),
    (
        "HMAC-SM3",
        "ae800f9bba06d89e11db6d3f74a5a1c8132b5fd27fce24f51387c6a2ade67ea6",
        "0101234567890355040274440525",
    ),
)
"""The known answers of docs/voucher-code.md."""


def keys(algorithm: str = "HMAC-SHA256", **days: str) -> Mapping[str, Any]:
    """What ``POST /voucher/keys`` gives at noon; ``days``: d02 → the key of 2 March."""
    return {
        "algorithm": algorithm,
        "step_seconds": 30,
        "key_version": "01",
        "handle": "01234567890",
        "slot": 3,
        "keys": [{"day": f"2026-03-{name[1:]}", "key": key} for name, key in days.items()],
        "server_time": NOON.isoformat(),
    }


@pytest.mark.parametrize(("algorithm", "key", "code"), KNOWN, ids=[one[0] for one in KNOWN])
def test_the_known_answers_come_out(algorithm: str, key: str, code: str) -> None:
    voucher = OfflineVoucher.of(keys(algorithm, d02=key), NOON)
    assert voucher.code(NOON) == code
    assert voucher.code(NOON + timedelta(seconds=29)) == code
    assert voucher.code(NOON + timedelta(seconds=30)) != code


@pytest.mark.parametrize("off", [timedelta(hours=2), timedelta(minutes=-7)])
def test_a_phone_whose_clock_is_wrong_reckons_with_it(off: timedelta) -> None:
    [_, key, code], *_ = KNOWN
    voucher = OfflineVoucher.of(keys(d02=key), NOON + off)
    assert voucher.code(NOON + off) == code


def test_at_midnight_in_china_the_next_day_s_key_serves() -> None:
    [_, key, _], *_ = KNOWN
    midnight = datetime(2026, 3, 3, tzinfo=CHINA)
    both = OfflineVoucher.of(keys(d02="00" * 32, d03=key), NOON)
    only_next = OfflineVoucher.of(keys(d03=key), NOON)
    assert both.code_at(midnight) == only_next.code_at(midnight)
    assert both.code_at(midnight.astimezone(UTC)) == only_next.code_at(midnight)
    with pytest.raises(NoKeyForDay):
        only_next.code_at(midnight - timedelta(seconds=1))


def test_what_the_phone_draws_a_scanner_reads() -> None:
    assert scan_one(screen(KNOWN[0][2]), Symbology.QR) == KNOWN[0][2]


def test_a_phone_keeps_its_number_and_a_voucher_for_each_person_and_shows_no_key() -> None:
    phone, other = (Phone(name, 7, "http://127.0.0.1:9") for name in ("mother", "father"))
    assert phone.device_no == Phone("mother", 8, "http://127.0.0.1:9").device_no != other.device_no
    assert 16 <= len(phone.device_no) <= 64

    phone.keep_voucher(keys(d02=KNOWN[0][1]))
    phone.keep_voucher({**keys(d02=KNOWN[0][1]), "slot": 4}, "child")
    own, childs = phone.offline_code(moment=NOON), phone.offline_code("child", moment=NOON)
    assert (own, childs[13]) == (KNOWN[0][2], "4")
    assert phone.network.traffic.attempts == 0
    with pytest.raises(KeyError):
        other.offline_code()
    assert KNOWN[0][1][:8] not in repr(OfflineVoucher.of(keys(d02=KNOWN[0][1]), NOON))
