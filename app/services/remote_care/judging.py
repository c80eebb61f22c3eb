"""The judgement of a submitted remote-care filing: everything that is wrong at once, or where it goes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.filings import service as filings
from app.filings.coverage import choose_coverage
from app.filings.declaration import Judgement, MissingPaper, Queue, Submission
from app.identity.actor import Role
from app.identity.models import Coverage
from app.kit.errors import NOT_FOUND, Problem
from app.kit.text import Text
from app.materials.kinds import PaperKind
from app.places import regions
from app.places import service as places
from app.places.errors import NO_SUCH_REGION
from app.places.models import Institution
from app.services.remote_care import errors, store
from app.services.remote_care.backfiling import Settled, judge_backfile
from app.services.remote_care.categories import (
    Approver,
    Category,
    Decision,
    FormField,
    MedType,
    PersonFacts,
    Proof,
)
from app.services.remote_care.categories import Problem as RuleProblem
from app.services.remote_care.exemptions import exemption
from app.services.remote_care.pack_model import Pack
from app.services.remote_care.packs import pack_by_id, pack_for
from app.services.remote_care.records import CareRecord, change_permission, overlap, validity
from app.services.remote_care.rules import (
    DecisionMode,
    category_problems,
    decision_mode,
    filing_place_code,
    judge_destination,
    missing_papers,
    required_papers,
    start_problems,
)
from app.services.remote_care.wording import paper_words

CODE = "remote_care"
Problems = list[RuleProblem]


@dataclass(frozen=True)
class Place:
    """Where one files to, and what was wrong with the choice."""

    code: str
    name: str
    problems: Sequence[RuleProblem]


def judge(submission: Submission) -> Judgement:
    """Judge a submission by the pack of its day. Coverage problems and the like raise; the rest is collected."""
    form = submission.form
    # A stay that is filed for late is covered, or not, by the insurance of its first day.
    coverage = choose_coverage(
        submission.coverages, form.get("admitted_on") or submission.today, form.get("insutype")
    )
    # A corrected case is judged by the rules of the day on which it was first submitted.
    pack = pack_on(coverage.region_code, submission.submitted_on or submission.today)
    facts = person_facts(coverage, submission.today)
    category: Category = form["category"]
    place = _destination(pack, coverage, form["care_region_code"])
    start, problems = _start(pack, category, submission)
    problems = [
        *place.problems,
        *category_problems(pack, category, facts),
        *problems,
        *_asked(category, form),
        *_covered(coverage, start),
    ]
    demand = required_papers(pack, category, form.get("proof"))
    problems.extend(demand.problems)
    proof = demand.proof
    if proof is Proof.COMMITMENT and not form.get("commitment_accepted"):
        problems.append(_NOT_COMMITTED)
    missing = [] if demand.problems else _missing(demand.groups, submission.paper_kinds, proof)
    if problems or missing:
        return Judgement(coverage, pack.pack_id, problems=_by_field(problems), missing=missing)
    refusal = _refusal(submission, pack, facts, place, category, start)
    if refusal is not None or proof is None:
        return Judgement(coverage, pack.pack_id, refusal=refusal or NOT_FOUND())
    mode = decision_mode(pack, category, proof)
    queue, problems = _queue(submission, coverage, mode)
    changes = {"care_region_code": place.code, "start_date": start, "proof": proof}
    return Judgement(coverage, pack.pack_id, problems=_by_field(problems), queue=queue, changes=changes)


def pack_on(region_code: str, day: date) -> Pack:
    """The region's pack of a day. Raises NO_RULES before the oldest."""
    try:
        return pack_for(region_code, day)
    except LookupError:
        raise errors.NO_RULES() from None


def person_facts(coverage: Coverage, on: date) -> PersonFacts:
    """A coverage as the rules see it."""
    return PersonFacts(
        insutype=coverage.insutype,
        home_region_code=coverage.region_code,
        retired=coverage.retired,
        student=coverage.student,
        in_good_standing=coverage.in_force(on),
    )


