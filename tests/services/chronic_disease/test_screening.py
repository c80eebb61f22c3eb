"""The screening: offers for what visits prove, a visit by the village for what is likely, nothing that is not wanted."""

import json
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from clinic import CORONARY, DIABETES, HYPERTENSION, REGION, Clinic
from feed import HEART_STAY, Feed, answer, offers_of
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cli import main
from app.config import Settings
from app.identity.models import CoverageStatus, Person
from app.kit import clock
from app.notices.models import Notice, NoticeKind
from app.places.models import Institution
from app.services.chronic_disease import screening
from app.services.chronic_disease.offer_models import OfferStatus, TaskStatus
from app.services.chronic_disease.proof import Lack
from app.services.chronic_disease.screening import Screened
from tests.somebody import Somebody

HEPATITIS = "M00201"


@pytest.fixture
def feed(clinic: Clinic) -> Feed:
    return Feed(clinic)


def small_hospital(feed: Feed, level: int) -> Somebody:
    """The terminal of a hospital of this level."""
    hospital = feed.world.hospital(REGION)

    def lower(session: Session) -> None:
        session.get_one(Institution, hospital.id).level = level

    feed.world.write(lower)
    return feed.world.terminal(hospital)


def test_a_stay_that_proves_a_disease_becomes_an_offer_and_a_message_without_its_name(
    feed: Feed, patient: Somebody
) -> None:
    feed.stay(patient)

    assert feed.screen() == Screened(visits=1, offers=1, tasks=0)

    [offer] = offers_of(patient)
    assert (offer["disease_code"], offer["benefit"]) == (HYPERTENSION, "chronic_disease")
    assert (offer["status"], offer["available_actions"]) == ("open", ["accept", "decline"])
    assert offer["expires_on"] == (clock.today() + timedelta(days=30)).isoformat()
    [visit] = offer["evidence"]
    assert (visit["kind"], visit["icd10"]) == ("inpatient", HEART_STAY)
    [notice] = feed.world.write(lambda session: list(session.execute(select(Notice)).scalars()))
    assert (notice.kind, notice.person_id) == (NoticeKind.BENEFIT_OFFERED, patient.person_id)
    text = patient.ok("GET", "/me/notices")["items"][0]["text"]
    assert "门诊慢特病" in text
    assert "高血压" not in text


def test_running_again_proposes_nothing_new(feed: Feed, patient: Somebody) -> None:
    feed.stay(patient)
    feed.screen()

    assert feed.screen() == Screened()
    feed.stay(patient)
    assert feed.screen() == Screened(visits=1)
    assert screening.look_again(feed.world.parts.database) == 2
    assert feed.screen() == Screened(visits=2)
    assert len(offers_of(patient)) == 1


def test_visits_of_earlier_runs_count_too(feed: Feed, patient: Somebody) -> None:
    """Given two outpatient days screened before, when the third comes, they prove it together; the task is settled."""
    days = [clock.today() - timedelta(days=back) for back in (60, 40, 20)]
    for day in days[:2]:
        feed.report(feed.outpatient(patient, "B18.100", day))
    assert feed.screen() == Screened(visits=2, tasks=1)
    [task] = feed.tasks()
    assert (task.disease_code, task.lack, task.state) == (HEPATITIS, Lack.TOO_FEW_VISITS, TaskStatus.OPEN)

    feed.report(feed.outpatient(patient, "B18.100", days[2]))

    assert feed.screen() == Screened(visits=1, offers=1)
    [offer] = offers_of(patient)
    assert [one["visited_on"] for one in offer["evidence"]] == [day.isoformat() for day in days]
    [task] = feed.tasks()
    assert task.state is TaskStatus.SETTLED


def test_a_hospital_of_too_low_a_level_makes_a_task_for_the_village_where_one_lives(
    feed: Feed, patient: Somebody
) -> None:
    village = "610727101201"

    def move(session: Session) -> None:
        session.get_one(Person, patient.person_id).residence_code = village

    feed.world.write(move)
    feed.report(feed.row(patient, "I21.000"), terminal=small_hospital(feed, level=1))

    assert feed.screen() == Screened(visits=1, tasks=1)
    [task] = feed.tasks()
    assert (task.lack, task.region_code) == (Lack.LEVEL_TOO_LOW, village)
    assert offers_of(patient) == []
    feed.report(feed.row(patient, "I21.000"), terminal=small_hospital(feed, level=1))
    assert feed.screen() == Screened(visits=1), "one task a disease and year"


def test_at_a_small_hospital_two_disease_is_proven_and_the_village_looks_in_for_more(
    feed: Feed, patient: Somebody
) -> None:
    feed.report(feed.row(patient), terminal=small_hospital(feed, level=1))

    assert feed.screen() == Screened(visits=1, offers=1, tasks=1)
    [offer] = offers_of(patient)
    assert (offer["benefit"], offer["disease_code"]) == ("two_disease", HYPERTENSION)
    [task] = feed.tasks()
    assert (task.benefit, task.disease_code) == ("chronic_disease", HYPERTENSION)
    assert answer(patient, offer, "accept")["filing"]["papers"] == []
    feed.stay(patient)
    assert feed.screen() == Screened(visits=1, offers=1), "at the county hospital then: the greater benefit"
    assert [one.state for one in feed.tasks()] == [TaskStatus.SETTLED]


