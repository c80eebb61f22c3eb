"""``zhangban chronic experts``: a supervisor keeps the pool, and the draw goes by it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from clinic import ELSEWHERE, HYPERTENSION, REGION, Clinic
from sqlalchemy import event, update
from sqlalchemy.orm import Session

from app.cli import main
from app.config import Settings
from app.identity import register
from app.identity.actor import OrganisationKind, Role
from app.identity.models import Account, Organisation, RoleGrant
from app.kit import clock
from app.kit.api.application import Application
from app.services.chronic_disease import expert_pool
from app.services.chronic_disease.pack_model import SPECIALTIES
from tests.somebody import Somebody
from tests.world import PASSWORD, World

Run = Callable[..., Result]
DETAILS = ("--specialty", "心血管内科", "--hospital", ELSEWHERE, "--title", "主任医师")
NEIGHBOUR = "610726"


@pytest.fixture
def clinic(app: Application) -> Clinic:
    """Without experts: each test enters its own."""
    return Clinic(World(app), count=0)


@pytest.fixture
def run(settings: Settings, tmp_path: Path) -> Run:
    def invoke(*arguments: str) -> Result:
        environment = {"ZHANGBAN_DATA_DIR": str(tmp_path), "ZHANGBAN_DATABASE_URL": settings.database_url}
        words = ["chronic", "experts", *arguments]
        return CliRunner().invoke(main, words, env=environment, catch_exceptions=False)

    return invoke


@pytest.fixture
def account(clinic: Clinic) -> Somebody:
    """Holds the role of expert at the county's pool and is not entered yet."""
    return clinic.world.staff(Role.EXPERT, REGION, organisation_id=clinic.pool)


def listed(run: Run, *arguments: str) -> dict[str, dict[str, Any]]:
    """The experts of all pools, by user name."""
    done = run("list", "--json", *arguments)
    assert done.exit_code == 0, done.output
    return {one["username"]: one for pool in json.loads(done.stdout)["pools"] for one in pool["experts"]}


def another_pool(clinic: Clinic, region: str = NEIGHBOUR) -> Any:
    return clinic.world._organisation(OrganisationKind.EXPERT_POOL, "鉴定专家库", region)


def grant(clinic: Clinic, account: Somebody, pool: Any) -> None:
    def work(session: Session) -> None:
        held = session.get_one(Account, account.account_id), session.get_one(Organisation, pool)
        register.grant_role(session, held[0], Role.EXPERT, held[1])

    clinic.world.write(work)


def end_roles(clinic: Clinic, account: Somebody) -> None:
    ended = update(RoleGrant).where(RoleGrant.account_id == account.account_id).values(ended_at=clock.now())
    clinic.world.write(lambda session: session.execute(ended))


