"""Do I need to file, and what will I get with and without? Numbers from domain.md §3, word for word."""

from dataclasses import dataclass
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.remote_care.advice import Advice, MustFile, advise
from app.services.remote_care.categories import (
    BothDirections,
    Category,
    Decision,
    MedType,
    PersonFacts,
    Proof,
    Situation,
)
from app.services.remote_care.packs import catalogue, pack_for
from app.services.remote_care.shares import ShareLine

TODAY = date(2024, 5, 20)


@dataclass(frozen=True)
class Place:
    code: str
    name: str
    level: str = "city"


BEIJING = Place("11", "北京市", "province")
SHANGHAI = Place("31", "上海市", "province")
XIAN = Place("6101", "西安市")
DATONG = Place("1402", "大同市")
TAIYUAN = Place("1401", "太原市")


def ask(
    facts: PersonFacts,
    care: Place,
    med_type: MedType = MedType.INPATIENT,
    *,
    level: int | None = None,
    urgent: bool = False,
    today: date = TODAY,
) -> Advice:
    pack = pack_for(facts.home_region_code, today)
    return advise(pack, facts, care, med_type, hospital_level=level, urgent=urgent, today=today)


def percents(lines: tuple[ShareLine, ...]) -> list[int | None]:
    return [line.percent for line in lines]


def with_filing(advice: Advice, category: Category) -> list[int | None]:
    (found,) = [entry for entry in advice.categories if entry.category is category]
    return percents(found.shares)


XIANYANG_RESIDENT = PersonFacts("390", "6104")


@pytest.mark.parametrize(
    ("category", "shares"),
    [
        (Category.LONG_TERM_RESIDENT, [90, 70, 50]),
        (Category.POSTED_WORKER, [90, 70, 50]),
        (Category.REFERRAL, [80, 70, 50]),
        (Category.OTHER_TEMPORARY, [70, 60, 40]),
    ],
)
def test_a_resident_of_xianyang_sees_the_share_of_each_hospital_level_with_and_without(
    category: Category, shares: list[int]
) -> None:
    advice = ask(XIANYANG_RESIDENT, SHANGHAI)

    assert with_filing(advice, category) == shares
    assert percents(advice.without_filing) == [70, 60, 40]
    assert [line.hospital_level for line in advice.without_filing] == [1, 2, 3]


@pytest.mark.parametrize(("level", "share"), [(1, 80), (2, 70), (3, 50)])
def test_an_emergency_of_xianyang_is_paid_as_one_without_filing(level: int, share: int) -> None:
    advice = ask(XIANYANG_RESIDENT, SHANGHAI, level=level, urgent=True)

    assert (advice.must_file, advice.reason) == (MustFile.NO, "emergency_counts_as_filed")
    (line,) = advice.without_filing
    assert (line.situation, line.percent) == (Situation.EMERGENCY, share)
    assert [entry.category for entry in advice.categories] == [Category.EMERGENCY]


def test_of_ten_thousand_yuan_the_example_says_who_pays_what() -> None:
    advice = ask(XIANYANG_RESIDENT, SHANGHAI, level=3)

    (line,) = advice.without_filing
    assert (line.example_fund_fen, line.example_person_fen) == (400_000, 600_000)
    assert "医保付4000元，自己付6000元" in line.words.zh


def test_the_shares_name_their_source() -> None:
    (line, *_) = ask(XIANYANG_RESIDENT, SHANGHAI).without_filing

    assert line.source is not None
    assert line.source.ref.startswith("[code] 咸阳")


@pytest.mark.parametrize(
    ("facts", "share"),
    [
        pytest.param(PersonFacts("310", "1401"), 72, id="employed"),
        pytest.param(PersonFacts("310", "1401", retired=True), 81, id="retired"),
        pytest.param(PersonFacts("390", "1401"), 50, id="resident"),
    ],
)
@pytest.mark.parametrize("level", [None, 1, 3])
def test_taiyuan_settles_unfiled_stays_by_itself_and_says_at_which_share(
    facts: PersonFacts, share: int, level: int | None
) -> None:
    advice = ask(facts, BEIJING, level=level)

    assert (advice.must_file, advice.reason) == (MustFile.RECOMMENDED, "automatic_at_discharge")
    (line,) = advice.without_filing
    assert (line.situation, line.percent) == (Situation.NOT_FILED_NOT_URGENT, share)
    assert line.source is not None
    assert line.source.ref.startswith("[002] 太原")


