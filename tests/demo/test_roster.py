"""The roster: everybody of the demo with what it takes to sign in, and it does."""

from pathlib import Path
from uuid import UUID

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.cli import main
from app.config import Settings
from app.demo import load, roster, staff
from app.demo.population import CITIZENS
from app.demo.words import Entry
from app.gateways.parts import Parts
from app.identity import models as identity
from app.identity import queries
from app.kit import clock
from app.services.chronic_disease import experts, seeds
from app.services.chronic_disease.models import DrawSeed, ExpertProfile


@pytest.fixture
def database_url(demo_url: str) -> str:
    return demo_url


@pytest.fixture
def loaded(parts: Parts) -> list[Entry]:
    return roster.people(parts.database)


def test_the_roster_names_everybody_with_what_it_takes_to_sign_in(loaded: list[Entry]) -> None:
    kinds = {
        kind: [entry for entry in loaded if entry["kind"] == kind]
        for kind in ("citizen", "none", "staff", "terminal")
    }
    assert len(kinds["citizen"]) + len(kinds["none"]) == len(CITIZENS) + len(staff.agents())
    assert len(kinds["staff"]) == len(staff.staff())
    assert len(kinds["terminal"]) == len(staff.terminals())
    for entry in kinds["citizen"] + kinds["none"] + kinds["staff"]:
        for field in ("person_id", "name", "id_no", "region_code", "region", "address", "sex", "birth_date"):
            assert entry[field], (field, entry["description"])
        assert entry["coverages"]
        assert "。" in entry["description"]
    for entry in kinds["citizen"]:
        assert entry["js_code"].startswith(f"demo.{entry['openid']}.")
        assert "citizen" in entry["roles"]
    for entry in kinds["none"]:
        assert entry["openid"] is None
        assert entry["js_code"] is None
    for entry in kinds["staff"]:
        assert entry["organisation"] is not None
        assert len(entry["roles"]) == 1
    assert {role for entry in loaded for role in entry["roles"]} == {
        "citizen", "agent", "handler", "expert", "supervisor", "auditor", "administrator", "terminal",
    }  # fmt: skip


def test_an_experts_entry_says_what_the_draw_goes_by(parts: Parts, loaded: list[Entry]) -> None:
    listed = {entry["account_id"]: entry for entry in loaded if "expert" in entry["roles"]}
    with parts.database.reading() as session:
        profiles = session.execute(select(ExpertProfile)).scalars().all()
        assert {str(one.account_id) for one in profiles} == set(listed)
        for one in profiles:
            entry = listed[str(one.account_id)]
            assert (entry["specialties"], entry["hospital"]) == (one.specialties, one.hospital)
            assert (entry["title"], entry["daily_limit"]) == (one.title, one.daily_limit)
            assert entry["person_id"] == str(one.person_id)
        pools = {region: experts.pool_of(session, region, clock.today()) for region in ("610727", "610902")}
    assert len(pools["610727"].candidates) == 25
    assert len(pools["610902"].candidates) == 14, "a district goes to its city's pool"
    assert not any("specialties" in entry for entry in loaded if "expert" not in entry["roles"])


def test_the_draws_of_the_coming_days_are_committed_to(parts: Parts, loaded: list[Entry]) -> None:
    pools = {entry["organisation"]["id"] for entry in loaded if "expert" in entry["roles"]}
    with parts.database.reading() as session:
        days = session.execute(select(DrawSeed.organisation_id, DrawSeed.day)).all()
    assert {str(pool) for pool, _ in days} == pools
    assert len(days) == len(set(days)) == len(pools) * (seeds.DAYS_AHEAD + 1)
    assert min(day for _, day in days) <= clock.today()
    assert seeds.commit_ahead(parts.database) == 0


def test_relatives_in_the_roster_point_both_ways(loaded: list[Entry]) -> None:
    entries = {entry["person_id"]: entry for entry in loaded if "person_id" in entry}
    for person_id, entry in entries.items():
        for relative in entry["relatives"]:
            other = entries[relative["person_id"]]
            assert person_id in {one["person_id"] for one in other["relatives"]}


