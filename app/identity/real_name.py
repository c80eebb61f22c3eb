"""Proving a real name: name and ID number typed, the face before WeChat's camera, then the account is bound.

Asking WeChat is slow, so it happens between short transactions, before anything is written. What was typed is
kept sealed, and only while a check is open. A check ends once; asking again gives the same end.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.gateways.errors import RequestRejected
from app.gateways.parts import Parts
from app.gateways.wechat import FaceOutcome
from app.identity import queries, register
from app.identity.actor import Actor
from app.identity.errors import (
    ALREADY_REAL_NAMED,
    FACE_CHECK_FAILED,
    FACE_CHECK_NOT_FINISHED,
    FACE_CHECK_RUNNING,
    ID_BOUND_ELSEWHERE,
    REAL_NAME_CHECK_EXPIRED,
    REAL_NAME_MISMATCH,
    REAL_NAME_TOO_OFTEN,
)
from app.identity.id_numbers import IdNumber
from app.identity.models import Account, Person, RealNameCheck, RealNameStatus
from app.identity.names import same_name
from app.identity.wechat import asking_wechat
from app.kit import clock, ids
from app.kit.errors import NOT_FOUND, Problem

CHECKS_PER_DAY: Final = 20
"""Per account, so that nobody tries out which name belongs to a number."""
RUNNING_RETRY_SECONDS: Final = 3
UNKNOWN_VERIFY_ID: Final = "84001"
COMPLETE: Final = "complete"
START_AGAIN: Final = "start"


@dataclass(frozen=True)
class StartedCheck:
    """verify_id goes to wx.requestFacialVerify within expires_in seconds."""

    id: UUID
    verify_id: str = field(repr=False)
    expires_in: int


@dataclass(frozen=True)
class _Open:
    """An open check, as read before WeChat is asked."""

    verify_id: str = field(repr=False)
    out_seq_no: str
    name: str = field(repr=False)
    id_no: str = field(repr=False)
    openid: str = field(repr=False)


def start(parts: Parts, actor: Actor, name: str, id_number: IdNumber) -> StartedCheck:
    """Begin a check of a tidy name and number.

    Raises ALREADY_REAL_NAMED, REAL_NAME_TOO_OFTEN, REAL_NAME_MISMATCH, ID_BOUND_ELSEWHERE, WeChat's refusals.
    """
    with parts.database.reading() as session:
        refusal = _refusal_at_start(session, actor, name, id_number)
        openid = _openid(session, actor.account_id)
    check_id = ids.new_id()
    if refusal is not None:
        if refusal.kind is REAL_NAME_MISMATCH:
            parts.database.run(lambda session: _note_mismatch(session, check_id, actor.account_id))
        raise refusal
    with asking_wechat():
        face = parts.wechat.start_face_check(check_id.hex, name, id_number.number, openid)
    now = clock.now()

    def write(session: Session) -> None:
        check = RealNameCheck(
            id=check_id,
            account_id=actor.account_id,
            out_seq_no=check_id.hex,
            verify_id=face.verify_id,
            status=RealNameStatus.PENDING,
            expires_at=now + timedelta(seconds=face.expires_in),
            created_at=now,
        )
        check.name, check.id_no = name, id_number.number
        session.add(check)

    parts.database.run(write)
    return StartedCheck(check_id, face.verify_id, face.expires_in)


def complete(parts: Parts, actor: Actor, check_id: UUID) -> Person:
    """Ask WeChat how the check ended, and bind the account if it passed. Repeating gives the person again.

    Raises NOT_FOUND, FACE_CHECK_RUNNING, FACE_CHECK_NOT_FINISHED, FACE_CHECK_FAILED, REAL_NAME_MISMATCH,
    REAL_NAME_CHECK_EXPIRED, ID_BOUND_ELSEWHERE, ALREADY_REAL_NAMED or WeChat's refusals.
    """
    with parts.database.reading() as session:
        check = _own_check(session, actor, check_id)
        if check.status != RealNameStatus.PENDING:
            return _person_or_refusal(session, check)
        pending = None if check.expires_at <= clock.now() else _open(session, check)
    outcome: FaceOutcome | None = None
    if pending is not None:
        outcome = _ask_wechat(parts, pending)
        if outcome is FaceOutcome.RUNNING:
            raise FACE_CHECK_RUNNING(
                headers={"Retry-After": str(RUNNING_RETRY_SECONDS)}, extra={"available_actions": [COMPLETE]}
            )
        if outcome is FaceOutcome.NOT_FINISHED:
            raise FACE_CHECK_NOT_FINISHED(extra={"available_actions": [COMPLETE]})

    def decide(session: Session) -> Person | Problem:
        check = _own_check(session, actor, check_id, lock=True)
        if check.status == RealNameStatus.PENDING:
            _finish(session, check, _status_for(session, check, outcome))
        try:
            return _person_or_refusal(session, check)
        except Problem as refusal:
            # Given back instead of raised: that the check is over must stay.
            return refusal

    result = parts.database.run(decide)
    if isinstance(result, Problem):
        raise result
    return result


def close_expired(session: Session, limit: int) -> int:
    """End checks that nobody completed in time and clear what they kept. Returns how many."""
    rows = session.execute(
        select(RealNameCheck)
        .where(RealNameCheck.status == RealNameStatus.PENDING, RealNameCheck.expires_at <= clock.now())
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).scalars()
    closed = 0
    for check in rows:
        _finish(session, check, RealNameStatus.EXPIRED)
        closed += 1
    return closed


def _refusal_at_start(session: Session, actor: Actor, name: str, id_number: IdNumber) -> Problem | None:
    """Who is real-named may show the face again, as the same person: to activate the voucher on another phone."""
    person = queries.person_by_id_no(session, id_number.number)
    if actor.person_id is not None and (person is None or person.id != actor.person_id):
        return ALREADY_REAL_NAMED(extra={"available_actions": []})
    since = clock.now() - timedelta(days=1)
    tries = session.execute(
        select(func.count()).where(
            RealNameCheck.account_id == actor.account_id, RealNameCheck.created_at > since
        )
    ).scalar_one()
    if tries >= CHECKS_PER_DAY:
        return REAL_NAME_TOO_OFTEN(headers={"Retry-After": "86400"})
    if person is None:
        return None
    if not same_name(person.name or "", name):
        return REAL_NAME_MISMATCH()
    holder = queries.citizen_account_of(session, person.id)
    if holder is not None and holder.id != actor.account_id:
        return ID_BOUND_ELSEWHERE()
    return None


def _note_mismatch(session: Session, check_id: UUID, account_id: UUID) -> None:
    """A try that counts, with nothing of what was typed."""
    now = clock.now()
    session.add(
        RealNameCheck(
            id=check_id,
            account_id=account_id,
            out_seq_no=check_id.hex,
            status=RealNameStatus.MISMATCH,
            expires_at=now,
            created_at=now,
            finished_at=now,
        )
    )


def _own_check(session: Session, actor: Actor, check_id: UUID, *, lock: bool = False) -> RealNameCheck:
    query = select(RealNameCheck).where(
        RealNameCheck.id == check_id, RealNameCheck.account_id == actor.account_id
    )
    check = session.execute(query.with_for_update() if lock else query).scalar_one_or_none()
    if check is None:
        raise NOT_FOUND()
    return check


def _open(session: Session, check: RealNameCheck) -> _Open:
    name, id_no = check.name, check.id_no
    if check.verify_id is None or name is None or id_no is None:
        raise NOT_FOUND()
    return _Open(check.verify_id, check.out_seq_no, name, id_no, _openid(session, check.account_id))


def _openid(session: Session, account_id: UUID) -> str:
    login = queries.wechat_login_of(session, account_id)
    if login is None or login.openid is None:
        raise NOT_FOUND()
    return login.openid


def _ask_wechat(parts: Parts, check: _Open) -> FaceOutcome | None:
    """How the check stands; None when WeChat does not know it any more."""
    with asking_wechat():
        try:
            return parts.wechat.face_result(
                check.verify_id, check.out_seq_no, check.name, check.id_no, check.openid
            )
        except RequestRejected as rejected:
            if rejected.code != UNKNOWN_VERIFY_ID:
                raise
    return None


def _status_for(session: Session, check: RealNameCheck, outcome: FaceOutcome | None) -> RealNameStatus:
    """How an open check ends. outcome None: its time was over, by our clock or by WeChat's."""
    if outcome is None:
        return RealNameStatus.EXPIRED
    if outcome is FaceOutcome.PASSED:
        return _bind(session, check)
    return RealNameStatus.MISMATCH if outcome is FaceOutcome.MISMATCH else RealNameStatus.FAILED


