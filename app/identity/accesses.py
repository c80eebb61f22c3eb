"""Who saw or did what with a person's records, kept for that person to read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast
from uuid import UUID

from sqlalchemy import Table, bindparam, exists, insert, select
from sqlalchemy.orm import Session

from app.identity import queries
from app.identity.actor import AccountKind, Actor, Grant, Ground, Role
from app.identity.models import AccessKind, AccessRecord
from app.identity.queries import AccountHolder
from app.identity.wording import ROLES, role_name
from app.kit import clock, ids
from app.kit.masking import mask_name
from app.kit.pages import Page, newest_first
from app.kit.text import Text

ONCE_WITHIN: Final = timedelta(minutes=10)
LOOKS: Final = frozenset(
    {
        AccessKind.PERSON_VIEWED,
        AccessKind.COVERAGE_VIEWED,
        AccessKind.BENEFITS_VIEWED,
        AccessKind.FILING_VIEWED,
        AccessKind.MATERIAL_VIEWED,
        AccessKind.HISTORY_VIEWED,
        AccessKind.PAPER_DOWNLOADED,
        AccessKind.VOUCHER_VIEWED,
        AccessKind.VOUCHER_SHOWN,
        AccessKind.BILLS_VIEWED,
        AccessKind.BILLS_DOWNLOADED,
    }
)

_GROUNDS: Final[Mapping[Ground | None, Text]] = {
    Ground.GUARDIAN: Text("监护人", "guardian"),
    Ground.KIN: Text("亲属", "relative"),
    Ground.MANDATE: ROLES[Role.AGENT],
}
_NO_TITLE: Final = Text("", "")
_GROUNDS_OF_OFFICE: Final = frozenset({None, Ground.STAFF, Ground.MANDATE})
_ABOUT: Final = Text("办件", "case")
_SENTENCES: Final = {
    AccessKind.PERSON_VIEWED: Text("{who} 查看了您的个人信息", "{who} looked at your personal data"),
    AccessKind.COVERAGE_VIEWED: Text("{who} 查看了您的参保信息", "{who} looked at your coverage"),
    AccessKind.BENEFITS_VIEWED: Text(
        "{who} 查看了您有哪些慢特病、两病待遇",
        "{who} looked at which chronic-disease benefits you hold",
    ),
    AccessKind.FILING_VIEWED: Text("{who} 查看了您的{about}", "{who} looked at your {about}"),
    AccessKind.MATERIAL_VIEWED: Text(
        "{who} 查看了您{about}的材料", "{who} looked at the papers of your {about}"
    ),
    AccessKind.HISTORY_VIEWED: Text(
        "{who} 查看了您{about}的办理记录", "{who} looked at the history of your {about}"
    ),
    AccessKind.PAPER_DOWNLOADED: Text(
        "{who} 下载了您{about}的凭证", "{who} downloaded the receipt of your {about}"
    ),
    AccessKind.FILING_CREATED: Text("{who} 为您新建了{about}", "{who} began a {about} for you"),
    AccessKind.FILING_EDITED: Text("{who} 修改了您的{about}", "{who} edited your {about}"),
    AccessKind.FILING_SUBMITTED: Text("{who} 为您提交了{about}", "{who} submitted the {about} for you"),
    AccessKind.FILING_CLAIMED: Text("{who} 受理了您的{about}", "{who} took up your {about}"),
    AccessKind.FILING_RELEASED: Text(
        "{who} 退回了您的{about}，由他人办理", "{who} left your {about} to others"
    ),
    AccessKind.CORRECTION_ASKED: Text("{who} 请您补正{about}", "{who} asked you to complete your {about}"),
    AccessKind.FILING_CERTIFIED: Text("{who} 鉴定了您的{about}", "{who} assessed your {about}"),
    AccessKind.FILING_APPROVED: Text("{who} 通过了您的{about}", "{who} approved your {about}"),
    AccessKind.FILING_REJECTED: Text("{who} 没有通过您的{about}", "{who} rejected your {about}"),
    AccessKind.FILING_WITHDRAWN: Text("{who} 撤回了您的{about}", "{who} withdrew your {about}"),
    AccessKind.FILING_CHANGED: Text("{who} 办理了您的{about}", "{who} acted on your {about}"),
    AccessKind.VOUCHER_VIEWED: Text("{who} 查看了您的医保码", "{who} looked at your voucher"),
    AccessKind.VOUCHER_SHOWN: Text("{who} 替您出示了医保码", "{who} showed your voucher code for you"),
    AccessKind.VOUCHER_ACTIVATED: Text(
        "{who} 为您启用了医保码", "{who} activated your voucher on a phone for you"
    ),
    AccessKind.VOUCHER_REVOKED: Text("{who} 停用了您的医保码", "{who} revoked your voucher or a phone of it"),
    AccessKind.BILLS_VIEWED: Text("{who} 查看了您的账单", "{who} looked at your bills"),
    AccessKind.BILLS_DOWNLOADED: Text("{who} 下载了您的账单", "{who} downloaded your bills"),
}


@dataclass(frozen=True)
class Access:
    """One line for the person: when, who (name masked), what, on which ground; and all of it in words."""

    id: UUID
    at: datetime
    who: str
    role: Role
    organisation: str | None
    what: AccessKind
    filing_id: UUID | None
    ground: Ground | None
    text: Text


def record_access(
    session: Session,
    actor: Actor,
    person_id: UUID,
    what: AccessKind,
    filing_id: UUID | None = None,
    ground: Ground | None = None,
    *,
    grant: Grant | None = None,
    about: Text | None = None,
) -> None:
    """Keep that an actor saw or did something with a person's records. Nobody's own are recorded.

    The same look by the same account within ONCE_WITHIN is kept once; what is done (all but LOOKS) always.
    grant: the role in which the actor came; without it the first that is held. about: the thing in words
    (异地就医备案申请), without personal data.
    """
    if actor.person_id == person_id:
        return
    now = clock.now()
    if grant is None and actor.grants and ground in _GROUNDS_OF_OFFICE:
        grant = actor.grants[0]
    values = {
        "id": ids.new_id(),
        "person_id": person_id,
        "account_id": actor.account_id,
        "role": grant.role if grant is not None else _role_without_grant(actor),
        "organisation_name": grant.organisation_name or None if grant is not None else None,
        "what": what,
        "about_zh": str(about) if about is not None else None,
        "about_en": about.en if about is not None else None,
        "filing_id": filing_id,
        "ground": ground,
        "at": now,
    }
    connection = session.connection()
    if what in LOOKS:
        connection.execute(_INSERT_UNLESS_SEEN, {**values, "since": now - ONCE_WITHIN})
    else:
        connection.execute(_INSERT, values)


def page_of(session: Session, person_id: UUID, cursor: str | None, limit: int) -> Page[Access]:
    """Accesses to a person's records, the newest first: two statements a page."""
    query = select(AccessRecord).where(AccessRecord.person_id == person_id)
    page = newest_first(session, query, AccessRecord.id, cursor, limit)
    holders = queries.holders_of_accounts(session, {row.account_id for row in page.items})
    return Page([_access(row, holders.get(row.account_id)) for row in page.items], page.next_cursor)


