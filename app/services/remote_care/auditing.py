"""The seal of a remote-care record: whoever edits one in the database is found by ``zhangban audit verify``."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.filings.declaration import Break
from app.filings.models import Filing
from app.kit import sealing
from app.kit.crypto import same
from app.services.remote_care import store
from app.services.remote_care.judging import CODE
from app.services.remote_care.models import RemoteCareRecord
from app.services.remote_care.store import StoredRow
from app.workflow.table import Status

TABLE = RemoteCareRecord.__tablename__


def seal_of(record: RemoteCareRecord | StoredRow) -> str:
    """The keyed seal over all that the record says. That somebody was reminded of its end is not part of it."""
    content = {
        "id": str(record.id),
        "person_id": str(record.person_id),
        "filing_id": str(record.filing_id),
        "trt_dcla_detl_sn": record.trt_dcla_detl_sn,
        "dcla_souc": record.dcla_souc,
        "psn_no": record.psn_no,
        "insutype": record.insutype,
        "insu_admdvs": record.insu_admdvs,
        "rloc_admdvs": record.rloc_admdvs,
        "rloc_rea": record.rloc_rea,
        "begndate": _iso(record.begndate),
        "enddate": _iso(record.enddate),
        "vali_flag": record.vali_flag,
        "category": str(record.category),
        "lock_until": _iso(record.lock_until),
        "settlement": record.settlement,
        "pack_id": record.pack_id,
        "created_at": _iso(record.created_at),
        "ended_at": _iso(record.ended_at),
    }
    return sealing.row_seal(TABLE, content)


def _iso(day_or_moment: Any) -> str | None:
    return None if day_or_moment is None else str(day_or_moment.isoformat())


def is_whole(record: RemoteCareRecord | StoredRow) -> bool:
    """Whether the record says what we wrote."""
    return same(seal_of(record), record.seal)


def audit(session: Session, filings: Sequence[Filing]) -> Iterator[Break]:
    """Records of these cases that were changed by hand, and approved cases whose record is gone."""
    records = store.rows_of_filings(session, [filing.id for filing in filings])
    for filing in filings:
        record = records.get(filing.id)
        if record is not None:
            if not is_whole(record):
                what = "the record was changed by hand: its seal does not fit"
                yield Break(TABLE, str(record.id), filing.number, what)
        elif filing.service_code == CODE and filing.status is Status.APPROVED:
            what = "the case was approved, and the record that it gave is missing"
            yield Break("filing", str(filing.id), filing.number, what)
