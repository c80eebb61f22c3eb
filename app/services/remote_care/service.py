"""Advice, records, and what may be done to a record."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.filings import service as filings
from app.filings.coverage import choose_coverage
from app.filings.errors import SUBJECT_NOT_ALLOWED
from app.filings.service import SeenFiling
from app.filings.wanting import Act
from app.identity import service as identity
from app.identity.actor import Actor
from app.kit import clock
from app.kit.errors import NOT_FOUND, invalid
from app.kit.pages import Page
from app.places import regions
from app.places.errors import NO_SUCH_REGION
from app.services.remote_care import store
from app.services.remote_care.advice import Advice, advise
from app.services.remote_care.categories import MedType, PersonFacts
from app.services.remote_care.judging import CODE, pack_on, person_facts
from app.services.remote_care.models import RemoteCareRecord
from app.services.remote_care.packs import pack_by_id
from app.services.remote_care.rules import filing_place_code
from app.workflow.table import Action


@dataclass(frozen=True, slots=True)
class Question:
    """All that advice depends on, and nothing that names a person: the same question has the same answer."""

    pack_id: str
    facts: PersonFacts
    care_region_code: str
    med_type: MedType
    hospital_level: int | None
    urgent: bool
    today: date

    def answer(self) -> Advice:
        """Whether to file, why, until when, and what the fund would pay with and without."""
        care = regions.find(self.care_region_code)
        if care is None:
            raise LookupError("the question is about a region that does not exist")
        return advise(
            pack_by_id(self.pack_id),
            self.facts,
            care,
            self.med_type,
            hospital_level=self.hospital_level,
            urgent=self.urgent,
            today=self.today,
        )


def question(
    session: Session,
    actor: Actor,
    *,
    care_region_code: str,
    med_type: MedType,
    hospital_level: int | None,
    urgent: bool,
    insutype: str | None,
    person_id: UUID | None,
) -> Question:
    """What a person asks before filing: by which rules, with which coverage, about care in which region."""
    subject_id = _may_ask_for(session, actor, person_id)
    today = clock.today()
    coverage = choose_coverage(identity.coverages_of(session, subject_id), today, insutype)
    chosen = regions.find(care_region_code)
    place = regions.find(filing_place_code(care_region_code))
    if chosen is None or place is None:
        raise invalid({"care_region_code": [NO_SUCH_REGION]})
    care = chosen if chosen.code.startswith(coverage.region_code) else place
    return Question(
        pack_id=pack_on(coverage.region_code, today).pack_id,
        facts=person_facts(coverage, today),
        care_region_code=care.code,
        med_type=med_type,
        hospital_level=hospital_level,
        urgent=urgent,
        today=today,
    )


def page_of_records(
    session: Session, actor: Actor, *, person_id: UUID | None, cursor: str | None, limit: int
) -> Page[RemoteCareRecord]:
    """The records of the actor or of somebody the actor may act for, newest first."""
    return store.page_of(session, [_may_ask_for(session, actor, person_id)], cursor, limit)


@dataclass(frozen=True)
class RecordDone:
    """A record after an action, and the case that the action made or moved."""

    record: RemoteCareRecord
    seen: SeenFiling


def act_on_record(
    session: Session,
    actor: Actor,
    record_id: UUID,
    *,
    action: str,
    reason: str | None,
    form: Mapping[str, Any] | None,
    material_ids: list[UUID],
    open_limit: int,
) -> RecordDone:
    """Cancel a record, or change it: a new case whose approval takes the record's place."""
    record = store.get(session, record_id)
    if record is None or identity.may_act_for(session, actor, record.person_id) is None:
        raise NOT_FOUND()
    if action == "cancel":
        seen = filings.get(session, actor, record.filing_id)
        wanted = Act(Action.CANCEL_RECORD, seen.filing.version, reason=reason)
        return RecordDone(record, filings.act(session, actor, record.filing_id, wanted))
    before = filings.get(session, actor, record.filing_id).filing.form
    kept = {key: value for key, value in before.items() if key in _KEPT}
    seen = filings.start(
        session,
        actor,
        service_code=CODE,
        subject_id=record.person_id,
        form={**kept, **(form or {}), "replaces_record_id": str(record.id)},
        material_ids=material_ids,
        submit=True,
        open_limit=open_limit,
    )
    return RecordDone(record, seen)


_KEPT = frozenset({"category", "proof", "insutype", "employer_name"})
"""What a change takes over from the case before unless it says otherwise; a commitment must be given anew."""


def _may_ask_for(session: Session, actor: Actor, person_id: UUID | None) -> UUID:
    own_id = identity.require_person(actor)
    wanted = person_id or own_id
    if identity.may_act_for(session, actor, wanted) is None:
        raise SUBJECT_NOT_ALLOWED()
    return wanted
