"""Personal data made safe to show (masks) and to log (scrubbing)."""

import re
from typing import Final


def mask_name(name: str) -> str:
    """Family name and last character: 王小明 → 王*明, 王明 → 王*; one character is hidden altogether."""
    name = name.strip()
    if len(name) <= 2:
        return name[: len(name) - 1] + "*" if name else ""
    return name[0] + "*" * (len(name) - 2) + name[-1]


def mask_id_no(id_no: str) -> str:
    """First three and last four of a resident ID number: 610***********1234.

    Three digits tell the province and no more; six would tell the county. Of shorter numbers (birth
    certificates, passports) one and two characters stay, of those below six none.
    """
    id_no = id_no.strip()
    if len(id_no) >= 15:
        return _keep(id_no, 3, 4)
    return _keep(id_no, 1, 2) if len(id_no) >= 6 else "*" * len(id_no)


def mask_phone(phone: str) -> str:
    """First three and last four of a mobile number: 138****5678, without its country code; of others two."""
    digits = re.sub(r"[\s-]", "", phone)
    digits = re.sub(r"^(?:\+|00)?86(?=1\d{10}$)", "", digits)
    if re.fullmatch(r"1\d{10}", digits):
        return _keep(digits, 3, 4)
    return _keep(digits, 0, 2) if len(digits) >= 6 else "*" * len(digits)


def _keep(text: str, head: int, tail: int) -> str:
    return text[:head] + "*" * (len(text) - head - tail) + text[len(text) - tail :]


# At each place the alternatives are tried in this order. Numbers may be in groups and in full-width digits.
# None of them searches again what another place has tried, so that the time grows with the text only.
# A number after "0." is a fraction and stays; so do UUIDs and hashes, which may hold any digits.
_SENSITIVE: Final = re.compile(
    r"""
    (?P<keep> (?<![0-9A-Za-z]) (?: [0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}
                                 | [0-9a-fA-F]{64} | [0-9a-fA-F]{40} | [0-9a-fA-F]{32} ) (?![0-9A-Za-z]) )
  | (?P<token> (?<![\w-]) eyJ[\w-]+(?:\.[\w-]*){1,4} | (?<![A-Za-z])(?i:bearer)[ ]+[\w.~+/-]{20,}=* )
  | (?P<secret> (?P<field> (?<![A-Za-z_])
                           (?i: [A-Za-z_]{0,32}? (?: token | secret | password | js_code
                                                   | session_key | authorization ) )
                           ["']? [ ]*[:=][ ]* ["']? )
                (?: (?i:bearer|basic)[ ]+ )? [^\s"'&,;{}()\[\]]+ )
  | (?P<code> (?<!\d)(?<!\d\.) \d{4}(?:[ -]?\d{4}){6} (?!\d) )
  | (?P<id> (?<!\d)(?<!\d\.) (?: \d{6}[ -]?\d{8}[ -]?\d{3}[\dXxＸｘ] (?!\d)
                               | (?<![0-9A-Za-z]) \d{15} (?![0-9A-Za-z]) ) )
  | (?P<phone> (?<!\d)(?<!\d\.) (?: [+]?86[ -]?)? [1１][3-9３-９]\d[ -]?\d{4}[ -]?\d{4} (?!\d) )
    """,
    re.VERBOSE,
)


def scrub(text: str) -> str:
    """Replace what looks like an ID number, a mobile number, a 28-digit code, a token or a secret.

    A net for what should not have been written at all: names and addresses cannot be told from other words.
    """
    return _SENSITIVE.sub(_replacement, text)


def _replacement(found: re.Match[str]) -> str:
    kind = found.lastgroup
    if kind == "keep":
        return found.group()
    if found["secret"] is not None:
        return f"{found['field']}[secret]"
    return f"[{kind}]"
