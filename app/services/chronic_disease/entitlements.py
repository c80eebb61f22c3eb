"""What an approval gives: the benefit for a disease, for a time, at institutions that the person chooses."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Date, and_, bindparam, delete, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from app.filings import service as filings
from app.filings.declaration import Effect
from app.filings.models import Filing
from app.filings.numbers import told_of
from app.identity import service as identity
from app.identity.actor import Actor
from app.identity.models import AccessKind
from app.kit import clock, ids
from app.kit.errors import NOT_FOUND, STALE_VERSION, invalid
from app.kit.pages import Page, newest_first
from app.kit.periods import add_months
from app.kit.text import Text
from app.notices import service as notices
from app.places import service as places
from app.services.chronic_disease import errors
from app.services.chronic_disease.benefits import Benefit, disease_name, require_criteria
from app.services.chronic_disease.models import (
    ChronicEntitlement,
    ChronicItem,
    EntitlementInstitution,
    EntitlementStatus,
)
from app.services.chronic_disease.packs import pack_by_id
from app.workflow.table import Status


def grant(effect: Effect, item: ChronicItem) -> ChronicEntitlement:
    """Write the entitlement of an approved disease, from today on; a renewal begins when the one before it has ended.

    两病 for the same disease ends with it: it is for those below the threshold [002 灵璧].
    """
    session, filing = effect.session, effect.filing
    pack = pack_by_id(str(filing.pack_id))
    benefit = Benefit(filing.service_code)
    rules = require_criteria(pack, benefit, item.disease_code)
    coverage = identity.get_coverage(session, filing.coverage_id)
    person = identity.get_person(session, filing.person_id)
    today = clock.china_day(effect.now)
    begin = _first_day(session, filing.person_id, benefit, item.disease_code, today)
    if benefit is Benefit.CHRONIC:
        _end_two_disease(session, filing.person_id, item.disease_code, today)
    entry = next(one for one in effect.form["diseases"] if one["disease_code"] == item.disease_code)
    made = ChronicEntitlement(
        id=ids.new_id(),
        person_id=filing.person_id,
        filing_id=filing.id,
        benefit=benefit,
        opsp_dise_code=item.disease_code,
        opsp_dise_name=disease_name(item.disease_code),
        insutype=coverage.insutype,
        insu_admdvs=coverage.region_code,
        psn_no=person.psn_no,
        hosp_ide_date=entry["diagnosed_on"],
        appy_date=clock.china_day(filing.submitted_at or effect.now),
        begndate=begin,
        enddate=end_of_validity(begin, rules.validity_months),
        state=EntitlementStatus.ACTIVE,
        pack_id=pack.pack_id,
        created_at=effect.now,
    )
    session.add(made)
    for institution_id in effect.form.get("institution_ids", ()):
        session.add(_choice(made, institution_id, today))
    return made


def _first_day(session: Session, person_id: UUID, benefit: Benefit, code: str, today: date) -> date:
    ends = [
        one.enddate
        for one in not_ended(session, person_id, today)
        if one.benefit == benefit and one.opsp_dise_code == code and one.enddate is not None
    ]
    return max(ends) + timedelta(days=1) if ends else today


def _end_two_disease(session: Session, person_id: UUID, code: str, today: date) -> None:
    for one in not_ended(session, person_id, today):
        if one.benefit == Benefit.TWO_DISEASE and one.opsp_dise_code == code:
            _end(one, today, "已认定同一病种的门诊慢特病，“两病”待遇由门诊慢特病待遇代替。")


def end_of_validity(begin: date, months: int | None) -> date | None:
    """The last day of so many months from ``begin``, that day included (民法典 201–202条); None: without end."""
    return None if months is None else add_months(begin, months)


def in_force(session: Session, person_id: UUID, on: date) -> Sequence[ChronicEntitlement]:
    """A person's entitlements that held on a day, though they may have ended since: at most one a disease and benefit."""
    return session.execute(_IN_FORCE, {"person_id": person_id, "on": on}).scalars().all()