def test_who_has_it_or_applied_or_was_refused_or_declined_is_not_asked(feed: Feed, clinic: Clinic) -> None:
    patients = [clinic.world.citizen(region=REGION) for _ in range(4)]
    holder, applicant, refused, decliner = patients
    case = clinic.apply(holder, HYPERTENSION)
    clinic.review(clinic.decide(clinic.expert_of(case), case, HYPERTENSION, certify=True))
    clinic.apply(applicant, HYPERTENSION)
    case = clinic.apply(refused, CORONARY)
    clinic.decide(clinic.expert_of(case), case, CORONARY, certify=False)
    feed.stay(decliner)
    feed.screen()
    answer(decliner, offers_of(decliner)[0], "decline")

    for person in (holder, applicant, decliner):
        feed.stay(person)
    feed.stay(refused, "I21.000")

    assert feed.screen() == Screened(visits=4)


def test_what_the_held_benefit_covers_is_not_offered(feed: Feed, clinic: Clinic, patient: Somebody) -> None:
    """Rules of the pack: an entitlement that excludes or includes another bars its offer."""
    case = clinic.apply(patient, DIABETES)
    clinic.review(clinic.decide(clinic.expert_of(case), case, DIABETES, certify=True))
    feed.stay(patient, "E11.300")
    assert feed.screen() == Screened(visits=1)


INSURANCE: dict[str, Callable[[], dict[str, Any]]] = {
    "ended": lambda: {"end_date": clock.today() - timedelta(days=1), "status": CoverageStatus.ENDED},
    "suspended": lambda: {"status": CoverageStatus.SUSPENDED},
    "not yet begun": lambda: {"begin_date": clock.today() + timedelta(days=30)},
}


@pytest.mark.parametrize("how", INSURANCE)
def test_without_coverage_in_force_nothing_is_offered(feed: Feed, how: str) -> None:
    somebody = feed.world.citizen(region=REGION, **INSURANCE[how]())
    feed.stay(somebody)
    assert feed.screen() == Screened(visits=1)


def test_a_decline_is_forgotten_with_the_year(feed: Feed, patient: Somebody) -> None:
    feed.stay(patient)
    feed.screen()
    answer(patient, offers_of(patient)[0], "decline")
    today = clock.today()
    with clock.travel(datetime.combine(date(today.year + 1, 1, 2), time(9), clock.CHINA)):
        screening.look_again(feed.world.parts.database)
        assert feed.screen() == Screened(visits=1, offers=1)


def test_of_a_child_the_guardian_is_told_and_sees_it(feed: Feed, patient: Somebody) -> None:
    child_id = feed.world.child(patient, region=REGION)
    number = feed.world.write(lambda session: session.get_one(Person, child_id).id_no)
    feed.stay(str(number))
    feed.screen()

    [offer] = offers_of(patient)
    assert offer["person_id"] == str(child_id)
    assert len(patient.ok("GET", "/me/notices")["items"]) == 1
    assert answer(patient, offer, "accept")["filing"]["subject_id"] == str(child_id)


def test_a_batch_after_the_other_and_none_twice(
    feed: Feed, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screening, "BATCH", 2)
    patients = [clinic.world.citizen(region=REGION) for _ in range(5)]
    feed.report(*[feed.row(one) for one in patients], *[feed.row(one, "I10.X00") for one in patients])
    parts: list[Screened] = []

    total = screening.screen(feed.world.parts.database, on_batch=parts.append)

    assert total.visits == 10
    assert total.offers == 5
    assert sum(part.visits for part in parts) == 10
    assert len(parts) >= 3


def test_a_run_that_fails_half_way_is_gone_on_with(
    feed: Feed, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screening, "BATCH", 1)
    patients = [clinic.world.citizen(region=REGION) for _ in range(3)]
    for one in patients:
        feed.stay(one)

    class Stopped(Exception):  # noqa: N818 - not an error of the product
        pass

    def stop(done: Screened) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        screening.screen(feed.world.parts.database, on_batch=stop)
    assert feed.screen() == Screened(visits=2, offers=2)
    assert all(offer.state is OfferStatus.OPEN for offer in feed.offers())


def test_the_command_prints_what_was_found(
    feed: Feed, patient: Somebody, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHANGBAN_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("ZHANGBAN_DATA_DIR", str(settings.data_dir))
    feed.stay(patient)

    first = CliRunner().invoke(main, ["chronic", "screen", "--json"])
    second = CliRunner().invoke(main, ["chronic", "screen"])
    anew = CliRunner().invoke(main, ["chronic", "screen", "--again", "--json"])

    assert (first.exit_code, second.exit_code, anew.exit_code) == (0, 0, 0), first.output
    told = json.loads(first.stdout)
    assert (told["visits"], told["offers"], told["tasks"]) == (1, 1, 0)
    assert second.stdout.startswith("0 visits")
    told = json.loads(anew.stdout)
    assert (told["visits"], told["offers"], told["tasks"]) == (1, 0, 0)


def test_visits_too_old_to_prove_anything_are_passed_over_and_hold_up_nothing(
    feed: Feed, patient: Somebody
) -> None:
    feed.report(feed.outpatient(patient, HEART_STAY, date(2015, 3, 2)))

    assert feed.screen() == Screened(visits=1, offers=0, tasks=0)
    feed.stay(patient)
    assert feed.screen() == Screened(visits=1, offers=1, tasks=0)
