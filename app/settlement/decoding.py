"""A scan: the code's proof, its voucher, the person behind it, and a token with which the terminal goes on.

Every patient who shows a code waits for it: one statement finds everything, one more keeps for the person that the terminal
has looked. A code that nobody made is known before anything is read (app.vouchers).
"""

from collections.abc import Mapping
from typing import Any

from app.identity.actor import Actor
from app.identity.models import AccessKind
from app.kit import clock
from app.kit.api.failures import FailureLimit
from app.kit.db import Database
from app.kit.errors import Problem
from app.settlement import scanned
from app.settlement.businesses import SCANNED_AT
from app.settlement.errors import BUSINESS_NOT_HERE
from app.settlement.inquiries import described, note_look
from app.settlement.institution import terminal_of
from app.vouchers import service as vouchers
from app.vouchers.business import WORDS, BusinessType


def scan(
    database: Database, actor: Actor, code: str, business_type: str, failures: FailureLimit
) -> Mapping[str, Any]:
    """Decode a code for one business: ec_token, baseinfo, insuinfo. Pays nothing and may be repeated.

    Raises TERMINAL_WITHOUT_INSTITUTION or INSTITUTION_INACTIVE before anything else, then what is wrong with the code
    (app.vouchers.errors), TOO_MANY_REQUESTS after many codes that nobody made, BUSINESS_NOT_HERE.
    """
    business, now = BusinessType(business_type), clock.now()
    try:
        proven = vouchers.prove(actor, code, now=now, failures=failures)
        with database.autocommitting() as session:
            found = scanned.find(session, actor, proven)
            found.terminal.require_contract()
            ec_token = vouchers.token_for(actor, proven, found.standing, business, now)
            if business not in SCANNED_AT[found.terminal.institution.type]:
                raise BUSINESS_NOT_HERE(business=WORDS[business])
            note_look(session, found.terminal, found.person.id, AccessKind.COVERAGE_VIEWED)
    except Problem:
        # A terminal that may not scan at all is told so, whatever lay under the scanner.
        with database.reading() as session:
            terminal_of(session, actor)
        raise
    seen = described(found.person, found.balances)
    return {"ec_token": ec_token, "baseinfo": seen["baseinfo"], "insuinfo": seen["insuinfo"]}
