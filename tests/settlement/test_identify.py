"""Who stands at the counter: by token, ID card or social card; nobody is told more than that it does not fit."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from app import create_app
from app.config import Settings
from app.gateways.parts import Parts
from app.identity import register
from app.identity.models import CoverageStatus, InsuType, Person, Sex
from app.kit import clock
from app.kit.api.application import Application
from app.places.models import InstitutionType
from app.settlement.identify import NEWBORN_DAYS
from tests.settlement.counter import Counter, card_of
from tests.somebody import Somebody
from tests.world import World


@pytest.fixture
def database_url(both_databases: str) -> str:
    return both_databases


@pytest.fixture
def patient(world: World) -> Somebody:
    return world.citizen(name="欧阳青岚")


def refusal(counter: Counter, infno: str = "1101", **given: object) -> int:
    return int(counter.transact(infno, **given)["infcode"])


def psn_no_of(world: World, somebody: Somebody) -> str:
    return world.write(lambda session: session.get_one(Person, somebody.person_id).psn_no)


def test_a_voucher_token_an_id_card_and_a_social_card_lead_to_the_same_person(
    world: World, counter: Counter, patient: Somebody
) -> None:
    ways = (
        {"mdtrt_cert_type": "01", "mdtrt_cert_no": counter.scan(patient)},
        card_of(patient),
        card_of(patient, mdtrt_cert_type="03", card_sn="A12345678"),
        card_of(patient, mdtrt_cert_type="03", card_sn="1", mdtrt_cert_no="A12345678", certno=patient.id_no),
        {**card_of(patient, psn_no=psn_no_of(world, patient)), "psn_name": None},
    )
    found = [counter.output("1101", **way) for way in ways]
    assert found == [found[0]] * 5
    assert found[0]["baseinfo"]["psn_no"] == psn_no_of(world, patient)


@pytest.mark.parametrize("typed", ["欧 阳 青 岚", "欧阳青岚 "])
def test_a_name_and_a_number_are_read_as_people_type_them(
    counter: Counter, patient: Somebody, typed: str
) -> None:
    spaced = f"{patient.id_no[:6]} {patient.id_no[6:]}".lower()
    assert counter.output("1101", **card_of(patient, psn_name=typed, mdtrt_cert_no=spaced))


def test_a_card_needs_a_name_or_psn_no_and_a_social_card_its_number(
    counter: Counter, patient: Somebody
) -> None:
    answer = counter.transact("1101", mdtrt_cert_type="03", mdtrt_cert_no=patient.id_no)
    assert answer["infcode"] == 101
    named = {(one["field"], one["code"]) for one in answer["output"]["errors"]}
    assert named == {("input.data.psn_name", "required"), ("input.data.card_sn", "required")}
    for name in ("psn_name", "card_sn"):
        assert name in answer["err_msg"]


def test_a_social_card_s_own_number_in_place_of_the_id_number_is_named_and_no_guess(
    world: World, counter: Counter, patient: Somebody
) -> None:
    social = card_of(patient, mdtrt_cert_type="03", card_sn="A12345678")
    for typed in ({"mdtrt_cert_no": "A12345678"}, {"certno": "T610900124"}, {"mdtrt_cert_no": "1"}):
        answer = counter.transact("1101", **{**social, **typed})
        assert answer["infcode"] == 101
        [named] = answer["output"]["errors"]
        assert (named["field"], named["code"]) == ("input.data.mdtrt_cert_no", "not_an_id_number")
        assert "社会保障号" in answer["err_msg"]
    assert refusal(counter, **{**social, "certno": world.citizen().id_no}) == 201


def test_a_name_and_number_as_we_masked_them_come_back_without_harm(
    world: World, counter: Counter, patient: Somebody
) -> None:
    token = {"mdtrt_cert_type": "01", "mdtrt_cert_no": counter.scan(patient)}
    base = counter.output("1101", **token)["baseinfo"]
    echoed = {"psn_name": base["psn_name"], "certno": base["certno"]}
    assert "*" in echoed["psn_name"]
    assert "*" in echoed["certno"]
    for infno in ("1101", "5301"):
        assert refusal(counter, infno, **token, **echoed) == 0
    by_card = {**card_of(patient), **echoed}
    assert refusal(counter, **by_card, psn_no=base["psn_no"]) == 0
    assert (
        refusal(counter, **{**by_card, "mdtrt_cert_type": "03", "card_sn": "1"}, psn_no=base["psn_no"]) == 0
    )

    alone = counter.transact("1101", **by_card)
    assert (alone["infcode"], alone["output"]["errors"][0]["code"]) == (101, "masked")
    assert refusal(counter, **by_card, psn_no=psn_no_of(world, world.citizen())) == 201, "it proves nothing"
    assert refusal(counter, **token, psn_name="令**在") == 204
    assert refusal(counter, **token, certno="610***********0000") == 201


def test_nobody_learns_whether_a_number_is_somebody_s(
    world: World, counter: Counter, patient: Somebody
) -> None:
    other = world.citizen()
    free = counter.transact("1101", **card_of(patient, mdtrt_cert_no="11010119900307001X"))
    cases = [
        counter.transact("1101", **card_of(patient, psn_name=other.name)),
        counter.transact("1101", **card_of(patient, psn_name="!!")),
        counter.transact("1101", **card_of(patient, mdtrt_cert_no="1")),
        counter.transact("1101", **card_of(patient, certno=other.id_no)),
        counter.transact("1101", **{**card_of(patient, psn_no="1"), "psn_name": None}),
    ]
    for answer in [free, *cases]:
        assert (answer["infcode"], answer["output"]) == (201, None)
        assert answer["err_msg"] == free["err_msg"]


def test_another_person_s_psn_no_is_refused_whatever_was_shown(
    world: World, counter: Counter, patient: Somebody
) -> None:
    theirs = psn_no_of(world, world.citizen())
    token = counter.scan(patient)
    assert refusal(counter, mdtrt_cert_type="01", mdtrt_cert_no=token, psn_no=theirs) == 202
    assert refusal(counter, **card_of(patient, psn_no=theirs)) == 202


def test_a_token_is_good_for_the_terminal_that_scanned(
    world: World, counter: Counter, patient: Somebody
) -> None:
    token = counter.scan(patient)
    elsewhere = Counter(world)
    assert refusal(elsewhere, mdtrt_cert_type="01", mdtrt_cert_no=token) == 305
    assert refusal(counter, mdtrt_cert_type="01", mdtrt_cert_no=token[:-2] + "AA") == 305
    assert refusal(counter, mdtrt_cert_type="01", mdtrt_cert_no=token) == 0
    now = clock.now()
    with clock.travel(now + timedelta(minutes=10, seconds=1)):
        assert refusal(counter, mdtrt_cert_type="01", mdtrt_cert_no=token) == 306


def test_what_was_scanned_for_identification_serves_for_questions(world: World, patient: Somebody) -> None:
    pharmacy = Counter(world, InstitutionType.PHARMACY)
    token = pharmacy.scan(patient, "03131")
    assert refusal(pharmacy, mdtrt_cert_type="01", mdtrt_cert_no=token) == 0


def test_many_mismatches_stop_a_terminal_and_no_other(
    world: World, counter: Counter, patient: Somebody, settings: Settings
) -> None:
    limited = World(create_limited(settings, world))
    guesser, honest = Counter(limited), Counter(limited)
    wrong = card_of(patient, psn_name="令狐不在")
    codes = [refusal(guesser, **wrong) for _ in range(4)]
    assert codes == [201, 201, 201, 903]
    assert refusal(guesser, **card_of(patient)) == 903, "the right one comes too late"
    assert refusal(honest, **card_of(patient)) == 0


def test_with_a_code_another_name_is_no_guess_but_a_whole_number_may_be(
    world: World, patient: Somebody, settings: Settings
) -> None:
    """The scan shows a part of the number, of which the rest could be tried out."""
    limited = World(create_limited(settings, world))
    other, token = limited.citizen(), {"mdtrt_cert_type": "01"}
    counter = Counter(limited)
    token["mdtrt_cert_no"] = counter.scan(patient)
    for _ in range(4):
        assert refusal(counter, **token, psn_name=other.name) == 204
        assert refusal(counter, **token, psn_no=psn_no_of(world, other)) == 202
    assert [refusal(counter, **token, certno=other.id_no) for _ in range(4)] == [201, 201, 201, 903]
    assert refusal(counter, **token) == 0


def create_limited(settings: Settings, world: World) -> Application:
    return create_app(replace(settings, rate_limits=True, rate_failures="3/hour"), world.parts)


class Newborn:
    """A child in the register by the number of the birth certificate."""

    def __init__(self, world: World, born: date, number: str) -> None:
        self.number, self.name = number, "欧阳小宝"

        def enter(session: Session) -> UUID:
            child = register.add_person(
                session, name=self.name, birth_certificate_no=number, birth_date=born, sex=Sex.FEMALE
            )
            register.add_coverage(
                session, child, insutype=InsuType.RESIDENT, region_code="6109", begin_date=born
            )
            return child.id

        self.id = world.write(enter)

    def card(self, **more: object) -> dict[str, object]:
        return {
            "mdtrt_cert_type": "02",
            "mdtrt_cert_no": self.number,
            "psn_name": self.name,
            **more,
        }


@pytest.mark.parametrize(("days", "infcode"), [(0, 0), (NEWBORN_DAYS, 0), (NEWBORN_DAYS + 1, 203)])
def test_a_birth_certificate_counts_for_180_days(
    world: World, counter: Counter, days: int, infcode: int
) -> None:
    child = Newborn(world, clock.today() - timedelta(days=days), "T610900123")
    answer = counter.transact("1101", **child.card())
    assert answer["infcode"] == infcode
    if infcode:
        assert "身份证号码办理参保登记" in answer["err_msg"]
    else:
        assert answer["output"]["baseinfo"]["psn_cert_type"] == "99"


def test_the_employees_insurance_is_taken_before_the_residents_unless_one_is_asked_for(
    world: World, counter: Counter
) -> None:
    patient = world.citizen(insutype="310", opening_balance_fen=5)

    def also_resident(session: Session) -> None:
        person = session.get_one(Person, patient.person_id)
        register.add_coverage(
            session,
            person,
            insutype=InsuType.RESIDENT,
            region_code="6109",
            begin_date=date(2021, 1, 1),
        )

    world.write(also_resident)
    both = counter.output("1101", **card_of(patient))["insuinfo"]
    assert [one["insutype"] for one in both] == ["310", "390"]
    [only] = counter.output("1101", **card_of(patient, insutype="390"))["insuinfo"]
    assert only["insutype"] == "390"
    # 5301 settles on one insurance: any of the two, or none of a third.
    assert refusal(counter, "5301", **card_of(patient)) == 0
    assert refusal(counter, "5301", **card_of(patient, insutype="390")) == 0


def test_an_insurance_that_is_not_in_force_is_shown_and_pays_nothing(world: World, counter: Counter) -> None:
    patient = world.citizen(status=CoverageStatus.SUSPENDED)
    [shown] = counter.output("1101", **card_of(patient))["insuinfo"]
    assert shown["psn_insu_stas"] == "2"
    answer = counter.transact("5301", **card_of(patient))
    assert answer["infcode"] == 211
    assert "12393" in answer["err_msg"]
    resident = world.citizen()
    assert refusal(counter, "5301", **card_of(resident, insutype="310")) == 212
    nobody = world.citizen(insutype=None)
    assert refusal(counter, **card_of(nobody)) == 211


def test_person_and_coverages_are_one_statement_without_a_name_being_opened_twice(
    counter: Counter, patient: Somebody, parts: Parts
) -> None:
    """One for the terminal's sign-in, one for the institution, one for the person, one for the record of the look."""
    seen: list[str] = []

    def note(*call: object) -> None:
        if str(call[2]).partition(" ")[0] in {"SELECT", "INSERT", "UPDATE", "DELETE"}:
            seen.append(str(call[2]))

    event.listen(parts.database.engine, "before_cursor_execute", note)
    counter.output("1101", **card_of(patient))
    event.remove(parts.database.engine, "before_cursor_execute", note)
    assert len(seen) == 4
    assert sum("FROM person" in one for one in seen) == 1
