"""Keeping a pool of experts: who is in it, and what the draw must know of each.

Cases are not touched. Whoever was drawn stays named, and is replaced only when the deadline passes; a change counts
from the next draw on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.identity import service as identity
from app.identity.service import ExpertAccount
from app.kit.errors import invalid
from app.kit.text import Text
from app.places import service as places
from app.places.service import InstitutionFilter
from app.services.chronic_disease import errors, pool_log
from app.services.chronic_disease.drawing import GENERAL
from app.services.chronic_disease.experts import (
    LOAD_DAYS,
    add_profile,
    drawn_since,
    hospital_key,
    profile_of,
)
from app.services.chronic_disease.leave import next_leaves
from app.services.chronic_disease.models import ExpertLeave, ExpertProfile, PoolChange
from app.services.chronic_disease.pack_model import SPECIALTIES

KNOWN_SPECIALTIES: Final = frozenset({*SPECIALTIES, GENERAL})
MAX_DAILY_LIMIT: Final = 100
"""Cases a day. Ours: nobody judges more with care, and a slip of the finger is no limit."""
_LENGTHS: Final = {"hospital": 100, "title": 32}
"""Characters that the columns hold."""
_LIKELY_NAMES: Final = 50

Problems = dict[str, list[Text]]
"""What is wrong with an input, by its field."""


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of an expert; what is None or empty is not said. ``no_limit``: any number of cases a day.

    ``pool``: a region's code; its pool, or the one that judges for it.
    """

    specialties: Sequence[str] = ()
    hospital: str | None = None
    title: str | None = None
    daily_limit: int | None = None
    no_limit: bool = False
    pool: str | None = None


class Readiness(StrEnum):
    """Whether an expert can be drawn now, conflicts and specialty aside; of several reasons the first in this order."""

    LEFT = "left"  # no longer holds the role at the pool, or the account is disabled
    NO_PROFILE = "no_profile"
    ON_LEAVE = "on_leave"
    FULL = "full"  # today
    READY = "ready"


@dataclass(frozen=True, slots=True)
class Listed:
    """An expert as a supervisor sees him or her. ``name`` is masked; ``leave``: today's, else the next one.

    ``profile`` None: holds the role, but nothing is known that a draw needs. ``load``: cases of LOAD_DAYS.
    """

    username: str
    name: str
    readiness: Readiness
    profile: ExpertProfile | None
    leave: ExpertLeave | None
    load: int
    today: int


def listed(session: Session, pool_id: UUID, today: date) -> list[Listed]:
    """Who belongs to a pool by role or by profile, by user name. Six statements, whatever the size of the pool."""
    serving = set(identity.experts_at(session, pool_id))
    query = select(ExpertProfile).where(ExpertProfile.organisation_id == pool_id)
    profiles = {row.account_id: row for row in session.execute(query).scalars()}
    accounts = serving | profiles.keys()
    usernames = identity.usernames(session, accounts)
    names = identity.display_names_of_accounts(session, accounts)
    leaves = next_leaves(session, accounts, today)
    drawn = drawn_since(session, accounts, today - timedelta(days=LOAD_DAYS - 1), today)
    found = []
    for account_id in accounts:
        profile, leave = profiles.get(account_id), leaves.get(account_id)
        load, now = drawn.get(account_id, (0, 0))
        found.append(
            Listed(
                username=usernames.get(account_id, ""),
                name=names.get(account_id, ""),
                readiness=_readiness(profile, leave, now, today, serves=account_id in serving),
                profile=profile,
                leave=leave,
                load=load,
                today=now,
            )
        )
    return sorted(found, key=lambda one: one.username)


def _readiness(
    profile: ExpertProfile | None, leave: ExpertLeave | None, drawn: int, today: date, *, serves: bool
) -> Readiness:
    if not serves:
        return Readiness.LEFT
    if profile is None:
        return Readiness.NO_PROFILE
    if leave is not None and leave.begins_on <= today:
        return Readiness.ON_LEAVE
    if profile.daily_limit is not None and drawn >= profile.daily_limit:
        return Readiness.FULL
    return Readiness.READY


def enter(session: Session, username: str, said: Said, *, by: str) -> ExpertProfile:
    """Enter a staff account that holds the role of expert already; logged, with ``by``, who did it.

    Raises invalid_input with all that is wrong.
    """
    problems = _problems(said)
    _need_all(said, problems)
    account = identity.expert_account(session, username)
    pool_id = _pool(session, account, said, problems)
    if account is None:
        _note(problems, "username", NO_ACCOUNT)
    elif account.person_id is None:
        _note(problems, "username", NO_PERSON)
    else:
        # Locked, for otherwise two who enter the same expert at once would both find nothing.
        identity.lock_person(session, account.person_id)
        if profile_of(session, account.account_id) is not None:
            _note(problems, "username", ENTERED_ALREADY)
    if problems or account is None or account.person_id is None or pool_id is None:
        raise invalid(problems)
    return add_profile(
        session,
        account_id=account.account_id,
        person_id=account.person_id,
        organisation_id=pool_id,
        specialties=set(said.specialties),
        hospital=_tidy(said.hospital),
        title=_tidy(said.title),
        daily_limit=said.daily_limit,
        by=by,
    )


