"""A filed record in time: how long it holds, what it does to records beside it, when it may change or end."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from app.kit.periods import add_months
from app.kit.text import Text
from app.services.remote_care.categories import CATEGORIES, Category, FormField, Problem
from app.services.remote_care.pack_model import Pack
from app.services.remote_care.wording import HOTLINE, zh_day

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Validity:
    """First and last day (both included; ``end`` None: open-ended), and the last day of the lock, if any."""

    begin: date
    end: date | None
    lock_until: date | None


def validity(pack: Pack, category: Category, start: date, *, filed_on: date | None = None) -> Validity:
    """How long a filing that begins on ``start`` holds.

    A period of months ends on the corresponding day of its last month, that day included (民法典 201–202条).
    filed_on: for a filing made late, from which day the lock counts; it would be over already otherwise.
    """
    rules = pack.rules[category]
    months, lock = rules.validity_months.value, rules.lock_months.value
    return Validity(
        begin=start,
        end=add_months(start, months) if months else None,
        lock_until=add_months(max(start, filed_on or start), lock) if lock else None,
    )


@dataclass(frozen=True, slots=True)
class CareRecord:
    """A remote-care record as the rules see it. ``end`` is the last day it holds, None while open-ended."""

    record_id: str
    category: Category
    care_region_code: str
    care_region_name: str
    begin: date
    end: date | None
    lock_until: date | None = None

    def overlaps(self, other: "CareRecord") -> bool:
        return (other.end is None or self.begin <= other.end) and (
            self.end is None or other.begin <= self.end
        )


class OverlapKind(StrEnum):
    """Ordered from harmless to forbidding."""

    NONE = "none"
    REPLACES = "replaces"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"


SEVERITY = {kind: rank for rank, kind in enumerate(OverlapKind)}
BENEFIT_RANK = {Category.OTHER_TEMPORARY: 0, Category.REFERRAL: 1, Category.EMERGENCY: 1}
"""Among temporary filings to one place: referral and emergency are paid better than other temporary care."""


NO_WORDS = Text("", "")


@dataclass(frozen=True, slots=True)
class Overlap:
    """What a new filing does to the records that are in force.

    * none: it may stand beside them.
    * replaces: the records named end on ``end_on``, the day before the new one begins; one that would begin
      only after that day is cancelled.
    * duplicate: it would change nothing; a renewal may begin on ``free_from`` (None: the record has no end).
    * conflict: only one long-term place at a time; the record named has to be changed or cancelled.
    """

    kind: OverlapKind
    record_ids: tuple[str, ...] = ()
    words: Text = NO_WORDS
    free_from: date | None = None
    end_on: date | None = None

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Empty unless the filing has to be refused."""
        if self.kind in (OverlapKind.NONE, OverlapKind.REPLACES):
            return ()
        field = FormField.CARE_REGION
        return (Problem(field, f"record_{self.kind}", self.words.zh, self.words.en),)


def overlap(existing: Iterable[CareRecord], new: CareRecord) -> Overlap:
    """Compare a new filing with the person's valid records; the gravest finding is the answer.

    When a record is being changed, leave that record itself out of ``existing``.

    A temporary filing beside a long-term one to another place is welcome, for long-term filers keep full
    benefit in both directions [002 太原].
    """
    found: dict[OverlapKind, list[CareRecord]] = {}
    for record in existing:
        if record.overlaps(new):
            found.setdefault(_pair_kind(record, new), []).append(record)
    gravest = max(found, key=SEVERITY.__getitem__, default=OverlapKind.NONE)
    records = found.get(gravest, [])
    match gravest:
        case OverlapKind.NONE:
            return Overlap(gravest)
        case OverlapKind.REPLACES:
            return _replaces(records, new)
        case OverlapKind.DUPLICATE:
            return _duplicate(records)
        case OverlapKind.CONFLICT:
            return _conflict(records)


def _pair_kind(old: CareRecord, new: CareRecord) -> OverlapKind:
    same_place = old.care_region_code == new.care_region_code
    if old.category.long_term and new.category.long_term:
        return OverlapKind.DUPLICATE if same_place else OverlapKind.CONFLICT
    if not same_place:
        return OverlapKind.NONE
    if old.category.long_term:
        return OverlapKind.DUPLICATE
    if new.category.long_term or BENEFIT_RANK[new.category] > BENEFIT_RANK[old.category]:
        return OverlapKind.REPLACES
    return OverlapKind.DUPLICATE


def _ids(records: Iterable[CareRecord]) -> tuple[str, ...]:
    return tuple(record.record_id for record in records)


