"""A year's sums, on both databases: they sum differently."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from app.kit import clock
from app.places.models import InstitutionType
from app.settlement import person_bills, summary
from tests.settlement.bills import bill, drugs
from tests.settlement.counter import Counter
from tests.settlement.test_settling import employee
from tests.world import World

NOTHING = {
    "count": 0,
    "medfee_fen": 0,
    "fund_pay_fen": 0,
    "acct_pay_fen": 0,
    "acct_mulaid_pay_fen": 0,
    "psn_cash_pay_fen": 0,
}


@pytest.fixture
def database_url(both_databases: str) -> str:
    return both_databases


def test_the_year_is_summed_by_care_and_benefit_without_what_was_taken_back(world: World) -> None:
    pharmacy = Counter(world, InstitutionType.PHARMACY, "230502")
    hospital = Counter(world, InstitutionType.HOSPITAL, "230502", level=2)
    patient = employee(world, 100_00)
    pharmacy.output("2207", **bill(patient, drugs("550.00"), med_type="41"))
    hospital.output("2207", **bill(patient, drugs("150.00"), med_type="11"))
    hospital.output("2207", **bill(patient, drugs("80.00"), med_type="21"))
    undone = hospital.output("2207", **bill(patient, drugs("90.00"), med_type="11"))["setlinfo"]
    hospital.output("2208", setl_id=undone["setl_id"], psn_no=undone["psn_no"])
    last_year = f"{clock.today().year - 1}-05-01 10:00:00"
    pharmacy.output("2207", **bill(patient, drugs("9.00"), med_type="21", setl_time=last_year))
    found = patient.ok("GET", "/settlements/summary")
    assert found["totals"] == {
        "count": 3,
        "medfee_fen": 78000,
        "fund_pay_fen": 7000,  # 50 of the 150 are the rest of the deductible, of 100 the fund pays 70 %
        "acct_pay_fen": 10000,
        "acct_mulaid_pay_fen": 0,
        "psn_cash_pay_fen": 61000,
    }
    assert [(one["med_type"], one["medfee_fen"]) for one in found["care"]] == [
        ("11", 15000),
        ("21", 8000),
        ("41", 55000),
    ]
    [use] = found["benefits"]
    assert (use["accumulator"], use["bills"]["count"], use["bills"]["psn_cash_pay_fen"]) == (
        "2305:outpatient_pooling",
        2,
        53000,
    )
    assert (use["deductible_used_fen"], use["deductible_yearly_fen"]) == (60000, 60000)
    assert (use["fund_paid_fen"], use["fund_cap_fen"]) == (7000, 200000)
    assert use["counted_fen"] == 70000
    # inpatient care there has no rule: cash
    assert found["without_benefit"] == {**NOTHING, "count": 1, "medfee_fen": 8000, "psn_cash_pay_fen": 8000}
    assert found["taken_back"] == 1
    [listed] = patient.ok("GET", f"/settlements?year={clock.today().year - 1}")["items"]
    assert listed["medfee_fen"] == 900


@pytest.mark.parametrize("path", ["/settlements/summary", "/settlements/statement"])
def test_a_bill_that_settles_meanwhile_is_in_none_of_the_figures_of_a_year(
    world: World, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """Not in what the benefit has used while it is missing in the sums, or the other way round."""
    pharmacy = Counter(world, InstitutionType.PHARMACY, "230502")
    patient = employee(world, 0)
    pharmacy.output("2207", **bill(patient, drugs("100.00"), med_type="41"))
    years: list[Any] = []
    sums_of_year, year_of = person_bills.sums_of_year, summary.year_of

    def settle_meanwhile(*asked: Any) -> Any:
        groups = sums_of_year(*asked)
        wish = bill(patient, drugs("50.00"), med_type="41")
        with ThreadPoolExecutor(1) as elsewhere:
            elsewhere.submit(pharmacy.output, "2207", **wish).result()
        return groups

    monkeypatch.setattr(person_bills, "sums_of_year", settle_meanwhile)
    monkeypatch.setattr(summary, "year_of", lambda *asked: years.append(year_of(*asked)) or years[0])  # type: ignore[func-returns-value]
    assert patient.send("GET", path).status_code == 200
    [found] = years
    [use] = found.benefits
    assert (found.totals.medfee_fen, use.used.deductible_fen) == (100_00, 100_00)
