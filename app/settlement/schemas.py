"""Answers of the terminal's routes, for the document: the transactions are written without marshmallow (``edge``)."""

from marshmallow import fields

from app.kit.api.schemas import AnswerSchema, CleanString, RequestSchema
from app.kit.api.schemas import OneOf as Choice
from app.vouchers.business import BusinessType


class DecodeRequest(RequestSchema):
    code = CleanString(
        required=True,
        metadata={"description": "What was scanned: 28 digits", "pattern": "^[0-9]{28}$"},
    )
    business_type = CleanString(required=True, validate=Choice([one.value for one in BusinessType]))


class BaseInfoAnswer(AnswerSchema):
    """Who the person is; name and number are masked."""

    psn_no = fields.String(required=True)
    psn_cert_type = fields.String(required=True, metadata={"description": "01 ID card, 99 birth certificate"})
    certno = fields.String(required=True, metadata={"description": "Masked"})
    psn_name = fields.String(required=True, metadata={"description": "Masked"})
    gend = fields.String(required=True)
    brdy = fields.Date(required=True)
    age = fields.Integer(required=True)


class InsuranceAnswer(AnswerSchema):
    """One insurance; those in force come first."""

    balc = fields.Float(required=True, metadata={"description": "Personal account in yuan"})
    insutype = fields.String(required=True)
    psn_type = fields.String(
        required=True,
        metadata={"description": "11 at work, 12 retired, 14 / 15 / 16 resident: minor, adult, from 60"},
    )
    insuplc_admdvs = fields.String(required=True)
    psn_insu_stas = fields.String(required=True, metadata={"description": "1 in force, 2 suspended, 4 ended"})
    psn_insu_date = fields.Date(required=True)
    paus_insu_date = fields.Date(required=True, allow_none=True)


class SpecialStandingAnswer(AnswerSchema):
    """What gives the person a better benefit."""

    psn_idet_type = fields.String(required=True, metadata={"description": "low_income"})
    psn_type_lv = fields.String(required=True, allow_none=True)
    begntime = fields.Date(required=True)
    endtime = fields.Date(required=True, allow_none=True)
    memo = fields.String(required=True)


class DecodedAnswer(AnswerSchema):
    ec_token = fields.String(
        required=True, metadata={"description": "mdtrt_cert_no under mdtrt_cert_type 01; ten minutes long"}
    )
    baseinfo = fields.Nested(BaseInfoAnswer, required=True)
    insuinfo = fields.List(fields.Nested(InsuranceAnswer), required=True)


class BadFieldAnswer(AnswerSchema):
    """What is wrong with one field of a message."""

    field = fields.String(required=True)
    code = fields.String(required=True)
    message = fields.String(required=True)


class OutputAnswer(AnswerSchema):
    """Instead of the output where fields of the message are wrong."""

    errors = fields.List(fields.Nested(BadFieldAnswer))


class EnvelopeAnswer(AnswerSchema):
    """The national envelope. infcode 0: done; any other is listed in docs/infcodes.md, err_msg says it in words."""

    infcode = fields.Integer(required=True)
    inf_refmsgid = fields.String(required=True)
    refmsg_time = fields.String(required=True, metadata={"description": "yyyyMMddHHmmssSSS"})
    respond_time = fields.String(required=True, metadata={"description": "yyyyMMddHHmmssSSS"})
    err_msg = fields.String(required=True)
    output = fields.Nested(OutputAnswer, required=True, allow_none=True)


class PersonOutputAnswer(OutputAnswer):
    baseinfo = fields.Nested(BaseInfoAnswer)
    insuinfo = fields.List(fields.Nested(InsuranceAnswer))
    idetinfo = fields.List(fields.Nested(SpecialStandingAnswer))


class PersonEnvelopeAnswer(EnvelopeAnswer):
    output = fields.Nested(PersonOutputAnswer, required=True, allow_none=True)


class HeldBenefitAnswer(AnswerSchema):
    """A benefit in force (opsp_dise_code …), the med_type under which it settles, whether it holds here."""

    opsp_dise_code = fields.String(required=True)
    opsp_dise_name = fields.String(required=True)
    begndate = fields.Date(required=True)
    enddate = fields.Date(required=True, allow_none=True)
    med_type = fields.String(
        required=True, metadata={"description": "14 chronic outpatient, 9901 two-disease"}
    )
    place_allowed = fields.String(
        required=True, metadata={"description": "1: at this institution; 0: the person chose others"}
    )


class BenefitsOutputAnswer(OutputAnswer):
    feedetail = fields.List(fields.Nested(HeldBenefitAnswer))


class BenefitsEnvelopeAnswer(EnvelopeAnswer):
    output = fields.Nested(BenefitsOutputAnswer, required=True, allow_none=True)