def _destination(pack: Pack, coverage: Coverage, code: str) -> Place:
    chosen = regions.find(code)
    place = regions.find(filing_place_code(code))
    if chosen is None or place is None:
        problem = RuleProblem(
            FormField.CARE_REGION,
            "care_region_unknown",
            NO_SUCH_REGION.zh,
            NO_SUCH_REGION.en,
        )
        return Place(code, code, (problem,))
    destination = judge_destination(pack, coverage.region_code, chosen, place)
    return Place(destination.code, destination.name, destination.problems)


def _start(pack: Pack, category: Category, submission: Submission) -> tuple[date, Problems]:
    """The first day of the filing: the day of admission when it is filed late, else the day asked for."""
    form, today = submission.form, submission.today
    admitted: date | None = form.get("admitted_on")
    if admitted is None:
        start = form.get("start_date") or today
        # What was in time when it was first submitted stays in time through the corrections.
        judged_on = submission.submitted_on or today
        return start, start_problems(pack, category, start, judged_on)
    backfile = judge_backfile(
        pack,
        category,
        admitted=admitted,
        discharged=form.get("discharged_on"),
        settled=form.get("settled") or Settled.NOT_YET,
        today=today,
    )
    return backfile.begin or admitted, list(backfile.problems)


def _asked(category: Category, form: Any) -> Problems:
    """What this category cannot do without."""
    problems = []
    if category is Category.REFERRAL and form.get("referring_institution_id") is None:
        problems.append(
            RuleProblem(
                FormField.REFERRING_INSTITUTION,
                "referring_institution_missing",
                "请选择给您开转诊单的医院。",
                "Choose the hospital that referred you.",
            )
        )
    if form.get("admitted_on") is not None and form.get("replaces_record_id") is not None:
        problems.append(
            RuleProblem(
                FormField.ADMITTED_ON,
                "change_not_late",
                "变更备案不能同时补办住院。请先单独补办这次住院，再办变更。",
                "A change cannot be filed late. File for the stay by itself first.",
            )
        )
    if category is Category.EMERGENCY and form.get("admitted_on") is None:
        problems.append(
            RuleProblem(
                FormField.ADMITTED_ON,
                "admission_missing",
                "急诊抢救请填写入院（就诊）日期。",
                "Give the day on which the emergency care began.",
            )
        )
    return problems


def _covered(coverage: Coverage, start: date) -> Problems:
    """A filing cannot begin after the insurance has ended."""
    if coverage.end_date is None or start <= coverage.end_date:
        return []
    return [
        RuleProblem(
            FormField.START_DATE,
            "start_date_after_coverage",
            f"您的医保到 {coverage.end_date} 为止，开始日期要在这之前。",
            f"Your insurance ends on {coverage.end_date}; the filing must begin before that.",
        )
    ]


_NOT_COMMITTED = RuleProblem(
    "commitment_accepted",
    "commitment_missing",
    "请阅读承诺书并勾选“我承诺以上内容属实”。",
    "Please read the commitment and accept it.",
)


def _missing(groups: Iterable[Any], have: Sequence[str], proof: Proof | None) -> list[MissingPaper]:
    kinds = {PaperKind(kind) for kind in have if kind in set(PaperKind)}
    if proof is Proof.COMMITMENT:
        # The commitment is accepted on the phone and stands in the history; no photograph of it is asked for.
        kinds.add(PaperKind.COMMITMENT)
    missing = []
    for group in missing_papers(groups, kinds):
        words = paper_words(group)
        choice = Text("任选一种，请拍照上传。", "Any one of them; please photograph and upload it.")
        one = Text("请拍照上传。", "Please photograph and upload it.")
        why = choice if len(group.any_of) > 1 else one
        missing.append(MissingPaper(group.any_of[0].value, words, why))
    return missing


def _refusal(
    submission: Submission, pack: Pack, facts: PersonFacts, place: Place, category: Category, start: date
) -> Problem | None:
    """Why this filing would give nothing, or clash with what there is."""
    late = submission.form.get("admitted_on") is not None
    exempt = None if late else _exempt_from_all(pack, facts, place.code, submission.today)
    if exempt is not None:
        return errors.FILING_NOT_NEEDED(reason=exempt)
    for filing in filings.pending_of_subject(
        submission.session, submission.person.id, CODE, submission.filing_id
    ):
        other = filing.form.get("care_region_code", "")
        if filing_place_code(other) == place.code and filing.form.get("category") == category:
            return errors.ALREADY_PENDING(place=place.name, number=filing.number)
    return _clash(submission, pack, place, category, start)


