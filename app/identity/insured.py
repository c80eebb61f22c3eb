"""A person with all coverages in one statement, without the ORM: what every scan and every settlement reads.

``InsuredPerson`` opens what is sealed only when it is asked for: most transactions need no name.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Select, Table, bindparam, select
from sqlalchemy.orm import Session

from app.identity.models import Coverage, CoverageStatus, IdType, InsuType, Person, Sex, is_in_force
from app.identity.queries import id_no_index
from app.kit.asking import Question, ask
from app.kit.sealing import sealer


@dataclass(frozen=True, slots=True)
class Cover:
    """One coverage as it stands in the register."""

    id: UUID
    insutype: InsuType
    region_code: str
    status: CoverageStatus
    begin_date: date
    end_date: date | None
    suspended_from: date | None
    retired: bool
    student: bool
    low_income: bool
    opening_balance_fen: int

    def in_force(self, on: date) -> bool:
        """Whether benefits can be claimed on that day."""
        return is_in_force(self, on)


@dataclass(frozen=True, slots=True)
class InsuredPerson:
    """A person with his or her coverages, ended ones too, the oldest first."""

    id: UUID
    psn_no: str
    id_type: IdType
    sex: Sex
    birth_date: date = field(repr=False)
    covers: tuple[Cover, ...]
    name_sealed: bytes = field(repr=False)
    id_no_sealed: bytes = field(repr=False)

    @property
    def name(self) -> str:
        return sealer().open(self.name_sealed, table="person", column="name_sealed", row=str(self.id))

    @property
    def id_no(self) -> str:
        return sealer().open(self.id_no_sealed, table="person", column="id_no_sealed", row=str(self.id))


def insured_by_id(session: Session, person_id: UUID, *, lock: bool = False) -> InsuredPerson | None:
    """The person. lock: until the transaction ends; the rows that refer to the person may still be written."""
    return ask(session, Question(_BY_ID_LOCKED if lock else _BY_ID, {"person_id": person_id}, insured_of))


def insured_by_number(session: Session, number: str, *, lock: bool = False) -> InsuredPerson | None:
    """The person of a tidy ID or birth certificate number, locked or not as ``insured_by_id`` does."""
    values = {"id_no_index": id_no_index(number)}
    return ask(session, Question(_BY_NUMBER_LOCKED if lock else _BY_NUMBER, values, insured_of))


_PERSON, _COVERAGE = (cast(Table, model.__table__) for model in (Person, Coverage))
_OF_PERSON = (
    _PERSON.c.id,
    _PERSON.c.psn_no,
    _PERSON.c.id_type,
    _PERSON.c.sex,
    _PERSON.c.birth_date,
    _PERSON.c.name_sealed,
    _PERSON.c.id_no_sealed,
)
_OF_COVERAGE = (
    _COVERAGE.c.id,
    _COVERAGE.c.insutype,
    _COVERAGE.c.region_code,
    _COVERAGE.c.status,
    _COVERAGE.c.begin_date,
    _COVERAGE.c.end_date,
    _COVERAGE.c.suspended_from,
    _COVERAGE.c.retired,
    _COVERAGE.c.student,
    _COVERAGE.c.low_income,
    _COVERAGE.c.opening_balance_fen,
)
INSURED_COLUMNS = (*_OF_PERSON, *_OF_COVERAGE)
"""For a statement of another domain's that joins person and, outer, coverage, in the order of the latter's begin and id."""
_ALL = (
    select(*INSURED_COLUMNS)
    .select_from(_PERSON)
    .outerjoin(_COVERAGE, _COVERAGE.c.person_id == _PERSON.c.id)
    .order_by(_COVERAGE.c.begin_date, _COVERAGE.c.id)
)


def _locked(query: Select[Any]) -> Select[Any]:
    return query.with_for_update(key_share=True, of=_PERSON)


# Built once: building a statement takes longer than executing it.
_BY_ID = _ALL.where(_PERSON.c.id == bindparam("person_id"))
_BY_ID_LOCKED = _locked(_BY_ID)
_BY_NUMBER = _ALL.where(_PERSON.c.id_no_index == bindparam("id_no_index"))
_BY_NUMBER_LOCKED = _locked(_BY_NUMBER)


def insured_of(rows: Sequence[Sequence[Any]]) -> InsuredPerson | None:
    """The person of rows of ``INSURED_COLUMNS``, one for each coverage; None without any."""
    if not rows:
        return None
    person_id, psn_no, id_type, sex, birth_date, name_sealed, id_no_sealed = rows[0][: len(_OF_PERSON)]
    covers = tuple(Cover(*row[len(_OF_PERSON) :]) for row in rows if row[len(_OF_PERSON)] is not None)
    return InsuredPerson(
        id=person_id,
        psn_no=psn_no,
        id_type=id_type,
        sex=sex,
        birth_date=birth_date,
        covers=covers,
        name_sealed=name_sealed,
        id_no_sealed=id_no_sealed,
    )
