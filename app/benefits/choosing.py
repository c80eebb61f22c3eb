"""Which benefit of a pack pays a bill, or in plain words why none does. Never an error: the fund paying nothing is an answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.benefits import refusing
from app.benefits.model import (
    Entitlement,
    HeldBenefit,
    Insured,
    MedType,
    NotPaidReason,
    Place,
    Question,
    RemoteStanding,
)
from app.benefits.pack_model import Benefit, PolicyPack, ShareRow
from app.kit.text import Text


@dataclass(frozen=True, slots=True)
class Chosen:
    """The benefit and the row of its share. ``diseases``: how many are held of those it is for; ``disease``: the code of
    the one that the bill is for, None where the benefit is for none or it makes no difference."""

    pack: PolicyPack
    benefit: Benefit
    row: ShareRow
    diseases: int
    disease: str | None


@dataclass(frozen=True, slots=True)
class NotPaid:
    """Why the fund pays nothing: the words for the person, and which rule it hangs on.

    The words go to the counter too: they name no disease that somebody holds.
    """

    words: Text
    reason: NotPaidReason


def choose(pack: PolicyPack | None, question: Question) -> Chosen | NotPaid:
    """The one benefit that pays this bill. A pack's benefits never meet, so their order does not matter."""
    if pack is None:
        return NotPaid(refusing.no_pack(), NotPaidReason.NO_RULE)
    med_type, insured = question.bill.med_type, question.insured
    benefit = find_benefit(pack, insured.insutype, med_type, question.place, question.remote)
    if benefit is None:
        return _no_benefit(pack, question)
    held = _held(question)
    if isinstance(held, NotPaid):
        return held
    row = find_share(benefit, insured, question.place, question.remote)
    if row is None:
        return NotPaid(refusing.no_share(pack, benefit, question), NotPaidReason.NO_RULE)
    return Chosen(pack, benefit, row, *held)


def find_benefit(
    pack: PolicyPack, insutype: str, med_type: MedType, place: Place, remote: RemoteStanding
) -> Benefit | None:
    """The benefit for such care of the insurance there, whatever else it asks."""
    for one in pack.benefits:
        if one.scope.covers(insutype, med_type) and one.scope.admits(place, remote):
            return one
    return None


def find_share(benefit: Benefit, insured: Insured, place: Place, remote: RemoteStanding) -> ShareRow | None:
    """The row for this person and place, the nearest first: own group before any, own level before any."""
    # a row without a standing is for home, and for remote care where the benefit makes no difference
    standing = None if remote.at_home else remote.category
    for case in dict.fromkeys((standing, None)):
        for group in insured.groups:
            for level in (place.level, None):
                row = benefit.shares.get((group, case, level))
                if row is not None:
                    return row
    return None


def _no_benefit(pack: PolicyPack, question: Question) -> NotPaid:
    """Care at home that only remote rules know, or the reverse, is an unknown rule; else it is the institution."""
    insutype, med_type = question.insured.insutype, question.bill.med_type
    mine = [one for one in pack.benefits if one.scope.covers(insutype, med_type)]
    if not mine:
        return NotPaid(refusing.no_benefit(pack, insutype, med_type), NotPaidReason.NO_RULE)
    here = [one for one in mine if one.scope.where.admits(question.remote)]
    if not here:
        return NotPaid(refusing.no_rule_there(pack, question), NotPaidReason.NO_RULE)
    if not any(one.scope.reaches(question.place) for one in here):
        return NotPaid(refusing.outside_area(here), NotPaidReason.INSTITUTION)
    return NotPaid(refusing.wrong_institution(here, question.place.kind), NotPaidReason.INSTITUTION)


def _held(question: Question) -> tuple[int, str | None] | NotPaid:
    """How many diseases are held, and for which the bill is: one that holds here. (0, None): no entitlement is needed."""
    wanted = question.bill.med_type.entitlement
    if wanted is None:
        return 0, None
    held = {one.disease_code: one for one in question.held if one.benefit is wanted}
    if not held:
        return NotPaid(refusing.not_entitled(wanted), NotPaidReason.ENTITLEMENT)
    meant = _meant(held, question.bill.disease_code, wanted)
    if isinstance(meant, NotPaid):
        return meant
    allowed = [one.disease_code for one in meant if one.place_allowed]
    if not allowed:
        return NotPaid(refusing.not_chosen_place(wanted), NotPaidReason.ENTITLEMENT)
    return len(held), allowed[0] if len(meant) == 1 else None


def _meant(
    held: Mapping[str, HeldBenefit], code: str | None, wanted: Entitlement
) -> Sequence[HeldBenefit] | NotPaid:
    """The diseases that the bill may be for: one, but for 两病, which is paid alike for whichever of the two."""
    if code is not None:
        if code in held:
            return [held[code]]
        return NotPaid(refusing.other_disease(wanted), NotPaidReason.DISEASE_CODE)
    if len(held) > 1 and wanted is not Entitlement.TWO_DISEASE:
        return NotPaid(refusing.which_disease(wanted), NotPaidReason.DISEASE_CODE)
    return list(held.values())
