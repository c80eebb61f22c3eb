"""Personal accounts: opened once, at their first use, with what the coverage began with."""

from datetime import date
from uuid import UUID

from till import Till

from app.identity import service as identity
from app.identity.models import InsuType
from app.ledger import service as ledger


def test_the_first_use_opens_an_account_with_what_the_coverage_began_with(till: Till) -> None:
    person, cover = till.employee(1_234_56)
    with till.database.reading() as session:
        assert ledger.balance_of(session, cover) == 1_234_56, "it is shown before it is opened"
        assert ledger.accounts_of_coverages(session, [cover.id]) == {}

    first, again = till.open(person, cover), till.open(person, cover)

    assert first == again
    assert (first.person_id, first.coverage_id, first.balance_fen) == (person.id, cover.id, 1_234_56)
    assert till.count("ledger_transaction") == 1
    with till.database.reading() as session:
        posted = ledger.entries_of(session, ledger.TransactionKind.OPENING, cover.id)
        assert ledger.balance_of(session, cover) == 1_234_56
    assert [(str(one.account_kind), one.account, one.amount_fen) for one in posted] == [
        ("contributions", "6109", -1_234_56),
        ("personal", str(first.id), 1_234_56),
    ]
    assert till.findings() == []


def test_an_account_that_began_with_nothing_has_no_opening(till: Till) -> None:
    account = till.account(0)
    assert account.balance_fen == 0
    assert till.count("ledger_transaction") == 0
    assert till.findings() == []


def test_residents_have_no_account(till: Till) -> None:
    person, cover = till.employee(insutype=InsuType.RESIDENT)
    with till.database.reading() as session:
        assert ledger.balance_of(session, cover) is None
    locked = till.database.run(lambda session: ledger.lock_accounts_of(session, [(person.id, cover)]))
    assert locked == {}
    assert till.count("personal_account") == 0


def test_another_coverage_has_another_account(till: Till) -> None:
    person, cover = till.employee(10_00, end_date=date(2024, 12, 31))
    old = till.open(person, cover)
    other_person, other_cover = till.employee(20_00)
    new = till.open(other_person, other_cover)
    assert old.id != new.id
    with till.database.reading() as session:
        found = ledger.accounts_of_coverages(session, [cover.id, other_cover.id])
    assert found == {cover.id: old, other_cover.id: new}


def test_locking_opens_what_is_not_open_and_leaves_out_who_has_none(till: Till) -> None:
    open_already, employee = till.employee(1_00), till.employee(2_00)
    resident = till.employee(insutype=InsuType.RESIDENT)
    till.open(*open_already)

    locked = till.database.run(
        lambda session: ledger.lock_accounts_of(
            session, [(person.id, cover) for person, cover in (employee, resident, open_already)]
        )
    )

    assert {coverage_id: one.balance_fen for coverage_id, one in locked.items()} == {
        open_already[1].id: 1_00,
        employee[1].id: 2_00,
    }


def test_a_cover_that_settling_reads_opens_the_same_account(till: Till) -> None:
    """Settling reads ``identity.Cover``, not the ORM's Coverage."""
    person, cover = till.employee(3_00)
    with till.database.reading() as session:
        insured = identity.insured_by_id(session, person.id)
    assert insured is not None
    locked = till.database.run(
        lambda session: ledger.lock_accounts_of(session, [(insured.id, one) for one in insured.covers])
    )
    assert locked[cover.id] == till.open(person, cover)


def test_accounts_are_found_by_their_ids(till: Till) -> None:
    one, other = till.account(1_00), till.account(2_00)
    found = till.database.run(lambda session: ledger.lock_accounts(session, [other.id, one.id, UUID(int=7)]))
    assert found == {one.id: one, other.id: other}
    assert list(found) == sorted([one.id, other.id]), "everybody locks in this order"
