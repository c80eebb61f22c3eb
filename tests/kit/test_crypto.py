"""Encryption at rest: what is sealed opens only where it was sealed, and keys can be replaced."""

import base64
import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from app.kit.crypto import (
    BlindIndex,
    MasterKeyError,
    MasterKeys,
    SealBroken,
    Sealer,
    Sm4Gcm,
    Suite,
    UnknownDataKey,
    digest,
    frame,
    mac,
    new_data_key,
    new_master_key,
    parse_master_keys,
    same,
)

BOTH = pytest.mark.parametrize("suite", list(Suite))
KEY_1 = bytes(range(32))
KEY_2 = bytes(range(32, 64))
B64_1 = base64.b64encode(KEY_1).decode()
B64_2 = base64.b64encode(KEY_2).decode()


@pytest.fixture(params=list(Suite))
def suite(request: pytest.FixtureRequest) -> Suite:
    return Suite(request.param)


@pytest.fixture
def sealer(suite: Suite) -> Sealer:
    return Sealer({1: KEY_1}, 1, suite)


class TestMasterKeys:
    def test_the_last_of_the_configured_keys_is_current(self, suite: Suite) -> None:
        keys = parse_master_keys(f"v1:{B64_1}, v2:{B64_2}", suite)

        assert keys.version == "v2"
        assert keys.keys == {"v1": KEY_1, "v2": KEY_2}

    @pytest.mark.parametrize(
        ("text", "complaint"),
        [
            ("", "entry 1 of the master keys is not VERSION:BASE64"),
            (B64_1, "entry 1 of the master keys is not VERSION:BASE64"),
            (f"v1:{B64_1},", "entry 2 of the master keys is not VERSION:BASE64"),
            (f"v 1:{B64_1}", "entry 1 of the master keys is not VERSION:BASE64"),
            (f"{'v' * 17}:{B64_1}", "entry 1 of the master keys is not VERSION:BASE64"),
            ("v1:not base64!", "master key 'v1' is not base64"),
            ("v1:", "master key 'v1' has 0 bytes instead of 32"),
            (
                f"v1:{base64.b64encode(KEY_1[:16]).decode()}",
                "master key 'v1' has 16 bytes instead of 32",
            ),
            (f"v1:{B64_1},v1:{B64_2}", "master key 'v1' comes twice"),
            (f"v1:{B64_1},v2:{B64_1}", "master key 'v2' repeats the key of another version"),
        ],
    )
    def test_a_wrong_configuration_is_named_without_showing_a_key(self, text: str, complaint: str) -> None:
        with pytest.raises(MasterKeyError) as refused:
            parse_master_keys(text, Suite.INTL)

        assert str(refused.value) == complaint

    def test_a_key_made_by_us_is_accepted_by_us(self, suite: Suite) -> None:
        keys = parse_master_keys(f"{new_master_key('2026a')},{new_master_key('2026b')}", suite)

        assert keys.version == "2026b"

    def test_no_key_shows_in_the_representation(self, suite: Suite) -> None:
        assert "keys=" not in repr(parse_master_keys(f"v1:{B64_1}", suite))

    def test_a_current_version_without_its_key_is_refused(self, suite: Suite) -> None:
        with pytest.raises(MasterKeyError, match="no master key has the current version 'v9'"):
            MasterKeys(current="v9", keys={"v1": KEY_1}, suite=suite)

    def test_a_wrapped_data_key_comes_back_and_is_not_visible(self, suite: Suite) -> None:
        keys = parse_master_keys(f"v1:{B64_1}", suite)
        data_key = new_data_key()

        blob = keys.wrap(data_key)

        assert data_key not in blob
        assert keys.unwrap("v1", blob) == data_key

    def test_after_a_change_of_master_key_old_wraps_open_and_new_ones_use_the_new_key(
        self, suite: Suite
    ) -> None:
        old = parse_master_keys(f"v1:{B64_1}", suite)
        both = parse_master_keys(f"v1:{B64_1},v2:{B64_2}", suite)
        new = parse_master_keys(f"v2:{B64_2}", suite)
        data_key = new_data_key()
        wrapped = old.wrap(data_key)

        rewrapped = both.wrap(both.unwrap("v1", wrapped))

        assert new.unwrap(both.version, rewrapped) == data_key
        with pytest.raises(MasterKeyError, match="'v1' is not configured"):
            new.unwrap("v1", wrapped)

    def test_a_change_of_suite_still_opens_what_the_other_wrapped(self) -> None:
        data_key = new_data_key()
        wrapped = parse_master_keys(f"v1:{B64_1}", Suite.INTL).wrap(data_key)

        assert parse_master_keys(f"v1:{B64_1}", Suite.SM).unwrap("v1", wrapped) == data_key

    def test_any_changed_byte_of_a_wrapped_key_is_noticed(self, suite: Suite) -> None:
        keys = parse_master_keys(f"v1:{B64_1}", suite)
        blob = keys.wrap(new_data_key())

        for position in range(len(blob)):
            with pytest.raises(SealBroken):
                keys.unwrap("v1", flipped(blob, position))
        for length in range(len(blob)):
            with pytest.raises(SealBroken):
                keys.unwrap("v1", blob[:length])

    def test_a_wrapped_key_does_not_open_under_another_version_of_the_same_bytes(self, suite: Suite) -> None:
        blob = MasterKeys(current="v1", keys={"v1": KEY_1}, suite=suite).wrap(new_data_key())

        with pytest.raises(SealBroken):
            MasterKeys(current="v2", keys={"v2": KEY_1}, suite=suite).unwrap("v2", blob)

    def test_derived_keys_differ_by_purpose_version_and_suite(self) -> None:
        derived = [
            parse_master_keys(f"v1:{B64_1},v2:{B64_2}", suite).derive(purpose, version)
            for suite in Suite
            for purpose in ("tokens", "receipts")
            for version in ("v1", "v2")
        ]

        assert len(set(derived)) == 8
        assert {len(key) for key in derived} == {32}

    def test_deriving_uses_the_current_version_unless_one_is_named(self, suite: Suite) -> None:
        keys = parse_master_keys(f"v1:{B64_1},v2:{B64_2}", suite)

        assert keys.derive("tokens") == keys.derive("tokens", "v2")
        with pytest.raises(MasterKeyError, match="'v3' is not configured"):
            keys.derive("tokens", "v3")


