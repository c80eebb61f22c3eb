"""A scan: the code's proof, its voucher, the person behind it, and a token with which the terminal goes on.

A code that nobody made costs no statement: its proof is looked at before anything is read (app.vouchers).
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.identity import service as identity
from app.identity.actor import Actor
from app.kit import clock
from app.kit.api.failures import FailureLimit
from app.kit.errors import NOT_FOUND
from app.settlement.businesses import SCANNED_AT
from app.settlement.errors import BUSINESS_NOT_HERE
from app.settlement.inquiries import shown
from app.settlement.institution import terminal_of
from app.vouchers import service as vouchers
from app.vouchers.business import WORDS, BusinessType


def scan(
    session: Session, actor: Actor, code: str, business_type: str, failures: FailureLimit
) -> Mapping[str, Any]:
    """Decode a code for one business: ec_token, baseinfo, insuinfo. Pays nothing and may be repeated.

    Raises what is wrong with the code (app.vouchers.errors), BUSINESS_NOT_HERE, TERMINAL_WITHOUT_INSTITUTION or
    INSTITUTION_INACTIVE, TOO_MANY_REQUESTS after many codes that nobody made.
    """
    business = BusinessType(business_type)
    decoded = vouchers.decode(session, actor, code, business, now=clock.now(), failures=failures)
    terminal = terminal_of(session, actor)
    if business not in SCANNED_AT[terminal.institution.type]:
        raise BUSINESS_NOT_HERE(business=WORDS[business])
    person = identity.insured_by_id(session, decoded.person_id)
    if person is None:
        raise NOT_FOUND()
    seen = shown(session, terminal, person)
    return {"ec_token": decoded.ec_token, "baseinfo": seen["baseinfo"], "insuinfo": seen["insuinfo"]}
