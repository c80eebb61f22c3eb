"""Cases in bulk: rows as they are after years of service, made inside PostgreSQL.

They are like the application's in number, size and distribution. What is sealed holds no words, and the chain of
hashes is not one: nothing that is measured opens a finished case.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, LiteralString

import psycopg
from psycopg import sql

from app.filings.models import Filing, FilingEvent
from app.identity.models import AccessRecord
from app.kit.api.idempotency import IdempotentAnswer
from app.kit.db import Base
from app.notices.models import Notice
from app.services.remote_care.models import RemoteCareRecord
from bench.database import Database
from bench.keys import Kind, sql_key
from bench.people import HOME
from bench.plan import CASES_OF_A_READER, Crowd

CHUNK: Final = 20_000
YEARS: Final = 2
Progress = Callable[[int], None]

_FORM_BYTES: Final = 300
_PARAMS_BYTES: Final = 180
_ANSWER_BYTES: Final = 1_400


@dataclass(frozen=True)
class Block:
    """``count`` cases from number ``first`` on, of one crowd."""

    first: int
    count: int
    crowd: Crowd
    cities: Sequence[str]
    pack_id: str


def fill(database: Database, block: Block, progress: Progress) -> None:
    """Write the cases with their history, records and notices. ``progress``: so many more are done."""
    with database.connect() as connection:
        trust_our_references(connection)
        end = block.first + block.count
        for start in range(block.first, end, CHUNK):
            stop = min(start + CHUNK, end)
            with connection.transaction():
                _write(connection, block, start, stop)
            progress(stop - start)


def trust_our_references(connection: psycopg.Connection) -> None:
    """Check no foreign keys while filling: every id is computed. Only a superuser may; for others it takes longer."""
    try:
        connection.execute("SET session_replication_role = replica")
    except psycopg.errors.InsufficientPrivilege:
        return


def _write(connection: psycopg.Connection, block: Block, start: int, stop: int) -> None:
    numbers = {
        "start": start,
        "last": stop - 1,
        "origin": block.first,
        "count": block.count,
        "per_reader": block.count // CASES_OF_A_READER,
        "readers": len(block.crowd.readers),
        "reader_first": block.crowd.readers.start,
        "reader_step": block.crowd.readers.step,
        "crowd_first": block.crowd.first,
        "half_crowd": block.crowd.count // 2,
        "days": YEARS * 365,
        "cities": list(block.cities),
    }
    # Parameters of CREATE TABLE AS must be bound on this side.
    cursor = psycopg.ClientCursor(connection)
    cursor.execute("DROP TABLE IF EXISTS pg_temp.made")
    cursor.execute(_MADE, numbers)
    for rows in _ROWS:
        cursor.execute(rows.statement(), {"home": HOME, "pack": block.pack_id})


# Readers have CASES_OF_A_READER cases each, spread over the whole time; the rest falls on people of odd numbers, among
# whom are no filers. Of fifty cases one waits in a queue, one is being corrected and one is a draft.
_MADE: Final = """
CREATE TEMP TABLE made AS
SELECT i,
       CASE WHEN (i - %(origin)s) %% %(per_reader)s < %(readers)s
            THEN %(reader_first)s + %(reader_step)s * ((i - %(origin)s) %% %(per_reader)s)
            ELSE %(crowd_first)s + 1 + 2 * (i * 7919 %% %(half_crowd)s) END AS p,
       CASE (i + (i - %(origin)s) / %(per_reader)s * 7) %% 50
                    WHEN 0 THEN 'submitted' WHEN 1 THEN 'needs_correction' WHEN 2 THEN 'draft'
                    WHEN 3 THEN 'rejected' WHEN 4 THEN 'rejected' WHEN 5 THEN 'withdrawn'
                    ELSE 'approved' END AS status,
       i %% 4 <> 0 AS instant,
       date_trunc('second', now()) - interval '1 day' * %(days)s
         + interval '1 day' * %(days)s * (i - %(origin)s) / %(count)s AS at,
       (%(cities)s::text[])[1 + (i / 50) %% cardinality(%(cities)s::text[])] AS city
