"""Hospital and pharmacy systems: the scan, and the national transactions in their envelope."""

from collections.abc import Mapping
from typing import Any, NotRequired, TypeAlias, TypedDict, cast

from mock_client.answers import JsonValue
from mock_client.api.base import Calls, given

Fields: TypeAlias = Mapping[str, Any]
"""What a transaction's input holds: the fields directly, or under data."""


class Header(TypedDict, total=False):
    """What else the envelope may hold; terminals send more or less of it."""

    infno: str
    mdtrtarea_admvs: str
    insuplc_admdvs: str
    recer_sys_code: str
    dev_no: str
    dev_safe_info: str
    cainfo: str
    signtype: str
    infver: str
    opter_type: str
    opter: str
    opter_name: str
    inf_time: str
    fixmedins_code: str
    fixmedins_name: str
    sign_no: str


class BaseInfoAnswer(TypedDict):
    psn_no: str
    psn_cert_type: str
    certno: str
    psn_name: str
    gend: str
    brdy: str
    age: int


class InsuranceAnswer(TypedDict):
    balc: float
    insutype: str
    psn_type: str
    insuplc_admdvs: str
    psn_insu_stas: str
    psn_insu_date: str
    paus_insu_date: str | None


class SpecialStandingAnswer(TypedDict):
    psn_idet_type: str
    psn_type_lv: str | None
    begntime: str
    endtime: str | None
    memo: str


class DecodedAnswer(TypedDict):
    ec_token: str
    baseinfo: BaseInfoAnswer
    insuinfo: list[InsuranceAnswer]


class BadFieldAnswer(TypedDict):
    field: str
    code: str
    message: str


class OutputAnswer(TypedDict, total=False):
    errors: list[BadFieldAnswer]


class EnvelopeAnswer(TypedDict):
    infcode: int
    inf_refmsgid: str
    refmsg_time: str
    respond_time: str
    err_msg: str
    output: OutputAnswer | None


class PersonOutputAnswer(TypedDict, total=False):
    errors: list[BadFieldAnswer]
    baseinfo: BaseInfoAnswer
    insuinfo: list[InsuranceAnswer]
    idetinfo: list[SpecialStandingAnswer]


class PersonEnvelopeAnswer(TypedDict):
    infcode: int
    inf_refmsgid: str
    refmsg_time: str
    respond_time: str
    err_msg: str
    output: PersonOutputAnswer | None


class HeldBenefitAnswer(TypedDict):
    opsp_dise_code: str
    opsp_dise_name: str
    begndate: str
    enddate: str | None
    med_type: str
    place_allowed: str


class BenefitsOutputAnswer(TypedDict, total=False):
    errors: list[BadFieldAnswer]
    feedetail: list[HeldBenefitAnswer]


class BenefitsEnvelopeAnswer(TypedDict):
    infcode: int
    inf_refmsgid: str
    refmsg_time: str
    respond_time: str
    err_msg: str
    output: BenefitsOutputAnswer | None


class SettlementInfoAnswer(TypedDict):
    setl_id: str | None
    psn_no: str
    mdtrt_id: str | None
    chrg_bchno: str
    insutype: str
    insu_admdvs: str
    med_type: str
    setl_time: str | None
    medfee_sumamt: float
    fulamt_ownpay_amt: float
    overlmt_selfpay: float
    preselfpay_amt: float
    inscp_scp_amt: float
    act_pay_dedc: float
    fund_pay_sumamt: float
    psn_part_amt: float
    acct_pay: float
    acct_mulaid_pay: float
    psn_cash_pay: float
    balc: float | None
    medins_setl_id: str


class SettlementStepAnswer(TypedDict):
    setl_proc_info: str
    step_amt: float
    rule: str


class LaterBillAnswer(TypedDict):
    setl_id: str
    mdtrt_id: str | None
    chrg_bchno: str
    setl_time: str


class StandingBillAnswer(LaterBillAnswer):
    msgid: str


class SettlementOutputAnswer(TypedDict, total=False):
    errors: list[BadFieldAnswer]
    standing: StandingBillAnswer
    setlinfo: SettlementInfoAnswer
    setldetail: list[SettlementStepAnswer]


class SettlementEnvelopeAnswer(TypedDict):
    infcode: int
    inf_refmsgid: str
    refmsg_time: str
    respond_time: str
    err_msg: str
    output: SettlementOutputAnswer | None


class UndoneInfoAnswer(SettlementInfoAnswer):
    refd_setl_flag: str
    refd_time: str | None
    refd_way: str


class UndoneOutputAnswer(TypedDict, total=False):
    errors: list[BadFieldAnswer]
    standing: StandingBillAnswer
    later: list[LaterBillAnswer]
    later_elsewhere: int
    setlinfo: UndoneInfoAnswer | None


