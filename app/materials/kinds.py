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
    OTHER = "other"


PAPER_NAMES: Mapping[PaperKind, Text] = MappingProxyType(
    {
        PaperKind.ID_CARD_FRONT: Text("身份证人像面", "ID card, side with the portrait"),
        PaperKind.ID_CARD_BACK: Text("身份证国徽面", "ID card, side with the national emblem"),
        PaperKind.SOCIAL_CARD: Text("社会保障卡", "social security card"),
        PaperKind.HOUSEHOLD_REGISTER: Text("户口簿", "household register"),
        PaperKind.BIRTH_CERTIFICATE: Text("出生医学证明", "birth certificate"),
        PaperKind.STUDENT_CARD: Text("学生证", "student card"),
        PaperKind.RESIDENCE_PROOF: Text("居住证明", "proof of residence"),
        PaperKind.POSTING_PROOF: Text("单位外派证明", "employer's letter of posting"),
        PaperKind.WORK_CONTRACT: Text("劳动合同", "employment contract"),
        PaperKind.COMMITMENT: Text("个人承诺书", "signed commitment"),
        PaperKind.REFERRAL_SLIP: Text("转诊转院证明", "referral slip"),
        PaperKind.EMERGENCY_RECORD: Text("急诊抢救记录", "emergency record"),
        PaperKind.MEDICAL_RECORD: Text("病历", "medical record"),
        PaperKind.OUTPATIENT_RECORD: Text("门诊病历", "outpatient record"),
        PaperKind.DISCHARGE_SUMMARY: Text("出院小结", "discharge summary"),
        PaperKind.EXAMINATION_REPORT: Text("检查检验报告", "examination report"),
        PaperKind.OTHER: Text("其他材料", "other paper"),
    }
)


def kind_name(kind: str) -> Text:
    """What people call a kind of paper. ValueError for a kind that there is not."""
    return PAPER_NAMES[PaperKind(kind)]
