"""What settlement asks of vouchers: who stands behind a scanned code, and that it pays once.

proven = prove(actor, code, now=…, failures=failures())         at the scan: no statement
standing = …                                                    by STANDING, to which the caller joins what else is needed
ec_token = token_for(actor, proven, standing, business, now)
token = read_token(actor, ec_token, suits={…}, now=…)           at each transaction: no statement
require_unused(session, token)                                  where nothing is paid yet
asking_use(token, payment_id=…, now=…)                          in the transaction that pays, with what else it asks
"""

from datetime import datetime
from typing import NoReturn
from uuid import UUID

from sqlalchemy.orm import Session

from app.identity.actor import Actor
from app.kit.api.failures import FailureLimit
from app.kit.asking import Question
from app.vouchers import codes, queries, tokens
from app.vouchers.business import BusinessType
from app.vouchers.codes import Proven, Verdict
from app.vouchers.errors import (
    CLOCK_OFF,
    CODE_EXPIRED,
    CODE_UNKNOWN,
    CODE_USED,
    VOUCHER_NOT_ACTIVATED,
    VOUCHER_REVOKED,
)
from app.vouchers.keys import voucher_keys
from app.vouchers.queries import STANDING, STANDING_COLUMNS, Standing, standing_values
from app.vouchers.tokens import EcToken, read_token

__all__ = [
    "STANDING",
    "STANDING_COLUMNS",
    "BusinessType",
    "EcToken",
    "Proven",
    "Standing",
    "asking_use",
    "prove",
    "read_token",
    "refuse_use",
    "require_unused",
    "standing_values",
    "token_for",
]

_REFUSED = {Verdict.EXPIRED: CODE_EXPIRED, Verdict.CLOCK_OFF: CLOCK_OFF}


def prove(actor: Actor, code: str, *, now: datetime, failures: FailureLimit) -> Proven:
    """That a code which a terminal scanned is genuine and fresh. No statement.

    Codes that nobody made are counted as guesses, for each terminal. Raises CODE_UNKNOWN, CODE_EXPIRED, CLOCK_OFF,
    TOO_MANY_REQUESTS.
    """
    parts = codes.take_apart(code)
    if parts is None:
        # A payment code or anything else that lay under the scanner: no guess at a voucher.
        raise CODE_UNKNOWN()
    guesses = ("voucher_code", str(actor.account_id))
    failures.check(*guesses)
    judged = codes.judge(voucher_keys(), parts, now)
    if judged.step is None:
        failures.count(*guesses)
        raise CODE_UNKNOWN()
    if judged.verdict is not Verdict.LIVE:
        raise _REFUSED[judged.verdict]()
    return Proven(parts.handle, parts.slot, judged.step)


def token_for(actor: Actor, code: Proven, found: Standing, business: BusinessType, now: datetime) -> str:
    """The ``ec_token`` of a code that was scanned; scanning pays nothing and may be repeated. No statement.

    Raises VOUCHER_REVOKED, CODE_USED, NOT_ALLOWED for whoever is no terminal.
    """
    grant = tokens.terminal_grant(actor)
    _require_usable(found)
    token = EcToken(
        handle=code.handle,
        slot=code.slot,
        step=code.step,
        person_id=found.person_id,
        organisation_id=grant.organisation_id,
        account_id=actor.account_id,
        business=business,
    )
    return tokens.make_token(token, now)


def require_unused(session: Session, token: EcToken) -> None:
    """For what pays nothing yet: the voucher still holds and the code has not paid. One statement.

    Raises VOUCHER_REVOKED, VOUCHER_NOT_ACTIVATED, CODE_USED.
    """
    _require_usable(queries.standing(session, token.code))


def asking_use(token: EcToken, *, payment_id: UUID, now: datetime) -> Question[bool]:
    """Let the code pay, in the transaction that pays: once. payment_id: of what it pays for. False: ``refuse_use``.

    Of two payments at the same moment the second waits for the first.
    """
    use = {
        "handle": token.handle,
        "slot": token.slot,
        "step": token.step,
        "person_id": token.person_id,
        "payment_id": payment_id,
        "used_at": now,
    }
    return queries.asking_use(use)


def refuse_use(session: Session, token: EcToken) -> NoReturn:
    """Why a code does not pay. Raises CODE_USED, VOUCHER_REVOKED (also when revoked since the scan), VOUCHER_NOT_ACTIVATED."""
    _refuse(queries.standing(session, token.code))


def _require_usable(found: Standing | None) -> None:
    if found is None or not found.active or found.used:
        _refuse(found)


def _refuse(found: Standing | None) -> NoReturn:
    """What has paid is called used, though it was revoked since."""
    if found is None:
        raise VOUCHER_NOT_ACTIVATED()
    if found.used:
        raise CODE_USED()
    raise VOUCHER_REVOKED()
