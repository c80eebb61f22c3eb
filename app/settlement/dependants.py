"""Which later bills of a person's year were paid as they were because of an earlier one: what it took of the deductible,
the later ones did not have to; what it used of a cap, they did not get.

Bills are never computed anew, so such an earlier bill is undone (2208) only after those that rest on it. Reversing
(2601) asks nobody: it mends an answer that was lost, within minutes and before anybody knew that the bill was paid.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import Table, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from app.benefits import packs
from app.benefits.model import StepKind
from app.benefits.pack_model import Benefit
from app.kit.crypto import SealBroken
from app.kit.text import Text
from app.settlement import answers
from app.settlement.errors import LATER_BILLS_DEPEND
from app.settlement.models import Settlement, SettlementState

IN_WORDS: Final = 5
IN_OUTPUT: Final = 50
_TABLE = cast(Table, Settlement.__table__)
_AFTER: Final = or_(
    _TABLE.c.settled_at > bindparam("settled_at"),
    and_(_TABLE.c.settled_at == bindparam("settled_at"), _TABLE.c.id > bindparam("settlement_id")),
)
_PAID_LATER: Final = select(_TABLE.c.id, _TABLE.c.pack_id, _TABLE.c.benefit_id).where(
    _TABLE.c.person_id == bindparam("person_id"),
    _TABLE.c.year == bindparam("year"),
    _TABLE.c.state == SettlementState.SETTLED,
    _TABLE.c.benefit_id.is_not(None),
    _AFTER,
)
_WHOLE: Final = (
    select(Settlement)
    .where(Settlement.id.in_(bindparam("ids", expanding=True)))
    .order_by(Settlement.settled_at.desc(), Settlement.id.desc())
)

Used = Mapping[str, Any]
"""What a bill added to one accumulator, as ``Settlement.detail`` keeps it."""


def require_none(session: Session, bill: Settlement) -> None:
    """Let a bill that stands be undone only if no later one rests on it. Two statements at most.

    The caller has locked the person. Raises LATER_BILLS_DEPEND with this institution's own bills; of others only how many.
    """
    found = _resting_on(session, bill)
    if not found:
        return
    own = [one for one in found if one.institution_id == bill.institution_id]
    elsewhere = len(found) - len(own)
    output = {"later": [answers.numbers_of(one) for one in own[:IN_OUTPUT]], "later_elsewhere": elsewhere}
    raise LATER_BILLS_DEPEND(count=len(found), which=_which(own, elsewhere), extra={"output": output})


def _which(own: Sequence[Settlement], elsewhere: int) -> Text:
    named = "、".join(f"{one.chrg_bchno}（{one.settled_on}）" for one in own[:IN_WORDS])
    zh = [f"本机构的单据 {named}{'等' if len(own) > IN_WORDS else ''}，共 {len(own)} 笔"] if own else []
    en = [f"here {len(own)}: {named}{' …' if len(own) > IN_WORDS else ''}"] if own else []
    if elsewhere:
        zh.append(f"在其他机构的结算 {elsewhere} 笔，请参保人先到那里撤销")
        en.append(f"at other institutions {elsewhere}, where the person has to ask for it")
    return Text("；".join(zh), "; ".join(en))


def _resting_on(session: Session, bill: Settlement) -> Sequence[Settlement]:
    """The later bills that stand and rest on this one, the last first."""
    used: Mapping[str, Used] = {one["accumulator"]: one for one in bill.detail["additions"]}
    if not used:
        return ()
    values = {
        "person_id": bill.person_id,
        "year": bill.year,
        "settled_at": bill.settled_at,
        "settlement_id": bill.id,
    }
    rows = session.connection().execute(_PAID_LATER, values).all()
    benefits: dict[UUID, Benefit | None] = {
        row.id: packs.benefit_by_id(row.pack_id, row.benefit_id) for row in rows
    }
    candidates = [key for key, one in benefits.items() if one is None or one.accumulator in used]
    if not candidates:
        return ()
    whole = session.execute(_WHOLE, {"ids": candidates}).scalars()
    return [one for one in whole if _rests_on(used, one, benefits[one.id])]


def _rests_on(used_before: Mapping[str, Used], later: Settlement, benefit: Benefit | None) -> bool:
    """Whether the later bill would have come to something else, had this not been used before it.

    A benefit's own accumulator holds all that those of single diseases hold, so it alone is looked at.
    """
    if benefit is None:
        return True  # by rules that are not kept any more: nobody can tell
    used = used_before[benefit.accumulator]
    try:
        detail = later.detail
    except (SealBroken, ValueError):
        return True  # whoever undoes that one first will be told that it was tampered with
    cut_by = {one["kind"] for one in detail["steps"]}
    own = next((one for one in detail["additions"] if one["accumulator"] == benefit.accumulator), None)
    # Had more of the deductible been left, it would have taken more of this bill.
    spared = own is not None and own["counted_fen"] > own["deductible_fen"] and bool(benefit.deductible.value)
    return bool(
        (used["deductible_fen"] and spared)
        or (used["counted_fen"] and StepKind.COUNTED_CAP in cut_by)
        or (used["fund_fen"] and StepKind.FUND_CAP in cut_by)
    )
