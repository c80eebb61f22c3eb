"""The words of remote-care filing: categories, proofs, papers, situations, and the facts a rule looks at.

Everything here is vocabulary. What a region makes of it is in ``packs/*.toml``; the decisions are in
``rules``, ``records``, ``exemptions`` and ``advice``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

from app.kit.text import Text


@dataclass(frozen=True, slots=True)
class Problem:
    """Something the applicant has to mend: the form's ``field``, a stable ``code``, and what to do."""

    field: str
    code: str
    zh: str
    en: str


class RegionLike(Protocol):
    """A region as ``places`` knows it: code of 2 to 12 digits, name, level (province, city, district, …)."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def level(self) -> str: ...


class Situation(StrEnum):
    """How a remote bill reaches the fund; the share it pays hangs on this."""

    LONG_TERM = "long_term"
    REFERRAL = "referral"
    EMERGENCY = "emergency"
    OTHER_TEMPORARY = "other_temporary"
    NOT_FILED = "not_filed"
    NOT_FILED_NOT_URGENT = "not_filed_not_urgent"
    COUNTS_AS_FILED = "counts_as_filed"
    AS_AT_HOME = "as_at_home"


class Category(StrEnum):
    """The six categories of 医保发〔2022〕22号; the first three are long-term, the others temporary."""

    RESETTLED_RETIREE = "resettled_retiree"
    LONG_TERM_RESIDENT = "long_term_resident"
    POSTED_WORKER = "posted_worker"
    REFERRAL = "referral"
    EMERGENCY = "emergency"
    OTHER_TEMPORARY = "other_temporary"

    @property
    def long_term(self) -> bool:
        return self in LONG_TERM

    @property
    def situation(self) -> Situation:
        """The situation in which a bill is paid once this category is filed."""
        return Situation.LONG_TERM if self.long_term else Situation(self.value)


LONG_TERM = frozenset({Category.RESETTLED_RETIREE, Category.LONG_TERM_RESIDENT, Category.POSTED_WORKER})


class Proof(StrEnum):
    """What the applicant gives to show that the category fits."""

    COMMITMENT = "commitment"
    DOCUMENTS = "documents"
    REFERRAL_SLIP = "referral_slip"
    NONE = "none"


class ProofMode(StrEnum):
    """What a region asks for in one category."""

    COMMITMENT = "commitment"
    DOCUMENTS = "documents"
    DOCUMENTS_OR_COMMITMENT = "documents_or_commitment"
    REFERRAL_SLIP = "referral_slip"
    NONE = "none"

    @property
    def options(self) -> tuple[Proof, ...]:
        """The proofs a person may choose from, the easiest first."""
        if self is ProofMode.DOCUMENTS_OR_COMMITMENT:
            return (Proof.COMMITMENT, Proof.DOCUMENTS)
        return (Proof(self.value),)


class Decision(StrEnum):
    INSTANT = "instant"
    REVIEW = "review"


class Approver(StrEnum):
    AGENCY = "agency"
    REFERRING_HOSPITAL = "referring_hospital"


class BothDirections(StrEnum):
    """Whether a long-term filer keeps the full benefit when treated back at home."""

    YES = "yes"
    AFTER_DOCUMENTS = "after_documents"
    NO = "no"
    NOT_APPLICABLE = "not_applicable"


class MedType(StrEnum):
    """The platform's ``med_type`` as far as advice is given on it."""

    OUTPATIENT = "11"
    CHRONIC_OUTPATIENT = "14"
    INPATIENT = "21"
    PHARMACY = "41"


class FormField(StrEnum):
    """The fields of the filing form; problems name them, and each category says which it asks for."""

    CATEGORY = "category"
    CARE_REGION = "care_region_code"
    START_DATE = "start_date"
    PROOF = "proof"
    MATERIALS = "material_ids"
    RESIDENCE_ADDRESS = "residence_address"
    EMPLOYER_NAME = "employer_name"
    REFERRING_INSTITUTION = "referring_institution_id"
    DIAGNOSIS = "diagnosis"
    CARE_INSTITUTION = "care_institution_name"
    REASON = "reason"
    ADMITTED_ON = "admitted_on"
    DISCHARGED_ON = "discharged_on"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class CategoryInfo:
    """What a category is called, whom it is for, what its form asks, and its reason code on the platform.

    ``rloc_rea`` (异地安置原因): 02, 06 and 07 were read in public integration code of a Hebei city, where
    02, 07 and 08 together count as long-term and 06 as referral [code]; 08 for residence follows from that.
    No public source gives the codes of emergency and other temporary care, so 05 and 09 are ours: compare
    all six with the dictionary of the province's platform before a connection is switched on.
    """

    name: Text
    for_whom: Text
    rloc_rea: str
    asks: tuple[FormField, ...]


