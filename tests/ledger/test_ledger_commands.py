"""``zhangban ledger check`` and ``top-up`` as an operator types them."""

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy.orm import Session
from till import REGION, Till

from app import registry
from app.cli import main
from app.config import Settings
from app.kit import ids
from app.ledger import service as ledger
from app.ledger.checking import Finding, Progress
from app.ledger.service import TransactionKind
from app.ledger.top_up_lines import COLUMNS

Run = Callable[..., Result]


@pytest.fixture
def run(settings: Settings, tmp_path: Path) -> Run:
    environment = {"ZHANGBAN_DATA_DIR": str(tmp_path), "ZHANGBAN_DATABASE_URL": settings.database_url}

    def invoke(*arguments: object) -> Result:
        return CliRunner().invoke(main, ["ledger", *map(str, arguments)], env=environment)

    return invoke


def differs(_: Session) -> Iterator[Finding | Progress]:
    yield Finding("settlement", "2", "differs")


def broken(_: Session) -> Iterator[Finding | Progress]:
    raise OSError("disk")


def test_a_sound_ledger_ends_well(till: Till, run: Run) -> None:
    account = till.account(100_00)
    more = [ledger.contributions(REGION, -25_00), ledger.personal(account.id, account.person_id, 25_00)]
    till.post(more, account.person_id, kind=TransactionKind.TOP_UP)
    done = run("check")
    assert done.exit_code == 0, done.output
    assert "2 transactions with 4 entries, 1 personal accounts" in done.output
    assert "0 faults found." in done.output


def test_a_fault_is_named_and_the_exit_code_says_so(
    till: Till, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of other rooms too."""
    account = till.account(100_00)
    till.tamper("UPDATE personal_account SET balance_fen = 1")
    monkeypatch.setattr(registry, "LEDGER_CHECKS", (differs,))
    plain, machine = run("check"), run("check", "--json")
    assert plain.exit_code == machine.exit_code == 1
    assert f"personal_account {account.id}: its balance is 1 fen" in plain.output
    told: dict[str, Any] = json.loads(machine.stdout)
    assert told["faults"] == 2
    assert [one["table"] for one in told["findings"]] == ["personal_account", "settlement"]


def test_a_check_that_cannot_go_on_does_not_say_that_money_is_missing(
    till: Till, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "LEDGER_CHECKS", (broken,))
    assert run("check").exit_code == 2


def write(path: Path, rows: Sequence[Sequence[object]], header: Sequence[str] = COLUMNS) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def test_a_file_is_taken_its_bad_lines_are_named_and_it_may_be_run_again(
    till: Till, run: Run, tmp_path: Path
) -> None:
    people = [till.employee(5_00) for _ in range(3)]
    rows: list[list[object]] = [[REGION, "2026-03", person.psn_no, 310, "86.50"] for person, _ in people]
    stranger = "61090000000000009999"
    rows[1:1] = [[REGION, "2026-03", stranger, 310, "1"], [REGION, "2026/3!", people[0][0].psn_no, 390, "-2"]]
    path, rejects = write(tmp_path / "march.csv", rows), tmp_path / "rejects.csv"

    first = run("top-up", path, "--json", "--rejects", rejects)
    again = run("top-up", path)

    assert first.exit_code == again.exit_code == 1, first.output
    told = json.loads(first.stdout)
    assert (told["new"], told["amount_fen"], told["known"], told["bad"]) == (3, 3 * 86_50, 0, 2)
    assert [(one["line"], [fault["field"] for fault in one["faults"]]) for one in told["bad_lines"]] == [
        (3, ["psn_no"]),
        (4, ["batch_no", "insutype", "amount"]),
    ]
    assert [line.split(",")[:2] for line in rejects.read_text("utf-8").splitlines()[1:]] == [
        ["3", "psn_no"],
        ["4", "batch_no"],
        ["4", "insutype"],
        ["4", "amount"],
    ]
    assert "0 accounts topped up with 0.00 yuan, 3 lines known, 2 bad lines." in again.output
    assert "line 3: psn_no nobody of this number" in again.output
    for number in (stranger, *(person.psn_no for person, _ in people)):
        assert number not in first.output + again.output + rejects.read_text("utf-8")
    assert [till.open(*one).balance_fen for one in people] == [91_50] * 3
    assert run("check").exit_code == 0


def test_a_file_of_good_lines_ends_well_and_says_how_much(till: Till, run: Run, tmp_path: Path) -> None:
    person, _ = till.employee()
    done = run("top-up", write(tmp_path / "a.csv", [[REGION, "2026-03", person.psn_no, 310, "1234.5"]]))
    assert done.exit_code == 0, done.output
    assert "1 accounts topped up with 1234.50 yuan, 0 lines known, 0 bad lines." in done.output
    plain, machine, none = run("batch", "2026-03"), run("batch", "2026-03", "--json"), run("batch", "2026-04")
    assert "6109: 1 accounts topped up with 1234.50 yuan" in plain.output
    [told] = json.loads(machine.stdout)
    assert (told["region_code"], told["accounts"], told["amount_fen"]) == (REGION, 1, 1_234_50)
    assert (plain.exit_code, machine.exit_code, none.exit_code) == (0, 0, 1)


def test_of_a_file_that_breaks_off_all_that_came_before_is_kept_and_told(
    till: Till, run: Run, tmp_path: Path
) -> None:
    """Also the lines of the batch in which it breaks off, and the bad ones among them."""
    people = [till.employee() for _ in range(3)]
    rows = [[REGION, "2026-03", person.psn_no, 310, "1"] for person, _ in people]
    path = write(tmp_path / "a.csv", [*rows[:2], [REGION, "2026-03", "nobody", 310, "1"]])
    with path.open("a", encoding="utf-8") as file:
        file.write('6109,2026-03,"6109')

    cut, machine = run("top-up", path), run("top-up", path, "--json")

    assert cut.exit_code == machine.exit_code == 2
    assert "2 accounts topped up with 2.00 yuan, 0 lines known, 1 bad lines." in cut.output
    assert "line 4: psn_no" in cut.output
    assert "cannot be read on. line 5" in cut.output
    told = json.loads(machine.stdout)
    assert (told["known"], told["bad"], told["broken"][:6]) == (2, 1, "line 5")
    whole = json.loads(run("top-up", write(path, rows), "--json").stdout)
    assert (whole["new"], whole["known"], whole["bad"], whole["broken"]) == (1, 2, 0, None)


def test_a_file_with_other_columns_is_refused(till: Till, run: Run, tmp_path: Path) -> None:
    done = run("top-up", write(tmp_path / "a.csv", [], header=["psn_no", "amount"]))
    assert done.exit_code == 2
    assert "line 1: the header must name each of these columns once: region, batch_no" in done.output


def test_of_a_bad_file_the_memory_holds_a_bounded_part(till: Till, run: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", [[REGION, "2026-03", ids.new_id(), 310, "x"]] * 1_500)
    told = json.loads(run("top-up", path, "--json").stdout)
    assert told["bad"] == 1_500
    assert len(told["bad_lines"]) == 1_000
    assert "… and 1480 more" in run("top-up", path).output
