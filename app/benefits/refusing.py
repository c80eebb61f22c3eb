"""Why the fund pays nothing of a bill, and what the person can do about it.

Who pays instead is said at the end of the explanation: it may be medical relief. The words are printed at the counter:
they name no disease that somebody holds.
"""

from collections.abc import Sequence

from app.benefits.model import Entitlement, MedType, PlaceKind, Question, Standing
from app.benefits.names import (
    CARE,
    ENTITLEMENTS,
    HOTLINE,
    INSURANCES,
    LEVELS,
    PLACES,
    STANDINGS,
    listed,
)
from app.benefits.pack_model import Benefit, PolicyPack
from app.kit.text import Text

_UNKNOWN = Text(
    f"这里还没有收录，这次医保基金没有付。能不能报、报多少，请拨打 {HOTLINE} 询问。",
    f"so the fund pays nothing now. Call {HOTLINE} to ask what can be paid.",
)
_NOT_NOW = Text("这次医保基金不付。", "The fund pays nothing this time.")


def no_pack() -> Text:
    return Text(
        f"您参保地的报销规定{_UNKNOWN.zh}", f"The rules of your region are not recorded here, {_UNKNOWN.en}"
    )


def no_benefit(pack: PolicyPack, insutype: str, med_type: MedType) -> Text:
    insurance, care = INSURANCES.get(insutype, Text("医保", "insurance")), CARE[med_type]
    return Text(
        f"{pack.name.zh}{insurance.zh}{care.zh}的报销规定{_UNKNOWN.zh}",
        f"What the {insurance.en} of {pack.name.en} pays for {care.en} is not recorded here, {_UNKNOWN.en}",
    )


def no_rule_there(pack: PolicyPack, question: Question) -> Text:
    """The pack knows this kind of care at home only, or elsewhere only, and the bill is the other."""
    care, home = CARE[question.bill.med_type], question.remote.at_home
    if question.remote.category is Standing.AS_AT_HOME:
        return Text(
            f"您在外地{care.zh}和在{pack.name.zh}报得一样，但{pack.name.zh}本地的报销规定{_UNKNOWN.zh}",
            f"Your {care.en} elsewhere is paid as at home, but what {pack.name.en} pays at home is not recorded here, "
            f"{_UNKNOWN.en}",
        )
    where = Text("本地", "at home") if home else Text("外地", "elsewhere")
    return Text(
        f"{pack.name.zh}参保人在{where.zh}{care.zh}的报销规定{_UNKNOWN.zh}",
        f"What {pack.name.en} pays for {care.en} {where.en} is not recorded here, {_UNKNOWN.en}",
    )


def no_share(pack: PolicyPack, benefit: Benefit, question: Question) -> Text:
    case = [] if question.remote.category is None else [STANDINGS[question.remote.category]]
    if question.place.level is not None:
        case.append(LEVELS[question.place.level])
    words = listed(case)
    zh = f"（{words.zh}）" if case else ""
    en = f" ({words.en})" if case else ""
    return Text(
        f"{pack.name.zh}{benefit.name.zh}{zh}的报销比例{_UNKNOWN.zh}",
        f"The share of {pack.name.en} for {benefit.name.en}{en} is not recorded here, {_UNKNOWN.en}",
    )


def outside_area(benefits: Sequence[Benefit]) -> Text:
    names = listed([benefit.name for benefit in benefits])
    area = listed(list(dict.fromkeys(one.scope.area for one in benefits if one.scope.area is not None)))
    return Text(
        f"{names.zh}只在{area.zh}的定点机构报销，这家不在那里。{_NOT_NOW.zh}",
        f"Paid in {area.en} only ({names.en}), and this place is not there. {_NOT_NOW.en}",
    )


def wrong_institution(benefits: Sequence[Benefit], kind: PlaceKind) -> Text:
    admitted = {one for benefit in benefits for one in benefit.scope.institutions}
    places = listed([name for one, name in PLACES.items() if one in admitted])
    names = listed([benefit.name for benefit in benefits])
    return Text(
        f"{names.zh}只在这些地方报销：{places.zh}。这家是{PLACES[kind].zh}。{_NOT_NOW.zh}",
        f"Paid here only ({names.en}): {places.en}. This is a {PLACES[kind].en}. {_NOT_NOW.en}",
    )


def not_entitled(wanted: Entitlement) -> Text:
    name = ENTITLEMENTS[wanted]
    return Text(
        f"没有查到您的{name.zh}资格，这次不能按{name.zh}报销。可以在手机上申请，批准以后再看病就能报。",
        f"No {name.en} of yours is in force, so none is paid. You can apply on the phone; it counts once granted.",
    )


def which_disease(wanted: Entitlement) -> Text:
    name = ENTITLEMENTS[wanted]
    return Text(
        f"您的{name.zh}资格不止一种病，账单没有写这次看的是哪一种，所以医保基金没有付。请收费处写上病种再结算。",
        f"Your {name.en} is for more than one disease, and the bill does not say for which it is. "
        "Ask the cashier to name the disease and to settle again.",
    )


def other_disease(wanted: Entitlement) -> Text:
    name = ENTITLEMENTS[wanted]
    return Text(
        f"账单上写的病种您没有{name.zh}资格。{_NOT_NOW.zh}写错了的，请收费处改过来再结算。",
        f"You hold no {name.en} for the disease on the bill. {_NOT_NOW.en} "
        "If it is a mistake, ask the cashier to mend it and to settle again.",
    )


def not_chosen_place(wanted: Entitlement) -> Text:
    name = ENTITLEMENTS[wanted]
    return Text(
        f"这家不是您为{name.zh}选定的定点机构。{_NOT_NOW.zh}可以在手机上查看和更改选定的机构。",
        f"This is not an institution that you chose for your {name.en}. {_NOT_NOW.en} "
        "You can see and change them on the phone.",
    )
