"""The ledger's tables. Transactions and entries are only ever added; of an account the balance alone changes."""

from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Base, Choice, refers

ACCOUNT_LENGTH: Final = 64
BATCH_NO_LENGTH: Final = 40


class TransactionKind(StrEnum):
    """Why money moved. With ``reference_id`` it is the transaction's identity."""

    OPENING = "opening"  # what a personal account began with; reference: the coverage
    TOP_UP = "top_up"  # contributions; reference: made of region, batch and person (app.ledger.top_up)
    SETTLEMENT = "settlement"
    UNDO = "undo"  # the counter entries of a settlement


class AccountKind(StrEnum):
    """The sides between which money moves. Only a personal account has a balance row, and only it may not run out."""

    FUND = "fund"  # of a pooling region and insurance: "6109:310"
    RELIEF = "relief"  # medical relief (医疗救助), by region; its money is not the pooled fund's
    PERSONAL = "personal"  # by PersonalAccount.id
    CASH = "cash"  # what people paid at an institution's counter, by its id; it comes from outside: negative
    PAYABLE = "payable"  # what an institution earned, by its id; with its cash: what it is still owed
    CONTRIBUTIONS = "contributions"  # where the personal accounts' money comes from, by region: negative


class PersonalAccount(Base):
    """An employee's own medical money (个人账户), one for each coverage. ``balance_fen`` is the sum of its entries.

    ``seal`` covers whose it is; what is in it is held by the entries.
    """

    __tablename__ = "personal_account"
    __table_args__ = (CheckConstraint("balance_fen >= 0", name="balance_not_negative"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(refers("person.id"), index=True)
    coverage_id: Mapped[UUID] = mapped_column(refers("coverage.id"), unique=True)
    balance_fen: Mapped[int] = mapped_column(BigInteger)
    opened_at: Mapped[datetime]
    seal: Mapped[str] = mapped_column(String(64))


class LedgerTransaction(Base):
    """Money that moved at once. ``seal`` covers it with all its entries. ``person_id``: of whom it is, the patient."""

    __tablename__ = "ledger_transaction"
    __table_args__ = (
        Index("uq_ledger_transaction_kind_reference_id", "kind", "reference_id", unique=True),
        # Few transactions belong to a batch; those of bills stay out of it.
        Index(
            "ix_ledger_transaction_batch_no",
            "batch_no",
            sqlite_where=text("batch_no IS NOT NULL"),
            postgresql_where=text("batch_no IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[TransactionKind] = mapped_column(Choice(TransactionKind, 16))
    reference_id: Mapped[UUID]
    person_id: Mapped[UUID | None] = mapped_column(refers("person.id"), index=True)
    day: Mapped[date]
    batch_no: Mapped[str | None] = mapped_column(String(BATCH_NO_LENGTH))
    seal: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]


class LedgerEntry(Base):
    """One side of a transaction; positive: into the account.

    ``person_id``: of a personal account its holder (whoever is treated), of other sides the transaction's person. It is
    no foreign key: the transaction has one, the seal covers this one, and five more to check would cost every settlement.
    """

    __tablename__ = "ledger_entry"

    transaction_id: Mapped[UUID] = mapped_column(refers("ledger_transaction.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account_kind: Mapped[AccountKind] = mapped_column(Choice(AccountKind, 16))
    account: Mapped[str] = mapped_column(String(ACCOUNT_LENGTH))
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    # Leads to all entries of a personal account too: a person has one or two.
    person_id: Mapped[UUID | None] = mapped_column(index=True)
