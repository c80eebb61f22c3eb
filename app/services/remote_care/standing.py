"""With which filing somebody comes to an institution elsewhere: what settlement asks of remote care.

The answer is about one day, by the rules of the home region on that day, and costs one statement, none at home.
"""

from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from app.benefits.model import Insured, RemoteStanding, Standing
from app.benefits.model import MedType as BillType
from app.services.remote_care.advice import EXEMPT_SITUATIONS
from app.services.remote_care.backfiling import BackfileOutcome
from app.services.remote_care.categories import MedType, PersonFacts, Situation
from app.services.remote_care.exemptions import exemption
from app.services.remote_care.models import VALID, RemoteCareRecord
from app.services.remote_care.pack_model import Pack
from app.services.remote_care.packs import pack_for
from app.services.remote_care.rules import is_at_home
from app.services.remote_care.shares import not_filed_situation

_BEST_FIRST: Final = (
    Situation.AS_AT_HOME,
    Situation.LONG_TERM,
    Situation.REFERRAL,
    Situation.EMERGENCY,
    Situation.OTHER_TEMPORARY,
    # After a filing that was made: what "as filed" is paid like no source says.
    Situation.COUNTS_AS_FILED,
)
AT_HOME: Final = RemoteStanding(None)


def standing(
    session: Session,
    person_id: UUID,
    insured: Insured,
    care_region_code: str,
    day: date,
    med_type: BillType,
    *,
    urgent: bool,
    chronic_entitled: bool,
) -> RemoteStanding:
    """How care in a region reaches the fund: the best of the filings in force and of what needs no filing.

    ``chronic_entitled``: a recognised chronic disease, which some provinces exempt. 两病 medicines are judged as
    outpatient care (ours: the exemptions name no 两病).
    """
    try:
        pack = pack_for(insured.region_code, day)
    except LookupError:
        return _without_rules(session, person_id, insured, care_region_code, day)
    if is_at_home(pack, insured.region_code, care_region_code):
        return AT_HOME
    kind = MedType.OUTPATIENT if med_type is BillType.TWO_DISEASE else MedType(med_type.value)
    person = _person_facts(insured, chronic_entitled=chronic_entitled)
    found = _filed(session, person_id, insured, care_region_code, day)
    found |= _exempt(pack, person, care_region_code, kind, day, urgent=urgent)
    for situation in _BEST_FIRST:
        if situation in found:
            return RemoteStanding(Standing(situation.value))
    return RemoteStanding(Standing(not_filed_situation(pack, person, kind, urgent=urgent).value))


def _without_rules(
    session: Session, person_id: UUID, insured: Insured, care_region_code: str, day: date
) -> RemoteStanding:
    """Before the oldest pack: the pooling region is home, and only a filing counts."""
    if care_region_code.startswith(insured.region_code):
        return AT_HOME
    found = _filed(session, person_id, insured, care_region_code, day)
    best = next((situation for situation in _BEST_FIRST if situation in found), Situation.NOT_FILED)
    return RemoteStanding(Standing(best.value))


def _filed(
    session: Session, person_id: UUID, insured: Insured, care_region_code: str, day: date
) -> set[Situation]:
    """The situations of the filings that hold for this place on this day, under this insurance."""
    values = {
        "person_id": person_id,
        "insutype": insured.insutype,
        "insu_admdvs": insured.region_code,
        "day": day,
    }
    rows = session.execute(_FILED, values)
    return {category.situation for category, place in rows if care_region_code.startswith(place)}


_FILED = select(RemoteCareRecord.category, RemoteCareRecord.rloc_admdvs).where(
    RemoteCareRecord.person_id == bindparam("person_id"),
    RemoteCareRecord.vali_flag == VALID,
    RemoteCareRecord.insutype == bindparam("insutype"),
    RemoteCareRecord.insu_admdvs == bindparam("insu_admdvs"),
    RemoteCareRecord.begndate <= bindparam("day"),
    or_(RemoteCareRecord.enddate.is_(None), RemoteCareRecord.enddate >= bindparam("day")),
    # Filed after a self-paid discharge: that bill is reimbursed by hand and must not settle directly.
    RemoteCareRecord.settlement != BackfileOutcome.MANUAL_REIMBURSEMENT,
)


def _exempt(
    pack: Pack, person: PersonFacts, care_region_code: str, kind: MedType, day: date, *, urgent: bool
) -> set[Situation]:
    granted = exemption(pack, person, care_region_code, kind, urgent=urgent, on=day)
    situation = None if granted is None else EXEMPT_SITUATIONS.get(granted.benefit)
    return set() if situation is None else {situation}


def _person_facts(insured: Insured, *, chronic_entitled: bool) -> PersonFacts:
    return PersonFacts(
        insutype=insured.insutype,
        home_region_code=insured.region_code,
        retired=insured.retired,
        student=insured.student,
        chronic_entitled=chronic_entitled,
    )
