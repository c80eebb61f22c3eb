"""Who holds a benefit that ends is reminded once, on a day on which it can be renewed already."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from clinic import HYPERTENSION, REGION, Clinic
from sqlalchemy import event, select

from app import registry
from app.notices import service as notices
from app.notices.models import Notice, NoticeKind
from app.services.chronic_disease import renewals
from app.services.chronic_disease.packs import packs
from app.services.chronic_disease.redrawing import redraw_waiting
from app.services.chronic_disease.renewals import REMIND_BEFORE, remind_of_ending
from tests.conftest import needs_postgres
from tests.somebody import Somebody

STROKE = "M04803"
"""Two years, renewable from 60 days before the end."""
Run = Callable[[], int]


@pytest.fixture
def database_url(both_databases: str) -> str:
    return both_databases


@pytest.fixture
def run(clinic: Clinic) -> Run:
    return lambda: remind_of_ending(clinic.world.parts.database)


def held(clinic: Clinic, code: str = STROKE) -> tuple[Somebody, dict[str, Any]]:
    patient = clinic.world.citizen(region=REGION)
    case = clinic.apply(patient, code)
    clinic.decide_all(case, code)
    clinic.review(patient.ok("GET", f"/filings/{case['id']}"))
    [benefit] = patient.ok("GET", "/chronic/entitlements")["items"]
    return patient, benefit


def held_by_child(clinic: Clinic, guardian: Somebody, age: int = 7) -> tuple[UUID, dict[str, Any]]:
    """A child's benefit, for which the guardian applied: whose, and which."""
    child_id = clinic.world.child(guardian, region=REGION, age=age)
    body = {
        "service_code": "chronic_disease",
        "subject_id": str(child_id),
        "form": clinic.form(STROKE),
        "material_ids": clinic.papers_for(guardian, STROKE),
        "submit": True,
    }
    case = guardian.ok("POST", "/filings", body)
    clinic.decide_all(case, STROKE)
    clinic.review(guardian.ok("GET", f"/filings/{case['id']}"))
    [benefit] = guardian.ok("GET", f"/chronic/entitlements?person_id={child_id}")["items"]
    return child_id, benefit


def readers(clinic: Clinic, benefit: dict[str, Any]) -> set[UUID]:
    """Who was told that it ends."""
    query = select(Notice.person_id).where(
        Notice.kind == NoticeKind.ENTITLEMENT_ENDING, Notice.filing_id == UUID(benefit["filing_id"])
    )
    with clinic.world.parts.database.reading() as session:
        return set(session.execute(query).scalars())


def before_end(benefit: dict[str, Any], days: int) -> date:
    return date.fromisoformat(benefit["enddate"]) - timedelta(days=days)


def reminders(clinic: Clinic) -> Counter[UUID]:
    query = select(Notice.filing_id).where(Notice.kind == NoticeKind.ENTITLEMENT_ENDING)
    with clinic.world.parts.database.reading() as session:
        return Counter(one for one in session.execute(query).scalars() if one)


@pytest.mark.parametrize(("days", "told"), [(60, 0), (31, 0), (30, 1), (1, 1), (0, 1), (-1, 0)])
def test_one_is_reminded_from_thirty_days_before_the_end_on(
    clinic: Clinic, run: Run, days: int, told: int
) -> None:
    _, benefit = held(clinic)
    with clinic.later(before_end(benefit, days)):
        assert run() == told
        assert run() == 0, "once"


def test_it_says_what_ends_and_what_to_do_and_that_can_be_done(clinic: Clinic, run: Run) -> None:
    patient, benefit = held(clinic)
    with clinic.later(before_end(benefit, 30)):
        run()
        later = clinic.again(patient)
        [told] = clinic.notices(later, "entitlement_ending")
        end = date.fromisoformat(benefit["enddate"])
        assert f"{end.year}年{end.month}月{end.day}日" in told
        assert benefit["opsp_dise_name"] in told
        assert "重新申请" in told
        assert clinic.apply(later, STROKE)["status"] == "submitted"


def test_no_pack_lets_people_renew_later_than_they_are_reminded() -> None:
    for pack in packs():
        for criteria in (*pack.diseases.values(), *pack.two_disease.values()):
            if criteria.renewal is not None:
                assert criteria.renewal.from_days_before >= REMIND_BEFORE.days, criteria.disease_code


def test_what_has_no_end_is_never_reminded_of(clinic: Clinic, run: Run) -> None:
    _, benefit = held(clinic, HYPERTENSION)
    assert benefit["enddate"] is None
    assert run() == 0