def in_force_of(session: Session, person_ids: Collection[UUID], on: date) -> Sequence[ChronicEntitlement]:
    """The same for many persons, in one statement."""
    return session.execute(_IN_FORCE_OF, {"person_ids": list(person_ids), "on": on}).scalars().all()


def _held_on(day: ColumnElement[date]) -> ColumnElement[bool]:
    """By its dates. One that was withdrawn held until the day before: what takes its place begins on the day itself."""
    return and_(
        ChronicEntitlement.begndate <= day,
        or_(ChronicEntitlement.enddate.is_(None), ChronicEntitlement.enddate >= day),
        or_(ChronicEntitlement.state == EntitlementStatus.ACTIVE, ChronicEntitlement.withdrawn_on > day),
    )


_IN_FORCE = (
    select(ChronicEntitlement)
    .where(ChronicEntitlement.person_id == bindparam("person_id"), _held_on(bindparam("on", type_=Date)))
    .order_by(ChronicEntitlement.id)
)
_IN_FORCE_OF = (
    select(ChronicEntitlement)
    .where(
        ChronicEntitlement.person_id.in_(bindparam("person_ids", expanding=True)),
        _held_on(bindparam("on", type_=Date)),
    )
    .order_by(ChronicEntitlement.id)
)


def last_day(entitlement: ChronicEntitlement) -> date | None:
    """The last day on which it holds or held; None: without end."""
    if entitlement.withdrawn_on is None:
        return entitlement.enddate
    before = entitlement.withdrawn_on - timedelta(days=1)
    return before if entitlement.enddate is None else min(before, entitlement.enddate)


def not_ended(session: Session, person_id: UUID, on: date) -> Sequence[ChronicEntitlement]:
    """A person's entitlements that hold on a day or will, as a renewal that has not begun yet."""
    return session.execute(_NOT_ENDED, {"person_id": person_id, "on": on}).scalars().all()


def not_ended_of(session: Session, person_ids: Collection[UUID], on: date) -> Sequence[ChronicEntitlement]:
    """The same for many persons, in one statement."""
    query = select(ChronicEntitlement).where(
        ChronicEntitlement.person_id.in_(person_ids),
        ChronicEntitlement.state == EntitlementStatus.ACTIVE,
        or_(ChronicEntitlement.enddate.is_(None), ChronicEntitlement.enddate >= on),
    )
    return session.execute(query).scalars().all()


_NOT_ENDED = (
    select(ChronicEntitlement)
    .where(
        ChronicEntitlement.person_id == bindparam("person_id"),
        ChronicEntitlement.state == EntitlementStatus.ACTIVE,
        or_(ChronicEntitlement.enddate.is_(None), ChronicEntitlement.enddate >= bindparam("on")),
    )
    .order_by(ChronicEntitlement.id)
)


def page_of(
    session: Session, actor: Actor, person_id: UUID | None, cursor: str | None, limit: int
) -> Page[ChronicEntitlement]:
    """The entitlements of the actor or of somebody the actor may act for, newest first."""
    wanted = person_id or identity.require_person(actor)
    if identity.may_act_for(session, actor, wanted) is None:
        raise NOT_FOUND()
    query = select(ChronicEntitlement).where(ChronicEntitlement.person_id == wanted)
    return newest_first(session, query, ChronicEntitlement.id, cursor, limit)


def of_filing(session: Session, filing_id: UUID) -> Sequence[ChronicEntitlement]:
    """What a case gave."""
    query = select(ChronicEntitlement).where(ChronicEntitlement.filing_id == filing_id)
    return session.execute(query.order_by(ChronicEntitlement.id)).scalars().all()


def were_given(session: Session, filing: Filing) -> bool:
    """Whether the case gave anything, whatever becomes of the rest of it: an appeal takes nothing back."""
    if filing.status is Status.APPROVED:
        return True
    if filing.submitted_at is None:
        return False
    query = select(ChronicEntitlement.id).where(ChronicEntitlement.filing_id == filing.id).limit(1)
    return session.execute(query).first() is not None


