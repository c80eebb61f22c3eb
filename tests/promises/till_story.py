"""The story at the counter: a code shown and scanned, a bill settled, taken back, reversed, compared and read."""

from typing import Any

from app.kit import clock
from tests.faces import pass_check
from tests.settlement.bills import bill, drugs
from tests.settlement.counter import Counter
from tests.world import Somebody, World

PHONE, OLD_PHONE = "phone-of-the-story-01", "phone-of-the-story-02"


def tell_of_the_counter(world: World, citizen: Somebody, name: str, id_no: str) -> None:
    """Everything below, in order. name, id_no: of the citizen, insured as a resident of 安康."""
    counter = Counter(world, level=2)
    _show(citizen, name, id_no)
    token = _scan(citizen, counter)
    card = {"mdtrt_cert_type": "02", "mdtrt_cert_no": id_no, "psn_name": name}
    counter.output("1101", **card)
    counter.output("5301", **card)
    shown = {"mdtrt_cert_type": "01", "mdtrt_cert_no": token}
    wish = {**bill(citizen, drugs("88.80")), **shown, "psn_name": None}
    counter.output("2206", **wish)
    paid = counter.output("2207", **wish)["setlinfo"]
    _read_bills(citizen, paid["setl_id"])
    _compare(counter, paid)
    counter.output("2208", setl_id=paid["setl_id"], psn_no=paid["psn_no"])
    counter.output("2601", omsgid="NEVER-CAME", oinfno="2207")
    assert counter.transact("9999", **card)["infcode"] != 0
    assert counter.transact("2207", **wish)["infcode"] != 0
    citizen.ok("DELETE", "/voucher")


def _show(citizen: Somebody, name: str, id_no: str) -> None:
    """On a new phone and an old one, which needs the face and goes."""
    citizen.ok("POST", "/voucher/activation", {"device_no": PHONE, "device_name": "手机"})
    old_phone = {"device_no": OLD_PHONE}
    assert citizen.refused("POST", "/voucher/activation", old_phone) == (403, "voucher_face_required")
    old_phone["real_name_id"] = pass_check(citizen, name, id_no)
    old = citizen.ok("POST", "/voucher/activation", old_phone)["device"]["id"]
    citizen.ok("DELETE", f"/voucher/devices/{old}")
    citizen.ok("GET", "/voucher")
    citizen.ok("POST", "/voucher/keys", {"device_no": PHONE})


def _scan(citizen: Somebody, counter: Counter) -> str:
    code = citizen.ok("POST", "/voucher/codes", {"device_no": PHONE})
    for look in ("format=png&symbology=qr", "format=svg&symbology=code128"):
        citizen.ok("GET", f"/voucher/codes/{code['id']}/image?{look}")
    body = {"code": code["code"], "business_type": "01301"}
    return str(counter.terminal.ok("POST", "/terminal/decode", body)["ec_token"])


def _read_bills(citizen: Somebody, setl_id: str) -> None:
    year = clock.today().year
    assert citizen.ok("GET", "/settlements")["items"]
    for headers in ({}, {"Accept-Language": "en"}):
        citizen.ok("GET", f"/settlements/{setl_id}", headers=headers)
        citizen.ok("GET", f"/settlements/summary?year={year}", headers=headers)
    for form in ("csv", "pdf"):
        citizen.ok("GET", f"/settlements/statement?year={year}&format={form}")


def _compare(counter: Counter, paid: dict[str, Any]) -> None:
    today = clock.today().isoformat()
    sums = {name: paid[name] for name in ("medfee_sumamt", "fund_pay_sumamt", "acct_pay")}
    days = {"stmt_begndate": today, "stmt_enddate": today, "fixmedins_setl_cnt": "1"}
    ours = counter.output("3201", **sums, **days, detail=[{"setl_id": paid["setl_id"], **sums}])
    assert ours["stmtinfo"]["stmt_rslt"] == "0"
    other = counter.output("3201", **{**sums, "acct_pay": "0.01"}, **days)
    assert other["stmtinfo"]["stmt_rslt"] == "1"
