"""门诊慢特病 and 两病 as declarations: all that the case engine needs."""

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from app.filings.declaration import Effect, Fact, Form, PaperNeed, Queue, Service
from app.filings.models import Filing
from app.identity.actor import Role
from app.kit.text import Text
from app.materials.kinds import PAPER_NAMES, PaperKind
from app.services.chronic_disease import (
    auditing,
    deciding,
    effects,
    entitlements,
    opinions,
    recognition,
)
from app.services.chronic_disease.benefits import CHRONIC_CODE, TWO_DISEASE_CODE, disease_name
from app.services.chronic_disease.concluding import WITH_EXPERTS, items_of, reasons_against
from app.services.chronic_disease.form import ChronicDiseaseForm
from app.services.chronic_disease.judging import judge_chronic, judge_two_disease
from app.services.chronic_disease.models import ChronicItem
from app.services.chronic_disease.packs import pack_by_id
from app.services.chronic_disease.table import WORKFLOW as CHRONIC_WORKFLOW
from app.services.chronic_disease.two_disease_table import WORKFLOW as TWO_DISEASE_WORKFLOW
from app.services.chronic_disease.wording import state_of
from app.workflow.table import Action, Status

_DEPENDS = Text(
    "看申请的病种，提交时一次告诉您缺什么", "Depends on the disease; all that is missing is named at once"
)
_PAPERS = tuple(
    PaperNeed(kind.value, PAPER_NAMES[kind], _DEPENDS)
    for kind in (
        PaperKind.ID_CARD_FRONT,
        PaperKind.OUTPATIENT_RECORD,
        PaperKind.DISCHARGE_SUMMARY,
        PaperKind.EXAMINATION_REPORT,
        PaperKind.DIAGNOSIS_CERTIFICATE,
        PaperKind.PATHOLOGY_REPORT,
        PaperKind.SURGERY_RECORD,
        PaperKind.DIALYSIS_RECORD,
        PaperKind.PRESCRIPTION,
        PaperKind.FOLLOW_UP_RECORD,
    )
)


def describe(form: Form) -> list[Fact]:
    """The form in words: the diseases' names. Hospitals and notes stay out."""
    codes = (entry.get("disease_code") for entry in form.get("diseases", ()))
    names = "、".join(disease_name(code) for code in codes if code)
    return [Fact(Text("申请病种", "Diseases"), names)] if names else []


def outcome(session: Session, filing: Filing) -> list[Fact]:
    """What became of each disease: until when what was given holds, or why it was not given."""
    items = items_of(session, filing.id)
    reasons = reasons_against(session, filing.id, items)
    facts = []
    for item, fact in zip(items, _by_disease(session, filing, items), strict=True):
        facts.append(fact)
        if item.disease_code in reasons:
            label = Text(f"{fact.label}：理由", f"{fact.label.en}: why")
            facts.append(Fact(label, reasons[item.disease_code]))
    return facts


def gives_now(session: Session, filing: Filing) -> list[Fact]:
    """The same without reasons: they are for whoever sees the case, not for whoever holds a paper of it."""
    return _by_disease(session, filing, items_of(session, filing.id))


def _by_disease(session: Session, filing: Filing, items: Sequence[ChronicItem]) -> list[Fact]:
    given = {one.opsp_dise_code: one for one in entitlements.of_filing(session, filing.id)}
    facts = []
    for item in items:
        entitlement = given.get(item.disease_code)
        name = disease_name(item.disease_code)
        words = state_of(item) if entitlement is None else entitlements.words(entitlement)
        facts.append(Fact(Text(name, name), words))
    return facts


def working_days(filing: Filing) -> Mapping[Status, int]:
    """How long the states of a case last by its pack; of a draft nothing is known yet."""
    if filing.pack_id is None:
        return {}
    pack = pack_by_id(filing.pack_id)
    first = pack.expert_days if filing.service_code == CHRONIC_CODE else pack.agency_days
    return {
        Status.SUBMITTED: first,
        Status.CERTIFIED: pack.agency_days,
        Status.NEEDS_CORRECTION: pack.correction_days,
        Status.REFUSED: pack.appeal_days,
    }


