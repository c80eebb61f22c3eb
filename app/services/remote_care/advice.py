"""Answers "do I need to file, and what will I get with and without?" before anything is filed.

Pure: facts of the person and the care in, one explained answer out. Every number carries its source, and a
number that no source gives is said to be unknown.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.kit.packs import PackNote, Source
from app.kit.text import Text
from app.services.remote_care.categories import (
    CATEGORIES,
    Approver,
    BothDirections,
    Category,
    Decision,
    MedType,
    PersonFacts,
    Proof,
    RegionLike,
    Situation,
)
from app.services.remote_care.exemptions import PROVINCE_LENGTH, Benefit, Exemption, exemption
from app.services.remote_care.pack_model import Ground, Pack, PaperGroup
from app.services.remote_care.records import validity
from app.services.remote_care.rules import (
    PROOF_NAMES,
    category_problems,
    decision_mode,
    is_at_home,
    required_papers,
)
from app.services.remote_care.shares import ShareLine, not_filed_situation, share_lines
from app.services.remote_care.wording import papers_words, zh_day


class MustFile(StrEnum):
    YES = "yes"
    NO = "no"
    RECOMMENDED = "recommended"


AT_HOME = "at_home"
NOT_RECOGNISED = "chronic_not_recognised"
FILE_FIRST = "file_first"
FILE_BEFORE_DISCHARGE = "file_before_discharge"
"""The reasons beside those of the exemptions, whose reason is their kind."""


@dataclass(frozen=True, slots=True)
class ProofAdvice:
    """One way to prove a category, and how the filing is then decided."""

    proof: Proof
    papers: tuple[PaperGroup, ...]
    decision: Decision
    approver: Approver
    deadline_days: int | None
    both_directions: BothDirections
    words: Text
    source: Source


@dataclass(frozen=True, slots=True)
class CategoryAdvice:
    """A category that fits: how to file it, until when it holds if filed today, what the fund then pays."""

    category: Category
    name: Text
    for_whom: Text
    proofs: tuple[ProofAdvice, ...]
    valid_until: date | None
    lock_until: date | None
    words: Text
    validity_source: Source
    shares: tuple[ShareLine, ...]


@dataclass(frozen=True, slots=True)
class Advice:
    """The whole answer. ``pack_id`` and ``pack_until``: by which rules it was given, how long those hold."""

    must_file: MustFile
    reason: str
    words: Text
    source: Source
    pack_id: str
    pack_until: date | None
    exemption: Exemption | None
    categories: tuple[CategoryAdvice, ...]
    without_filing: tuple[ShareLine, ...]
    notes: tuple[PackNote, ...]


@dataclass(frozen=True, slots=True)
class _Question:
    pack: Pack
    facts: PersonFacts
    care: RegionLike
    med_type: MedType
    hospital_level: int | None
    urgent: bool
    today: date

    @property
    def far(self) -> bool:
        return self.care.code[:PROVINCE_LENGTH] != self.facts.home_region_code[:PROVINCE_LENGTH]

    def shares(self, situation: Situation) -> tuple[ShareLine, ...]:
        return share_lines(self.pack, self.facts, self.med_type, situation, self.hospital_level, far=self.far)


def advise(
    pack: Pack,
    facts: PersonFacts,
    care: RegionLike,
    med_type: MedType,
    *,
    hospital_level: int | None = None,
    urgent: bool = False,
    today: date,
) -> Advice:
    """The answer for care in a region (``care``: the city or municipality, or any region at home).

    ``pack`` is the one in force for ``facts.home_region_code`` today; ``hospital_level`` is 1 to 3, or None.
    """
    question = _Question(pack, facts, care, med_type, hospital_level, urgent, today)
    if is_at_home(pack, facts.home_region_code, care.code):
        return _no_need(question, AT_HOME, _at_home_words(question), pack.home_area.source)
    granted = exemption(pack, facts, care.code, med_type, urgent=urgent, on=today)
    if granted is not None and granted.full:
        return _exempt(question, granted)
    if med_type is MedType.CHRONIC_OUTPATIENT and not facts.chronic_entitled:
        source = pack.grounds[Ground.CHRONIC_RECOGNITION]
        return _no_need(question, NOT_RECOGNISED, NOT_RECOGNISED_WORDS, source)
    situation = not_filed_situation(pack, facts, med_type, urgent=urgent)
    if granted is not None:
        return _answer(
            question, MustFile.RECOMMENDED, granted.kind, granted.words, granted.source, situation, granted
        )
    if urgent:
        source = pack.rules[Category.EMERGENCY].backfile.source
        return _answer(question, MustFile.YES, FILE_BEFORE_DISCHARGE, URGENT_WORDS, source, situation, None)
    ground = Ground.FILE_ACROSS_PROVINCES if question.far else Ground.FILE_IN_PROVINCE
    words = _file_first_words(question)
    return _answer(question, MustFile.YES, FILE_FIRST, words, pack.grounds[ground], situation, None)


NOT_RECOGNISED_WORDS = Text(
    "门诊慢特病要先办资格认定，认定后才能按慢特病报销。您还没有认定，备案也用不上，请先申请门诊慢特病。",
    "A chronic disease must be recognised before it is paid as one. Yours is not yet; apply for "
    "recognition first, "
    "for filing alone brings nothing.",
)
URGENT_WORDS = Text(
    "先救治，要备案。请在出院结算前用手机补办，出院时就能直接刷医保。",
    "Get treated first, but do file: on the phone before the bill is settled, so that it is settled "
    "directly.",
)


def _at_home_words(question: _Question) -> Text:
    return Text(
        f"不用备案。{question.care.name}就在您的参保地范围内，看病直接刷医保。",
        f"No filing needed: {question.care.name} lies within your home region.",
    )


def _file_first_words(question: _Question) -> Text:
    care, home = question.care.name, question.pack.name
    if not question.far:
        return Text(
            f"请先备案。{care}在省内，有的地方省内看病不用备案，但没有查到{home.zh}有这项规定，"
            "备好案最稳妥。",
            f"Please file first. {care} lies in your province; some regions waive filing there, but we "
            "know of no such "
            f"rule of {home.en}.",
        )
    zh = f"需要先备案。不备案，在{care}看病不能直接刷医保，要自己先垫钱。备案在手机上就能办。"
    en = f"File first, on the phone. Without filing you pay the bill in {care} in advance, in full."
    if question.med_type is MedType.CHRONIC_OUTPATIENT:
        zh += "跨省只有一部分慢特病能直接结算，去之前请拨打 12393 问清楚您的病在不在里面。"
        en += " Only some chronic diseases settle across provinces: call 12393 about yours before you go."
    return Text(zh, en)


def _no_need(question: _Question, reason: str, words: Text, source: Source) -> Advice:
    return Advice(
        must_file=MustFile.NO,
        reason=reason,
        words=words,
        source=source,
        pack_id=question.pack.pack_id,
        pack_until=question.pack.effective_until,
        exemption=None,
        categories=(),
        without_filing=(),
        notes=(),
    )


EXEMPT_SITUATIONS = {
    Benefit.AS_AT_HOME: Situation.AS_AT_HOME,
    Benefit.AS_EMERGENCY: Situation.EMERGENCY,
    Benefit.AS_FILED: Situation.COUNTS_AS_FILED,
}


def _exempt(question: _Question, granted: Exemption) -> Advice:
    """No filing needed. An emergency's category is still shown, for a hospital that registered none."""
    situation = EXEMPT_SITUATIONS.get(granted.benefit)
    categories = (Category.EMERGENCY,) if granted.benefit is Benefit.AS_EMERGENCY else ()
    return Advice(
        must_file=MustFile.NO,
        reason=granted.kind,
        words=granted.words,
        source=granted.source,
        pack_id=question.pack.pack_id,
        pack_until=question.pack.effective_until,
        exemption=granted,
        categories=tuple(_category(question, category) for category in categories),
        without_filing=question.shares(situation) if situation is not None else (),
        notes=question.pack.notes,
    )


