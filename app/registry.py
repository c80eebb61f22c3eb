"""What there is, in explicit tuples: blueprints, services, who may call each route, background work."""

from collections.abc import Mapping
from typing import Final

from flask_smorest import Blueprint

from app.filings import catalogue
from app.filings.acting import CORRECTION_REMINDER
from app.filings.deadlines import remind_of_correction, work_off_overdue
from app.filings.declaration import Service
from app.filings.routes import blueprint as filings_blueprint
from app.filings.service import concern_of_paper
from app.gateways.parts import Parts
from app.identity import housekeeping
from app.identity.actor import STAFF_ROLES, Role
from app.identity.routes import blueprint as identity_blueprint
from app.kit.api.idempotency import forget_old_answers
from app.kit.jobs import Job
from app.kit.outbox import Handler
from app.kit.permissions import PUBLIC, SIGNED_IN, Route, allow
from app.ledger.checking import Check
from app.materials.purge import delete_unattached
from app.materials.routes import blueprint as materials_blueprint
from app.notices.routes import blueprint as notices_blueprint
from app.notices.sending import TOPIC as NOTICE_SEND
from app.notices.sending import sender
from app.places.routes import blueprint as places_blueprint
from app.services.chronic_disease import screening
from app.services.chronic_disease import seeds as draw_seeds
from app.services.chronic_disease.declaration import CHRONIC_DISEASE, TWO_DISEASE
from app.services.chronic_disease.held import held
from app.services.chronic_disease.offer_reminders import remind_of_offers
from app.services.chronic_disease.offer_routes import blueprint as offers_blueprint
from app.services.chronic_disease.redrawing import redraw_waiting
from app.services.chronic_disease.renewals import remind_of_ending
from app.services.chronic_disease.routes import blueprint as chronic_blueprint
from app.services.remote_care.declaration import SERVICE as REMOTE_CARE
from app.services.remote_care.renewals import remind_of_renewals
from app.services.remote_care.routes import blueprint as remote_care_blueprint
from app.services.remote_care.standing import standing
from app.settlement import facts
from app.settlement.checking import check as check_settlements
from app.settlement.person_routes import blueprint as bills_blueprint
from app.settlement.routes import blueprint as terminal_blueprint
from app.settlement.telling import TOPIC as BILL_TOLD
from app.settlement.telling import tell_of_bill
from app.vouchers.housekeeping import forget_old_uses
from app.vouchers.routes import blueprint as voucher_blueprint

API_DESCRIPTION = (
    "医保掌上办：登录与实名、异地就医备案、慢特病、医保码、终端结算、账单、材料、办件、通知。"
    "Errors are RFC 9457 problem documents with stable codes, listed at /docs/errors."
)

SERVICES: Final[tuple[Service, ...]] = (REMOTE_CARE, CHRONIC_DISEASE, TWO_DISEASE)
catalogue.install(SERVICES)
facts.install(facts.Facts(standing=standing, held=held))

BLUEPRINTS: Final[tuple[Blueprint, ...]] = (
    identity_blueprint,
    places_blueprint,
    materials_blueprint,
    notices_blueprint,
    voucher_blueprint,
    filings_blueprint,
    remote_care_blueprint,
    chronic_blueprint,
    offers_blueprint,
    terminal_blueprint,
    bills_blueprint,
)

MATERIAL_READERS: Final = (concern_of_paper,)
LEDGER_CHECKS: Final[tuple[Check, ...]] = (check_settlements,)
"""What else must agree with the ledger (``zhangban ledger check``)."""
CITIZEN: Final = allow(Role.CITIZEN)
HANDLING: Final = allow(Role.HANDLER, Role.SUPERVISOR)
TERMINALS: Final = allow(Role.TERMINAL)
VISITS_MAX_BYTES: Final = 262_144
"""500 visits with words for the diagnosis."""
BILL_MAX_BYTES: Final = 2_097_152
"""A stay of 2,000 lines."""
DAY_MAX_BYTES: Final = 2_097_152
"""5,000 bills of a day, each with all its numbers and amounts."""
# An agent signs in as a citizen, and until there are mandates files for himself like anybody else.
FILING_PARTIES: Final = allow(Role.CITIZEN, *STAFF_ROLES)

