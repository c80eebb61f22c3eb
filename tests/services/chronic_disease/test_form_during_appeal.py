"""A benefit that was granted stays provable while another disease of the same case is looked at again."""

import re
from typing import Any

import pytest
from clinic import DIABETES, HYPERTENSION, Clinic
from forms import check, code_of, download, is_unchanged, words_of
from sqlalchemy import update

from app.services.chronic_disease.models import ExpertProfile
from tests.somebody import Somebody


@pytest.fixture
def before(patient: Somebody, approved: dict[str, Any]) -> bytes:
    """The form as it was issued before the appeal."""
    return download(patient, approved)


@pytest.fixture
def appealed(clinic: Clinic, patient: Somebody, approved: dict[str, Any], before: bytes) -> dict[str, Any]:
    assert before
    return clinic.do(patient, approved, "appeal", reason="有新的检查结果")


def flat(pdf: bytes) -> str:
    return re.sub(r"\s", "", words_of(pdf))


def now(clinic: Clinic, pdf: bytes) -> dict[str, str]:
    return {one["label"]: one["value"] for one in check(clinic, pdf)["gives_now"]}


def test_the_form_that_was_issued_before_stays_checkable(
    clinic: Clinic, before: bytes, appealed: dict[str, Any]
) -> None:
    checked = check(clinic, before)
    assert checked["genuine"]
    assert checked["superseded"], "the case has gone on"
    assert all(one["valid"] for one in checked["signatures"])
    held = now(clinic, before)
    assert "起长期有效" in held["高血压病"]
    assert held["糖尿病"] == "复核中"
    assert is_unchanged(clinic, code_of(before), before)
    page = clinic.world.nobody.send("GET", f"/verify/{code_of(before)}", headers={"Accept": "text/html"}).text
    assert "起长期有效" in page


def test_what_is_downloaded_during_the_appeal_is_the_form_too(
    clinic: Clinic, patient: Somebody, appealed: dict[str, Any]
) -> None:
    pdf = download(patient, appealed)
    words = flat(pdf)
    assert "门诊慢特病病种待遇认定表" in words
    assert "受理回执" not in words
    assert f"高血压病病种编码{HYPERTENSION}结论认定" in words
    assert f"糖尿病病种编码{DIABETES}结论复核中" in words
    checked = check(clinic, pdf)
    assert (checked["genuine"], checked["superseded"]) == (True, False)
    assert checked["current_status"] == "submitted"
    assert is_unchanged(clinic, code_of(pdf), pdf)


def test_the_case_shows_what_it_gave(patient: Somebody, appealed: dict[str, Any]) -> None:
    said = {one["label"]: one["value"] for one in patient.ok("GET", f"/filings/{appealed['id']}")["outcome"]}
    assert "起长期有效" in said["高血压病"]
    assert said["糖尿病"] == "复核中"


def test_so_it_is_in_every_state_of_the_appeal(
    clinic: Clinic, patient: Somebody, before: bytes, appealed: dict[str, Any]
) -> None:
    """With the applicant, with the second and third expert, at the agency, rejected there."""
    clinic.ask(clinic.expert_of(appealed), appealed, "examination_report")
    seen = [("needs_correction", now(clinic, before), flat(download(patient, appealed)))]
    report = str(clinic.world.paper(patient, "examination_report")["id"])
    clinic.do(patient, appealed, "resubmit", material_ids=[report])
    clinic.decide_all(appealed, DIABETES)
    seen.append(("submitted", now(clinic, before), flat(download(patient, appealed))))
    clinic.decide_all(appealed, DIABETES)
    seen.append(("certified", now(clinic, before), flat(download(patient, appealed))))
    for status, held, words in seen:
        assert "起长期有效" in held["高血压病"], status
        assert "门诊慢特病病种待遇认定表" in words, status
        assert f"糖尿病病种编码{DIABETES}结论复核中" in words, status
    clinic.review(patient.ok("GET", f"/filings/{appealed['id']}"), "reject", reason="病历与就诊记录不一致")
    assert now(clinic, before) == {"高血压病": seen[0][1]["高血压病"], "糖尿病": "不予办理"}
    assert "复核理由病历与就诊记录不一致" in flat(download(patient, appealed))


@pytest.mark.parametrize("typed", [{"diagnosed_on": "2001-01-01", "hospital_name": "北京协和医院"}, {}])
def test_what_is_typed_during_a_correction_is_on_no_form(
    clinic: Clinic, patient: Somebody, appealed: dict[str, Any], typed: dict[str, str]
) -> None:
    """The form says what the expert saw and signed, during the correction and after the applicant withdraws it."""
    signed = diagnosis(download(patient, appealed))
    clinic.ask(clinic.expert_of(appealed), appealed, "examination_report")
    version = patient.ok("GET", f"/filings/{appealed['id']}")["version"]
    form = {"diseases": [{"disease_code": HYPERTENSION, **typed}, {"disease_code": DIABETES}]}
    patient.ok("PATCH", f"/filings/{appealed['id']}", {"expected_version": version, "form": form})
    assert diagnosis(download(patient, appealed)) == signed
    clinic.do(patient, appealed, "withdraw")
    assert diagnosis(download(patient, appealed)) == signed


def test_a_half_filled_entry_can_be_saved(
    clinic: Clinic, patient: Somebody, appealed: dict[str, Any]
) -> None:
    clinic.ask(clinic.expert_of(appealed), appealed, "examination_report")
    version = patient.ok("GET", f"/filings/{appealed['id']}")["version"]
    form = {"diseases": [{"diagnosed_on": "2026-01-01"}]}
    patient.ok("PATCH", f"/filings/{appealed['id']}", {"expected_version": version, "form": form})
    assert "门诊慢特病病种待遇认定表" in flat(download(patient, appealed))


def test_a_form_names_the_post_in_which_the_expert_signed(
    clinic: Clinic, patient: Somebody, before: bytes, approved: dict[str, Any]
) -> None:
    clinic.world.write(lambda session: session.execute(update(ExpertProfile).values(hospital="搬去的医院")))
    clinic.do(patient, approved, "appeal", reason="有新的检查结果")
    assert "搬去的医院" not in flat(download(patient, approved))


def diagnosis(pdf: bytes) -> list[str]:
    return re.findall(r"确诊(\d{4}-\d\d-\d\d，第\d+人民医院)", flat(pdf))


def test_what_was_withdrawn_meanwhile_shows_there_too(
    clinic: Clinic, patient: Somebody, before: bytes, appealed: dict[str, Any]
) -> None:
    """That the form outlives the approval must not hide that the agency has taken the benefit back."""
    [benefit] = patient.ok("GET", "/chronic/entitlements")["items"]
    body = {"action": "withdraw", "reason": "经核查不符合标准", "expected_version": benefit["version"]}
    handler = clinic.world.handler(clinic.region)
    handler.ok("POST", f"/chronic/entitlements/{benefit['id']}/actions", body)
    assert "取消" in now(clinic, before)["高血压病"]
    assert "取消" in flat(download(patient, appealed))


def test_an_appeal_where_nothing_was_granted_gives_no_form(clinic: Clinic, patient: Somebody) -> None:
    case = clinic.apply(patient, DIABETES)
    clinic.decide_all(case)
    clinic.do(patient, case, "appeal", reason="有新的检查结果")
    pdf = download(patient, case)
    assert "受理回执" in words_of(pdf)
    assert check(clinic, pdf)["gives_now"] == []
