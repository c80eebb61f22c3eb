"""What goes in and out of the routes by which people read their own bills. Amounts in fen."""

from typing import Final

from marshmallow import fields

from app.benefits.model import MedType, StepKind
from app.filings.schemas import SourceAnswer
from app.identity.models import InsuType
from app.kit.api.schemas import AnswerSchema, CleanString, OneOf, Range, RequestSchema
from app.kit.pages import PageAnswer, PageQuery
from app.settlement.models import SettlementState

FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2100
_MED_TYPES = OneOf([one.value for one in MedType])


class _PersonQuery(RequestSchema):
    person_id = fields.UUID(load_default=None, metadata={"description": "A minor whose guardian I am"})


def _year(what: str) -> fields.Integer:
    return fields.Integer(
        load_default=None, validate=Range(min=FIRST_YEAR, max=LAST_YEAR), metadata={"description": what}
    )


class BillsQuery(PageQuery, _PersonQuery):
    year = _year("The year of the bill's day; without it all years")


class YearQuery(_PersonQuery):
    year = _year("Without it this year")


class BillStatementQuery(YearQuery):
    format = CleanString(load_default="pdf", validate=OneOf(["pdf", "csv"]))


class _AmountsAnswer(AnswerSchema):
    medfee_fen = fields.Integer(required=True, metadata={"description": "The whole bill"})
    fund_pay_fen = fields.Integer(
        required=True, metadata={"description": "The insurance, without the personal account"}
    )
    acct_pay_fen = fields.Integer(required=True, metadata={"description": "The person's own account"})
    acct_mulaid_pay_fen = fields.Integer(
        required=True, metadata={"description": "Relatives' accounts, by family sharing"}
    )
    psn_cash_pay_fen = fields.Integer(required=True, metadata={"description": "Cash"})


class BillSummaryAnswer(_AmountsAnswer):
    """A bill in a list."""

    id = fields.UUID(required=True)
    person_id = fields.UUID(required=True)
    institution_id = fields.UUID(required=True)
    institution_name = fields.String(required=True)
    day = fields.Date(required=True, metadata={"description": "The bill's day, by whose rules it is paid"})
    year = fields.Integer(required=True, metadata={"description": "Whose deductible and bounds it used"})
    settled_at = fields.AwareDateTime(required=True)
    med_type = fields.String(required=True, validate=_MED_TYPES)
    med_type_text = fields.String(required=True)
    state = fields.Enum(SettlementState, by_value=fields.String, required=True)
    state_text = fields.String(required=True)
    counts = fields.Boolean(required=True, metadata={"description": "False: it was taken back"})
    ended_at = fields.AwareDateTime(required=True, allow_none=True)
    text = fields.String(required=True, metadata={"description": "The bill in a sentence"})


class BillPageAnswer(PageAnswer):
    items = fields.List(fields.Nested(BillSummaryAnswer), required=True)


class BillStepAnswer(AnswerSchema):
    """One thing that happened to the bill, and the rule and source it rests on."""

    kind = fields.String(required=True, validate=OneOf([one.value for one in StepKind]))
    text = fields.String(required=True)
    amount_fen = fields.Integer(required=True, metadata={"description": "What the step is about"})
    rule = fields.String(required=True)
    source = fields.Nested(
        SourceAnswer, required=True, allow_none=True, metadata={"description": "null: plain arithmetic"}
    )


class BillLineAnswer(AnswerSchema):
    """One line of the bill taken apart."""

    number = fields.Integer(required=True)
    name = fields.String(required=True)
    amount_fen = fields.Integer(required=True)
    own_expense_fen = fields.Integer(required=True)
    over_limit_fen = fields.Integer(required=True)
    first_share_fen = fields.Integer(required=True)
    in_scope_fen = fields.Integer(required=True)
    text = fields.String(required=True)
    source = fields.Nested(SourceAnswer, required=True, allow_none=True)


class BillAnswer(BillSummaryAnswer):
    """A bill whole, with its explanation."""

    fulamt_ownpay_fen = fields.Integer(required=True, metadata={"description": "Class C"})
    overlmt_selfpay_fen = fields.Integer(required=True, metadata={"description": "Above price ceilings"})
    preselfpay_fen = fields.Integer(required=True, metadata={"description": "First share of class B"})
    inscp_scp_fen = fields.Integer(required=True, metadata={"description": "In scope"})
    act_pay_dedc_fen = fields.Integer(
        required=True, metadata={"description": "Taken by the yearly deductible"}
    )
    psn_part_fen = fields.Integer(required=True, metadata={"description": "Accounts and cash"})
    balance_fen = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "The personal account afterwards; null: has none"},
    )
    insutype = fields.Enum(InsuType, by_value=fields.String, required=True)
    insutype_text = fields.String(required=True)
    insu_admdvs = fields.String(required=True, metadata={"description": "The region that insures"})
    insured_in = fields.String(required=True)
    mdtrt_id = fields.String(required=True, allow_none=True)
    chrg_bchno = fields.String(
        required=True, metadata={"description": "The institution's number of the bill"}
    )
    pack_id = fields.String(
        required=True, allow_none=True, metadata={"description": "The rules; null: none known"}
    )
    pack_title = fields.String(required=True, allow_none=True)
    genuine = fields.Boolean(
        required=True, metadata={"description": "False: the record was changed outside of the product"}
    )
    genuine_text = fields.String(
        required=True, allow_none=True, metadata={"description": "What to do if it is not genuine"}
    )
    steps = fields.List(fields.Nested(BillStepAnswer), required=True)
    lines = fields.List(fields.Nested(BillLineAnswer), required=True)


class BillTotalsAnswer(_AmountsAnswer):
    count = fields.Integer(required=True)


class CareTotalsAnswer(BillTotalsAnswer):
    med_type = fields.String(required=True, validate=_MED_TYPES)
    med_type_text = fields.String(required=True)


class BenefitUseAnswer(AnswerSchema):
    """What a year used of a benefit, and its yearly bounds; null where it has none or no source gives it."""

    accumulator = fields.String(required=True)
    name = fields.String(required=True)
    region = fields.String(required=True)
    counted_fen = fields.Integer(required=True, metadata={"description": "Expense counted"})
    counted_caps_fen = fields.List(
        fields.Integer(),
        required=True,
        metadata={"description": "Its bounds for who holds one disease, two, …; empty: none"},
    )
    deductible_used_fen = fields.Integer(required=True)
    deductible_yearly_fen = fields.Integer(required=True, allow_none=True)
    fund_paid_fen = fields.Integer(required=True)
    fund_cap_fen = fields.Integer(required=True, allow_none=True)
    bills = fields.Nested(
        BillTotalsAnswer,
        required=True,
        allow_none=True,
        metadata={"description": "The bills it paid; null: relief on top of a benefit"},
    )
    text = fields.String(required=True)
    sources = fields.List(fields.Nested(SourceAnswer), required=True)


class BillYearAnswer(AnswerSchema):
    """A year. totals = the benefits' bills + without_benefit; bills that were taken back are counted in taken_back alone."""

    person_id = fields.UUID(required=True)
    year = fields.Integer(required=True)
    until = fields.Date(required=True)
    totals = fields.Nested(BillTotalsAnswer, required=True)
    care = fields.List(fields.Nested(CareTotalsAnswer), required=True)
    benefits = fields.List(fields.Nested(BenefitUseAnswer), required=True)
    without_benefit = fields.Nested(BillTotalsAnswer, required=True)
    taken_back = fields.Integer(required=True)
    text = fields.String(required=True)