ROUTES: Final[tuple[Route, ...]] = (
    Route("system.healthz", PUBLIC),
    Route("system.readyz", PUBLIC),
    Route("system.metrics", PUBLIC),
    Route("system.openapi_document", PUBLIC),
    Route("system.docs", PUBLIC),
    Route("system.docs_start", PUBLIC),
    Route("system.docs_asset", PUBLIC),
    Route("system.docs_errors", PUBLIC),
    Route("identity.sign_in_with_wechat", PUBLIC, limit="sign_in"),
    Route("identity.sign_in_as_staff", PUBLIC, limit="sign_in"),
    Route("identity.sign_in_as_terminal", PUBLIC, limit="sign_in"),
    Route("identity.refresh_tokens", PUBLIC, limit="sign_in"),
    Route("identity.sign_out", SIGNED_IN),
    Route("identity.start_real_name", CITIZEN, limit="sign_in"),
    Route("identity.complete_real_name", CITIZEN, limit="sign_in"),
    Route("identity.get_me", SIGNED_IN),
    Route("identity.set_my_phone", CITIZEN, limit="sign_in"),
    Route("identity.list_my_accesses", SIGNED_IN),
    Route("places.list_regions", PUBLIC),
    Route("places.get_region", PUBLIC),
    Route("places.list_institutions", PUBLIC),
    Route("places.get_institution", PUBLIC),
    Route("places.list_service_points", PUBLIC),
    # Not idempotent by key: the key would open the transaction before the slow work. The content itself is the key.
    Route("materials.upload_material", CITIZEN, limit="upload", takes_files=True),
    # A look at somebody else's paper or case is written down in a transaction of its own, before the answer.
    Route("materials.get_material", FILING_PARTIES),
    Route("materials.get_material_content", FILING_PARTIES),
    Route("notices.list_notices", SIGNED_IN),
    Route("notices.read_notice", SIGNED_IN),
    # Not idempotent by key, whose answer would be kept: it holds keys. Person and phone are the key.
    Route("voucher.activate_voucher", CITIZEN),
    # A guardian's look is written down.
    Route("voucher.get_voucher", CITIZEN, writes=True),
    Route("voucher.revoke_voucher", CITIZEN),
    Route("voucher.remove_voucher_device", CITIZEN),
    # These two only read, and what a guardian's use of them writes is a transaction of its own.
    Route("voucher.get_voucher_keys", CITIZEN, writes=False),
    Route("voucher.show_voucher_code", CITIZEN, writes=False),
    Route("voucher.get_voucher_code_image", CITIZEN),
    Route("filings.list_services", PUBLIC),
    Route("filings.get_service", PUBLIC),
    Route("filings.start_filing", CITIZEN, idempotent=True),
    Route("filings.list_filings", FILING_PARTIES),
    Route("filings.get_filing", FILING_PARTIES),
    Route("filings.edit_filing", CITIZEN),
    Route("filings.act_on_filing", FILING_PARTIES, idempotent=True),
    Route("filings.list_filing_events", FILING_PARTIES),
    Route("filings.get_filing_pdf", FILING_PARTIES),
    Route("filings.rate_filing", CITIZEN, idempotent=True),
    Route("filings.verify_paper", PUBLIC, limit="verify"),
    Route("filings.verify_file", PUBLIC, limit="verify", takes_files=True, writes=False),
    Route("remote_care.get_remote_care_advice", CITIZEN),
    Route("remote_care.list_remote_care_records", CITIZEN),
    Route("remote_care.act_on_remote_care_record", CITIZEN, idempotent=True),
    Route("chronic.list_chronic_diseases", PUBLIC),
    # A look at somebody else's case is written down, so reading writes.
    Route("chronic.get_chronic_case", FILING_PARTIES, writes=True),
    Route("chronic.list_chronic_entitlements", CITIZEN),
    Route("chronic.choose_chronic_institutions", CITIZEN),
    Route("chronic.act_on_chronic_entitlement", HANDLING, idempotent=True),
    Route("chronic.list_draw_days", PUBLIC),
    # Up to 500 rows at once. The rows are their own key: sent again they are known.
    Route("chronic_offers.report_visits", TERMINALS, max_bytes=VISITS_MAX_BYTES),
    Route("chronic_offers.list_chronic_offers", CITIZEN),
    Route("chronic_offers.act_on_chronic_offer", CITIZEN, idempotent=True),
    # Each look of an institution at a person is written down.
    Route("terminal.decode_voucher_code", TERMINALS, limit="terminal"),
    Route("terminal.transact_1101", TERMINALS, limit="terminal"),
    # A preview, too.
    Route("terminal.transact_2206", TERMINALS, limit="terminal", max_bytes=BILL_MAX_BYTES),
    Route("terminal.transact_2207", TERMINALS, limit="terminal", max_bytes=BILL_MAX_BYTES),
    Route("terminal.transact_2208", TERMINALS, limit="terminal"),
    Route("terminal.transact_2601", TERMINALS, limit="terminal"),
    # A comparison changes nothing.
    Route("terminal.transact_3201", TERMINALS, limit="terminal", writes=False, max_bytes=DAY_MAX_BYTES),
    Route("terminal.transact_5301", TERMINALS, limit="terminal"),
    Route("terminal.transact_unknown", TERMINALS, writes=False),
    # A guardian's look is written down in a transaction of its own, before the answer.
    Route("bills.list_settlements", CITIZEN),
    Route("bills.get_settlement", CITIZEN),
    Route("bills.get_settlements_summary", CITIZEN),
    Route("bills.get_settlements_statement", CITIZEN),
)


def outbox_handlers(parts: Parts) -> Mapping[str, Handler]:
    """Topic → what is done with its messages."""
    return {
        NOTICE_SEND: sender(parts),
        CORRECTION_REMINDER: remind_of_correction,
        BILL_TOLD: tell_of_bill,
    }


def periodic_jobs(parts: Parts) -> Mapping[str, tuple[str, Job]]:
    """Name → (crontab "minute hour", job)."""
    return {
        "overdue_cases": ("*/10 *", work_off_overdue),
        "identity_sessions": ("23 3", housekeeping.forget_ended_sessions),
        "draw_seeds": ("5 1", draw_seeds.commit_ahead),
        "voucher_code_uses": ("53 3", forget_old_uses),
        "identity_real_name": ("*/10 *", housekeeping.close_expired_checks),
        "identity_sign_in_failures": ("7 *", housekeeping.forget_sign_in_failures),
        # In the morning: what it queues is sent at once, and nobody wants an SMS at night.
        # These too: a visit that came in overnight is an offer at breakfast.
        "visit_screening": ("10 8", screening.screen),
        "offer_reminders": ("40 9", remind_of_offers),
        "renewal_reminders": ("30 9", remind_of_renewals),
        "entitlement_reminders": ("35 9", remind_of_ending),
        "expert_redraws": ("20 *", redraw_waiting),
        "unattached_papers": ("17 3", lambda database: delete_unattached(database, parts.papers)),
        "old_idempotency_keys": ("41 3", lambda database: database.run(forget_old_answers)),
    }
