"""Personal data at rest opens only with the keys, and only in its own row and column."""

import pytest
from sqlalchemy import select, update

from app.gateways.parts import Parts
from app.identity.models import Person
from app.kit import ids, sealing
from app.kit.api.application import Application
from app.kit.crypto import SealBroken, Suite, parse_master_keys
from app.kit.sealing import Sealed, blind_index
from app.services.chronic_disease.models import ChronicItem
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


def test_a_column_added_later_counts_for_the_row_s_seal_once_it_holds_something(parts: Parts) -> None:
    """Rows sealed before there was the column stay whole; what is written into it, or rubbed out of it, is found."""

    def seal(**columns: object) -> str:
        return sealing._seal_of(ChronicItem(id=row, disease_code="M01600", **columns))

    row = ids.new_id()
    before = ChronicItem(id=row, disease_code="M01600")
    before.seal = seal()
    assert sealing.is_whole(before)
    before.reason_sealed = b"written by hand"
    assert not sealing.is_whole(before)
    before.seal = seal(reason_sealed=b"written by hand")
    assert sealing.is_whole(before)
    before.reason_sealed = None
    assert not sealing.is_whole(before)
    assert "reason_sealed" in ChronicItem.added_later


def test_a_new_voucher_key_is_held_beside_the_older_ones_and_wrapped_anew_with_them(parts: Parts) -> None:
    master = parse_master_keys(parts.settings.master_keys, Suite.INTL)
    before = sealing.keyring().voucher_keys
    number = parts.database.run(lambda session: sealing.add_voucher_key(session, master, Suite.INTL, last=98))

    after = sealing.configure(parts.database, master, Suite.INTL).voucher_keys

    assert (number, set(before), set(after)) == (2, {1}, {1, 2})
    assert after[1] == before[1]
    assert after[2] != after[1]


def test_there_are_no_more_voucher_keys_than_a_code_can_name(parts: Parts) -> None:
    master = parse_master_keys(parts.settings.master_keys, Suite.INTL)
    made = [
        parts.database.run(lambda session: sealing.add_voucher_key(session, master, Suite.INTL, last=3))
        for _ in range(4)
    ]
    assert made == [2, 3, None, None]
