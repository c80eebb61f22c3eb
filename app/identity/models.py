"""Accounts, persons, coverages, kinship, organisations and the roles held there."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from sqlalchemy import Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.identity.actor import AccountKind, Ground, OrganisationKind, Role
from app.kit.db import Base, Choice, refers
from app.kit.sealing import Sealed


class IdType(StrEnum):
    """psn_cert_type of the national platform, as far as it is used."""

    ID_CARD = "01"  # 居民身份证
    BIRTH_CERTIFICATE = "99"  # 出生医学证明


class Sex(StrEnum):
    """gend of the national platform."""

    MALE = "1"
    FEMALE = "2"
    UNKNOWN = "9"


class InsuType(StrEnum):
    """insutype of the national platform."""

    EMPLOYEE = "310"  # 职工基本医疗保险
    RESIDENT = "390"  # 城乡居民基本医疗保险


class CoverageStatus(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"  # 欠费暂停
    ENDED = "ended"


class Relation(StrEnum):
    """What the relative is to the person (domain.md §2.4)."""

    SPOUSE = "spouse"
    PARENT = "parent"
    CHILD = "child"
    SIBLING = "sibling"
    GRANDPARENT = "grandparent"
    GRANDCHILD = "grandchild"
    WARD = "ward"  # 被监护人
    GUARDIAN = "guardian"  # 监护人


class Person(Base):
    """A natural person. Name, number and phone are sealed; number and phone are found by blind index."""

    __tablename__ = "person"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    psn_no: Mapped[str] = mapped_column(String(30), unique=True)
    id_type: Mapped[IdType] = mapped_column(Choice(IdType, 2))
    id_no_index: Mapped[str] = mapped_column(String(64), unique=True)
    id_no_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    name_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    phone_index: Mapped[str | None] = mapped_column(String(64), index=True)
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    sex: Mapped[Sex] = mapped_column(Choice(Sex, 1))
    birth_date: Mapped[date]
    residence_code: Mapped[str | None] = mapped_column(String(12), index=True)
    real_name_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    name = Sealed("name_sealed")
    id_no = Sealed("id_no_sealed")
    phone = Sealed("phone_sealed")


class Coverage(Base):
    """One insurance of a person (参保关系). Where the person works is sealed.

    Whether it gives benefits on a day is for its dates to say (``is_in_force``), so that what ends or is owed today takes
    nothing from the days before. ``suspended_from``: the first day of arrears; None once they are paid, as if they had
    not been. ``retired``, ``student`` and ``low_income`` have no dates: they are today's, for bills of earlier days too.
    """

    __tablename__ = "coverage"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(refers("person.id"), index=True)
    insutype: Mapped[InsuType] = mapped_column(Choice(InsuType, 6))
    region_code: Mapped[str] = mapped_column(String(12))
    status: Mapped[CoverageStatus] = mapped_column(Choice(CoverageStatus, 16))
    begin_date: Mapped[date]
    end_date: Mapped[date | None]
    suspended_from: Mapped[date | None]
    retired: Mapped[bool] = mapped_column(default=False)
    student: Mapped[bool] = mapped_column(default=False)
    low_income: Mapped[bool] = mapped_column(default=False)
    employer_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    opening_balance_fen: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]

    employer = Sealed("employer_sealed")

    def in_force(self, on: date) -> bool:
        """Whether benefits can be claimed on that day."""
        return is_in_force(self, on)


class Insurance(Protocol):
    """What of a coverage says when it is in force."""

    @property
    def status(self) -> CoverageStatus: ...
    @property
    def begin_date(self) -> date: ...
    @property
    def end_date(self) -> date | None: ...
    @property
    def suspended_from(self) -> date | None: ...


def last_day(coverage: Insurance) -> date | None:
    """The last day on which a coverage gives benefits, as far as is known; None: without end.

    A state without its date, as rows have from before there was one, never gave any.
    """
    never = coverage.begin_date - timedelta(days=1)
    if coverage.status is CoverageStatus.ENDED and coverage.end_date is None:
        return never
    if coverage.status is CoverageStatus.SUSPENDED and coverage.suspended_from is None:
        return never
    if coverage.suspended_from is None:
        return coverage.end_date
    paid_until = coverage.suspended_from - timedelta(days=1)
    return paid_until if coverage.end_date is None else min(paid_until, coverage.end_date)


def is_in_force(coverage: Insurance, on: date) -> bool:
    """Whether a coverage gives benefits on a day: by its dates, not by how it stands today."""
    last = last_day(coverage)
    return coverage.begin_date <= on and (last is None or on <= last)


class Kinship(Base):
    """``relative_id`` is the ``relation`` of ``person_id``; guardian: acts for the person in law."""

    __tablename__ = "kinship"
    __table_args__ = (Index("uq_kinship_person_id_relative_id", "person_id", "relative_id", unique=True),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(refers("person.id"))
    relative_id: Mapped[UUID] = mapped_column(refers("person.id"), index=True)
    relation: Mapped[Relation] = mapped_column(Choice(Relation, 16))
    guardian: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Account(Base):
    """Whoever signs in. A person has at most one citizen account; staff accounts belong to persons too."""

    __tablename__ = "account"
    __table_args__ = (
        Index(
            "uq_account_person_id_citizen",
            "person_id",
            unique=True,
            sqlite_where=text("kind = 'citizen'"),
            postgresql_where=text("kind = 'citizen'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[AccountKind] = mapped_column(Choice(AccountKind, 16))
    person_id: Mapped[UUID | None] = mapped_column(refers("person.id"), index=True)
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class WechatLogin(Base):
    """The WeChat user behind a citizen account. The openid is sealed and found by blind index."""

    __tablename__ = "wechat_login"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(refers("account.id"), unique=True)
    openid_index: Mapped[str] = mapped_column(String(64), unique=True)
    openid_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]

    openid = Sealed("openid_sealed")


class StaffLogin(Base):
    """User name and password of a staff account."""

    __tablename__ = "staff_login"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(refers("account.id"), unique=True)
    username: Mapped[str] = mapped_column(String(64), unique=True)
    secret_hash: Mapped[str] = mapped_column("password_hash", String(200))
    created_at: Mapped[datetime]


class SignInFailure(Base):
    """How often a user name failed lately, its own or nobody's (app.identity.guessing). Soon forgotten."""

    __tablename__ = "sign_in_failure"

    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int]
    locked_until: Mapped[datetime | None]
    counted_since: Mapped[datetime] = mapped_column(index=True)


