"""The HTTP side of the national transactions: one call does a route's whole work.

    return transact(inquiries.PERSON, inquiries.look_up_person)

The body is read into a ``Message``, the terminal's institution found, the work done in the request's one transaction,
and its output put into the envelope. A refusal is raised, like everywhere, so that nothing of it is kept; here, once
the body was a JSON object, it leaves with HTTP 200 and an infcode (``answer_refusal``). Who is not signed in or no
terminal, sends no JSON or too much of it, or calls too often, gets a problem document, and so does everybody if we
fail ourselves: a terminal that gets no envelope reverses (2601).
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NoReturn

import structlog
from flask import Response, g, request
from prometheus_client import Counter
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from app.identity.current import actor
from app.kit.api.context import context, current_language
from app.kit.api.failures import failures
from app.kit.api.problems import from_exception, from_http_exception, problem_response
from app.kit.api.ready import ready
from app.kit.api.smorest import Blueprint
from app.kit.errors import BUSY, UNAVAILABLE, WRONG_CONTENT_TYPE
from app.settlement.envelope import (
    Message,
    Transaction,
    answered,
    read_parsed,
    refused,
    request_schema,
    take_in,
)
from app.settlement.errors import TRANSACTION_UNKNOWN
from app.settlement.identify import GUESSES, tries_a_number
from app.settlement.infcodes import infcode_of
from app.settlement.institution import Terminal, terminal_of
from app.settlement.parsing import parse

Work = Callable[[Session, Terminal, Message], Mapping[str, Any]]
"""What a transaction does: the session, who calls, what came → the envelope's output."""

_ANSWERED_ALSO: Final = frozenset({BUSY.code, UNAVAILABLE.code})
_JSON: Final = "application/json"
_UNKNOWN: Final = "unknown"
_log = structlog.get_logger(__name__)
REFUSALS: Final = Counter("zhangban_refusals_total", "National transactions refused", ["infno", "infcode"])
"""They leave with HTTP 200, so no other figure shows them."""


def transact(transaction: Transaction, work: Work) -> Response:
    """Do one transaction of the terminal that calls. Refusals are raised; see ``answer_refusal``."""
    message = read_parsed(_take_in(transaction.infno), transaction)
    if tries_a_number(message.given):
        # Whoever guesses too often must still be able to take back, to compare, and to serve those who show a code.
        failures().check(*_guesses())
        g.may_guess = True
    session = context().session
    terminal = terminal_of(session, actor(), message.header, without_contract=transaction.without_contract)
    return ready(answered(g.receipt, work(session, terminal, message)))


def refuse_unknown(known: Iterable[str]) -> NoReturn:
    """A transaction that there is not. Raises TRANSACTION_UNKNOWN with the numbers of those that there are."""
    _take_in(_UNKNOWN)
    raise TRANSACTION_UNKNOWN(known=", ".join(sorted(known)))


def answer_refusal(error: Exception) -> Response:
    """The blueprint's error handler: an envelope for whatever happens after a message was taken in."""
    problem = from_http_exception(error) if isinstance(error, HTTPException) else from_exception(error)
    if "receipt" not in g:
        return problem_response(problem)
    if "may_guess" in g and problem.kind.code in GUESSES:
        failures().count(*_guesses())
    if problem.kind.status >= 500 and problem.kind.code not in _ANSWERED_ALSO:
        return problem_response(problem)
    _note_refusal(problem.kind.code)
    return ready(refused(g.receipt, problem, current_language()))


def documented(transaction: Transaction) -> Callable[[Any], Any]:
    """Puts a transaction's message into the OpenAPI document of its route."""
    name = f"{transaction.name.zh} · {transaction.name.en}"
    return _documented(request_schema(transaction), f"{transaction.infno} {name}")


def documented_as(schema: Mapping[str, Any], words: str) -> Callable[[Any], Any]:
    """The same with another shape of message."""
    return _documented(dict(schema), words)


def _documented(schema: dict[str, Any], words: str) -> Callable[[Any], Any]:
    decorate: Callable[[Any], Any] = Blueprint.doc(
        requestBody={"required": True, "description": words, "content": {_JSON: {"schema": schema}}},
        # The parser describes these for others; these routes read their bodies themselves.
        responses={status: f"PROBLEM_{status}" for status in ("400", "413", "415")},
    )
    return decorate


def _take_in(infno: str) -> dict[str, Any]:
    """The body, and from here on an envelope for the answer. Raises WRONG_CONTENT_TYPE or MALFORMED."""
    if request.mimetype != _JSON:
        raise WRONG_CONTENT_TYPE(expected=_JSON)
    sent = parse(request.get_data())
    grants = actor().grants
    g.receipt = take_in(grants[0].region_code if grants else "")
    g.infno = infno
    return sent


def _note_refusal(code: str) -> None:
    """For operations: which refusal, and the number by which the institution will ask about it."""
    infcode = infcode_of(code)
    REFUSALS.labels(g.infno, infcode).inc()
    _log.info("transaction_refused", infno=g.infno, infcode=infcode, code=code, inf_refmsgid=g.receipt.number)


def _guesses() -> tuple[str, str]:
    """Under what a terminal's mismatches count."""
    return "identification", str(actor().account_id)
