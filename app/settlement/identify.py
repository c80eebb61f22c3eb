"""Who stands at the counter: by voucher token (01), ID card (02) or social card (03), and with which insurance.

    found = identify_person(session, terminal, message.given, day, purpose=Purpose.INQUIRY)
    cover = choose_cover(found.person, message.given["insutype"], day)

``identify`` does both; settling calls it with lock=True, which locks the person's row on PostgreSQL (FOR NO KEY UPDATE)
in the same statement that reads person and coverages. It is to be the first lock of the transaction, and what is read
after it is what the person's other settlements left.

By a card, a number alone proves nothing: the name must fit, or psn_no must be the person's (a terminal has it from an
earlier 1101; it is random). A social card's person is found by the ID number (社会保障号), in certno or, without one, in
mdtrt_cert_no; we keep no register of cards, so card_sn must be there and is not compared. Name and certno as we masked
them ourselves (scan, 1101) are taken as if they had not been sent, for systems send back what they got. A newborn without
an ID number comes with the number of the birth certificate, under 02, for NEWBORN_DAYS from the birth [002 云南].

Whoever gets something wrong is told the same words whether the person exists or not, and ``GUESSES`` counts against the
terminal (``edge``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from app.benefits.model import Insured
from app.identity import service as identity
from app.identity.id_numbers import BadNumber, parse_id_number
from app.identity.models import IdType, InsuType
from app.identity.names import BadName, same_name, tidy_name
from app.identity.service import Cover, InsuredPerson
from app.kit import clock
from app.kit.masking import mask_id_no, mask_name
from app.kit.text import Text
from app.settlement.businesses import Purpose, suiting
from app.settlement.envelope import Given
from app.settlement.errors import (
    BILL_DIFFERS,
    COVERAGE_NOT_IN_FORCE,
    COVERAGE_TYPE_NOT_HELD,
    NAME_DIFFERS,
    NEWBORN_PERIOD_OVER,
    PERSON_NOT_MATCHED,
    PSN_NO_DIFFERS,
)
from app.settlement.fields import Field, FieldProblem, OneOf, Words, missing
from app.settlement.institution import Terminal
from app.vouchers.tokens import EcToken, person_of_token, read_token

NEWBORN_DAYS: Final = 180
"""The day of birth does not count (民法典 201条): the last day is the birth date and 180 days."""

GUESSES: Final = frozenset({PERSON_NOT_MATCHED.code, PSN_NO_DIFFERS.code, BILL_DIFFERS.code})
"""Whoever sends a paid bill again with another card's number learns from BILL_DIFFERS that it is not this person's."""


class Via(StrEnum):
    """mdtrt_cert_type of the national platform."""

    VOUCHER = "01"
    ID_CARD = "02"
    SOCIAL_CARD = "03"


BY_NUMBER: Final = frozenset({Via.ID_CARD, Via.SOCIAL_CARD})

IDENTITY_FIELDS: Final = (
    Field(
        "mdtrt_cert_type",
        OneOf(tuple(Via)),
        required=True,
        about="01 voucher token, 02 ID card, 03 social card",
    ),
    Field(
        "mdtrt_cert_no",
        Words(500),
        required=True,
        about="01: ec_token; 02: ID number, or a newborn's birth certificate number; 03: ID number, or the card's own "
        "number if certno has the ID number",
    ),
    Field("card_sn", Words(64), about="Required with 03"),
    Field(
        "psn_no",
        Words(30),
        about="If given: this very person's. Alone it is not enough, not even for 5301: "
        "a code or a document must have been shown",
    ),
    Field(
        "psn_name",
        Words(64),
        about="With 02 and 03: psn_name or psn_no is required. As 1101 masked it, it is taken and proves nothing",
    ),
    Field("psn_cert_type", OneOf(("01", "99"))),
    Field("certno", Words(40), about="If given: this very person's, whole or as 1101 masked it"),
)
INSUTYPE: Final = Field(
    "insutype",
    OneOf(tuple(InsuType)),
    about="Without it: the insurance in force, the employees' before the residents'",
)


@dataclass(frozen=True, slots=True)
class Identified:
    """A person, how he or she was identified, and the token where it was a voucher."""

    person: InsuredPerson
    via: Via
    token: EcToken | None


@dataclass(frozen=True, slots=True)
class Who:
    """A person and the insurance in force by which this settles."""

    person: InsuredPerson
    cover: Cover
    via: Via
    token: EcToken | None

    @property
    def insured(self) -> Insured:
        """The insurance as the rules see it."""
        return insured_by(self.cover)


def insured_by(cover: Cover) -> Insured:
    """A person's insurance as the rules see it."""
    return Insured(
        insutype=cover.insutype.value,
        region_code=cover.region_code,
        retired=cover.retired,
        student=cover.student,
        low_income=cover.low_income,
    )


