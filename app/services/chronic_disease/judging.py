"""The judgement of a submitted application: everything that is wrong at once, over all diseases, or where it goes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from app.filings.coverage import choose_coverage
from app.filings.declaration import Judgement, MissingPaper, Queue, Submission
from app.identity.actor import Role
from app.kit.text import Text
from app.materials import service as materials
from app.places import service as places
from app.places.models import Institution, InstitutionType
from app.services.chronic_disease import doubles, entitlements, errors, evidence, opinions
from app.services.chronic_disease.benefits import Benefit, criteria_of, disease_name
from app.services.chronic_disease.catalogue import find as find_disease
from app.services.chronic_disease.concluding import WITH_EXPERTS, items_of
from app.services.chronic_disease.models import ChronicItem, ExpertOpinion, ItemStatus
from app.services.chronic_disease.pack_model import CriteriaPack, DiseaseCriteria, PaperRule
from app.services.chronic_disease.packs import pack_for

LEVEL_NAMES = {1: Text("一级", "level 1"), 2: Text("二级", "level 2"), 3: Text("三级", "level 3")}


@dataclass
class Found:
    """What was wrong so far. problems: by field of the form."""

    problems: dict[str, list[Text]] = field(default_factory=dict)
    missing: list[MissingPaper] = field(default_factory=list)

    def add(self, name: str, text: Text) -> None:
        self.problems.setdefault(name, []).append(text)


def judge_chronic(submission: Submission) -> Judgement:
    """Judge by the pack of the day of the first submission. Raises what concerns the insurance as a whole."""
    judged = _judge(submission, Benefit.CHRONIC)
    if judged.problems or judged.missing or judged.refusal or judged.coverage is None:
        return judged
    queue = Queue(Role.EXPERT, judged.coverage.region_code, stage=WITH_EXPERTS)
    return Judgement(judged.coverage, judged.pack_id, queue=queue, changes=judged.changes)


def judge_two_disease(submission: Submission) -> Judgement:
    """The same for 两病: the agency reviews alone."""
    judged = _judge(submission, Benefit.TWO_DISEASE)
    if judged.problems or judged.missing or judged.refusal or judged.coverage is None:
        return judged
    queue = Queue(Role.HANDLER, judged.coverage.region_code)
    return Judgement(judged.coverage, judged.pack_id, queue=queue, changes=judged.changes)


def pack_on(region_code: str, day: date) -> CriteriaPack:
    """The region's pack of a day. Raises NO_RULES before the oldest."""
    try:
        return pack_for(region_code, day)
    except LookupError:
        raise errors.NO_RULES() from None


def _judge(submission: Submission, benefit: Benefit) -> Judgement:
    form = submission.form
    coverage = choose_coverage(submission.coverages, submission.today, form.get("insutype"))
    pack = pack_on(coverage.region_code, submission.submitted_on or submission.today)
    entries: Sequence[dict[str, Any]] = form["diseases"]
    hospitals = _hospitals(submission, entries)
    found = Found()
    proven = evidence.proven(submission, benefit)
    person_id, codes = submission.person.id, [entry["disease_code"] for entry in entries]
    held = doubles.held_besides(submission.session, person_id, submission.filing_id, submission.today)
    for place, entry in enumerate(entries):
        rules = criteria_of(pack, benefit, entry["disease_code"])
        if rules is None or coverage.insutype not in rules.insutypes:
            found.add(f"diseases.{place}.disease_code", _not_offered(entry["disease_code"], benefit))
            continue
        _check_entry(found, submission, place, entry, rules, hospitals)
        if entry["disease_code"] in proven:
            rules = replace(rules, papers=(), renewal=None)
        renewed = doubles.renewed_by(held, benefit, entry["disease_code"])
        _check_papers(found, submission, place, entry, rules, renews=renewed is not None)
    _check_decided(found, submission, entries)
    _check_against_each_other(found, pack, benefit, entries)
    if len(form.get("institution_ids", ())) > pack.max_institutions:
        words = Text(f"最多选 {pack.max_institutions} 家。", f"At most {pack.max_institutions}.")
        found.add("institution_ids", words)
    elif chosen := form.get("institution_ids"):
        wrong = entitlements.institution_problems(submission.session, coverage.region_code, chosen)
        for name, words in wrong.items():
            found.add(name, words)
    if found.problems or found.missing:
        return Judgement(coverage, pack.pack_id, problems=found.problems, missing=found.missing)
    refusal = doubles.find(
        submission.session, person_id, submission.filing_id, pack, benefit, codes, submission.today
    )
    if refusal is not None:
        return Judgement(coverage, pack.pack_id, refusal=refusal)
    return Judgement(coverage, pack.pack_id, changes={"diseases": _with_names(entries, hospitals)})


