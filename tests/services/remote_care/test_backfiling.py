"""Filing late: before discharge it settles directly, after paying oneself it allows manual reimbursement."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.remote_care.backfiling import BackfileOutcome, Settled, judge_backfile
from app.services.remote_care.categories import Category
from app.services.remote_care.pack_model import Pack
from app.services.remote_care.packs import catalogue, pack_for

TODAY = date(2024, 5, 20)
TAIYUAN = pack_for("1401", TODAY)


def judge(
    admitted: str, discharged: str | None, settled: str, category: Category = Category.OTHER_TEMPORARY
) -> tuple[str, list[str], date | None]:
    found = judge_backfile(
        TAIYUAN,
        category,
        admitted=date.fromisoformat(admitted),
        discharged=date.fromisoformat(discharged) if discharged else None,
        settled=Settled(settled),
        today=TODAY,
    )
    return (found.outcome.value, [problem.code for problem in found.problems], found.begin)


@pytest.mark.parametrize(
    ("admitted", "discharged", "settled", "outcome"),
    [
        pytest.param("2024-05-10", None, "not_yet", "direct_settlement", id="still in hospital"),
        pytest.param("2024-05-20", None, "not_yet", "direct_settlement", id="admitted today"),
        pytest.param(
            "2024-05-10", "2024-05-20", "not_yet", "direct_settlement", id="leaving today, bill open"
        ),
        pytest.param(
            "2024-05-10", "2024-05-18", "not_yet", "direct_settlement", id="gone home, bill still open"
        ),
        pytest.param(
            "2024-05-10", "2024-05-18", "self_paid", "manual_reimbursement", id="gone home, paid oneself"
        ),
        pytest.param(
            "2023-06-01",
            "2023-06-09",
            "self_paid",
            "manual_reimbursement",
            id="nearly a year ago, paid oneself",
        ),
    ],
)
def test_late_filing_counts_from_admission(
    admitted: str, discharged: str | None, settled: str, outcome: str
) -> None:
    assert judge(admitted, discharged, settled) == (outcome, [], date.fromisoformat(admitted))


@pytest.mark.parametrize(
    ("admitted", "discharged", "settled", "codes"),
    [
        pytest.param(
            "2024-05-10", "2024-05-18", "direct", ["backfile_settled_already"], id="settled directly"
        ),
        pytest.param("2024-05-21", None, "not_yet", ["admission_in_future"], id="not yet admitted"),
        pytest.param(
            "2023-05-20", "2023-06-01", "self_paid", ["admission_too_long_ago"], id="over a year ago"
        ),
        pytest.param("2024-05-10", "2024-05-21", "not_yet", ["discharge_in_future"], id="discharge to come"),
        pytest.param(
            "2024-05-10", "2024-05-09", "self_paid", ["discharge_before_admission"], id="out before in"
        ),
        pytest.param("2024-05-10", None, "self_paid", ["discharge_missing"], id="paid without leaving"),
        pytest.param(
            "2024-05-25",
            "2024-05-24",
            "self_paid",
            ["admission_in_future", "discharge_in_future", "discharge_before_admission"],
            id="all that is wrong at once",
        ),
    ],
)
def test_late_filing_is_refused_with_every_reason_at_once(
    admitted: str, discharged: str | None, settled: str, codes: list[str]
) -> None:
    assert judge(admitted, discharged, settled) == ("refused", codes, None)


@given(
    st.sampled_from(catalogue().packs),
    st.sampled_from(Category),
    st.dates(date(2023, 1, 1), date(2025, 1, 1)),
    st.none() | st.dates(date(2023, 1, 1), date(2025, 1, 1)),
    st.sampled_from(Settled),
)
def test_late_filing_is_either_refused_with_a_reason_or_begins_with_the_stay(
    pack: Pack, category: Category, admitted: date, discharged: date | None, settled: Settled
) -> None:
    found = judge_backfile(
        pack,
        category,
        admitted=admitted,
        discharged=discharged,
        settled=settled,
        today=TODAY,
    )

    assert found.words.zh
    assert found.words.en
    if found.outcome is BackfileOutcome.REFUSED:
        assert found.problems
        assert found.begin is None
    else:
        assert not found.problems
        assert found.begin == admitted
        assert (found.outcome is BackfileOutcome.MANUAL_REIMBURSEMENT) == (settled is Settled.SELF_PAID)
