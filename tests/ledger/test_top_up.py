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
from app.ledger.top_up import DIFFERS, NOT_INSURED, RegionsBatch, Taken, batch_of, bring_in, take
from app.ledger.top_up_lines import COLUMNS, TopUpLine, read_line


def line(
    person: Person,
    amount_fen: int = 86_50,
    *,
    batch: str = "2026-03",
    region: str = REGION,
    number: int = 2,
) -> TopUpLine:
    return TopUpLine(number, region, batch, person.psn_no, amount_fen)


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


def test_two_regions_may_number_their_batches_alike_and_each_pays_into_its_own_account(till: Till) -> None:
    """Given somebody who moved from 6109 to 2305, when both send a batch "2026-03" (6109's are arrears), both arrive; run
    again both are known, and a third region is told that the person was never insured there."""
    person, cover = till.employee()

    def move(session: Session) -> Coverage:
        yesterday = clock.today() - timedelta(days=1)
        register.end_coverage(session, session.get_one(Coverage, cover.id), yesterday)
        return register.add_coverage(
            session, person, insutype=InsuType.EMPLOYEE, region_code="2305", begin_date=clock.today()
        )

    new = till.database.run(move)
    lines = [
        line(person),
        line(person, 100_00, region="2305", number=3),
        line(person, region="1401", number=4),
    ]

    first, again = top_up(till, *lines), top_up(till, *lines)

    assert (first.new, first.amount_fen, again.new, again.known) == (2, 186_50, 0, 2)
    assert faults(first) == faults(again) == [(4, [NOT_INSURED])]
    with till.database.reading() as session:
        assert ledger.balance_of(session, cover) == 86_50
        assert ledger.balance_of(session, new) == 100_00
        assert batch_of(session, "2026-03") == [
            RegionsBatch("2305", 1, 100_00, clock.today(), clock.today()),
            RegionsBatch("6109", 1, 86_50, clock.today(), clock.today()),
        ]
        assert batch_of(session, "2026-04") == []
    assert till.findings() == []


def test_what_was_posted_is_known_whatever_became_of_the_insurance_since(till: Till) -> None:
    """Given March was posted, when the coverage turns out to be another region's, March run again is known, and April is
    told that there is none."""
    person, cover = till.employee()
    top_up(till, line(person))

    def correct(session: Session) -> None:
        session.get_one(Coverage, cover.id).region_code = "2305"

    till.database.run(correct)

    assert top_up(till, line(person)).known == 1
    assert faults(top_up(till, line(person, batch="2026-04"))) == [(2, [NOT_INSURED])]


@pytest.mark.parametrize(
    ("traits", "taken"),
    [
        ({}, 1),
        ({"status": CoverageStatus.SUSPENDED}, 1),  # what was owed comes in
        ({"status": CoverageStatus.ENDED, "end_date": clock.today() - timedelta(days=1)}, 1),  # also later
        ({"begin_date": clock.today() + timedelta(days=1)}, 0),
        ({"insutype": InsuType.RESIDENT}, 0),
    ],
)
def test_only_who_is_or_was_insured_as_an_employee_is_topped_up(
    till: Till, traits: dict[str, Any], taken: int
) -> None:
    person, _ = till.employee(**traits)
    done = top_up(till, line(person, number=5))
    assert done.new == taken
    assert faults(done) == ([] if taken else [(5, [NOT_INSURED])])


def test_whoever_is_not_in_the_register_is_named_by_line_and_holds_up_nobody(till: Till) -> None:
    person, _ = till.employee()
    taken = top_up(till, TopUpLine(2, REGION, "2026-03", "61090000000000000000", 1), line(person, number=3))
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
    good = {
        "region": REGION,
        "batch_no": "2026-03",
        "psn_no": person.psn_no,
        "insutype": "310",
        "amount": "5",
    }
    told: list[Taken] = []
    lines = [
        Line(2, {**good, "amount": "5,00"}),
        Line(3, {**good, "psn_no": "nobody"}),
        BadLine(4, ()),
        Line(5, good),
    ]

    bring_in(till.database, lines, told.append)

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
        ({"region": "610900"}, []),
        ({"region": "61090"}, ["region"]),
        ({"region": "安康"}, ["region"]),
        ({"batch_no": "2026 03"}, ["batch_no"]),
        ({"batch_no": "x" * 40}, []),
        ({"batch_no": "x" * 41}, ["batch_no"]),
        ({"region": "", "batch_no": "", "amount": ""}, ["region", "batch_no", "amount"]),
        ({"batch_no": "?", "amount": "?", "insutype": "?"}, ["batch_no", "insutype", "amount"]),
    ],
)
def test_all_that_is_wrong_with_a_line_is_named(entries: dict[str, str], fields: list[str]) -> None:
    good = {
        "region": "6109",
        "batch_no": "2026-03",
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
