"""``zhangban ledger check`` over bills: whatever is changed by hand in the database is named, and nothing else."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from app.ledger import checking as ledger_checking
from app.places.models import InstitutionType
from app.settlement import checking
from tests.settlement.bills import Line, bill, drugs, line
from tests.settlement.counter import Counter
from tests.settlement.test_settling import employee, findings
from tests.somebody import Somebody
from tests.world import World

Settled = dict[str, Any]
TAMPERED = 503


@pytest.fixture
def database_url(both_databases: str) -> str:
    return both_databases


@pytest.fixture
def pharmacy(world: World) -> Counter:
    return Counter(world, InstitutionType.PHARMACY, "230502")


def tamper(world: World, statement: str, **values: object) -> None:
    """Change the database as somebody does who owns it: with no key of ours, and no rule in the way."""
    database = world.parts.database
    with database.engine.connect() as connection:
        if database.is_sqlite:
            values = {name: one.hex if isinstance(one, UUID) else one for name, one in values.items()}
            connection.connection.execute("PRAGMA foreign_keys=OFF")
            connection.connection.execute("PRAGMA ignore_check_constraints=ON")
        else:
            connection.execute(text("SET session_replication_role = replica"))
            for table in ("settlement", "accumulator"):
                connection.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS ck_{table}_adds_up"))
        assert connection.execute(text(statement), values).rowcount > 0, statement
        connection.commit()
        connection.invalidate()  # the next one finds the rules again


ENTRIES_OF = (
    "transaction_id IN (SELECT id FROM ledger_transaction WHERE reference_id = :id AND kind = '{kind}')"
)
SETTLED, UNDONE = ENTRIES_OF.format(kind="settlement"), ENTRIES_OF.format(kind="undo")
CHANGED = "it was changed after it was written"
LEDGER_DIFFERS = "the ledger does not say what it says"
TAKEN_OUT = "is not there, yet numbers were used for it"
UNREADABLE = "it, or what the ledger has of it, holds a value that cannot be read"


def settle(counter: Counter, patient: Somebody, lines: list[Line], med_type: str = "41") -> Settled:
    info = counter.output("2207", **bill(patient, lines, med_type=med_type))["setlinfo"]
    return {**info, "id": UUID(info["setl_id"]), "person": patient.person_id}


def test_whatever_is_changed_by_hand_is_named(
    world: World, pharmacy: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each fault is done to a bill of a person of its own, and all are found in one pass, in small batches."""
    monkeypatch.setattr(checking, "PERSONS", 3)
    monkeypatch.setattr(checking, "BILLS", 2)
    monkeypatch.setattr(ledger_checking, "BATCH", 4)

    def patient(amounts: tuple[str, ...] = ("700.00", "30.00"), *, undo: bool = False) -> Settled:
        somebody = employee(world, 1_000_00)
        infos = [settle(pharmacy, somebody, drugs(one)) for one in amounts]
        # Of several bills the last is undone, for the next ones rest on what those before used.
        info = infos[-1 if undo else 0]
        if undo:
            pharmacy.output("2208", setl_id=info["setl_id"], psn_no=info["psn_no"])
        return info

    sound = [patient(), patient(undo=True)]
    cheaper, accumulated, unposted, unread, gone = (patient() for _ in range(5))
    forgotten, unsaid, unnumbered, reopened, still, strange = (
        patient(),
        patient(),
        patient(),
        patient(undo=True),
        patient(undo=True),
        patient(),
    )
    # Own expense, paid at the counter: no account and no accumulator knows of it.
    vanished = settle(pharmacy, world.citizen(region="2305"), [line("12.00", lv="03")])
    assert findings(world) == []

    tamper(world, "UPDATE settlement SET fund_pay_fen = fund_pay_fen + 1 WHERE id = :id", id=cheaper["id"])
    tamper(
        world,
        "UPDATE accumulator SET fund_fen = fund_fen - 1 WHERE person_id = :id",
        id=accumulated["person"],
    )
    tamper(world, f"DELETE FROM ledger_entry WHERE {SETTLED}", id=unposted["id"])
    tamper(
        world,
        f"UPDATE ledger_entry SET account_kind = 'gold' WHERE {SETTLED} AND number = 1",
        id=unread["id"],
    )
    tamper(world, "DELETE FROM settlement WHERE id = :id", id=gone["id"])
    tamper(world, "DELETE FROM accumulator WHERE person_id = :id", id=forgotten["person"])
    tamper(world, "UPDATE settlement SET detail_sealed = :junk WHERE id = :id", id=unsaid["id"], junk=b"junk")
    tamper(
        world,
        "DELETE FROM settlement_claim WHERE settlement_id = :id AND claim LIKE 'b:%'",
        id=unnumbered["id"],
    )
    tamper(world, "UPDATE settlement SET state = 'settled' WHERE id = :id", id=reopened["id"])
    tamper(world, f"DELETE FROM ledger_entry WHERE {UNDONE}", id=still["id"])
    tamper(world, "UPDATE settlement SET state = 'lost' WHERE id = :id", id=strange["id"])
    for statement in (
        f"DELETE FROM ledger_entry WHERE {SETTLED}",
        "DELETE FROM ledger_transaction WHERE reference_id = :id",
        "DELETE FROM settlement WHERE id = :id",
    ):
        tamper(world, statement, id=vanished["id"])

    found: dict[str, set[str]] = defaultdict(set)
    for one in findings(world):
        if one.table in {"settlement", "accumulator"}:
            found[one.row.split(" ")[0]].add(one.what.split(" (")[0] if one.table == "settlement" else "year")
    transactions = {one.what for one in findings(world) if one.table == "ledger_transaction"}

    assert found == {
        str(cheaper["id"]): {CHANGED, LEDGER_DIFFERS, "what it adds to the year is not what the fund paid"},
        str(accumulated["person"]): {"year"},
        str(unposted["id"]): {LEDGER_DIFFERS},
        str(unread["id"]): {UNREADABLE},
        str(unread["person"]): {"year"},
        str(gone["id"]): {TAKEN_OUT},
        str(gone["person"]): {"year"},
        str(vanished["id"]): {TAKEN_OUT},
        str(forgotten["person"]): {"year"},
        str(unsaid["id"]): {CHANGED, "its detail cannot be read"},
        str(unsaid["person"]): {"year"},
        str(unnumbered["id"]): {"its bill's number is not kept as used"},
        str(reopened["id"]): {CHANGED, "the ledger took it back, yet it stands"},
        str(reopened["person"]): {"year"},
        str(still["id"]): {"it was undone, but the ledger did not take it back"},
        str(strange["id"]): {UNREADABLE},
        str(strange["person"]): {"year"},
    }
    assert "belongs to a settlement that is not there" in transactions
    assert not {str(one["id"]) for one in sound} & set(found)

    # What was changed is not made good by undoing it: written again it would bear a good seal.
    before = findings(world)
    for one in (cheaper, reopened, unsaid, unposted):
        answer = pharmacy.transact("2208", setl_id=one["setl_id"], psn_no=one["psn_no"])
        assert answer["infcode"] == TAMPERED, answer["err_msg"]
    assert findings(world) == before


