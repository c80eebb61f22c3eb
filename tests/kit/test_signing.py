"""Electronic signatures: made by one key over one text for one purpose, and by nothing else."""

import base64
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.config import Settings
from app.gateways.parts import build_parts
from app.kit import signing
from app.kit.signing import KeyPair, SignatureAlgorithm, is_signed, new_key_pair, sign

KEYS = {algorithm: (new_key_pair(algorithm), new_key_pair(algorithm)) for algorithm in SignatureAlgorithm}
EACH = pytest.mark.parametrize("algorithm", list(SignatureAlgorithm))


def holds(keys: KeyPair, purpose: str, text: str, signature: str) -> bool:
    return is_signed(keys.algorithm, keys.public, purpose, text, signature)


@EACH
@given(text=st.text(max_size=200))
def test_what_was_signed_is_known_as_signed(algorithm: SignatureAlgorithm, text: str) -> None:
    keys, _ = KEYS[algorithm]

    assert holds(keys, "opinion", text, sign(keys, "opinion", text))


@EACH
@given(
    text=st.text(min_size=1, max_size=60),
    place=st.integers(0, 59),
    to=st.characters(exclude_categories=["Cs"]),
)
def test_one_changed_character_breaks_it(
    algorithm: SignatureAlgorithm, text: str, place: int, to: str
) -> None:
    keys, _ = KEYS[algorithm]
    at = place % len(text)
    changed = text[:at] + to + text[at + 1 :]

    assert holds(keys, "opinion", changed, sign(keys, "opinion", text)) is (changed == text)


@EACH
def test_neither_another_purpose_nor_another_signers_key_fits(algorithm: SignatureAlgorithm) -> None:
    keys, other = KEYS[algorithm]
    signature = sign(keys, "opinion", "认定")

    assert not holds(keys, "approval", "认定", signature)
    assert not holds(other, "opinion", "认定", signature)


def test_a_signature_is_not_taken_for_one_of_another_algorithm() -> None:
    keys, _ = KEYS[SignatureAlgorithm.ED25519]
    signature = sign(keys, "opinion", "认定")

    assert not is_signed(SignatureAlgorithm.ECDSA_P256, keys.public, "opinion", "认定", signature)


@EACH
@pytest.mark.parametrize("broken", ["", "?", "AAAA", base64.b64encode(b"x" * 64).decode()])
def test_rubbish_is_no_signature_and_no_key(algorithm: SignatureAlgorithm, broken: str) -> None:
    keys, _ = KEYS[algorithm]

    assert not holds(keys, "opinion", "认定", broken)
    assert not is_signed(algorithm, broken, "opinion", "认定", sign(keys, "opinion", "认定"))


@EACH
def test_the_private_key_does_not_show(algorithm: SignatureAlgorithm) -> None:
    keys, _ = KEYS[algorithm]

    assert keys.private not in repr(keys)


@EACH
def test_the_setting_says_how_a_process_signs(algorithm: SignatureAlgorithm, settings: Settings) -> None:
    before = signing.algorithm()
    try:
        build_parts(replace(settings, signature_algorithm=algorithm.value)).database.dispose()
        assert signing.algorithm() is algorithm
    finally:
        signing.configure(before)


def test_a_process_does_not_start_with_an_algorithm_that_is_not_there(settings: Settings) -> None:
    with pytest.raises(ValueError, match="rot13"):
        build_parts(replace(settings, signature_algorithm="rot13"))
