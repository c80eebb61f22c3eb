"""The keyed seals: of a transaction with all its entries, and of whose a personal account is.

Whoever edits rows in the database does not have the key. Found by ``zhangban ledger check``: an entry or transaction that
was edited, added or taken out of the middle. A transaction that was taken out whole shows in the balance of the personal
account; with that mended too, in what refers to the transaction (settlements are checked beside the ledger).
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from uuid import UUID

from app.kit.sealing import row_seal


def seal_of_transaction(
    *,
    transaction_id: UUID,
    kind: str,
    reference_id: UUID,
    person_id: UUID | None,
    day: date,
    batch_no: str | None,
    created_at: datetime,
    entries: Iterable[tuple[int, str, str, int, UUID | None]],
) -> str:
    """entries: (number, account kind, account, fen, person), in the order of their numbers."""
    content = {
        "id": str(transaction_id),
        "kind": str(kind),
        "reference_id": str(reference_id),
        "person_id": _text(person_id),
        "day": day.isoformat(),
        "batch_no": batch_no,
        "created_at": created_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "entries": [
            (number, str(account_kind), account, amount_fen, _text(owner))
            for number, account_kind, account, amount_fen, owner in entries
        ],
    }
    return row_seal("ledger_transaction", content)


def seal_of_account(*, account_id: UUID, person_id: UUID, coverage_id: UUID, opened_at: datetime) -> str:
    """All of an account but its balance, which is what its entries sum to."""
    content = {
        "id": str(account_id),
        "person_id": str(person_id),
        "coverage_id": str(coverage_id),
        "opened_at": opened_at.astimezone(UTC).isoformat(timespec="microseconds"),
    }
    return row_seal("personal_account", content)


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)
