"""The national envelope: what a terminal sends is read into a ``Message``, what it gets is put together.

Sent: {infno, msgid, …, input}. Only msgid and input are required. ``input`` holds a transaction's fields directly, or
under ``data`` with lists (feedetail) beside it or inside; all three are in use. What we need not know (signtype,
cainfo, opter_name, …) is read past, whatever it holds, but unknown names are refused, for a misspelt field is money
lost; so is a name that stands twice.

Answered, always with HTTP 200 once the body was a JSON object: {infcode, inf_refmsgid, refmsg_time, respond_time,
err_msg, output}. A refused message has an infcode that is not 0 (``infcodes``), err_msg in words, and where fields are
wrong ``output.errors``. Pure: the HTTP side is in ``edge``.
"""

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final, cast

from app.kit import clock
from app.kit.errors import Problem
from app.kit.sealing import row_seal
from app.kit.text import Text, localize
from app.settlement.errors import TRANSACTION_DIFFERS, message_invalid
from app.settlement.fields import (
    NOT_AN_OBJECT,
    TWICE,
    Field,
    FieldProblem,
    Fields,
    ReadPast,
    Words,
    missing,
    repeats,
)
from app.settlement.infcodes import OK, infcode_of
from app.settlement.parsing import parse

HEADER: Final = Fields(
    Field("infno", Words(10), about="The transaction; may be left out, for the address says it"),
    Field("msgid", Words(64), required=True, about="The message's own number, new for each message"),
    Field("fixmedins_code", Words(12), about="If given: this terminal's own institution"),
    Field("mdtrtarea_admvs", ReadPast(), about="Region of the care"),
    Field("insuplc_admdvs", ReadPast(), about="Region of the insurance"),
    Field("recer_sys_code", ReadPast()),
    Field("dev_no", ReadPast()),
    Field("dev_safe_info", ReadPast()),
    Field("cainfo", ReadPast()),
    Field("signtype", ReadPast()),
    Field("infver", ReadPast()),
    Field("opter_type", ReadPast()),
    Field("opter", ReadPast(), about="Who works at the terminal"),
    Field("opter_name", ReadPast()),
    Field("inf_time", ReadPast()),
    Field("fixmedins_name", ReadPast()),
    Field("sign_no", ReadPast()),
)
_INPUT: Final = "input"
_DATA: Final = "data"

Given = Mapping[str, Any]
Check = Callable[[Given], Sequence[FieldProblem]]
"""Looks at fields that depend on each other; what was unreadable or missing is None. It names fields as the transaction
does (psn_name, feedetail.0.cnt); where they stood in the message is put before."""


@dataclass(frozen=True)
class Transaction:
    """One of the platform's transactions: its number, its name, what its input holds.

    checks: asked after all fields were read, so that everything wrong is said at once. without_contract: also for an
    institution whose contract has ended, which pays no more but must be able to take back and to compare.
    """

    infno: str
    name: Text
    input: Fields
    checks: tuple[Check, ...] = ()
    without_contract: bool = False


@dataclass(frozen=True)
class Message:
    """What came, read. ``given``: the transaction's fields, None where nothing came. ``header``: the envelope's."""

    infno: str
    msgid: str
    header: Given = field(repr=False)
    given: Given = field(repr=False)

    def fingerprint(self) -> str:
        """64 characters that are the same for the same transaction, msgid aside, and for no other one.

        Of what the fields mean, not of how they were written: 12.30 and "12.3" are the same amount. Keyed, for an ID
        number could be guessed from a plain hash.
        """
        plain: dict[str, Any] = json.loads(json.dumps(dict(self.given), default=_plain))
        return row_seal("terminal_message", {"infno": self.infno, "given": plain})


def read_message(body: bytes, transaction: Transaction) -> Message:
    """Read a message. Raises MALFORMED (no JSON object), MESSAGE_INVALID (all problems) or TRANSACTION_DIFFERS."""
    return read_parsed(parse(body), transaction)


def read_parsed(sent: dict[str, Any], transaction: Transaction) -> Message:
    """The same of a body that was parsed."""
    problems = repeats(sent, "")
    header = HEADER.read({name: value for name, value in sent.items() if name != _INPUT}, "", problems)
    path, placed = _places(sent.get(_INPUT), problems)
    given = transaction.input.read_placed(placed, path, problems)
    unreadable = {one.field for one in problems}
    for check in transaction.checks:
        for one in check(given):
            name, dot, rest = one.field.partition(".")
            place = placed[name][0] if name in placed else f"{path}{name}"
            # A check that misses what was unreadable has nothing to add.
            if place not in unreadable:
                problems.append(replace(one, field=f"{place}{dot}{rest}"))
    if header["infno"] not in {None, transaction.infno}:
        raise TRANSACTION_DIFFERS()
    if problems:
        raise message_invalid(problems)
    return Message(transaction.infno, header["msgid"], header, given)


