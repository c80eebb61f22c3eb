"""A grid of many rows on a paper: its head on every page, no row torn apart, amounts at the right."""

from datetime import UTC, datetime

import pypdfium2
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from app.kit.pdf import Paper
from app.kit.pdf_grid import Column

CREATED = datetime(2026, 11, 21, 16, 30, 5, tzinfo=UTC)
COLUMNS = (Column("日期", 12), Column("在哪里", 30), Column("总费用", 15, right=True))


def drawn(rows: list[tuple[str, str, str]]) -> bytes:
    paper = Paper("清单", issuer="经办中心", created=CREATED)
    paper.grid(COLUMNS, rows)
    return paper.to_bytes()


def pages(data: bytes) -> list[str]:
    with pypdfium2.PdfDocument(data) as document:
        return ["".join(page.get_textpage().get_text_bounded().split()) for page in document]


def test_the_head_stands_on_every_page_and_each_row_once() -> None:
    found = pages(drawn([("1月2日", f"第{number}家", "12.50") for number in range(100, 160)]))
    assert len(found) > 1
    assert all(page.count("日期在哪里总费用") == 1 for page in found)
    whole = "".join(found)
    assert all(whole.count(f"1月2日第{number}家12.50") == 1 for number in range(100, 160))


def test_a_row_is_never_torn_apart() -> None:
    long = "双鸭山市尖山区人民医院第三门诊部" * 3
    found = pages(drawn([("1月2日", long, "12.50")] * 40))
    assert len(found) > 2
    assert sum(page.count(long) for page in found) == 40


def test_amounts_end_at_the_same_place() -> None:
    data = drawn([("1月2日", "店", "1.00"), ("1月2日", "店", "12345.00")])
    with pypdfium2.PdfDocument(data) as document:
        text = document[0].get_textpage()
        whole = text.get_text_range()
        rights = []
        for amount in ("1.00", "12345.00"):
            at = whole.index(amount) + len(amount) - 1
            rights.append(text.get_charbox(at)[2])
    assert abs(rights[0] - rights[1]) < 0.2


@hypothesis_settings(max_examples=15)
@given(st.lists(st.tuples(st.text(max_size=8), st.text(max_size=60), st.text(max_size=12)), max_size=6))
def test_any_text_makes_a_paper(rows: list[tuple[str, str, str]]) -> None:
    assert pages(drawn(rows))
