"""Files that others make: each line is read or named, and a file that cannot be read on says where."""

from pathlib import Path

import pytest

from app.kit.csv_rows import LINE, BadFile, BadLine, Fault, Line, Rejects, batches, read_lines
from app.kit.text import Text

COLUMNS = ("number", "words")


def test_columns_come_in_any_order_and_entries_without_blanks() -> None:
    lines = ["\ufeff words , number\n", " one , 1\n", "\n", '"two\nlines",2\n']
    found = list(read_lines(lines, COLUMNS))
    assert found == [
        Line(2, {"words": "one", "number": "1"}),
        Line(4, {"words": "two\nlines", "number": "2"}),
    ]


@pytest.mark.parametrize("entries", ["1", "1,2,3", "1,2,"])
def test_a_line_with_entries_too_many_or_too_few_spoils_itself_only(entries: str) -> None:
    bad, good = read_lines(["number,words\n", f"{entries}\n", "1,2\n"], COLUMNS)
    assert isinstance(bad, BadLine)
    assert (bad.line, [one.field for one in bad.faults]) == (2, [LINE])
    assert good == Line(3, {"number": "1", "words": "2"})


def test_an_optional_column_may_be_left_out_and_no_other() -> None:
    assert list(read_lines(["number\n", "1\n"], COLUMNS, optional={"words"})) == [Line(2, {"number": "1"})]
    for header in ("words", "number,number", "number,others"):
        with pytest.raises(BadFile, match=r"number, words \(optional\)"):
            list(read_lines([header], COLUMNS, optional={"words"}))


@pytest.mark.parametrize("header", ["", "number", "number,words,words", "number,word", "number;words"])
def test_a_header_that_is_not_ours_is_refused(header: str) -> None:
    with pytest.raises(
        BadFile, match="line 1: the header must name each of these columns once: number, words"
    ):
        list(read_lines([f"{header}\n", "1,2\n"], COLUMNS))


def test_a_line_that_is_no_csv_is_named_after_what_came_before() -> None:
    walk = read_lines(["number,words\n", "1,2\n", '1,"open\n'], COLUMNS)
    assert next(walk) == Line(2, {"number": "1", "words": "2"})
    with pytest.raises(BadFile, match="line 3"):
        next(walk)


@pytest.mark.parametrize(("good", "sizes"), [(0, []), (1, [1]), (2, [2]), (5, [2, 2, 1])])
def test_batches_lose_nothing_where_the_file_breaks_off(good: int, sizes: list[int]) -> None:
    lines = ["number,words\n", *["1,2\n"] * good]
    assert [len(one) for one in batches(read_lines(lines, COLUMNS), 2)] == sizes
    walk = batches(read_lines([*lines, '1,"open'], COLUMNS), 2)
    assert [len(next(walk)) for _ in sizes] == sizes
    with pytest.raises(BadFile):
        next(walk)


def test_what_stands_in_a_line_is_not_shown() -> None:
    assert repr(Line(2, {"words": "110105194912310021"})) == "Line(2)"


def test_bad_lines_are_written_with_each_fault(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    faults = (Fault("number", Text("必须填写", "is required")), Fault("words", Text("太长", "too long")))
    with Rejects(path) as rejects:
        rejects.write([BadLine(7, faults)])
    assert path.read_text("utf-8").splitlines() == [
        "line,field,problem,problem_en",
        "7,number,必须填写,is required",
        "7,words,太长,too long",
    ]


def test_without_a_path_nothing_is_written() -> None:
    with Rejects(None) as rejects:
        rejects.write([BadLine(7, ())])