def test_taiyuans_shares_with_filing_are_not_published_and_the_answer_says_so() -> None:
    advice = ask(PersonFacts("310", "1401"), BEIJING)

    for entry in advice.categories:
        (line,) = entry.shares
        assert (line.percent, line.example_fund_fen) == (None, None)
        assert "没有查到太原市公布的比例" in line.words.zh
        assert "12393" in line.words.zh


def test_before_july_2023_taiyuan_had_no_automatic_filing_and_its_share_is_not_known() -> None:
    advice = ask(PersonFacts("310", "1401"), BEIJING, today=date(2023, 6, 30))

    assert (advice.must_file, advice.reason) == (MustFile.YES, "file_first")
    assert percents(advice.without_filing) == [None]
    assert advice.pack_until == date(2023, 6, 30)


@pytest.mark.parametrize(
    ("facts", "care", "med_type", "must_file", "reason"),
    [
        (PersonFacts("310", "1401"), TAIYUAN, "21", "no", "at_home"),
        (PersonFacts("310", "1401"), DATONG, "21", "no", "within_province"),
        (PersonFacts("310", "1401"), DATONG, "41", "no", "within_province"),
        (PersonFacts("390", "1401", student=True), SHANGHAI, "11", "no", "student_nationwide"),
        (PersonFacts("390", "1401", chronic_entitled=True), DATONG, "14", "no", "chronic_in_province"),
        (PersonFacts("390", "1401"), DATONG, "14", "no", "chronic_not_recognised"),
        (PersonFacts("390", "1401", chronic_entitled=True), SHANGHAI, "14", "yes", "file_first"),
        (PersonFacts("310", "1401"), SHANGHAI, "41", "no", "personal_account_nationwide"),
        (PersonFacts("310", "1401"), SHANGHAI, "11", "recommended", "personal_account_nationwide"),
        (PersonFacts("390", "1401"), SHANGHAI, "11", "yes", "file_first"),
        (PersonFacts("390", "1401"), SHANGHAI, "41", "yes", "file_first"),
        (PersonFacts("390", "6104"), SHANGHAI, "21", "yes", "file_first"),
        (PersonFacts("390", "6104"), XIAN, "21", "yes", "file_first"),
        (PersonFacts("390", "320922"), Place("3209", "盐城市"), "21", "yes", "file_first"),
        (PersonFacts("390", "1310"), BEIJING, "21", "no", "alliance"),
    ],
)
def test_whether_to_file_and_why(
    facts: PersonFacts, care: Place, med_type: str, must_file: str, reason: str
) -> None:
    advice = ask(facts, care, MedType(med_type))

    assert (advice.must_file.value, advice.reason) == (must_file, reason)
    assert bool(advice.categories) == (must_file != "no")


def test_an_emergency_before_the_waiver_is_filed_for_before_discharge() -> None:
    advice = ask(PersonFacts("390", "6109"), SHANGHAI, urgent=True, today=date(2022, 12, 31))

    assert (advice.must_file, advice.reason) == (MustFile.YES, "file_before_discharge")
    assert [entry.category for entry in advice.categories] == [Category.EMERGENCY]


def test_within_the_province_an_unfiled_stay_is_paid_as_at_home() -> None:
    (line,) = ask(PersonFacts("390", "1401"), DATONG).without_filing

    assert (line.situation, line.percent) == (Situation.AS_AT_HOME, None)
    assert "和在太原市看病报得一样多" in line.words.zh


def test_where_a_region_has_no_numbers_the_national_limit_is_told_across_provinces_only() -> None:
    person = PersonFacts("390", "6109")
    far, near = (
        next(e for e in ask(person, care).categories if e.category is Category.REFERRAL).shares[0]
        for care in (SHANGHAI, XIAN)
    )

    assert far.percent is None
    assert "不超过10个百分点" in far.words.zh
    assert far.source is not None
    assert far.source.ref == "医保发〔2022〕22号"
    assert "百分点" not in near.words.zh
    assert near.source is None


