"""Papers for other domains: who may see which, which belong to a case, and how a new one is written down."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.identity import service as identity
from app.identity.actor import Actor, Grant, Ground
from app.kit import clock, ids
from app.kit.db import insert_if_absent
from app.kit.errors import NOT_FOUND, Problem, invalid
from app.kit.images import CleanPhoto
from app.kit.text import Text
from app.materials.errors import MATERIALS_NOT_FOUND, PAPERS_ABOUT_OTHERS, UPLOAD_LIMIT_REACHED
from app.materials.kinds import PaperKind, kind_name
from app.materials.models import Material

__all__ = (
    "Concern",
    "MaterialReader",
    "PaperKind",
    "kind_name",
    "mark_attached",
    "mark_removed",
    "materials_of",
)


@dataclass(frozen=True)
class Concern:
    """Through what somebody sees another's paper: the case, whom it is about, and in which quality one comes."""

    person_id: UUID
    filing_id: UUID
    ground: Ground
    grant: Grant | None
    about: Text


MaterialReader = Callable[[Session, Actor, Material], Concern | None]
"""Says through which case an actor may see a paper of somebody else; None: through none."""


def materials_of(session: Session, account_id: UUID, material_ids: Sequence[UUID]) -> list[Material]:
    """The account's papers with these ids, in their order, each once.

    Raises MATERIALS_NOT_FOUND naming all that do not exist or belong to somebody else.
    """
    wanted = list(dict.fromkeys(material_ids))
    query = select(Material).where(Material.id.in_(wanted), Material.account_id == account_id)
    found = {material.id: material for material in session.execute(query).scalars()} if wanted else {}
    missing = [material_id for material_id in wanted if material_id not in found]
    if missing:
        raise _not_found(material_ids, missing)
    return [found[material_id] for material_id in wanted]


def papers_about(session: Session, material_ids: Collection[UUID], person_id: UUID) -> Sequence[Material]:
    """Those of these papers that show this person, whoever uploaded them.

    For a case that takes over the papers of another one: the caller answers for the right to see them.
    """
    if not material_ids:
        return []
    query = select(Material).where(Material.id.in_(material_ids), Material.person_id == person_id)
    return session.execute(query.order_by(Material.id)).scalars().all()


def check_about(papers: Sequence[Material], person_ids: Collection[UUID]) -> None:
    """Raise PAPERS_ABOUT_OTHERS, naming them all, unless each paper is about one of these persons."""
    others = [paper for paper in papers if paper.person_id not in person_ids]
    if not others:
        return
    message = Text(
        "这份材料是为别人上传的，请为办理对象重新拍照上传。",
        "This paper was uploaded for somebody else. Please upload it for the person of the case.",
    )
    raise PAPERS_ABOUT_OTHERS(
        count=len(others),
        errors={"material_ids": [message]},
        extra={"other_material_ids": [str(paper.id) for paper in others]},
    )


def mark_attached(session: Session, material_ids: Collection[UUID]) -> None:
    """Note that these papers belong to a case now and must stay. In the transaction that links them.

    Raises MATERIALS_NOT_FOUND when one was deleted in the meantime.
    """
    if not material_ids:
        return
    wanted = set(material_ids)
    statement = (
        update(Material)
        .where(Material.id.in_(wanted))
        .values(attached_at=func.coalesce(Material.attached_at, clock.now()))
        .returning(Material.id)
        .execution_options(synchronize_session=False)
    )
    marked = set(session.execute(statement).scalars())
    if marked != wanted:
        raise _not_found(list(material_ids), sorted(wanted - marked))


def mark_removed(
    session: Session,
    material_ids: Collection[UUID],
    *,
    still_used: Callable[[Sequence[UUID]], Collection[UUID]],
) -> None:
    """Note that these papers left a case: one that no other case uses counts as never attached, and may be deleted.

    The rows are locked before ``still_used`` looks: a case that takes one of them meanwhile is seen, or waits and then
    attaches it anew.
    """
    ids_in_order = sorted(set(material_ids))
    of_papers = select(Material.id).where(Material.id.in_(ids_in_order))
    session.execute(of_papers.order_by(Material.id).with_for_update())
    free = set(ids_in_order) - set(still_used(ids_in_order))
    if free:
        statement = update(Material).where(Material.id.in_(free)).values(attached_at=None)
        session.execute(statement.execution_options(synchronize_session=False))


def _not_found(given: Sequence[UUID], missing: Sequence[UUID]) -> Problem:
    message = Text("这份材料没有找到，请重新拍照上传。", "This paper was not found. Please upload it again.")
    errors = {
        f"material_ids.{place}": [message]
        for place, material_id in enumerate(given)
        if material_id in missing
    }
    return MATERIALS_NOT_FOUND(
        count=len(missing), errors=errors, extra={"missing_material_ids": [str(gone) for gone in missing]}
    )


