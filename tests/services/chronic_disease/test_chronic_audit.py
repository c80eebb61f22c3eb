"""``zhangban audit verify`` names each disease, opinion, key and benefit that was edited or removed by hand."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from clinic import DIABETES, HYPERTENSION, REGION, Clinic
from forms import mixed
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.filings import history
from app.filings.history import Break
from app.kit import ids
from app.kit.api.application import Application
from app.services.chronic_disease.models import (
    ChronicEntitlement,
    ChronicItem,
    EntitlementInstitution,
    ExpertKey,
    ExpertOpinion,
)
from tests.frozen import Frozen
from tests.somebody import Somebody
from tests.world import World

BY_HAND = "changed by hand"


Story = tuple[Clinic, Somebody, dict[str, Any]]


@pytest.fixture
def database_url(frozen_database: str) -> str:
    return frozen_database


@pytest.fixture
def story(app: Application, frozen: Frozen) -> Story:
    def tell() -> Story:
        clinic = Clinic(World(app))
        patient = clinic.world.citizen(region=REGION)
        return clinic, patient, mixed(clinic, patient)

    return frozen(tell)


@pytest.fixture
def clinic(story: Story) -> Clinic:
    return story[0].of_another_test()


@pytest.fixture
def patient(story: Story) -> Somebody:
    return story[1]


@pytest.fixture
def approved(story: Story) -> dict[str, Any]:
    """Hypertension recognised, diabetes not."""
    return story[2]


def faults(clinic: Clinic) -> list[Break]:
    with clinic.world.parts.database.reading() as session:
        return [step for step in history.verify(session, batch=1) if isinstance(step, Break)]


def only(session: Session, model: type[Any], **wanted: object) -> Any:
    return session.execute(select(model).filter_by(**wanted)).scalar_one()


def test_cases_in_every_state_are_sound(clinic: Clinic, patient: Somebody, approved: dict[str, Any]) -> None:
    """One approved in part, its refusal appealed; one drawn; one being corrected with another form; one withdrawn."""
    world = clinic.world
    world.act(patient, patient.ok("GET", f"/filings/{approved['id']}"), "appeal", reason="有新的检查结果")
    others = [world.citizen(region=clinic.region) for _ in range(3)]
    clinic.apply(others[0], HYPERTENSION)
    asked = clinic.apply(others[1], HYPERTENSION)
    expert = clinic.expert_of(asked)
    seen = expert.ok("GET", f"/filings/{asked['id']}")
    world.act(expert, seen, "request_correction", items=[{"text": "请补血压记录"}], reason="缺记录")
    back = others[1].ok("GET", f"/filings/{asked['id']}")
    edit = {"expected_version": back["version"], "form": clinic.form(DIABETES)}
    others[1].ok("PATCH", f"/filings/{asked['id']}", edit)
    gone = clinic.apply(others[2], HYPERTENSION)
    world.act(others[2], gone, "withdraw")
    [benefit] = patient.ok("GET", "/chronic/entitlements")["items"]
    another = str(world.hospital(clinic.region).id)
    choice = {"institution_ids": [another], "expected_version": benefit["version"]}
    patient.ok("PUT", f"/chronic/entitlements/{benefit['id']}/institutions", choice)

    assert faults(clinic) == []


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (ChronicItem, {"state": "approved"}),
        (ChronicItem, {"disease_code": "M00500"}),
        (ChronicItem, {"appealed": True}),
        (ChronicItem, {"decided_at": None}),
        (ChronicItem, {"reason_sealed": b"\x01"}),
        (ChronicEntitlement, {"enddate": date(2099, 12, 31)}),
        (ChronicEntitlement, {"begndate": date(2020, 1, 1)}),
        (ChronicEntitlement, {"opsp_dise_code": "M01600"}),
        (ChronicEntitlement, {"insu_admdvs": "610700"}),
        (ChronicEntitlement, {"state": "withdrawn"}),
        (ChronicEntitlement, {"withdrawn_reason_sealed": b"\x01"}),
        (ChronicEntitlement, {"institutions_changed_before": ["2026-01-31"]}),
        (ChronicEntitlement, {"seal": "0" * 64}),
        (ExpertOpinion, {"certified": True}),
        (ExpertOpinion, {"content_sealed": b"\x01"}),
        (ExpertOpinion, {"signature": "AAAA"}),
        (ExpertOpinion, {"at": None}),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else next(iter(value)),
)
def test_an_edited_row_is_named(
    clinic: Clinic, approved: dict[str, Any], model: type[Any], values: dict[str, object]
) -> None:
    """Edited is the refused disease's row, where it has one, and the other's benefit."""

    def edit(session: Session) -> str:
        wanted: dict[str, object] = {"certified": False} if model is ExpertOpinion else {}
        if model is ChronicItem:
            wanted = {"disease_code": DIABETES}
        row = only(session, model, **wanted)
        fresh = {"at": row.at.replace(year=2020)} if "at" in values else values
        session.execute(update(model).where(model.id == row.id).values(fresh))
        return str(row.id)

    edited = clinic.world.write(edit)

    found = faults(clinic)

    named = [fault for fault in found if fault.row == edited]
    assert [fault.table for fault in named][:1] == [model.__tablename__]
    assert BY_HAND in named[0].what
    assert {fault.filing_number for fault in found} == {approved["number"]}


def test_an_edited_key_is_noticed_at_each_opinion_that_it_signed(
    clinic: Clinic, approved: dict[str, Any]
) -> None:
    clinic.world.write(lambda session: session.execute(update(ExpertKey).values(public="AAAA")))

    assert [fault.table for fault in faults(clinic)] == ["expert_opinion"] * 2


def test_being_reminded_is_no_edit(clinic: Clinic, approved: dict[str, Any]) -> None:
    def remind(session: Session) -> None:
        row = only(session, ChronicEntitlement)
        row.reminded_at = row.created_at

    clinic.world.write(remind)

    assert faults(clinic) == []


def remove_benefit(session: Session) -> None:
    session.execute(delete(EntitlementInstitution))
    session.execute(delete(ChronicEntitlement))


def remove_opinion(session: Session) -> None:
    session.execute(delete(ExpertOpinion).where(ExpertOpinion.certified.is_(False)))


def remove_disease(session: Session) -> None:
    """The refused disease with its opinion, as if it had never been applied for."""
    remove_opinion(session)
    session.execute(delete(ChronicItem).where(ChronicItem.disease_code == DIABETES))


def remove_everything(session: Session) -> None:
    remove_benefit(session)
    session.execute(delete(ExpertOpinion))
    session.execute(delete(ChronicItem))


@pytest.mark.parametrize(
    ("remove", "named"),
    [
        (remove_benefit, [("chronic_item", "benefit that it gave is missing")]),
        (remove_opinion, [("filing", "1 of the opinions")]),
        (remove_disease, [("filing", f"disease {DIABETES} is missing"), ("filing", "1 of the opinions")]),
        (
            remove_everything,
            [
                ("filing", f"disease {HYPERTENSION} is missing"),
                ("filing", f"disease {DIABETES} is missing"),
                ("filing", "2 of the opinions"),
                ("filing", "no disease of it is"),
            ],
        ),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_a_missing_row_is_named_where_it_is_missed(
    clinic: Clinic,
    approved: dict[str, Any],
    remove: Callable[[Session], None],
    named: list[tuple[str, str]],
) -> None:
    clinic.world.write(remove)

    found = faults(clinic)

    assert [fault.table for fault in found] == [table for table, _ in named]
    for fault, (_, words) in zip(found, named, strict=True):
        assert words in fault.what
        assert fault.filing_number == approved["number"]


def test_a_benefit_written_by_hand_has_no_seal_that_fits(clinic: Clinic, approved: dict[str, Any]) -> None:
    """Copying a genuine row, seal and all, for another disease does not make it genuine."""

    def forge(session: Session) -> str:
        row = session.execute(select(ChronicEntitlement.__table__)).mappings().one()
        made = {**row, "id": ids.new_id(), "opsp_dise_code": "M00500"}
        session.execute(ChronicEntitlement.__table__.insert().values(made))
        return str(made["id"])

    forged = clinic.world.write(forge)

    assert [fault.row for fault in faults(clinic)] == [forged]


def test_a_two_disease_benefit_is_walked_too(clinic: Clinic) -> None:
    patient = clinic.world.citizen(region=REGION)
    case = clinic.review(clinic.apply(patient, HYPERTENSION, service="two_disease"))
    assert case["status"] == "approved"
    assert faults(clinic) == []

    clinic.world.write(remove_benefit)

    assert [fault.table for fault in faults(clinic) if fault.filing_number == case["number"]] == [
        "chronic_item"
    ]
