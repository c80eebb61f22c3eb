"""What other domains may ask of the ledger.

In a settling transaction: ``lock_accounts_of`` those that pay, count, ``post``. What an account holds is known from
the lock on; ``post`` refuses all the same what would go below zero. To take a settlement back:
``post(…, UNDO, reference_id, …, opposite(entries_of(…, SETTLEMENT, reference_id)))``.
"""

from app.ledger.accounts import (
    Account,
    accounts_of_coverages,
    balance_of,
    has_account,
    lock_accounts,
    lock_accounts_of,
    locking_account_of,
)
from app.ledger.entries import Entry, cash, contributions, fund, opposite, payable, personal, relief
from app.ledger.errors import ACCOUNT_SHORT
from app.ledger.models import AccountKind, TransactionKind
from app.ledger.posting import Posted, Posting, entries_of, entries_of_many, moving, post, post_many, write

__all__ = [
    "ACCOUNT_SHORT",
    "Account",
    "AccountKind",
    "Entry",
    "Posted",
    "Posting",
    "TransactionKind",
    "accounts_of_coverages",
    "balance_of",
    "cash",
    "contributions",
    "entries_of",
    "entries_of_many",
    "fund",
    "has_account",
    "lock_accounts",
    "lock_accounts_of",
    "locking_account_of",
    "moving",
    "opposite",
    "payable",
    "personal",
    "post",
    "post_many",
    "relief",
    "write",
]
