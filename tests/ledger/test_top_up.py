"""The monthly top-up: a batch tops up a person once, whoever cannot be topped up is named, nobody is paid twice."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, text
from sqlalchemy.orm import Session
from till import REGION, Till

from app.identity import register
from app.identity.models import Coverage, CoverageStatus, InsuType, Person
from app.kit import clock
from app.kit.csv_rows import BadLine, Line
from app.ledger import service as ledger
from app.ledger.top_up import DIFFERS, NOT_INSURED, Taken, bring_in, take
from app.ledger.top_up_lines import COLUMNS, TopUpLine, read_line


def line(person: Person, amount_fen: int = 86_50, *, batch: str = "2026-03", number: int = 2) -> TopUpLine:
    return TopUpLine(number, batch, person.psn_no, amount_fen)


def top_up(till: Till, *lines: TopUpLine) -> Taken:
    return till.database.run(lambda session: take(session, lines))


def faults(taken: Taken) -> list[tuple[int, list[object]]]:
    return [(one.line, [fault.text for fault in one.faults]) for one in taken.bad]


def test_a_top_up_opens_the_account_and_adds_to_what_it_began_with(till: Till) -> None:
    person, cover = till.employee(100_00)

    taken = top_up(till, line(person))

    assert (taken.new, taken.amount_fen, taken.known, taken.bad) == (1, 86_50, 0, [])
    account = till.open(person, cover)
    assert account.balance_fen == 186_50
    with till.database.reading() as session:
        row = session.execute(
            text("SELECT day, batch_no FROM ledger_transaction WHERE kind = 'top_up'")
        ).one()
        sums = session.execute(text("SELECT account, sum(amount_fen) FROM ledger_entry GROUP BY account"))
        assert dict(sums.all()) == {REGION: -186_50, str(account.id): 186_50}
    assert (row.day, row.batch_no) == (clock.today().isoformat(), "2026-03")
    assert till.findings() == []


def test_the_same_batch_again_is_known_and_another_tops_up_again(till: Till) -> None:
    person, cover = till.employee()
    assert top_up(till, line(person), line(person, number=3)).known == 1
    assert top_up(till, line(person, number=9)).known == 1
    assert top_up(till, line(person, batch="2026-04")).new == 1
    assert till.open(person, cover).balance_fen == 2 * 86_50


def test_another_amount_in_the_same_batch_is_bad(till: Till) -> None:
    person, cover = till.employee()
    top_up(till, line(person))
    again = top_up(till, line(person, 86_51, number=7), line(person, number=8))
    assert faults(again) == [(7, [DIFFERS])]
    assert (again.new, again.known) == (0, 1)
    assert till.open(person, cover).balance_fen == 86_50


def test_whoever_moved_meanwhile_is_not_topped_up_again_by_the_same_batch(till: Till) -> None:
    """Given the employment ended and another began in another city, when March is run again, it is known."""
    person, cover = till.employee()
    top_up(till, line(person))

    def move(session: Session) -> Coverage:
        yesterday = clock.today() - timedelta(days=1)
        register.end_coverage(session, session.get_one(Coverage, cover.id), yesterday)
        return register.add_coverage(
            session,
            person,
            insutype=InsuType.EMPLOYEE,
            region_code="6101",
            begin_date=clock.today(),
        )

    new = till.database.run(move)

    assert top_up(till, line(person)).known == 1
    assert top_up(till, line(person, batch="2026-04")).new == 1
    with till.database.reading() as session:
        assert ledger.balance_of(session, cover) == ledger.balance_of(session, new) == 86_50


@pytest.mark.parametrize(
    ("traits", "taken"),
    [
        ({}, 1),
        ({"status": CoverageStatus.SUSPENDED}, 1),  # what was owed comes in
        ({"status": CoverageStatus.ENDED}, 0),
        ({"end_date": clock.today() - timedelta(days=1)}, 0),
        ({"end_date": clock.today()}, 1),
        ({"begin_date": clock.today() + timedelta(days=1)}, 0),
        ({"insutype": InsuType.RESIDENT}, 0),
    ],
)
def test_only_who_is_insured_as_an_employee_is_topped_up(
    till: Till, traits: dict[str, Any], taken: int
) -> None:
    person, _ = till.employee(**traits)
    done = top_up(till, line(person, number=5))
    assert done.new == taken
    assert faults(done) == ([] if taken else [(5, [NOT_INSURED])])


def test_whoever_is_not_in_the_register_is_named_by_line_and_holds_up_nobody(till: Till) -> None:
    person, _ = till.employee()
    taken = top_up(till, TopUpLine(2, "2026-03", "61090000000000000000", 1), line(person, number=3))
    assert taken.new == 1
    assert faults(taken) == [(2, [NOT_INSURED])]


def test_500_lines_take_as_many_statements_as_five(till: Till) -> None:
    def count(people: Sequence[tuple[Person, Coverage]]) -> int:
        sent: list[str] = []

        def note(*call: object) -> None:
            sent.append(str(call[2]))

        event.listen(till.database.engine, "before_cursor_execute", note)
        try:
            assert top_up(till, *(line(person) for person, _ in people)).new == len(people)
        finally:
            event.remove(till.database.engine, "before_cursor_execute", note)
        # Accounts are inserted 50 in a statement; everything else is one each.
        return len([one for one in sent if not one.startswith("INSERT INTO personal_account")])

    few, many = ([till.employee(1_00) for _ in range(number)] for number in (5, 500))
    assert count(few) == count(many) <= 14
    assert till.findings() == []


def test_good_lines_are_kept_beside_bad_ones_and_all_are_told_in_order(till: Till) -> None:
    person, _ = till.employee()
    good = {"batch_no": "2026-03", "psn_no": person.psn_no, "insutype": "310", "amount": "5"}
    told: list[Taken] = []

    bring_in(
        till.database,
        [
            Line(2, {**good, "amount": "5,00"}),
            Line(3, {**good, "psn_no": "nobody"}),
            BadLine(4, ()),
            Line(5, good),
        ],
        told.append,
    )

    [only] = told
    assert only.new == 1
    assert [one.line for one in only.bad] == [2, 3, 4]


@pytest.mark.parametrize(
    ("entries", "fields"),
    [
        ({}, []),
        ({"amount": "0.01"}, []),
        ({"amount": "100000"}, []),
        ({"amount": "100000.01"}, ["amount"]),
        ({"amount": "0"}, ["amount"]),
        ({"amount": "0.00"}, ["amount"]),
        ({"amount": "-1"}, ["amount"]),
        ({"amount": "1.234"}, ["amount"]),
        ({"amount": "1e3"}, ["amount"]),
        ({"amount": "１２"}, ["amount"]),
        ({"insutype": "390"}, ["insutype"]),
        ({"insutype": "职工"}, ["insutype"]),
        ({"batch_no": "2026 03"}, ["batch_no"]),
        ({"batch_no": "x" * 40}, []),
        ({"batch_no": "x" * 41}, ["batch_no"]),
        ({"batch_no": "", "amount": "", "psn_no": ""}, ["batch_no", "psn_no", "amount"]),
        ({"batch_no": "?", "amount": "?", "insutype": "?"}, ["batch_no", "insutype", "amount"]),
    ],
)
def test_all_that_is_wrong_with_a_line_is_named(entries: dict[str, str], fields: list[str]) -> None:
    good = {
        "batch_no": "2026-03/甲"[:7],
        "psn_no": "61090012345678901234",
        "insutype": "310",
        "amount": "86.5",
    }
    read = read_line(Line(2, {**good, **entries}))
    assert ([one.field for one in read.faults] if isinstance(read, BadLine) else []) == fields


@given(st.fixed_dictionaries({name: st.text(max_size=12) for name in COLUMNS}))
def test_any_line_is_read_or_named(entries: dict[str, str]) -> None:
    read = read_line(Line(3, entries))
    if isinstance(read, BadLine):
        assert read.faults
    else:
        assert 0 < read.amount_fen <= 100_000_00
    assert read.line == 3