class TestEntering:
    def test_who_is_entered_is_drawn_and_was_not_before(
        self, clinic: Clinic, run: Run, account: Somebody
    ) -> None:
        assert listed(run)[account.login]["state"] == "no_profile"
        assert clinic.named(clinic.apply(clinic.world.citizen(region=REGION), HYPERTENSION)) == []

        done = run("add", account.login, *DETAILS, "--daily-limit", "3")

        assert done.exit_code == 0, done.output
        clinic.experts[account.account_id] = account
        case = clinic.apply(clinic.world.citizen(region=REGION), HYPERTENSION)
        assert clinic.expert_of(case) == account
        entry = listed(run)[account.login]
        assert entry["state"] == "ready"
        assert (entry["hospital"], entry["title"], entry["daily_limit"]) == (ELSEWHERE, "主任医师", 3)
        assert (entry["specialties"], entry["drawn_today"]) == (["心血管内科"], 1)

    def test_everything_that_is_wrong_is_said_at_once_and_nothing_is_kept(
        self, run: Run, account: Somebody
    ) -> None:
        done = run(
            "add", account.login, "--specialty", "牙科", "--specialty", "心血管内科",
            "--hospital", " ", "--title", "长" * 33, "--daily-limit", "0", "--pool", "99",
        )  # fmt: skip
        assert done.exit_code == 2
        for words in (
            "--specialty: There is no specialty 牙科.",
            "--hospital: It must not be empty",
            "--title: At most 32 characters.",
            "--daily-limit: From 1 to 100 cases a day",
            "--pool: There is no pool of experts for 99.",
        ):
            assert words in done.stderr
        assert done.stdout == ""
        assert listed(run)[account.login]["state"] == "no_profile"

    def test_what_is_missing_is_said_beside_an_unknown_user_name(self, run: Run) -> None:
        done = run("add", "nobody.here")
        assert done.exit_code == 2
        assert "USERNAME: No staff account has this user name." in done.stderr
        assert done.stderr.count("This must be given.") == 3

    @pytest.mark.parametrize("limit", ["1", "100"])
    def test_a_limit_from_1_to_100_is_taken(self, run: Run, account: Somebody, limit: str) -> None:
        assert run("add", account.login, *DETAILS, "--daily-limit", limit).exit_code == 0

    @pytest.mark.parametrize("limit", ["-1", "0", "101", str(2**40)])
    def test_no_other_limit_is_taken(self, run: Run, account: Somebody, limit: str) -> None:
        done = run("add", account.login, *DETAILS, "--daily-limit", limit)
        assert (done.exit_code, "--daily-limit:" in done.stderr) == (2, True)

    def test_every_specialty_of_the_criteria_and_general_practice_are_known(
        self, run: Run, account: Somebody
    ) -> None:
        every = [word for one in (*SPECIALTIES, "全科") for word in ("--specialty", one)]
        assert run("add", account.login, *every, *DETAILS[2:]).exit_code == 0
        assert len(listed(run)[account.login]["specialties"]) == len(SPECIALTIES) + 1

    def test_once(self, run: Run, account: Somebody) -> None:
        assert run("add", account.login, *DETAILS).exit_code == 0
        again = run("add", account.login.upper(), *DETAILS)
        assert again.exit_code == 2
        assert "entered already" in again.stderr

    @pytest.mark.parametrize("how", ["a handler", "role ended", "account disabled"])
    def test_not_without_the_role(self, clinic: Clinic, run: Run, account: Somebody, how: str) -> None:
        if how == "a handler":
            account = clinic.world.handler(REGION)
        elif how == "role ended":
            end_roles(clinic, account)
        else:
            disabled = update(Account).where(Account.id == account.account_id)
            clinic.world.write(lambda session: session.execute(disabled.values(disabled_at=clock.now())))
        done = run("add", account.login, *DETAILS)
        assert done.exit_code == 2
        assert "does not hold the role of expert at any pool" in done.stderr

    def test_not_without_a_person_for_relatives_could_not_be_seen(self, clinic: Clinic, run: Run) -> None:
        def enter(session: Session) -> None:
            pool = session.get_one(Organisation, clinic.pool)
            passwords = clinic.world.parts.passwords
            register.add_staff(session, passwords, None, "no.person", PASSWORD, [(Role.EXPERT, pool)])

        clinic.world.write(enter)
        done = run("add", "no.person", *DETAILS)
        assert (done.exit_code, "No person belongs to this account" in done.stderr) == (2, True)

    def test_an_expert_of_two_pools_says_which(self, clinic: Clinic, run: Run, account: Somebody) -> None:
        grant(clinic, account, another_pool(clinic))
        done = run("add", account.login, *DETAILS)
        assert (done.exit_code, "--pool: This account is an expert of several" in done.stderr) == (2, True)
        assert run("add", account.login, *DETAILS, "--pool", REGION).exit_code == 0
        assert listed(run, "--pool", REGION)[account.login]["state"] == "ready"
        assert listed(run, "--pool", NEIGHBOUR)[account.login]["state"] == "no_profile"

    def test_not_to_a_pool_where_the_role_is_not_held(
        self, clinic: Clinic, run: Run, account: Somebody
    ) -> None:
        another_pool(clinic)
        done = run("add", account.login, *DETAILS, "--pool", NEIGHBOUR)
        assert (done.exit_code, "--pool: This account is no expert of that pool" in done.stderr) == (2, True)

    def test_a_hospital_that_is_not_in_the_list_is_taken_with_a_warning(
        self, clinic: Clinic, run: Run, account: Somebody
    ) -> None:
        name = clinic.world.nobody.ok("GET", f"/institutions/{clinic.hospital.id}")["name"]
        unlisted = run("add", account.login, *DETAILS, "--json")
        assert "No institution of the list is called 汉中市中心医院" in unlisted.stderr
        assert json.loads(unlisted.stdout)["hospital_is_listed"] is False
        spaced = run("change", account.login, "--hospital", f" {name} ", "--json")
        assert spaced.stderr == ""
        assert json.loads(spaced.stdout)["hospital"] == name


