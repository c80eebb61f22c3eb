"""``zhangban chronic experts log``: each change of a pool of experts is told, with who made it, what was and what is."""

import json
import os
import pwd
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from clinic import ELSEWHERE, REGION, Clinic
from sqlalchemy import select, text, update

from app.cli import main
from app.config import Settings
from app.identity.actor import Role
from app.identity.models import RoleGrant
from app.kit import clock
from app.kit.api.application import Application
from app.services.chronic_disease import experts, pool_log
from app.services.chronic_disease.models import ExpertPoolChange
from app.services.chronic_disease.pool_audit import EDITED
from tests.somebody import Somebody
from tests.world import World

Run = Callable[..., Result]
DETAILS = ("--specialty", "心血管内科", "--hospital", ELSEWHERE, "--title", "主任医师")
USER = pwd.getpwuid(os.getuid()).pw_name


@pytest.fixture
def clinic(app: Application) -> Clinic:
    return Clinic(World(app), count=0)


@pytest.fixture
def expert(clinic: Clinic, run: Run) -> Somebody:
    """Entered by command."""
    found = clinic.world.staff(Role.EXPERT, REGION, organisation_id=clinic.pool)
    run("experts", "add", found.login, *DETAILS, "--by", "王主任")
    return found


@pytest.fixture
def run(settings: Settings, tmp_path: Path) -> Run:
    def invoke(*arguments: object) -> Result:
        environment = {"ZHANGBAN_DATA_DIR": str(tmp_path), "ZHANGBAN_DATABASE_URL": settings.database_url}
        words = [*map(str, arguments)] if arguments[0] == "audit" else ["chronic", *map(str, arguments)]
        return CliRunner().invoke(main, words, env=environment, catch_exceptions=False)

    return invoke


def day(number: int) -> date:
    return clock.today() + timedelta(days=number)


def days(first: int, last: int) -> list[str]:
    return [str(day(first)), str(day(last))]


def logged(run: Run, *arguments: object) -> list[dict[str, Any]]:
    done = run("experts", "log", "--json", *arguments)
    assert done.exit_code == 0, done.output
    found: list[dict[str, Any]] = json.loads(done.stdout)["changes"]
    return found


def test_who_entered_an_expert_is_told_with_all_that_was_said(run: Run, expert: Somebody) -> None:
    [change] = logged(run)
    assert (change["username"], change["what"], change["before"]) == (expert.login, "entered", None)
    pool = change["pool"]
    assert change["after"] == {
        "pool": pool,
        "specialties": ["心血管内科"],
        "hospital": ELSEWHERE,
        "title": "主任医师",
        "daily_limit": None,
        "leave": [],
    }
    assert pool
    assert change["by"] == f"王主任 ({USER})"
    assert change["is_whole"] is True
    assert change["at"].endswith("+08:00")


def test_of_a_change_only_what_differs_is_told(run: Run, expert: Somebody) -> None:
    run("experts", "change", expert.login, "--daily-limit", 3, "--title", "主任医师")
    [change, _] = logged(run)
    assert (change["what"], change["before"], change["after"]) == (
        "changed",
        {"daily_limit": None},
        {"daily_limit": 3},
    )
    assert change["by"] == USER


def test_what_changes_nothing_or_is_refused_is_no_change(run: Run, expert: Somebody) -> None:
    run("leave", "add", expert.login, "--to", day(3))
    before = logged(run)
    assert run("experts", "change", expert.login, "--title", "主任医师").exit_code == 0
    assert run("leave", "add", expert.login, "--to", day(2)).exit_code == 0
    assert run("experts", "change", expert.login, "--daily-limit", 0).exit_code == 2
    assert run("leave", "end", expert.login, "--of", day(9)).exit_code == 2
    assert logged(run) == before