def test_a_ledger_that_was_posted_to_another_account_is_found(world: World, pharmacy: Counter) -> None:
    """Sums by kind agree, but another fund, another person, or the pooled fund instead of medical relief has paid."""
    setl_id = settle(pharmacy, employee(world, 5_00), drugs("700.00"))["id"]
    hospital, poor = Counter(world, region="320922", level=2), world.citizen(region="320922", low_income=True)
    relieved = settle(hospital, poor, drugs("1000.00"), med_type="21")["id"]
    assert findings(world) == []
    changes: tuple[Callable[[], None], ...] = (
        lambda: tamper(
            world,
            f"UPDATE ledger_entry SET account = '6109:310' WHERE {SETTLED} AND account_kind = 'fund'",
            id=setl_id,
        ),
        lambda: tamper(
            world,
            f"UPDATE ledger_entry SET account = '2305:310' WHERE {SETTLED} AND account_kind = 'fund'",
            id=setl_id,
        ),
        lambda: tamper(
            world,
            f"UPDATE ledger_entry SET person_id = :other WHERE {SETTLED} AND account_kind = 'personal'",
            id=setl_id,
            other=employee(world).person_id,
        ),
        lambda: tamper(
            world,
            f"UPDATE ledger_entry SET account_kind = 'fund', account = '320922:390' "
            f"WHERE {SETTLED} AND account_kind = 'relief' AND account = '320922'",
            id=relieved,
        ),
    )
    found = []
    for change in changes:
        change()
        found.append([one.what for one in findings(world) if one.table == "settlement"])
    assert found == [[LEDGER_DIFFERS], [], [LEDGER_DIFFERS], [LEDGER_DIFFERS] * 2]
