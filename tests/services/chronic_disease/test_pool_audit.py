"""What ``zhangban audit verify`` and ``chronic audit-draws`` find: what was done to a pool of experts around its log."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from clinic import ELSEWHERE, HYPERTENSION, REGION, Clinic
from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from app.identity.actor import Role
from app.kit import clock, ids
from app.kit.api.application import Application
from app.services.chronic_disease import draw_audit, expert_pool, leave, pool_audit
from app.services.chronic_disease.expert_pool import Said
from app.services.chronic_disease.faults import Fault
from app.services.chronic_disease.models import ExpertLeave, ExpertPoolChange, ExpertProfile
from tests.frozen import Frozen
from tests.somebody import Somebody
from tests.world import World

Edit = Callable[[Session], Any]
BY = "li.wei"
CHANGES = 4
"""Of the expert."""


Story = tuple[Clinic, Somebody]


@pytest.fixture
def database_url(frozen_database: str) -> str:
    return frozen_database


@pytest.fixture
def story(app: Application, frozen: Frozen) -> Story:
    def tell() -> Story:
        clinic = Clinic(World(app))
        return clinic, on_leave(clinic)

    return frozen(tell)


@pytest.fixture
def clinic(story: Story) -> Clinic:
    return story[0].of_another_test()


@pytest.fixture
def expert(story: Story) -> Somebody:
    return story[1]


def on_leave(clinic: Clinic) -> Somebody:
    """An expert entered, changed, given leave that runs over days to come, which was then made longer."""
    found = clinic.world.staff(Role.EXPERT, REGION, organisation_id=clinic.pool)
    said = Said(specialties=["全科", "心血管内科"], hospital=ELSEWHERE, title="主任医师")
    name, today = found.login, clock.today()
    clinic.experts[found.account_id] = found
    clinic.world.write(lambda session: expert_pool.enter(session, name, said, by=BY).id)
    clinic.world.write(lambda session: expert_pool.change(session, name, Said(daily_limit=3), by=BY).id)
    for days in (3, 5):
        give(clinic, found, today, today + timedelta(days=days))
    return found


def give(clinic: Clinic, expert: Somebody, first: date, last: date) -> None:
    today = clock.today()
    clinic.world.write(lambda session: leave.begin(session, expert.login, first, last, today, by=BY).id)


def end(clinic: Clinic, expert: Somebody) -> None:
    today = clock.today()
    clinic.world.write(lambda session: bool(leave.end(session, expert.login, today, today, by=BY)))


def faults(clinic: Clinic) -> list[Fault]:
    with clinic.world.parts.database.reading() as session:
        return list(pool_audit.audit(session))


def change(clinic: Clinic, expert: Somebody, seq: int) -> str:
    """The id of an expert's change."""
    query = select(ExpertPoolChange.id).filter_by(account_id=expert.account_id, seq=seq)
    return str(clinic.world.write(lambda session: session.execute(query).scalar_one()))


def test_an_untouched_log_is_sound_however_much_time_has_passed(clinic: Clinic, expert: Somebody) -> None:
    assert faults(clinic) == []
    today = clock.today()
    for days in (1, 5, 6, 7, 40):
        with clinic.later(today + timedelta(days=days)):
            assert faults(clinic) == []
    with clinic.later(today + timedelta(days=4)):
        end(clinic, expert)
        assert faults(clinic) == []
    with clinic.later(today + timedelta(days=30)):
        give(clinic, expert, clock.today(), clock.today())
        assert faults(clinic) == []
        end(clinic, expert)
        assert faults(clinic) == []


@pytest.mark.parametrize(
    "values",
    [
        {"what": "changed"},
        {"before": None},
        {"after": {}},
        {"after": []},
        {"by_sealed": b"\x01" * 60},
        {"at": None},
        {"organisation_id": "another"},
        {"moved_from_id": "another"},
        {"seal": "0" * 64},
    ],
    ids=lambda values: next(iter(values)),
)
def test_an_edited_row_is_named(clinic: Clinic, expert: Somebody, values: dict[str, Any]) -> None:
    row = change(clinic, expert, 3)
    other = Clinic(clinic.world, count=0, region="610726").pool

    def edit(session: Session) -> None:
        found = session.execute(select(ExpertPoolChange).filter_by(account_id=expert.account_id, seq=3))
        at = found.scalar_one().at - timedelta(days=30)
        fresh = {"another": other, None: at if "at" in values else None}
        given = {
            name: fresh.get(value, value) if isinstance(value, str | None) else value
            for name, value in values.items()
        }
        session.execute(update(ExpertPoolChange).filter_by(account_id=expert.account_id, seq=3).values(given))

    clinic.world.write(edit)
    assert [(one.table, one.row, one.what) for one in faults(clinic)] == [
        ("expert_pool_change", row, pool_audit.EDITED)
    ]