FROM generate_series(%(start)s::bigint, %(last)s::bigint) AS i
"""


@dataclass(frozen=True)
class MadeRows:
    """One row of a table for each row of the temporary table ``made``, where ``i`` counts: column → expression."""

    model: type[Base]
    given: Mapping[str, LiteralString]
    where: LiteralString = "true"

    def statement(self) -> sql.Composed:
        """What is not given and may not be NULL is filled up: that it is there matters here, not what it says."""
        values = {
            **{
                column.name: _FILLER[type(column.type).__name__]
                for column in self.model.__table__.columns
                if not column.nullable
            },
            **self.given,
        }
        return sql.SQL("INSERT INTO {} ({}) SELECT {} FROM made WHERE {}").format(
            sql.Identifier(self.model.__tablename__),
            sql.SQL(", ").join(map(sql.Identifier, values)),
            sql.SQL(", ").join(map(sql.SQL, values.values())),
            sql.SQL(self.where),
        )


def sealed_bytes(count: int) -> str:
    """What stands for a sealed value."""
    return f"decode(repeat('5a', {count}), 'hex')"


_HASH: Final = "md5(i::text) || md5((i + 1)::text)"
_FILLER: Final[Mapping[str, LiteralString]] = {
    "String": _HASH,
    "Choice": "''",
    "Choices": "''",
    "Integer": "0",
    "BigInteger": "0",
    "Boolean": "false",
    "UtcDateTime": "at",
    "Date": "at::date",
    "LargeBinary": sealed_bytes(_PARAMS_BYTES),
    "JSON": "'{}'",
    "Uuid": "gen_random_uuid()",
}
_PERSON: Final = sql_key(Kind.PERSON, "p")
_ACCOUNT: Final = sql_key(Kind.ACCOUNT, "p")
_FILING: Final = sql_key(Kind.FILING, "i")
_OPEN: Final = "status = 'submitted'"
_DECIDED: Final = "status IN ('approved', 'rejected', 'withdrawn')"

_FILING_COLUMNS: Final = {
    "id": _FILING,
    "number": "'YD' || to_char(at, 'YYYYMMDD') || lpad(i::text, 8, '0')",
    "service_code": "'remote_care'",
    "status": "status",
    "version": "2",
    "person_id": _PERSON,
    "coverage_id": sql_key(Kind.COVERAGE, "p"),
    "region_code": "%(home)s",
    "applicant_account_id": _ACCOUNT,
    "applicant_person_id": _PERSON,
    "ground": "'self'",
    "pack_id": "%(pack)s",
    "form_sealed": sealed_bytes(_FORM_BYTES),
    "instant": "instant AND status = 'approved'",
    "stage": "CASE WHEN instant THEN NULL ELSE 'agency_review' END",
    "queue_role": f"CASE WHEN {_OPEN} THEN 'handler' END",
    "queue_region": f"CASE WHEN {_OPEN} THEN city END",
    "due_at": "CASE WHEN status IN ('submitted', 'needs_correction') THEN now() + interval '2 days' + (i %% 86400) * interval '1 s' END",
    "submitted_at": "CASE WHEN status <> 'draft' THEN at END",
    "decided_at": f"CASE WHEN {_DECIDED} THEN at END",
    "corrections": "0",
    "last_seq": "2",
    "last_hash": _HASH,
    "created_at": "at",
    "updated_at": "at",
}


def _event(seq: int, action: str, before: str, after: str) -> dict[str, str]:
    return {
        "id": sql_key(Kind.EVENT, f"i * 2 + {seq}"),
        "filing_id": _FILING,
        "person_id": _PERSON,
        "seq": str(seq),
        "action": action,
        "before": before,
        "after": after,
        "actor_account_id": _ACCOUNT if seq == 1 else "NULL",
        "actor_role": "'citizen'" if seq == 1 else "'system'",
        "ground": "'self'",
        "facts": "'{}'",
        "at": "at",
        "previous_hash": _HASH,
        "hash": _HASH,
    }


def _notice(ordinal: int, kind: str) -> dict[str, str]:
    return {
        "id": sql_key(Kind.NOTICE, f"i * 2 + {ordinal}"),
        "person_id": _PERSON,
        "subject_id": _PERSON,
        "filing_id": _FILING,
        "kind": kind,
        "params_sealed": sealed_bytes(_PARAMS_BYTES),
        "status": "'sent'",
        "channel": "'wechat'",
        "attempts": "1",
        "tries": """'[{"at": "2026-01-01T00:00:00+00:00", "code": null, "channel": "wechat", "outcome": "sent"}]'""",
        "created_at": "at",
        "sent_at": "at",
    }


_RECORD_COLUMNS: Final = {
    "id": sql_key(Kind.RECORD, "i"),
    "person_id": _PERSON,
    "filing_id": _FILING,
    "trt_dcla_detl_sn": "to_char(at, 'YYYYMMDD') || lpad(i::text, 12, '0')",
    "dcla_souc": "'02'",
    "psn_no": "lpad(p::text, 20, '0')",
    "insutype": "'390'",
    "insu_admdvs": "%(home)s",
    "rloc_admdvs": "city",
    "rloc_rea": "'9'",
    "begndate": "at::date",
    "enddate": "at::date + 182",
    "vali_flag": "'1'",
    "category": "'other_temporary'",
    "settlement": "'direct_settlement'",
    "pack_id": "%(pack)s",
    "created_at": "at",
}
_ACCESS_COLUMNS: Final = {
    "id": sql_key(Kind.ACCESS, "i"),
    "person_id": _PERSON,
    # Whoever looked: here another citizen's account, since all are made alike.
    "account_id": sql_key(Kind.ACCOUNT, "p - p %% 2"),
    "role": "'handler'",
    "organisation_name": "'医疗保障经办中心'",
    "what": "'filing_viewed'",
    "about_zh": "'异地就医备案'",
    "filing_id": _FILING,
    "ground": "'staff'",
    "at": "at",
}
_ANSWER_COLUMNS: Final = {
    "account_id": _ACCOUNT,
    "status": "201",
    "body": sealed_bytes(_ANSWER_BYTES),
    "created_at": "now()",
}
_ROWS: Final = (
    MadeRows(Filing, _FILING_COLUMNS),
    MadeRows(FilingEvent, _event(1, "'submit'", "'draft'", "'submitted'")),
    MadeRows(FilingEvent, _event(2, "'approve'", "'submitted'", "status")),
    MadeRows(RemoteCareRecord, _RECORD_COLUMNS, "status = 'approved'"),
    MadeRows(Notice, _notice(1, "'filing_submitted'")),
    MadeRows(Notice, _notice(2, "'filing_approved'")),
    MadeRows(AccessRecord, _ACCESS_COLUMNS, "NOT instant"),
    # Those of the last week.
    MadeRows(IdempotentAnswer, _ANSWER_COLUMNS, "i %% 100 = 0"),
)