def test_short_leaves_that_keep_another_in_the_draw_leave_a_trace_each(run: Run, expert: Somebody) -> None:
    """Taken out on the same day, no row of the leave remains: the log tells both."""
    for _ in range(2):
        run("leave", "add", expert.login, "--to", day(0), "--by", "李科长")
        run("leave", "end", expert.login)
    changes = logged(run)
    assert [one["what"] for one in changes] == ["leave_ended", "leave_added"] * 2 + ["entered"]
    for ended, added in (changes[0:2], changes[2:4]):
        assert (added["before"], added["after"]) == ({"leave": []}, {"leave": [days(0, 0)]})
        assert (ended["before"], ended["after"]) == ({"leave": [days(0, 0)]}, {"leave": []})
        assert (added["by"], ended["by"]) == (f"李科长 ({USER})", USER)


def test_leave_that_becomes_one_is_told_as_it_was_and_as_it_is(run: Run, expert: Somebody) -> None:
    for first, last in ((1, 3), (6, 9), (2, 7)):
        run("leave", "add", expert.login, "--from", day(first), "--to", day(last))
    change = logged(run)[0]
    assert change["what"] == "leave_added"
    assert change["before"] == {"leave": [days(1, 3), days(6, 9)]}
    assert change["after"] == {"leave": [days(1, 9)]}


def test_of_leave_that_ends_early_what_is_left_is_told(clinic: Clinic, run: Run, expert: Somebody) -> None:
    clinic.world.write(lambda session: experts.add_leave(session, expert.account_id, day(-4), day(5)).id)
    run("leave", "end", expert.login)
    ended, added, _ = logged(run)
    assert (added["by"], added["after"]) == (pool_log.PROGRAM, {"leave": [days(-4, 5)]})
    assert (ended["before"], ended["after"]) == ({"leave": [days(-4, 5)]}, {"leave": [days(-4, -1)]})


def test_a_move_is_seen_from_both_pools(clinic: Clinic, run: Run, expert: Somebody) -> None:
    there = Clinic(clinic.world, count=1, region="610726")
    mover = clinic.world.staff(Role.EXPERT, "610726", organisation_id=there.pool)
    run("experts", "add", mover.login, *DETAILS)

    def move(session: Any) -> None:
        session.execute(
            update(RoleGrant).filter_by(account_id=mover.account_id).values(organisation_id=clinic.pool)
        )

    clinic.world.write(move)
    assert run("experts", "change", mover.login, "--pool", REGION).exit_code == 0

    here, beyond = logged(run, "--pool", REGION), logged(run, "--pool", "610726")
    assert [one["what"] for one in here] == ["changed", "entered"]
    assert here[0] == beyond[0]
    assert here[0]["before"]["pool"] != here[0]["after"]["pool"] == here[1]["pool"]
    assert [one["what"] for one in beyond] == ["changed", "entered", "entered"]


def test_it_is_read_page_by_page_and_by_expert(clinic: Clinic, run: Run, expert: Somebody) -> None:
    clinic.expert()
    for limit in range(1, 6):
        run("experts", "change", expert.login, "--daily-limit", limit)
    found, cursor = [], ""
    while cursor is not None:
        more = ("--cursor", cursor) if cursor else ()
        done = run("experts", "log", "--expert", expert.login, "--limit", 4, "--json", *more)
        page = json.loads(done.stdout)
        assert len(page["changes"]) <= 4
        found += page["changes"]
        cursor = page["next_cursor"]
    assert [one["after"]["daily_limit"] for one in found] == [5, 4, 3, 2, 1, None]
    assert "There are older ones: --cursor" in run("experts", "log", "--limit", 1).stderr


def test_people_read_it_as_a_table_in_which_experts_are_masked(
    clinic: Clinic, run: Run, expert: Somebody
) -> None:
    run("leave", "add", expert.login, "--to", day(2), "--by", "李科长")
    done = run("experts", "log")
    assert done.exit_code == 0
    for words in ("leave added", "entered", f"{day(0)}–{day(2)}", "daily limit: any", f"李科长 ({USER})"):
        assert words in done.stdout
    assert not [word for word in clinic.world.personal if word in done.output]