def identity_problems(given: Given) -> Sequence[FieldProblem]:
    """What else a card needs: a whole name or psn_no; of a social card card_sn, and the ID number in its place. A
    transaction names it in ``checks``."""
    via, name, found = given["mdtrt_cert_type"], given["psn_name"], []
    if via in BY_NUMBER and not given["psn_no"] and (not name or _is_masked(name)):
        found.append(FieldProblem("psn_name", "masked", _MASKED_NAME) if name else missing("psn_name"))
    if via == Via.SOCIAL_CARD and not given["card_sn"]:
        found.append(missing("card_sn"))
    if via == Via.SOCIAL_CARD and given["mdtrt_cert_no"] and not _is_id_number(_number_of_card(given)):
        found.append(FieldProblem("mdtrt_cert_no", "not_an_id_number", _ID_NUMBER_HERE))
    return found


_MASKED_NAME: Final = Text(
    "这是隐去部分字的姓名，不能证明是本人。请填写证件上的完整姓名，或填写 1101 返回的 psn_no。",
    "This name is masked and proves nothing. Send the whole name as on the card, or the psn_no that 1101 gave.",
)
_ID_NUMBER_HERE: Final = Text(
    "用社保卡（03）时，请填写参保人的社会保障号（身份证号码），社保卡卡号填写在 card_sn；"
    "或把身份证号码填写在 certno。请核对是否填成了卡号，或号码有误。",
    "With a social card (03) the person's ID number belongs here and the card's own number in card_sn; "
    "or send the ID number in certno. Check whether this is the card's number, or mistyped.",
)


def tries_a_number(given: Given) -> bool:
    """Whether a message names a number that somebody may be trying out: a card's; or, beside a token, a certno of which the
    scan showed only a part. A token cannot be made up, and its psn_no and name tell nothing new."""
    certno = given.get("certno")
    return given.get("mdtrt_cert_type") in BY_NUMBER or (certno is not None and not _is_masked(certno))


def identify(
    session: Session, terminal: Terminal, given: Given, day: date, *, purpose: Purpose, lock: bool = False
) -> Who:
    """The person and the insurance that is in force on ``day``. One statement.

    Raises as ``identify_person`` and ``choose_cover``.
    """
    found = identify_person(session, terminal, given, day, purpose=purpose, lock=lock)
    return Who(found.person, choose_cover(found.person, given["insutype"], day), found.via, found.token)


def identify_person(
    session: Session, terminal: Terminal, given: Given, day: date, *, purpose: Purpose, lock: bool = False
) -> Identified:
    """The person whom the given fields (``IDENTITY_FIELDS``) prove. One statement.

    Raises PERSON_NOT_MATCHED, NAME_DIFFERS, PSN_NO_DIFFERS, NEWBORN_PERIOD_OVER, or what is wrong with a token (app.vouchers.errors).
    """
    via = Via(given["mdtrt_cert_type"])
    token = None
    if via is Via.VOUCHER:
        suits = suiting(terminal.institution.type, purpose)
        token = read_token(terminal.actor, given["mdtrt_cert_no"], suits=suits, now=clock.now())
        person = identity.insured_by_id(session, token.person_id, lock=lock)
    else:
        person = identity.insured_by_number(session, _number(_number_of_card(given)), lock=lock)
    if person is None:
        raise PERSON_NOT_MATCHED()
    _compare(person, via, given)
    if via is not Via.VOUCHER:
        _require_valid_document(person, day)
    return Identified(person, via, token)


