"""A bill, who was treated where, what has been used this year; and what comes out of it, explained. Money in whole fen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from app.kit.text import Text

EMPLOYEE = "310"
RESIDENT = "390"


class MedType(StrEnum):
    """med_type of the national platform."""

    OUTPATIENT = "11"  # 普通门诊
    CHRONIC_OUTPATIENT = "14"  # 门诊慢特病
    INPATIENT = "21"  # 住院
    PHARMACY = "41"  # 药店购药
    TWO_DISEASE = "9901"  # 两病

    @property
    def entitlement(self) -> "Entitlement | None":
        """What must have been granted before such a bill is paid; None: nothing."""
        return {
            MedType.CHRONIC_OUTPATIENT: Entitlement.CHRONIC,
            MedType.TWO_DISEASE: Entitlement.TWO_DISEASE,
        }.get(self)


class Entitlement(StrEnum):
    """A benefit that a person must hold for a disease."""

    CHRONIC = "chronic"  # 门诊慢特病资格
    TWO_DISEASE = "two_disease"  # 两病资格


class LineClass(StrEnum):
    """chrgitm_lv of the national platform."""

    A = "01"  # 甲类
    B = "02"  # 乙类
    C = "03"  # 丙类, 自费


class ItemKind(StrEnum):
    """What a line is for, as far as rules tell lines apart."""

    DRUG = "drug"
    TREATMENT = "treatment"
    CONSUMABLE = "consumable"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class BillLine:
    """One line of a bill. ``unit_price_e4``: in 1/10,000 yuan, as prices of drugs are.

    ``over_limit_fen``: what of the amount lies above a price ceiling, by the institution's word.
    ``stated_first_share_fen``: for a line that stands for many, whose institution sent no detail: the first share by the
    institution's own totals; None: by the region's rule.
    """

    number: int
    code: str
    name: str
    line_class: LineClass
    kind: ItemKind
    unit_price_e4: int
    amount_fen: int
    over_limit_fen: int = 0
    stated_first_share_fen: int | None = None

    def __post_init__(self) -> None:
        stated = self.stated_first_share_fen or 0
        if min(self.amount_fen, self.unit_price_e4, self.over_limit_fen, stated) < 0:
            raise ValueError(f"line {self.number}: no amount or price is below zero")
        if self.over_limit_fen + stated > self.amount_fen:
            raise ValueError(f"line {self.number}: its parts are more than its amount")


@dataclass(frozen=True, slots=True)
class Bill:
    """What an institution asks for. ``day`` decides on pack and year; ``disease_code``: of an entitlement."""

    day: date
    med_type: MedType
    lines: tuple[BillLine, ...]
    disease_code: str | None = None

    @property
    def total_fen(self) -> int:
        return sum(line.amount_fen for line in self.lines)


@dataclass(frozen=True, slots=True)
class Insured:
    """Whose bill it is, by the coverage that is asked. ``region_code``: the pooling region."""

    insutype: str
    region_code: str
    retired: bool = False
    student: bool = False
    low_income: bool = False

    @property
    def groups(self) -> tuple["PersonGroup", ...]:
        """The groups of a share table this person belongs to, the most specific first."""
        student = (PersonGroup.STUDENT,) if self.student else ()
        if self.insutype != EMPLOYEE:
            return (*student, PersonGroup.ANY)
        return (*student, PersonGroup.RETIRED if self.retired else PersonGroup.EMPLOYED, PersonGroup.ANY)


class PersonGroup(StrEnum):
    """Whom a share is for. Employed and retired are groups of the employees' insurance only."""

    ANY = "any"
    EMPLOYED = "employed"
    RETIRED = "retired"
    STUDENT = "student"


class PlaceType(StrEnum):
    HOSPITAL = "hospital"
    CLINIC = "clinic"
    PHARMACY = "pharmacy"


class PlaceKind(StrEnum):
    """An institution as packs name it: a hospital by its level."""

    HOSPITAL_1 = "hospital_1"
    HOSPITAL_2 = "hospital_2"
    HOSPITAL_3 = "hospital_3"
    HOSPITAL_UNRATED = "hospital_unrated"
    CLINIC = "clinic"
    PHARMACY = "pharmacy"


_HOSPITALS = {1: PlaceKind.HOSPITAL_1, 2: PlaceKind.HOSPITAL_2, 3: PlaceKind.HOSPITAL_3}


@dataclass(frozen=True, slots=True)
class Place:
    """Where the person was treated. ``level``: of a hospital, 1 to 3, None if it has none."""

    region_code: str
    type: PlaceType
    level: int | None = None

    @property
    def kind(self) -> PlaceKind:
        if self.type is not PlaceType.HOSPITAL:
            return PlaceKind(self.type.value)
        return PlaceKind.HOSPITAL_UNRATED if self.level is None else _HOSPITALS[self.level]


class Standing(StrEnum):
    """How remote care reaches the fund, in the words of the remote-care service (its ``Situation``)."""

    LONG_TERM = "long_term"
    REFERRAL = "referral"
    EMERGENCY = "emergency"
    OTHER_TEMPORARY = "other_temporary"
    NOT_FILED = "not_filed"
    NOT_FILED_NOT_URGENT = "not_filed_not_urgent"
    COUNTS_AS_FILED = "counts_as_filed"
    AS_AT_HOME = "as_at_home"


