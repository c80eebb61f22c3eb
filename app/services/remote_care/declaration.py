"""异地就医备案 as a declaration: all that the case engine needs."""

from app.filings.declaration import Fact, Form, PaperNeed, Service
from app.kit.text import Text
from app.materials.kinds import PaperKind, kind_asked_for
from app.places import regions
from app.services.remote_care.auditing import audit
from app.services.remote_care.categories import CATEGORIES, Category
from app.services.remote_care.form import RemoteCareForm
from app.services.remote_care.judging import CODE, judge
from app.services.remote_care.recording import cancel_record, issue_record, outcome
from app.services.remote_care.rules import PROOF_NAMES
from app.services.remote_care.table import WORKFLOW

_WHEN = {
    PaperKind.ID_CARD_FRONT: Text("选择上传证明材料时", "When you prove it by papers"),
    PaperKind.ID_CARD_BACK: Text("参保地要求时", "Where your region asks for it"),
    PaperKind.SOCIAL_CARD: Text(
        "参保地要求时，可代替身份证", "Where your region asks for it, or instead of the ID card"
    ),
    PaperKind.HOUSEHOLD_REGISTER: Text(
        "异地安置退休，可代替居住证明", "Resettled retirees, instead of proof of residence"
    ),
    PaperKind.RESIDENCE_PROOF: Text("长期在外地居住", "For those who live elsewhere"),
    PaperKind.POSTING_PROOF: Text("长期在外地工作", "For those posted elsewhere"),
    PaperKind.WORK_CONTRACT: Text("长期在外地工作，可代替外派证明", "Instead of the letter of posting"),
    PaperKind.REFERRAL_SLIP: Text("异地转诊", "For a referral"),
    PaperKind.MEDICAL_RECORD: Text("异地转诊，参保地要求时", "For a referral, where your region asks for it"),
    PaperKind.EMERGENCY_RECORD: Text("急诊抢救补办", "For an emergency"),
}


def describe(form: Form) -> list[Fact]:
    """The form in words. Entries that are personal beyond need (addresses, diagnoses) stay out."""
    facts = []
    if "category" in form:
        name = CATEGORIES[Category(form["category"])].name
        facts.append(Fact(Text("备案类型", "Category"), name))
    if "care_region_code" in form:
        facts.append(Fact(Text("就医地", "Place of care"), regions.full_name(form["care_region_code"])))
    if form.get("start_date") is not None:
        facts.append(Fact(Text("开始日期", "From"), str(form["start_date"])))
    if form.get("proof") is not None:
        name = PROOF_NAMES[form["proof"]]
        facts.append(Fact(Text("证明方式", "Proof"), name))
    if form.get("admitted_on") is not None:
        facts.append(Fact(Text("入院日期", "Admitted on"), str(form["admitted_on"])))
    return facts


SERVICE = Service(
    code=CODE,
    number_prefix="YD",
    name=Text("异地就医备案", "Remote-care filing"),
    summary=Text(
        "去外地看病前先备案，看完病直接刷医保结算，不用自己垫钱。",
        "File before you seek care elsewhere, and the bill is settled there directly.",
    ),
    who=Text(
        "参加职工医保或居民医保、要去参保地以外看病的人。先用“要不要备案”查一查，有的情况不用备案。",
        "Anyone insured who seeks care outside the home region. Ask for advice first: some need not file.",
    ),
    how_long=Text(
        "承诺办理的当场办好；需要审核的，一般 2 个工作日内办结。",
        "At once with a commitment; with review usually within 2 working days.",
    ),
    workflow=WORKFLOW,
    form=RemoteCareForm,
    papers=tuple(PaperNeed(kind.value, kind_asked_for(kind), when) for kind, when in _WHEN.items()),
    judge=judge,
    describe=describe,
    outcome=outcome,
    effects={"issue_record": issue_record, "cancel_record": cancel_record},
    audit=audit,
)
