"""Employees with personal accounts, and money that moves, for tests.

till = Till(parts); account = till.account(100_00); till.settle(account, 25_00)
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.gateways.parts import Parts
from app.identity import register
from app.identity.models import Coverage, InsuType, Person
from app.kit import clock, ids
from app.ledger import checking
from app.ledger import service as ledger
from app.ledger.checking import Finding, Progress
from app.ledger.service import Account, Entry, Posted, TransactionKind
from tests.somebody import id_number, numbers, person_name

REGION = "6109"
DAY = date(2026, 3, 2)
HOSPITAL = UUID("01a1ffb0-76c0-7382-8a7c-6dc1df3e4e5c")


def bill(account: Account, account_fen: int, *, fund_fen: int = 60_00, cash_fen: int = 15_00) -> list[Entry]:
    """A bill that fund, account and cash pay."""
    return [
        ledger.fund(REGION, "310", -fund_fen),
        ledger.personal(account.id, account.person_id, -account_fen),
        ledger.cash(HOSPITAL, -cash_fen),
        ledger.payable(HOSPITAL, fund_fen + account_fen + cash_fen),
    ]


class Till:
    """Works in the database of ``parts``."""

    def __init__(self, parts: Parts) -> None:
        self.database = parts.database

    def employee(self, opening_fen: int = 0, **traits: Any) -> tuple[Person, Coverage]:
        """Somebody insured as an employee (or as traits say) whose account nobody has opened yet."""

        def enter(session: Session) -> tuple[Person, Coverage]:
            number = next(numbers)
            # Another birthday too, for a day has a thousand numbers only.
            born = clock.today() - timedelta(days=30 * 366 + number % 3_000)
            person = register.add_person(session, name=person_name(number), id_no=id_number(REGION, born))
            details = {
                "insutype": InsuType.EMPLOYEE,
                "region_code": REGION,
                "begin_date": date(2020, 1, 1),
                "opening_balance_fen": opening_fen,
            }
            return person, register.add_coverage(session, person, **{**details, **traits})

        return self.database.run(enter)

    def open(self, person: Person, cover: Coverage) -> Account:
        return self.database.run(
            lambda session: ledger.lock_accounts_of(session, [(person.id, cover)])[cover.id]
        )

    def account(self, opening_fen: int = 0) -> Account:
        """A new employee's account."""
        return self.open(*self.employee(opening_fen))

    def settle(self, account: Account, account_fen: int, *, reference_id: UUID | None = None) -> Posted:
        """A bill of which the account pays so much."""
        return self.post(bill(account, account_fen), account.person_id, reference_id=reference_id)

    def post(
        self,
        entries: Sequence[Entry],
        person_id: UUID,
        *,
        kind: TransactionKind = TransactionKind.SETTLEMENT,
        reference_id: UUID | None = None,
    ) -> Posted:
        reference = reference_id or ids.new_id()
        return self.database.run(
            lambda session: ledger.post(session, kind, reference, person_id, DAY, entries)
        )

    def balance(self, account: Account) -> int:
        with self.database.reading() as session:
            return ledger.accounts_of_coverages(session, [account.coverage_id])[
                account.coverage_id
            ].balance_fen

    def findings(self) -> list[Finding]:
        return [step for step in checking.check(self.database) if isinstance(step, Finding)]

    def checked(self) -> Progress:
        [*_, last] = checking.check(self.database)
        assert isinstance(last, Progress)
        return last

    def count(self, table: str) -> int:
        with self.database.reading() as session:
            return int(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())

    def tamper(self, statement: str, **values: object) -> None:
        """Change the database as somebody does who owns it: with no seal, no rule and no foreign key in the way."""
        with self.database.engine.connect() as connection:
            if self.database.is_sqlite:
                connection.connection.execute("PRAGMA foreign_keys=OFF")
                connection.connection.execute("PRAGMA ignore_check_constraints=ON")
            else:
                connection.execute(text("SET session_replication_role = replica"))
                connection.execute(
                    text(
                        "ALTER TABLE personal_account DROP CONSTRAINT IF EXISTS "
                        "ck_personal_account_balance_not_negative"
                    )
                )
            assert connection.execute(text(statement), values).rowcount > 0
            connection.commit()
            connection.invalidate()  # the next one finds the rules again