def flipped(blob: bytes, position: int) -> bytes:
    changed = bytearray(blob)
    changed[position] ^= 0x01
    return bytes(changed)


class TestSealer:
    @BOTH
    @given(plaintext=st.text(), row=st.text())
    def test_a_sealed_value_comes_back(self, suite: Suite, plaintext: str, row: str) -> None:
        sealer = Sealer({1: KEY_1}, 1, suite)

        blob = sealer.seal(plaintext, table="person", column="name", row=row)

        assert sealer.open(blob, table="person", column="name", row=row) == plaintext

    def test_the_blob_shows_its_format_and_data_key_and_nothing_of_the_value(self, suite: Suite) -> None:
        sealer = Sealer({1: KEY_1, 7: KEY_2}, 7, suite)

        blob = sealer.seal("王小明", table="person", column="name", row="1")

        assert blob[0] == {Suite.INTL: 1, Suite.SM: 2}[suite]
        assert int.from_bytes(blob[1:5], "big") == 7
        assert len(blob) == 5 + 12 + len("王小明".encode()) + 16
        assert "王".encode() not in blob

    def test_the_same_value_is_sealed_differently_each_time(self, sealer: Sealer) -> None:
        blobs = {sealer.seal("王小明", table="person", column="name", row="1") for _ in range(50)}

        assert len(blobs) == 50

    @pytest.mark.parametrize(
        ("table", "column", "row"),
        [
            ("account", "name", "1"),
            ("person", "phone", "1"),
            ("person", "name", "2"),
            ("personn", "ame", "1"),
            ("person", "nam", "e1"),
        ],
    )
    def test_a_value_moved_to_another_cell_does_not_open(
        self, sealer: Sealer, table: str, column: str, row: str
    ) -> None:
        blob = sealer.seal("王小明", table="person", column="name", row="1")

        with pytest.raises(SealBroken):
            sealer.open(blob, table=table, column=column, row=row)

    def test_any_changed_or_missing_byte_is_noticed(self, sealer: Sealer) -> None:
        blob = sealer.seal("王小明", table="person", column="name", row="1")

        for position in range(len(blob)):
            with pytest.raises(SealBroken):
                sealer.open(flipped(blob, position), table="person", column="name", row="1")
        for length in range(len(blob)):
            with pytest.raises(SealBroken):
                sealer.open(blob[:length], table="person", column="name", row="1")
        with pytest.raises(SealBroken):
            sealer.open(blob + b"\0", table="person", column="name", row="1")

    def test_the_message_of_a_broken_seal_does_not_hold_the_row(self, sealer: Sealer) -> None:
        blob = sealer.seal("王小明", table="person", column="name", row="610902199001011234")

        with pytest.raises(SealBroken) as broken:
            sealer.open(flipped(blob, 30), table="person", column="name", row="610902199001011234")

        assert "610902" not in str(broken.value)

    def test_older_data_keys_and_the_other_suite_still_open_and_ask_to_be_resealed(
        self, suite: Suite
    ) -> None:
        other = next(one for one in Suite if one is not suite)
        old = Sealer({1: KEY_1}, 1, suite).seal("x", table="t", column="c", row="1")
        foreign = Sealer({2: KEY_2}, 2, other).seal("x", table="t", column="c", row="1")
        sealer = Sealer({1: KEY_1, 2: KEY_2}, 2, suite)

        assert sealer.open(old, table="t", column="c", row="1") == "x"
        assert sealer.open(foreign, table="t", column="c", row="1") == "x"
        assert sealer.needs_reseal(old)
        assert sealer.needs_reseal(foreign)
        assert not sealer.needs_reseal(sealer.seal("x", table="t", column="c", row="1"))

    def test_a_data_key_that_is_not_loaded_is_named(self, suite: Suite) -> None:
        newer = Sealer({1: KEY_1, 2: KEY_2}, 2, suite).seal("x", table="t", column="c", row="1")

        with pytest.raises(UnknownDataKey, match="data key 2 is not loaded") as unknown:
            Sealer({1: KEY_1}, 1, suite).open(newer, table="t", column="c", row="1")

        assert unknown.value.number == 2

    def test_sealing_with_a_data_key_that_is_not_there_is_refused_at_once(self, suite: Suite) -> None:
        with pytest.raises(UnknownDataKey):
            Sealer({1: KEY_1}, 2, suite)

    def test_a_blob_opens_with_nothing_but_published_algorithms(self) -> None:
        """What is stored today must be readable in ten years by somebody with the key and this recipe."""
        blob = Sealer({1: KEY_1}, 1, Suite.INTL).seal("王小明", table="person", column="name", row="1")
        info = b"\0\0\0\x0ckit.crypto/1\0\0\0\x04intl\0\0\0\x04seal"
        key = hmac.digest(KEY_1, info + b"\x01", "sha256")
        cell = b"\0\0\0\x06person\0\0\0\x04name\0\0\0\x011"

        assert AESGCM(key).decrypt(blob[5:17], blob[17:], cell).decode() == "王小明"


