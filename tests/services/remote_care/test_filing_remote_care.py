"""Remote care from end to end over HTTP: six categories, exemptions, coverages, corrections."""

from typing import Any

import pytest
from care_calls import COMMITTED, file, records, refused, sql_id
from sqlalchemy import text

from app.kit import clock
from app.kit.api.application import Application
from tests.world import INSTANT, REVIEWED, World


@pytest.fixture
def world(app: Application) -> World:
    return World(app)


@pytest.mark.parametrize(
    ("category", "traits", "reason_code"),
    [
        ("resettled_retiree", {"insutype": "310", "age": 65, "retired": True}, "02"),
        ("long_term_resident", {}, "08"),
        ("posted_worker", {"insutype": "310"}, "07"),
        ("other_temporary", {}, "09"),
    ],
)
def test_with_a_commitment_taiyuan_files_at_once(
    world: World, category: str, traits: dict[str, Any], reason_code: str
) -> None:
    citizen = world.citizen(region="1401", **traits)

    case = file(citizen, {"category": category, "care_region_code": "31", **COMMITTED})

    assert case["status"] == "approved"
    [record] = records(citizen)
    assert record["rloc_rea"] == reason_code
    assert record["insu_admdvs"] == "1401"
    assert record["rloc_admdvs"] == "31"
    assert record["vali_flag"] == "1"
    assert record["begndate"] == clock.today().isoformat()
    assert (record["enddate"] is None) == (category != "other_temporary")


def test_one_files_to_the_city_though_a_district_was_chosen(world: World) -> None:
    citizen = world.citizen(region="1401")
    case = file(citizen, {**INSTANT, "care_region_code": "610102"})
    assert case["form"]["care_region_code"] == "6101"


def test_a_case_is_judged_by_the_pack_of_the_day_it_was_submitted(world: World) -> None:
    case = file(world.citizen(region="1401"), {**INSTANT, "care_region_code": "31"})
    assert case["pack_id"] == "1401@2023-07-01"


def test_an_exempt_student_is_told_so_and_nothing_is_filed(world: World) -> None:
    student = world.citizen(region="1401", age=20, student=True)

    status, code, detail = refused(student, {**INSTANT, "care_region_code": "31"})

    assert (status, code) == (409, "remote_care_not_needed")
    assert "大学生" in detail
    assert records(student) == []


def test_a_corrected_case_keeps_the_rules_of_the_day_but_not_of_another_region(world: World) -> None:
    citizen, handler = world.citizen(), world.handler()
    case = world.act(handler, world.filing(citizen), "claim")
    items = [{"field": "insutype", "text": "请改用职工医保"}]
    world.act(handler, case, "request_correction", reason="险种不对", items=items)
    other = world.citizen(region="1401", insutype="310")
    moved = {"to": sql_id(world, citizen.person_id), "of": sql_id(world, other.person_id)}
    statement = text("UPDATE coverage SET person_id = :to WHERE person_id = :of")
    world.write(lambda session: session.execute(statement, moved))
    back = citizen.ok("GET", f"/filings/{case['id']}")
    done = world.act(citizen, back, "resubmit", form={**REVIEWED, "insutype": "310"})
    assert done["pack_id"] == "1401@2023-07-01"


def test_a_referral_needs_a_hospital_that_may_refer(world: World) -> None:
    citizen = world.citizen(region="320922")
    papers = [world.paper(citizen, kind)["id"] for kind in ("medical_record", "social_card")]
    wrong = world.hospital("320922", can_refer=False)
    elsewhere = world.hospital("610902")
    for hospital in (wrong, elsewhere):
        form = {
            "category": "referral",
            "care_region_code": "31",
            "proof": "documents",
            "referring_institution_id": str(hospital.id),
        }
        answer = citizen.send(
            "POST",
            "/filings",
            {"service_code": "remote_care", "form": form, "submit": True, "material_ids": papers},
        )
        assert answer.status_code == 422
        assert "转诊资格" in answer.json["errors"]["form.referring_institution_id"][0]


def test_with_two_insurances_the_person_chooses(world: World) -> None:
    citizen = world.citizen(region="1401", insutype="310")
    other = world.citizen(region="1401", insutype="390")
    world.write(
        lambda session: session.execute(
            text("UPDATE coverage SET person_id = :to WHERE person_id = :of"),
            {"to": sql_id(world, citizen.person_id), "of": sql_id(world, other.person_id)},
        )
    )
    form = {"category": "other_temporary", "care_region_code": "31", **COMMITTED}
    assert refused(citizen, form)[:2] == (422, "coverage_ambiguous")
    assert file(citizen, {**form, "insutype": "390"})["status"] == "approved"
    assert records(citizen)[0]["insutype"] == "390"
