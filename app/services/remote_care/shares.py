"""The fund's share: looked up in the pack's table, and plainly called unknown where no source has it."""

from dataclasses import dataclass

from app.kit.packs import Source
from app.kit.text import Text
from app.services.remote_care.categories import (
    MED_TYPE_NAMES,
    SITUATION_NAMES,
    MedType,
    PersonFacts,
    Situation,
)
from app.services.remote_care.pack_model import Pack, ShareRow
from app.services.remote_care.wording import HOTLINE

EXAMPLE_SCOPE_FEN = 1_000_000
"""10,000 yuan in scope and above the deductible: the amount that examples are given for."""

LEVELS = (1, 2, 3)
LEVEL_NAMES = {
    1: Text("一级医院", "level 1"),
    2: Text("二级医院", "level 2"),
    3: Text("三级医院", "level 3"),
}


@dataclass(frozen=True, slots=True)
class ShareLine:
    """What the fund pays in one situation: ``percent`` of what is in scope above the deductible.

    ``percent`` None: no source gives it. ``hospital_level`` None: the line holds for every level. The
    example amounts (fen) are for 10,000 yuan.
    """

    situation: Situation
    hospital_level: int | None
    percent: int | None
    example_fund_fen: int | None
    example_person_fen: int | None
    words: Text
    source: Source | None


def find_share(
    pack: Pack, facts: PersonFacts, med_type: MedType, situation: Situation, hospital_level: int | None
) -> ShareRow | None:
    """The row for this person and case, the nearest first: own group before any, own level before any."""
    levels = (hospital_level,) if hospital_level is None else (hospital_level, None)
    for person in facts.share_groups:
        for level in levels:
            row = pack.shares.get((facts.insutype, person, med_type, situation, level))
            if row is not None:
                return row
    return None


def share_lines(
    pack: Pack,
    facts: PersonFacts,
    med_type: MedType,
    situation: Situation,
    hospital_level: int | None,
    *,
    far: bool,
) -> tuple[ShareLine, ...]:
    """The share in one situation: one line, or one for each hospital level if the level is open and matters.

    ``far`` says that care is in another province, where the national limits on lower shares hold.
    """
    row = find_share(pack, facts, med_type, situation, hospital_level)
    if row is not None:
        return (_known(row, hospital_level),)
    if hospital_level is None:
        by_level = {level: find_share(pack, facts, med_type, situation, level) for level in LEVELS}
        known = tuple(_known(row, level) for level, row in by_level.items() if row is not None)
        if known:
            return known
    return (_unknown(pack, med_type, situation, hospital_level, far=far),)


def not_filed_situation(pack: Pack, facts: PersonFacts, med_type: MedType, *, urgent: bool) -> Situation:
    """The situation of care without filing: a region may have a share of its own for what is not urgent."""
    own = Situation.NOT_FILED_NOT_URGENT
    if not urgent and any(find_share(pack, facts, med_type, own, level) for level in (None, *LEVELS)):
        return own
    return Situation.NOT_FILED


def _known(row: ShareRow, hospital_level: int | None) -> ShareLine:
    fund_fen = EXAMPLE_SCOPE_FEN * row.percent // 100
    level = LEVEL_NAMES.get(hospital_level) if hospital_level is not None else None
    where = Text(level.zh, f" in a {level.en} hospital") if level else Text("", "")
    situation = SITUATION_NAMES[row.situation]
    words = Text(
        f"{situation.zh}，{where.zh}报{row.percent}%：政策范围内、起付线以上每1万元，"
        f"医保付{fund_fen // 100}元，"
        f"自己付{(EXAMPLE_SCOPE_FEN - fund_fen) // 100}元。",
        f"The fund pays {row.percent}% {situation.en}{where.en}: of 10,000 yuan in scope above the "
        "deductible "
        f"{fund_fen // 100} yuan, and you pay {(EXAMPLE_SCOPE_FEN - fund_fen) // 100}.",
    )
    return ShareLine(
        row.situation, hospital_level, row.percent, fund_fen, EXAMPLE_SCOPE_FEN - fund_fen, words, row.source
    )


def _unknown(
    pack: Pack, med_type: MedType, situation: Situation, hospital_level: int | None, *, far: bool
) -> ShareLine:
    name, care = SITUATION_NAMES[situation], MED_TYPE_NAMES[med_type]
    if situation is Situation.AS_AT_HOME:
        words = Text(
            f"和在{pack.name.zh}看病报得一样多。{pack.name.zh}本地的比例这里没有收录，请拨打 {HOTLINE} "
            "询问。",
            f"Paid as at home in {pack.name.en}; the share at home is not recorded here. Please call "
            f"{HOTLINE}.",
        )
        return ShareLine(situation, hospital_level, None, None, None, words, None)
    zh = f"{name.zh}，{care.zh}报多少，没有查到{pack.name.zh}公布的比例，请拨打 {HOTLINE} 询问。"
    en = f"We know of no published share of {pack.name.en} for {care.en} {name.en}. Please call {HOTLINE}."
    limit = pack.drop_limits.get(situation) if far else None
    if limit is not None:
        zh += f"按全国规定，一般比在本地少报不超过{limit.value}个百分点。"
        en += (
            f" By the national rule it is in principle at most {limit.value} points below the share at home."
        )
    return ShareLine(
        situation, hospital_level, None, None, None, Text(zh, en), limit.source if limit else None
    )