def _replaces(records: list[CareRecord], new: CareRecord) -> Overlap:
    end_on = new.begin - ONE_DAY
    name = CATEGORIES[new.category].name
    words = Text(
        f"您到{new.care_region_name}已有一份临时备案。这次办好后按“{name.zh}”算，"
        f"原来那份到{zh_day(end_on)}为止。",
        f"You have a temporary filing to {new.care_region_name}. The new one takes its place ({name.en}); "
        "the old one "
        f"ends on {end_on}.",
    )
    return Overlap(OverlapKind.REPLACES, _ids(records), words, end_on=end_on)


def _duplicate(records: list[CareRecord]) -> Overlap:
    ends = [record.end for record in records]
    place, begin = records[0].care_region_name, min(record.begin for record in records)
    last = None if None in ends else max(end for end in ends if end is not None)
    if last is None:
        words = Text(
            f"您到{place}的长期备案从{zh_day(begin)}起一直有效，直接去看病就行，不用再备案。",
            f"Your long-term filing to {place} holds from {begin} without end. There is no need to file "
            "again.",
        )
        return Overlap(OverlapKind.DUPLICATE, _ids(records), words)
    free_from = last + ONE_DAY
    words = Text(
        f"您到{place}的备案从{zh_day(begin)}到{zh_day(last)}有效，这段时间直接去看病就行，不用再备案。"
        f"要续办，开始日期请选{zh_day(free_from)}或以后。",
        f"Your filing to {place} holds from {begin} to {last}; in that time there is no need to file "
        "again. To renew "
        f"it, begin on {free_from} or later.",
    )
    return Overlap(OverlapKind.DUPLICATE, _ids(records), words, free_from=free_from)


def _conflict(records: list[CareRecord]) -> Overlap:
    place = records[0].care_region_name
    words = Text(
        f"您已经长期备案到{place}，长期备案同一时间只能有一个地方。"
        "要换地方，请到“我的备案”里点“变更”；只是临时去看病，请选临时备案。",
        f"You have a long-term filing to {place}, and there can be only one at a time. To move, change "
        "that record "
        "under My filings; for a short visit choose a temporary category.",
    )
    return Overlap(OverlapKind.CONFLICT, _ids(records), words)


@dataclass(frozen=True, slots=True)
class Permission:
    """Whether a record may be changed or cancelled, and the first day on which it may (None: never)."""

    problems: tuple[Problem, ...]
    possible_from: date | None

    @property
    def allowed(self) -> bool:
        return not self.problems


CHANGE = Text("变更", "changed")
CANCEL = Text("取消", "cancelled")


def change_permission(pack: Pack, record: CareRecord, today: date) -> Permission:
    """Whether the destination may be changed today; ``pack`` is the one the record was filed under."""
    return _permission(pack, record, today, pack.rules[record.category].change_allowed.value, CHANGE)


def cancel_permission(pack: Pack, record: CareRecord, today: date) -> Permission:
    """Whether the record may be cancelled today; ``pack`` is the one the record was filed under."""
    return _permission(pack, record, today, pack.rules[record.category].cancel_allowed.value, CANCEL)


def _permission(pack: Pack, record: CareRecord, today: date, offered: bool, act: Text) -> Permission:
    if record.end is not None and record.end < today:
        problem = Problem(
            "record",
            "record_ended",
            f"这份备案到{zh_day(record.end)}已经结束，不用{act.zh}。还要去外地看病，请重新备案。",
            f"This filing ended on {record.end} and cannot be {act.en}. To be treated elsewhere, file again.",
        )
        return Permission((problem,), None)
    if not offered:
        problem = Problem(
            "record",
            "record_fixed",
            f"{pack.name.zh}规定这种备案办好后不能{act.zh}，请拨打 {HOTLINE} 询问。",
            f"By the rules of {pack.name.en} this filing cannot be {act.en}. Please call {HOTLINE}.",
        )
        return Permission((problem,), None)
    if record.lock_until is not None and today <= record.lock_until:
        possible_from = record.lock_until + ONE_DAY
        still_there = record.end is None or possible_from <= record.end
        problem = Problem(
            "record",
            "record_locked",
            f"按规定，这份备案到{zh_day(record.lock_until)}为止不能{act.zh}，"
            f"{zh_day(possible_from)}起可以办。"
            "这期间临时去别的地方看病，可以另办一份临时备案。",
            f"By the rules this filing cannot be {act.en} before {possible_from}. "
            "For a short visit elsewhere, make a temporary filing beside it.",
        )
        return Permission((problem,), possible_from if still_there else None)
    return Permission((), today)
