"""Routes of hospital and pharmacy systems: the scan, and one endpoint for each national transaction."""

from typing import Any, Final

from flask import Response

from app.identity.current import actor
from app.kit.api.context import context
from app.kit.api.failures import failures
from app.kit.api.ready import ready
from app.kit.api.smorest import Blueprint
from app.settlement import decoding, inquiries, reconciling, schemas, settling, undoing
from app.settlement.edge import answer_refusal, documented, documented_as, refuse_unknown, transact
from app.settlement.envelope import Transaction, any_message_schema

blueprint = Blueprint("terminal", __name__, description="医院药店终端 · hospital and pharmacy systems")
blueprint.register_error_handler(Exception, answer_refusal)

TRANSACTIONS: Final[dict[str, Transaction]] = {
    one.infno: one
    for one in (
        inquiries.PERSON,
        settling.PREVIEW,
        settling.SETTLE,
        undoing.UNDO,
        undoing.REVERSE,
        reconciling.RECONCILE,
        inquiries.BENEFITS,
    )
}
"""Every transaction that has a route below."""


@blueprint.post("/terminal/decode")
@blueprint.arguments(schemas.DecodeRequest)
@blueprint.response(200, schemas.DecodedAnswer)
def decode_voucher_code(data: dict[str, Any]) -> Response:
    """Who shows this code, masked, and a token for what the code was scanned for. Pays nothing."""
    return ready(decoding.scan(context().database, actor(), **data, failures=failures()))


@blueprint.post("/terminal/transactions/1101")
@documented(inquiries.PERSON)
@blueprint.response(200, schemas.PersonEnvelopeAnswer)
def transact_1101() -> Response:
    """Who a person is and how insured."""
    return transact(inquiries.PERSON, inquiries.look_up_person)


@blueprint.post("/terminal/transactions/2206")
@documented(settling.PREVIEW)
@blueprint.response(200, schemas.SettlementEnvelopeAnswer)
def transact_2206() -> Response:
    """What settling a bill would come to now. Pays nothing; the person sees that it was asked."""
    return transact(settling.PREVIEW, settling.preview)


@blueprint.post("/terminal/transactions/2207")
@documented(settling.SETTLE)
@blueprint.response(200, schemas.SettlementEnvelopeAnswer)
def transact_2207() -> Response:
    """Settle a bill; the same bill again gets the first answer again."""
    return transact(settling.SETTLE, settling.settle)


@blueprint.post("/terminal/transactions/2208")
@documented(undoing.UNDO)
@blueprint.response(200, schemas.UndoneEnvelopeAnswer)
def transact_2208() -> Response:
    """Undo a settlement whole."""
    return transact(undoing.UNDO, undoing.undo)


@blueprint.post("/terminal/transactions/2601")
@documented(undoing.REVERSE)
@blueprint.response(200, schemas.UndoneEnvelopeAnswer)
def transact_2601() -> Response:
    """Reverse a message that got no answer, whether it was done, is on its way or never comes."""
    return transact(undoing.REVERSE, undoing.reverse)


@blueprint.post("/terminal/transactions/3201")
@documented(reconciling.RECONCILE)
@blueprint.response(200, schemas.ReconciledEnvelopeAnswer)
def transact_3201() -> Response:
    """Compare an institution's bills of a day, or of up to 31 days, with ours."""
    return transact(reconciling.RECONCILE, reconciling.reconcile)


@blueprint.post("/terminal/transactions/5301")
@documented(inquiries.BENEFITS)
@blueprint.response(200, schemas.BenefitsEnvelopeAnswer)
def transact_5301() -> Response:
    """Which chronic-disease and two-disease benefits a person holds."""
    return transact(inquiries.BENEFITS, inquiries.list_benefits)


@blueprint.post("/terminal/transactions/<string(maxlength=10):infno>")
@documented_as(any_message_schema(), "Any message")
@blueprint.response(200, schemas.EnvelopeAnswer)
def transact_unknown(infno: str) -> Response:  # noqa: ARG001 - which one it is makes no difference
    """A transaction that there is not: an envelope whose infcode says so."""
    refuse_unknown(TRANSACTIONS)