def own_material(session: Session, actor: Actor, material_id: UUID) -> Material | None:
    """The paper, if the actor's account uploaded it."""
    query = select(Material).where(Material.id == material_id, Material.account_id == actor.account_id)
    return session.execute(query).scalar_one_or_none()


def others_material(
    session: Session, actor: Actor, material_id: UUID, readers: Sequence[MaterialReader]
) -> Material:
    """Somebody else's paper, if one of ``readers`` lets the actor see it.

    The access is recorded for the person whom the case is about, whoever the paper shows. Raises NOT_FOUND
    otherwise, whether it exists or not.
    """
    material = session.get(Material, material_id)
    if material is None:
        raise NOT_FOUND()
    concerns = (reader(session, actor, material) for reader in readers)
    concern = next((found for found in concerns if found is not None), None)
    if concern is None:
        raise NOT_FOUND()
    identity.record_access(
        session,
        actor,
        concern.person_id,
        identity.AccessKind.MATERIAL_VIEWED,
        filing_id=concern.filing_id,
        ground=concern.ground,
        grant=concern.grant,
        about=concern.about,
    )
    return material


@dataclass(frozen=True)
class Copies:
    """What the owner has of a content before it is stored: all rows, and whether one is the same paper."""

    ids: frozenset[UUID]
    same: bool


def subject_of_upload(session: Session, actor: Actor, person_id: UUID | None) -> UUID:
    """Whom an upload is about: the person named, or the actor's own.

    Whether the actor may act for that person is decided when the paper is attached to a case. Raises
    REAL_NAME_REQUIRED, or invalid_input when there is no such person.
    """
    own_id = identity.require_person(actor)
    if person_id is None or person_id == own_id:
        return own_id
    if person_id not in identity.persons_by_ids(session, [person_id]):
        message = Text(
            "没有找到这个人，请返回重新选择为谁上传。", "This person was not found. Go back and choose again."
        )
        raise invalid({"person_id": [message]})
    return person_id


def copies_of(session: Session, owner: Actor, subject_id: UUID, kind: PaperKind, sha256: str) -> Copies:
    """What the owner has of this content already."""
    query = select(Material).where(Material.account_id == owner.account_id, Material.sha256 == sha256)
    rows = session.execute(query).scalars().all()
    same = any(row.kind == kind and row.person_id == subject_id for row in rows)
    return Copies(frozenset(row.id for row in rows), same)


def check_daily_limit(session: Session, account_id: UUID, limit: int, *, already: int = 0) -> None:
    """Raise UPLOAD_LIMIT_REACHED when ``limit`` papers are of today, less ``already`` being added now.

    It bounds what one account can fill; uploads at the very same moment may pass it by a few.
    """
    now = clock.now()
    midnight = datetime.combine(clock.china_day(now), time(), clock.CHINA)
    query = select(func.count()).where(Material.account_id == account_id, Material.created_at >= midnight)
    if session.execute(query).scalar_one() - already >= limit:
        wait = int((midnight + timedelta(days=1) - now).total_seconds()) + 1
        raise UPLOAD_LIMIT_REACHED(limit=limit, headers={"Retry-After": str(wait)})


def keep(
    session: Session,
    owner: Actor,
    subject_id: UUID,
    kind: PaperKind,
    photo: CleanPhoto,
    *,
    seen: Copies,
    daily_limit: int,
) -> tuple[Material, bool, bool]:
    """Write down a photograph that is in the store: (paper, whether it is new, whether to store it again).

    The same content of the same kind about the same person is the same paper: of two uploads at once one
    makes the row and both get it. The content's rows are locked, so that none is deleted meanwhile; if one of
    those ``seen`` before the photograph was stored is gone, its deletion may have taken the photograph along.
    """
    of_content = select(Material).where(
        Material.account_id == owner.account_id, Material.sha256 == photo.sha256
    )
    rows = session.execute(of_content.with_for_update()).scalars().all()
    store_again = not seen.ids <= {row.id for row in rows}
    now = clock.now()
    values = {
        "id": ids.new_id(),
        "account_id": owner.account_id,
        "person_id": subject_id,
        "kind": kind,
        "media_type": photo.media_type,
        "size": len(photo.content),
        "width": photo.width,
        "height": photo.height,
        "sha256": photo.sha256,
        "created_at": now,
        "uploaded_at": now,
    }
    is_new = insert_if_absent(session, Material, values)
    the_same = of_content.where(Material.kind == kind, Material.person_id == subject_id)
    material = session.execute(the_same.with_for_update()).scalar_one()
    if is_new:
        check_daily_limit(session, owner.account_id, daily_limit, already=1)
    else:
        material.uploaded_at = now
    return material, is_new, store_again