class UndoneEnvelopeAnswer(TypedDict):
    infcode: int
    inf_refmsgid: str
    refmsg_time: str
    respond_time: str
    err_msg: str
    output: UndoneOutputAnswer | None


class StatementInfoAnswer(TypedDict):
    stmt_rslt: str
    stmt_rslt_dscr: str
    fixmedins_setl_cnt: int
    medfee_sumamt: float
    fund_pay_sumamt: float
    acct_pay: float
    acct_mulaid_pay: float
    psn_cash_pay: float
    diff_cnt: NotRequired[int]


class BillAmountsAnswer(TypedDict):
    medfee_sumamt: float
    fund_pay_sumamt: float
    acct_pay: float
    acct_mulaid_pay: float | None
    psn_cash_pay: float | None


class DifferenceAnswer(TypedDict):
    kind: str
    dscr: str
    setl_id: str | None
    mdtrt_id: str | None
    chrg_bchno: str | None
    setl_time: str | None
    ours: BillAmountsAnswer | None
    theirs: BillAmountsAnswer | None


class ReconciledOutputAnswer(TypedDict, total=False):
    errors: list[BadFieldAnswer]
    stmtinfo: StatementInfoAnswer
    differences: list[DifferenceAnswer]


class ReconciledEnvelopeAnswer(TypedDict):
    infcode: int
    inf_refmsgid: str
    refmsg_time: str
    respond_time: str
    err_msg: str
    output: ReconciledOutputAnswer | None


class TerminalApi(Calls):
    """A transaction is answered with HTTP 200 whether done (infcode 0) or refused."""

    def decode_voucher_code(self, code: str, business_type: str) -> DecodedAnswer:
        answer: DecodedAnswer = self._post("/terminal/decode", given(code=code, business_type=business_type))
        return answer

    def transact_1101(
        self,
        msgid: str,
        input: Fields,  # noqa: A002 - the envelope's name
        header: Header | None = None,
    ) -> PersonEnvelopeAnswer:
        answer: PersonEnvelopeAnswer = self._transact("1101", msgid, input, header)
        return answer

    def transact_2206(
        self,
        msgid: str,
        input: Fields,  # noqa: A002 - the envelope's name
        header: Header | None = None,
    ) -> SettlementEnvelopeAnswer:
        """What settling a bill would come to now."""
        answer: SettlementEnvelopeAnswer = self._transact("2206", msgid, input, header)
        return answer

    def transact_2207(
        self,
        msgid: str,
        input: Fields,  # noqa: A002 - the envelope's name
        header: Header | None = None,
    ) -> SettlementEnvelopeAnswer:
        """Settle a bill."""
        answer: SettlementEnvelopeAnswer = self._transact("2207", msgid, input, header)
        return answer

    def transact_2208(
        self,
        msgid: str,
        input: Fields,  # noqa: A002 - the envelope's name
        header: Header | None = None,
    ) -> UndoneEnvelopeAnswer:
        """Undo a settlement."""
        answer: UndoneEnvelopeAnswer = self._transact("2208", msgid, input, header)
        return answer

    def transact_2601(
        self,
        msgid: str,
        input: Fields,  # noqa: A002 - the envelope's name
        header: Header | None = None,
    ) -> UndoneEnvelopeAnswer:
        """Reverse a message that got no answer."""
        answer: UndoneEnvelopeAnswer = self._transact("2601", msgid, input, header)
        return answer

    def transact_3201(
        self,
        msgid: str,
        input: Fields,  # noqa: A002 - the envelope's name
        header: Header | None = None,
    ) -> ReconciledEnvelopeAnswer:
        """Compare bills with ours."""
        answer: ReconciledEnvelopeAnswer = self._transact("3201", msgid, input, header)
        return answer

    def transact_5301(
        self,
        msgid: str,
        input: Fields,  # noqa: A002 - the envelope's name
        header: Header | None = None,
    ) -> BenefitsEnvelopeAnswer:
        answer: BenefitsEnvelopeAnswer = self._transact("5301", msgid, input, header)
        return answer

    def transact_unknown(
        self,
        number: str,
        msgid: str,
        input: Fields,  # noqa: A002 - the envelope's name
        header: Header | None = None,
    ) -> EnvelopeAnswer:
        """Any other number: refused in an envelope."""
        answer: EnvelopeAnswer = self._transact(number, msgid, input, header)
        return answer

    def _transact(self, infno: str, msgid: str, fields: Fields, header: Header | None) -> Any:
        known = cast(Mapping[str, JsonValue], header or {})
        body = {"infno": infno, **known, "msgid": msgid, "input": fields}
        return self._post(f"/terminal/transactions/{infno}", body)
