"""What people read of their own bills: the list, one bill with its explanation, the year, the statement."""

import csv
import io
from datetime import timedelta
from uuid import UUID

import pypdfium2
import pytest
from sqlalchemy import text, update

from app.identity.models import Relation
from app.kit import clock
from app.places.models import Institution, InstitutionType
from app.settlement import statement
from tests.settlement.bills import bill, drugs, line
from tests.settlement.counter import Counter
from tests.settlement.test_settling import employee
from tests.somebody import Somebody
from tests.world import World

ENGLISH = {"headers": {"Accept-Language": "en"}}
YEAR = clock.today().year


@pytest.fixture
def pharmacy(world: World) -> Counter:
    return Counter(world, InstitutionType.PHARMACY, "230502")


def settled(counter: Counter, patient: Somebody, amount: str, **more: object) -> dict[str, str]:
    """A bill of class A drugs, paid."""
    wish = {**bill(patient, drugs(amount), med_type="41"), **more}
    info: dict[str, str] = counter.output("2207", **wish)["setlinfo"]
    return info


def take_back(counter: Counter, info: dict[str, str]) -> None:
    counter.output("2208", setl_id=info["setl_id"], psn_no=info["psn_no"])


def test_the_list_is_newest_first_page_by_page_and_by_year(world: World, pharmacy: Counter) -> None:
    patient = employee(world)
    late = settled(pharmacy, patient, "5.00", med_type="21", setl_time=f"{YEAR - 1}-06-01 10:00:00")
    infos = [settled(pharmacy, patient, amount) for amount in ("10.00", "20.00", "30.00")]
    first = patient.ok("GET", "/settlements?limit=2")
    rest = patient.ok("GET", f"/settlements?limit=2&cursor={first['next_cursor']}")
    ids = [one["id"] for one in [*first["items"], *rest["items"]]]
    assert ids == [one["setl_id"] for one in [*reversed(infos), late]]
    assert rest["next_cursor"] is None
    of_last_year = patient.ok("GET", f"/settlements?year={YEAR - 1}")["items"]
    assert [one["id"] for one in of_last_year] == [late["setl_id"]]


def test_a_bill_is_told_in_a_sentence_with_who_paid_what(world: World, pharmacy: Counter) -> None:
    patient = employee(world, 100_00)
    day = clock.today() - timedelta(days=20)
    settled(pharmacy, patient, "150.00", setl_time=f"{day} 10:00:00")
    path = "/settlements"
    [found] = patient.ok("GET", path)["items"]
    name = found["institution_name"]
    assert found["text"] == (
        f"{day.year}年{day.month}月{day.day}日在{name}买药，一共150元，医保没有报销，个人账户付100元，现金付50元。"
    )
    assert patient.ok("GET", path, **ENGLISH)["items"][0]["text"] == (
        f"{day}, {name}: medicines, 150 yuan in all, the insurance pays nothing, the personal account 100, cash 50."
    )


def test_a_bill_that_was_taken_back_says_what_becomes_of_the_money(world: World, pharmacy: Counter) -> None:
    patient = employee(world, 100_00)
    take_back(pharmacy, settled(pharmacy, patient, "150.00"))
    [found] = patient.ok("GET", "/settlements")["items"]
    assert (found["state"], found["counts"]) == ("undone", False)
    assert found["ended_at"] is not None
    assert found["text"].endswith(
        "这笔账已经撤销，不算数了，个人账户付的100元已经退回账户；要是已经付了现金50元，请找这家机构退。"
    )


def test_a_bill_explains_itself_step_by_step_with_the_words_of_its_sources(
    world: World, pharmacy: Counter
) -> None:
    patient = employee(world, 0)
    lines = [*drugs("700.00"), line("50.00", lv="02", item="08"), line("20.00", lv="03")]
    info = pharmacy.output("2207", **bill(patient, lines, med_type="41"))["setlinfo"]
    path = f"/settlements/{info['setl_id']}"
    found = patient.ok("GET", path)
    # 50 of class B at 10 %: 45 in scope; of 745 the deductible takes 600, of 145 the fund pays 70 %: 101.50
    assert (found["medfee_fen"], found["fund_pay_fen"], found["psn_part_fen"]) == (77000, 10150, 66850)
    assert (found["fulamt_ownpay_fen"], found["preselfpay_fen"], found["inscp_scp_fen"]) == (2000, 500, 74500)
    steps = {one["kind"]: one for one in found["steps"]}
    assert list(steps) == ["own_expense", "first_share", "in_scope", "deductible", "share", "result"]
    assert steps["deductible"]["text"] == "起付线每年600元，这次从药费里先扣600元。"
    assert "600 元" in steps["deductible"]["source"]["text"]
    assert steps["first_share"]["source"]["ref"].startswith("[002] 双鸭山")
    assert steps["in_scope"]["source"] is None
    assert [one["first_share_fen"] for one in found["lines"]] == [0, 500, 0]
    assert (found["pack_title"], found["insured_in"], found["insutype_text"]) == (
        "双鸭山市：职工门诊统筹",
        "黑龙江省双鸭山市",
        "职工医保",
    )
    assert (found["genuine"], found["genuine_text"]) == (True, None)
    in_english = patient.ok("GET", path, **ENGLISH)["steps"]
    assert in_english[-1]["text"].startswith("Of 770 yuan the insurance pays 101.50")