CATEGORIES: Mapping[Category, CategoryInfo] = MappingProxyType(
    {
        Category.RESETTLED_RETIREE: CategoryInfo(
            Text("异地安置退休人员", "Retiree settled elsewhere"),
            Text("退休后在外地定居的人", "For those who settled elsewhere after retirement"),
            "02",
            (FormField.CARE_REGION, FormField.START_DATE, FormField.PROOF, FormField.RESIDENCE_ADDRESS),
        ),
        Category.LONG_TERM_RESIDENT: CategoryInfo(
            Text("异地长期居住人员", "Long-term resident elsewhere"),
            Text(
                "长期住在外地的人，比如跟着子女住",
                "For those who live elsewhere for long, for example with their children",
            ),
            "08",
            (FormField.CARE_REGION, FormField.START_DATE, FormField.PROOF, FormField.RESIDENCE_ADDRESS),
        ),
        Category.POSTED_WORKER: CategoryInfo(
            Text("常驻异地工作人员", "Worker posted elsewhere"),
            Text("长期在外地上班的人", "For those who work elsewhere for long"),
            "07",
            (FormField.CARE_REGION, FormField.START_DATE, FormField.PROOF, FormField.EMPLOYER_NAME),
        ),
        Category.REFERRAL: CategoryInfo(
            Text("异地转诊", "Referral elsewhere"),
            Text(
                "本地医院开了转诊单，转到外地去看病的人", "For those whom a hospital at home refers elsewhere"
            ),
            "06",
            (
                FormField.CARE_REGION,
                FormField.START_DATE,
                FormField.PROOF,
                FormField.REFERRING_INSTITUTION,
                FormField.DIAGNOSIS,
            ),
        ),
        Category.EMERGENCY: CategoryInfo(
            Text("异地急诊抢救", "Emergency elsewhere"),
            Text("在外地突发急病、急诊抢救的人", "For those who fall gravely ill away from home"),
            "05",
            (FormField.CARE_REGION, FormField.ADMITTED_ON, FormField.CARE_INSTITUTION, FormField.DIAGNOSIS),
        ),
        Category.OTHER_TEMPORARY: CategoryInfo(
            Text("其他临时外出就医", "Other temporary care elsewhere"),
            Text(
                "没有转诊单，自己临时到外地看病的人",
                "For those who seek care elsewhere for a time without a referral",
            ),
            "09",
            (FormField.CARE_REGION, FormField.START_DATE, FormField.PROOF, FormField.REASON),
        ),
    }
)

SITUATION_NAMES: Mapping[Situation, Text] = MappingProxyType(
    {
        Situation.LONG_TERM: Text("办了长期备案", "with a long-term filing"),
        Situation.REFERRAL: Text("办了转诊备案", "with a referral filing"),
        Situation.EMERGENCY: Text("急诊抢救", "as an emergency"),
        Situation.OTHER_TEMPORARY: Text("办了临时外出就医备案", "with a filing for other temporary care"),
        Situation.NOT_FILED: Text("没有备案", "without filing"),
        Situation.NOT_FILED_NOT_URGENT: Text(
            "没有备案、不是急诊也没有转诊", "without filing, neither urgent nor referred"
        ),
        Situation.COUNTS_AS_FILED: Text("不用备案、视同已备案", "counting as filed"),
        Situation.AS_AT_HOME: Text("和在参保地看病一样", "as at home"),
    }
)

MED_TYPE_NAMES: Mapping[MedType, Text] = MappingProxyType(
    {
        MedType.OUTPATIENT: Text("看门诊", "outpatient care"),
        MedType.CHRONIC_OUTPATIENT: Text("看门诊慢特病", "outpatient care of a chronic disease"),
        MedType.INPATIENT: Text("住院", "inpatient care"),
        MedType.PHARMACY: Text("在药店买药", "medicines from a pharmacy"),
    }
)

EMPLOYEE = "310"
RESIDENT = "390"


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What the rules need to know of a person's coverage.

    ``home_region_code`` is the pooling region (``insu_admdvs``); ``insutype`` is 310 (employee) or 390
    (resident); ``chronic_entitled`` says that a chronic-disease entitlement is in force;
    ``in_good_standing`` that contributions are paid.
    """

    insutype: str
    home_region_code: str
    retired: bool = False
    student: bool = False
    chronic_entitled: bool = False
    in_good_standing: bool = True

    @property
    def share_groups(self) -> tuple[str, ...]:
        """The groups of a share table this person belongs to, the most specific first."""
        if self.student:
            return ("student", "any")
        if self.retired:
            return ("retired", "any")
        return ("employed", "any") if self.insutype == EMPLOYEE else ("any",)
