"""How long a case's states last is its pack's say; when the time for an appeal is over nobody is offered one."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from clinic import CORONARY, DIABETES, HYPERTENSION, REGION, Clinic
from trial_pack import folder_with

from app.filings import history
from app.filings.history import Break
from app.filings.models import Filing
from app.kit import clock
from app.kit.periods import add_months
from app.kit.workdays import add_workdays
from app.services.chronic_disease import packs
from app.services.chronic_disease.declaration import CHRONIC_DISEASE, TWO_DISEASE
from app.services.chronic_disease.packs import Catalogue
from app.workflow.table import Status
from tests.somebody import Somebody

WHY = "上周又做了造影"
PACK = """
region_code = "610727"
name = "略阳县"
name_en = "Lueyang"
title = "试验"
effective_from = 2024-01-01
baseline = "default@2022-01-01"
source = "one"

[sources.one]
kind = "regional"
ref = "[002] a document"
text = "what it says"

[terms]
institution_changes_per_year = { value = 2, source = "one" }
expert_days = { value = 3, source = "one" }
agency_days = { value = 4, source = "one" }
correction_days = { value = 7, source = "one" }
appeal_days = { value = 5, source = "one" }
"""


@pytest.fixture
def own_terms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """略阳 with terms unlike those of the workflow's table."""
    folder = tmp_path / "packs"
    folder.mkdir()
    found = Catalogue(folder_with(folder, PACK, name="610727-2024-01-01.toml"))
    monkeypatch.setattr(packs, "_catalogue", lambda: found)


def due(who: Somebody, case: dict[str, Any]) -> date:
    at = datetime.fromisoformat(who.ok("GET", f"/filings/{case['id']}")["due_at"])
    return clock.china_day(at)


def in_days(days: int) -> date:
    return add_workdays(clock.today(), days)


def actions(who: Somebody, case: dict[str, Any]) -> list[str]:
    return list(who.ok("GET", f"/filings/{case['id']}")["available_actions"])


@pytest.mark.usefixtures("own_terms")
class TestThePack:
    def test_says_how_long_experts_agency_and_applicant_have(self, clinic: Clinic, patient: Somebody) -> None:
        case = clinic.apply(patient, HYPERTENSION)
        assert due(patient, case) == in_days(3)
        clinic.ask(clinic.expert_of(case), case, "outpatient_record")
        assert due(patient, case) == in_days(7)
        [told] = clinic.notices(patient, "correction_needed")
        day = in_days(7)
        assert f"{day.year}年{day.month}月{day.day}日" in told
        record = str(clinic.world.paper(patient, "outpatient_record")["id"])
        clinic.do(patient, case, "resubmit", material_ids=[record])
        assert due(patient, case) == in_days(3)
        clinic.decide_all(case, HYPERTENSION)
        assert due(patient, case) == in_days(4)

    def test_says_when_a_refusal_lapses(self, clinic: Clinic, patient: Somebody) -> None:
        case = clinic.apply(patient, CORONARY)
        clinic.decide_all(case)
        last = in_days(5)
        assert due(patient, case) == last
        assert clinic.items(patient, case)[CORONARY]["appeal_until"] == str(last)
        after = in_days(6)
        with clinic.later(last, hour=23):
            assert clinic.overdue() == 0
            assert "appeal" in actions(clinic.again(patient), case)
        with clinic.later(after, hour=1):
            assert clinic.overdue() == 1
            assert clinic.again(patient).ok("GET", f"/filings/{case['id']}")["status"] == "rejected"

    def test_says_how_long_an_escalated_case_has(self, clinic: Clinic, patient: Somebody) -> None:
        case = clinic.apply(patient, HYPERTENSION)
        clinic.decide_all(case, HYPERTENSION)
        with clinic.later(in_days(5)):
            assert clinic.overdue() == 1
            assert due(clinic.again(patient), case) == in_days(4)

    def test_holds_for_two_disease(self, clinic: Clinic, patient: Somebody) -> None:
        case = clinic.apply(patient, HYPERTENSION, service="two_disease")
        assert due(patient, case) == in_days(4)
        items = [{"kind": "outpatient_record", "text": "请补门诊病历"}]
        clinic.review(case, "request_correction", items=items, reason="看不清")
        assert due(patient, case) == in_days(7)

    def test_says_how_often_a_year_institutions_may_be_changed(
        self, clinic: Clinic, patient: Somebody
    ) -> None:
        """Twice in any twelve months: the third waits until the first of the two is a year old."""
        case = clinic.apply(patient, HYPERTENSION)
        clinic.decide_all(case, HYPERTENSION)
        clinic.review(patient.ok("GET", f"/filings/{case['id']}"))
        places = [str(clinic.world.hospital(REGION).id) for _ in range(5)]
        first = clock.today()
        assert choose(patient, places[0])["institutions_free_from"] is None
        assert choose(patient, places[1])["institutions_free_from"] is None
        with clinic.later(add_months(first, 2)):
            again_from = add_months(first, 12)
            changed = choose(clinic.again(patient), places[2])
            assert changed["institutions_free_from"] == str(again_from)
            assert "2 次" in refused_choice(clinic.again(patient), places[3])
        with clinic.later(again_from):
            changed = choose(clinic.again(patient), places[3])
            assert changed["institutions_free_from"] == str(add_months(first, 14))
        with clinic.world.parts.database.reading() as session:
            assert [one for one in history.verify(session) if isinstance(one, Break)] == []


def choose(who: Somebody, place: str) -> dict[str, Any]:
    answer = choice(who, place)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def refused_choice(who: Somebody, place: str) -> str:
    answer = choice(who, place)
    assert answer.get_json()["code"] == "chronic_institutions_fixed"
    return str(answer.get_json()["detail"])