def _answer(
    question: _Question,
    must_file: MustFile,
    reason: str,
    words: Text,
    source: Source,
    situation: Situation,
    granted: Exemption | None,
) -> Advice:
    pack = question.pack
    return Advice(
        must_file=must_file,
        reason=reason,
        words=words,
        source=source,
        pack_id=pack.pack_id,
        pack_until=pack.effective_until,
        exemption=granted,
        categories=tuple(_category(question, category) for category in _fitting(question)),
        without_filing=question.shares(situation),
        notes=pack.notes,
    )


def _fitting(question: _Question) -> list[Category]:
    """The categories this person may use, long-term ones first; nobody is referred to a pharmacy."""
    if question.urgent:
        wanted = [Category.EMERGENCY]
    else:
        unfit = {Category.EMERGENCY}
        if question.med_type is MedType.PHARMACY:
            unfit.add(Category.REFERRAL)
        wanted = [category for category in Category if category not in unfit]
    return [c for c in wanted if not category_problems(question.pack, c, question.facts)]


def _category(question: _Question, category: Category) -> CategoryAdvice:
    pack = question.pack
    info, rules = CATEGORIES[category], pack.rules[category]
    held = validity(pack, category, question.today)
    return CategoryAdvice(
        category=category,
        name=info.name,
        for_whom=info.for_whom,
        proofs=tuple(_proof(pack, category, proof) for proof in rules.proof.value.options),
        valid_until=held.end,
        lock_until=held.lock_until,
        words=_held_words(held.end, held.lock_until),
        validity_source=rules.validity_months.source,
        shares=question.shares(category.situation),
    )