def institutions_of(session: Session, entitlement_ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """Entitlement → the institutions chosen for it; one statement."""
    if not entitlement_ids:
        return {}
    query = (
        select(EntitlementInstitution.entitlement_id, EntitlementInstitution.institution_id)
        .where(EntitlementInstitution.entitlement_id.in_(entitlement_ids))
        .order_by(EntitlementInstitution.institution_id)
    )
    found: dict[UUID, list[UUID]] = {}
    for entitlement_id, institution_id in session.execute(query):
        found.setdefault(entitlement_id, []).append(institution_id)
    return found


def choose_institutions(
    session: Session,
    actor: Actor,
    entitlement_id: UUID,
    *,
    institution_ids: Sequence[UUID],
    expected_version: int,
) -> ChronicEntitlement:
    """Choose the institutions: the first choice is free, after it so many changes in twelve months as the pack says [003].

    Raises NOT_FOUND, STALE_VERSION, ENTITLEMENT_ENDED, INSTITUTIONS_FIXED, or what is wrong with the list.
    """
    found = session.get(ChronicEntitlement, entitlement_id)
    if found is None or identity.may_act_for(session, actor, found.person_id) is None:
        raise NOT_FOUND()
    identity.lock_person(session, found.person_id)
    session.refresh(found, with_for_update=True)
    if found.version != expected_version:
        raise STALE_VERSION(extra={"version": found.version})
    today = clock.today()
    if found.state is not EntitlementStatus.ACTIVE or (found.enddate is not None and found.enddate < today):
        raise errors.ENTITLEMENT_ENDED()
    _check_choice(found, institution_ids)
    if problems := institution_problems(session, found.insu_admdvs, institution_ids):
        raise invalid({name: [words] for name, words in problems.items()})
    present = institutions_of(session, [found.id]).get(found.id, [])
    if sorted(present) == sorted(institution_ids):
        return found
    if present:
        _note_change(found, today)
    # The first choice changes no column of its own, and yet whoever chose on an older page must be told.
    flag_modified(found, "institutions_changed_on")
    _replace(session, found, institution_ids, today)
    session.flush()
    return found


def _check_choice(entitlement: ChronicEntitlement, institution_ids: Sequence[UUID]) -> None:
    """Raise for more institutions than the region allows, or one named twice."""
    limit = pack_by_id(entitlement.pack_id).max_institutions
    words = []
    if len(institution_ids) > limit:
        words.append(Text(f"最多选 {limit} 家。", f"At most {limit}."))
    if len(set(institution_ids)) != len(institution_ids):
        words.append(Text("同一家机构只选一次。", "Choose each institution once."))
    if words:
        raise invalid({"institution_ids": words})


def _note_change(entitlement: ChronicEntitlement, today: date) -> None:
    """Count a change. Raises INSTITUTIONS_FIXED where the year's are used up."""
    times = pack_by_id(entitlement.pack_id).institution_changes_per_year
    free_from = next_change(entitlement, times)
    if free_from is not None and today < free_from:
        raise errors.INSTITUTIONS_FIXED(times=times, until=free_from)
    # The last but one, and so on: one fewer than may be made in a year.
    before = [str(day) for day in _changes(entitlement)][1 - times :] if times > 1 else []
    entitlement.institutions_changed_before = before or None
    entitlement.institutions_changed_on = today


def next_change(entitlement: ChronicEntitlement, times: int) -> date | None:
    """From when the institutions may be changed again, ``times`` in any twelve months; None: they may now or may always.

    A change counts until a year after it, that day not included.
    """
    changes = _changes(entitlement)
    return add_months(changes[-times], 12) if len(changes) >= times else None


def _changes(entitlement: ChronicEntitlement) -> list[date]:
    """The days of the changes that may still count, the oldest first."""
    if entitlement.institutions_changed_on is None:
        return []
    before = [date.fromisoformat(day) for day in entitlement.institutions_changed_before or ()]
    return [*before, entitlement.institutions_changed_on]


def institution_problems(
    session: Session, region_code: str, institution_ids: Sequence[UUID]
) -> dict[str, Text]:
    """What is wrong with a choice, by field: one that does not exist or lies outside the pooling region."""
    known = places.institutions_by_ids(session, institution_ids)
    problems: dict[str, Text] = {}
    for place, one in enumerate(institution_ids):
        institution = known.get(one)
        if institution is None:
            words = Text("没有这家定点医药机构。", "There is no such institution.")
        elif not institution.region_code.startswith(region_code):
            words = Text(
                "这家机构不在您的参保地，请选参保地的机构。", "It is not in your insurance's region."
            )
        else:
            continue
        problems[f"institution_ids.{place}"] = words
    return problems


def withdraw(
    session: Session, actor: Actor, entitlement_id: UUID, *, reason: str, expected_version: int
) -> ChronicEntitlement:
    """The agency ends an entitlement from today on, with a reason that the person reads.

    Raises NOT_FOUND, STALE_VERSION, ENTITLEMENT_ENDED, and OWN_ENTITLEMENT for the handler's own or a relative's.
    """
    found = session.get(ChronicEntitlement, entitlement_id)
    if found is None or not identity.handles_region(actor, found.insu_admdvs):
        raise NOT_FOUND()
    identity.lock_person(session, found.person_id)
    session.refresh(found, with_for_update=True)
    if found.version != expected_version:
        raise STALE_VERSION(extra={"version": found.version})
    if found.state is not EntitlementStatus.ACTIVE:
        raise errors.ENTITLEMENT_ENDED()
    if actor.person_id is None or identity.are_related(session, actor.person_id, found.person_id):
        raise errors.OWN_ENTITLEMENT()
    _end(found, clock.today(), reason)
    filings.note_act(session, actor, found.filing_id, AccessKind.FILING_CHANGED)
    case = told_of(session, [found.filing_id])[found.filing_id]
    notices.queue_notice(
        session,
        person_id=found.person_id,
        kind=notices.NoticeKind.ENTITLEMENT_WITHDRAWN,
        filing_id=found.filing_id,
        params={
            "service": Text(f"{found.opsp_dise_name}待遇", f"benefit for {found.opsp_dise_name}"),
            "number": case.number,
            "reason": reason,
        },
        also_person_id=case.guardian_id,
    )
    session.flush()
    return found


def _end(entitlement: ChronicEntitlement, today: date, reason: str) -> None:
    entitlement.state, entitlement.withdrawn_on = EntitlementStatus.WITHDRAWN, today
    entitlement.withdrawn_reason = reason
    if entitlement.begndate <= today:
        entitlement.enddate = today if entitlement.enddate is None else min(today, entitlement.enddate)


def _replace(
    session: Session, entitlement: ChronicEntitlement, institution_ids: Sequence[UUID], today: date
) -> None:
    session.execute(
        delete(EntitlementInstitution).where(EntitlementInstitution.entitlement_id == entitlement.id)
    )
    for institution_id in institution_ids:
        session.add(_choice(entitlement, institution_id, today))


def _choice(entitlement: ChronicEntitlement, institution_id: UUID, today: date) -> EntitlementInstitution:
    return EntitlementInstitution(
        entitlement_id=entitlement.id,
        institution_id=institution_id,
        person_id=entitlement.person_id,
        chosen_on=today,
    )


def words(entitlement: ChronicEntitlement) -> Text:
    """From when until when, or that it was withdrawn."""
    if entitlement.state is EntitlementStatus.WITHDRAWN:
        day = entitlement.withdrawn_on
        return Text(f"已于 {day} 取消", f"Withdrawn on {day}")
    if entitlement.enddate is None:
        return Text(f"{entitlement.begndate} 起长期有效", f"From {entitlement.begndate}, without end")
    return Text(
        f"{entitlement.begndate} 至 {entitlement.enddate}",
        f"{entitlement.begndate} to {entitlement.enddate}",
    )
