"""People in bulk: what app.identity.register would write for each, by COPY; the staff; and everybody's tokens."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import islice
from typing import Final

from psycopg import Cursor, sql

from app.gateways.parts import Parts
from app.identity import queries, register, sessions, tokens
from app.identity.actor import AccountKind, OrganisationKind, Role
from app.identity.models import (
    Account,
    Coverage,
    CoverageStatus,
    IdType,
    InsuType,
    Person,
    RefreshToken,
    Sex,
    SignInSession,
    WechatLogin,
)
from app.identity.tokens import Claims, TokenType
from app.kit import clock
from app.kit.db import Base
from app.kit.passwords import Passwords
from app.kit.sealing import sealer
from app.places import regions
from bench.database import Database
from bench.keys import Kind, key
from bench.plan import Crowd

HOME: Final = "6104"
"""咸阳: the region whose pack knows the most numbers, so its advice is the longest."""
AGENCIES: Final = 40
BATCH: Final = 2_000
_SURNAMES: Final = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林罗高"
_GIVEN: Final = "芳伟敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚"
_FIRST_BIRTHDAY: Final = date(1950, 1, 1)

Row = tuple[object, ...]
Progress = Callable[[int], None]


def openid(number: int) -> str:
    """The WeChat user behind a person."""
    return f"oBench{number:022d}"


def openid_index(number: int) -> str:
    """How the login is found."""
    return queries.openid_index(openid(number))


def enter(
    database: Database, crowd: Crowd, progress: Progress, *, tables: Sequence["CopiedTable"] | None = None
) -> None:
    """Write a crowd: persons, accounts, WeChat logins, coverages, sign-ins. ``progress``: so many more are done.

    tables: what is written of each person instead.
    """
    numbers = iter(range(crowd.first, crowd.first + crowd.count))
    with database.connect() as connection, connection.cursor() as cursor:
        while batch := list(islice(numbers, BATCH)):
            for table in TABLES if tables is None else tables:
                _copy(cursor, table, (table.row(number) for number in batch))
            progress(len(batch))


def token(parts: Parts, number: int) -> str:
    """An access token of a person's sign-in, good for the whole run."""
    now = clock.now()
    claims = Claims(
        key(Kind.ACCOUNT, number),
        key(Kind.SESSION, number),
        tokens.new_token_id(),
        now,
        now + timedelta(hours=12),
    )
    return tokens.sign(parts.token_key, TokenType.ACCESS, claims)


def enter_staff(parts: Parts, cities: Iterable[str]) -> str:
    """An agency with a handler for each city. Returns an access token of the handler at HOME."""
    cheap = Passwords(memory_kib=64, rounds=1, lanes=1)
    found = ""
    with parts.database.writing() as session:
        for number, city in enumerate(cities):
            agency = register.add_organisation(
                session, kind=OrganisationKind.AGENCY, name=f"{city} 医疗保障经办中心", region_code=city
            )
            roles = [(Role.HANDLER, agency)]
            account = register.add_staff(session, cheap, None, f"bench-{number}", "bench-password", roles)
            if city == HOME:
                found = sessions.begin(session, parts, account).access_token
    return found


@cache
def cities(count: int) -> tuple[str, ...]:
    """Cities with an agency; HOME is the first."""
    below = (city for province in regions.children(None) for city in regions.children(province.code))
    codes = (city.code for city in below if not city.is_grouping and city.code != HOME)
    return (HOME, *islice(codes, count - 1))


@dataclass(frozen=True)
class CopiedTable:
    """A table with one row for each person of a crowd."""

    name: str
    columns: list[str]
    row: Callable[[int], Row]


def _copy(cursor: Cursor, table: CopiedTable, rows: Iterable[Row]) -> None:
    columns = sql.SQL(", ").join(map(sql.Identifier, table.columns))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), columns)
    with cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _refresh_token(number: int) -> Row:
    return f"{number:064x}", key(Kind.SESSION, number), clock.now()


def columns_of(model: type[Base], leave: tuple[str, ...] = ()) -> list[str]:
    """The columns in the order of the model, as the rows below give them; ``leave`` stay NULL."""
    return [column.name for column in model.__table__.columns if column.name not in leave]


def _person(number: int) -> Row:
    person_id = key(Kind.PERSON, number)
    row = str(person_id)
    born = _FIRST_BIRTHDAY + timedelta(days=number % 18_000)
    id_no = f"610402{born:%Y%m%d}{number % 10_000:04d}"
    phone = f"13{number:09d}"
    name = _SURNAMES[number % 20] + _GIVEN[number // 20 % 20] + _GIVEN[number // 400 % 20]
    seal = sealer().seal
    return (
        person_id,
        f"{HOME}00{number:014d}",
        IdType.ID_CARD.value,
        queries.id_no_index(f"{number:018d}"),
        seal(id_no, table="person", column="id_no_sealed", row=row),
        seal(name, table="person", column="name_sealed", row=row),
        queries.phone_index(phone),
        seal(phone, table="person", column="phone_sealed", row=row),
        Sex.MALE.value if number % 2 else Sex.FEMALE.value,
        born,
        "610402",
        clock.now(),
        clock.now(),
    )


def _account(number: int) -> Row:
    return (key(Kind.ACCOUNT, number), AccountKind.CITIZEN.value, key(Kind.PERSON, number), clock.now())


def _login(number: int) -> Row:
    login_id = key(Kind.LOGIN, number)
    sealed = sealer().seal(openid(number), table="wechat_login", column="openid_sealed", row=str(login_id))
    return login_id, key(Kind.ACCOUNT, number), openid_index(number), sealed, clock.now()


def _coverage(number: int) -> Row:
    return (
        key(Kind.COVERAGE, number),
        key(Kind.PERSON, number),
        InsuType.RESIDENT.value,
        HOME,
        CoverageStatus.ACTIVE.value,
        date(2020, 1, 1),
        False,
        False,
        False,
        0,
        clock.now(),
    )


def _session(number: int) -> Row:
    now = clock.now()
    return key(Kind.SESSION, number), key(Kind.ACCOUNT, number), now, now + timedelta(days=30)


TABLES: Final = (
    CopiedTable("person", columns_of(Person, leave=()), _person),
    CopiedTable("account", columns_of(Account, leave=("disabled_at",)), _account),
    CopiedTable("wechat_login", columns_of(WechatLogin, leave=()), _login),
    CopiedTable(
        "coverage", columns_of(Coverage, leave=("end_date", "suspended_from", "employer_sealed")), _coverage
    ),
    CopiedTable("sign_in_session", columns_of(SignInSession, leave=("revoked_at", "revoked_for")), _session),
    CopiedTable("refresh_token", columns_of(RefreshToken, leave=("used_at",)), _refresh_token),
)