def shown_person_id(session: Session, terminal: Terminal, given: Given) -> UUID | None:
    """Whose token (an expired one, too) or card this is, to tell a bill sent again from another patient's. One statement
    at most. Raises EC_TOKEN_INVALID, PERSON_NOT_MATCHED for what is no number."""
    if Via(given["mdtrt_cert_type"]) is Via.VOUCHER:
        return person_of_token(terminal.actor, given["mdtrt_cert_no"])
    person = identity.insured_by_number(session, _number(_number_of_card(given)))
    return None if person is None else person.id


def choose_cover(person: InsuredPerson, insutype: str | None, day: date) -> Cover:
    """The insurance in force on a day, the employees' before the residents'; or the one that is asked for.

    Raises COVERAGE_NOT_IN_FORCE or COVERAGE_TYPE_NOT_HELD.
    """
    in_force = [cover for cover in person.covers if cover.in_force(day)]
    if not in_force:
        raise COVERAGE_NOT_IN_FORCE(day=day)
    if insutype is None:
        return min(in_force, key=lambda cover: cover.insutype.value)
    for cover in in_force:
        if cover.insutype.value == insutype:
            return cover
    raise COVERAGE_TYPE_NOT_HELD(day=day, insutype=insutype)


def _number(typed: str) -> str:
    """The number in its one form. One that cannot be is nobody's, and is told so like any other."""
    try:
        return identity.tidy_number(typed)
    except BadNumber:
        raise PERSON_NOT_MATCHED() from None


def _number_of_card(given: Given) -> str:
    """The number by which a card's person is found."""
    number: str = given["mdtrt_cert_no"]
    certno: str | None = given["certno"]
    if given["mdtrt_cert_type"] == Via.SOCIAL_CARD and certno is not None and not _is_masked(certno):
        return certno
    return number


def _is_id_number(typed: str) -> bool:
    try:
        parse_id_number(typed)
    except BadNumber:
        return False
    return True


def _is_masked(text: str) -> bool:
    """No name and no number holds this character otherwise."""
    return "*" in text


def _compare(person: InsuredPerson, via: Via, given: Given) -> None:
    """Everything that was said of the person must be true of this one."""
    name: str | None = given["psn_name"]
    if name is not None and not _is_name_of(person, name):
        # Who showed a code is known: it is another patient's bill, nobody's guess.
        raise NAME_DIFFERS() if via is Via.VOUCHER else PERSON_NOT_MATCHED()
    certno: str | None = given["certno"]
    if certno is not None and certno != mask_id_no(person.id_no) and _number(certno) != person.id_no:
        raise PERSON_NOT_MATCHED()
    shown: str = given["mdtrt_cert_no"]
    if via is Via.SOCIAL_CARD and _is_id_number(shown) and _number(shown) != person.id_no:
        raise PERSON_NOT_MATCHED()
    if given["psn_no"] not in {None, person.psn_no}:
        # Without a name psn_no is the proof itself, and a wrong one says nothing of whose the number is.
        proven = via is Via.VOUCHER or (name is not None and not _is_masked(name))
        raise PSN_NO_DIFFERS() if proven else PERSON_NOT_MATCHED()


def _is_name_of(person: InsuredPerson, typed: str) -> bool:
    """The name, or the name as we masked it."""
    if _is_masked(typed):
        return typed == mask_name(person.name)
    try:
        return same_name(tidy_name(typed), person.name)
    except BadName:
        return False


def _require_valid_document(person: InsuredPerson, day: date) -> None:
    if person.id_type is not IdType.BIRTH_CERTIFICATE:
        return
    if day > person.birth_date + timedelta(days=NEWBORN_DAYS):
        raise NEWBORN_PERIOD_OVER(days=NEWBORN_DAYS)
