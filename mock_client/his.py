"""A stand-in for the systems of hospitals, clinics and pharmacies: it keeps the institution's own book of bills, and
speaks the national envelope with the habits of one of several makers.

What gets no answer is sent again under the same number; what never gets one is reversed (2601), for else nobody would
know whether it was paid. What the centre refuses raises ``Declined``.
"""

import itertools
import random
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from mock_client.answers import NoSignal
from mock_client.api import Api
from mock_client.api.terminal import Header
from mock_client.bills import Bill, fen, in_yuan
from mock_client.clock import CHINA
from mock_client.device import Phone
from mock_client.people import Terminal

Input = dict[str, Any]
Proof = Mapping[str, str]
"""How somebody is identified at the counter: mdtrt_cert_type and what belongs to it."""

TRIES: Final = 3
"""How often a message is sent before the till gives up on its answer."""
SESSION_S: Final = 15 * 60
"""Half of what a token lasts."""
BUSY: Final = range(900, 1000)
STANDS_PAID: Final = 504
"""The bill was paid by another message than the one that was to be reversed."""
AMOUNTS: Final = ("medfee_sumamt", "fund_pay_sumamt", "acct_pay", "acct_mulaid_pay", "psn_cash_pay")


@dataclass(frozen=True)
class Habits:
    """How one maker's systems write the envelope. All of it is the same message."""

    maker: str
    amount: Callable[[int], object]
    """Fen as it writes yuan."""
    place: str
    """Where the fields stand: ``flat`` in input, under ``data``, or under data with the lists ``beside``."""
    header: bool
    """Whether it fills in the whole head of the envelope."""
    flags: tuple[object, object] = ("0", "1")
    own_numbers: bool = False
    """Whether its book numbers settlements itself, so that setl_id there is none of the centre's."""


def _number(amount_fen: int) -> object:
    return float(Decimal(amount_fen) / 100)


def _short(amount_fen: int) -> object:
    return f"{(Decimal(amount_fen) / 100).normalize():f}"


SHU, LAN, QING = (
    Habits("蜀康 HIS", _number, "data", header=True),
    Habits("蓝桥收费系统", in_yuan, "flat", header=False, own_numbers=True),
    Habits("青松 HIS", _short, "beside", header=True, flags=(False, True)),
)
"""Amounts as 12.3, "12.30" and "12.3"."""
MAKERS: Final = (SHU, LAN, QING)


def habits_of(terminal: Terminal) -> Habits:
    """Of which maker an institution's system is: always the same, and different ones at different institutions."""
    return MAKERS[zlib.crc32(terminal.code.encode()) % len(MAKERS)]


class Declined(Exception):  # noqa: N818 - says what happened
    """The centre refused a transaction: its infcode and words, the fields that were wrong, and what else its output says."""

    def __init__(self, answer: Mapping[str, Any]) -> None:
        self.infcode = int(answer["infcode"])
        self.words = str(answer["err_msg"])
        self.output: Mapping[str, Any] = answer["output"] or {}
        self.fields: Sequence[Mapping[str, str]] = self.output.get("errors", ())
        super().__init__(f"{self.infcode}: {self.words}")


class Reversed(Exception):  # noqa: N818 - says what happened
    """No answer came, and the bill was reversed. ``undone``: what the centre says it had paid, or None."""

    def __init__(self, undone: Mapping[str, Any] | None) -> None:
        self.undone = undone
        super().__init__("no answer came, and the order was reversed")


@dataclass(frozen=True)
class Letter:
    """A message as it is sent, and sent again: the same number and the same fields."""

    infno: str
    msgid: str
    input: Input = field(repr=False)


