"""Which benefit of a pack pays a bill, or in plain words why none does. Never an error: the fund paying nothing is an answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.benefits import refusing
from app.benefits.model import HeldBenefit, Question
from app.benefits.pack_model import Benefit, PolicyPack, ShareRow
from app.kit.text import Text

NO_RULE = "no_rule"
INSTITUTION_RULE = "institution"
ENTITLEMENT_RULE = "entitlement"


@dataclass(frozen=True, slots=True)
class Chosen:
    """The benefit and the row of its share. ``diseases``: how many are held of those it is for."""

    pack: PolicyPack
    benefit: Benefit
    row: ShareRow
    diseases: int


@dataclass(frozen=True, slots=True)
class NotPaid:
    """Why the fund pays nothing: the words for the person, and which rule it hangs on."""

    words: Text
    rule: str


def choose(pack: PolicyPack | None, question: Question) -> Chosen | NotPaid:
    """The one benefit that pays this bill. A pack's benefits never meet, so their order does not matter."""
    if pack is None:
        return NotPaid(refusing.no_pack(), NO_RULE)
    med_type, insured = question.bill.med_type, question.insured
    mine = [one for one in pack.benefits if one.scope.covers(insured.insutype, med_type)]
    if not mine:
        return NotPaid(refusing.no_benefit(pack, insured.insutype, med_type), NO_RULE)
    benefit = next((one for one in mine if one.scope.admits(question.place, question.remote)), None)
    if benefit is None:
        return _wrong_place(pack, mine, question)
    diseases = _held_diseases(question)
    if isinstance(diseases, NotPaid):
        return diseases
    row = find_share(benefit, question)
    if row is None:
        return NotPaid(refusing.no_share(pack, benefit, question), NO_RULE)
    return Chosen(pack, benefit, row, diseases)


def find_share(benefit: Benefit, question: Question) -> ShareRow | None:
    """The row for this person and place, the nearest first: own group before any, own level before any."""
    # a row without a standing is for home, and for remote care where the benefit makes no difference
    remote = None if question.remote.at_home else question.remote.category
    for standing in dict.fromkeys((remote, None)):
        for group in question.insured.groups:
            for level in (question.place.level, None):
                row = benefit.shares.get((group, standing, level))
                if row is not None:
                    return row
    return None


def _wrong_place(pack: PolicyPack, mine: Sequence[Benefit], question: Question) -> NotPaid:
    """Care at home that only remote rules know, or the reverse, is an unknown rule; else it is the institution."""
    here = [one for one in mine if one.scope.where.admits(question.remote)]
    if not here:
        return NotPaid(refusing.no_rule_there(pack, question), NO_RULE)
    far = [one for one in here if not one.scope.reaches(question.place)]
    if len(far) == len(here):
        return NotPaid(refusing.outside_area(here), INSTITUTION_RULE)
    return NotPaid(refusing.wrong_institution(here, question.place.kind), INSTITUTION_RULE)


def _held_diseases(question: Question) -> int | NotPaid:
    """How many diseases are held; 0 for what needs no entitlement. The bill must be for one that holds here."""
    wanted = question.bill.med_type.entitlement
    if wanted is None:
        return 0
    held = {one.disease_code: one for one in question.held if one.benefit is wanted}
    if not held:
        return NotPaid(refusing.not_entitled(wanted), ENTITLEMENT_RULE)
    code = question.bill.disease_code
    if code is None and len(held) > 1:
        return NotPaid(refusing.which_disease([one.name for one in held.values()]), ENTITLEMENT_RULE)
    meant: HeldBenefit | None = next(iter(held.values())) if code is None else held.get(code)
    if meant is None:
        return NotPaid(refusing.other_disease([one.name for one in held.values()]), ENTITLEMENT_RULE)
    if not meant.place_allowed:
        return NotPaid(refusing.not_chosen_place(meant.name), ENTITLEMENT_RULE)
    return len(held)
