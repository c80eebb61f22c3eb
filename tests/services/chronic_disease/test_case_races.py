"""At the same moment, on both databases: one follow-up, no daily limit passed, one benefit for a disease."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from clinic import DIABETES, HYPERTENSION, REGION, Clinic
from sqlalchemy import select

from app.filings.models import FilingEvent
from app.kit import clock
from app.kit.api.application import Application
from app.kit.workdays import add_workdays
from app.services.chronic_disease import seeds
from app.services.chronic_disease.models import DrawSeed
from app.services.chronic_disease.redrawing import redraw_waiting
from tests.somebody import Somebody
from tests.world import World

ROUNDS = 4


@pytest.fixture
def database_url(both_databases: str) -> str:
    return both_databases


def at_once(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    with ThreadPoolExecutor(len(calls)) as pool:
        return [one.result() for one in [pool.submit(call) for call in calls]]


def events(clinic: Clinic, case: dict[str, Any]) -> Counter[str]:
    query = select(FilingEvent.action).where(FilingEvent.filing_id == UUID(case["id"]))
    return clinic.world.write(lambda session: Counter(session.execute(query).scalars()))


def decide_until_taken(clinic: Clinic, expert: Somebody, case: dict[str, Any], code: str) -> None:
    """As a phone does: read again and send again when somebody else was faster."""
    data = {"disease_code": code, "findings": clinic.findings(code)}
    for _ in range(10):
        version = expert.ok("GET", f"/filings/{case['id']}")["version"]
        body = {"action": "certify", "expected_version": version, "data": data}
        answer = expert.send("POST", f"/filings/{case['id']}/actions", body)
        if answer.status_code == 200:
            return
        assert answer.get_json()["code"] == "stale_version", answer.text
    raise AssertionError("never taken")


def test_when_two_experts_conclude_at_once_the_case_moves_on_once(clinic: Clinic) -> None:
    for _ in range(ROUNDS):
        patient = clinic.world.citizen(region=REGION)
        case = clinic.apply(patient, HYPERTENSION, DIABETES)
        waiting = {
            code: expert
            for expert in clinic.named(case)
            for code, item in clinic.items(expert, case).items()
            if item["yours"]
        }
        at_once(
            [
                lambda code=code, expert=expert, case=case: decide_until_taken(clinic, expert, case, code)
                for code, expert in waiting.items()
            ]
        )
        done = events(clinic, case)
        assert (done["certify"], done["hand_over"]) == (2, 1)
        assert patient.ok("GET", f"/filings/{case['id']}")["status"] == "certified"


def test_one_opinion_sent_twice_at_once_counts_once(clinic: Clinic, patient: Somebody) -> None:
    case = clinic.apply(patient, HYPERTENSION)
    expert = clinic.expert_of(case)
    version = expert.ok("GET", f"/filings/{case['id']}")["version"]
    body = {
        "action": "certify",
        "expected_version": version,
        "data": {"findings": clinic.findings(HYPERTENSION)},
    }
    path = f"/filings/{case['id']}/actions"
    answers = at_once([lambda: expert.send("POST", path, body)] * 6)
    assert Counter(one.status_code for one in answers)[200] == 1
    assert {one.status_code for one in answers} <= {200, 404, 409}
    assert events(clinic, case)["certify"] == 1


def test_draws_at_once_never_pass_a_daily_limit(app: Application) -> None:
    clinic = Clinic(World(app), count=0)
    limited = [clinic.expert(daily_limit=2) for _ in range(3)]
    patients = [clinic.world.citizen(region=REGION) for _ in range(10)]
    papers = {one.account_id: clinic.papers_for(one, HYPERTENSION) for one in patients}
    cases = at_once(
        [
            lambda one=one: clinic.apply(one, HYPERTENSION, material_ids=papers[one.account_id])
            for one in patients
        ]
    )
    drawn = Counter(expert.account_id for case in cases for expert in clinic.named(case))
    assert drawn == {expert.account_id: 2 for expert in limited}
    assert Counter(case["stage"] for case in cases) == {"expert_review": 6, "expert_draw": 4}


def test_two_workers_draw_once_for_a_case(app: Application) -> None:
    clinic = Clinic(World(app), count=0)
    cases = [clinic.apply(clinic.world.citizen(region=REGION), HYPERTENSION) for _ in range(6)]
    clinic.expert()
    done = at_once([lambda: redraw_waiting(clinic.world.parts.database)] * 2)
    assert sum(done) == len(cases)
    assert all(len(clinic.named(case)) == 1 for case in cases)


def test_two_workers_replace_a_late_expert_once(clinic: Clinic, patient: Somebody) -> None:
    cases = [clinic.apply(clinic.world.citizen(region=REGION), HYPERTENSION) for _ in range(4)]
    with clinic.later(add_workdays(clock.today(), 2)):
        done = at_once([clinic.overdue] * 2)
    assert sum(done) == len(cases)
    assert all(len(clinic.assignments(case)) == 2 for case in cases)


def test_an_opinion_at_the_moment_of_the_replacement_counts_or_is_refused(clinic: Clinic) -> None:
    for _ in range(ROUNDS):
        case = clinic.apply(clinic.world.citizen(region=REGION), HYPERTENSION)
        with clinic.later(add_workdays(clock.today(), 2)):
            expert = clinic.expert_of(case)
            version = expert.ok("GET", f"/filings/{case['id']}")["version"]
            data = {"findings": clinic.findings(HYPERTENSION)}
            body = {"action": "certify", "expected_version": version, "data": data}
            path = f"/filings/{case['id']}/actions"
            answer, _ = at_once([lambda e=expert, p=path, b=body: e.send("POST", p, b), clinic.overdue])
            done = events(clinic, case)
            assert (answer.status_code == 200) is (done["certify"] == 1)
            assert done["certify"] + done["redraw"] >= 1
            assert done["hand_over"] == done["certify"]


def test_two_approvals_at_once_give_one_benefit(clinic: Clinic) -> None:
    for _ in range(ROUNDS):
        patient = clinic.world.citizen(region=REGION)
        case = clinic.apply(patient, HYPERTENSION)
        clinic.decide_all(case, HYPERTENSION)
        handler = clinic.world.handler(REGION)
        held = clinic.do(handler, case, "claim")
        body = {"action": "approve", "expected_version": held["version"]}
        path = f"/filings/{case['id']}/actions"
        answers = at_once([lambda h=handler, p=path, b=body: h.send("POST", p, b)] * 4)
        assert Counter(one.status_code for one in answers) == {200: 1, 409: 3}
        assert len(patient.ok("GET", "/chronic/entitlements")["items"]) == 1


def test_two_applications_at_once_for_one_disease_are_one(clinic: Clinic, patient: Somebody) -> None:
    papers = clinic.papers_for(patient, HYPERTENSION)
    body = {
        "service_code": "chronic_disease",
        "form": clinic.form(HYPERTENSION),
        "material_ids": papers,
        "submit": True,
    }
    answers = at_once([lambda: patient.send("POST", "/filings", body)] * 4)
    assert Counter(one.status_code for one in answers) == {201: 1, 409: 3}


def test_an_appeal_and_a_new_application_at_once_end_in_one_benefit(clinic: Clinic) -> None:
    """Whichever comes first, the other is refused: there is never a second benefit for one disease."""
    for _ in range(ROUNDS):
        patient = clinic.world.citizen(region=REGION)
        case = clinic.apply(patient, HYPERTENSION)
        clinic.decide_all(case)
        papers = clinic.papers_for(patient, HYPERTENSION)
        version = patient.ok("GET", f"/filings/{case['id']}")["version"]
        anew = {
            "service_code": "chronic_disease",
            "form": clinic.form(HYPERTENSION),
            "material_ids": papers,
            "submit": True,
        }
        appeal = {"action": "appeal", "expected_version": version, "reason": "材料补齐了"}
        path = f"/filings/{case['id']}/actions"
        answers = at_once(
            [
                lambda p=patient, b=anew: p.send("POST", "/filings", b),
                lambda p=patient, b=appeal, a=path: p.send("POST", a, b),
            ]
        )
        assert sorted(one.status_code < 400 for one in answers) == [False, True]


def test_the_secret_of_a_day_is_made_once(clinic: Clinic) -> None:
    database = clinic.world.parts.database
    at_once([lambda: seeds.commit_ahead(database)] * 3)
    with database.reading() as session:
        made: list[date] = list(session.execute(select(DrawSeed.day)).scalars())
    assert len(made) == len(set(made)) == seeds.DAYS_AHEAD + 1