def holder_name(holder: AccountHolder | None) -> str:
    """How an account is shown to others: a person's masked name, a machine's organisation."""
    if holder is None:
        return ""
    if holder.person is not None:
        return mask_name(holder.person.name or "")
    return holder.organisation_name or ""


# One statement, without the ORM: each scan at a counter waits for it.
_RECORD = cast(Table, AccessRecord.__table__)
_GIVEN = {column.name: bindparam(column.name, type_=column.type) for column in _RECORD.columns}
_LATELY = _RECORD.alias()
_INSERT: Final = insert(_RECORD)
_INSERT_UNLESS_SEEN: Final = _INSERT.from_select(
    list(_GIVEN),
    select(*_GIVEN.values()).where(
        ~exists().where(
            _LATELY.c.account_id == _GIVEN["account_id"],
            _LATELY.c.at > bindparam("since"),
            _LATELY.c.person_id == _GIVEN["person_id"],
            _LATELY.c.what == _GIVEN["what"],
            _LATELY.c.filing_id.is_not_distinct_from(_GIVEN["filing_id"]),
        )
    ),
)


def _role_without_grant(actor: Actor) -> Role:
    return Role.TERMINAL if actor.kind is AccountKind.TERMINAL else Role.CITIZEN


def _access(row: AccessRecord, holder: AccountHolder | None) -> Access:
    role, what = Role(row.role), AccessKind(row.what)
    ground = Ground(row.ground) if row.ground is not None else None
    name = holder_name(holder)
    title = role_name(role)
    if role is Role.CITIZEN:
        title = _GROUNDS.get(ground, _NO_TITLE)
    own = "" if name == row.organisation_name else name
    who = Text(
        " ".join(part for part in (row.organisation_name, str(title), own) if part),
        " ".join(part for part in (row.organisation_name, title.en, own) if part),
    )
    about = Text(row.about_zh, row.about_en or row.about_zh) if row.about_zh else _ABOUT
    return Access(
        id=row.id,
        at=row.at,
        who=name,
        role=role,
        organisation=row.organisation_name,
        what=what,
        filing_id=row.filing_id,
        ground=ground,
        text=_SENTENCES[what].format(who=who, about=about),
    )