def _exempt_from_all(pack: Pack, facts: PersonFacts, care_code: str, today: date) -> Text | None:
    """The reason, if both inpatient and outpatient care there need no filing at all."""
    granted = [
        exemption(pack, facts, care_code, med_type, urgent=False, on=today)
        for med_type in (MedType.INPATIENT, MedType.OUTPATIENT)
    ]
    if all(one is not None and one.full for one in granted) and granted[0] is not None:
        return granted[0].words
    return None


def _clash(
    submission: Submission, pack: Pack, place: Place, category: Category, start: date
) -> Problem | None:
    changed = submission.form.get("replaces_record_id")
    existing = store.in_force(submission.session, submission.person.id, min(start, submission.today))
    if changed is not None:
        old = next((record for record in existing if record.id == changed), None)
        if old is None:
            return NOT_FOUND()
        if old.ended_at is not None or (old.enddate is not None and start > old.enddate):
            return errors.RECORD_NOT_CHANGEABLE(reason=CHANGE_TOO_LATE)
        permission = change_permission(pack_by_id(old.pack_id), store.as_care_record(old), submission.today)
        if not permission.allowed:
            return permission_problem(permission.problems)
    period = validity(pack, category, start)
    new = CareRecord("new", category, place.code, place.name, period.begin, period.end, period.lock_until)
    found = overlap([store.as_care_record(record) for record in existing if record.id != changed], new)
    if found.problems:
        return errors.OVERLAP(reason=found.words)
    return None


CHANGE_TOO_LATE = Text(
    "这份备案已经变更过，或者在您选的开始日期之前就到期了，不能变更。请按新的备案办理。",
    "This record was changed before, or ends before the day on which the change would begin. File anew instead.",
)


def _queue(submission: Submission, coverage: Coverage, mode: DecisionMode) -> tuple[Queue | None, Problems]:
    """Who reviews: nobody, the agency, or the desk of the hospital that refers."""
    if mode.decision is Decision.INSTANT:
        return None, []
    referring_id = submission.form.get("referring_institution_id")
    institution = None
    if referring_id is not None:
        found = places.institutions_by_ids(submission.session, [referring_id])
        institution = found.get(referring_id)
        if institution is None or not _may_refer(institution, coverage):
            return None, [_NOT_REFERRING]
    if mode.approver is Approver.REFERRING_HOSPITAL and institution is not None:
        desk = filings.desk_of_institution(submission.session, institution.id)
        if desk is not None:
            return Queue(Role.HANDLER, coverage.region_code, desk, "hospital_review", mode.deadline_days), []
    return Queue(Role.HANDLER, coverage.region_code, None, "agency_review", mode.deadline_days), []


def _may_refer(institution: Institution, coverage: Coverage) -> bool:
    """A hospital entitled to refer, in the pooling region or in the city that the region belongs to."""
    home = filing_place_code(coverage.region_code)
    return institution.can_refer and institution.active and institution.region_code.startswith(home)


_NOT_REFERRING = RuleProblem(
    FormField.REFERRING_INSTITUTION,
    "referring_institution_wrong",
    "这家医院不能办理转诊，请从列表里选择参保地有转诊资格的医院。",
    "This hospital may not refer. Choose one of your home region that may.",
)


def permission_problem(problems: Sequence[RuleProblem]) -> Problem:
    """A change or cancellation that is not possible now, with the day from which it is."""
    locked = any(problem.code == "record_locked" for problem in problems)
    kind = errors.RECORD_LOCKED if locked else errors.RECORD_NOT_CHANGEABLE
    return kind(
        reason=Text("".join(problem.zh for problem in problems), " ".join(problem.en for problem in problems))
    )


def _by_field(problems: Sequence[RuleProblem]) -> dict[str, list[Text]]:
    found: dict[str, list[Text]] = {}
    for problem in problems:
        found.setdefault(str(problem.field), []).append(Text(problem.zh, problem.en))
    return found