def test_a_value_that_cannot_be_read_is_named_and_holds_up_nobody_else_s(
    clinic: Clinic, expert: Somebody
) -> None:
    other = next(one for one in clinic.experts.values() if one != expert)

    # Past the column's type, as somebody with the database's own client would.
    clinic.world.write(
        lambda session: session.execute(text("UPDATE expert_pool_change SET what = 'x' WHERE seq = 2"))
    )
    clinic.world.write(
        lambda session: session.execute(
            update(ExpertProfile).filter_by(account_id=other.account_id).values(hospital="x")
        )
    )
    assert {(one.table, one.row) for one in faults(clinic)} == {
        ("account", str(expert.account_id)),
        ("expert_pool_change", change(clinic, other, 1)),
    }


@pytest.mark.parametrize("seq", range(1, CHANGES + 1))
def test_a_removed_row_is_missed(clinic: Clinic, expert: Somebody, seq: int) -> None:
    shows_at = change(clinic, expert, seq + 1 if seq < CHANGES else CHANGES - 1)
    removed = delete(ExpertPoolChange).filter_by(account_id=expert.account_id, seq=seq)
    clinic.world.write(lambda session: session.execute(removed))
    [fault] = faults(clinic)
    assert fault.row == shows_at
    assert ("missing" if seq < CHANGES else "cut off") in fault.what


def _put_in(account_id: Any) -> Edit:
    today = clock.today()
    row = ExpertLeave(
        id=ids.new_id(), account_id=account_id, begins_on=today, ends_on=today, created_at=clock.now()
    )
    return lambda session: session.add(row)


@pytest.mark.parametrize(
    "edit",
    [
        lambda who: lambda session: session.execute(delete(ExpertLeave).filter_by(account_id=who)),
        lambda who: (
            lambda session: session.execute(
                update(ExpertLeave)
                .filter_by(account_id=who)
                .values(ends_on=clock.today() + timedelta(days=4))
            )
        ),
        _put_in,
        lambda who: (
            lambda session: session.execute(
                update(ExpertProfile).filter_by(account_id=who).values(hospital="略阳县人民医院")
            )
        ),
        lambda who: (
            lambda session: session.execute(
                update(ExpertProfile).filter_by(account_id=who).values(daily_limit=None)
            )
        ),
        lambda who: (
            lambda session: session.execute(
                update(ExpertProfile).filter_by(account_id=who).values(specialties=["全科"])
            )
        ),
        lambda who: lambda session: session.execute(delete(ExpertProfile).filter_by(account_id=who)),
    ],
    ids=["leave removed", "leave shortened", "leave added", "hospital", "limit", "specialties", "profile"],
)
def test_a_change_around_the_log_is_named_now_and_after_the_next_change(
    clinic: Clinic, expert: Somebody, edit: Callable[[Any], Edit], request: pytest.FixtureRequest
) -> None:
    clinic.world.write(edit(expert.account_id))
    [fault] = faults(clinic)
    assert fault.row == change(clinic, expert, CHANGES)
    if "profile" in request.node.callspec.id:
        return  # nobody to be changed
    clinic.world.write(
        lambda session: expert_pool.change(session, expert.login, Said(title="副主任医师"), by=BY).id
    )
    [fault] = faults(clinic)
    assert fault.row == change(clinic, expert, CHANGES + 1)
    assert "without a trace" in fault.what


def test_an_expert_or_leave_of_whom_the_log_never_told_is_named(clinic: Clinic, expert: Somebody) -> None:
    """Entered by hand since there is a log; who was there before it is left in peace."""
    table = ExpertPoolChange.__table__
    clinic.world.write(lambda session: session.execute(table.delete()))
    assert faults(clinic) == []
    newest = max(clinic.experts.values(), key=lambda one: one.account_id)
    clinic.world.write(
        lambda session: expert_pool.change(session, newest.login, Said(title="医师"), by=BY).id
    )
    assert faults(clinic) == []

    by_hand = clinic.expert()
    removed = delete(ExpertPoolChange).filter_by(account_id=by_hand.account_id)
    clinic.world.write(lambda session: session.execute(removed))
    other = next(one for one in clinic.experts.values() if one not in (newest, by_hand))
    clinic.world.write(_put_in(other.account_id))
    assert sorted(one.table for one in faults(clinic)) == ["expert_leave", "expert_profile"]


