"""The tables of settling: bills that were paid, the messages that asked for it, and what a person has used in a year."""

from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.identity.models import InsuType
from app.kit.db import Base, Choice, refers
from app.kit.sealing import SealedJson, SealedRow

MSGID_LENGTH: Final = 64
BILL_NUMBER_LENGTH: Final = 30
CLAIM_LENGTH: Final = 2 + max(MSGID_LENGTH, 2 * BILL_NUMBER_LENGTH + 1)
ACCUMULATOR_LENGTH: Final = 64
PAID_COLUMNS: Final = (
    "medfee_fen",
    "fund_pay_fen",
    "acct_pay_fen",
    "acct_mulaid_pay_fen",
    "psn_cash_pay_fen",
)
"""Of a settlement: the bill, and who paid it; these sum to the bill."""
PART_COLUMNS: Final = (
    "fulamt_ownpay_fen",
    "overlmt_selfpay_fen",
    "preselfpay_fen",
    "inscp_scp_fen",
    "act_pay_dedc_fen",
)
"""How the bill was taken apart: the first four sum to it, the deductible is of what is in scope."""


class SettlementState(StrEnum):
    SETTLED = "settled"
    UNDONE = "undone"  # 2208: the institution took the bill back
    REVERSED = "reversed"  # 2601: the institution never heard that it was paid


class Settlement(SealedRow, Base):
    """One bill that was settled (结算). Amounts in fen; ``medfee = fund_pay + acct_pay + acct_mulaid_pay + psn_cash_pay``.
    ``relief`` is the part of fund_pay that medical relief (医疗救助) pays, from other money than the pooled fund.

    ``detail`` holds the lines, the explanation and what it added to the year's accumulators; ``day`` is the bill's day,
    ``year`` that of its accumulators. Of an institution a bill number is settled once and for all: undone, it needs a
    new one (SettlementClaim).
    """

    __tablename__ = "settlement"
    __table_args__ = (
        Index("ix_settlement_person_id_id", "person_id", "id"),
        Index("ix_settlement_institution_id_settled_on_id", "institution_id", "settled_on", "id"),
        CheckConstraint(
            "medfee_fen = fund_pay_fen + acct_pay_fen + acct_mulaid_pay_fen + psn_cash_pay_fen",
            name="adds_up",
        ),
        CheckConstraint("relief_fen >= 0 AND relief_fen <= fund_pay_fen", name="relief_is_part_of_fund_pay"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(refers("person.id"))
    coverage_id: Mapped[UUID] = mapped_column(refers("coverage.id"))
    insutype: Mapped[InsuType] = mapped_column(Choice(InsuType, 6))
    insu_admdvs: Mapped[str] = mapped_column(String(12))
    # No foreign key: checking it would lock one row for every bill of a busy hospital.
    institution_id: Mapped[UUID]
    account_id: Mapped[UUID]  # the terminal's
    mdtrt_id: Mapped[str] = mapped_column(String(BILL_NUMBER_LENGTH))
    chrg_bchno: Mapped[str] = mapped_column(String(BILL_NUMBER_LENGTH))
    msgid: Mapped[str] = mapped_column(String(MSGID_LENGTH))
    # The newest number under which the bill was sent again: its reversal alone takes the bill back.
    answered_msgid: Mapped[str] = mapped_column(String(MSGID_LENGTH))
    request_hash: Mapped[str] = mapped_column(String(64))
    med_type: Mapped[str] = mapped_column(String(6))
    day: Mapped[date]
    year: Mapped[int]
    medfee_fen: Mapped[int] = mapped_column(BigInteger)
    fulamt_ownpay_fen: Mapped[int] = mapped_column(BigInteger)
    overlmt_selfpay_fen: Mapped[int] = mapped_column(BigInteger)
    preselfpay_fen: Mapped[int] = mapped_column(BigInteger)
    inscp_scp_fen: Mapped[int] = mapped_column(BigInteger)
    act_pay_dedc_fen: Mapped[int] = mapped_column(BigInteger)
    fund_pay_fen: Mapped[int] = mapped_column(BigInteger)
    relief_fen: Mapped[int] = mapped_column(BigInteger)
    acct_pay_fen: Mapped[int] = mapped_column(BigInteger)
    acct_mulaid_pay_fen: Mapped[int] = mapped_column(BigInteger)
    psn_cash_pay_fen: Mapped[int] = mapped_column(BigInteger)
    balance_fen: Mapped[int | None] = mapped_column(
        BigInteger
    )  # of the personal account after it; None: has none
    pack_id: Mapped[str | None] = mapped_column(String(40))
    benefit_id: Mapped[str | None] = mapped_column(String(64))
    detail_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[SettlementState] = mapped_column(Choice(SettlementState, 16))
    settled_at: Mapped[datetime]
    settled_on: Mapped[date]  # the calendar day in China, by which institutions reconcile
    ended_at: Mapped[datetime | None]
    ended_on: Mapped[date | None]

    detail = SealedJson("detail_sealed")


class ClaimState(StrEnum):
    PAID = "paid"
    REVERSED = "reversed"  # nothing under this number is ever paid, whether it came before or comes later


class SettlementClaim(Base):
    """A number of an institution's that is used once: of the message that asked to settle, or of the bill.

    ``claim`` is made by ``claims.of_message`` or ``claims.of_bill``. Whoever settles and whoever reverses writes the same
    rows, so that of the two the second always finds the first, also where the reversal overtakes the bill.
    """

    __tablename__ = "settlement_claim"

    institution_id: Mapped[UUID] = mapped_column(primary_key=True)
    claim: Mapped[str] = mapped_column(String(CLAIM_LENGTH), primary_key=True)
    state: Mapped[ClaimState] = mapped_column(Choice(ClaimState, 16))
    settlement_id: Mapped[UUID | None]
    at: Mapped[datetime]


class Accumulator(Base):
    """What a person has used of a benefit in a year: the sum of what the settled bills added. Locked with the person."""

    __tablename__ = "accumulator"
    __table_args__ = (
        CheckConstraint("counted_fen >= 0", name="counted_not_negative"),
        CheckConstraint("deductible_fen >= 0", name="deductible_not_negative"),
        CheckConstraint("fund_fen >= 0", name="fund_not_negative"),
    )

    person_id: Mapped[UUID] = mapped_column(refers("person.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(String(ACCUMULATOR_LENGTH), primary_key=True)
    counted_fen: Mapped[int] = mapped_column(BigInteger)
    deductible_fen: Mapped[int] = mapped_column(BigInteger)
    fund_fen: Mapped[int] = mapped_column(BigInteger)
