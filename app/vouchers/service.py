"""What settlement asks of vouchers: who stands behind a scanned code, and that it pays once.

decoded = decode(session, actor, code, business, now=…, failures=failures())    at the scan
token = read_token(actor, ec_token, suits={…}, now=…)                           at each transaction: no statement
require_unused(session, token)                                                  where nothing is paid yet
claim_use(session, token, institution_id=…, order_no=…, now=…)                  in the transaction that pays
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn
from uuid import UUID

from sqlalchemy.orm import Session

from app.identity.actor import Actor
from app.kit.api.failures import FailureLimit
from app.vouchers import codes, queries, tokens
from app.vouchers.business import BusinessType
from app.vouchers.codes import Verdict
from app.vouchers.errors import (
    CLOCK_OFF,
    CODE_EXPIRED,
    CODE_UNKNOWN,
    CODE_USED,
    VOUCHER_NOT_ACTIVATED,
    VOUCHER_REVOKED,
)
from app.vouchers.keys import voucher_keys
from app.vouchers.queries import Standing
from app.vouchers.tokens import EcToken, read_token

__all__ = ["BusinessType", "Decoded", "EcToken", "claim_use", "decode", "read_token", "require_unused"]

_REFUSED = {Verdict.EXPIRED: CODE_EXPIRED, Verdict.CLOCK_OFF: CLOCK_OFF}


@dataclass(frozen=True, slots=True)
class Decoded:
    """Who stands behind a code, and the token with which the terminal goes on."""

    ec_token: str
    person_id: UUID
    token: EcToken


def decode(
    session: Session,
    actor: Actor,
    code: str,
    business: BusinessType,
    *,
    now: datetime,
    failures: FailureLimit,
) -> Decoded:
    """Who stands behind a code that a terminal scanned. Scanning pays nothing and may be repeated.

    That the code is genuine and fresh shows without the database; then one statement tells whether it still holds.
    Codes that nobody made are counted as guesses, for each terminal. Raises CODE_UNKNOWN, CODE_EXPIRED, CLOCK_OFF,
    VOUCHER_NOT_ACTIVATED, VOUCHER_REVOKED, CODE_USED, TOO_MANY_REQUESTS.
    """
    grant = tokens.terminal_grant(actor)
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
    found = queries.standing(session, parts.handle, parts.slot, judged.step)
    if found is None or not found.active or found.used_by is not None:
        _refuse(found)
    token = EcToken(
        handle=parts.handle,
        slot=parts.slot,
        step=judged.step,
        person_id=found.person_id,
        organisation_id=grant.organisation_id,
        account_id=actor.account_id,
        business=business,
    )
    return Decoded(tokens.make_token(token, now), found.person_id, token)


def require_unused(session: Session, token: EcToken) -> None:
    """For what pays nothing yet: the voucher still holds and the code has not paid. One statement.

    Raises VOUCHER_REVOKED, VOUCHER_NOT_ACTIVATED, CODE_USED.
    """
    found = queries.standing(session, token.handle, token.slot, token.step)
    if found is None or not found.active or found.used_by is not None:
        _refuse(found)


def claim_use(
    session: Session, token: EcToken, *, institution_id: UUID, order_no: str, now: datetime
) -> None:
    """Let the code pay for an order, in the transaction that pays: once. The same order may claim it again.

    order_no: the institution's, at most 80 characters. One statement where all is well. Of two orders at the same
    moment the second waits for the first. Raises CODE_USED, VOUCHER_REVOKED (also when revoked since the scan),
    VOUCHER_NOT_ACTIVATED.
    """
    use = {
        "handle": token.handle,
        "slot": token.slot,
        "step": token.step,
        "person_id": token.person_id,
        "institution_id": institution_id,
        "order_no": order_no,
        "used_at": now,
    }
    if queries.insert_use(session, use):
        return
    found = queries.standing(session, token.handle, token.slot, token.step)
    if found is None or (found.used_by, found.order_no) != (institution_id, order_no):
        _refuse(found)


def _refuse(found: Standing | None) -> NoReturn:
    """What has paid is called used, though it was revoked since."""
    if found is None:
        raise VOUCHER_NOT_ACTIVATED()
    if found.used_by is not None:
        raise CODE_USED()
    raise VOUCHER_REVOKED()
