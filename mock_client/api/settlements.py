"""One's own bills: the list, one with its explanation, a year's sums, the statement."""

from typing import TypedDict

from mock_client.answers import Answer
from mock_client.api.base import Calls
from mock_client.api.remote_care import SourceAnswer


class BillSummaryAnswer(TypedDict):
    id: str
    person_id: str
    institution_id: str
    institution_name: str
    day: str
    year: int
    settled_at: str
    med_type: str
    med_type_text: str
    state: str
    state_text: str
    counts: bool
    ended_at: str | None
    medfee_fen: int
    fund_pay_fen: int
    acct_pay_fen: int
    acct_mulaid_pay_fen: int
    psn_cash_pay_fen: int
    text: str


class BillPageAnswer(TypedDict):
    items: list[BillSummaryAnswer]
    next_cursor: str | None


class BillStepAnswer(TypedDict):
    kind: str
    text: str
    amount_fen: int
    rule: str
    source: SourceAnswer | None


class BillLineAnswer(TypedDict):
    number: int
    name: str
    amount_fen: int
    own_expense_fen: int
    over_limit_fen: int
    first_share_fen: int
    in_scope_fen: int
    text: str
    source: SourceAnswer | None


class BillAnswer(BillSummaryAnswer):
    fulamt_ownpay_fen: int
    overlmt_selfpay_fen: int
    preselfpay_fen: int
    inscp_scp_fen: int
    act_pay_dedc_fen: int
    psn_part_fen: int
    balance_fen: int | None
    insutype: str
    insutype_text: str
    insu_admdvs: str
    insured_in: str
    mdtrt_id: str | None
    chrg_bchno: str
    pack_id: str | None
    pack_title: str | None
    genuine: bool
    genuine_text: str | None
    steps: list[BillStepAnswer]
    lines: list[BillLineAnswer]


class BillTotalsAnswer(TypedDict):
    count: int
    medfee_fen: int
    fund_pay_fen: int
    acct_pay_fen: int
    acct_mulaid_pay_fen: int
    psn_cash_pay_fen: int


class CareTotalsAnswer(BillTotalsAnswer):
    med_type: str
    med_type_text: str


class BenefitUseAnswer(TypedDict):
    accumulator: str
    name: str
    region: str
    counted_fen: int
    counted_caps_fen: list[int]
    deductible_used_fen: int
    deductible_yearly_fen: int | None
    fund_paid_fen: int
    fund_cap_fen: int | None
    bills: BillTotalsAnswer | None
    text: str
    sources: list[SourceAnswer]


class BillYearAnswer(TypedDict):
    person_id: str
    year: int
    until: str
    totals: BillTotalsAnswer
    care: list[CareTotalsAnswer]
    benefits: list[BenefitUseAnswer]
    without_benefit: BillTotalsAnswer
    taken_back: int
    text: str


class SettlementsApi(Calls):
    """One's own bills, or with ``person_id`` those of a minor whose guardian one is."""

    def list_settlements(
        self,
        *,
        year: int | None = None,
        person_id: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> BillPageAnswer:
        params = {"year": year, "person_id": person_id, "cursor": cursor, "limit": limit}
        answer: BillPageAnswer = self._get("/settlements", params)
        return answer

    def get_settlement(self, settlement_id: str) -> BillAnswer:
        answer: BillAnswer = self._get(f"/settlements/{settlement_id}")
        return answer

    def get_settlements_summary(
        self, *, year: int | None = None, person_id: str | None = None
    ) -> BillYearAnswer:
        answer: BillYearAnswer = self._get("/settlements/summary", {"year": year, "person_id": person_id})
        return answer

    def get_settlements_statement(
        self,
        *,
        year: int | None = None,
        format: str | None = None,  # noqa: A002 - the query's own name
        person_id: str | None = None,
    ) -> Answer:
        """The file: pdf (if not said otherwise) or csv."""
        params = {"year": year, "format": format, "person_id": person_id}
        return self._send("GET", "/settlements/statement", params=params)