class His:
    """One institution's system at one till."""

    def __init__(self, terminal: Terminal, phone: Phone, habits: Habits, seed: str) -> None:
        self.terminal = terminal
        self.phone = phone
        self.habits = habits
        self.api = Api(phone)
        self._signed_in_at: float | None = None
        self.book: dict[str, Mapping[str, Any]] = {}
        """setl_id → setlinfo of what stands paid, as this institution believes."""
        self._serials = itertools.count(random.Random(f"his:{seed}:{terminal.client_id}").randrange(10**6))

    def sign_in(self) -> bool:
        """With its id and secret, unless it did so lately: a till stays signed in from one patient to the next."""
        now = self.phone.clock.monotonic()
        if self._signed_in_at is not None and now - self._signed_in_at < SESSION_S:
            return False
        self.phone.remember(
            self.api.sign_in_as_terminal(self.terminal.client_id, self.terminal.client_secret)
        )
        self._signed_in_at = now
        return True

    def letter(self, infno: str, fields: Mapping[str, Any]) -> Letter:
        """A new message under a new number: institution (12), time (14) and four digits, as the platform's are."""
        return Letter(
            infno, f"{self.terminal.code}{self._now():%Y%m%d%H%M%S}{self._serial(4)}", self._placed(fields)
        )

    def send(self, letter: Letter) -> Mapping[str, Any]:
        """Send it once: the output. Raises Declined, or NoSignal when no answer came."""
        transact: Callable[..., Mapping[str, Any]] = getattr(self.api, f"transact_{letter.infno}")
        answer = transact(letter.msgid, letter.input, self._header())
        if answer["infcode"] != 0:
            raise Declined(answer)
        output: Mapping[str, Any] = answer["output"] or {}
        return output

    def ask(self, infno: str, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        """Send a new message until it is answered."""
        return self.insist(self.letter(infno, fields))

    def insist(self, letter: Letter, tries: int = TRIES) -> Mapping[str, Any]:
        """Send the same message until it is answered, waiting a little while the centre is busy. Raises NoSignal."""
        for left in reversed(range(tries)):
            try:
                return self.send(letter)
            except NoSignal:
                if not left:
                    raise
            except Declined as declined:
                if not left or declined.infcode not in BUSY:
                    raise
                self.phone.clock.sleep(self.phone.transport.pace)
        raise AssertionError("unreachable")

    def settling(self, bill: Bill, proof: Proof) -> Letter:
        """The message that settles a bill."""
        return self.letter("2207", self.fields_of(bill, proof))

    def settle(self, letter: Letter) -> Mapping[str, Any]:
        """Settle and book. Raises Declined; Reversed where no try was answered."""
        try:
            output = self.insist(letter)
        except NoSignal:
            raise Reversed(self.reverse(letter)) from None
        self.enter(output["setlinfo"])
        return output

    def reverse(self, letter: Letter) -> Mapping[str, Any] | None:
        """Take back whatever a settling message did, or will have done when it arrives: what was undone, or None.

        Where the bill turns out to stand by another message of ours, that one is reversed: only then is nothing paid.
        """
        undone = self._reversed(letter, letter.msgid)
        if undone is not None:
            self.book.pop(undone["setl_id"], None)
        return undone

    def _reversed(self, letter: Letter, msgid: str, tries: int = TRIES) -> Mapping[str, Any] | None:
        try:
            undone: Mapping[str, Any] | None = self.insist(self.reversal(letter, msgid), 10 * TRIES)[
                "setlinfo"
            ]
        except Declined as declined:
            if declined.infcode != STANDS_PAID or tries == 1:
                raise
            return self._reversed(letter, declined.output["standing"]["msgid"], tries - 1)
        return undone

    def reversal(self, letter: Letter, msgid: str | None = None) -> Letter:
        """The message that reverses a settling one, or another message (msgid) of the same bill."""
        fields = self._flattened(letter)
        return self.letter(
            "2601",
            {
                "omsgid": msgid or letter.msgid,
                "oinfno": letter.infno,
                "mdtrt_id": fields["mdtrt_id"],
                "chrg_bchno": fields["chrg_bchno"],
            },
        )

    def undo(self, settled: Mapping[str, Any]) -> Mapping[str, Any]:
        """2208: take a settlement back, whole."""
        output = self.ask("2208", {name: settled[name] for name in ("setl_id", "psn_no", "mdtrt_id")})
        self.book.pop(settled["setl_id"], None)
        return output

    def enter(self, settled: Mapping[str, Any]) -> None:
        """Book a bill as paid."""
        self.book[settled["setl_id"]] = settled

    def booked(self, part: tuple[str, str] | None = None) -> Sequence[Mapping[str, Any]]:
        """All bills in the book, or those settled from when to when."""
        return [row for row in self.book.values() if part is None or part[0] <= row["setl_time"] <= part[1]]

    def reconcile(self, part: tuple[str, str] | None = None) -> Mapping[str, Any]:
        """3201 for today with every bill, so that differences are named; or a part of today: from when to when."""
        rows = self.booked(part)
        today = f"{self._now():%Y-%m-%d}"
        sums = {name: self.habits.amount(sum(fen(row[name]) for row in rows)) for name in AMOUNTS}
        return self.ask(
            "3201",
            {
                "stmt_begndate": today,
                "stmt_enddate": today,
                **({} if part is None else {"begntime": part[0], "endtime": part[1]}),
                **sums,
                "fixmedins_setl_cnt": str(len(rows)),
                "detail": [self._row(row) for row in rows],
            },
        )

    def _row(self, row: Mapping[str, Any]) -> dict[str, object]:
        """A bill as it stands in the book; not all makers keep the centre's number."""
        setl_id = f"{self.terminal.code}-{row['chrg_bchno']}" if self.habits.own_numbers else row["setl_id"]
        numbers = {"setl_id": setl_id, "mdtrt_id": row["mdtrt_id"], "chrg_bchno": row["chrg_bchno"]}
        return {**numbers, **{name: self.habits.amount(fen(row[name])) for name in AMOUNTS}}

    def fields_of(self, bill: Bill, proof: Proof) -> Input:
        """A bill as 2206 and 2207 take it."""
        optional = {"dise_codg": bill.disease, "setl_time": bill.day}
        amount, flags = self.habits.amount, self.habits.flags
        return {
            **proof,
            "mdtrt_id": bill.visit_no,
            "chrg_bchno": bill.number,
            "med_type": bill.med_type,
            "medfee_sumamt": amount(bill.total_fen),
            "acct_used_flag": flags[bill.use_account],
            **({"er_flag": flags[True]} if bill.urgent else {}),
            **{name: value for name, value in optional.items() if value is not None},
            "feedetail": [
                {
                    "feedetl_sn": str(number),
                    "med_list_codg": item.code,
                    "med_list_name": item.name,
                    "chrgitm_lv": item.level,
                    "med_chrgitm_type": item.kind,
                    "cnt": item.count,
                    "pric": amount(item.price_fen),
                    "det_item_fee_sumamt": amount(item.amount_fen),
                }
                for number, item in enumerate(bill.items, 1)
            ],
        }

    def new_numbers(self) -> tuple[str, str]:
        """A visit's and a bill's own numbers."""
        stamp = f"{self._now():%y%m%d%H%M%S}"
        return f"V{stamp}{self._serial(6)}", f"B{stamp}{self._serial(6)}"

    def _serial(self, digits: int) -> str:
        return f"{next(self._serials) % 10**digits:0{digits}d}"

    def _now(self) -> datetime:
        return self.phone.clock.now().astimezone(CHINA)

    def _header(self) -> Header:
        if not self.habits.header:
            return {}
        return {
            "mdtrtarea_admvs": self.terminal.code[1:7],
            "infver": "V1.0",
            "opter_type": "1",
            "opter": "till-1",
            "inf_time": f"{self._now() - timedelta(seconds=1):%Y-%m-%d %H:%M:%S}",
            "fixmedins_code": self.terminal.code,
            "fixmedins_name": self.terminal.institution,
        }

    def _placed(self, fields: Mapping[str, Any]) -> Input:
        if self.habits.place == "flat":
            return dict(fields)
        if self.habits.place == "data":
            return {"data": dict(fields)}
        lists = {name: value for name, value in fields.items() if isinstance(value, list)}
        return {"data": {name: value for name, value in fields.items() if name not in lists}, **lists}

    @staticmethod
    def _flattened(letter: Letter) -> Mapping[str, Any]:
        return {**letter.input, **letter.input.get("data", {})}


def amounts_fen(settled: Mapping[str, Any]) -> dict[str, int]:
    """What each side paid, in fen."""
    return {name: fen(settled[name]) for name in AMOUNTS}
