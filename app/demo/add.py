"""One more person with an account, for whoever checks something: what ``zhangban demo add-person`` does."""

import random
from datetime import date, timedelta
from typing import Final

from faker import Faker
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.demo.cast import Cover
from app.demo.errors import ImpossiblePerson
from app.demo.numbers import ORDERS, id_number
from app.demo.people import given_names, since_when
from app.demo.roster import entry_of
from app.demo.words import Entry
from app.identity import register
from app.identity.models import InsuType, Sex
from app.kit import clock, ids
from app.kit.db import Database
from app.kit.text import Text
from app.places import service as places
from app.places.service import Level, Region

OLDEST: Final = 120
WORKING_AGE: Final = 16
"""劳动法 第十五条: nobody is employed below it."""
RETIREMENT_AGE: Final = 45
STUDENT_AGES: Final = range(6, 41)
BALANCE_AT_MOST_FEN: Final = 1_000_000_000
_TRIES = 5


def add_person(
    database: Database,
    *,
    region_code: str,
    insutype: str,
    age: int | None = None,
    retired: bool = False,
    student: bool = False,
    low_income: bool = False,
    balance_fen: int = 0,
) -> Entry:
    """Make somebody insured in that region with a real-named account; the entry is as in ``roster.people``.

    Raises ImpossiblePerson with everything that is wrong at once.
    """
    if age is None:
        age = 65 if retired else 20 if student else 40
    problems = [
        *_region_problems(region_code),
        *_person_problems(insutype, age, retired=retired, student=student),
        *_balance_problems(insutype, balance_fen),
    ]
    if problems:
        raise ImpossiblePerson(problems)
    cover = Cover(
        insutype=InsuType(insutype),
        region_code=region_code,
        retired=retired,
        student=student,
        low_income=low_income,
        employer="掌上办演示有限公司" if insutype == InsuType.EMPLOYEE else None,
        balance_fen=balance_fen,
    )
    for attempt in range(1, _TRIES + 1):
        try:
            return database.run(lambda session: _add(session, cover, age))
        except IntegrityError:
            # Somebody has this ID number already: draw again.
            if attempt == _TRIES:
                raise
    raise AssertionError("unreachable")


def _add(session: Session, cover: Cover, age: int) -> Entry:
    today = clock.today()
    draw = random.SystemRandom()
    fake = Faker("zh_CN")
    fake.seed_instance(draw.getrandbits(64))
    sex = draw.choice((Sex.MALE, Sex.FEMALE))
    oldest, youngest = _years_before(today, age + 1) + timedelta(days=1), _years_before(today, age)
    birth_date = oldest + timedelta(days=draw.randrange((youngest - oldest).days + 1))
    home = _home(cover.region_code)
    person = register.add_person(
        session,
        name=fake.last_name() + draw.choice(given_names(sex, birth_date.year)),
        id_no=id_number(home, birth_date, sex, draw.randrange(ORDERS)),
        phone=fake.phone_number(),
        residence_code=home,
    )
    begin = since_when(cover, birth_date).since
    if begin is None or begin > today:
        begin = birth_date if cover.insutype is InsuType.RESIDENT else _years_before(birth_date, -WORKING_AGE)
    register.add_coverage(
        session,
        person,
        insutype=cover.insutype,
        region_code=cover.region_code,
        begin_date=begin,
        retired=cover.retired,
        student=cover.student,
        low_income=cover.low_income,
        employer=cover.employer,
        opening_balance_fen=cover.balance_fen,
    )
    register.add_citizen_account(session, person, f"demo-added-{ids.new_id().hex}")
    return entry_of(session, person)


def _region_problems(region_code: str) -> list[Text]:
    region = places.find(region_code)
    if region is None:
        return [Text(f"没有这个地区：{region_code}。", f"There is no region {region_code}.")]
    if not _insures(region):
        return [
            Text(
                f"{places.full_name(region_code)}不能参保，请用市或区县的代码，例如 6109 或 610902。",
                f"Nobody is insured in {region_code}; give a city or a district, such as 6109 or 610902.",
            )
        ]
    return []


def _insures(region: Region) -> bool:
    """Whether it is a city, a district or a municipality."""
    if region.level is Level.PROVINCE:
        return places.city_of(region.code) is not None
    return region.level in {Level.CITY, Level.DISTRICT} and not region.is_grouping


def _person_problems(insutype: str, age: int, *, retired: bool, student: bool) -> list[Text]:
    problems = []
    if insutype not in set(InsuType):
        problems.append(
            Text("险种只能是 310（职工）或 390（居民）。", "insutype is 310 (employee) or 390 (resident).")
        )
    if not 0 <= age <= OLDEST:
        problems.append(Text(f"年龄应在 0 到 {OLDEST} 之间。", f"The age must be between 0 and {OLDEST}."))
    if retired and insutype == InsuType.RESIDENT:
        problems.append(Text("居民没有退休，退休请用 310。", "Residents do not retire; use 310."))
    if student and insutype == InsuType.EMPLOYEE:
        problems.append(Text("学生参加居民医保，请用 390。", "Students are insured as residents; use 390."))
    if student and retired:
        problems.append(Text("不能既是学生又已退休。", "Nobody is a student and retired."))
    if insutype == InsuType.EMPLOYEE and age < WORKING_AGE:
        problems.append(Text(f"职工至少 {WORKING_AGE} 岁。", f"An employee is at least {WORKING_AGE}."))
    if retired and age < RETIREMENT_AGE:
        problems.append(
            Text(f"退休人员至少 {RETIREMENT_AGE} 岁。", f"The retired are at least {RETIREMENT_AGE}.")
        )
    if student and age not in STUDENT_AGES:
        problems.append(
            Text(
                f"学生应在 {STUDENT_AGES[0]} 到 {STUDENT_AGES[-1]} 岁之间。",
                f"Students are {STUDENT_AGES[0]} to {STUDENT_AGES[-1]} years old.",
            )
        )
    return problems


def _balance_problems(insutype: str, balance_fen: int) -> list[Text]:
    if not 0 <= balance_fen <= BALANCE_AT_MOST_FEN:
        return [
            Text(
                f"个人账户余额应在 0 到 {BALANCE_AT_MOST_FEN} 分之间。",
                f"The balance must be between 0 and {BALANCE_AT_MOST_FEN} fen.",
            )
        ]
    if balance_fen and insutype == InsuType.RESIDENT:
        return [
            Text("居民没有个人账户，余额应为 0。", "Residents have no personal account; leave its balance 0.")
        ]
    return []


def _home(region_code: str) -> str:
    """A district to live in: the region itself, or the first one below it."""
    while (region := places.find(region_code)) is not None and region.level is not Level.DISTRICT:
        region_code = places.children(region_code)[0].code
    return region_code


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        # 29 February of another year.
        return day.replace(year=day.year - years, day=28)