def _not_offered(code: str, benefit: Benefit) -> Text:
    if find_disease(code) is None:
        return Text("没有这个病种，请从列表里选择。", "There is no such disease. Choose from the list.")
    if benefit is Benefit.TWO_DISEASE:
        return Text("两病只包括高血压和糖尿病。", "This benefit is for hypertension and diabetes only.")
    return Text("您的参保地或险种不办理这个病种。", "Your region or insurance does not offer this disease.")


def _hospitals(submission: Submission, entries: Sequence[Mapping[str, Any]]) -> Mapping[UUID, Institution]:
    wanted = {entry["institution_id"] for entry in entries if entry.get("institution_id")}
    return places.institutions_by_ids(submission.session, wanted) if wanted else {}


def _check_entry(
    found: Found,
    submission: Submission,
    place: int,
    entry: Mapping[str, Any],
    rules: DiseaseCriteria,
    hospitals: Mapping[UUID, Institution],
) -> None:
    name = f"diseases.{place}"
    day: date = entry["diagnosed_on"]
    if day > submission.today:
        found.add(f"{name}.diagnosed_on", Text("确诊日期不能晚于今天。", "Not later than today."))
    elif day < submission.person.birth_date:
        found.add(f"{name}.diagnosed_on", Text("确诊日期不能早于出生日期。", "Not before the birth."))
    institution_id = entry.get("institution_id")
    if institution_id is None:
        if not entry.get("hospital_name"):
            words = Text("请选择或填写确诊的医院。", "Choose or name the hospital of the diagnosis.")
            found.add(f"{name}.institution_id", words)
        return
    hospital = hospitals.get(institution_id)
    if hospital is None or hospital.type is not InstitutionType.HOSPITAL:
        found.add(f"{name}.institution_id", Text("没有这家医院。", "There is no such hospital."))
    elif (hospital.level or 0) < rules.min_hospital_level:
        level = LEVEL_NAMES[rules.min_hospital_level]
        words = Text(
            f"这个病种需要{level}及以上医院的诊断。",
            f"It takes a diagnosis by a hospital of {level.en} or above.",
        )
        found.add(f"{name}.institution_id", words)


def _check_papers(
    found: Found,
    submission: Submission,
    place: int,
    entry: Mapping[str, Any],
    rules: DiseaseCriteria,
    *,
    renews: bool,
) -> None:
    """Whether there is a paper of every kind asked for; of a renewal those of the renewal.

    How old a paper is (``PaperRule.within_months``) stands on it and not in its photograph: applicants are told, and
    the experts look.
    """
    own: Sequence[UUID] | None = entry.get("material_ids")
    strangers = [one for one in own or () if one not in submission.papers]
    if strangers:
        words = Text(
            "有材料没有放进这件申请，请重新添加。", "A paper named here is not among the papers of the case."
        )
        found.add(f"diseases.{place}.material_ids", words)
        return
    about_this = submission.papers if own is None else {one: submission.papers[one] for one in own}
    # Who one is needs no proof per disease.
    kinds = set(about_this.values()) | {k for k in submission.papers.values() if k in _PERSONAL}
    asked = rules.renewal.papers if renews and rules.renewal is not None else rules.papers
    for rule in asked:
        if not kinds & set(rule.kinds):
            found.missing.append(_missing(entry["disease_code"], rule))


_PERSONAL = frozenset({"id_card_front", "id_card_back", "social_card", "household_register"})