def change(session: Session, username: str, said: Said, *, by: str) -> ExpertProfile:
    """Change what is said; the specialties as a whole. It is logged. Raises invalid_input with all that is wrong."""
    problems = _problems(said)
    account = identity.expert_account(session, username)
    pool_id = _pool(session, account, said, problems) if said.pool is not None else None
    profile = _profile(session, account, problems)
    if problems or profile is None:
        raise invalid(problems)
    before = pool_log.known(session, profile.account_id)
    if said.specialties:
        profile.specialties = sorted(set(said.specialties))
    if said.hospital is not None:
        profile.hospital = _tidy(said.hospital)
    if said.title is not None:
        profile.title = _tidy(said.title)
    if said.daily_limit is not None or said.no_limit:
        profile.daily_limit = said.daily_limit
    if pool_id is not None:
        profile.organisation_id = pool_id
    pool_log.note(session, profile.account_id, PoolChange.CHANGED, before=before, by=by)
    return profile


def is_listed_hospital(session: Session, name: str) -> bool:
    """Whether an institution of the list is called so, as the draw compares names.

    One that is not may be right (it lies elsewhere) or misspelt: then its experts would judge its own patients.
    """
    wanted = InstitutionFilter(words=_tidy(name).split())
    likely = places.find_institutions(session, wanted, cursor=None, limit=_LIKELY_NAMES).items
    return hospital_key(name) in {hospital_key(one.name) for one in likely}


def _profile(session: Session, account: ExpertAccount | None, problems: Problems) -> ExpertProfile | None:
    found = None if account is None else profile_of(session, account.account_id)
    if found is None:
        _note(problems, "username", NO_ACCOUNT if account is None else NOT_ENTERED)
    return found


def _pool(session: Session, account: ExpertAccount | None, said: Said, problems: Problems) -> UUID | None:
    """The pool that is named, else the only one at which the account is an expert."""
    named = None
    if said.pool is not None:
        named = identity.expert_pool_of_region(session, said.pool)
        if named is None:
            _note(problems, "pool", errors.NO_POOL.detail.format(region=said.pool))
            return None
    if account is None:
        return None
    if not account.pools:
        _note(problems, "username", NO_ROLE)
    elif named is not None and named not in account.pools:
        _note(problems, "pool", NOT_THERE)
    elif named is None and len(account.pools) > 1:
        _note(problems, "pool", WHICH_POOL)
    return named or next(iter(account.pools), None)


def _problems(said: Said) -> Problems:
    """What is wrong with what is said."""
    problems: Problems = {}
    for one in dict.fromkeys(said.specialties):
        if one not in KNOWN_SPECIALTIES:
            known = "、".join(sorted(KNOWN_SPECIALTIES))
            _note(problems, "specialties", NO_SPECIALTY.format(specialty=one, known=known))
    texts: Mapping[str, str | None] = {"hospital": said.hospital, "title": said.title}
    for field, text in texts.items():
        if text is None:
            continue
        if not _tidy(text) or not _tidy(text).isprintable():
            _note(problems, field, EMPTY)
        elif len(_tidy(text)) > _LENGTHS[field]:
            _note(problems, field, TOO_LONG.format(limit=_LENGTHS[field]))
    if said.daily_limit is not None and not 1 <= said.daily_limit <= MAX_DAILY_LIMIT:
        _note(problems, "daily_limit", BAD_LIMIT.format(limit=MAX_DAILY_LIMIT))
    elif said.daily_limit is not None and said.no_limit:
        _note(problems, "daily_limit", BOTH_LIMITS)
    return problems


def _need_all(said: Said, problems: Problems) -> None:
    if not said.specialties:
        _note(problems, "specialties", MISSING)
    if said.hospital is None:
        _note(problems, "hospital", MISSING)
    if said.title is None:
        _note(problems, "title", MISSING)


def _note(problems: Problems, field: str, words: Text) -> None:
    problems.setdefault(field, []).append(words)


def _tidy(text: str | None) -> str:
    """In one line, without blanks around it."""
    return " ".join((text or "").split())


NO_ACCOUNT: Final = Text("没有这个工作人员账号，请核对用户名。", "No staff account has this user name.")
NO_PERSON: Final = Text(
    "这个账号没有对应到具体人员，不能判断回避，不能加入专家库。",
    "No person belongs to this account, so conflicts of interest could not be seen.",
)
NO_ROLE: Final = Text(
    "这个账号没有任何专家库的专家角色，请先授予角色。",
    "This account does not hold the role of expert at any pool. Grant the role first.",
)
NOT_THERE: Final = Text(
    "这个账号不是这个专家库的专家，请先授予角色。",
    "This account is no expert of that pool. Grant the role there first.",
)
WHICH_POOL: Final = Text(
    "这个账号在几个专家库都是专家，请指定其中一个。", "This account is an expert of several pools. Say which."
)
ENTERED_ALREADY: Final = Text(
    "这位专家已经登记过，请使用修改命令。", "This expert is entered already. Change the entry instead."
)
NOT_ENTERED: Final = Text(
    "这个账号还没有登记为专家，请先登记。", "This account is not entered as an expert yet."
)
NO_SPECIALTY: Final = Text(
    "没有“{specialty}”这个专科。可选：{known}。", "There is no specialty {specialty}. There are {known}."
)
MISSING: Final = Text("这一项必须填写。", "This must be given.")
EMPTY: Final = Text("不能为空，也不能含控制字符。", "It must not be empty or hold control characters.")
TOO_LONG: Final = Text("最多 {limit} 个字。", "At most {limit} characters.")
BAD_LIMIT: Final = Text(
    "每日上限应在 1 到 {limit} 之间；不限时请不要填。",
    "From 1 to {limit} cases a day; leave it out for no limit.",
)
BOTH_LIMITS: Final = Text("每日上限和“不限”只能选一个。", "Give a limit or none, not both.")
