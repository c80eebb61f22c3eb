"""Bills that were settled in the past, in bulk: with their ledger, made inside PostgreSQL like the cases of ``cases``.

Their seals are none: nothing that is measured looks at an old bill, and no check of the ledger is run on them.
"""

from typing import Final

import psycopg

from app.ledger.models import LedgerEntry, LedgerTransaction
from app.settlement import claims
from app.settlement.models import Settlement, SettlementClaim
from app.vouchers.models import CodeUse
from bench.cases import MadeRows, Progress, sealed_bytes, trust_our_references
from bench.database import Database
from bench.keys import Kind, sql_key
from bench.plan import Crowd
from bench.tills import REGION, Till

CHUNK: Final = 25_000
ENTRIES: Final = 4
_DETAIL_BYTES: Final = 600


def fill(database: Database, tills: list[Till], crowd: Crowd, numbers: range, progress: Progress) -> None:
    """Settle the bills of these numbers, each of somebody of the crowd. ``progress``: so many entries more are done."""
    institutions = [till.institution_id for till in tills]
    with database.connect() as connection:
        trust_our_references(connection)
        for start in range(numbers.start, numbers.stop, CHUNK):
            stop = min(start + CHUNK, numbers.stop)
            with connection.transaction():
                cursor = psycopg.ClientCursor(connection)
                cursor.execute("DROP TABLE IF EXISTS pg_temp.made")
                wanted = {"start": start, "last": stop - 1, "first": crowd.first, "count": crowd.count}
                cursor.execute(_MADE, {**wanted, "tills": institutions})
                for rows in _ROWS:
                    cursor.execute(rows.statement())
            progress((stop - start) * ENTRIES)


_MADE: Final = """
CREATE TEMP TABLE made AS
SELECT i, %(first)s + i * 7919 %% %(count)s AS p,
       (%(tills)s::uuid[])[1 + i %% cardinality(%(tills)s::uuid[])] AS till,
       now() - interval '1 second' * (10000000 - i) AS at
FROM generate_series(%(start)s::bigint, %(last)s::bigint) AS i
"""
_PERSON: Final = sql_key(Kind.PERSON, "p")
_SETTLEMENT: Final = sql_key(Kind.SETTLEMENT, "i")
_TRANSACTION: Final = sql_key(Kind.TRANSACTION, "i")
_MSGID: Final = "md5(i::text)"
_VISIT: Final = "V1"
_NUMBER: Final = f"left({_MSGID}, 30)"
CLAIMS: Final = (
    f"'{claims.of_message('')}' || {_MSGID}",
    f"'{claims.of_bill(_VISIT, '')}' || {_NUMBER}",
)
"""The numbers of message and bill ``i`` as the product writes them."""


def _entry(number: int, kind: str, account: str, amount: str) -> MadeRows:
    given = {
        "transaction_id": _TRANSACTION,
        "number": str(number),
        "account_kind": f"'{kind}'",
        "account": account,
        "amount_fen": amount,
        "person_id": _PERSON,
    }
    return MadeRows(LedgerEntry, given)


def _claim(claim: str) -> MadeRows:
    given = {
        "institution_id": "till",
        "claim": claim,
        "state": "'paid'",
        "settlement_id": _SETTLEMENT,
        "at": "at",
    }
    return MadeRows(SettlementClaim, given)


_ROWS: Final = (
    MadeRows(
        Settlement,
        {
            "id": _SETTLEMENT,
            "person_id": _PERSON,
            "coverage_id": sql_key(Kind.COVERAGE, "p"),
            "insutype": "'310'",
            "insu_admdvs": f"'{REGION}'",
            "institution_id": "till",
            "mdtrt_id": f"'{_VISIT}'",
            "chrg_bchno": _NUMBER,
            "msgid": _MSGID,
            "answered_msgid": _MSGID,
            "med_type": "'41'",
            "year": "2025",
            "medfee_fen": "10000",
            "acct_pay_fen": "10000",
            "detail_sealed": sealed_bytes(_DETAIL_BYTES),
            "state": "'settled'",
        },
    ),
    *map(_claim, CLAIMS),
    MadeRows(
        CodeUse,
        {
            "handle": "lpad(p::text, 11, '0')",
            "slot": "0",
            "step": "i::int",
            "person_id": _PERSON,
            "payment_id": _SETTLEMENT,
        },
    ),
    MadeRows(
        LedgerTransaction,
        {
            "id": _TRANSACTION,
            "kind": "'settlement'",
            "reference_id": _SETTLEMENT,
            "person_id": _PERSON,
        },
    ),
    _entry(1, "payable", "till::text", "10000"),
    _entry(2, "fund", f"'{REGION}:310'", "-5000"),
    _entry(3, "personal", f"{sql_key(Kind.PURSE, 'p')}::text", "-3000"),
    _entry(4, "cash", "till::text", "-2000"),
)