def test_who_has_renewed_already_is_not_reminded(clinic: Clinic, run: Run) -> None:
    patient, benefit = held(clinic)
    with clinic.later(before_end(benefit, 50)):
        later = clinic.again(patient)
        case = clinic.apply(later, STROKE)
        clinic.decide_all(case, STROKE)
        clinic.review(later.ok("GET", f"/filings/{case['id']}"))
    with clinic.later(before_end(benefit, 10)):
        assert run() == 0


def test_what_was_withdrawn_is_not_reminded_of(clinic: Clinic, run: Run) -> None:
    _, benefit = held(clinic)
    body = {"action": "withdraw", "reason": "不符合认定条件", "expected_version": benefit["version"]}
    clinic.world.handler(REGION).ok("POST", f"/chronic/entitlements/{benefit['id']}/actions", body)
    with clinic.later(before_end(benefit, 10)):
        assert run() == 0


def test_the_guardian_who_applied_for_a_child_is_told_too(
    clinic: Clinic, run: Run, patient: Somebody
) -> None:
    child_id, benefit = held_by_child(clinic, patient)
    other = clinic.world.citizen(region=REGION)
    clinic.world.guard(child_id, other)
    with clinic.later(before_end(benefit, 30)):
        assert run() == 1
        [told] = clinic.notices(clinic.again(patient), "entitlement_ending")
        assert benefit["opsp_dise_name"] in told
    assert readers(clinic, benefit) == {child_id, patient.person_id}, "who did not apply is not told"


def test_who_no_longer_acts_for_the_child_is_told_nothing(
    clinic: Clinic, run: Run, patient: Somebody
) -> None:
    child_id, benefit = held_by_child(clinic, patient)
    clinic.world.part(child_id, patient)
    with clinic.later(before_end(benefit, 30)):
        assert run() == 1
    assert readers(clinic, benefit) == {child_id}


def test_who_has_come_of_age_is_told_alone(clinic: Clinic, run: Run, patient: Somebody) -> None:
    person_id, benefit = held_by_child(clinic, patient, age=17)
    with clinic.later(before_end(benefit, 30)):
        assert run() == 1
    assert readers(clinic, benefit) == {person_id}


def test_a_run_that_is_killed_is_gone_on_with_by_the_next(
    clinic: Clinic, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    benefits = [held(clinic)[1] for _ in range(5)]
    monkeypatch.setattr(renewals, "BATCH", 2)
    queue, calls = notices.queue_notice, Counter[str]()

    def die_at_the_fourth(*arguments: Any, **more: Any) -> Any:
        calls["notices"] += 1
        if calls["notices"] == 4:
            raise KeyboardInterrupt
        return queue(*arguments, **more)

    with clinic.later(before_end(benefits[0], 7)):
        with monkeypatch.context() as dying:
            dying.setattr(notices, "queue_notice", die_at_the_fourth)
            with pytest.raises(KeyboardInterrupt):
                run()
        assert reminders(clinic).total() == 2, "the batch that was finished"
        assert run() == 3
    assert reminders(clinic) == {UUID(one["filing_id"]): 1 for one in benefits}


@pytest.mark.postgres
@needs_postgres
def test_two_workers_at_once_remind_everybody_once(
    clinic: Clinic, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    benefits = [held(clinic)[1] for _ in range(8)]
    monkeypatch.setattr(renewals, "BATCH", 2)
    with clinic.later(before_end(benefits[0], 7)), ThreadPoolExecutor(2) as workers:
        done = list(workers.map(lambda _: run(), range(2)))
    assert sum(done) == len(benefits)
    assert reminders(clinic) == {UUID(one["filing_id"]): 1 for one in benefits}


def test_a_batch_takes_the_same_number_of_statements_however_many_it_holds(clinic: Clinic, run: Run) -> None:
    statements: list[str] = []
    event.listen(
        clinic.world.parts.database.engine,
        "before_cursor_execute",
        lambda _connection, _cursor, statement, *_: statements.append(statement),
    )

    def of(count: int) -> int:
        benefits = [held(clinic)[1] for _ in range(count)]
        with clinic.later(before_end(benefits[0], 7)):
            statements.clear()
            assert run() == count
            return len(statements)

    assert of(1) == of(4)


def test_the_jobs_run(clinic: Clinic) -> None:
    jobs = registry.periodic_jobs(clinic.world.parts)
    when, job = jobs["entitlement_reminders"]
    assert job is remind_of_ending
    assert 8 <= int(when.split()[1]) <= 18, "what it queues is sent at once"
    when, job = jobs["expert_redraws"]
    assert job is redraw_waiting
    assert when.split()[1] == "*", "every hour"