class TestChanging:
    @pytest.fixture
    def expert(self, clinic: Clinic) -> Somebody:
        return clinic.expert(specialties=["内分泌科", "全科"], daily_limit=2)

    def test_what_is_given_is_changed_and_the_rest_is_left(self, run: Run, expert: Somebody) -> None:
        before = listed(run)[expert.login]
        done = run("change", expert.login, "--hospital", "略阳县 中医医院", "--json")
        assert done.exit_code == 0, done.output
        assert listed(run)[expert.login] == {**before, "hospital": "略阳县 中医医院"}

    def test_specialties_are_replaced_as_a_whole_and_the_next_draw_goes_by_them(
        self, clinic: Clinic, run: Run, expert: Somebody
    ) -> None:
        run("change", expert.login, "--specialty", "呼吸内科")
        assert listed(run)[expert.login]["specialties"] == ["呼吸内科"]
        assert clinic.named(clinic.apply(clinic.world.citizen(region=REGION), HYPERTENSION)) == []
        run("change", expert.login, "--specialty", "心血管内科")
        case = clinic.apply(clinic.world.citizen(region=REGION), HYPERTENSION)
        assert clinic.expert_of(case) == expert

    def test_a_limit_can_be_set_and_dropped(self, run: Run, expert: Somebody) -> None:
        for arguments, limit in ((("--daily-limit", "7"), 7), (("--no-daily-limit",), None)):
            assert run("change", expert.login, *arguments).exit_code == 0
            assert listed(run)[expert.login]["daily_limit"] == limit
        both = run("change", expert.login, "--daily-limit", "7", "--no-daily-limit")
        assert (both.exit_code, "not both" in both.stderr) == (2, True)

    def test_an_expert_moves_to_the_pool_where_the_role_is_held_now(
        self, clinic: Clinic, run: Run, expert: Somebody
    ) -> None:
        pool = another_pool(clinic)
        refused = run("change", expert.login, "--pool", NEIGHBOUR)
        assert (refused.exit_code, "--pool:" in refused.stderr) == (2, True)
        end_roles(clinic, expert)
        grant(clinic, expert, pool)
        assert listed(run)[expert.login]["state"] == "no_profile", "where the role is held now"

        assert run("change", expert.login, "--pool", NEIGHBOUR).exit_code == 0

        assert listed(run, "--pool", NEIGHBOUR)[expert.login]["state"] == "ready"
        assert expert.login not in listed(run, "--pool", REGION)

    def test_everything_that_is_wrong_is_said_at_once_and_nothing_is_changed(
        self, run: Run, expert: Somebody
    ) -> None:
        before = listed(run)[expert.login]
        done = run("change", expert.login, "--specialty", "牙科", "--title", "", "--hospital", ELSEWHERE)
        assert done.exit_code == 2
        assert "--specialty:" in done.stderr
        assert "--title:" in done.stderr
        assert listed(run)[expert.login] == before

    def test_what_cannot_be_changed(self, run: Run, expert: Somebody, account: Somebody) -> None:
        for arguments, words in (
            ((expert.login,), "Say what to change"),
            (("nobody.here", "--title", "主任医师"), "No staff account"),
            ((account.login, "--title", "主任医师"), "not entered as an expert yet"),
        ):
            done = run("change", *arguments)
            assert (done.exit_code, words in done.stderr) == (2, True), done.stderr