def test_who_made_a_change_does_not_lie_open_in_the_database(
    clinic: Clinic, run: Run, expert: Somebody
) -> None:
    query = select(ExpertPoolChange)
    row = clinic.world.write(lambda session: session.execute(query).scalar_one())
    assert "王主任".encode() not in row.by_sealed
    assert row.by == f"王主任 ({USER})"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("experts", "log", "--pool", "99"), "There is no pool of experts for 99."),
        (("experts", "log", "--expert", "nobody.here"), "--expert: No staff account has this user name."),
        (("experts", "log", "--cursor", "!"), "--cursor: Not a valid cursor"),
        (("experts", "log", "--limit", "501"), "--limit"),
        (("leave", "end", "li.wei", "--by", " "), "--by must be a name of 1 to 64 characters."),
        (("leave", "end", "li.wei", "--by", "长" * 65), "--by must be a name of 1 to 64 characters."),
        (("leave", "end", "li.wei", "--by", "li\x1bwei"), "--by must be a name of 1 to 64 characters."),
    ],
)
def test_what_cannot_be_asked_is_said(
    clinic: Clinic, run: Run, arguments: tuple[str, ...], words: str
) -> None:
    done = run(*arguments)
    assert (done.exit_code, words in done.stderr) == (2, True), done.stderr


def test_a_user_without_a_name_is_told_by_number(
    run: Run, expert: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a container; what the environment says of the user counts for nothing."""
    monkeypatch.setattr(os, "getuid", lambda: 2**31 - 7)
    monkeypatch.setenv("USER", "somebody.else")
    run("experts", "change", expert.login, "--daily-limit", 1)
    assert logged(run)[0]["by"] == f"uid {2**31 - 7}"


@pytest.mark.parametrize(
    ("edit", "told"),
    [({"at": datetime(2026, 1, 1, tzinfo=UTC)}, USER), ({"by_sealed": b"\x01" * 60}, None)],
    ids=["when", "by whom"],
)
def test_an_edited_change_is_marked_and_the_audit_exits_with_1(
    clinic: Clinic, run: Run, expert: Somebody, edit: dict[str, Any], told: str | None
) -> None:
    run("experts", "change", expert.login, "--daily-limit", 1)
    assert "0 faults found." in run("audit", "verify").stdout
    statement = update(ExpertPoolChange).where(ExpertPoolChange.seq == 2).values(edit)
    clinic.world.write(lambda session: session.execute(statement))
    query = select(ExpertPoolChange.id).where(ExpertPoolChange.seq == 2)
    row = str(clinic.world.write(lambda session: session.execute(query).scalar_one()))

    shown = run("audit", "verify")
    assert (shown.exit_code, f"expert_pool_change {row}: {EDITED}" in shown.stdout) == (1, True)
    assert "0 cases checked, 1 faults found." in shown.stdout
    [fault] = json.loads(run("audit", "verify", "--json").stdout)["breaks"]
    assert (fault["table"], fault["row"], fault["filing_number"]) == ("expert_pool_change", row, None)
    assert [(one["is_whole"], one["by"]) for one in logged(run)] == [
        (False, told),
        (True, f"王主任 ({USER})"),
    ]
    table = run("experts", "log")
    assert ("EDITED" in table.stdout, "zhangban audit verify" in table.stderr) == (True, True)


def test_a_value_that_cannot_be_read_is_no_traceback_but_advice(
    clinic: Clinic, run: Run, expert: Somebody
) -> None:
    statement = text("UPDATE expert_pool_change SET what = 'x'")
    clinic.world.write(lambda session: session.execute(statement))
    done = run("experts", "log")
    assert (done.exit_code, "Run: zhangban audit verify" in done.stderr) == (2, True)
    assert run("audit", "verify").exit_code == 1