def _held_words(end: date | None, lock_until: date | None) -> Text:
    zh = f"今天办，有效到{zh_day(end)}。" if end else "今天办，一直有效，直到您取消。"
    en = f"Filed today it holds until {end}." if end else "Filed today it holds until you cancel it."
    if lock_until is not None:
        zh += f"到{zh_day(lock_until)}为止不能变更或取消。"
        en += f" It cannot be changed or cancelled up to and including {lock_until}."
    return Text(zh, en)


BOTH_DIRECTIONS_WORDS = {
    BothDirections.YES: Text(
        "备案后回参保地看病，待遇不受影响。", "Your benefit when treated at home is not affected."
    ),
    BothDirections.AFTER_DOCUMENTS: Text(
        "回参保地看病要想待遇不受影响，以后需要补交证明材料。",
        "For full benefit when treated at home, hand in the papers later.",
    ),
    BothDirections.NO: Text(
        "备案期间回参保地看病，待遇可能降低。",
        "While it holds, your benefit when treated at home may be lower.",
    ),
    BothDirections.NOT_APPLICABLE: Text("", ""),
}


def _proof(pack: Pack, category: Category, proof: Proof) -> ProofAdvice:
    demand = required_papers(pack, category, proof)
    mode = decision_mode(pack, category, proof)
    both = pack.rules[category].both_directions.value[proof]
    instant = mode.decision is Decision.INSTANT
    words = _decided_words(demand.groups, mode.approver, None if instant else mode.deadline_days)
    home = BOTH_DIRECTIONS_WORDS[both]
    return ProofAdvice(
        proof=proof,
        papers=demand.groups,
        decision=mode.decision,
        approver=mode.approver,
        deadline_days=None if instant else mode.deadline_days,
        both_directions=both,
        words=Text(words.zh + home.zh, f"{words.en} {home.en}".rstrip()),
        source=pack.rules[category].proof.source,
    )


def _decided_words(groups: tuple[PaperGroup, ...], approver: Approver, deadline_days: int | None) -> Text:
    papers = papers_words(groups) if groups else PROOF_NAMES[Proof.NONE]
    zh, en = f"需要：{papers.zh}。", f"Needed: {papers.en}."
    if deadline_days is None:
        return Text(f"{zh}提交后马上生效。", f"{en} It takes effect at once.")
    if approver is Approver.REFERRING_HOSPITAL:
        return Text(
            f"{zh}由转诊医院在网上审核，{deadline_days}个工作日内办好。",
            f"{en} The referring hospital approves it online within {deadline_days} working days.",
        )
    return Text(
        f"{zh}医保经办机构审核，{deadline_days}个工作日内办好。",
        f"{en} The agency reviews it within {deadline_days} working days.",
    )
