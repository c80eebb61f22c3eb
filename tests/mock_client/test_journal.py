"""The journal tells the whole story and nobody's numbers."""

import io
import json
import time
import uuid
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from mock_client.answers import Answer, Refused
from mock_client.journal import Journal, Who
from mock_client.masking import mask_name, scrub

ID_NO = "61240119580312452X"
PHONE = "13891500001"
MOTHER = Who("参保人", "陈桂兰")


@pytest.fixture
def screen() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def journal(tmp_path: Path, screen: io.StringIO) -> Journal:
    return Journal(tmp_path, Console(file=screen, width=120), seed=7)


def refused() -> Refused:
    document = {"status": 409, "code": "locked", "detail": "备案满6个月后才能变更。"}
    return Refused(Answer(409, document, {}, b"", 1.0, None))


def test_a_story_is_printed_step_by_step_and_kept_as_json(journal: Journal, screen: io.StringIO) -> None:
    with journal.scenario("instant_filing", "当场办好的异地就医备案") as scenario:
        with scenario.step(MOTHER, "提交备案") as step:
            step.saw("备案已生效，可到太原市就医。")
            path = step.attach("回执.pdf", b"%PDF-1.4")
        with scenario.step(MOTHER, "再变更一次") as step:
            step.saw_refusal(refused())
    journal.print_summary()

    told = journal.to_json()
    first, second = told["scenarios"][0]["steps"]
    assert told["ok"] is True
    assert told["seed"] == 7
    assert first["who"] == {"role": "参保人", "name": "陈*兰"}
    assert first["saw"] == ["备案已生效，可到太原市就医。"]
    assert first["attachments"] == [str(path)]
    assert path.read_bytes() == b"%PDF-1.4"
    assert second["saw"] == ["备案满6个月后才能变更。 [locked]"]
    printed = screen.getvalue()
    for words in ("当场办好的异地就医备案", "✓ 参保人 陈*兰", "看到：备案已生效", "1/1 个场景通过"):
        assert words in printed
    assert json.loads(json.dumps(told)) == told


def test_an_error_fails_the_step_and_the_scenario_and_goes_on(journal: Journal, screen: io.StringIO) -> None:
    with (
        pytest.raises(ZeroDivisionError),
        journal.scenario("broken", "坏的") as scenario,
        scenario.step(MOTHER, "算一算"),
    ):
        _ = 1 / 0

    told = journal.to_json()
    assert told["ok"] is False
    assert told["scenarios"][0]["ok"] is False
    assert told["scenarios"][0]["steps"][0]["error"] == "ZeroDivisionError: division by zero"
    assert "✗ 参保人" in screen.getvalue()


def test_a_run_can_go_on_after_a_failed_scenario(journal: Journal, screen: io.StringIO) -> None:
    with journal.scenario("broken", "坏的", keep_going=True):
        raise AssertionError(f"expected nobody, found {ID_NO}")
    with journal.scenario("fine", "好的") as scenario, scenario.step(MOTHER, "看一看"):
        pass
    journal.print_summary()

    assert [scenario.ok for scenario in journal.scenarios] == [False, True]
    assert not journal.ok
    assert "1/2 个场景通过" in screen.getvalue()
    assert "AssertionError: expected nobody, found 612***********452X" in screen.getvalue()


def test_a_journal_without_scenarios_is_not_a_success(journal: Journal) -> None:
    assert not journal.ok


def test_no_number_and_no_name_gets_in_by_any_way(
    journal: Journal, screen: io.StringIO, tmp_path: Path
) -> None:
    everything = f"陈桂兰 {ID_NO} {PHONE}"
    with (
        journal.scenario("leaky", f"标题 {ID_NO}", keep_going=True) as scenario,
        scenario.step(MOTHER, f"提交 {everything}") as step,
    ):
        step.saw(everything)
        step.attach(f"{everything}.pdf", b"")
        raise RuntimeError(everything)
    journal.print_summary()

    files = " ".join(str(path) for path in tmp_path.rglob("*"))
    told = json.dumps(journal.to_json(), ensure_ascii=False) + screen.getvalue().replace("\n", "") + files
    for secret in ("陈桂兰", ID_NO, PHONE):
        assert secret not in told


def test_attachments_keep_their_order_and_stay_in_their_folder(journal: Journal, tmp_path: Path) -> None:
    with journal.scenario("files", "文件") as scenario, scenario.step(MOTHER, "下载") as step:
        paths = [step.attach(name, b"x") for name in ("code.png", "../../etc/passwd", "回执 一.pdf", "...")]

    assert [path.parent for path in paths] == [tmp_path / "files"] * 4
    assert [path.name for path in paths] == ["01-code.png", "02-etc_passwd", "03-回执_一.pdf", "04-file"]


@pytest.mark.parametrize("name", ["", "../up", "Big", "a b"])
def test_a_scenarios_name_is_an_identifier(journal: Journal, name: str) -> None:
    with pytest.raises(ValueError, match="cannot name a scenario"), journal.scenario(name, "题"):
        pass


def test_a_quiet_journal_keeps_its_json(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    with journal.scenario("quiet", "静") as scenario, scenario.step(MOTHER, "做"):
        pass
    journal.print_summary()

    assert journal.ok


def test_a_terminal_shows_what_is_going_on(tmp_path: Path) -> None:
    screen = io.StringIO()
    journal = Journal(tmp_path, Console(file=screen, force_terminal=True, width=100))

    with journal.scenario("live", "进行中") as scenario, scenario.step(MOTHER, "等一等"):
        # The spinner is drawn by a thread of its own.
        deadline = time.monotonic() + 5
        while "等一等" not in screen.getvalue() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert "等一等" in screen.getvalue()


def test_text_in_brackets_is_not_taken_for_markup(journal: Journal, screen: io.StringIO) -> None:
    with journal.scenario("markup", "标记") as scenario, scenario.step(MOTHER, "输入 [/bold] [red]") as step:
        step.saw("[red]原样[/red]")

    assert "[/bold] [red]" in screen.getvalue()
    assert "[red]原样[/red]" in screen.getvalue()


@pytest.mark.parametrize(
    ("name", "masked"),
    [("王明", "王*"), ("王小明", "王*明"), ("欧阳娜娜", "欧**娜"), ("王", "王"), ("", "")],
)
def test_names_keep_their_ends(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (f"号码{ID_NO}有误", "号码612***********452X有误"),
        ("老证件 612401580312452 号", "老证件 612********2452 号"),
        (f"拨打{PHONE}", "拨打138****0001"),
        ("+86 138 9150 0001", "138****0001"),
        ("出生证Q610123456", "出生证Q******456"),
        ("0112345678901398765432109876", "************************9876"),
        ("Bearer eyJhbGciOi.eyJzdWIi.c2lnbmF0", "Bearer [token]"),
        ("2025-11-21T09:03:00+08:00 1763686980000 612401", "2025-11-21T09:03:00+08:00 1763686980000 612401"),
    ],
)
def test_numbers_of_people_are_masked_and_others_stay(text: str, clean: str) -> None:
    assert scrub(text) == clean


@given(st.uuids())
def test_ids_of_things_survive(thing: uuid.UUID) -> None:
    assert scrub(f"办件 {thing} 已受理") == f"办件 {thing} 已受理"


@given(st.from_regex(r"[1-9][0-9]{16}[0-9X]", fullmatch=True), st.sampled_from(["", "：", " ", "，", "号码"]))
def test_no_id_number_survives_beside_any_punctuation(number: str, beside: str) -> None:
    assert number not in scrub(f"{beside}{number}{beside}")