def test_each_roster_has_fresh_codes(parts: Parts, loaded: list[Entry]) -> None:
    again = roster.people(parts.database)
    codes = [entry["js_code"] for entry in (*loaded, *again) if entry.get("js_code")]
    assert len(codes) == len(set(codes))


def test_every_citizen_signs_in_with_the_code_of_the_roster(client: FlaskClient, loaded: list[Entry]) -> None:
    for entry in loaded:
        if entry["kind"] != "citizen":
            continue
        answer = client.post("/api/v1/auth/wechat", json={"js_code": entry["js_code"]})
        assert answer.status_code == 200, answer.text
        account = answer.json["account"]
        assert account["real_name"] is entry["real_name"]
        assert sorted(account["roles"]) == sorted(entry["roles"])


def test_all_staff_and_terminals_sign_in_with_what_the_roster_says(
    client: FlaskClient, loaded: list[Entry]
) -> None:
    for entry in loaded:
        if entry["kind"] == "staff":
            body = {"username": entry["username"], "password": entry["password"]}
            answer = client.post("/api/v1/auth/staff", json=body)
        elif entry["kind"] == "terminal":
            body = {"client_id": entry["client_id"], "client_secret": entry["client_secret"]}
            answer = client.post("/api/v1/auth/terminal", json=body)
        else:
            continue
        assert answer.status_code == 200, answer.text
        assert answer.json["account"]["roles"] == entry["roles"]


def test_the_table_shows_all_it_takes_to_sign_in(
    settings: Settings, tmp_path: Path, loaded: list[Entry]
) -> None:
    environment = {"ZHANGBAN_DATA_DIR": str(tmp_path), "ZHANGBAN_DATABASE_URL": settings.database_url}

    shown = CliRunner().invoke(main, ["demo", "people"], env=environment, catch_exceptions=False)

    assert shown.exit_code == 0, shown.output
    for entry in loaded:
        assert entry["name"] in shown.stdout
        if entry["kind"] == "staff":
            assert f"username {entry['username']} " in shown.stdout
        if entry["kind"] == "terminal":
            assert f"client_id {entry['client_id']} " in shown.stdout
        if entry["kind"] == "citizen":
            assert f"js_code demo.{entry['openid']}." in shown.stdout
    assert f"password {staff.PASSWORD} " in shown.stdout
    assert f"client_secret {staff.TERMINAL_SECRET} " in shown.stdout


def test_who_proves_the_real_name_later_is_listed_with_it(
    parts: Parts, client: FlaskClient, loaded: list[Entry]
) -> None:
    unproven = next(entry for entry in loaded if entry["kind"] == "citizen" and not entry["real_name"])

    def prove(session: Session) -> None:
        account = queries.account_by_openid(session, str(unproven["openid"]))
        assert account is not None
        account.person_id = UUID(unproven["person_id"])

    parts.database.run(prove)
    entry = next(
        one for one in roster.people(parts.database) if one.get("person_id") == unproven["person_id"]
    )
    assert entry["real_name"] is True
    assert load.load(parts.database, parts.passwords).new == 0


def test_what_people_changed_stays_as_they_left_it(parts: Parts) -> None:
    def change(session: Session) -> None:
        session.execute(update(identity.Coverage).values(status=identity.CoverageStatus.ENDED))
        session.execute(update(identity.RoleGrant).values(ended_at=clock.now()))

    parts.database.run(change)
    assert load.load(parts.database, parts.passwords).new == 0
    with parts.database.reading() as session:
        active = select(func.count()).where(identity.Coverage.status == identity.CoverageStatus.ACTIVE)
        held = select(func.count()).where(identity.RoleGrant.ended_at.is_(None))
        assert session.execute(active).scalar_one() == 0
        assert session.execute(held).scalar_one() == 0