def test_a_bill_that_was_changed_by_hand_says_that_it_cannot_be_relied_on(
    world: World, pharmacy: Counter
) -> None:
    patient = employee(world, 0)
    path = f"/settlements/{settled(pharmacy, patient, '10.00')['setl_id']}"
    world.write(lambda session: session.execute(text("UPDATE settlement SET chrg_bchno = 'other'")))
    found = patient.ok("GET", path)
    assert found["genuine"] is False
    assert "12393" in found["genuine_text"]
    world.write(lambda session: session.execute(text("UPDATE settlement SET detail_sealed = X'00'")))
    found = patient.ok("GET", path)
    assert (found["genuine"], found["steps"], found["lines"]) == (False, [], [])


PATHS = ("/settlements?", "/settlements/summary?", "/settlements/statement?format=csv&")


def test_a_guardian_reads_a_child_s_bills_and_the_child_can_see_it(world: World, pharmacy: Counter) -> None:
    child, guardian = employee(world, age=16), world.citizen(age=44)
    world.relate(child, guardian, Relation.PARENT, guardian=True)
    info = settled(pharmacy, child, "10.00")
    for path in PATHS:
        guardian.ok("GET", f"{path}person_id={child.person_id}")
    assert guardian.ok("GET", f"/settlements/{info['setl_id']}")["id"] == info["setl_id"]
    seen = [one["text"] for one in child.ok("GET", "/me/accesses")["items"]]
    assert len(seen) == 2
    assert seen[0].endswith("下载了您的账单")
    assert seen[1].endswith("查看了您的账单")
    assert guardian.ok("GET", "/settlements")["items"] == []


def test_nobody_else_finds_a_person_s_bills(world: World, pharmacy: Counter) -> None:
    patient, other = employee(world), world.citizen()
    info = settled(pharmacy, patient, "10.00")
    for path in PATHS:
        assert other.refused("GET", f"{path}person_id={patient.person_id}") == (404, "not_found")
    assert other.refused("GET", f"/settlements/{info['setl_id']}") == (404, "not_found")
    assert patient.ok("GET", "/me/accesses")["items"] == []


def test_the_words_of_a_year_say_what_is_left_of_the_deductible(world: World, pharmacy: Counter) -> None:
    patient = employee(world, 0)
    settled(pharmacy, patient, "550.00")
    found = patient.ok("GET", "/settlements/summary")
    [use] = found["benefits"]
    assert use["text"] == (
        f"职工门诊统筹：起付线每年600元，{YEAR}年已付550元，再付50元就开始报销。"
        f"一年最多报2000元，{YEAR}年已报0元，还能报2000元。"
    )
    settled(pharmacy, patient, "3000.00")
    [use] = patient.ok("GET", "/settlements/summary")["benefits"]
    assert use["text"] == (
        f"职工门诊统筹：起付线每年600元，{YEAR}年已经付满。一年最多报2000元，{YEAR}年已经报满。"
    )
    [use] = patient.ok("GET", "/settlements/summary", **ENGLISH)["benefits"]
    assert use["text"] == (
        f"employees' outpatient pooling: the deductible of 600 yuan a year is paid up for {YEAR}; "
        f"the fund pays at most 2000 yuan a year, which are used up for {YEAR}."
    )


def test_relief_is_told_beside_the_benefits(world: World) -> None:
    hospital = Counter(world, InstitutionType.HOSPITAL, "320922", level=2)
    patient = world.citizen(region="320922", low_income=True)
    hospital.output("2207", **bill(patient, drugs("1000.00"), med_type="21"))
    found = patient.ok("GET", "/settlements/summary")
    [use] = found["benefits"]
    # no inpatient rule is recorded there: of 1,000 the person pays 10 %
    assert (use["fund_paid_fen"], use["bills"]) == (90000, None)
    assert use["text"].endswith("医疗救助已替您付900元。")
    assert found["without_benefit"] == found["totals"]
    assert found["totals"]["psn_cash_pay_fen"] == 10000


