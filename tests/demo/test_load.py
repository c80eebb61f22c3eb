"""Loading the demo: all of it, once, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.demo import load, roster
from app.gateways.parts import Parts
from app.identity import models as identity
from app.kit import clock
from app.kit.db import Base
from app.places import models as places
from app.services.chronic_disease.models import ExpertProfile

TABLES: tuple[type[Base], ...] = (
    identity.Person,
    identity.Coverage,
    identity.Kinship,
    identity.Account,
    identity.WechatLogin,
    identity.StaffLogin,
    identity.TerminalLogin,
    identity.Organisation,
    identity.RoleGrant,
    places.Institution,
    places.ServicePoint,
    ExpertProfile,
)


@pytest.fixture
def database_url(both_databases: str) -> str:
    return both_databases


def rows(parts: Parts) -> dict[str, int]:
    with parts.database.reading() as session:
        return {
            table.__tablename__: session.execute(select(func.count()).select_from(table)).scalar_one()
            for table in TABLES
        }


def test_loading_again_changes_nothing_even_months_later(parts: Parts) -> None:
    steps: list[str] = []
    first = load.load(parts.database, parts.passwords, progress=steps.append)
    before = rows(parts)
    listed = {entry["description"][-20:] for entry in roster.people(parts.database)}

    again = load.load(parts.database, parts.passwords)
    with clock.travel(clock.now() + timedelta(days=200)):
        later = load.load(parts.database, parts.passwords)
        listed_later = {entry["description"][-20:] for entry in roster.people(parts.database)}

    assert len(steps) == 3
    assert first.new > 500
    assert again.new == later.new == 0
    assert first.counts == again.counts == later.counts
    assert rows(parts) == before
    assert listed_later == listed
    assert first.counts["people"] == before["person"] >= 60
    assert str(first).endswith("of them new")
