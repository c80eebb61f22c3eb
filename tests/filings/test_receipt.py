"""The receipt: a real PDF, whose code anyone can check."""

import pypdfium2
import pytest
import zxingcpp
from sqlalchemy import text

from tests.world import World


@pytest.fixture
def database_url(both_databases: str) -> str:
    return both_databases


def code_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    picture = document[0].render(scale=3).to_pil()
    found = zxingcpp.read_barcodes(picture)
    assert len(found) == 1, "one code on the page"
    return found[0].text.rsplit("/", 1)[1]


def words_of(pdf: bytes) -> str:
    return pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_bounded()


def test_the_code_on_the_paper_is_checked_by_anyone(world: World) -> None:
    citizen = world.citizen()
    case = world.filing(citizen, "approved")

    pdf = citizen.ok("GET", f"/filings/{case['id']}/form.pdf")

    words = words_of(pdf)
    assert case["number"] in words
    assert "山西省太原市" in words
    assert citizen.name not in words, "masked"
    assert citizen.id_no not in words
    checked = world.nobody.ok("GET", f"/verify/{code_of(pdf)}")
    assert checked["genuine"] is True
    assert checked["current_status"] == "approved"
    assert checked["superseded"] is False
    assert {"label": "办件编号", "value": case["number"]} in checked["lines"]


def test_the_same_state_gives_the_same_paper_and_a_new_state_a_new_one(world: World) -> None:
    citizen = world.citizen()
    case = world.filing(citizen)
    first = citizen.ok("GET", f"/filings/{case['id']}/form.pdf")
    assert citizen.ok("GET", f"/filings/{case['id']}/form.pdf") == first

    world.act(citizen, case, "withdraw")

    later = citizen.ok("GET", f"/filings/{case['id']}/form.pdf")
    assert code_of(later) != code_of(first)
    old = world.nobody.ok("GET", f"/verify/{code_of(first)}")
    assert old["genuine"] is True
    assert old["superseded"] is True
    assert old["current_status"] == "withdrawn"


def test_a_paper_that_was_tampered_with_in_the_database_is_not_genuine(world: World) -> None:
    citizen = world.citizen()
    pdf = citizen.ok("GET", f"/filings/{world.filing(citizen)['id']}/form.pdf")
    world.write(lambda session: session.execute(text("UPDATE issued_paper SET seal = :s"), {"s": "0" * 64}))

    checked = world.nobody.ok("GET", f"/verify/{code_of(pdf)}")

    assert checked["genuine"] is False
    assert "请勿采信" in checked["detail"]


@pytest.mark.parametrize("code", ["ABCD2345EFGH", "x", "..", "中文"])
def test_an_unknown_code_is_said_to_be_unknown(world: World, code: str) -> None:
    assert world.nobody.refused("GET", f"/verify/{code}")[1] in {"verification_code_unknown", "not_found"}


def test_a_draft_has_no_receipt(world: World) -> None:
    citizen = world.citizen()
    case = world.filing(citizen, "draft")
    assert citizen.refused("GET", f"/filings/{case['id']}/form.pdf") == (409, "no_receipt")


def test_people_type_the_code_with_spaces_and_in_small_letters(world: World) -> None:
    citizen = world.citizen()
    code = code_of(citizen.ok("GET", f"/filings/{world.filing(citizen)['id']}/form.pdf"))
    assert world.nobody.ok("GET", f"/verify/{code[:4].lower()} {code[4:]}")["genuine"] is True


def test_a_browser_that_scanned_the_code_gets_a_page_for_people(world: World) -> None:
    citizen = world.citizen()
    code = code_of(citizen.ok("GET", f"/filings/{world.filing(citizen)['id']}/form.pdf"))

    page = world.nobody.send(
        "GET", f"/verify/{code}", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    )

    assert page.content_type == "text/html; charset=utf-8"
    assert "这份材料由本系统出具" in page.text
    assert "已提交，待审核" in page.text
    assert "<script" not in page.text
