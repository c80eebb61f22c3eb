"""Tencent Cloud's request signature TC3-HMAC-SHA256 (签名方法 v3), as the cloud checks it."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Protocol

CLOCK_TOLERANCE_S = 300

_AUTHORIZATION = re.compile(
    r"TC3-HMAC-SHA256 Credential=([^/\s]+)/(\d{4}-\d\d-\d\d)/([a-z0-9]+)/tc3_request, ?"
    r"SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})"
)


class Headers(Protocol):
    """Finds a header in any case, as a web framework's do."""

    def get(self, name: str, default: str) -> str: ...


def failure(
    headers: Headers, payload: bytes, secret_id: str, secret_key: str, now_s: float, *, service: str
) -> str | None:
    """The AuthFailure code of a POST to ``/``, or None when its signature is good."""
    given = _AUTHORIZATION.fullmatch(headers.get("Authorization", ""))
    stamp = headers.get("X-TC-Timestamp", "")
    if given is None or not stamp.isdecimal():
        return "AuthFailure.InvalidAuthorization"
    given_id, day, given_service, signed_headers, signature = given.groups()
    if given_id != secret_id:
        return "AuthFailure.SecretIdNotFound"
    if abs(now_s - int(stamp)) > CLOCK_TOLERANCE_S:
        return "AuthFailure.SignatureExpire"
    names = signed_headers.split(";")
    day_of_stamp = datetime.fromtimestamp(int(stamp), UTC).date().isoformat()
    if day != day_of_stamp or given_service != service or not {"content-type", "host"} <= set(names):
        return "AuthFailure.SignatureFailure"
    canonical = canonical_request({name: headers.get(name, "") for name in names}, payload)
    expected = signature_of(secret_key, day, int(stamp), canonical, service=service)
    return None if hmac.compare_digest(signature, expected) else "AuthFailure.SignatureFailure"


def canonical_request(headers: Mapping[str, str], payload: bytes) -> str:
    """What is signed, for a POST to ``/`` without a query; ``headers`` by their lower-case names."""
    lines = "".join(f"{name}:{headers[name].strip().lower()}\n" for name in sorted(headers))
    return "\n".join(("POST", "/", "", lines, ";".join(sorted(headers)), hashlib.sha256(payload).hexdigest()))


def signature_of(secret_key: str, day: str, stamp: int, canonical: str, *, service: str) -> str:
    """The hex signature over a canonical request; ``day`` is the UTC date of ``stamp``."""
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    to_sign = f"TC3-HMAC-SHA256\n{stamp}\n{day}/{service}/tc3_request\n{digest}"
    key = f"TC3{secret_key}".encode()
    for part in (day, service, "tc3_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, to_sign.encode(), "sha256").hex()
