"""The check of the ledger: a sound ledger is found sound, and whatever is changed by hand is found and named."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session
from till import Till

from app.kit import ids
from app.ledger import checking
from app.ledger.checking import Finding, Progress, check
from app.ledger.service import Account


@pytest.fixture
def database_url(both_databases: str) -> str:
    return both_databases


@pytest.fixture
def account(till: Till) -> Account:
    """100 yuan, of which a bill took 25."""
    found = till.account(100_00)
    till.settle(found, 25_00)
    return found


@pytest.fixture
def bill_id(till: Till, account: Account) -> UUID:
    """The transaction of the bill."""
    other = till.account(50_00)
    return till.settle(other, 10_00).transaction_id


def stored(till: Till, value: UUID) -> object:
    """An id as a statement written by hand needs it."""
    return value.hex if till.database.is_sqlite else value


def rows_of(findings: list[Finding]) -> set[tuple[str, str]]:
    return {(one.table, one.row) for one in findings}


def test_a_sound_ledger_is_sound_and_counted(till: Till, account: Account, bill_id: UUID) -> None:
    assert till.findings() == []
    assert till.checked() == Progress(transactions=4, entries=12, accounts=2)


def test_an_empty_ledger_is_sound(till: Till) -> None:
    assert list(check(till.database)) == [Progress()]


def test_more_rows_than_one_batch_are_all_looked_at(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    accounts = [till.account(1_00) for _ in range(5)]
    for table, query in checking._IDS.items():
        monkeypatch.setitem(checking._IDS, table, query.limit(2))
        monkeypatch.setitem(checking._IDS_AFTER, table, checking._IDS_AFTER[table].limit(2))
    assert till.checked() == Progress(transactions=5, entries=10, accounts=5)
    till.tamper("UPDATE personal_account SET balance_fen = 7 WHERE id = :id", id=stored(till, accounts[4].id))
    assert rows_of(till.findings()) == {("personal_account", str(accounts[4].id))}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger_entry SET amount_fen = amount_fen + 1 WHERE transaction_id = :id AND number = 1",
        "UPDATE ledger_entry SET amount_fen = amount_fen * 2 WHERE transaction_id = :id",
        "UPDATE ledger_entry SET account = '6110:310' WHERE transaction_id = :id AND number = 1",
        "UPDATE ledger_entry SET account_kind = 'cash' WHERE transaction_id = :id AND number = 1",
        "UPDATE ledger_entry SET account_kind = 'gift' WHERE transaction_id = :id AND number = 1",
        "UPDATE ledger_entry SET person_id = NULL WHERE transaction_id = :id AND number = 1",
        "UPDATE ledger_entry SET number = 9 WHERE transaction_id = :id AND number = 1",
        "UPDATE ledger_transaction SET kind = 'undo' WHERE id = :id",
        "UPDATE ledger_transaction SET kind = 'gift' WHERE id = :id",
        "UPDATE ledger_transaction SET day = '2026-03-03' WHERE id = :id",
        "UPDATE ledger_transaction SET person_id = NULL WHERE id = :id",
        "UPDATE ledger_transaction SET batch_no = '2026-03' WHERE id = :id",
        "UPDATE ledger_transaction SET seal = 'f' WHERE id = :id",
        "UPDATE ledger_transaction SET created_at = '2026-03-03 00:00:00+00:00' WHERE id = :id",
        "DELETE FROM ledger_entry WHERE transaction_id = :id AND number = 4",
        "DELETE FROM ledger_entry WHERE transaction_id = :id",
    ],
)
def test_whatever_is_changed_in_a_transaction_is_found(till: Till, bill_id: UUID, change: str) -> None:
    till.tamper(change, id=stored(till, bill_id))
    assert ("ledger_transaction", str(bill_id)) in rows_of(till.findings())


def test_a_reference_that_was_exchanged_is_found(till: Till, bill_id: UUID) -> None:
    till.tamper(
        "UPDATE ledger_transaction SET reference_id = :other WHERE id = :id",
        id=stored(till, bill_id),
        other=stored(till, ids.new_id()),
    )
    assert rows_of(till.findings()) == {("ledger_transaction", str(bill_id))}


def test_two_entries_that_were_added_and_balance_are_found(till: Till, bill_id: UUID) -> None:
    for number, amount in ((8, -5_00), (9, 5_00)):
        till.tamper(
            "INSERT INTO ledger_entry (transaction_id, number, account_kind, account, amount_fen) "
            "VALUES (:id, :number, 'cash', 'x', :amount)",
            id=stored(till, bill_id),
            number=number,
            amount=amount,
        )
    [found] = till.findings()
    assert (found.row, found.what) == (
        str(bill_id),
        "it or one of its entries was changed after it was written",
    )


def test_money_moved_to_another_account_is_found_although_both_balances_were_made_to_agree(
    till: Till, account: Account, bill_id: UUID
) -> None:
    entry = "WHERE transaction_id = :id AND number = 2"
    other = till.account(1_000_00)
    for statement in (
        f"UPDATE ledger_entry SET account = '{other.id}' {entry}",
        "UPDATE personal_account SET balance_fen = balance_fen + 1000 WHERE balance_fen = 4000",
        "UPDATE personal_account SET balance_fen = balance_fen - 1000 WHERE balance_fen = 100000",
    ):
        till.tamper(statement, **({"id": stored(till, bill_id)} if ":id" in statement else {}))
    assert ("ledger_transaction", str(bill_id)) in rows_of(till.findings())


@pytest.mark.parametrize(
    ("balance_fen", "words"), [(75_01, "sum to 7500"), (-1, "below zero"), (0, "sum to 7500")]
)
def test_a_balance_that_was_changed_is_found(
    till: Till, account: Account, balance_fen: int, words: str
) -> None:
    till.tamper(
        "UPDATE personal_account SET balance_fen = :fen WHERE id = :id",
        fen=balance_fen,
        id=stored(till, account.id),
    )
    found = till.findings()
    assert rows_of(found) == {("personal_account", str(account.id))}
    assert any(words in one.what for one in found)


def test_a_transaction_taken_out_whole_shows_in_the_balance(
    till: Till, account: Account, bill_id: UUID
) -> None:
    """Given the debit of 10 yuan is gone, its account holds less than its entries sum to."""
    till.tamper("DELETE FROM ledger_entry WHERE transaction_id = :id", id=stored(till, bill_id))
    till.tamper("DELETE FROM ledger_transaction WHERE id = :id", id=stored(till, bill_id))
    [found] = till.findings()
    assert found.table == "personal_account"
    assert found.what == "its balance is 4000 fen, its entries sum to 5000"


def test_entries_whose_transaction_was_taken_out_are_found(till: Till, bill_id: UUID) -> None:
    till.tamper("DELETE FROM ledger_transaction WHERE id = :id", id=stored(till, bill_id))
    assert rows_of(till.findings()) == {("ledger_entry", f"{bill_id} {number}") for number in (1, 2, 3, 4)}


def test_an_account_given_to_somebody_else_is_found(till: Till, account: Account) -> None:
    thief, _ = till.employee()
    till.tamper(
        "UPDATE personal_account SET person_id = :thief WHERE id = :id",
        thief=stored(till, thief.id),
        id=stored(till, account.id),
    )
    found = till.findings()
    assert ("personal_account", str(account.id)) in rows_of(found)
    assert any("whose it is was changed" in one.what for one in found)


def test_an_account_that_was_taken_out_is_missed_by_its_entries(till: Till, account: Account) -> None:
    till.tamper("DELETE FROM personal_account WHERE id = :id", id=stored(till, account.id))
    found = till.findings()
    assert {one.table for one in found} == {"ledger_transaction"}
    assert len(found) == 2, "the opening and the bill"


def test_money_that_nobody_paid_in_is_found(till: Till, account: Account) -> None:
    """Given a top-up written by hand, balanced and with the balance raised, it lacks the seal."""
    fake = ids.new_id()
    till.tamper(
        "INSERT INTO ledger_transaction (id, kind, reference_id, person_id, day, batch_no, seal, created_at) "
        "SELECT :fake, 'top_up', :fake, person_id, day, NULL, seal, created_at FROM ledger_transaction LIMIT 1",
        fake=stored(till, fake),
    )
    for number, kind, name, amount in (
        (1, "contributions", "6109", -9_00),
        (2, "personal", str(account.id), 9_00),
    ):
        till.tamper(
            "INSERT INTO ledger_entry (transaction_id, number, account_kind, account, amount_fen, person_id) "
            "VALUES (:fake, :number, :kind, :name, :amount, :person)",
            fake=stored(till, fake),
            number=number,
            kind=kind,
            name=name,
            amount=amount,
            person=stored(till, account.person_id),
        )
    till.tamper(
        "UPDATE personal_account SET balance_fen = balance_fen + 900 WHERE id = :id",
        id=stored(till, account.id),
    )
    assert rows_of(till.findings()) == {("ledger_transaction", str(fake))}


def test_a_value_that_cannot_be_read_is_named_and_stops_nothing(till: Till, account: Account) -> None:
    if not till.database.is_sqlite:
        pytest.skip("PostgreSQL takes only what can be read")
    later = till.account(3_00)
    till.tamper("UPDATE ledger_transaction SET day = 'soon' WHERE kind = 'settlement'")
    till.tamper("UPDATE personal_account SET balance_fen = 4 WHERE id = :id", id=later.id.hex)
    found = till.findings()
    assert [(one.table, one.what) for one in found] == [
        ("ledger_transaction", "holds a value that cannot be read"),
        ("personal_account", "its balance is 4 fen, its entries sum to 300"),
    ]


def test_another_room_s_checks_see_the_same_moment(till: Till, account: Account) -> None:
    def theirs(session: Session) -> Iterator[Finding | Progress]:
        # Written meanwhile, and not seen.
        if not till.database.is_sqlite:
            till.settle(account, 1_00)
        count = session.execute(text("SELECT count(*) FROM ledger_transaction")).scalar_one()
        yield Finding("settlement", "1", "does not agree")
        yield Progress(other=count)

    *_, finding, progress, last = check(till.database, also=[theirs])

    assert finding == Finding("settlement", "1", "does not agree")
    assert progress == last == Progress(transactions=2, entries=6, accounts=1, other=2)
