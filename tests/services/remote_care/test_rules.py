"""One filing judged: destination, category, start, papers, decision. Tables from domain.md §2.1."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.materials.kinds import PaperKind
from app.services.remote_care.categories import (
    CATEGORIES,
    Approver,
    Category,
    Decision,
    PersonFacts,
    Proof,
)
from app.services.remote_care.declaration import SERVICE
from app.services.remote_care.pack_model import Pack
from app.services.remote_care.packs import catalogue, pack_for
from app.services.remote_care.rules import (
    category_problems,
    decision_mode,
    filing_place_code,
    judge_destination,
    missing_papers,
    required_papers,
    start_problems,
)
from app.services.remote_care.wording import paper_words

TODAY = date(2024, 5, 31)
packs = st.sampled_from(catalogue().packs)
categories = st.sampled_from(Category)


@dataclass(frozen=True)
class Place:
    code: str
    name: str
    level: str


PLACES = {
    code: Place(code, name, level)
    for code, name, level in (
        ("11", "北京市", "province"),
        ("1101", "市辖区", "city"),
        ("110102", "西城区", "district"),
        ("14", "山西省", "province"),
        ("1401", "太原市", "city"),
        ("1402", "大同市", "city"),
        ("140105", "小店区", "district"),
        ("3209", "盐城市", "city"),
        ("320903", "盐都区", "district"),
        ("320922", "滨海县", "district"),
        ("320922001", "东坎街道", "town"),
        ("4290", "省直辖县级行政区划", "city"),
        ("429004", "仙桃市", "district"),
        ("50", "重庆市", "province"),
        ("5002", "县", "city"),
        ("500229", "城口县", "district"),
        ("6101", "西安市", "city"),
        ("610102", "新城区", "district"),
    )
}


def pack_of(home: str) -> Pack:
    return pack_for(home, TODAY)


@pytest.mark.parametrize(
    ("home", "chosen", "place", "lifted"),
    [
        pytest.param("1401", "6101", "6101", False, id="a city"),
        pytest.param("1401", "1402", "1402", False, id="a city of the same province"),
        pytest.param("1401", "610102", "6101", True, id="a district becomes its city"),
        pytest.param("1401", "11", "11", False, id="a municipality"),
        pytest.param("1401", "1101", "11", True, id="the districts of a municipality become it"),
        pytest.param("1401", "110102", "11", True, id="a district of a municipality becomes it"),
        pytest.param("1401", "500229", "50", True, id="a county of a municipality becomes it"),
        pytest.param("1401", "429004", "429004", False, id="a county without a city stands for itself"),
        pytest.param("320922", "3209", "3209", False, id="the city of a county that pools by itself"),
        pytest.param("320922", "320903", "3209", True, id="a district of that city"),
    ],
)
def test_one_files_to_a_city_or_a_municipality(home: str, chosen: str, place: str, lifted: bool) -> None:
    destination = judge_destination(pack_of(home), home, PLACES[chosen], PLACES[place])

    assert (destination.code, destination.problems) == (place, ())
    assert (destination.note is not None) == lifted


@pytest.mark.parametrize(
    ("home", "chosen", "place", "code"),
    [
        pytest.param("1401", "14", "14", "care_region_too_wide", id="a province"),
        pytest.param("6101", "14", "14", "care_region_too_wide", id="another province"),
        pytest.param("1401", "4290", "4290", "care_region_too_wide", id="counties without a city, together"),
        pytest.param("1401", "1401", "1401", "care_region_is_home", id="the own city"),
        pytest.param("1401", "140105", "1401", "care_region_is_home", id="a district of the own city"),
        pytest.param("140105", "1401", "1401", "care_region_is_home", id="a coverage noted at the district"),
        pytest.param("11", "110102", "11", "care_region_is_home", id="a district of the own municipality"),
        pytest.param("1101", "11", "11", "care_region_is_home", id="the own municipality"),
        pytest.param("320922", "320922", "3209", "care_region_is_home", id="the own county"),
        pytest.param("320922", "320922001", "3209", "care_region_is_home", id="a town of the own county"),
        pytest.param("429004", "429004", "429004", "care_region_is_home", id="the own county without a city"),
    ],
)
def test_destinations_that_cannot_be_filed_to_say_why(home: str, chosen: str, place: str, code: str) -> None:
    destination = judge_destination(pack_of(home), home, PLACES[chosen], PLACES[place])

    (problem,) = destination.problems
    assert (problem.field, problem.code) == ("care_region_code", code)
    assert PLACES[chosen].name in problem.zh


def test_a_caller_that_resolves_the_wrong_place_is_told_so() -> None:
    with pytest.raises(ValueError, match="1402 is not where one files"):
        judge_destination(pack_of("6101"), "6101", PLACES["140105"], PLACES["1402"])


@given(st.from_regex(r"[1-6][0-9]([0-9]{2}){0,2}", fullmatch=True))
def test_lifting_a_destination_twice_changes_nothing(code: str) -> None:
    place = filing_place_code(code)

    assert code.startswith(place)
    assert filing_place_code(place) == place


RETIRED = PersonFacts("310", "1401", retired=True)
EMPLOYED = PersonFacts("310", "1401")
STUDENT = PersonFacts("390", "1401", student=True)
RESIDENT = PersonFacts("390", "1401")


@pytest.mark.parametrize(
    ("facts", "category", "codes"),
    [
        (RETIRED, Category.RESETTLED_RETIREE, []),
        (EMPLOYED, Category.RESETTLED_RETIREE, ["category_needs_retirement"]),
        (RESIDENT, Category.RESETTLED_RETIREE, ["category_needs_retirement"]),
        (EMPLOYED, Category.POSTED_WORKER, []),
        (RESIDENT, Category.POSTED_WORKER, []),
        (RETIRED, Category.POSTED_WORKER, ["category_needs_work"]),
        (STUDENT, Category.POSTED_WORKER, ["category_needs_work"]),
        (RETIRED, Category.LONG_TERM_RESIDENT, []),
        (STUDENT, Category.LONG_TERM_RESIDENT, []),
        (RESIDENT, Category.REFERRAL, []),
        (RESIDENT, Category.EMERGENCY, []),
        (RESIDENT, Category.OTHER_TEMPORARY, []),
    ],
)
def test_each_category_is_for_certain_people(
    facts: PersonFacts, category: Category, codes: list[str]
) -> None:
    assert [problem.code for problem in category_problems(pack_of("1401"), category, facts)] == codes


@pytest.mark.parametrize(
    ("days", "codes"),
    [
        (-1, ["start_date_too_early"]),
        (0, []),
        (90, []),
        (91, ["start_date_too_late"]),
    ],
)
def test_a_filing_begins_today_or_within_the_window(days: int, codes: list[str]) -> None:
    start = TODAY + timedelta(days=days)

    problems = start_problems(pack_of("1401"), Category.OTHER_TEMPORARY, start, TODAY)

    assert [problem.code for problem in problems] == codes


def test_a_start_in_the_past_leads_to_late_filing_and_names_the_first_possible_day() -> None:
    (problem,) = start_problems(pack_of("1401"), Category.REFERRAL, TODAY - timedelta(days=3), TODAY)

    assert "2024年5月31日" in problem.zh
    assert "补办" in problem.zh


ID_OR_CARD = ("id_card_front", "social_card")


@pytest.mark.parametrize(
    ("home", "category", "proof", "papers"),
    [
        pytest.param(
            "6109",
            "long_term_resident",
            "documents",
            [ID_OR_CARD, ("residence_proof",)],
            id="identity and residence",
        ),
        pytest.param(
            "6109",
            "resettled_retiree",
            "documents",
            [ID_OR_CARD, ("household_register", "residence_proof")],
            id="identity and settling",
        ),
        pytest.param(
            "6109",
            "posted_worker",
            "documents",
            [ID_OR_CARD, ("posting_proof", "work_contract")],
            id="identity and posting",
        ),
        pytest.param("6109", "long_term_resident", "commitment", [("commitment",)], id="or a commitment"),
        pytest.param("6109", "referral", None, [("referral_slip",)], id="a referral slip"),
        pytest.param("6109", "other_temporary", None, [("commitment",)], id="a commitment only"),
        pytest.param("6109", "emergency", None, [("emergency_record",)], id="the emergency record"),
        pytest.param("1401", "posted_worker", None, [("commitment",)], id="太原: no documents"),
        pytest.param("1310", "long_term_resident", None, [], id="河北: nothing at all"),
        pytest.param(
            "320922",
            "long_term_resident",
            None,
            [("id_card_front",), ("id_card_back",), ("social_card",), ("residence_proof",)],
            id="滨海: what is uploaded there",
        ),
        pytest.param(
            "320922", "referral", None, [("medical_record",), ("social_card",)], id="滨海: referral"
        ),
    ],
)
def test_the_papers_a_filing_needs(
    home: str, category: str, proof: str | None, papers: list[tuple[str, ...]]
) -> None:
    demand = required_papers(pack_of(home), Category(category), Proof(proof) if proof else None)

    assert demand.problems == ()
    assert [group.any_of for group in demand.groups] == papers


@pytest.mark.parametrize(
    ("home", "category", "proof", "code"),
    [
        pytest.param("6109", "long_term_resident", None, "proof_not_chosen", id="the choice is open"),
        pytest.param(
            "320922", "long_term_resident", "commitment", "proof_not_accepted", id="no commitment there"
        ),
        pytest.param("6109", "referral", "commitment", "proof_not_accepted", id="no promise replaces a slip"),
    ],
)
def test_a_proof_that_does_not_count_is_a_problem_of_its_field(
    home: str, category: str, proof: str | None, code: str
) -> None:
    demand = required_papers(pack_of(home), Category(category), Proof(proof) if proof else None)

    (problem,) = demand.problems
    assert (demand.proof, problem.field, problem.code) == (None, "proof", code)


def test_all_missing_papers_are_named_at_once_with_their_alternatives() -> None:
    demand = required_papers(pack_of("320922"), Category.RESETTLED_RETIREE, Proof.DOCUMENTS)

    missing = missing_papers(demand.groups, {PaperKind.ID_CARD_FRONT, PaperKind.ID_CARD_BACK})

    social_card, residence = (paper_words(group) for group in missing)
    assert (str(social_card), social_card.en) == ("社会保障卡", "social security card")
    assert residence == "居住证明（居住证、房产证或租房合同等）或户口簿（首页和本人页）"


@given(packs, categories, st.data())
def test_a_filing_that_brings_one_kind_of_every_paper_misses_nothing(
    pack: Pack, category: Category, data: st.DataObject
) -> None:
    proof = data.draw(st.sampled_from(pack.rules[category].proof.value.options))
    demand = required_papers(pack, category, proof)
    have = {data.draw(st.sampled_from(group.any_of)) for group in demand.groups}

    assert missing_papers(demand.groups, have) == ()
    assert len(missing_papers(demand.groups, ())) == len(demand.groups)


@pytest.mark.parametrize(
    ("home", "category", "proof", "decision", "approver"),
    [
        ("1401", "long_term_resident", "commitment", "instant", "agency"),
        ("1401", "other_temporary", "commitment", "instant", "agency"),
        ("1401", "referral", "referral_slip", "review", "agency"),
        ("1310", "posted_worker", "none", "instant", "agency"),
        ("320922", "long_term_resident", "documents", "review", "agency"),
        ("320922", "referral", "documents", "review", "referring_hospital"),
        ("6109", "long_term_resident", "commitment", "review", "agency"),
        ("4401", "other_temporary", "commitment", "instant", "agency"),
    ],
)
def test_whether_a_filing_is_instant_or_reviewed_and_by_whom_is_the_regions_choice(
    home: str, category: str, proof: str, decision: str, approver: str
) -> None:
    mode = decision_mode(pack_of(home), Category(category), Proof(proof))

    assert (mode.decision, mode.approver) == (Decision(decision), Approver(approver))
    assert mode.deadline_days >= 1


def test_the_six_categories_have_distinct_codes_on_the_platform() -> None:
    codes = [info.rloc_rea for info in CATEGORIES.values()]

    assert len(set(codes)) == len(Category) == 6
    assert CATEGORIES[Category.RESETTLED_RETIREE].rloc_rea == "02"
    assert CATEGORIES[Category.REFERRAL].rloc_rea == "06"


def test_every_paper_that_a_region_asks_for_stands_in_the_declaration_with_when_it_is_needed() -> None:
    asked: set[str] = set()
    for pack in catalogue().packs:
        for rules in pack.rules.values():
            for groups in rules.papers.value.values():
                asked.update(kind.value for group in groups for kind in group.any_of)
    # The commitment is signed on the phone: no paper to bring.
    assert asked - {"commitment"} <= {need.kind for need in SERVICE.papers}
    assert len(asked) > 5
