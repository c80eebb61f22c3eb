"""People hear of every bill in their name: once, also where the worker comes twice, and of what was taken back."""

from typing import Any

import pytest
from sqlalchemy import event

from app.identity.models import Relation
from app.kit import outbox
from app.places.models import InstitutionType
from app.settlement.telling import TOPIC, tell_of_bill
from tests.settlement.bills import bill, drugs
from tests.settlement.counter import Counter
from tests.settlement.test_settling import employee
from tests.somebody import Somebody
from tests.world import World


@pytest.fixture
def pharmacy(world: World) -> Counter:
    return Counter(world, InstitutionType.PHARMACY, "230502")


def settled(pharmacy: Counter, patient: Somebody) -> dict[str, Any]:
    info: dict[str, Any] = pharmacy.output("2207", **bill(patient, drugs("150.00"), med_type="41"))[
        "setlinfo"
    ]
    return info


def take_back(pharmacy: Counter, info: dict[str, Any]) -> None:
    pharmacy.output("2208", setl_id=info["setl_id"], psn_no=info["psn_no"])


def work(world: World) -> None:
    """Only the notices are made; sending them is another topic, put off as nobody handles it here."""
    outbox.drain(world.parts.database, {TOPIC: tell_of_bill, "notice.send": lambda *_: None})


def notices(somebody: Somebody) -> list[tuple[str, str]]:
    items = somebody.ok("GET", "/me/notices")["items"]
    return [(one["kind"], one["text"]) for one in items if one["settlement_id"]]


def test_a_settlement_is_told_with_who_paid_and_what_to_do_if_it_was_somebody_else(
    world: World, pharmacy: Counter
) -> None:
    patient = employee(world, 100_00)
    info = settled(pharmacy, patient)
    work(world)
    [notice] = patient.ok("GET", "/me/notices")["items"]
    assert (notice["kind"], notice["settlement_id"]) == ("bill_settled", info["setl_id"])
    assert notice["text"].startswith("您的医保结算已完成。说明：")
    assert "买药，一共150元，医保没有报销，个人账户付100元，现金付50元。" in notice["text"]
    assert notice["text"].endswith("请马上打开小程序停用医保码，并拨打 12393。")
    english = patient.ok("GET", "/me/notices", headers={"Accept-Language": "en"})["items"][0]["text"]
    assert "150 yuan in all, the insurance pays nothing, the personal account 100, cash 50." in english


def test_a_bill_is_told_once_however_often_the_worker_comes(world: World, pharmacy: Counter) -> None:
    patient = employee(world)
    info = settled(pharmacy, patient)
    for _ in range(2):
        tell_of_bill(world.parts.database, {"id": info["setl_id"]})
    work(world)
    assert [kind for kind, _ in notices(patient)] == ["bill_settled"]


def test_a_retry_of_the_terminal_is_told_no_more(world: World, pharmacy: Counter) -> None:
    patient = employee(world)
    wish = bill(patient, drugs("150.00"), med_type="41")
    pharmacy.output("2207", **wish)
    pharmacy.output("2206", **{**wish, "chrg_bchno": "ONLY-SHOWN"})
    work(world)
    pharmacy.output("2207", **wish)
    work(world)
    assert len(notices(patient)) == 1


def test_what_was_taken_back_is_told_with_where_the_money_is(world: World, pharmacy: Counter) -> None:
    patient = employee(world, 100_00)
    info = settled(pharmacy, patient)
    work(world)
    take_back(pharmacy, info)
    take_back(pharmacy, info)
    work(world)
    [(kind, words), (before, _)] = notices(patient)
    assert (kind, before) == ("bill_taken_back", "bill_settled")
    assert (
        "买药的150元不算数了，个人账户付的100元已经退回账户；要是已经付了现金50元，请找这家机构退。" in words
    )


def test_what_was_taken_back_at_once_is_told_once(world: World, pharmacy: Counter) -> None:
    patient = employee(world)
    take_back(pharmacy, settled(pharmacy, patient))
    work(world)
    assert [kind for kind, _ in notices(patient)] == ["bill_taken_back"]


def test_a_reversal_of_what_never_came_tells_nobody(world: World, pharmacy: Counter) -> None:
    patient = employee(world)
    pharmacy.output("2601", omsgid="LOST", oinfno="2207")
    work(world)
    assert notices(patient) == []


def test_a_child_and_its_guardians_hear_of_a_bill_and_nobody_else(world: World) -> None:
    clinic = Counter(world, InstitutionType.CLINIC, "230502")
    child = world.citizen(region="2305", age=9)
    mother, father, sister = (world.citizen(age=age) for age in (35, 36, 37))
    for parent in (mother, father):
        world.relate(child, parent, Relation.PARENT, guardian=True)
    world.relate(child, sister, Relation.SIBLING)
    clinic.output("2207", **bill(child, drugs("12.00")))
    work(world)
    for guardian in (mother, father):
        [(kind, words)] = notices(guardian)
        assert kind == "bill_settled"
        assert words.startswith(f"{child.name[0]}*{child.name[-1]}的医保结算")
    [(_, words)] = notices(child)
    assert words.startswith("您的医保结算")
    assert notices(sister) == []


def test_settling_writes_one_statement_for_it(world: World, pharmacy: Counter) -> None:
    patient = employee(world, 100_00)
    settled(pharmacy, patient)
    written: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        written.append(statement.partition("(")[0].strip())

    event.listen(world.parts.database.engine, "before_cursor_execute", note)
    settled(pharmacy, patient)
    event.remove(world.parts.database.engine, "before_cursor_execute", note)
    assert [one for one in written if "outbox" in one or "notice" in one] == ["INSERT INTO outbox_message"]
