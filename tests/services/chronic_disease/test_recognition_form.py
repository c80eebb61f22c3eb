"""The recognition form (认定表): what it says, and that anyone can check it, its signatures and the very file."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from clinic import CORONARY, DIABETES, HYPERTENSION, REGION, Clinic
from forms import check, code_of, download, is_unchanged, mixed, recognised, words_of
from sqlalchemy import select, update

from app.filings.models import IssuedPaper
from app.kit.api.application import Application
from app.kit.signing import SignatureAlgorithm
from app.services.chronic_disease.models import ExpertKey, ExpertOpinion
from tests.somebody import Somebody
from tests.world import World


@pytest.fixture
def database_url(both_databases: str) -> str:
    return both_databases


def test_the_form_says_who_was_recognised_for_what_by_whom(
    clinic: Clinic, patient: Somebody, approved: dict[str, Any]
) -> None:
    words = words_of(download(patient, approved))
    flat = re.sub(r"\s", "", words)

    assert "门诊慢特病病种待遇认定表" in flat
    assert approved["number"] in flat
    assert f"高血压病病种编码{HYPERTENSION}结论认定" in flat
    assert f"糖尿病病种编码{DIABETES}结论不予认定" in flat
    assert "符合：临床确诊高血压（见出院小结第2页）" in flat
    assert "不符合：临床确诊糖尿病（材料看不出）" in flat
    assert "理由：未达到认定标准" in flat
    assert "起长期有效" in flat
    assert clinic.profile(next(iter(clinic.experts.values()))).hospital in flat
    assert flat.count("电子签名") == 2
    assert "复核结论同意专家认定的病种" in flat
    assert patient.name not in words
    assert patient.id_no not in words
    assert not [one.name for one in clinic.experts.values() if one.name in words], "experts are masked"


def test_a_form_of_three_rounds_names_each_with_its_signature(clinic: Clinic, patient: Somebody) -> None:
    case = clinic.apply(patient, CORONARY)
    clinic.decide(clinic.expert_of(case), case, CORONARY, certify=False)
    seen = patient.ok("GET", f"/filings/{case['id']}")
    case = clinic.world.act(patient, seen, "appeal", reason="上周又做了造影")
    case = clinic.decide(clinic.expert_of(case), case, CORONARY, certify=True)
    case = clinic.decide(clinic.expert_of(case), case, CORONARY, certify=True)
    pdf = download(patient, clinic.review(case))

    flat = re.sub(r"\s", "", words_of(pdf))
    assert flat.index("专家鉴定不予认定") < flat.index("复核鉴定认定") < flat.index("第三位专家鉴定认定")
    checked = check(clinic, pdf)
    assert [one["valid"] for one in checked["signatures"]] == [True] * 3
    assert len({one["at"] for one in checked["signatures"]}) == 3


@pytest.mark.parametrize("algorithm", list(SignatureAlgorithm))
def test_the_code_on_it_is_checked_by_anyone(
    clinic: Clinic, patient: Somebody, algorithm: SignatureAlgorithm, signing_by: Callable[..., None]
) -> None:
    signing_by(algorithm)
    pdf = download(patient, mixed(clinic, patient))

    checked = check(clinic, pdf)

    assert checked["genuine"] is True
    assert checked["superseded"] is False
    assert checked["current_status"] == "approved"
    assert [part["heading"] for part in checked["sections"]] == [
        *("参保人", "高血压病", "糖尿病", "经办机构复核"),
    ]
    assert [(one["about"], one["algorithm"], one["valid"]) for one in checked["signatures"]] == [
        ("高血压病", algorithm.value, True),
        ("糖尿病", algorithm.value, True),
    ]
    assert {one["label"] for one in checked["gives_now"]} == {"高血压病", "糖尿病"}


def test_a_file_is_ours_to_the_last_byte(clinic: Clinic, patient: Somebody, approved: dict[str, Any]) -> None:
    pdf = download(patient, approved)
    code = code_of(pdf)

    assert is_unchanged(clinic, code, pdf)
    assert not is_unchanged(clinic, code, pdf + b"\n")
    assert not is_unchanged(clinic, code, pdf[:-1])
    for place in (9, len(pdf) // 3, len(pdf) // 2, len(pdf) - 9):
        changed = pdf[:place] + bytes([pdf[place] ^ 1]) + pdf[place + 1 :]
        assert not is_unchanged(clinic, code, changed), place


def test_signatures_made_before_the_algorithm_was_changed_stay_valid(
    app: Application, signing_by: Callable[..., None]
) -> None:
    """The only expert's first key is retired by the change, and still checks what it signed."""
    clinic = Clinic(World(app), count=1)
    first, second = (clinic.world.citizen(region=REGION) for _ in range(2))
    before = download(first, recognised(clinic, first))
    signing_by(SignatureAlgorithm.ECDSA_P256)
    after = download(second, recognised(clinic, second))

    checked = [check(clinic, pdf) for pdf in (before, after)]
    assert [one["algorithm"] for answer in checked for one in answer["signatures"]] == [
        *("ed25519", "ecdsa-p256"),
    ]
    assert [answer["genuine"] for answer in checked] == [True, True]
    keys = clinic.world.write(
        lambda session: session.execute(select(ExpertKey).order_by(ExpertKey.id)).scalars().all()
    )
    assert [one.retired_at is None for one in keys] == [False, True]