def test_advice_says_how_to_file_and_until_when_it_holds() -> None:
    advice = ask(PersonFacts("310", "6109", retired=True), SHANGHAI)
    entries = {entry.category: entry for entry in advice.categories}

    assert list(entries) == [
        Category.RESETTLED_RETIREE,
        Category.LONG_TERM_RESIDENT,
        Category.REFERRAL,
        Category.OTHER_TEMPORARY,
    ]
    settled, temporary = entries[Category.RESETTLED_RETIREE], entries[Category.OTHER_TEMPORARY]
    assert (settled.valid_until, settled.lock_until) == (None, date(2024, 11, 20))
    assert "到2024年11月20日为止不能变更" in settled.words.zh
    assert (temporary.valid_until, temporary.lock_until) == (date(2024, 11, 20), None)
    assert [proof.decision for proof in temporary.proofs] == [Decision.INSTANT]


def test_a_commitment_gives_full_benefit_at_home_only_after_the_papers() -> None:
    advice = ask(PersonFacts("390", "6109"), SHANGHAI)
    (entry,) = [e for e in advice.categories if e.category is Category.LONG_TERM_RESIDENT]

    both = {proof.proof: proof.both_directions for proof in entry.proofs}

    assert both == {
        Proof.COMMITMENT: BothDirections.AFTER_DOCUMENTS,
        Proof.DOCUMENTS: BothDirections.YES,
    }


def test_in_binhai_the_referring_hospital_approves_a_referral() -> None:
    advice = ask(PersonFacts("390", "320922"), SHANGHAI)
    (entry,) = [e for e in advice.categories if e.category is Category.REFERRAL]

    assert "由转诊医院在网上审核" in entry.proofs[0].words.zh


def test_nobody_is_referred_to_a_pharmacy() -> None:
    advice = ask(PersonFacts("390", "6109"), SHANGHAI, MedType.PHARMACY)

    assert Category.REFERRAL not in [entry.category for entry in advice.categories]


def test_notes_tell_what_is_known_of_a_region_beside_its_numbers() -> None:
    (note,) = ask(PersonFacts("390", "2305"), SHANGHAI).notes

    assert "没有公布提高后是多少" in note.words.zh
    assert note.source.ref.startswith("[002] 双鸭山")


@given(
    region=st.sampled_from(["1401", "6104", "6109", "610727", "2305", "320922", "1310", "11", "12", "4401"]),
    insutype=st.sampled_from(["310", "390"]),
    flags=st.tuples(st.booleans(), st.booleans(), st.booleans(), st.booleans()),
    care=st.sampled_from([BEIJING, SHANGHAI, XIAN, DATONG, TAIYUAN]),
    med_type=st.sampled_from(MedType),
    level=st.sampled_from([None, 1, 2, 3]),
    urgent=st.booleans(),
    today=st.dates(date(2022, 7, 1), date(2035, 12, 31)),
)
def test_every_answer_is_whole(
    region: str,
    insutype: str,
    flags: tuple[bool, bool, bool, bool],
    care: Place,
    med_type: MedType,
    level: int | None,
    urgent: bool,
    today: date,
) -> None:
    retired, student, chronic, standing = flags
    facts = PersonFacts(insutype, region, retired, student, chronic, standing)

    advice = ask(facts, care, med_type, level=level, urgent=urgent, today=today)

    assert advice.words.zh
    assert advice.words.en
    assert advice.source.text
    assert catalogue().pack_by_id(advice.pack_id).in_force(today)
    assert advice.must_file is MustFile.NO or (advice.categories and advice.without_filing)
    for line in (*advice.without_filing, *(line for entry in advice.categories for line in entry.shares)):
        assert line.words.zh
        assert line.words.en
        if line.percent is None:
            assert line.example_fund_fen is None
            assert "12393" in line.words.zh
        else:
            assert line.source is not None
            assert 0 <= line.percent <= 100
            assert (line.example_fund_fen or 0) + (line.example_person_fen or 0) == 1_000_000
    for entry in advice.categories:
        assert entry.proofs
        assert entry.valid_until is None or entry.valid_until > today
