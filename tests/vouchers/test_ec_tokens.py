"""The token of a scan: bound to terminal, organisation and business, for ten minutes; nobody else makes one."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scanning import SETTLEMENT, Scanner

from app.kit import clock
from app.kit.crypto import Suite
from app.kit.errors import Problem
from app.kit.rotation import KEPT_FOR, SIGNS_AFTER
from app.kit.sealing import keyring
from app.vouchers import sealed_notes
from app.vouchers.business import WORDS, BusinessType
from app.vouchers.codes import Keys
from app.vouchers.sealed_notes import NotOurs, seal, unseal
from app.vouchers.service import EcToken, read_token
from app.vouchers.showing import OFFLINE_DAYS
from app.vouchers.tokens import make_token
from tests.world import World

ALL = frozenset(BusinessType)
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=clock.CHINA)


def token_of(scanner: Scanner, business: BusinessType = SETTLEMENT, handle: str = "00000000007") -> EcToken:
    return EcToken(
        handle=handle,
        slot=0,
        step=59_080_800,
        person_id=UUID(int=5),
        organisation_id=scanner.hospital.organisation_id,
        account_id=scanner.actor.account_id,
        business=business,
    )


def test_a_token_says_what_was_scanned(scanner: Scanner) -> None:
    for business in BusinessType:
        token = token_of(scanner, business)
        text = make_token(token, NOW)

        assert read_token(scanner.actor, text, suits=ALL, now=NOW) == token
        assert len(text) == 123
        assert text.isascii()


def test_every_business_has_a_name_of_its_own() -> None:
    """A refusal names the one for which the code was scanned."""
    assert len({(words.zh, words.en) for words in WORDS.values()}) == len(BusinessType)
    assert set(WORDS) == set(BusinessType)


def test_a_token_is_good_for_ten_minutes(scanner: Scanner) -> None:
    text = make_token(token_of(scanner), NOW)
    for seconds in (0, 599):
        assert read_token(scanner.actor, text, suits=ALL, now=NOW + timedelta(seconds=seconds))
    with pytest.raises(Problem, match="ec_token_expired"):
        read_token(scanner.actor, text, suits=ALL, now=NOW + timedelta(seconds=600))


def test_a_token_got_before_midnight_is_good_after_it(scanner: Scanner) -> None:
    midnight = datetime(2026, 3, 3, 0, 0, tzinfo=clock.CHINA)
    text = make_token(token_of(scanner), midnight - timedelta(seconds=1))
    assert read_token(scanner.actor, text, suits=ALL, now=midnight + timedelta(minutes=5))


def test_a_token_for_one_business_does_not_serve_another(scanner: Scanner) -> None:
    text = make_token(token_of(scanner, BusinessType.REPORT_PICK_UP), NOW)
    with pytest.raises(Problem, match="wrong_business") as refused:
        read_token(scanner.actor, text, suits={SETTLEMENT, BusinessType.ADMISSION}, now=NOW)
    assert "取报告" in refused.value.detail


def test_a_token_serves_no_other_terminal_not_even_of_the_same_hospital(
    world: World, scanner: Scanner
) -> None:
    text = make_token(token_of(scanner), NOW)
    for other in (Scanner(world, scanner.hospital), Scanner(world, world.hospital())):
        with pytest.raises(Problem, match="ec_token_invalid"):
            read_token(other.actor, text, suits=ALL, now=NOW)


def test_no_character_of_a_token_can_be_changed(scanner: Scanner) -> None:
    text = make_token(token_of(scanner), NOW)
    for place, character in enumerate(text):
        other = "A" if character != "A" else "B"
        with pytest.raises(Problem, match="ec_token_invalid"):
            read_token(scanner.actor, text[:place] + other + text[place + 1 :], suits=ALL, now=NOW)


def test_what_is_no_token_is_invalid(scanner: Scanner) -> None:
    for text in ("", "A", "AAAA", "医保", "A" * 123, "A" * 5000, "=" * 8, "-_-_", " " * 20, "ab\x00c"):
        with pytest.raises(Problem, match="ec_token_invalid"):
            read_token(scanner.actor, text, suits=ALL, now=NOW)


@pytest.mark.parametrize("suite", Suite)
@given(content=st.binary(max_size=100), moment=st.datetimes(datetime(2024, 1, 1), datetime(2090, 1, 1)))  # noqa: DTZ001 - made aware below
def test_a_note_opens_for_its_purpose_alone(suite: Suite, content: bytes, moment: datetime) -> None:
    keys = Keys({1: bytes(32), 2: bytes(range(32))}, suite)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sealed_notes, "voucher_keys", lambda: keys)
        aware = moment.replace(tzinfo=clock.CHINA)
        note = seal("ec_token", content, aware)
        assert unseal("ec_token", note) == (content, aware.replace(microsecond=0))
        with pytest.raises(NotOurs):
            unseal("picture", note)


def test_a_note_of_an_older_voucher_key_still_opens_and_one_of_a_key_that_is_not_held_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    older, newer, other = (
        Keys({1: bytes(32)}, Suite.INTL),
        Keys({1: bytes(32), 2: bytes(range(32))}, Suite.INTL),
        Keys({3: bytes(32)}, Suite.INTL),
    )
    monkeypatch.setattr(sealed_notes, "voucher_keys", lambda: older)
    note = seal("ec_token", b"content", NOW)
    monkeypatch.setattr(sealed_notes, "voucher_keys", lambda: newer)
    assert unseal("ec_token", note)[0] == b"content"
    monkeypatch.setattr(sealed_notes, "voucher_keys", lambda: other)
    with pytest.raises(NotOurs):
        unseal("ec_token", note)


def test_the_process_holds_a_voucher_key_of_its_own(scanner: Scanner) -> None:
    held = keyring()
    [only] = held.voucher_keys.current().keys.values()
    assert only not in {held.chain_key, held.paper_key, held.token_key}


def test_a_key_outlives_what_phones_hold_of_it() -> None:
    assert timedelta(days=OFFLINE_DAYS) + timedelta(hours=1) + SIGNS_AFTER < KEPT_FOR