def test_two_downloads_at_once_give_one_paper(
    clinic: Clinic, patient: Somebody, approved: dict[str, Any]
) -> None:
    with ThreadPoolExecutor(4) as pool:
        papers = list(pool.map(lambda _: download(patient, approved), range(8)))

    assert len(set(papers)) == 1
    issued = clinic.world.write(lambda session: session.execute(select(IssuedPaper.code)).scalars().all())
    assert issued == [code_of(papers[0])]


def test_a_benefit_that_was_withdrawn_shows_at_the_check(
    clinic: Clinic, patient: Somebody, approved: dict[str, Any]
) -> None:
    """Whoever shows an old form cannot hide that the agency has withdrawn what it gave."""
    pdf = download(patient, approved)
    [benefit] = patient.ok("GET", "/chronic/entitlements")["items"]
    handler = clinic.world.handler(REGION)
    body = {"action": "withdraw", "reason": "经核查不符合标准", "expected_version": benefit["version"]}
    handler.ok("POST", f"/chronic/entitlements/{benefit['id']}/actions", body)

    checked = check(clinic, pdf)

    assert checked["genuine"] is True, "it is the paper that we issued"
    assert checked["superseded"] is True
    assert "取消" in next(one["value"] for one in checked["gives_now"] if one["label"] == "高血压病")
    renewed = download(patient, approved)
    assert renewed != pdf
    assert "取消" in words_of(renewed)


def test_institutions_chosen_later_give_a_new_form(clinic: Clinic, patient: Somebody) -> None:
    case = recognised(clinic, patient)
    before = download(patient, case)
    assert "未选择" in words_of(before)
    [benefit] = patient.ok("GET", "/chronic/entitlements")["items"]
    choice = {"institution_ids": [str(clinic.hospital.id)], "expected_version": benefit["version"]}
    patient.ok("PUT", f"/chronic/entitlements/{benefit['id']}/institutions", choice)

    after = download(patient, case)

    assert "未选择" not in words_of(after)
    assert check(clinic, before)["superseded"]
    assert not check(clinic, after)["superseded"]
    assert download(patient, case) == after


def test_a_browser_gets_a_page_with_every_section_and_signature(
    clinic: Clinic, patient: Somebody, approved: dict[str, Any]
) -> None:
    code = code_of(download(patient, approved))
    accept = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    page = clinic.world.nobody.send("GET", f"/verify/{code}", headers=accept).text

    assert "这份材料由本系统出具" in page
    for words in ("参保人", "高血压病", "糖尿病", "经办机构复核", "电子签名", "符合：临床确诊高血压"):
        assert words in page
    assert page.count('<b class="good">有效</b>') == 2

    clinic.world.write(lambda session: session.execute(update(ExpertOpinion).values(signature="")))

    page = clinic.world.nobody.send("GET", f"/verify/{code}", headers=accept).text
    assert page.count('<b class="bad">无效</b>') == 2
    assert "请勿采信" in page
    assert "<script" not in page


def test_before_the_approval_the_paper_is_a_plain_receipt(clinic: Clinic, patient: Somebody) -> None:
    case = clinic.apply(patient, HYPERTENSION)
    pdf = download(patient, case)

    assert "受理回执" in words_of(pdf)
    checked = check(clinic, pdf)
    assert (checked["sections"], checked["signatures"], checked["gives_now"]) == ([], [], [])
