"""Who is drawn for a case and who never is; who is late is replaced; where there is nobody the agency sees to it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from clinic import DIABETES, ELSEWHERE, HYPERTENSION, REGION, Clinic
from feed import Feed, answer, offers_of
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.filings.models import Ended
from app.identity.actor import Role
from app.identity.models import Person, RoleGrant
from app.kit import clock
from app.kit.api.application import Application
from app.kit.workdays import add_workdays
from app.services.chronic_disease import experts
from app.services.chronic_disease.redrawing import redraw_waiting
from tests.somebody import Somebody
from tests.world import World


@pytest.fixture
def clinic(app: Application) -> Clinic:
    """Without experts: each test names its own."""
    return Clinic(World(app), count=0)


def rest(clinic: Clinic, expert: Somebody, days: int = 3) -> None:
    """The expert is on leave from today on."""
    today = clock.today()
    clinic.world.write(
        lambda session: experts.add_leave(session, expert.account_id, today, today + timedelta(days=days))
    )


def waits_with_the_agency(clinic: Clinic, case: dict[str, Any]) -> bool:
    handler = clinic.world.handler(REGION)
    queue = handler.ok("GET", "/filings?scope=queue")["items"]
    return case["stage"] == "expert_draw" and [one["id"] for one in queue] == [case["id"]]


def test_who_is_on_leave_is_not_drawn(clinic: Clinic, patient: Somebody) -> None:
    resting, working = clinic.expert(), clinic.expert()
    rest(clinic, resting)
    for _ in range(3):
        assert clinic.expert_of(clinic.apply(clinic.world.citizen(region=REGION), HYPERTENSION)) == working
    with clinic.later(clock.today() + timedelta(days=4)):
        later = clinic.apply(clinic.world.citizen(region=REGION), HYPERTENSION)
        assert clinic.expert_of(later).account_id == resting.account_id, "back, and with the lesser load"


def test_a_daily_limit_holds(clinic: Clinic) -> None:
    limited, other = clinic.expert(daily_limit=2), clinic.expert()
    drawn = [
        clinic.expert_of(clinic.apply(clinic.world.citizen(region=REGION), HYPERTENSION)) for _ in range(9)
    ]
    assert drawn.count(limited) == 2
    assert drawn.count(other) == 7


def test_nobody_judges_the_patients_of_the_own_hospital(clinic: Clinic, patient: Somebody) -> None:
    clinic.expert(hospital="汉台区 人民医院")
    elsewhere = clinic.expert(hospital=ELSEWHERE)
    for name in ("汉台区人民医院", "汉台区　人民医院"):
        form = clinic.form(HYPERTENSION)
        entries: Any = form["diseases"]
        del entries[0]["institution_id"]
        entries[0]["hospital_name"] = name
        someone = clinic.world.citizen(region=REGION)
        case = clinic.apply(someone, HYPERTENSION, diseases=entries)
        assert clinic.expert_of(case) == elsewhere


def test_a_hospital_chosen_from_the_list_counts_by_its_name(clinic: Clinic, patient: Somebody) -> None:
    listed = patient.ok("GET", f"/institutions/{clinic.hospital.id}")["name"]
    clinic.expert(hospital=listed)
    case = clinic.apply(patient, HYPERTENSION)
    assert clinic.named(case) == []
    assert waits_with_the_agency(clinic, case)


def test_an_expert_of_a_hospital_that_only_an_offer_s_visits_name_is_not_drawn(
    clinic: Clinic, patient: Somebody
) -> None:
    """Given visits at two hospitals prove a transplant, when the offer is accepted, then both hospitals treated."""
    feed, second = Feed(clinic), clinic.world.hospital(REGION)
    for hospital, days in ((clinic.hospital, 20), (second, 9)):
        visit = feed.outpatient(patient, "Z94.000", clock.today() - timedelta(days=days))
        feed.report(visit, terminal=feed.terminal_at(hospital))
    feed.screen()
    [offer] = offers_of(patient)
    treating = patient.ok("GET", f"/institutions/{second.id}")["name"]
    assert [one["hospital_name"] for one in offer["evidence"]][1] == treating
    expert = clinic.expert(hospital=treating)

    case = answer(patient, offer, "accept")["filing"]

    assert [one["institution_id"] for one in case["form"]["diseases"]] == [str(clinic.hospital.id)]
    assert clinic.named(case) == []
    assert waits_with_the_agency(clinic, case)
    other = clinic.expert()
    redraw_waiting(clinic.world.parts.database)
    assert clinic.expert_of(case) == other != expert


def test_neither_relatives_nor_the_patient_are_drawn(clinic: Clinic) -> None:
    related, patient_expert, stranger = clinic.expert(), clinic.expert(), clinic.expert()
    patient = clinic.world.citizen(region=REGION, person_id=patient_expert.person_id)
    clinic.world.write(
        lambda session: clinic.world._insure(session, _person(session, patient), REGION, "390", {})
    )
    clinic.world.relate(patient, related)
    case = clinic.apply(patient, HYPERTENSION)
    assert clinic.expert_of(case) == stranger
    for expert in (related, patient_expert):
        assert expert.refused("GET", f"/filings/{case['id']}") == (404, "not_found")


def _person(session: Session, somebody: Somebody) -> Person:
    return session.get_one(Person, somebody.person_id)


def test_one_who_knows_the_disease_is_drawn(clinic: Clinic, patient: Somebody) -> None:
    clinic.expert(specialties=["内分泌科"])
    heart = clinic.expert(specialties=["心血管内科"])
    assert clinic.expert_of(clinic.apply(patient, HYPERTENSION)) == heart


def test_general_practice_stands_in(clinic: Clinic, patient: Somebody) -> None:
    clinic.expert(specialties=["内分泌科"])
    general = clinic.expert(specialties=["全科"])
    assert clinic.expert_of(clinic.apply(patient, HYPERTENSION)) == general


def test_a_late_expert_is_replaced_and_never_drawn_for_the_case_again(
    clinic: Clinic, patient: Somebody
) -> None:
    pool = [clinic.expert() for _ in range(3)]
    case = clinic.apply(patient, HYPERTENSION)
    seen = {clinic.expert_of(case).account_id}
    day = clock.today()
    for _ in range(2):
        day = add_workdays(day, 2)
        with clinic.later(day):
            assert clinic.overdue() == 1
            assert clinic.overdue() == 0, "the new one has time"
            drawn = clinic.expert_of(case)
            assert drawn.account_id not in seen
            seen.add(drawn.account_id)
    assert seen == {one.account_id for one in pool}
    assert [one.ended for one in clinic.assignments(case)] == [Ended.LATE, Ended.LATE, None]
    late = clinic.experts[clinic.assignments(case)[0].account_id]
    assert late.refused("GET", f"/filings/{case['id']}") == (404, "not_found")

    with clinic.later(add_workdays(day, 2)):
        assert clinic.overdue() == 1
        assert clinic.named(case) == []
        now = clinic.again(patient).ok("GET", f"/filings/{case['id']}")
        assert waits_with_the_agency(clinic, now)


def test_one_of_two_late_experts_is_replaced_alone(clinic: Clinic, patient: Somebody) -> None:
    for _ in range(4):
        clinic.expert()
    case = clinic.apply(patient, HYPERTENSION, DIABETES)
    quick, slow = clinic.named(case)
    clinic.decide_all_of(quick, case)
    with clinic.later(add_workdays(clock.today(), 2)):
        assert clinic.overdue() == 1
        [third] = clinic.named(case)
        assert third.account_id not in {quick.account_id, slow.account_id}
        clinic.decide_all(case, HYPERTENSION, DIABETES)
        assert clinic.again(patient).ok("GET", f"/filings/{case['id']}")["status"] == "certified"


class TestNobodyCanBeDrawn:
    @pytest.fixture
    def case(self, clinic: Clinic, patient: Somebody) -> dict[str, Any]:
        return clinic.apply(patient, HYPERTENSION)

    def test_it_waits_with_the_agency_which_is_told_what_to_do(
        self, clinic: Clinic, patient: Somebody, case: dict[str, Any]
    ) -> None:
        assert waits_with_the_agency(clinic, case)
        seen = clinic.world.handler(REGION).ok("GET", f"/filings/{case['id']}")
        assert seen["available_actions"] == ["redraw"]
        assert "重新抽取" in seen["next_step"]
        assert "抽不到" in patient.ok("GET", f"/filings/{case['id']}")["next_step"]

    def test_drawing_again_changes_nothing_until_somebody_is_there(
        self, clinic: Clinic, patient: Somebody, case: dict[str, Any]
    ) -> None:
        handler = clinic.world.handler(REGION)
        before = handler.ok("GET", f"/filings/{case['id']}")
        assert clinic.refused(handler, case, "redraw") == (409, "chronic_no_expert_yet")
        assert redraw_waiting(clinic.world.parts.database) == 0
        assert handler.ok("GET", f"/filings/{case['id']}")["version"] == before["version"]
        expert = clinic.expert()
        drawn = clinic.do(handler, case, "redraw")
        assert (drawn["stage"], drawn["available_actions"]) == ("expert_review", [])
        assert clinic.expert_of(case) == expert

    def test_it_is_tried_again_by_itself(
        self, clinic: Clinic, patient: Somebody, case: dict[str, Any]
    ) -> None:
        others = [clinic.apply(clinic.world.citizen(region=REGION), DIABETES) for _ in range(3)]
        expert = clinic.expert(daily_limit=3)
        assert redraw_waiting(clinic.world.parts.database) == 3
        assert redraw_waiting(clinic.world.parts.database) == 0
        named = [clinic.named(one) for one in (case, *others)]
        assert sorted(len(one) for one in named) == [0, 1, 1, 1]
        assert [expert] in named

    def test_the_supervisor_is_told_in_time_and_may_draw_too(
        self, clinic: Clinic, patient: Somebody, case: dict[str, Any]
    ) -> None:
        with clinic.later(add_workdays(clock.today(), 2)):
            redraw_waiting(clinic.world.parts.database)
            assert clinic.overdue() == 1
            supervisor = clinic.world.staff(Role.SUPERVISOR, REGION)
            assert [one["id"] for one in supervisor.ok("GET", "/filings?scope=queue")["items"]] == [
                case["id"]
            ]
            assert clinic.refused(supervisor, case, "redraw") == (409, "chronic_no_expert_yet")
            expert = clinic.expert()
            clinic.do(supervisor, case, "redraw")
            assert clinic.expert_of(case) == expert


def test_what_the_supervisor_has_stays_there_until_all_are_drawn(clinic: Clinic, patient: Somebody) -> None:
    case = clinic.apply(patient, HYPERTENSION, DIABETES)
    with clinic.later(add_workdays(clock.today(), 2)):
        assert clinic.overdue() == 1
        clinic.expert(specialties=["心血管内科"])
        assert redraw_waiting(clinic.world.parts.database) == 1
        supervisor = clinic.world.staff(Role.SUPERVISOR, REGION)
        assert [one["id"] for one in supervisor.ok("GET", "/filings?scope=queue")["items"]] == [case["id"]]
        clinic.expert(specialties=["内分泌科"])
        assert redraw_waiting(clinic.world.parts.database) == 1
        assert supervisor.ok("GET", "/filings?scope=queue")["items"] == []


def test_an_expert_may_decide_a_part_while_nobody_is_there_for_the_other(
    clinic: Clinic, patient: Somebody
) -> None:
    heart = clinic.expert(specialties=["心血管内科"])
    case = clinic.apply(patient, HYPERTENSION, DIABETES)
    assert case["stage"] == "expert_draw"
    clinic.decide(heart, case, HYPERTENSION, certify=True)
    assert patient.ok("GET", f"/filings/{case['id']}")["status"] == "submitted"
    glands = clinic.expert(specialties=["内分泌科"])
    assert redraw_waiting(clinic.world.parts.database) == 1
    assert clinic.decide(glands, case, DIABETES, certify=True)["status"] == "certified"


def test_the_deadline_is_that_of_who_is_waited_for(clinic: Clinic, patient: Somebody) -> None:
    heart = clinic.expert(specialties=["心血管内科"])
    case = clinic.apply(patient, HYPERTENSION, DIABETES)
    first = add_workdays(clock.today(), 1)
    with clinic.later(first):
        glands = clinic.again(clinic.expert(specialties=["内分泌科"]))
        redraw_waiting(clinic.world.parts.database)
        clinic.decide_all_of(clinic.experts[heart.account_id], case)
    with clinic.later(add_workdays(first, 1)):
        assert clinic.overdue() == 0, "who was drawn a day later has a day more"
        [named] = clinic.named(case)
        assert named.account_id == glands.account_id
    assert [one.ended for one in clinic.assignments(case)] == [Ended.DONE, None]


def test_the_question_of_one_waits_for_an_expert_for_the_other(clinic: Clinic, patient: Somebody) -> None:
    heart = clinic.expert(specialties=["心血管内科"])
    case = clinic.apply(patient, HYPERTENSION, DIABETES)
    clinic.ask(heart, case, "outpatient_record")
    assert patient.ok("GET", f"/filings/{case['id']}")["status"] == "submitted"
    glands = clinic.expert(specialties=["内分泌科"])
    redraw_waiting(clinic.world.parts.database)
    assert clinic.expert_of(case) == glands
    clinic.ask(glands, case, "examination_report")
    missing = patient.ok("GET", f"/filings/{case['id']}")["missing"]
    assert {item["kind"] for item in missing} == {"outpatient_record", "examination_report"}


def test_a_withdrawal_dismisses_the_experts(clinic: Clinic, patient: Somebody) -> None:
    clinic.expert()
    case = clinic.apply(patient, HYPERTENSION)
    expert = clinic.expert_of(case)
    assert clinic.do(patient, case, "withdraw")["status"] == "withdrawn"
    assert [one.ended for one in clinic.assignments(case)] == [Ended.DISMISSED]
    assert expert.ok("GET", "/filings?scope=queue")["items"] == []
    assert expert.refused("GET", f"/filings/{case['id']}") == (404, "not_found")
    assert clinic.states(patient, case) == {HYPERTENSION: "withdrawn"}


def test_an_expert_who_left_the_pool_is_replaced(clinic: Clinic, patient: Somebody) -> None:
    clinic.expert()
    case = clinic.apply(patient, HYPERTENSION)
    leaver = clinic.expert_of(case)
    clinic.world.write(lambda session: _end_grants(session, leaver.account_id))
    other = clinic.expert()
    assert clinic.again(leaver).refused("GET", f"/filings/{case['id']}")[0] in {403, 404}
    with clinic.later(add_workdays(clock.today(), 2)):
        clinic.overdue()
        assert clinic.expert_of(case).account_id == other.account_id


def _end_grants(session: Session, account_id: UUID) -> None:
    session.execute(update(RoleGrant).where(RoleGrant.account_id == account_id).values(ended_at=clock.now()))
