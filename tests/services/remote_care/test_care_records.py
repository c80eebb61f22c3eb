"""A record in time: validity and lock, overlap with other records, change and cancel."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.periods import add_months
from app.services.remote_care.categories import Category
from app.services.remote_care.pack_model import Pack
from app.services.remote_care.packs import catalogue, pack_for
from app.services.remote_care.records import (
    CareRecord,
    OverlapKind,
    Permission,
    cancel_permission,
    change_permission,
    overlap,
    validity,
)

DAY = timedelta(days=1)
days = st.dates(date(2022, 7, 1), date(2040, 12, 31))
packs = st.sampled_from(catalogue().packs)
categories = st.sampled_from(Category)
ANKANG = pack_for("6109", date(2024, 1, 1))
TAIYUAN = pack_for("1401", date(2024, 1, 1))


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2024-01-15", 6, "2024-07-15"),
        ("2023-08-31", 6, "2024-02-29"),
        ("2022-08-31", 6, "2023-02-28"),
        ("2024-07-01", 6, "2025-01-01"),
        ("2024-12-31", 2, "2025-02-28"),
        ("2024-05-05", 0, "2024-05-05"),
        ("2024-01-31", 12, "2025-01-31"),
    ],
)
def test_months_end_on_the_same_day_or_on_the_last_of_a_shorter_month(
    day: str, months: int, expected: str
) -> None:
    assert add_months(date.fromisoformat(day), months) == date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("pack", "category", "end", "lock_until"),
    [
        pytest.param(ANKANG, "long_term_resident", None, "2024-09-30", id="long-term: open, locked 6 months"),
        pytest.param(ANKANG, "other_temporary", "2024-09-30", None, id="temporary: 6 months, no lock"),
        pytest.param(ANKANG, "referral", "2024-09-30", None, id="referral: 6 months, no lock"),
        pytest.param(TAIYUAN, "posted_worker", None, None, id="太原: change at any time"),
    ],
)
def test_how_long_a_filing_of_31_march_holds(
    pack: Pack, category: str, end: str | None, lock_until: str | None
) -> None:
    held = validity(pack, Category(category), date(2024, 3, 31))

    assert held.begin == date(2024, 3, 31)
    assert held.end == (date.fromisoformat(end) if end else None)
    assert held.lock_until == (date.fromisoformat(lock_until) if lock_until else None)


@given(packs, categories, days)
def test_a_filing_ends_after_it_begins_and_is_never_locked_beyond_six_months(
    pack: Pack, category: Category, start: date
) -> None:
    held = validity(pack, category, start)

    assert held.end is None or held.end > held.begin
    assert held.lock_until is None or held.begin < held.lock_until <= add_months(start, 6)
    assert held.lock_until is None or held.end is None or held.lock_until <= held.end


def record(
    category: str, place: str, begin: str, end: str | None, lock_until: str | None = None, name: str = "old"
) -> CareRecord:
    return CareRecord(
        name,
        Category(category),
        place,
        {"11": "北京市", "6101": "西安市"}[place],
        date.fromisoformat(begin),
        date.fromisoformat(end) if end else None,
        date.fromisoformat(lock_until) if lock_until else None,
    )


LONG_BEIJING = record("long_term_resident", "11", "2024-01-01", None)
TEMPORARY_BEIJING = record("other_temporary", "11", "2024-01-01", "2024-07-01")
REFERRAL_BEIJING = record("referral", "11", "2024-01-01", "2024-07-01")


@pytest.mark.parametrize(
    ("existing", "new", "kind"),
    [
        pytest.param(
            LONG_BEIJING, ("long_term_resident", "11"), "duplicate", id="long-term twice to one place"
        ),
        pytest.param(
            LONG_BEIJING, ("posted_worker", "11"), "duplicate", id="long-term twice, another category"
        ),
        pytest.param(LONG_BEIJING, ("long_term_resident", "6101"), "conflict", id="two long-term places"),
        pytest.param(
            LONG_BEIJING, ("other_temporary", "6101"), "none", id="a trip elsewhere beside long-term"
        ),
        pytest.param(LONG_BEIJING, ("referral", "6101"), "none", id="a referral elsewhere beside long-term"),
        pytest.param(
            LONG_BEIJING, ("other_temporary", "11"), "duplicate", id="a trip to the long-term place"
        ),
        pytest.param(
            TEMPORARY_BEIJING, ("other_temporary", "11"), "duplicate", id="temporary twice to one place"
        ),
        pytest.param(TEMPORARY_BEIJING, ("other_temporary", "6101"), "none", id="two temporary places"),
        pytest.param(
            TEMPORARY_BEIJING, ("referral", "11"), "replaces", id="a referral betters a temporary one"
        ),
        pytest.param(
            REFERRAL_BEIJING, ("other_temporary", "11"), "duplicate", id="a referral covers a temporary one"
        ),
        pytest.param(
            TEMPORARY_BEIJING, ("long_term_resident", "11"), "replaces", id="long-term betters temporary"
        ),
        pytest.param(
            TEMPORARY_BEIJING, ("long_term_resident", "6101"), "none", id="long-term beside a trip elsewhere"
        ),
    ],
)
def test_what_a_new_filing_does_to_one_in_force(
    existing: CareRecord, new: tuple[str, str], kind: str
) -> None:
    wanted = record(*new, "2024-03-01", None if "long" in new[0] or "posted" in new[0] else "2024-09-01")

    found = overlap([existing], wanted)

    assert found.kind is OverlapKind(kind)
    assert bool(found.problems) == (kind in ("duplicate", "conflict"))
    assert bool(found.words.zh) == (kind != "none")
    assert found.record_ids == (() if kind == "none" else ("old",))


def test_a_renewal_may_begin_the_day_after_the_old_filing_ends() -> None:
    found = overlap([TEMPORARY_BEIJING], record("other_temporary", "11", "2024-07-01", "2025-01-01"))

    assert (found.kind, found.free_from) == (OverlapKind.DUPLICATE, date(2024, 7, 2))
    assert "2024年7月2日" in found.words.zh
    assert (
        overlap([TEMPORARY_BEIJING], record("other_temporary", "11", "2024-07-02", "2025-01-02")).kind
        is OverlapKind.NONE
    )


def test_a_record_that_is_replaced_ends_the_day_before() -> None:
    found = overlap([TEMPORARY_BEIJING], record("referral", "11", "2024-03-01", "2024-09-01"))

    assert found.end_on == date(2024, 2, 29)


def test_an_open_ended_duplicate_can_never_be_renewed() -> None:
    found = overlap([LONG_BEIJING], record("other_temporary", "11", "2030-01-01", "2030-07-01"))

    assert (found.kind, found.free_from) == (OverlapKind.DUPLICATE, None)


def test_among_several_records_the_gravest_finding_is_the_answer() -> None:
    existing = [TEMPORARY_BEIJING, record("long_term_resident", "6101", "2023-01-01", None, name="xian")]

    found = overlap(existing, record("posted_worker", "11", "2024-03-01", None))

    assert (found.kind, found.record_ids) == (OverlapKind.CONFLICT, ("xian",))


@st.composite
def care_records(draw: st.DrawFn, name: str) -> CareRecord:
    begin = draw(days)
    length = draw(st.none() | st.integers(0, 400))
    return CareRecord(
        name,
        draw(categories),
        draw(st.sampled_from(["11", "6101"])),
        "某市",
        begin,
        None if length is None else begin + length * DAY,
    )


@given(care_records("a"), care_records("b"))
def test_two_filings_of_the_same_rank_judge_each_other_alike(a: CareRecord, b: CareRecord) -> None:
    assert a.overlaps(b) == b.overlaps(a)
    there, back = overlap([a], b).kind, overlap([b], a).kind
    if OverlapKind.REPLACES in (there, back):
        assert {there, back} == {OverlapKind.REPLACES, OverlapKind.DUPLICATE}
    else:
        assert there is back


@given(st.lists(care_records("old"), max_size=5), care_records("new"))
def test_a_filing_whose_time_is_free_of_others_never_meets_a_problem(
    existing: list[CareRecord], new: CareRecord
) -> None:
    found = overlap(existing, new)

    if not any(old.overlaps(new) for old in existing):
        assert found.kind is OverlapKind.NONE
    if found.free_from is not None:
        moved = CareRecord("new", new.category, new.care_region_code, "某市", found.free_from, None)
        named = [old for old in existing if old.end is None or old.end < found.free_from]
        assert overlap(named, moved).kind is OverlapKind.NONE or any(old.end is None for old in named)


LOCKED = record("long_term_resident", "11", "2024-01-15", None, lock_until="2024-07-15")


@pytest.mark.parametrize("ask", [change_permission, cancel_permission], ids=["change", "cancel"])
@pytest.mark.parametrize(
    ("today", "codes", "possible_from"),
    [
        ("2024-01-15", ["record_locked"], "2024-07-16"),
        ("2024-07-15", ["record_locked"], "2024-07-16"),
        ("2024-07-16", [], "2024-07-16"),
        ("2030-01-01", [], "2030-01-01"),
    ],
)
def test_a_locked_filing_says_from_which_day_it_may_change_or_end(
    ask: Callable[[Pack, CareRecord, date], Permission], today: str, codes: list[str], possible_from: str
) -> None:
    permission = ask(ANKANG, LOCKED, date.fromisoformat(today))

    assert [problem.code for problem in permission.problems] == codes
    assert permission.possible_from == date.fromisoformat(possible_from)
    assert permission.allowed == (not codes)
    assert all("2024年7月16日" in problem.zh for problem in permission.problems)


def test_without_a_lock_a_filing_may_change_on_its_first_day() -> None:
    filed = record("long_term_resident", "11", "2024-01-15", None)

    assert change_permission(TAIYUAN, filed, date(2024, 1, 15)).allowed


def test_a_filing_that_has_ended_cannot_be_cancelled_but_may_be_made_anew() -> None:
    permission = cancel_permission(ANKANG, TEMPORARY_BEIJING, date(2024, 7, 2))

    (problem,) = permission.problems
    assert (problem.code, permission.possible_from) == ("record_ended", None)
    assert "重新备案" in problem.zh


def test_a_temporary_filing_may_be_cancelled_up_to_its_last_day() -> None:
    assert cancel_permission(ANKANG, TEMPORARY_BEIJING, date(2024, 7, 1)).allowed
