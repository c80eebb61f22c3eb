"""What goes with each request of the table in test_matrix.py."""

import io
import itertools
from datetime import date
from typing import Any

from app.kit import clock
from tests.promises.stage import PHONE, Stage
from tests.world import INSTANT, PASSWORD, id_number, photograph

_numbers = itertools.count(1)


def sent(stage: Stage, row: str) -> dict[str, Any]:
    """What goes with a request: JSON, or a form. Anew at each call, where a thing can be used once only."""
    if row == "POST /verify/{code}/file":
        form = {"file": (io.BytesIO(b"%PDF-1.7"), "form.pdf")}
        return {"data": form, "content_type": "multipart/form-data"}
    if row == "POST /materials":
        form = {"file": (io.BytesIO(photograph()), "photo.jpg"), "kind": "residence_proof"}
        return {"data": form, "content_type": "multipart/form-data"}
    number = next(_numbers)
    staff = {"username": stage.callers["handler"].login, "password": PASSWORD}
    if row == "POST /auth/refresh":
        return {
            "json": {"refresh_token": stage.world.nobody.ok("POST", "/auth/staff", staff)["refresh_token"]}
        }
    versions = {name: case["version"] for name, case in stage.cases.items()}
    for_owner = {**INSTANT, "care_region_code": "4101"}
    bodies: dict[str, dict[str, object]] = {
        "POST /auth/wechat": {"js_code": f"demo.matrix-{number}.1"},
        "POST /auth/staff": staff,
        "POST /auth/terminal": {"client_id": stage.callers["terminal"].login, "client_secret": PASSWORD},
        "POST /real-name": {"name": "皇甫新来", "id_no": id_number("110101", date(1990, 1, 1))},
        "POST /me/phone": {"code": f"phone.13900001111.{number}"},
        "POST /filings": {"service_code": "remote_care", "form": {}},
        "POST /filings#for-owner": {
            "service_code": "remote_care",
            "subject_id": stage.things["owner"],
            "form": for_owner,
            "submit": True,
        },
        "PATCH /filings/{draft}": {"expected_version": versions["draft"], "form": {"reason": "改"}},
        "POST /filings/{draft}/actions": {"action": "withdraw", "expected_version": versions["draft"]},
        "POST /filings/{queued}/actions": {"action": "claim", "expected_version": versions["queued"]},
        "POST /filings/{approved}/rating": {"stars": 5},
        "POST /remote-care/records/{record}/actions": {"action": "cancel"},
        "POST /filings/{with_expert}/actions": {
            "action": "certify",
            "expected_version": versions["with_expert"],
            "data": {"findings": stage.findings("with_expert", met=True)},
        },
        "PUT /chronic/entitlements/{entitlement}/institutions": {
            "institution_ids": [stage.things["chosen"]],
            "expected_version": 1,
        },
        "POST /chronic/entitlements/{entitlement}/actions": {
            "action": "withdraw",
            "reason": "经核查不符合标准",
            "expected_version": 1,
        },
        **_of_phones(stage),
        **_of_terminals(stage, number),
        "POST /visits": {"visits": [{"visit_no": f"ZY-{number}"}]},
        "POST /chronic/offers/{offer}/actions": {"action": "decline", "expected_version": 1},
    }
    if row == "POST /terminal/decode":
        shown = stage.callers["owner"].ok("POST", "/voucher/codes", {"device_no": PHONE})
        bodies[row] = {"code": shown["code"], "business_type": "01301"}
    return {"json": bodies[row]} if row in bodies else {}


def _of_terminals(stage: Stage, number: int) -> dict[str, dict[str, object]]:
    """The owner at a counter, with her card."""
    owner = stage.callers["owner"]
    card = {"mdtrt_cert_type": "02", "mdtrt_cert_no": owner.id_no, "psn_name": owner.name}
    bill = {**card, "chrg_bchno": f"B{number}", "med_type": "11", "medfee_sumamt": "12.30"}
    day = clock.today().isoformat()
    sums = dict.fromkeys(("medfee_sumamt", "fund_pay_sumamt", "acct_pay", "fixmedins_setl_cnt"), 0)
    sent: dict[str, dict[str, object]] = {
        "1101": card,
        "2206": bill,
        "2207": bill,
        "2208": {"setl_id": stage.things["owner"], "psn_no": "unknown"},
        "2601": {"omsgid": f"LOST{number}", "oinfno": "2207"},
        "3201": {"stmt_begndate": day, "stmt_enddate": day, **sums},
        "5301": card,
        "9999": card,
    }
    return {
        f"POST /terminal/transactions/{infno}": {"msgid": f"M{number}", "input": fields}
        for infno, fields in sent.items()
    }


def _of_phones(stage: Stage) -> dict[str, dict[str, object]]:
    """On the phone that shows the owner's voucher to her and to her father, who has activated none of his own."""
    phone: dict[str, object] = {"device_no": PHONE}
    bodies = {}
    for path in ("activation", "keys", "codes"):
        bodies[f"POST /voucher/{path}"] = phone
        bodies[f"POST /voucher/{path}#for-owner"] = {**phone, "person_id": stage.things["owner"]}
    return bodies
