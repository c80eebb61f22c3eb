"""What 2206, 2207, 2208 and 2601 answer, under the national platform's names; amounts in yuan."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy.orm import Session

from app.identity import service as identity
from app.kit.errors import Problem
from app.settlement.envelope import Message
from app.settlement.errors import BILL_STANDS_PAID
from app.settlement.fields import platform_time, yuan_number
from app.settlement.judging import Judged, amounts_of, balance_after
from app.settlement.models import Settlement, SettlementState

_COLUMNS: Final = {
    "medfee_sumamt": "medfee_fen",
    "fulamt_ownpay_amt": "fulamt_ownpay_fen",
    "overlmt_selfpay": "overlmt_selfpay_fen",
    "preselfpay_amt": "preselfpay_fen",
    "inscp_scp_amt": "inscp_scp_fen",
    "act_pay_dedc": "act_pay_dedc_fen",
    "fund_pay_sumamt": "fund_pay_fen",
    "acct_pay": "acct_pay_fen",
    "acct_mulaid_pay": "acct_mulaid_pay_fen",
    "psn_cash_pay": "psn_cash_pay_fen",
}
"""setlinfo's name → the settlement's column."""


def preview(message: Message, judged: Judged) -> dict[str, Any]:
    """2206: setlinfo without a setl_id, and why it is so much."""
    given, who = message.given, judged.who
    info = {
        "setl_id": None,
        "psn_no": who.person.psn_no,
        "mdtrt_id": given["mdtrt_id"],
        "chrg_bchno": given["chrg_bchno"],
        "insutype": who.cover.insutype.value,
        "insu_admdvs": who.cover.region_code,
        "med_type": judged.bill.med_type.value,
        "setl_time": None,
        **_amounts(amounts_of(judged)),
        "balc": _balance(balance_after(judged)),
        "medins_setl_id": message.msgid,
    }
    return {"setlinfo": info, "setldetail": _details(judged.detail())}


def settled(one: Settlement, detail: Mapping[str, Any], psn_no: str) -> dict[str, Any]:
    """2207: the same bytes each time it is asked of the same settlement. detail: the settlement's own."""
    return {"setlinfo": _info(one, psn_no), "setldetail": _details(detail)}


def taken_back(one: Settlement, psn_no: str) -> dict[str, Any]:
    """2208, and 2601 of what had been paid: which settlement, and that it is undone."""
    return {
        "setlinfo": {
            **_info(one, psn_no),
            # What the account held when the bill was settled says nothing any more.
            "balc": None,
            "refd_setl_flag": "1",
            "refd_time": platform_time(one.ended_at) if one.ended_at is not None else None,
            "refd_way": "2601" if one.state is SettlementState.REVERSED else "2208",
        }
    }


def stands_paid(one: Settlement) -> Problem:
    """BILL_STANDS_PAID, with the numbers by which the institution finds it and takes it back."""
    msgid = one.answered_msgid
    output = {"standing": {"msgid": msgid, **numbers_of(one)}}
    return BILL_STANDS_PAID(msgid=msgid, setl_id=one.id, extra={"output": output})


def numbers_of(one: Settlement) -> dict[str, Any]:
    """By what an institution finds a bill in its own book."""
    return {
        "setl_id": str(one.id),
        "mdtrt_id": one.mdtrt_id or None,
        "chrg_bchno": one.chrg_bchno,
        "setl_time": platform_time(one.settled_at),
    }


def psn_no_of(session: Session, one: Settlement) -> str:
    """One statement."""
    return identity.get_person(session, one.person_id).psn_no


def _info(one: Settlement, psn_no: str) -> dict[str, Any]:
    return {
        **numbers_of(one),
        "psn_no": psn_no,
        "insutype": one.insutype.value,
        "insu_admdvs": one.insu_admdvs,
        "med_type": one.med_type,
        **_amounts({column: getattr(one, column) for column in _COLUMNS.values()}),
        "balc": _balance(one.balance_fen),
        # The platform's own meaning: the number of the message that settled.
        "medins_setl_id": one.msgid,
    }


def _amounts(columns: Mapping[str, int]) -> dict[str, float]:
    found = {name: yuan_number(columns[column]) for name, column in _COLUMNS.items()}
    person = columns["medfee_fen"] - columns["fund_pay_fen"]
    return {**found, "psn_part_amt": yuan_number(person)}


def _balance(fen: int | None) -> float | None:
    return None if fen is None else yuan_number(fen)


def _details(detail: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The explanation, for the receipt that the cashier prints."""
    return [
        {"setl_proc_info": step["zh"], "step_amt": yuan_number(step["amount_fen"]), "rule": step["rule"]}
        for step in detail["steps"]
    ]
