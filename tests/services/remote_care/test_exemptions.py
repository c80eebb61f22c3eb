"""Who need not file: 太原's four waivers and its automatic filing, the alliance of 京津冀, emergencies."""

from datetime import date

import pytest

from app.services.remote_care.categories import MedType, PersonFacts
from app.services.remote_care.exemptions import exemption
from app.services.remote_care.packs import pack_for

EMPLOYEE = PersonFacts("310", "1401")
RETIRED = PersonFacts("310", "1401", retired=True)
RESIDENT = PersonFacts("390", "1401")
STUDENT = PersonFacts("390", "1401", student=True)
EMPLOYED_STUDENT = PersonFacts("310", "1401", student=True)
PATIENT = PersonFacts("390", "1401", chronic_entitled=True)
IN_ARREARS = PersonFacts("310", "1401", in_good_standing=False)
HEBEI = PersonFacts("390", "1310")
BEIJING = PersonFacts("310", "11")
ANKANG = PersonFacts("390", "6109")

DATONG, BEIJING_CODE, TIANJIN_CODE, TANGSHAN, SHANGHAI, XIAN = "1402", "11", "12", "1302", "31", "6101"


@pytest.mark.parametrize(
    ("facts", "care", "med_type", "urgent", "on", "kind", "full"),
    [
        pytest.param(EMPLOYEE, DATONG, "21", False, "2024-01-01", "within_province", True, id="省内住院"),
        pytest.param(RESIDENT, DATONG, "41", False, "2024-01-01", "within_province", True, id="省内购药"),
        pytest.param(RESIDENT, DATONG, "11", False, "2024-01-01", "within_province", True, id="省内门诊"),
        pytest.param(
            PATIENT, DATONG, "14", False, "2024-01-01", "chronic_in_province", True, id="省内慢特病"
        ),
        pytest.param(RESIDENT, DATONG, "14", False, "2024-01-01", None, None, id="慢特病未认定"),
        pytest.param(PATIENT, SHANGHAI, "14", False, "2024-01-01", None, None, id="跨省慢特病"),
        pytest.param(STUDENT, SHANGHAI, "21", False, "2024-01-01", "student_nationwide", True, id="大学生"),
        pytest.param(
            STUDENT, SHANGHAI, "14", False, "2024-01-01", "student_nationwide", True, id="大学生慢特"
        ),
        pytest.param(STUDENT, SHANGHAI, "21", False, "2023-06-30", None, None, id="大学生政策前一天"),
        pytest.param(STUDENT, SHANGHAI, "21", False, "2023-07-01", "student_nationwide", True, id="政策当天"),
        pytest.param(
            EMPLOYED_STUDENT,
            SHANGHAI,
            "21",
            False,
            "2024-01-01",
            "automatic_at_discharge",
            False,
            id="职工在读",
        ),
        pytest.param(
            EMPLOYEE, SHANGHAI, "41", False, "2024-01-01", "personal_account_nationwide", True, id="个账购药"
        ),
        pytest.param(
            RETIRED, SHANGHAI, "11", False, "2024-01-01", "personal_account_nationwide", False, id="个账门诊"
        ),
        pytest.param(RESIDENT, SHANGHAI, "41", False, "2024-01-01", None, None, id="居民没有个账"),
        pytest.param(
            RESIDENT, SHANGHAI, "21", False, "2024-01-01", "automatic_at_discharge", False, id="自动备案"
        ),
        pytest.param(EMPLOYEE, SHANGHAI, "21", False, "2023-06-30", None, None, id="自动备案前一天"),
        pytest.param(IN_ARREARS, SHANGHAI, "21", False, "2024-01-01", None, None, id="欠费没有自动备案"),
        pytest.param(
            EMPLOYEE, SHANGHAI, "21", True, "2024-01-01", "emergency_counts_as_filed", True, id="急诊住院"
        ),
        pytest.param(EMPLOYEE, SHANGHAI, "21", True, "2022-12-31", None, None, id="急诊政策前"),
        pytest.param(
            ANKANG, SHANGHAI, "21", True, "2024-01-01", "emergency_counts_as_filed", True, id="全国急诊"
        ),
        pytest.param(ANKANG, SHANGHAI, "21", False, "2024-01-01", None, None, id="安康跨省"),
        pytest.param(ANKANG, XIAN, "21", False, "2024-01-01", None, None, id="安康省内没有规定"),
        pytest.param(HEBEI, BEIJING_CODE, "21", False, "2023-02-09", None, None, id="河北到京前一天"),
        pytest.param(HEBEI, BEIJING_CODE, "21", False, "2023-02-10", "alliance", True, id="河北到京当天"),
        pytest.param(HEBEI, TANGSHAN, "11", False, "2023-03-31", None, None, id="河北省内前一天"),
        pytest.param(HEBEI, TANGSHAN, "11", False, "2023-04-01", "alliance", True, id="河北省内当天"),
        pytest.param(BEIJING, TANGSHAN, "41", False, "2023-04-01", "alliance", True, id="北京到河北"),
        pytest.param(BEIJING, TIANJIN_CODE, "21", False, "2023-04-01", "alliance", True, id="北京到天津"),
        pytest.param(BEIJING, SHANGHAI, "21", False, "2024-01-01", None, None, id="北京到上海"),
        pytest.param(EMPLOYEE, "140105", "21", False, "2024-01-01", None, None, id="在本地谈不上备案"),
    ],
)
def test_who_need_not_file_on_which_day(
    facts: PersonFacts,
    care: str,
    med_type: str,
    urgent: bool,
    on: str,
    kind: str | None,
    full: bool | None,
) -> None:
    day = date.fromisoformat(on)
    pack = pack_for(facts.home_region_code, day)

    granted = exemption(pack, facts, care, MedType(med_type), urgent=urgent, on=day)

    assert (granted.kind.value if granted else None, granted.full if granted else None) == (kind, full)


def test_an_exemption_says_its_reason_in_plain_words_and_where_it_comes_from() -> None:
    day = date(2024, 1, 1)

    granted = exemption(pack_for("1401", day), STUDENT, SHANGHAI, MedType.OUTPATIENT, urgent=False, on=day)

    assert granted is not None
    assert granted.words.zh.startswith("不用备案。参加太原市居民医保的大学生")
    assert "Taiyuan" in granted.words.en
    assert granted.source.ref.startswith("[002] 太原")


def test_the_regions_own_emergency_rule_is_cited_before_the_national_one() -> None:
    day = date(2024, 1, 1)
    pack = pack_for("1401", day)

    inpatient = exemption(pack, EMPLOYEE, SHANGHAI, MedType.INPATIENT, urgent=True, on=day)
    outpatient = exemption(pack, EMPLOYEE, SHANGHAI, MedType.OUTPATIENT, urgent=True, on=day)

    assert inpatient is not None
    assert inpatient.source.ref.startswith("[002]")
    assert outpatient is not None
    assert outpatient.source.ref == "医保发〔2022〕22号"