@dataclass(frozen=True, slots=True)
class RemoteStanding:
    """``category`` None: the care was at home. The remote-care service says which; nothing here guesses it from codes."""

    category: Standing | None = None

    @property
    def at_home(self) -> bool:
        """Whether it is paid by the rules for care at home."""
        return self.category in {None, Standing.AS_AT_HOME}


@dataclass(frozen=True, slots=True)
class HeldBenefit:
    """An entitlement in force on the bill's day. ``place_allowed``: whether it holds at this institution."""

    benefit: Entitlement
    disease_code: str
    name: str
    place_allowed: bool = True


@dataclass(frozen=True, slots=True)
class Used:
    """What one accumulator holds for the bill's year (fen): expense counted, deductible taken, fund paid."""

    counted_fen: int = 0
    deductible_fen: int = 0
    fund_fen: int = 0


@dataclass(frozen=True, slots=True)
class Question:
    """Everything the arithmetic needs to know. ``used``: accumulator → what it holds for the year of the bill's day."""

    bill: Bill
    insured: Insured
    place: Place
    remote: RemoteStanding = RemoteStanding()
    held: tuple[HeldBenefit, ...] = ()
    used: Mapping[str, Used] = field(default_factory=dict)


class NotPaidReason(StrEnum):
    """Why no benefit pays a bill, for those who must do something about it."""

    NO_RULE = "no_rule"  # the region's rule is not recorded
    INSTITUTION = "institution"  # the benefit is not paid here
    ENTITLEMENT = "entitlement"  # not held, or not at this institution
    DISEASE_CODE = (
        "disease_code"  # the bill must name another disease, or name one: to be mended before it is settled
    )


class StepKind(StrEnum):
    OWN_EXPENSE = "own_expense"
    OVER_LIMIT = "over_limit"
    FIRST_SHARE = "first_share"
    NO_FIRST_SHARE = "no_first_share"
    IN_SCOPE = "in_scope"
    NOT_COVERED = "not_covered"
    COUNTED_CAP = "counted_cap"
    DEDUCTIBLE = "deductible"
    SHARE = "share"
    FUND_CAP = "fund_cap"
    NOT_PAID = "not_paid"
    PERSON_LIMIT = "person_limit"
    RESULT = "result"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened, in words for the person. ``rule``: the benefit or rule of the pack; ``source``: the key
    of the pack's source on which it rests, None where it follows from the arithmetic alone."""

    kind: StepKind
    words: Text
    amount_fen: int
    rule: str
    source: str | None = None


@dataclass(frozen=True, slots=True)
class LineResult:
    """One line taken apart (fen): own expense, above the ceiling, first share, in scope; and why, in a few words."""

    number: int
    amount_fen: int
    own_expense_fen: int
    over_limit_fen: int
    first_share_fen: int
    in_scope_fen: int
    words: Text
    source: str | None


@dataclass(frozen=True, slots=True)
class Addition:
    """What this bill adds to one accumulator of the bill's year (fen). ``within``: another that holds all of it too."""

    accumulator: str
    counted_fen: int
    deductible_fen: int
    fund_fen: int
    within: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """The bill settled, under the national platform's names (fen). Creating one that does not add up raises ValueError.

    ``relief_fen``: what of ``fund_pay_sumamt`` medical relief (医疗救助) pays. ``account_payable_fen``: what of the person's
    part accounts may pay. ``benefit_id`` None: no benefit applied, and ``not_paid`` says why.
    """

    medfee_sumamt_fen: int
    fulamt_ownpay_amt_fen: int
    overlmt_selfpay_fen: int
    preselfpay_amt_fen: int
    inscp_scp_amt_fen: int
    act_pay_dedc_fen: int
    fund_pay_sumamt_fen: int
    relief_fen: int
    psn_part_amt_fen: int
    account_payable_fen: int
    pack_id: str | None
    benefit_id: str | None
    not_paid: NotPaidReason | None
    additions: tuple[Addition, ...]
    lines: tuple[LineResult, ...]
    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        parts = (
            self.fulamt_ownpay_amt_fen,
            self.overlmt_selfpay_fen,
            self.preselfpay_amt_fen,
            self.inscp_scp_amt_fen,
        )
        sound = (
            min(*parts, self.act_pay_dedc_fen, self.fund_pay_sumamt_fen, self.psn_part_amt_fen) >= 0
            and sum(parts) == self.medfee_sumamt_fen
            and self.fund_pay_sumamt_fen + self.psn_part_amt_fen == self.medfee_sumamt_fen
            and self.act_pay_dedc_fen <= self.inscp_scp_amt_fen
            and 0 <= self.account_payable_fen <= self.psn_part_amt_fen
            and sum(one.fund_fen for one in self.additions if one.within is None) == self.fund_pay_sumamt_fen
            and self._relief_is_sound()
            and (self.benefit_id is None) == (self.not_paid is not None)
        )
        if not sound:
            # no more than the sums: what is on a bill is nobody's business but the patient's
            raise ValueError(f"a bill of {self.medfee_sumamt_fen} fen does not add up: {parts}")

    def _relief_is_sound(self) -> bool:
        """Relief adds to an accumulator of its own; where no benefit applied, it is all that is paid."""
        if self.benefit_id is None:
            return self.relief_fen == self.fund_pay_sumamt_fen
        return self.relief_fen in {0, *(one.fund_fen for one in self.additions if one.within is None)}
