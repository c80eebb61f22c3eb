"""What an approval gives: a record; and what ends it: a change or a cancellation."""

from datetime import date, timedelta

from sqlalchemy.orm import Session

from app.filings import service as filings
from app.filings.declaration import Effect, Fact
from app.filings.errors import NOT_INSURED
from app.filings.models import Filing
from app.identity import service as identity
from app.identity.models import Coverage
from app.kit import clock, ids
from app.kit.errors import NOT_FOUND
from app.kit.text import Text
from app.places import regions
from app.services.remote_care import errors, store
from app.services.remote_care.auditing import is_whole, seal_of
from app.services.remote_care.backfiling import BackfileOutcome, Settled
from app.services.remote_care.categories import CATEGORIES, Category
from app.services.remote_care.judging import permission_problem
from app.services.remote_care.models import INVALID, ONLINE, VALID, RemoteCareRecord
from app.services.remote_care.packs import pack_by_id
from app.services.remote_care.records import (
    CareRecord,
    OverlapKind,
    Validity,
    cancel_permission,
    overlap,
    validity,
)

ONE_DAY = timedelta(days=1)
DIRECT, MANUAL = BackfileOutcome.DIRECT_SETTLEMENT.value, BackfileOutcome.MANUAL_REIMBURSEMENT.value


def issue_record(effect: Effect) -> None:
    """Write the record that the approved case gives, and end the records whose place it takes.

    The person is locked by whoever acts, so nothing else changes the person's records meanwhile. Raises OVERLAP when
    another record came into force while the case was under review, RECORD_NOT_CHANGEABLE when the record to be changed
    is none any more, NOT_INSURED when the insurance is not in force on the first day.
    """
    filing, form, session = effect.filing, effect.form, effect.session
    pack = pack_by_id(str(filing.pack_id))
    category, start = Category(form["category"]), form["start_date"]
    filed_on = clock.china_day(filing.submitted_at or effect.now)
    period = validity(pack, category, start, filed_on=filed_on)
    coverage = identity.get_coverage(session, filing.coverage_id)
    if not coverage.in_force(period.begin):
        raise NOT_INSURED()
    code = form["care_region_code"]
    existing = store.in_force(session, filing.person_id, min(start, clock.china_day(effect.now)))
    changed = form.get("replaces_record_id")
    new = CareRecord(str(filing.id), category, code, store.region_name(code), period.begin, period.end)
    found = overlap([store.as_care_record(one) for one in existing if one.id != changed], new)
    if found.problems:
        raise errors.OVERLAP(reason=found.words)
    if changed is not None and all(one.id != changed for one in existing):
        raise errors.RECORD_NOT_CHANGEABLE(reason=_CHANGED_BEFORE)
    ending = {str(changed)} if changed is not None else set()
    if found.kind is OverlapKind.REPLACES:
        ending.update(found.record_ids)
    for record in existing:
        if str(record.id) in ending:
            _end(record, period.begin - ONE_DAY, effect)
            filings.note_replaced(session, record.filing_id, by=filing.number)
    _write(effect, category, code, period, coverage)


def _write(effect: Effect, category: Category, code: str, period: Validity, coverage: Coverage) -> None:
    filing = effect.filing
    record = RemoteCareRecord(
        id=ids.new_id(),
        person_id=filing.person_id,
        filing_id=filing.id,
        trt_dcla_detl_sn=f"{clock.china_day(effect.now):%Y%m%d}{ids.readable_code(12)}",
        dcla_souc=ONLINE,
        psn_no=identity.get_person(effect.session, filing.person_id).psn_no,
        insutype=coverage.insutype,
        insu_admdvs=coverage.region_code,
        rloc_admdvs=code,
        rloc_rea=CATEGORIES[category].rloc_rea,
        begndate=period.begin,
        enddate=period.end,
        vali_flag=VALID,
        category=category,
        lock_until=period.lock_until,
        settlement=MANUAL if effect.form.get("settled") is Settled.SELF_PAID else DIRECT,
        pack_id=str(filing.pack_id),
        created_at=effect.now,
    )
    record.seal = seal_of(record)
    effect.session.add(record)


def cancel_record(effect: Effect) -> None:
    """End the record of the case from today on. Raises when the lock or the pack forbids it."""
    record = store.locked_of_filing(effect.session, effect.filing.id)
    if record is None:
        raise NOT_FOUND()
    if record.vali_flag != VALID:
        raise errors.RECORD_NOT_CHANGEABLE(reason=_CANCELLED_BEFORE)
    today = clock.china_day(effect.now)
    permission = cancel_permission(pack_by_id(record.pack_id), store.as_care_record(record), today)
    if not permission.allowed:
        raise permission_problem(permission.problems)
    _end(record, today - ONE_DAY, effect)


_CANCELLED_BEFORE = Text(
    "这份备案已经取消过了，不用再取消。", "This record was cancelled before; nothing is left to cancel."
)


_CHANGED_BEFORE = Text(
    "要变更的备案已经结束或已经变更过，不能再变更。请按新的备案办理。",
    "The record to be changed has ended or was changed before. File anew instead.",
)


def _end(record: RemoteCareRecord, last_day: date, effect: Effect) -> None:
    """The record holds up to ``last_day`` at the latest; one that would only begin after it never held.

    One that was changed by hand before keeps its broken seal: a new one would hide that.
    """
    whole = is_whole(record)
    if record.begndate > last_day:
        record.vali_flag = INVALID
    else:
        record.enddate = last_day if record.enddate is None else min(record.enddate, last_day)
    record.ended_at = effect.now
    if whole:
        record.seal = seal_of(record)


def outcome(session: Session, filing: Filing) -> list[Fact]:
    """What the approval gave, in words."""
    record = store.of_filing(session, filing.id)
    if record is None:
        return []
    return [
        Fact(Text("备案编号", "Record number"), record.trt_dcla_detl_sn),
        Fact(Text("就医地", "Place of care"), regions.full_name(record.rloc_admdvs)),
        Fact(Text("有效期", "Valid"), validity_words(record)),
        Fact(Text("结算方式", "Settlement"), _SETTLEMENT[record.settlement]),
    ]


_SETTLEMENT = {
    DIRECT: Text("在就医地直接刷医保结算", "Settled directly where care happens"),
    MANUAL: Text("先自付，回参保地手工报销", "Paid first, reimbursed at the home desk"),
}


def validity_words(record: RemoteCareRecord) -> Text:
    """From when until when, or that it holds no longer."""
    if record.vali_flag != VALID:
        return Text("已取消，未生效", "Cancelled before it began")
    if record.enddate is None:
        return Text(f"{record.begndate} 起长期有效", f"From {record.begndate}, without end")
    return Text(f"{record.begndate} 至 {record.enddate}", f"{record.begndate} to {record.enddate}")
