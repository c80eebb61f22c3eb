"""Personal data at rest opens only with the keys, and only in its own row and column."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.gateways.parts import Parts
from app.identity.models import Person
from app.kit import clock, ids, rotation, sealing
from app.kit.api.application import Application
from app.kit.crypto import MasterKeys, SealBroken, Suite, new_master_key, parse_master_keys
from app.kit.sealing import Sealed, WrongSuite, blind_index
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


class TestVoucherKeys:
    """A process goes on while they are exchanged."""

    @pytest.fixture(autouse=True)
    def _read_each_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(rotation, "READ_EVERY", 0.0)

    @staticmethod
    def master(parts: Parts) -> MasterKeys:
        return parse_master_keys(parts.settings.master_keys, Suite.INTL)

    def add(self, parts: Parts, last: int = 98) -> int | None:
        return parts.database.run(
            lambda session: sealing.add_voucher_key(session, self.master(parts), Suite.INTL, last=last)
        )

    def test_a_new_one_checks_at_once_makes_a_little_later_and_its_forerunner_goes_days_after(
        self, parts: Parts
    ) -> None:
        def now() -> tuple[set[int], int]:
            found = sealing.keyring().voucher_keys.current()
            return set(found.keys), found.makes

        assert now() == ({1}, 1)
        assert self.add(parts) == 2
        assert now() == ({1, 2}, 1)
        clock.shift(rotation.SIGNS_AFTER)
        assert now() == ({1, 2}, 2)
        clock.shift(rotation.KEPT_FOR - timedelta(seconds=10))
        assert now() == ({1, 2}, 2)
        clock.shift(rotation.KEPT_FOR)
        assert now() == ({2}, 2)

    def test_a_retired_one_counts_for_nothing_at_once_and_the_newest_is_not_retired(
        self, parts: Parts
    ) -> None:
        def retire(number: int) -> bool:
            return parts.database.run(lambda session: sealing.retire_voucher_key(session, number))

        assert not retire(1)
        self.add(parts)
        assert not retire(3)
        assert retire(1)
        found = sealing.keyring().voucher_keys.current()
        assert (set(found.keys), found.makes) == ({2}, 2)

    def test_one_that_a_process_cannot_open_does_not_stop_it(self, parts: Parts) -> None:
        newer = parse_master_keys(new_master_key("other"), Suite.INTL)
        parts.database.run(lambda session: sealing.add_voucher_key(session, newer, Suite.INTL, last=98))

        assert set(sealing.keyring().voucher_keys.current().keys) == {1}

    def test_a_retired_key_is_dropped_though_the_new_one_does_not_open(self, parts: Parts) -> None:
        """Given a process started before the newest master key, when a key leaked and was retired, it counts no more."""
        newer = parse_master_keys(new_master_key("other"), Suite.INTL)
        parts.database.run(lambda session: sealing.add_voucher_key(session, newer, Suite.INTL, last=98))
        keys = sealing.keyring().voucher_keys
        parts.database.run(lambda session: sealing.retire_voucher_key(session, 1))

        assert dict(keys.current().keys) == {}

    def test_a_key_of_another_suite_is_refused_for_no_process_would_start_any_more(
        self, parts: Parts
    ) -> None:
        master = parse_master_keys(new_master_key("v1"), Suite.SM)
        with pytest.raises(WrongSuite):
            parts.database.run(lambda session: sealing.add_voucher_key(session, master, Suite.SM, last=98))

    def test_there_are_no_more_than_a_code_can_name(self, parts: Parts) -> None:
        assert [self.add(parts, last=3) for _ in range(4)] == [2, 3, None, None]
