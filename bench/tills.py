"""Pharmacies with their terminals, and employees with a voucher on their phone and money in their personal account."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any, Final
from uuid import UUID, uuid4

from app.gateways.parts import Parts
from app.identity import register, sessions
from app.identity.actor import OrganisationKind
from app.identity.models import CoverageStatus, InsuType
from app.identity.tokens import TokenType, read
from app.kit import clock
from app.kit.passwords import Passwords
from app.ledger import service as ledger
from app.ledger.models import PersonalAccount
from app.ledger.posting import Posting, post_many
from app.ledger.seals import seal_of_account
from app.places import service as places
from app.places.models import InstitutionType
from app.vouchers import codes, tokens
from app.vouchers.business import BusinessType
from app.vouchers.keys import voucher_keys
from app.vouchers.models import DeviceState, Voucher, VoucherDevice, VoucherState
from bench import people
from bench.database import Database
from bench.keys import Kind, key
from bench.people import CopiedTable, Progress, Row, columns_of
from bench.plan import Crowd

REGION: Final = "2305"
"""双鸭山: the fund pays at its pharmacies, above a deductible."""
PHARMACIES: Final = 20
OPENING_FEN: Final = 1_000_000_00
"""More than anybody spends in a run, so that all bills are paid alike."""
SLOT: Final = 0
FIRST: Final = 1_000
"""The number of the first person."""
_INSURED_SINCE: Final = date(2020, 1, 1)


@dataclass(frozen=True)
class Till:
    """A pharmacy's terminal that is signed in."""

    token: str
    account_id: UUID
    organisation_id: UUID
    institution_id: UUID
    session_id: UUID

    def ec_token(self, number: int, step: int) -> str:
        """What this terminal would have been given for a code of a person that it scanned just now."""
        token = tokens.EcToken(
            handle=handle(number),
            slot=SLOT,
            step=step,
            person_id=key(Kind.PERSON, number),
            organisation_id=self.organisation_id,
            account_id=self.account_id,
            business=BusinessType.PHARMACY_PURCHASE,
        )
        return tokens.make_token(token, clock.now())


def open_tills(parts: Parts, count: int = PHARMACIES) -> list[Till]:
    """Pharmacies of REGION, each with a terminal."""
    cheap = Passwords(memory_kib=64, rounds=1, lanes=1)
    found = []
    with parts.database.writing() as session:
        for number in range(count):
            pharmacy = places.add_institution(
                session,
                code=f"P2305{number:07d}",
                name=f"第{number}大药房",
                kind=InstitutionType.PHARMACY,
                region_code=f"{REGION}02",
                address="人民路 1 号",
            )
            organisation = register.add_organisation(
                session,
                kind=OrganisationKind.INSTITUTION,
                name=pharmacy.name,
                region_code=f"{REGION}02",
                institution_id=pharmacy.id,
            )
            account = register.add_terminal(
                session,
                cheap,
                organisation,
                f"bench-till-{number}",
                "bench-secret-of-a-till-which-nobody-guesses",
            )
            token = sessions.begin(session, parts, account).access_token
            claims = read(parts.token_key, TokenType.ACCESS, token)
            found.append(Till(token, account.id, organisation.id, pharmacy.id, claims.session_id))
    return found


def enter(parts: Parts, database: Database, crowd: Crowd, progress: Progress) -> None:
    """Write a crowd of employees. What they have comes in through the ledger, so that its check finds all in order."""
    people.enter(database, crowd, progress, tables=_TABLES)
    today, numbers = clock.today(), iter(range(crowd.first, crowd.first + crowd.count))
    while batch := list(islice(numbers, people.BATCH)):
        openings = [_opening(number, today) for number in batch]
        with parts.database.writing() as session:
            post_many(session, openings)


def handle(number: int) -> str:
    """What stands in the codes of a person."""
    return f"{number:011d}"


def code(number: int) -> str:
    """The code that a person's phone shows now."""
    return codes.make(voucher_keys(), handle(number), SLOT, codes.step_at(clock.now()))


def bill(till: Till, number: int, step: int) -> dict[str, Any]:
    """2206 or 2207: 650 yuan of medicine, part of it of class B and C, with a code that pays for the first time."""
    lines = [
        _line("国药准字A", "01", "400.00"),
        _line("国药准字B", "02", "230.00"),
        _line("保健品", "03", "20.00"),
    ]
    given = {
        "mdtrt_cert_type": "01",
        "mdtrt_cert_no": till.ec_token(number, step),
        "med_type": "41",
        "mdtrt_id": "V1",
        "chrg_bchno": uuid4().hex[:30],
        "medfee_sumamt": "650.00",
        "feedetail": lines,
    }
    return {"msgid": uuid4().hex, "input": {"data": given}}


def _line(name: str, line_class: str, amount: str) -> dict[str, Any]:
    return {
        "med_list_codg": name,
        "med_list_name": name,
        "chrgitm_lv": line_class,
        "med_chrgitm_type": "09",
        "cnt": 1,
        "pric": amount,
        "det_item_fee_sumamt": amount,
    }


def _opening(number: int, today: date) -> Posting:
    holder, account_id = key(Kind.PERSON, number), key(Kind.PURSE, number)
    entries = (
        ledger.contributions(REGION, -OPENING_FEN),
        ledger.personal(account_id, holder, OPENING_FEN),
    )
    return Posting(ledger.TransactionKind.OPENING, key(Kind.COVERAGE, number), holder, today, entries)


def _coverage(number: int) -> Row:
    return (
        key(Kind.COVERAGE, number),
        key(Kind.PERSON, number),
        InsuType.EMPLOYEE.value,
        REGION,
        CoverageStatus.ACTIVE.value,
        _INSURED_SINCE,
        False,
        False,
        False,
        OPENING_FEN,
        clock.now(),
    )


def _purse(number: int) -> Row:
    row = {
        "account_id": key(Kind.PURSE, number),
        "person_id": key(Kind.PERSON, number),
        "coverage_id": key(Kind.COVERAGE, number),
    }
    now = clock.now()
    return (*row.values(), 0, now, seal_of_account(**row, opened_at=now))


def _voucher(number: int) -> Row:
    return (
        key(Kind.VOUCHER, number),
        key(Kind.PERSON, number),
        handle(number),
        VoucherState.ACTIVE.value,
        clock.now(),
    )


def _device(number: int) -> Row:
    return (
        key(Kind.DEVICE, number),
        key(Kind.VOUCHER, number),
        key(Kind.PERSON, number),
        key(Kind.ACCOUNT, number),
        f"{number:064x}",
        SLOT,
        DeviceState.ACTIVE.value,
        clock.now(),
    )


def _tables() -> Iterator[CopiedTable]:
    for table in people.TABLES:
        yield table if table.name != "coverage" else CopiedTable("coverage", table.columns, _coverage)
    yield CopiedTable("personal_account", columns_of(PersonalAccount), _purse)
    yield CopiedTable("voucher", columns_of(Voucher, leave=("revoked_at",)), _voucher)
    yield CopiedTable("voucher_device", columns_of(VoucherDevice, leave=("name_sealed", "ended_at")), _device)


_TABLES: Final = tuple(_tables())