class SettlementInfoAnswer(AnswerSchema):
    """A bill settled, under the platform's names; amounts in yuan. medfee_sumamt = fund_pay_sumamt + acct_pay +
    acct_mulaid_pay + psn_cash_pay."""

    setl_id = fields.String(required=True, allow_none=True, metadata={"description": "None of a preview"})
    psn_no = fields.String(required=True)
    mdtrt_id = fields.String(required=True, allow_none=True)
    chrg_bchno = fields.String(required=True)
    insutype = fields.String(required=True)
    insu_admdvs = fields.String(required=True)
    med_type = fields.String(required=True)
    setl_time = fields.String(required=True, allow_none=True, metadata={"description": "yyyy-MM-dd HH:mm:ss"})
    medfee_sumamt = fields.Float(required=True)
    fulamt_ownpay_amt = fields.Float(required=True, metadata={"description": "Class C"})
    overlmt_selfpay = fields.Float(required=True, metadata={"description": "Above price ceilings"})
    preselfpay_amt = fields.Float(required=True, metadata={"description": "First share of class B"})
    inscp_scp_amt = fields.Float(required=True, metadata={"description": "In scope"})
    act_pay_dedc = fields.Float(required=True, metadata={"description": "Taken by the yearly deductible"})
    fund_pay_sumamt = fields.Float(required=True, metadata={"description": "Without the personal account"})
    psn_part_amt = fields.Float(
        required=True, metadata={"description": "The person's part: accounts and cash"}
    )
    acct_pay = fields.Float(required=True)
    acct_mulaid_pay = fields.Float(required=True, metadata={"description": "By family sharing"})
    psn_cash_pay = fields.Float(required=True)
    balc = fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "Personal account afterwards; None: has none"},
    )
    medins_setl_id = fields.String(
        required=True, metadata={"description": "The msgid of the message that settled"}
    )


class SettlementStepAnswer(AnswerSchema):
    """One step of the explanation, for the receipt."""

    setl_proc_info = fields.String(required=True)
    step_amt = fields.Float(required=True, metadata={"description": "The amount the step is about"})
    rule = fields.String(required=True)


class LaterBillAnswer(AnswerSchema):
    """infcode 505: a later bill of this institution that is to be undone first."""

    setl_id = fields.String(required=True)
    mdtrt_id = fields.String(required=True, allow_none=True)
    chrg_bchno = fields.String(required=True)
    setl_time = fields.String(required=True, metadata={"description": "yyyy-MM-dd HH:mm:ss"})


class StandingBillAnswer(LaterBillAnswer):
    """infcode 504: the bill that was paid and stands. Reverse (2601) this msgid, or undo (2208) this setl_id."""

    msgid = fields.String(required=True)


class SettlementOutputAnswer(OutputAnswer):
    standing = fields.Nested(StandingBillAnswer)
    setlinfo = fields.Nested(SettlementInfoAnswer)
    setldetail = fields.List(fields.Nested(SettlementStepAnswer))


class SettlementEnvelopeAnswer(EnvelopeAnswer):
    output = fields.Nested(SettlementOutputAnswer, required=True, allow_none=True)


class UndoneInfoAnswer(SettlementInfoAnswer):
    """The settlement that was taken back."""

    balc = fields.Float(
        required=True, allow_none=True, metadata={"description": "Always None here: 1101 tells it"}
    )
    refd_setl_flag = fields.String(required=True, metadata={"description": "1"})
    refd_time = fields.String(required=True, allow_none=True)
    refd_way = fields.String(required=True, metadata={"description": "2208 undone, 2601 reversed"})


class UndoneOutputAnswer(OutputAnswer):
    standing = fields.Nested(StandingBillAnswer)
    later = fields.List(fields.Nested(LaterBillAnswer), metadata={"description": "The last one first"})
    later_elsewhere = fields.Integer(
        metadata={"description": "infcode 505: how many such bills other institutions have"}
    )
    setlinfo = fields.Nested(
        UndoneInfoAnswer,
        allow_none=True,
        metadata={"description": "None: the reversed message paid nothing, and never will"},
    )


class UndoneEnvelopeAnswer(EnvelopeAnswer):
    output = fields.Nested(UndoneOutputAnswer, required=True, allow_none=True)


class StatementInfoAnswer(AnswerSchema):
    """Our sums beside whether theirs agree."""

    stmt_rslt = fields.String(required=True, metadata={"description": "0 equal, 1 different"})
    stmt_rslt_dscr = fields.String(required=True)
    fixmedins_setl_cnt = fields.Integer(required=True)
    medfee_sumamt = fields.Float(required=True)
    fund_pay_sumamt = fields.Float(required=True)
    acct_pay = fields.Float(required=True)
    acct_mulaid_pay = fields.Float(required=True)
    psn_cash_pay = fields.Float(required=True)
    diff_cnt = fields.Integer(metadata={"description": "With detail: how many bills differ"})


class BillAmountsAnswer(AnswerSchema):
    """The last two are None where the institution does not tell them."""

    medfee_sumamt = fields.Float(required=True)
    fund_pay_sumamt = fields.Float(required=True)
    acct_pay = fields.Float(required=True)
    acct_mulaid_pay = fields.Float(required=True, allow_none=True)
    psn_cash_pay = fields.Float(required=True, allow_none=True)


class DifferenceAnswer(AnswerSchema):
    """One bill that differs, and what to do about it."""

    kind = fields.String(required=True, metadata={"description": "ours_only, theirs_only or amounts_differ"})
    dscr = fields.String(required=True)
    setl_id = fields.String(required=True, allow_none=True)
    mdtrt_id = fields.String(required=True, allow_none=True)
    chrg_bchno = fields.String(required=True, allow_none=True)
    setl_time = fields.String(
        required=True, allow_none=True, metadata={"description": "Of ours: yyyy-MM-dd HH:mm:ss"}
    )
    ours = fields.Nested(BillAmountsAnswer, required=True, allow_none=True)
    theirs = fields.Nested(BillAmountsAnswer, required=True, allow_none=True)


class ReconciledOutputAnswer(OutputAnswer):
    stmtinfo = fields.Nested(StatementInfoAnswer)
    differences = fields.List(fields.Nested(DifferenceAnswer))


class ReconciledEnvelopeAnswer(EnvelopeAnswer):
    output = fields.Nested(ReconciledOutputAnswer, required=True, allow_none=True)
