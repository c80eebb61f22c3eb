"""A pack of a made-up region that is sound, and a folder to break it in."""

from pathlib import Path

from app.services.chronic_disease.packs import PACKS_DIR

TRIAL_FILE = "9901-2023-01-01.toml"
TRIAL_ID = "9901@2023-01-01"
DEFAULT_ID = "default@2022-01-01"

TRIAL_PACK = """
region_code = "9901"
name = "试验市"
name_en = "Trial"
title = "试验"
effective_from = 2023-01-01
baseline = "default@2022-01-01"
source = "one"

[sources.one]
kind = "regional"
ref = "[002] a document"
text = "what it says"

[terms]
max_institutions = { value = 2, source = "one" }

[specialties]
source = "one"
"呼吸内科" = ["M05300"]

[disease.M05300]
source = "one"
papers_source = "one"
min_hospital_level = { value = 3, source = "one" }
excludes = { codes = ["M05400"], source = "one" }
insutypes = { value = ["310"], source = "one" }
screening = { icd10 = ["J44"], min_hospital_level = 3, inpatient_stay = true, within_months = 12, source = "one" }
group.proof = { at_least = 1, text = { zh = "一条即可", en = "any one" } }

[disease.M05300.limit]
fen = 120000
text = { zh = "一年1200元", en = "1,200 yuan a year" }
source = "one"

[disease.M05300.validity]
months = 12
source = "one"
renewal = { from_days_before = 30, text = { zh = "续", en = "renew" }, papers = [
  { kinds = ["outpatient_record"], within_months = 6, why = { zh = "看病情", en = "to show the state" } },
] }

[[disease.M05300.criterion]]
id = "lung_function"
group = "proof"
text = { zh = "肺功能", en = "lung function" }
evidence = { zh = "报告", en = "report" }

[[disease.M05300.criterion]]
id = "long_term"
text = { zh = "长期治疗", en = "long treatment" }
evidence = { zh = "病历", en = "record" }

[[disease.M05300.paper]]
kinds = ["outpatient_record", "discharge_summary"]
within_months = 24
why = { zh = "看诊断", en = "to show the diagnosis" }

[disease.M05400]
excludes = { codes = ["M05300"], source = "one" }

[[note]]
zh = "话"
en = "words"
source = "one"
"""


def folder_with(tmp_path: Path, pack: str, *, name: str = TRIAL_FILE) -> Path:
    """A folder with the product's default pack, all its parts, and one region's."""
    for part in PACKS_DIR.glob("default-2022-01-01*.toml"):
        (tmp_path / part.name).write_text(part.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / name).write_text(pack, encoding="utf-8")
    return tmp_path
