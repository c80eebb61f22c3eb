"""What is posted is balanced, moves the accounts, and is written in few statements."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError
from till import DAY, HOSPITAL, REGION, Till, bill

from app.kit import ids
from app.kit.errors import Problem
from app.ledger import service as ledger
from app.ledger.checking import Finding, check
from app.ledger.service import Account, Posting, TransactionKind


@pytest.fixture
def database_url(both_databases: str) -> str:
    return both_databases


@contextmanager
def statements(till: Till) -> Iterator[list[str]]:
    """What is sent to the database within the block."""
    sent: list[str] = []

    def note(*call: object) -> None:
        sent.append(str(call[2]))

    event.listen(till.database.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(till.database.engine, "before_cursor_execute", note)


def of_money(sent: list[str]) -> list[str]:
    return [one for one in sent if not one.startswith("BEGIN")]


def test_a_bill_moves_the_account_and_says_what_is_left(till: Till) -> None:
    account = till.account(100_00)

    posted = till.settle(account, 25_00)

    assert posted.balances == {account.id: 75_00}
    assert till.balance(account) == 75_00
    assert till.checked().entries == 6
    assert till.findings() == []


def test_posting_with_one_account_takes_three_statements(till: Till) -> None:
    """150 settlements a second wait for these round trips."""
    account = till.account(100_00)
    with till.database.writing() as session, statements(till) as sent:
        session.connection()
        ledger.post(
            session,
            TransactionKind.SETTLEMENT,
            ids.new_id(),
            account.person_id,
            DAY,
            bill(account, 25_00, cash_fen=0),
        )
    assert len(of_money(sent)) == 3, sent


def test_posting_without_an_account_takes_two_statements(till: Till) -> None:
    person, _ = till.employee()
    entries = [ledger.fund(REGION, "390", -50), ledger.payable(HOSPITAL, 50)]
    with till.database.writing() as session, statements(till) as sent:
        session.connection()
        ledger.post(session, TransactionKind.SETTLEMENT, ids.new_id(), person.id, DAY, entries)
    assert len(of_money(sent)) == 2, sent


def test_nothing_is_left_of_what_an_account_cannot_pay(till: Till) -> None:
    account = till.account(10_00)

    with pytest.raises(Problem) as refused:
        till.settle(account, 10_01)

    assert refused.value.kind is ledger.ACCOUNT_SHORT
    assert till.balance(account) == 10_00
    assert till.count("ledger_transaction") == 1, "the opening alone"
    assert till.findings() == []


def test_an_account_pays_to_its_last_fen(till: Till) -> None:
    account = till.account(10_00)
    assert till.settle(account, 10_00).balances == {account.id: 0}


def test_what_is_no_transaction_writes_nothing(till: Till) -> None:
    account = till.account(10_00)
    entries = bill(account, 5_00)
    entries[0] = replace(entries[0], amount_fen=entries[0].amount_fen + 1)
    with pytest.raises(ValueError, match="sum to zero"):
        till.post(entries, account.person_id)
    assert till.balance(account) == 10_00
    assert till.count("ledger_transaction") == 1


def test_nobody_pays_from_an_account_under_another_s_name(till: Till) -> None:
    mine, other = till.account(10_00), till.account(10_00)
    with pytest.raises(ValueError, match="somebody else's"):
        till.settle(replace(mine, person_id=other.person_id), 1_00)
    assert till.balance(mine) == 10_00


def test_an_account_that_is_not_there_pays_nothing(till: Till) -> None:
    mine = till.account(10_00)
    with pytest.raises(ValueError, match="no such personal account"):
        till.settle(replace(mine, id=ids.new_id()), 1_00)


def test_a_reference_is_posted_once(till: Till) -> None:
    account = till.account(10_00)
    reference_id = ids.new_id()
    till.settle(account, 1_00, reference_id=reference_id)
    with pytest.raises(IntegrityError):
        till.settle(account, 1_00, reference_id=reference_id)
    assert till.balance(account) == 9_00


def test_undoing_posts_the_opposite_once(till: Till) -> None:
    account = till.account(100_00)
    reference_id = ids.new_id()
    till.settle(account, 25_00, reference_id=reference_id)
    with till.database.reading() as session:
        posted = ledger.entries_of(session, TransactionKind.SETTLEMENT, reference_id)
        assert ledger.entries_of(session, TransactionKind.UNDO, reference_id) == ()
    assert [one.amount_fen for one in posted] == [-60_00, -25_00, -15_00, 100_00]

    for _ in range(2):
        try:
            till.post(
                ledger.opposite(posted),
                account.person_id,
                kind=TransactionKind.UNDO,
                reference_id=reference_id,
            )
        except IntegrityError:
            break
    else:
        pytest.fail("it was undone twice")

    assert till.balance(account) == 100_00
    assert till.findings() == []
    kinds = (TransactionKind.SETTLEMENT, TransactionKind.UNDO)
    with till.database.reading() as session:
        many = ledger.entries_of_many(session, kinds, [reference_id, ids.new_id()])
    assert many == {
        (reference_id, TransactionKind.SETTLEMENT): list(posted),
        (reference_id, TransactionKind.UNDO): list(ledger.opposite(posted)),
    }


def test_a_relative_s_account_pays_a_bill_of_somebody_else(till: Till) -> None:
    patient, grantor = till.account(5_00), till.account(50_00)
    entries = [
        ledger.personal(patient.id, patient.person_id, -5_00),
        ledger.personal(grantor.id, grantor.person_id, -7_00),
        ledger.payable(HOSPITAL, 12_00),
    ]
    posted = till.post(entries, patient.person_id)
    assert posted.balances == {patient.id: 0, grantor.id: 43_00}
    assert till.findings() == []


def test_many_are_posted_as_one_is(till: Till) -> None:
    accounts = [till.account(10_00) for _ in range(3)]
    postings = [
        Posting(TransactionKind.SETTLEMENT, ids.new_id(), one.person_id, DAY, bill(one, 4_00))
        for one in [*accounts, accounts[0]]
    ]
    with till.database.writing() as session, statements(till) as sent:
        session.connection()
        ledger.post_many(session, postings)
    assert len(of_money(sent)) == 3, sent
    assert [till.balance(one) for one in accounts] == [2_00, 6_00, 6_00]
    assert till.findings() == []


def test_of_many_that_one_account_cannot_pay_none_is_posted(till: Till) -> None:
    rich, poor = till.account(10_00), till.account(3_00)
    postings = [
        Posting(TransactionKind.SETTLEMENT, ids.new_id(), one.person_id, DAY, bill(one, 4_00))
        for one in (rich, poor)
    ]
    with pytest.raises(Problem, match="account_short"):
        till.database.run(lambda session: ledger.post_many(session, postings))
    assert (till.balance(rich), till.balance(poor)) == (10_00, 3_00)


moves = st.lists(
    st.tuples(
        st.sampled_from(["settle", "undo", "share", "top_up"]),
        st.integers(0, 2),
        st.integers(0, 2),
        st.integers(1, 6_000),
    ),
    max_size=25,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves)
def test_whatever_is_posted_no_fen_is_made_or_lost(till: Till, todo: list[tuple[str, int, int, int]]) -> None:
    """Three accounts against a model: bills, undoings, sharing and top-ups in any order, refused where money is short."""
    accounts = [till.account(opening) for opening in (0, 5_000, 20_000)]
    model = {accounts[0].id: 0, accounts[1].id: 5_000, accounts[2].id: 20_000}
    undoable: list[tuple[UUID, Account, dict[UUID, int]]] = []
    for what, first, second, amount in todo:
        mine, other = accounts[first], accounts[second]
        kind, reference_id = TransactionKind.SETTLEMENT, ids.new_id()
        if what == "settle":
            entries = bill(mine, amount)
        elif what == "top_up":
            kind = TransactionKind.TOP_UP
            entries = [
                ledger.contributions(REGION, -amount),
                ledger.personal(mine.id, mine.person_id, amount),
            ]
        elif what == "share":
            entries = [
                ledger.personal(mine.id, mine.person_id, -amount),
                ledger.personal(other.id, other.person_id, -amount),
                ledger.payable(HOSPITAL, 2 * amount),
            ]
        elif undoable:
            kind = TransactionKind.UNDO
            reference_id, mine, _ = undoable.pop(amount % len(undoable))
            with till.database.reading() as session:
                entries = [
                    *ledger.opposite(ledger.entries_of(session, TransactionKind.SETTLEMENT, reference_id))
                ]
        else:
            continue
        moved: dict[UUID, int] = {}
        for entry in entries:
            if entry.account_kind is ledger.AccountKind.PERSONAL:
                account_id = UUID(entry.account)
                moved[account_id] = moved.get(account_id, 0) + entry.amount_fen
        try:
            till.post(entries, mine.person_id, kind=kind, reference_id=reference_id)
        except Problem:
            assert any(model[one] + by < 0 for one, by in moved.items()), "refused although there was enough"
            continue
        for one, by in moved.items():
            model[one] += by
        assert min(model.values()) >= 0
        if kind is TransactionKind.SETTLEMENT:
            undoable.append((reference_id, mine, moved))

    assert {one.id: till.balance(one) for one in accounts} == model
    assert [step for step in check(till.database) if isinstance(step, Finding)] == []
