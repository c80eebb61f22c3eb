"""The kinds of papers that people photograph, and what they are called."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from app.kit.text import Text


class PaperKind(StrEnum):
    """What a photograph shows. Services name these kinds when they say which papers they need."""

    ID_CARD_FRONT = "id_card_front"
    ID_CARD_BACK = "id_card_back"
    SOCIAL_CARD = "social_card"
    HOUSEHOLD_REGISTER = "household_register"
    BIRTH_CERTIFICATE = "birth_certificate"
    STUDENT_CARD = "student_card"
    RESIDENCE_PROOF = "residence_proof"
    POSTING_PROOF = "posting_proof"
    WORK_CONTRACT = "work_contract"
    COMMITMENT = "commitment"
    REFERRAL_SLIP = "referral_slip"
    EMERGENCY_RECORD = "emergency_record"
    MEDICAL_RECORD = "medical_record"
    OUTPATIENT_RECORD = "outpatient_record"
    DISCHARGE_SUMMARY = "discharge_summary"
    EXAMINATION_REPORT = "examination_report"
    DIAGNOSIS_CERTIFICATE = "diagnosis_certificate"
    PATHOLOGY_REPORT = "pathology_report"
    SURGERY_RECORD = "surgery_record"
    DIALYSIS_RECORD = "dialysis_record"
    PRESCRIPTION = "prescription"
    FOLLOW_UP_RECORD = "follow_up_record"
    OTHER = "other"


PAPER_NAMES: Mapping[PaperKind, Text] = MappingProxyType(
    {
        PaperKind.ID_CARD_FRONT: Text("身份证（有照片的一面）", "ID card, side with the photograph"),
        PaperKind.ID_CARD_BACK: Text("身份证（有国徽的一面）", "ID card, side with the emblem"),
        PaperKind.SOCIAL_CARD: Text("社会保障卡", "social security card"),
        PaperKind.HOUSEHOLD_REGISTER: Text("户口簿", "household register"),
        PaperKind.BIRTH_CERTIFICATE: Text("出生医学证明", "birth certificate"),
        PaperKind.STUDENT_CARD: Text("学生证", "student card"),
        PaperKind.RESIDENCE_PROOF: Text("居住证明", "proof of residence"),
        PaperKind.POSTING_PROOF: Text(
            "单位开的外派或在外地工作的证明", "employer's letter of posting or of work elsewhere"
        ),
        PaperKind.WORK_CONTRACT: Text("劳动合同", "employment contract"),
        PaperKind.COMMITMENT: Text("个人承诺书", "signed commitment"),
        PaperKind.REFERRAL_SLIP: Text("转诊单", "referral slip"),
        PaperKind.EMERGENCY_RECORD: Text("急诊病历或急诊诊断证明", "emergency record or diagnosis"),
        PaperKind.MEDICAL_RECORD: Text("病历等就诊资料", "medical records"),
        PaperKind.OUTPATIENT_RECORD: Text("门诊病历", "outpatient record"),
        PaperKind.DISCHARGE_SUMMARY: Text("出院小结", "discharge summary"),
        PaperKind.EXAMINATION_REPORT: Text("检查检验报告", "examination report"),
        PaperKind.DIAGNOSIS_CERTIFICATE: Text("诊断证明书", "certificate of diagnosis"),
        PaperKind.PATHOLOGY_REPORT: Text("病理报告", "pathology report"),
        PaperKind.SURGERY_RECORD: Text("手术记录", "record of surgery"),
        PaperKind.DIALYSIS_RECORD: Text("透析记录", "dialysis record"),
        PaperKind.PRESCRIPTION: Text("处方", "prescription"),
        PaperKind.FOLLOW_UP_RECORD: Text("慢病随访记录", "follow-up record"),
        PaperKind.OTHER: Text("其他材料", "other paper"),
    }
)

_HINTS: Mapping[PaperKind, Text] = MappingProxyType(
    {
        PaperKind.HOUSEHOLD_REGISTER: Text("首页和本人页", "first page and own page"),
        PaperKind.RESIDENCE_PROOF: Text(
            "居住证、房产证或租房合同等", "residence permit, deed, lease or the like"
        ),
        PaperKind.COMMITMENT: Text("在手机上签名即可", "sign on the phone"),
    }
)
"""What will do, for kinds of which the name does not say it."""


def kind_name(kind: str) -> Text:
    """What people call a kind of paper. ValueError for a kind that there is not."""
    return PAPER_NAMES[PaperKind(kind)]


def kind_asked_for(kind: PaperKind) -> Text:
    """The name where a paper is asked for: with what will do in brackets."""
    name, hint = PAPER_NAMES[kind], _HINTS.get(kind)
    return name if hint is None else Text(f"{name}（{hint}）", f"{name.en} ({hint.en})")