class TestSuites:
    def test_digests_follow_the_published_examples(self) -> None:
        """GB/T 32905-2016 appendix A.1 for SM3."""
        assert digest(b"abc", suite=Suite.SM) == (
            "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
        )
        assert digest(b"abc", suite=Suite.INTL) == hashlib.sha256(b"abc").hexdigest()

    def test_sm4_gcm_follows_the_published_example(self) -> None:
        """RFC 8998 appendix A.1."""
        cipher = Sm4Gcm(bytes.fromhex("0123456789abcdeffedcba9876543210"))
        nonce = bytes.fromhex("00001234567800000000abcd")
        associated = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
        plaintext = bytes.fromhex(
            "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd"
            "eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa"
        )

        sealed = cipher.encrypt(nonce, plaintext, associated)

        assert cipher.decrypt(nonce, sealed, associated) == plaintext
        assert sealed == bytes.fromhex(
            "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
            "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
            "83de3541e4c2b58177e065a9bf7b62ec"
        )

    def test_the_suites_compute_different_authentication_codes(self) -> None:
        assert mac(KEY_1, "a", suite=Suite.INTL) != mac(KEY_1, "a", suite=Suite.SM)

    def test_an_authentication_code_covers_key_parts_and_their_borders(self, suite: Suite) -> None:
        codes = {
            mac(KEY_1, "ab", "c", suite=suite),
            mac(KEY_1, "a", "bc", suite=suite),
            mac(KEY_1, "abc", suite=suite),
            mac(KEY_1, "ab", "c", "", suite=suite),
            mac(KEY_1, "c", "ab", suite=suite),
            mac(KEY_2, "ab", "c", suite=suite),
        }

        assert len(codes) == 6
        assert mac(KEY_1, "ab", b"c", suite=suite) in codes

    @given(
        left=st.lists(st.binary(max_size=6), max_size=4), right=st.lists(st.binary(max_size=6), max_size=4)
    )
    def test_two_lists_of_parts_are_framed_alike_only_if_they_are_equal(
        self, left: list[bytes], right: list[bytes]
    ) -> None:
        assert (frame(*left) == frame(*right)) == (left == right)

    def test_comparing_takes_text_and_bytes(self) -> None:
        assert same("王", "王".encode())
        assert not same("a", "b")
        assert not same(b"a", b"")


class TestBlindIndex:
    def test_equal_values_of_one_column_have_equal_indexes_of_64_hex_digits(self, suite: Suite) -> None:
        index = BlindIndex(KEY_1, suite)

        assert index.of("person", "id_no", "x") == BlindIndex(KEY_1, suite).of("person", "id_no", "x")
        assert len(index.of("person", "id_no", "x")) == 64
        assert int(index.of("person", "id_no", "x"), 16) >= 0

    def test_another_column_value_or_key_has_another_index(self, suite: Suite) -> None:
        index = BlindIndex(KEY_1, suite)
        indexes = {
            index.of("person", "id_no", "x"),
            index.of("person", "phone", "x"),
            index.of("account", "id_no", "x"),
            index.of("person", "id_no", "X"),
            BlindIndex(KEY_2, suite).of("person", "id_no", "x"),
        }

        assert len(indexes) == 5
