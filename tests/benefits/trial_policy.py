"""A region made up for tests: what the product's packs do not have (三档价格, 慢特病限额, a limit beside a benefit)."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from app.benefits.pack_model import PolicyPack
from app.benefits.packs import Catalogue

TRIAL_FILE = "9901-2023-01-01.toml"
TRIAL_POLICY = """
region_code = "9901"
name = "试验市"
name_en = "Trial"
title = "试验"
effective_from = 2023-01-01

[sources.one]
kind = "regional"
ref = "[002] a document"
text = "what it says"

[[first_share]]
kinds = ["treatment"]
unit_price_up_to_yuan = 100
permille = 50
source = "one"

[[first_share]]
kinds = ["treatment"]
unit_price_up_to_yuan = 500
permille = 125
source = "one"

[[first_share]]
kinds = ["treatment", "drug"]
permille = 200
source = "one"

[benefit.inpatient]
name = { zh = "居民住院", en = "inpatient care" }
insutypes = ["390"]
med_types = ["21"]
where = "home"
institutions = ["hospital_1", "hospital_2", "hospital_3"]
deductible = { yuan = 500, source = "one" }
share = [
  { level = "1", permille = 900, source = "one" },
  { level = "2", permille = 700, source = "one" },
  { level = "3", permille = 600, source = "one" },
  { person = "student", permille = 901, source = "one" },
]
accumulator = "inpatient"

[benefit.chronic]
name = { zh = "门诊慢特病", en = "chronic disease" }
insutypes = ["390"]
med_types = ["14"]
where = "any"
institutions = ["hospital_1", "hospital_2", "hospital_3", "pharmacy"]
deductible = { yuan = 300, source = "one" }
share = [
  { permille = 650, source = "one" },
  { standing = "not_filed", permille = 325, source = "one" },
  { standing = "not_filed_not_urgent", permille = 325, source = "one" },
]
fund_cap = { yuan = 3000, source = "one" }
counted_cap = { yuan = [5000], source = "one" }
accumulator = "chronic"

[benefit.two_disease]
name = { zh = "两病用药", en = "two-disease medicines" }
insutypes = ["390"]
med_types = ["9901"]
where = "any"
institutions = ["clinic"]
kinds = ["drug"]
deductible = { yuan = 100, source = "one" }
share = [{ permille = 500, source = "one" }]
counted_cap = { yuan = [800, 1200], source = "one" }
accumulator = "two_disease"

[benefit.outpatient]
name = { zh = "职工门诊统筹", en = "outpatient pooling" }
insutypes = ["310"]
med_types = ["11", "41"]
where = "home"
institutions = ["hospital_1", "clinic", "pharmacy"]
deductible = { yuan = 600, source = "one" }
share = [{ permille = 700, source = "one" }]
retired_plus = { permille = 50, source = "one" }
fund_cap = { yuan = 2000, source = "one" }
accumulator = "outpatient"

[benefit.chronic_by_disease]
name = { zh = "职工门诊慢特病", en = "employees' chronic disease" }
insutypes = ["310"]
med_types = ["14"]
where = "home"
institutions = ["hospital_2", "pharmacy"]
deductible = { yuan = 300, source = "one" }
share = [{ permille = 700, source = "one" }]
fund_cap = { yuan = 4000, source = "one" }
disease_limit = [
  { disease = "M03900", counted_yuan = 2000, source = "one" },
  { disease = "M01600", fund_yuan = 800, source = "one" },
  { disease = "M07803", source = "one" },
  { counted_yuan = 1000, fund_yuan = 400, source = "one" },
]
accumulator = "employee_chronic"

[low_income_limit.relief]
name = { zh = "低收入人口住院救助", en = "Relief for low-income people" }
insutypes = ["390"]
med_types = ["21"]
where = "home"
institutions = ["hospital_1", "hospital_2", "hospital_3"]
of_bill = { permille = 100, source = "one" }
accumulator = "relief"
"""


def folder_with(folder: Path, text: str = TRIAL_POLICY, *, name: str = TRIAL_FILE) -> Path:
    """The folder, holding one pack more."""
    (folder / name).write_text(text, encoding="utf-8")
    return folder


@cache
def trial_pack() -> PolicyPack:
    """The trial region's pack, read once."""
    with TemporaryDirectory() as folder:
        return Catalogue(folder_with(Path(folder))).pack_by_id("9901@2023-01-01")
