"""Each list of places is one walk along an index, on both databases, however many rows there are."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import event, insert, text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from app.gateways.parts import Parts
from app.kit import clock, ids
from app.places import queries
from app.places.models import Institution, InstitutionType, ServicePoint, Tier
from app.places.queries import InstitutionFilter
from app.places.regions import children

Write = Callable[[Callable[[Session], object]], object]


@pytest.fixture
def database_url(both_databases: str) -> str:
    return both_databases


@pytest.fixture
def many(parts: Parts, write: Write) -> None:
    """Six thousand institutions and service points all over 陕西."""
    districts = [district.code for city in children("61") for district in children(city.code)]
    kinds = (
        InstitutionType.HOSPITAL,
        InstitutionType.CLINIC,
        InstitutionType.PHARMACY,
        InstitutionType.PHARMACY,
    )

    def fill(session: Session) -> None:
        institutions: list[dict[str, object]] = []
        points: list[dict[str, object]] = []
        for number in range(6000):
            common = {
                "id": ids.new_id(),
                "region_code": districts[number % len(districts)],
                "address": "街口",
                "active": True,
                "created_at": clock.now(),
            }
            kind = kinds[number % len(kinds)]
            hospital = kind is InstitutionType.HOSPITAL
            institutions.append(
                common
                | {
                    "code": f"H{number:011d}",
                    "name": f"第{number}家",
                    "type": kind,
                    "level": 1 + number // 4 % 3 if hospital else None,
                    "can_refer": hospital and number % 200 == 0,
                }
            )
            tier = list(Tier)[number % 3]
            points.append(
                common | {"id": ids.new_id(), "name": f"第{number}处", "tier": tier, "services": []}
            )
        session.execute(insert(Institution), institutions)
        session.execute(insert(ServicePoint), points)

    write(fill)
    with parts.database.engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()


class Statements:
    """What a session sent to the database."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.sent: list[tuple[str, object]] = []
        event.listen(parts.database.engine, "before_cursor_execute", self._keep)

    def _keep(
        self, _connection: Connection, _cursor: object, statement: str, parameters: object, *_: object
    ) -> None:
        if not statement.startswith("EXPLAIN"):
            self.sent.append((statement, parameters))

    def plan(self) -> str:
        """How the database would run the last statement."""
        statement, parameters = self.sent[-1]
        explain = "EXPLAIN QUERY PLAN" if self.parts.database.is_sqlite else "EXPLAIN"
        with self.parts.database.engine.connect() as connection:
            rows = connection.exec_driver_sql(f"{explain} {statement}", parameters)
            return "\n".join(str(tuple(row)) for row in rows)


PLANS = (
    (InstitutionFilter(), "ix_institution_region_code_id"),
    (InstitutionFilter(region_code="6109"), "ix_institution_region_code_id"),
    (
        InstitutionFilter(region_code="610902", type=InstitutionType.HOSPITAL),
        "ix_institution_type_region_code_id",
    ),
    (InstitutionFilter(region_code="61", level=3), "ix_institution_level_region_code_id"),
    (InstitutionFilter(region_code="61", can_refer=True), "ix_institution_can_refer_region_code_id"),
    (InstitutionFilter(region_code="6109", words=["5"]), "ix_institution_region_code_id"),
)


@pytest.mark.usefixtures("many")
def test_a_page_of_institutions_walks_an_index_and_sorts_nothing(parts: Parts) -> None:
    statements = Statements(parts)
    for wanted, index in PLANS:
        with parts.database.reading() as session:
            page = queries.institutions(session, wanted, None, 5)
            first = statements.plan()
            following = queries.institutions(session, wanted, page.next_cursor, 5)
        assert len(page.items) == 5
        assert {one.id for one in page.items}.isdisjoint({one.id for one in following.items})
        for plan in (first, statements.plan()):
            assert index in plan
            assert "TEMP B-TREE" not in plan
            assert "Seq Scan" not in plan


@pytest.mark.usefixtures("many")
def test_a_page_of_service_points_walks_an_index(parts: Parts) -> None:
    statements = Statements(parts)
    for region, tier, index in (
        ("6109", None, "ix_service_point_region_code_id"),
        ("61", Tier.TOWN, "ix_service_point_tier_region_code_id"),
    ):
        with parts.database.reading() as session:
            page = queries.service_points(session, region, tier, None, 5)
        assert len(page.items) == 5
        assert index in statements.plan()
        assert "TEMP B-TREE" not in statements.plan()


@pytest.mark.usefixtures("many")
def test_all_pages_together_are_the_whole_list(parts: Parts) -> None:
    seen: list[UUID] = []
    cursor: str | None = None
    wanted = InstitutionFilter(region_code="6109", type=InstitutionType.PHARMACY)
    with parts.database.reading() as session:
        while True:
            page = queries.institutions(session, wanted, cursor, 37)
            seen += [one.id for one in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        whole = queries.institutions(session, wanted, None, 10_000)
    assert seen == [one.id for one in whole.items]
    assert len(set(seen)) == len(seen) > 100


@pytest.mark.usefixtures("institutions")
def test_words_find_the_same_on_either_database(parts: Parts) -> None:
    expected = {
        ("中心", "医院"): {"H61090200001"},
        ("h32092200001",): {"H32092200001"},
        ("%",): {"P61090200001"},
        ("0%_",): {"P61090200001"},
        ("_医院",): set(),
        ("/",): set(),
    }
    with parts.database.reading() as session:
        for words, codes in expected.items():
            page = queries.institutions(session, InstitutionFilter(words=words), None, 50)
            assert {one.code for one in page.items} == codes
