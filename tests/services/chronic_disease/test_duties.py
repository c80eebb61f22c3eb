"""Nobody acts in two steps of one case, on one's own or on a relative's."""

from uuid import UUID

import pytest
from clinic import DIABETES, HYPERTENSION, REGION, Clinic
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.identity import register
from app.identity.actor import OrganisationKind, Role
from app.identity.models import Account, Organisation, Person
from app.kit import clock
from app.services.chronic_disease import experts
from app.services.chronic_disease.models import ExpertLeave, ExpertProfile
from app.services.chronic_disease.redrawing import redraw_waiting
from tests.somebody import Somebody


def also_handler(clinic: Clinic, expert: Somebody) -> None:
    """The expert works at the agency too."""
    agency = clinic.world._organisation(OrganisationKind.AGENCY, "医保经办中心", REGION)
    clinic.world.write(
        lambda session: register.grant_role(
            session,
            session.get_one(Account, expert.account_id),
            Role.HANDLER,
            session.get_one(Organisation, agency),
        )
    )


def test_an_expert_does_not_review_the_own_opinion_at_the_agency(clinic: Clinic, patient: Somebody) -> None:
    case = clinic.apply(patient, HYPERTENSION)
    expert = clinic.expert_of(case)
    also_handler(clinic, expert)
    clinic.decide(expert, case, HYPERTENSION, certify=True)
    clinic.do(expert, case, "claim")
    assert clinic.refused(expert, case, "approve") == (409, "duty_separation")
    assert clinic.refused(expert, case, "reject", reason="不予办理") == (409, "duty_separation")
    clinic.do(expert, case, "release")
    assert clinic.review(patient.ok("GET", f"/filings/{case['id']}"))["status"] == "approved"


def test_a_relative_neither_calls_nor_is_called(clinic: Clinic, patient: Somebody) -> None:
    for expert in clinic.experts.values():
        clinic.world.write(lambda session, one=expert: _knows(session, one, "心血管内科"))
    both = clinic.expert(specialties=["内分泌科"])
    also_handler(clinic, both)
    today = clock.today()
    leave = clinic.world.write(lambda session: experts.add_leave(session, both.account_id, today, today).id)
    case = clinic.apply(patient, HYPERTENSION, DIABETES)
    [heart] = clinic.named(case)
    clinic.world.write(lambda session: session.delete(session.get_one(ExpertLeave, leave)))
    clinic.world.relate(patient, both)
    assert clinic.refused(both, case, "redraw") == (409, "conflict_of_interest")
    assert redraw_waiting(clinic.world.parts.database) == 0, "a relative now, and the only one who knows it"
    clinic.decide_all_of(heart, case)
    assert clinic.named(case) == []


def test_who_called_the_others_is_not_called(clinic: Clinic, patient: Somebody) -> None:
    for expert in clinic.experts.values():
        clinic.world.write(lambda session, one=expert: _knows(session, one, "呼吸内科"))
    case = clinic.apply(patient, HYPERTENSION, DIABETES)
    assert clinic.named(case) == []
    caller = clinic.expert(specialties=["呼吸内科"])
    also_handler(clinic, caller)
    clinic.expert(specialties=["心血管内科"])
    clinic.do(caller, case, "redraw")
    clinic.world.write(lambda session: _knows(session, caller, "内分泌科"))
    assert redraw_waiting(clinic.world.parts.database) == 0
    other = clinic.expert(specialties=["内分泌科"])
    assert redraw_waiting(clinic.world.parts.database) == 1
    assert other in clinic.named(case)
    assert caller not in clinic.named(case)


@pytest.mark.parametrize("relation", ["self", "relative"])
def test_the_agency_s_people_decide_no_case_of_theirs(
    clinic: Clinic, patient: Somebody, relation: str
) -> None:
    handler = clinic.world.handler(REGION)
    if relation == "relative":
        clinic.world.relate(patient, handler)
        applicant = patient
    else:
        applicant = clinic.world.citizen(region=REGION, person_id=handler.person_id)
        clinic.world.write(lambda session: _insure(clinic, session, handler.person_id))
    case = clinic.apply(applicant, HYPERTENSION)
    clinic.decide_all(case, HYPERTENSION)
    assert clinic.refused(handler, case, "claim") == (409, "conflict_of_interest")
    if relation == "relative":
        assert handler.ok("GET", f"/filings/{case['id']}")["available_actions"] == []


def _insure(clinic: Clinic, session: Session, person_id: UUID | None) -> None:
    clinic.world._insure(session, session.get_one(Person, person_id), REGION, "390", {})


def test_one_who_becomes_a_relative_after_the_draw_does_not_decide(clinic: Clinic, patient: Somebody) -> None:
    case = clinic.apply(patient, HYPERTENSION)
    expert = clinic.expert_of(case)
    clinic.world.relate(patient, expert)
    data = {"findings": clinic.findings(HYPERTENSION)}
    assert clinic.refused(expert, case, "certify", data=data) == (409, "conflict_of_interest")


def test_the_agency_does_not_decide_what_lies_with_an_expert(clinic: Clinic, patient: Somebody) -> None:
    case = clinic.apply(patient, HYPERTENSION)
    handler = clinic.world.handler(REGION)
    for action in ("claim", "approve", "certify"):
        data = {"data": {"findings": clinic.findings(HYPERTENSION)}} if action == "certify" else {}
        assert clinic.refused(handler, case, action, **data)[0] == 409


def _knows(session: Session, expert: Somebody, specialty: str) -> None:
    query = select(ExpertProfile).where(ExpertProfile.account_id == expert.account_id)
    session.execute(query).scalar_one().specialties = [specialty]