class TestList:
    def test_names_are_masked_everywhere(self, clinic: Clinic, run: Run, account: Somebody) -> None:
        expert = clinic.expert()
        said = [run("list"), run("list", "--json"), run("add", account.login, *DETAILS)]
        said += [run("change", expert.login, "--title", "副主任医师", "--json")]
        for done in said:
            assert done.exit_code == 0
            assert not clinic.world.personal & set(done.output.split()), "no name, number or phone"
            assert not [word for word in clinic.world.personal if word in done.output]
        assert f"{expert.name[0]}*" in said[0].stdout

    def test_each_who_cannot_be_drawn_now_is_marked(
        self, clinic: Clinic, run: Run, account: Somebody
    ) -> None:
        left = clinic.expert()
        full = clinic.expert(daily_limit=1)
        end_roles(clinic, left)
        case = clinic.apply(clinic.world.citizen(region=REGION), HYPERTENSION)
        assert clinic.expert_of(case) == full
        ready = clinic.expert()

        states = {name: one["state"] for name, one in listed(run).items()}
        assert states == {
            left.login: "left",
            full.login: "full",
            ready.login: "ready",
            account.login: "no_profile",
        }
        shown = run("list").stdout
        for words in ("has left", "full today", "can be drawn", "NOT ENTERED"):
            assert words in shown

    def test_words_in_brackets_are_shown_as_they_are(self, clinic: Clinic, run: Run) -> None:
        clinic.expert(hospital="人民医院[/院区]")
        assert "人民医院[/院区]" in run("list").stdout

    def test_only_the_pool_that_judges_for_the_region(self, clinic: Clinic, run: Run) -> None:
        here, there = clinic.expert(), Clinic(clinic.world, count=1, region=NEIGHBOUR)
        assert set(listed(run, "--pool", f"{REGION}001")) == {here.login}
        assert set(listed(run)) == {here.login, *(one.login for one in there.experts.values())}
        nowhere = run("list", "--pool", "99")
        assert (nowhere.exit_code, "There is no pool of experts for 99." in nowhere.stderr) == (2, True)

    def test_it_takes_the_same_number_of_statements_however_many_there_are(self, clinic: Clinic) -> None:
        database = clinic.world.parts.database
        statements: list[str] = []
        event.listen(
            database.engine,
            "before_cursor_execute",
            lambda _connection, _cursor, statement, *_: statements.append(statement),
        )

        def of(count: int) -> int:
            for _ in range(count):
                clinic.expert()
            statements.clear()
            with database.reading() as session:
                expert_pool.listed(session, clinic.pool, clock.today())
            return len([one for one in statements if one.startswith("SELECT")])

        assert of(1) == of(5) == 6


@pytest.mark.parametrize(
    "arguments",
    [
        ("experts", "list"),
        ("experts", "add", "li.wei", *DETAILS),
        ("experts", "change", "li.wei", "--title", "主任医师"),
        ("experts", "log"),
        ("leave", "list"),
        ("leave", "add", "li.wei", "--to", "2099-01-01"),
        ("leave", "end", "li.wei"),
    ],
    ids=lambda arguments: " ".join(arguments[:2]),
)
def test_a_database_that_is_behind_is_no_traceback_but_advice(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    environment = {"ZHANGBAN_DATA_DIR": str(tmp_path), "ZHANGBAN_DATABASE_URL": f"sqlite:///{tmp_path}/none"}
    done = CliRunner().invoke(main, ["chronic", *arguments], env=environment, catch_exceptions=False)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "Run: zhangban db upgrade" in done.stderr
    explained = CliRunner().invoke(main, ["chronic", *arguments[:2], "--help"])
    assert (explained.exit_code, "--json" in explained.stdout) == (0, True)
