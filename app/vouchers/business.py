"""What a terminal scans a code for: the platform's businessType."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from app.kit.text import Text


class BusinessType(StrEnum):
    """businessType of the national platform (domain.md §2.3)."""

    REGISTRATION = "01101"
    ADMISSION_FILE = "01102"
    ADMISSION = "01103"
    DEPOSIT = "01104"
    CONSULTATION = "01201"
    EXAMINATION_BOOKING = "01202"
    EXAMINATION = "01203"
    TREATMENT = "01204"
    SETTLEMENT = "01301"
    DISPENSING = "01302"
    REPORT_PICK_UP = "01303"
    PHARMACY_PURCHASE = "02121"
    OUTSIDE_PRESCRIPTION = "02122"
    IDENTIFICATION = "03131"


WORDS: Mapping[BusinessType, Text] = MappingProxyType(
    {
        BusinessType.REGISTRATION: Text("挂号", "registration"),
        BusinessType.ADMISSION_FILE: Text("住院建档", "admission file"),
        BusinessType.ADMISSION: Text("入院登记", "admission"),
        BusinessType.DEPOSIT: Text("缴纳预缴金", "deposit"),
        BusinessType.CONSULTATION: Text("问诊", "consultation"),
        BusinessType.EXAMINATION_BOOKING: Text("预约检查", "examination booking"),
        BusinessType.EXAMINATION: Text("检查", "examination"),
        BusinessType.TREATMENT: Text("治疗", "treatment"),
        BusinessType.SETTLEMENT: Text("结算", "settlement"),
        BusinessType.DISPENSING: Text("取药", "dispensing"),
        BusinessType.REPORT_PICK_UP: Text("取报告", "report pick-up"),
        BusinessType.PHARMACY_PURCHASE: Text("药店购药", "pharmacy purchase"),
        BusinessType.OUTSIDE_PRESCRIPTION: Text("下载外购处方", "outside prescription"),
        BusinessType.IDENTIFICATION: Text("线上身份认证", "online identification"),
    }
)