def _places(sent: Any, problems: list[FieldProblem]) -> tuple[str, dict[str, tuple[str, Any]]]:
    """The fields wherever a terminal's habit puts them: name → (path, value); and where a missing one belongs."""
    direct, below = f"{_INPUT}.", f"{_INPUT}.{_DATA}."
    if sent is None:
        problems.append(missing(_INPUT))
    elif not isinstance(sent, dict):
        problems.append(FieldProblem(_INPUT, "not_an_object", NOT_AN_OBJECT))
    if not isinstance(sent, dict):
        return direct, {}
    data = sent.get(_DATA)
    if data is not None and not isinstance(data, dict):
        problems.append(FieldProblem(f"{_INPUT}.{_DATA}", "not_an_object", NOT_AN_OBJECT))
    inner = data if isinstance(data, dict) else {}
    problems.extend([*repeats(sent, direct), *repeats(inner, below)])
    placed = {name: (f"{below}{name}", value) for name, value in inner.items()}
    for name, value in sent.items():
        if name in placed:
            problems.append(FieldProblem(f"{direct}{name}", "twice", TWICE))
        elif name != _DATA:
            placed[name] = (f"{direct}{name}", value)
    return (direct if data is None else below), placed


def request_schema(transaction: Transaction) -> dict[str, Any]:
    """The JSON Schema of a message, for the OpenAPI document."""
    shape = HEADER.schema()
    fields = transaction.input.schema()
    # With data the lists may stand beside it or inside, so nothing is required of either place alone.
    loose = {**fields, "required": []}
    loose.pop("required")
    beside = {name: fields["properties"][name] for name in sorted(transaction.input.lists)}
    wrapped = {
        "type": "object",
        "additionalProperties": False,
        "properties": {_DATA: loose if beside else fields, **beside},
        "required": [_DATA],
    }
    shape["properties"][_INPUT] = {"anyOf": [fields, wrapped]}
    shape["required"] = [*shape["required"], _INPUT]
    return shape


def any_message_schema() -> dict[str, Any]:
    """The JSON Schema of a message whose input may be anything."""
    shape = HEADER.schema()
    shape["properties"][_INPUT] = {"type": "object"}
    return {**shape, "required": [*shape["required"], _INPUT]}


@dataclass(frozen=True)
class Receipt:
    """When a message came and under which number of ours it is answered (inf_refmsgid)."""

    number: str
    at: datetime


def take_in(region_code: str = "") -> Receipt:
    """Number a message: region (6 digits), time (14), random (10), as the platform's own numbers are."""
    now = clock.now().astimezone(clock.CHINA)
    number = f"{region_code[:6].ljust(6, '0')}{now:%Y%m%d%H%M%S}{secrets.randbelow(10**10):010d}"
    return Receipt(number, now)


def answered(receipt: Receipt, output: Mapping[str, Any]) -> dict[str, Any]:
    """The envelope of a transaction that was done."""
    return _envelope(receipt, OK, "", output)


def refused(receipt: Receipt, problem: Problem, language: str) -> dict[str, Any]:
    """The envelope of a refusal, in the reader's language. Its output: the fields that are wrong, or what else the
    terminal's system needs in order to go on (extra's ``output``)."""
    fields = problem.extra.get("fields")
    output = {"errors": localize(fields, language)} if fields else problem.extra.get("output")
    words = problem.detail.in_language(language)
    return _envelope(receipt, infcode_of(problem.kind.code), words, cast("Mapping[str, Any] | None", output))


def _envelope(
    receipt: Receipt, infcode: int, err_msg: str, output: Mapping[str, Any] | None
) -> dict[str, Any]:
    return {
        "infcode": infcode,
        "inf_refmsgid": receipt.number,
        "refmsg_time": _stamp(receipt.at),
        "respond_time": _stamp(clock.now().astimezone(clock.CHINA)),
        "err_msg": err_msg,
        "output": output,
    }


def _stamp(moment: datetime) -> str:
    """yyyyMMddHHmmssSSS in China, as the platform has it in its answers."""
    return f"{moment:%Y%m%d%H%M%S}{moment.microsecond // 1000:03d}"


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a message")
