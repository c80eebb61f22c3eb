"""Personal data at rest opens only with the keys, and only in its own row and column."""

import pytest
from sqlalchemy import select, update

from app.gateways.parts import Parts
from app.identity.models import Person
from app.kit import ids, sealing
from app.kit.api.application import Application
from app.kit.crypto import SealBroken
from app.kit.sealing import Sealed, blind_index
from tests.world import World


def test_a_name_moved_to_another_row_does_not_open(app: Application, parts: Parts) -> None:
    world = World(app)
    first, second = world.person(name="欧阳岚芷"), world.person(name="司徒衡蓁")
    with parts.database.reading() as session:
        stolen = session.get_one(Person, first).name_sealed
    world.write(
        lambda session: session.execute(update(Person).where(Person.id == second).values(name_sealed=stolen))
    )

    with parts.database.reading() as session:
        assert session.get_one(Person, first).name == "欧阳岚芷"
        with pytest.raises(SealBroken):
            _ = session.get_one(Person, second).name


def test_a_value_moved_to_another_column_does_not_open(app: Application, parts: Parts) -> None:
    world = World(app)
    person = world.person()
    with parts.database.reading() as session:
        phone = session.get_one(Person, person).phone_sealed
    world.write(
        lambda session: session.execute(update(Person).where(Person.id == person).values(name_sealed=phone))
    )
    with parts.database.reading() as session, pytest.raises(SealBroken):
        _ = session.get_one(Person, person).name


def test_the_same_name_is_sealed_differently_each_time_and_found_by_its_index(
    app: Application, parts: Parts
) -> None:
    world = World(app)
    first, second = world.person(name="令狐骁彧"), world.person(name="令狐骁彧")
    with parts.database.reading() as session:
        sealed = set(
            session.execute(select(Person.name_sealed).where(Person.id.in_([first, second]))).scalars()
        )
    assert len(sealed) == 2
    assert blind_index("person", "id_no", "1") == blind_index("person", "id_no", "1")
    assert blind_index("person", "id_no", "1") != blind_index("person", "phone", "1")


def test_a_sealed_attribute_needs_its_rows_id_first(parts: Parts) -> None:
    class Row:
        __tablename__ = "row"
        id = None
        name_sealed: bytes | None = None
        name = Sealed("name_sealed")

    row = Row()
    with pytest.raises(ValueError, match="set the row's id"):
        row.name = "x"
    row.id = ids.new_id()  # type: ignore[assignment]
    row.name = "x"
    assert row.name_sealed is not None
    assert row.name_sealed != b"x"
    row.name = None
    assert row.name_sealed is None


def test_all_purposes_have_a_key_and_the_secrets_do_not_show(parts: Parts) -> None:
    keys = sealing.keyring()
    assert len({keys.chain_key, keys.paper_key, keys.token_key}) == 3
    assert parts.token_key.hex() not in repr(parts)
    assert repr(parts.token_key) not in repr(parts)