class TerminalLogin(Base):
    """Client credentials of a hospital's or pharmacy's system."""

    __tablename__ = "terminal_login"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(refers("account.id"), unique=True)
    client_id: Mapped[str] = mapped_column(String(64), unique=True)
    secret_hash: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]


class Organisation(Base):
    """Where roles are held. An institution's or service point's organisation names it by id."""

    __tablename__ = "organisation"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[OrganisationKind] = mapped_column(Choice(OrganisationKind, 16))
    name: Mapped[str] = mapped_column(String(100))
    region_code: Mapped[str] = mapped_column(String(12), index=True)
    institution_id: Mapped[UUID | None] = mapped_column(index=True)
    service_point_id: Mapped[UUID | None] = mapped_column(index=True)
    created_at: Mapped[datetime]


class RoleGrant(Base):
    """A role that an account holds at an organisation."""

    __tablename__ = "role_grant"
    __table_args__ = (
        Index("uq_role_grant_account_id_role", "account_id", "role", "organisation_id", unique=True),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(refers("account.id"))
    role: Mapped[Role] = mapped_column(Choice(Role, 16))
    organisation_id: Mapped[UUID] = mapped_column(refers("organisation.id"), index=True)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class SignInSession(Base):
    """One sign-in and its family of refresh tokens. Revoking it ends them all."""

    __tablename__ = "sign_in_session"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(refers("account.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]
    revoked_for: Mapped[str | None] = mapped_column(String(32))


class RefreshToken(Base):
    """One refresh token of a session, by its hash. Used once; using it again revokes the session."""

    __tablename__ = "refresh_token"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    session_id: Mapped[UUID] = mapped_column(refers("sign_in_session.id"), index=True)
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class RealNameStatus(StrEnum):
    """Where a try stands; all but ``pending`` are final."""

    PENDING = "pending"
    PASSED = "passed"
    FAILED = "failed"
    MISMATCH = "mismatch"
    EXPIRED = "expired"
    BOUND_ELSEWHERE = "bound_elsewhere"
    OTHER_PERSON = "other_person"


class RealNameCheck(Base):
    """One try to prove a real name by face. Name and number are sealed and cleared when it is over."""

    __tablename__ = "real_name_check"
    __table_args__ = (Index("ix_real_name_check_status_expires_at", "status", "expires_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(refers("account.id"), index=True)
    out_seq_no: Mapped[str] = mapped_column(String(32), unique=True)
    verify_id: Mapped[str | None] = mapped_column(String(128))
    name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    id_no_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    status: Mapped[str] = mapped_column(String(16))
    person_id: Mapped[UUID | None] = mapped_column(refers("person.id"), index=True)
    expires_at: Mapped[datetime]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    name = Sealed("name_sealed")
    id_no = Sealed("id_no_sealed")


class AccessKind(StrEnum):
    """What somebody did with a person's records."""

    PERSON_VIEWED = "person_viewed"
    COVERAGE_VIEWED = "coverage_viewed"
    BENEFITS_VIEWED = "benefits_viewed"
    FILING_VIEWED = "filing_viewed"
    MATERIAL_VIEWED = "material_viewed"
    HISTORY_VIEWED = "history_viewed"
    PAPER_DOWNLOADED = "paper_downloaded"
    FILING_CREATED = "filing_created"
    FILING_EDITED = "filing_edited"
    FILING_SUBMITTED = "filing_submitted"
    FILING_CLAIMED = "filing_claimed"
    FILING_RELEASED = "filing_released"
    CORRECTION_ASKED = "correction_asked"
    FILING_CERTIFIED = "filing_certified"
    FILING_APPROVED = "filing_approved"
    FILING_REJECTED = "filing_rejected"
    FILING_WITHDRAWN = "filing_withdrawn"
    FILING_CHANGED = "filing_changed"
    VOUCHER_VIEWED = "voucher_viewed"
    VOUCHER_SHOWN = "voucher_shown"
    VOUCHER_ACTIVATED = "voucher_activated"
    VOUCHER_REVOKED = "voucher_revoked"
    BILLS_VIEWED = "bills_viewed"
    BILLS_DOWNLOADED = "bills_downloaded"


class AccessRecord(Base):
    """Somebody else's access to a person's records, shown to that person.

    ``about_zh`` and ``about_en`` name the thing in words (异地就医备案申请), never its content.
    """

    __tablename__ = "access_record"
    __table_args__ = (
        Index("ix_access_record_person_id_id", "person_id", "id"),
        Index("ix_access_record_account_id_at", "account_id", "at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(refers("person.id"))
    account_id: Mapped[UUID] = mapped_column(refers("account.id"))
    role: Mapped[Role] = mapped_column(Choice(Role, 16))
    organisation_name: Mapped[str | None] = mapped_column(String(100))
    what: Mapped[AccessKind] = mapped_column(Choice(AccessKind, 32))
    about_zh: Mapped[str | None] = mapped_column(String(100))
    about_en: Mapped[str | None] = mapped_column(String(100))
    filing_id: Mapped[UUID | None]
    ground: Mapped[Ground | None] = mapped_column(Choice(Ground, 16))
    at: Mapped[datetime]
