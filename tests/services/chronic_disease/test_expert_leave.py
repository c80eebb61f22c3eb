"""``zhangban chronic leave``: who is away is not drawn, and the cases that he or she has stay until the deadline."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from clinic import HYPERTENSION, REGION, Clinic

from app.cli import main
from app.config import Settings
from app.kit import clock
from app.kit.api.application import Application
from app.kit.workdays import add_workdays
from app.services.chronic_disease import experts
from tests.somebody import Somebody
from tests.world import World

Run = Callable[..., Result]


@pytest.fixture
def clinic(app: Application) -> Clinic:
    """Without experts: each test enters its own."""
    return Clinic(World(app), count=0)


@pytest.fixture
def expert(clinic: Clinic) -> Somebody:
    return clinic.expert()


@pytest.fixture
def run(settings: Settings, tmp_path: Path) -> Run:
    def invoke(*arguments: object) -> Result:
        environment = {"ZHANGBAN_DATA_DIR": str(tmp_path), "ZHANGBAN_DATABASE_URL": settings.database_url}
        words = ["chronic", "leave", *map(str, arguments)]
        return CliRunner().invoke(main, words, env=environment, catch_exceptions=False)

    return invoke


def day(number: int) -> date:
    """So many days from today."""
    return clock.today() + timedelta(days=number)


def entered(run: Run, *arguments: object) -> list[tuple[str, date, date]]:
    """Whose leave is not over: user name, first and last day."""
    done = run("list", "--json", *arguments)
    assert done.exit_code == 0, done.output
    return [
        (one["username"], date.fromisoformat(one["begins_on"]), date.fromisoformat(one["ends_on"]))
        for one in json.loads(done.stdout)["leave"]
    ]


def give(clinic: Clinic, expert: Somebody, first: int, last: int) -> None:
    """Leave as it was entered some days ago."""
    clinic.world.write(
        lambda session: experts.add_leave(session, expert.account_id, day(first), day(last)).id
    )


def is_drawn(clinic: Clinic) -> bool:
    """Whether anybody is, for a new case."""
    return bool(clinic.named(clinic.apply(clinic.world.citizen(region=REGION), HYPERTENSION)))


class TestBeginning:
    def test_from_today_on_nobody_is_drawn_who_is_away(
        self, clinic: Clinic, run: Run, expert: Somebody
    ) -> None:
        done = run("add", expert.login, "--to", day(2))
        assert done.exit_code == 0, done.output
        assert f"is on leave from {day(0)} to {day(2)}." in done.stdout
        assert expert.name not in done.output
        assert not is_drawn(clinic)
        with clinic.later(day(2)):
            assert not is_drawn(clinic), "the last day too"
        with clinic.later(day(3)):
            assert is_drawn(clinic)

    def test_before_its_first_day_leave_keeps_nobody_away(
        self, clinic: Clinic, run: Run, expert: Somebody
    ) -> None:
        run("add", expert.login, "--from", day(1), "--to", day(1))
        assert is_drawn(clinic)
        with clinic.later(day(1)):
            assert not is_drawn(clinic)

    def test_a_case_that_the_expert_has_stays_until_its_deadline_and_is_then_drawn_anew(
        self, clinic: Clinic, run: Run, expert: Somebody
    ) -> None:
        first, second = (clinic.apply(clinic.world.citizen(region=REGION), HYPERTENSION) for _ in range(2))
        other = clinic.expert()
        run("add", expert.login, "--to", day(30))
        assert clinic.named(first) == clinic.named(second) == [expert]
        clinic.decide(expert, first, HYPERTENSION, certify=True)
        with clinic.later(add_workdays(clock.today(), 2)):
            clinic.overdue()
            [drawn] = clinic.named(second)
            assert drawn.account_id == other.account_id

    @pytest.mark.parametrize(
        ("first", "last", "kept"),
        [
            ((5, 8), (5, 8), [(5, 8)]),
            ((5, 8), (8, 12), [(5, 12)]),
            ((5, 8), (2, 5), [(2, 8)]),
            ((5, 8), (6, 7), [(5, 8)]),
            ((5, 8), (3, 12), [(3, 12)]),
            ((5, 8), (9, 12), [(5, 8), (9, 12)]),
        ],
        ids=["the same", "longer", "earlier", "within", "around", "after"],
    )
    def test_leave_that_overlaps_becomes_one(
        self,
        run: Run,
        expert: Somebody,
        first: tuple[int, int],
        last: tuple[int, int],
        kept: list[tuple[int, int]],
    ) -> None:
        for begins, ends in (first, last):
            run("add", expert.login, "--from", day(begins), "--to", day(ends))
        assert entered(run) == [(expert.login, day(begins), day(ends)) for begins, ends in kept]

    def test_leave_over_two_others_is_one_with_both_and_with_nobody_else_s(
        self, clinic: Clinic, run: Run, expert: Somebody
    ) -> None:
        other = clinic.expert()
        for who, begins, ends in ((expert, 1, 3), (expert, 6, 9), (other, 4, 5), (expert, 2, 7)):
            run("add", who.login, "--from", day(begins), "--to", day(ends))
        assert entered(run) == [(expert.login, day(1), day(9)), (other.login, day(4), day(5))]

    def test_what_is_under_way_can_be_made_longer(self, clinic: Clinic, run: Run, expert: Somebody) -> None:
        give(clinic, expert, -4, 1)
        assert run("add", expert.login, "--to", day(9)).exit_code == 0
        assert entered(run) == [(expert.login, day(-4), day(9))]

    def test_everything_that_is_wrong_is_said_at_once_and_nothing_is_kept(self, run: Run) -> None:
        done = run("add", "nobody.here", "--from", day(-1), "--to", day(-2))
        assert done.exit_code == 2
        for words in (
            "USERNAME: No expert is entered by this user name.",
            "--from: Leave begins today or later",
            "--to: It ends before it begins.",
        ):
            assert words in done.stderr
        unreadable = run("add", "nobody.here", "--from", "tomorrow", "--to", "2026-02-30")
        assert unreadable.exit_code == 2
        assert "--from must be a day like 2026-03-31, not 'tomorrow'." in unreadable.stderr
        assert "--to must be a day like 2026-03-31, not '2026-02-30'." in unreadable.stderr
        assert entered(run) == []

    @pytest.mark.parametrize(("last", "exit_code"), [(365, 0), (366, 2)])
    def test_a_mistyped_year_is_noticed(self, run: Run, expert: Somebody, last: int, exit_code: int) -> None:
        done = run("add", expert.login, "--to", day(last))
        assert done.exit_code == exit_code
        assert ("Check the year." in done.stderr) == bool(exit_code)


class TestEnding:
    def test_who_is_back_earlier_is_drawn_at_once(self, clinic: Clinic, run: Run, expert: Somebody) -> None:
        give(clinic, expert, -3, 9)
        assert not is_drawn(clinic)
        done = run("end", expert.login)
        assert done.stdout == f"The leave of {expert.login} ended on {day(-1)}.\n"
        assert is_drawn(clinic)
        assert entered(run) == []

    @pytest.mark.parametrize("first", [0, 4], ids=["begun today", "not begun"])
    def test_of_what_has_not_passed_a_day_nothing_is_left(
        self, run: Run, expert: Somebody, first: int
    ) -> None:
        run("add", expert.login, "--from", day(first), "--to", day(6))
        run("add", expert.login, "--from", day(20), "--to", day(21))
        done = run("end", expert.login, "--of", day(5), "--json")
        assert json.loads(done.stdout) == {"username": expert.login, "left": None}
        assert entered(run) == [(expert.login, day(20), day(21))]

    def test_what_is_over_or_never_was_cannot_be_ended(
        self, clinic: Clinic, run: Run, expert: Somebody
    ) -> None:
        give(clinic, expert, -9, -5)
        for arguments, words in (
            ((expert.login, "--of", day(-6)), "--of: This leave is over already."),
            ((expert.login,), f"--of: There is no leave on {day(0)}."),
            (("nobody.here",), "USERNAME: No expert is entered"),
            ((expert.login, "--of", "noon"), "--of must be a day like 2026-03-31, not 'noon'."),
        ):
            done = run("end", *arguments)
            assert (done.exit_code, words in done.stderr) == (2, True), done.stderr


def test_the_list_shows_what_is_not_over_of_the_pool_that_judges_for_a_region(
    clinic: Clinic, run: Run, expert: Somebody
) -> None:
    [other] = Clinic(clinic.world, count=1, region="610726").experts.values()
    give(clinic, expert, -9, -1)
    give(clinic, expert, 3, 4)
    give(clinic, other, -1, 0)
    assert entered(run) == [(other.login, day(-1), day(0)), (expert.login, day(3), day(4))]
    assert entered(run, "--pool", REGION) == [(expert.login, day(3), day(4))]
    shown = run("list").stdout
    assert str(day(3)) in shown
    assert not [word for word in clinic.world.personal if word in shown]
