"""Takes personal data out of what QA prints: journals are read by many and kept for long."""

import re
from collections.abc import Collection

# Bounded by anything but a letter or digit, so that UUIDs, hashes and timestamps stay whole.
_START, _END = r"(?<![0-9A-Za-z])", r"(?![0-9A-Za-z])"
_TOKEN = re.compile(r"eyJ[\w-]{5,}\.[\w-]+\.[\w-]*")
_VOUCHER_CODE = re.compile(rf"{_START}\d{{28}}{_END}")
_ID_NUMBER = re.compile(rf"{_START}(?:\d{{17}}[\dXx]|\d{{15}}){_END}")
_BIRTH_CERTIFICATE = re.compile(rf"{_START}[A-Z]\d{{9}}{_END}")
_PHONE = re.compile(rf"{_START}(?:(?:\+|00)?86[ -]?)?1[3-9]\d[ -]?\d{{4}}[ -]?\d{{4}}{_END}")


def mask_name(name: str) -> str:
    """王* for 王明, 王*明 for 王小明, 欧**娜 for 欧阳娜娜; a single character stays."""
    if len(name) <= 1:
        return name
    return name[0] + "*" * max(1, len(name) - 2) + (name[-1] if len(name) > 2 else "")


def scrub(text: str, names: Collection[str] = ()) -> str:
    """The text without ID numbers, birth-certificate numbers, mobile numbers, voucher codes and tokens, and
    with the given names masked."""
    text = _TOKEN.sub("[token]", text)
    text = _VOUCHER_CODE.sub(lambda found: "*" * 24 + found[0][-4:], text)
    text = _ID_NUMBER.sub(lambda found: found[0][:3] + "*" * (len(found[0]) - 7) + found[0][-4:], text)
    text = _BIRTH_CERTIFICATE.sub(lambda found: found[0][0] + "*" * 6 + found[0][-3:], text)
    text = _PHONE.sub(_masked_phone, text)
    for name in sorted(names, key=len, reverse=True):
        if len(name) > 1:
            text = text.replace(name, mask_name(name))
    return text


def _masked_phone(found: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", found[0])[-11:]
    return f"{digits[:3]}****{digits[-4:]}"