def test_a_year_without_bills_is_told_as_such(world: World) -> None:
    found = world.citizen().ok("GET", f"/settlements/summary?year={YEAR - 3}")
    assert (found["text"], found["until"]) == (f"{YEAR - 3}年没有结算过的账。", f"{YEAR - 3}-12-31")
    assert found["benefits"] == found["care"] == []


def read_csv(data: bytes) -> list[dict[str, str]]:
    decoded = data.decode("utf-8")
    assert decoded.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(decoded[1:], newline="")))


def test_the_csv_has_every_bill_by_day_and_a_spreadsheet_calculates_nothing_in_it(
    world: World, pharmacy: Counter
) -> None:
    patient = employee(world, 30_00)
    first = settled(pharmacy, patient, "40.00", chrg_bchno="20260101000000000042")
    take_back(pharmacy, settled(pharmacy, patient, "7.05", med_type="21", setl_time=f"{YEAR}-01-02 10:00:00"))
    evil = update(Institution).where(Institution.id == pharmacy.id).values(name="=HYPERLINK(1)")
    world.write(lambda session: session.execute(evil))
    rows = read_csv(patient.ok("GET", "/settlements/statement?format=csv"))
    assert [one["日期"] for one in rows] == [f"{YEAR}-01-02", clock.today().isoformat()]
    assert [one["状态"] for one in rows] == ["已撤销，不算数", "已结算"]
    assert rows[1] == {
        **rows[1],
        "机构": "'=HYPERLINK(1)",
        "类别": "药店买药",
        "单据号": "\t20260101000000000042",
        "总费用（元）": "40.00",
        "医保付（元）": "0.00",
        "个人账户付（元）": "30.00",
        "现金付（元）": "10.00",
    }
    assert first["setl_id"]
    in_english = read_csv(patient.ok("GET", "/settlements/statement?format=csv", **ENGLISH))
    assert in_english[0]["State"] == "Taken back, does not count"


def words_of(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        pages = [page.get_textpage().get_text_bounded() for page in document]
    return "".join("".join(pages).split())


def test_the_pdf_says_the_sums_what_is_left_and_each_bill(world: World, pharmacy: Counter) -> None:
    patient = employee(world, 300_00)
    settled(pharmacy, patient, "650.00")
    take_back(pharmacy, settled(pharmacy, patient, "88.00"))
    answer = patient.send("GET", "/settlements/statement")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="medical-bills-{YEAR}.pdf"'
    words = words_of(answer.data)
    for said in (
        f"{YEAR}年看病买药费用清单",
        "黑龙江省双鸭山市医疗保障经办中心",
        "一共1笔账，总费用650元：医保付35元，个人账户付300元，现金付315元。另有1笔已经撤销，没有算在里面。",
        f"一年最多报2000元，{YEAR}年已报35元，还能报1965元。",
        "药店买药650.0035.00300.00315.00合计1笔650.0035.00300.00315.00",
        "撤销了的账",
        "不能代替发票",
    ):
        assert said in words
    assert patient.id_no not in words
    assert patient.name not in words


def test_a_statement_lists_so_many_bills_and_says_so(
    world: World, pharmacy: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statement, "MOST_BILLS", 2)
    patient = employee(world)
    for amount in ("1.00", "2.00", "3.00"):
        settled(pharmacy, patient, amount)
    rows = read_csv(patient.ok("GET", "/settlements/statement?format=csv"))
    assert [one["总费用（元）"] for one in rows] == ["2.00", "3.00"]
    words = words_of(patient.ok("GET", "/settlements/statement"))
    assert "这里只列出最近的2笔" in words
    assert "总费用6元" in words
    assert "合计2笔" not in words


def test_a_statement_of_nothing_is_a_paper_all_the_same(world: World) -> None:
    patient = world.citizen()
    assert "没有结算过的账" in words_of(patient.ok("GET", "/settlements/statement"))
    assert read_csv(patient.ok("GET", "/settlements/statement?format=csv")) == []


@pytest.mark.parametrize("query", ["year=1999", "year=x", "format=xls", "person_id=1", "surprise=1"])
def test_what_is_wrong_with_the_question_is_named(world: World, query: str) -> None:
    assert world.citizen().refused("GET", f"/settlements/statement?{query}")[0] == 422


def test_an_unknown_bill_is_not_found(world: World) -> None:
    assert world.citizen().refused("GET", f"/settlements/{UUID(int=7)}") == (404, "not_found")