def place(effect: Effect) -> Queue:
    """To the agency after the experts, to experts again after an appeal."""
    region = str(effect.filing.region_code)
    if effect.filing.status is Status.CERTIFIED:
        return Queue(Role.HANDLER, region)
    return Queue(Role.EXPERT, region, stage=WITH_EXPERTS)


def overdue(filing: Filing) -> Action | None:
    """A late expert is replaced; where there is none, and at the agency, the supervisor is told as everywhere."""
    return Action.REDRAW if filing.stage == WITH_EXPERTS and filing.status is Status.SUBMITTED else None


CHRONIC_DISEASE = Service(
    code=CHRONIC_CODE,
    number_prefix="MT",
    name=Text("门诊慢特病认定", "Chronic-disease recognition"),
    summary=Text(
        "长期吃药、打针、透析的病，认定后门诊也能报销。手机拍照申请，专家在线鉴定。",
        "For diseases that need long treatment: once recognised, outpatient care is paid for too.",
    ),
    who=Text(
        "参加职工医保或居民医保、确诊了目录内病种的人。一次可以申请几个病种。",
        "Anyone insured with a listed disease. Several diseases can be applied for at once.",
    ),
    how_long=Text(
        "材料齐全的，专家和经办机构各 1 个工作日内办结。",
        "With all papers, one working day for the expert and one for the agency.",
    ),
    workflow=CHRONIC_WORKFLOW,
    form=ChronicDiseaseForm,
    papers=_PAPERS,
    judge=judge_chronic,
    describe=describe,
    outcome=outcome,
    effects={
        "call_experts": effects.call_experts,
        "dismiss_experts": effects.dismiss_experts,
        "give_opinion": effects.give_opinion,
        "ask_correction": effects.ask_correction,
        "redraw_experts": effects.redraw_experts,
        "open_appeal": effects.open_appeal,
        "close_appeal": effects.close_appeal,
        "grant_entitlements": deciding.grant_entitlements,
        "reject_items": deciding.reject_items,
    },
    place=place,
    has_given=entitlements.were_given,
    gives_now=gives_now,
    working_days=working_days,
    marks=effects.marks_that_hold,
    data={
        Action.CERTIFY: opinions.OpinionData,
        Action.REFUSE: opinions.OpinionData,
        Action.APPROVE: deciding.DecisionData,
    },
    said={Action.APPROVE: deciding.said},
    overdue=overdue,
    official_form=recognition.form_of,
    check_official_form=recognition.check,
    revision=recognition.revision,
    audit=auditing.audit,
)

TWO_DISEASE = Service(
    code=TWO_DISEASE_CODE,
    number_prefix="LB",
    name=Text("两病门诊用药保障", "Two-disease benefit"),
    summary=Text(
        "高血压、糖尿病需要长期吃药，还没达到慢特病标准的，门诊买药也能报销。",
        "Medicines for hypertension and diabetes below the threshold of a chronic disease.",
    ),
    who=Text("确诊高血压或糖尿病、需要吃药控制的参保人。", "Anyone insured who takes medicines for either."),
    how_long=Text("材料齐全的，1 个工作日内办结。", "With all papers within one working day."),
    workflow=TWO_DISEASE_WORKFLOW,
    form=ChronicDiseaseForm,
    papers=tuple(
        need
        for need in _PAPERS
        if need.kind in {"outpatient_record", "discharge_summary", "prescription", "id_card_front"}
    ),
    judge=judge_two_disease,
    describe=describe,
    outcome=outcome,
    effects={
        "note_diseases": effects.note_diseases,
        "reopen_offers": effects.reopen_offers,
        "grant_entitlements": deciding.grant_entitlements,
        "reject_items": deciding.reject_items,
    },
    gives_now=gives_now,
    working_days=working_days,
    data={Action.APPROVE: deciding.DecisionData},
    said={Action.APPROVE: deciding.said},
)

SERVICES: Sequence[Service] = (CHRONIC_DISEASE, TWO_DISEASE)