def choice(who: Somebody, place: str) -> Any:
    [now] = who.ok("GET", "/chronic/entitlements")["items"]
    body = {"institution_ids": [place], "expected_version": now["version"]}
    return who.send("PUT", f"/chronic/entitlements/{now['id']}/institutions", body)


def test_before_a_pack_is_chosen_a_case_has_no_terms_of_its_own() -> None:
    for service in (CHRONIC_DISEASE, TWO_DISEASE):
        assert service.working_days(Filing(service_code=service.code, pack_id=None)) == {}


def test_a_pack_of_the_past_holds_for_its_cases() -> None:
    """略阳 before the reform: twenty days in all [002]."""
    old = Filing(service_code=CHRONIC_DISEASE.code, pack_id="610727@2022-06-01")
    days = CHRONIC_DISEASE.working_days(old)
    assert days[Status.SUBMITTED] + days[Status.CERTIFIED] == 20


class TestALapsedRefusal:
    def test_keeps_the_experts_reasons_of_every_disease(self, clinic: Clinic, patient: Somebody) -> None:
        case = clinic.apply(patient, HYPERTENSION, DIABETES)
        for expert in clinic.named(case):
            [code] = [code for code, item in clinic.items(expert, case).items() if item["yours"]]
            clinic.decide(expert, case, code, certify=False, reason=f"{code}的检查结果未达到标准")
        with clinic.later(in_days(16)):
            assert clinic.overdue() == 1
            late = clinic.again(patient)
            seen = late.ok("GET", f"/filings/{case['id']}")
            assert seen["status"] == "rejected"
            [told] = clinic.notices(late, "filing_rejected")
            for words in (seen["reason"], told):
                assert "复核期限" in words
                assert f"高血压病：{HYPERTENSION}的检查结果未达到标准" in words
                assert f"糖尿病：{DIABETES}的检查结果未达到标准" in words


class TestWhenTheTimeForAnAppealIsOver:
    @pytest.fixture
    def mixed(self, clinic: Clinic, patient: Somebody) -> dict[str, Any]:
        case = clinic.apply(patient, HYPERTENSION, DIABETES)
        clinic.decide_all(case, HYPERTENSION)
        return case

    @pytest.mark.parametrize(
        ("decision", "more", "status"),
        [("approve", {}, "approved"), ("reject", {"reason": "参保已中断"}, "rejected")],
    )
    def test_a_closed_case_offers_none(
        self,
        clinic: Clinic,
        patient: Somebody,
        mixed: dict[str, Any],
        decision: str,
        more: dict[str, str],
        status: str,
    ) -> None:
        clinic.review(patient.ok("GET", f"/filings/{mixed['id']}"), decision, **more)
        last = date.fromisoformat(clinic.items(patient, mixed)[DIABETES]["appeal_until"])
        with clinic.later(last, hour=23):
            assert "appeal" in actions(clinic.again(patient), mixed), "to the end of the last day"
        with clinic.later(date.fromordinal(last.toordinal() + 1), hour=0):
            late = clinic.again(patient)
            assert late.ok("GET", f"/filings/{mixed['id']}")["status"] == status
            assert "appeal" not in actions(late, mixed)
            assert clinic.refused(late, mixed, "appeal", reason=WHY) == (409, "chronic_appeal_too_late")

    def test_nor_does_a_conflict_name_it_as_possible(
        self, clinic: Clinic, patient: Somebody, mixed: dict[str, Any]
    ) -> None:
        clinic.review(patient.ok("GET", f"/filings/{mixed['id']}"))

        def hint(who: Somebody, action: str, version: int) -> Any:
            body = {"action": action, "expected_version": version}
            return who.send("POST", f"/filings/{mixed['id']}/actions", body).get_json()["available_actions"]

        version = patient.ok("GET", f"/filings/{mixed['id']}")["version"]
        assert hint(patient, "withdraw", version) == ["appeal"]
        with clinic.later(in_days(16)):
            late = clinic.again(patient)
            assert hint(late, "withdraw", version) == []
            assert hint(late, "appeal", version - 1) == []

    def test_a_refused_case_that_is_not_worked_off_yet_offers_none(
        self, clinic: Clinic, patient: Somebody
    ) -> None:
        case = clinic.apply(patient, CORONARY)
        clinic.decide_all(case)
        with clinic.later(in_days(16), hour=0):
            assert actions(clinic.again(patient), case) == []


def test_the_time_for_an_appeal_runs_from_when_the_refusal_is_told(clinic: Clinic, patient: Somebody) -> None:
    """One disease is refused at once, another's expert asks for papers; a fortnight later that disease is taken out."""
    case = clinic.apply(patient, DIABETES, CORONARY)
    for expert in clinic.named(case):
        mine = [code for code, item in clinic.items(expert, case).items() if item["yours"]]
        if mine == [DIABETES]:
            clinic.decide(expert, case, DIABETES, certify=False)
        else:
            clinic.ask(expert, case, "examination_report")
    with clinic.later(in_days(10)):
        later = clinic.again(patient)
        report = str(clinic.world.paper(later, "examination_report")["id"])
        form = {"diseases": [one for one in case["form"]["diseases"] if one["disease_code"] == DIABETES]}
        clinic.do(later, case, "resubmit", form=form, material_ids=[report])
        assert later.ok("GET", f"/filings/{case['id']}")["status"] == "refused"
        assert clinic.items(later, case)[DIABETES]["appeal_until"] == str(due(later, case))
        assert "appeal" in actions(later, case)