def _bind(session: Session, check: RealNameCheck) -> RealNameStatus:
    """Bind the account to the person of the number. Unique indexes decide between two at the same moment."""
    account = session.execute(
        select(Account).where(Account.id == check.account_id).with_for_update()
    ).scalar_one()
    if account.person_id is not None:
        # Another check of this account passed meanwhile.
        person_now = session.get_one(Person, account.person_id)
        if person_now.id_no != check.id_no:
            return RealNameStatus.OTHER_PERSON
        check.person_id = person_now.id
        return RealNameStatus.PASSED
    person = _person_of_number(session, check.name or "", check.id_no or "")
    if not same_name(person.name or "", check.name or ""):
        return RealNameStatus.MISMATCH
    try:
        with session.begin_nested():
            account.person_id = person.id
            session.flush()
    except IntegrityError:
        return RealNameStatus.BOUND_ELSEWHERE
    person.real_name_at = clock.now()
    check.person_id = person.id
    return RealNameStatus.PASSED


def _person_of_number(session: Session, name: str, id_no: str) -> Person:
    """The register's person; somebody whom it does not have gets an entry without a coverage."""
    known = queries.person_by_id_no(session, id_no)
    if known is not None:
        return known
    try:
        with session.begin_nested():
            return register.add_person(session, name=name, id_no=id_no)
    except IntegrityError:
        known = queries.person_by_id_no(session, id_no)
        if known is None:
            raise
        return known


def _finish(session: Session, check: RealNameCheck, status: RealNameStatus) -> None:
    check.status = status
    check.finished_at = clock.now()
    check.name = None
    check.id_no = None
    session.flush()


def _person_or_refusal(session: Session, check: RealNameCheck) -> Person:
    """The end of a check that is over, told the same way each time."""
    if check.status == RealNameStatus.PASSED and check.person_id is not None:
        return session.get_one(Person, check.person_id)
    kind = _ENDINGS[RealNameStatus(check.status)]
    raise kind(extra={"available_actions": [] if kind is ALREADY_REAL_NAMED else [START_AGAIN]})


_ENDINGS: Final = {
    RealNameStatus.FAILED: FACE_CHECK_FAILED,
    RealNameStatus.MISMATCH: REAL_NAME_MISMATCH,
    RealNameStatus.EXPIRED: REAL_NAME_CHECK_EXPIRED,
    RealNameStatus.BOUND_ELSEWHERE: ID_BOUND_ELSEWHERE,
    RealNameStatus.OTHER_PERSON: ALREADY_REAL_NAMED,
}
