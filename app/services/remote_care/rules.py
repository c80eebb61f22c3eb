"""The decisions on one filing: where to, by whom, from when, with which papers, and decided how.

Pure functions over a pack. A user's mistake never raises: every function returns all problems at once, so
that the form can say everything in one go. Filing late is in ``backfiling``, what concerns a record once it
exists is in ``records``, and who need not file at all is in ``exemptions``.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from app.kit.packs import Source
from app.kit.text import Text
from app.materials.kinds import PaperKind
from app.services.remote_care.categories import (
    CATEGORIES,
    Approver,
    Category,
    Decision,
    FormField,
    PersonFacts,
    Problem,
    Proof,
    RegionLike,
)
from app.services.remote_care.pack_model import AreaScope, Pack, PaperGroup
from app.services.remote_care.wording import HOTLINE, zh_day

MUNICIPALITIES = frozenset({"11", "12", "31", "50"})
CITY_LENGTH = 4
COUNTY_LENGTH = 6


@dataclass(frozen=True, slots=True)
class Destination:
    """The city (or municipality) the filing goes to; ``note`` says that a district was lifted to it."""

    code: str
    name: str
    note: Text | None
    problems: tuple[Problem, ...]


def filing_place_code(code: str) -> str:
    """The code of the place one files to for care at ``code``: a municipality (2 digits) or a city (4).

    Counties directly under a province (xx90yy) have no city and are filed to by themselves (6). A province
    that is no municipality gives itself, and ``judge_destination`` refuses it.
    """
    if code[:2] in MUNICIPALITIES:
        return code[:2]
    if code[2:4] == "90":
        return code[:COUNTY_LENGTH]
    return code[:CITY_LENGTH]


def home_area_code(pack: Pack, home_region_code: str) -> str:
    """The code of the area inside which no filing is needed or possible."""
    if pack.home_area.value is AreaScope.COUNTY:
        return home_region_code[:COUNTY_LENGTH]
    return filing_place_code(home_region_code)


def is_at_home(pack: Pack, home_region_code: str, care_region_code: str) -> bool:
    """Whether care in a region is care at home. A city is not home to a county that pools by itself."""
    return care_region_code.startswith(home_area_code(pack, home_region_code))


def judge_destination(
    pack: Pack, home_region_code: str, chosen: RegionLike, place: RegionLike
) -> Destination:
    """Judge the region a person chose. ``place`` is the region with ``filing_place_code(chosen.code)``.

    One files to a city or a municipality, not to a district or a hospital [code]; a district is lifted to
    its city. Raises ValueError if ``place`` is not the place of ``chosen``: that is the caller's mistake.
    """
    if place.code != filing_place_code(chosen.code):
        raise ValueError(f"{place.code} is not where one files for care at {chosen.code}")
    if _is_too_wide(place):
        problem = Problem(
            FormField.CARE_REGION,
            "care_region_too_wide",
            f"“{place.name}”范围太大，请再往下选到具体的城市。直辖市选到市就可以。",
            f"{place.name} is too wide. Choose the city; a municipality such as Beijing is enough by itself.",
        )
        return Destination(place.code, place.name, None, (problem,))
    if is_at_home(pack, home_region_code, chosen.code) or is_at_home(pack, home_region_code, place.code):
        problem = Problem(
            FormField.CARE_REGION,
            "care_region_is_home",
            f"“{chosen.name}”就在您的参保地范围内，看病直接刷医保，不用备案。要去外地看病，请选外地的城市。",
            f"{chosen.name} lies within your home region, where no filing is needed. Choose a city "
            "elsewhere.",
        )
        return Destination(place.code, place.name, None, (problem,))
    return Destination(place.code, place.name, _lift_note(chosen, place), ())


def _is_too_wide(place: RegionLike) -> bool:
    is_province = len(place.code) == 2 and place.code not in MUNICIPALITIES
    is_container = len(place.code) == CITY_LENGTH and place.code[2:] == "90"
    return is_province or is_container


def _lift_note(chosen: RegionLike, place: RegionLike) -> Text | None:
    if chosen.code == place.code:
        return None
    return Text(
        f"备案只到城市，不用选到区县或医院。已为您按“{place.name}”备案，全市联网的定点医院都能用。",
        f"One files to a city, not to a district or hospital. Filed to {place.name}; all its connected "
        "hospitals count.",
    )


def category_problems(pack: Pack, category: Category, facts: PersonFacts) -> list[Problem]:
    """Whether the region offers the category and the person may use it."""
    problems: list[Problem] = []
    name = CATEGORIES[category].name
    if not pack.rules[category].offered.value:
        problems.append(
            Problem(
                FormField.CATEGORY,
                "category_not_offered",
                f"{pack.name.zh}不办理“{name.zh}”备案，请换一种备案类型，或拨打 {HOTLINE} 询问。",
                f"{pack.name.en} does not offer this category: {name.en}. Choose another or call {HOTLINE}.",
            )
        )
    if category is Category.RESETTLED_RETIREE and not facts.retired:
        problems.append(
            Problem(
                FormField.CATEGORY,
                "category_needs_retirement",
                "“异地安置退休人员”只适合已经退休的人。您还没有退休，长期住在外地请选“异地长期居住人员”。",
                "This category is for retired people. If you live elsewhere for long, choose long-term "
                "resident.",
            )
        )
    if category is Category.POSTED_WORKER and (facts.retired or facts.student):
        problems.append(
            Problem(
                FormField.CATEGORY,
                "category_needs_work",
                "“常驻异地工作人员”只适合在外地上班的人。长期住在外地请选“异地长期居住人员”。",
                "This category is for people at work elsewhere. If you live there for long, choose "
                "long-term resident.",
            )
        )
    return problems


def start_problems(pack: Pack, category: Category, start: date, today: date) -> list[Problem]:
    """Whether an ordinary filing (no back-filing) may begin on ``start``."""
    window = pack.rules[category].start_window.value
    earliest = today - timedelta(days=window.earliest_days)
    latest = today + timedelta(days=window.latest_days)
    if start < earliest:
        return [
            Problem(
                FormField.START_DATE,
                "start_date_too_early",
                f"开始日期最早可以选{zh_day(earliest)}。如果已经在外地住院，请选“补办备案”，并填写入院日期。",
                f"The earliest start is {earliest}. If you are in hospital already, file late and give its "
                "first day.",
            )
        ]
    if start > latest:
        return [
            Problem(
                FormField.START_DATE,
                "start_date_too_late",
                f"开始日期最晚可以选{zh_day(latest)}，更晚的请到时候再备案。",
                f"The latest start is {latest}. File closer to the day.",
            )
        ]
    return []


@dataclass(frozen=True, slots=True)
class PaperDemand:
    """The proof that counts (None while the choice is open or wrong) and the papers it takes."""

    proof: Proof | None
    groups: tuple[PaperGroup, ...]
    source: Source
    problems: tuple[Problem, ...]


def required_papers(pack: Pack, category: Category, proof: Proof | None) -> PaperDemand:
    """The papers a filing needs. Where there is only one way to prove, ``proof`` may be left open (None)."""
    rules = pack.rules[category]
    options = rules.proof.value.options
    if proof is None and len(options) == 1:
        proof = options[0]
    if proof is None:
        problem = Problem(
            FormField.PROOF,
            "proof_not_chosen",
            "请选一种证明方式：签一份承诺书，或者上传证明材料。",
            "Choose how to prove it: sign a commitment, or upload papers.",
        )
        return PaperDemand(None, (), rules.proof.source, (problem,))
    if proof not in options:
        return PaperDemand(None, (), rules.proof.source, (_proof_not_accepted(pack, options),))
    return PaperDemand(proof, rules.papers.value.get(proof, ()), rules.papers.source, ())


PROOF_NAMES = {
    Proof.COMMITMENT: Text("签承诺书", "a signed commitment"),
    Proof.DOCUMENTS: Text("上传证明材料", "papers"),
    Proof.REFERRAL_SLIP: Text("上传转诊单", "a referral slip"),
    Proof.NONE: Text("不用任何材料", "no papers at all"),
}


def _proof_not_accepted(pack: Pack, options: tuple[Proof, ...]) -> Problem:
    zh = "或".join(PROOF_NAMES[option].zh for option in options)
    en = " or ".join(PROOF_NAMES[option].en for option in options)
    return Problem(
        FormField.PROOF,
        "proof_not_accepted",
        f"{pack.name.zh}办这种备案的方式是：{zh}，请改选。",
        f"For this category {pack.name.en} takes {en}. Please change your choice.",
    )


def missing_papers(groups: Iterable[PaperGroup], have: Collection[PaperKind]) -> tuple[PaperGroup, ...]:
    """The demanded papers of which no accepted kind is there."""
    return tuple(group for group in groups if not any(kind in have for kind in group.any_of))


@dataclass(frozen=True, slots=True)
class DecisionMode:
    """Instant, or reviewed by whom and within how many working days."""

    decision: Decision
    approver: Approver
    deadline_days: int
    source: Source


def decision_mode(pack: Pack, category: Category, proof: Proof) -> DecisionMode:
    """How a filing with this proof is decided. ``proof`` must be one that ``required_papers`` accepted."""
    rules = pack.rules[category]
    return DecisionMode(
        rules.decision.value[proof], rules.approver.value, rules.deadline_days.value, rules.decision.source
    )