def test_experts_of_before_the_log_are_checked_from_their_first_change_on(
    clinic: Clinic, expert: Somebody
) -> None:
    clinic.world.write(lambda session: session.execute(ExpertPoolChange.__table__.delete()))
    clinic.world.write(
        lambda session: expert_pool.change(session, expert.login, Said(title="医师"), by=BY).id
    )
    assert faults(clinic) == []
    end(clinic, expert)
    assert faults(clinic) == []
    clinic.world.write(_put_in(expert.account_id))
    assert len(faults(clinic)) == 1


def test_it_walks_in_batches(clinic: Clinic, expert: Somebody, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_audit, "EXPERTS", 2)
    assert faults(clinic) == []
    clinic.world.write(lambda session: session.execute(update(ExpertProfile).values(title="医师")))
    assert len(faults(clinic)) == len(clinic.experts)


class TestDraws:
    """A draw's sealed record says whom it took to be away: so an end of the log that was cut off is found too."""

    @pytest.fixture
    def day(self, clinic: Clinic, expert: Somebody) -> date:
        """A day that is over: leave was given in the morning, a case was drawn, and the leave was taken out."""
        later = clock.today() + timedelta(days=20)
        with clinic.later(later, hour=8):
            give(clinic, expert, later, later)
        with clinic.later(later, hour=10):
            clinic.apply(clinic.world.citizen(region=REGION), HYPERTENSION)
        with clinic.later(later, hour=17):
            end(clinic, expert)
        return later

    def found(self, clinic: Clinic, day: date) -> list[Fault]:
        with clinic.later(day + timedelta(days=1)), clinic.world.parts.database.reading() as session:
            pools = draw_audit.pools(session, None)
            return [one for one in draw_audit.audit(session, pools, day) if isinstance(one, Fault)]

    def test_draws_agree_with_the_log(self, clinic: Clinic, day: date) -> None:
        assert self.found(clinic, day) == []

    def test_changes_of_the_same_minute_may_have_gone_past_the_draw(
        self, clinic: Clinic, expert: Somebody
    ) -> None:
        later = clock.today() + timedelta(days=20)
        with clinic.later(later):
            clinic.apply(clinic.world.citizen(region=REGION), HYPERTENSION)
            give(clinic, expert, later, later)
            clinic.apply(clinic.world.citizen(region=REGION), HYPERTENSION)
        assert self.found(clinic, later) == []

    def test_a_cut_off_end_is_found_by_the_draw_of_that_day(
        self, clinic: Clinic, expert: Somebody, day: date
    ) -> None:
        """No leave remains, and what remains of the log is whole: only the draw knows better."""
        cut = delete(ExpertPoolChange).where(
            ExpertPoolChange.account_id == expert.account_id, ExpertPoolChange.seq > CHANGES
        )
        clinic.world.write(lambda session: session.execute(cut))
        with clinic.later(day):
            assert faults(clinic) == []
        [fault] = self.found(clinic, day)
        assert fault.table == "expert_draw"
        assert fault.what == f"the log of the pool tells otherwise of expert {expert.account_id}: on_leave"

    def test_a_hospital_that_was_edited_for_one_draw_is_found_although_it_was_put_back(
        self, clinic: Clinic, expert: Somebody, day: date
    ) -> None:
        other = next(one for one in clinic.experts.values() if one != expert)

        def call(name: str) -> None:
            renamed = update(ExpertProfile).filter_by(account_id=other.account_id).values(hospital=name)
            clinic.world.write(lambda session: session.execute(renamed))

        call("省人民医院")
        with clinic.later(day, hour=20):
            clinic.apply(clinic.world.citizen(region=REGION), HYPERTENSION)
        call(ELSEWHERE)
        assert [one.what.rsplit(": ")[-1] for one in self.found(clinic, day)] == ["institution"]
        assert faults(clinic) == []

    def test_an_edited_row_of_that_day_is_named_once_and_not_each_draw(
        self, clinic: Clinic, expert: Somebody, day: date, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with clinic.later(day, hour=20):
            clinic.apply(clinic.world.citizen(region=REGION), HYPERTENSION)
        monkeypatch.setattr(draw_audit, "BATCH", 1)
        row = change(clinic, expert, CHANGES + 1)
        edited = update(ExpertPoolChange).filter_by(account_id=expert.account_id, seq=CHANGES + 1)
        clinic.world.write(lambda session: session.execute(edited.values(what="leave_ended")))
        assert self.found(clinic, day) == [Fault("expert_pool_change", row, pool_audit.EDITED)]
