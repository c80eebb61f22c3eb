"""Electronic signatures: one key pair a signer, the algorithm by configuration.

Ed25519 (RFC 8032) or ECDSA over P-256 with SHA-256 (FIPS 186-5). SM2 is not in `cryptography`; where a region asks for it,
an HSM or the certificate authority's service signs instead, behind the same three functions. A signature names its
algorithm, so that papers signed before a change of configuration stay checkable.
"""

import base64
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from app.kit.crypto import frame

# Part of every signed message, so that what is signed here can never be taken for something signed elsewhere.
_LABEL: Final = "kit.signing/1"


class SignatureAlgorithm(StrEnum):
    """How a signature was made."""

    ED25519 = "ed25519"
    ECDSA_P256 = "ecdsa-p256"


class _Configured:
    algorithm = SignatureAlgorithm.ED25519


def configure(algorithm: SignatureAlgorithm) -> None:
    """Say how this process signs; what was signed otherwise stays checkable."""
    _Configured.algorithm = algorithm


def algorithm() -> SignatureAlgorithm:
    """How this process signs."""
    return _Configured.algorithm


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A signer's keys: ``private`` as base64 of PKCS 8 (to be kept sealed), ``public`` as base64 of SubjectPublicKeyInfo."""

    algorithm: SignatureAlgorithm
    private: str = field(repr=False)
    public: str


def new_key_pair(by: SignatureAlgorithm) -> KeyPair:
    """Fresh keys."""
    key = (
        Ed25519PrivateKey.generate()
        if by is SignatureAlgorithm.ED25519
        else ec.generate_private_key(ec.SECP256R1())
    )
    private = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return KeyPair(by, base64.b64encode(private).decode(), base64.b64encode(public).decode())


def sign(keys: KeyPair, purpose: str, text: str) -> str:
    """The signature over ``text`` made for one ``purpose``, as base64."""
    message = frame(_LABEL, keys.algorithm.value, purpose, text)
    key = serialization.load_der_private_key(base64.b64decode(keys.private), password=None)
    if isinstance(key, Ed25519PrivateKey):
        signature = key.sign(message)
    elif isinstance(key, ec.EllipticCurvePrivateKey):
        signature = key.sign(message, ec.ECDSA(hashes.SHA256()))
    else:
        raise TypeError(f"{type(key).__name__} is no key for signing here")
    return base64.b64encode(signature).decode()


def is_signed(by: SignatureAlgorithm, public: str, purpose: str, text: str, signature: str) -> bool:
    """Whether the holder of the key to ``public`` signed exactly this text for this purpose."""
    message = frame(_LABEL, by.value, purpose, text)
    try:
        key = serialization.load_der_public_key(base64.b64decode(public, validate=True))
        made = base64.b64decode(signature, validate=True)
        if by is SignatureAlgorithm.ED25519 and isinstance(key, Ed25519PublicKey):
            key.verify(made, message)
            return True
        if by is SignatureAlgorithm.ECDSA_P256 and isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(made, message, ec.ECDSA(hashes.SHA256()))
            return True
    except (InvalidSignature, ValueError):
        return False
    return False