def _missing(code: str, rule: PaperRule) -> MissingPaper:
    names = [materials.kind_name(kind) for kind in rule.kinds]
    name = Text("或".join(str(one) for one in names), " or ".join(one.en for one in names))
    disease = disease_name(code)
    why = Text(f"{disease}：{rule.why}{_age(rule)}", f"{disease}: {rule.why.en}{_age(rule).en}")
    return MissingPaper(rule.kinds[0], name, why)


def _age(rule: PaperRule) -> Text:
    if rule.within_months is None:
        return Text("", "")
    return Text(f"（{rule.within_months} 个月以内的）", f" (not older than {rule.within_months} months)")


def _check_decided(found: Found, submission: Submission, entries: Sequence[Mapping[str, Any]]) -> None:
    """After a correction: what an expert has looked at stays in the application, and what is decided as it was."""
    by_code = {entry["disease_code"]: (place, entry) for place, entry in enumerate(entries)}
    items = {item.id: item for item in items_of(submission.session, submission.filing_id)}
    seen = opinions.of_filing(submission.session, submission.filing_id)
    for opinion in {one.item_id: one for one in seen}.values():
        item = items[opinion.item_id]
        if item.disease_code not in by_code:
            name = disease_name(item.disease_code)
            words = Text(
                f"专家已经看过“{name}”，不能从这件申请里去掉。",
                f"An expert has looked at {name}; it cannot be taken out.",
            )
            found.add("diseases", words)
            continue
        place, entry = by_code[item.disease_code]
        if item.state is not ItemStatus.WAITING and not _same_facts(entry, _as_signed(opinion, item)):
            words = Text(
                "专家已经鉴定过，不能再改。", "An expert has decided on it; it cannot be changed any more."
            )
            found.add(f"diseases.{place}.disease_code", words)


def _as_signed(opinion: ExpertOpinion, item: ChronicItem) -> Mapping[str, Any]:
    """The entry of the form on which the expert decided."""
    form: Mapping[str, Any] = opinions.content_of(opinion)["form"]
    return next(entry for entry in form["diseases"] if entry["disease_code"] == item.disease_code)


def _same_facts(entry: Mapping[str, Any], signed: Mapping[str, Any]) -> bool:
    """Whether day and hospital are the same. The signed form is as it is kept: dates and ids are texts."""
    if str(entry["diagnosed_on"]) != signed["diagnosed_on"]:
        return False
    if entry.get("institution_id") is not None or signed.get("institution_id") is not None:
        return str(entry.get("institution_id")) == signed.get("institution_id")
    return bool(entry.get("hospital_name") == signed.get("hospital_name"))


def _check_against_each_other(
    found: Found, pack: CriteriaPack, benefit: Benefit, entries: Sequence[Mapping[str, Any]]
) -> None:
    codes = [entry["disease_code"] for entry in entries]
    for place, code in enumerate(codes):
        rules = criteria_of(pack, benefit, code)
        if rules is None:
            continue
        wider = [other for other in codes if other in pack.diseases and code in pack.diseases[other].includes]
        for other in wider if benefit is Benefit.CHRONIC else ():
            words = Text(
                f"“{disease_name(other)}”已经包含这个病种，不用同时申请。",
                f"{disease_name(other)} covers it; there is no need to apply for both.",
            )
            found.add(f"diseases.{place}.disease_code", words)
        for other in codes[:place]:
            if other in rules.excludes:
                words = Text(
                    f"不能与“{disease_name(other)}”同时申请。",
                    f"Cannot be applied for together with {disease_name(other)}.",
                )
                found.add(f"diseases.{place}.disease_code", words)


def _with_names(
    entries: Sequence[Mapping[str, Any]], hospitals: Mapping[UUID, Institution]
) -> list[dict[str, Any]]:
    """The entries with the names of hospitals chosen from the list: forms and draws go by names."""
    return [
        {**entry, "hospital_name": hospitals[entry["institution_id"]].name}
        if entry.get("institution_id") in hospitals
        else dict(entry)
        for entry in entries
    ]
