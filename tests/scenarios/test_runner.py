"""`python -m mock_client run`: what it says, to people and to machines, and its exit codes."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mock_client import runner
from mock_client.__main__ import main
from mock_client.checks import NotAsItMustBe
from mock_client.journal import Journal
from mock_client.office import Office, free_port, is_up
from mock_client.people import People
from mock_client.scanner import scan_one
from mock_client.scenarios import BY_NAME, GROUPS, STORIES, Story
from mock_client.world import Addresses, World
from tests.scenarios.serving import Serving

ROOT = Path(__file__).resolve().parents[2]


def mock_client(
    *arguments: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mock_client", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=110, check=False
    )


def where(serving: Serving) -> list[str]:
    there = serving.addresses
    return ["--base-url", there.server, "--wechat-url", there.wechat, "--sms-url", there.sms]


@pytest.mark.slow
def test_a_run_by_name_is_one_json_document_that_says_where_the_files_lie(
    serving: Serving, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    done = mock_client(
        *("run", "student_exempt", "backfile_direct", "--seed", "7", "--json", "--out", str(out)),
        *where(serving),
        environment=serving.environment,
    )
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["ok"] is True
    # in the stories' own order, not in that of the arguments
    assert [story["name"] for story in document["scenarios"]] == ["backfile_direct", "student_exempt"]
    [receipt], [code] = document["receipts"], document["codes"]
    assert Path(receipt).read_bytes().startswith(b"%PDF")
    assert scan_one(Path(code).read_bytes()).startswith(f"{serving.url}/api/v1/verify/")
    assert Path(receipt).is_relative_to(out)


@pytest.mark.slow
def test_without_a_server_one_is_started_for_the_play_and_ended_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given nothing where a server is expected (another test or a developer may have one there: another port then)."""
    nowhere = f"http://127.0.0.1:{free_port()}"
    monkeypatch.setattr("mock_client.__main__.DEFAULT_URL", nowhere)
    played: list[str] = []

    def story(world: World) -> None:
        played.append(world.addresses.server)
        assert is_up(played[0])

    told = Story("told", "试一试", story, "everywhere")
    monkeypatch.setattr(runner, "choose", lambda *_, **__: [told])
    done = inside("run", "told", "--base-url", nowhere, "--out", str(tmp_path))
    assert done.exit_code == 0, done.output
    assert played != [nowhere]
    assert not is_up(played[0])


@pytest.mark.slow
def test_a_run_for_people_tells_each_step_and_the_people_may_come_from_a_file(
    serving: Serving, tmp_path: Path
) -> None:
    office = Office.find(serving.environment)
    assert office is not None
    file = tmp_path / "people.json"
    people = office.people()
    file.write_text(json.dumps(people, ensure_ascii=False), encoding="utf-8")
    done = mock_client(
        *("run", "--only", "student_exempt", "--out", str(tmp_path / "out"), "--people", str(file)),
        *where(serving),
        environment=serving.environment,
    )
    assert done.returncode == 0, done.stderr
    assert "大学生免备案" in done.stdout
    assert "remote_care_not_needed" in done.stdout
    assert "1/1 个场景通过" in done.stdout
    # and nobody's name or number stands in it
    names = {str(entry["name"]) for entry in people if len(str(entry["name"])) > 2}
    assert [name for name in names if name in done.stdout] == []


def inside(*arguments: str) -> Result:
    """The same without a process of its own."""
    return CliRunner().invoke(main, arguments)


def test_the_list_names_every_scenario() -> None:
    done = inside("run", "--list", "--json")
    assert done.exit_code == 0
    listed = json.loads(done.stdout)["scenarios"]
    assert [story["name"] for story in listed] == [story.name for story in STORIES]
    assert len({story["name"] for story in listed}) == len(STORIES)


def test_a_group_plays_all_its_stories_and_names_may_stand_beside_it() -> None:
    chosen = runner.choose(["chronic", "instant"], everything=False)
    assert [story.name for story in chosen] == [
        story.name for story in STORIES if story.group == "chronic" or story.name == "instant"
    ]
    assert len(chosen) > 10
    assert {story.group for story in STORIES} == set(GROUPS)
    assert not set(GROUPS) & set(BY_NAME), "a name says either a story or a group"
    listed = json.loads(inside("run", "--list", "--json").stdout)
    assert listed["groups"] == list(GROUPS)
    assert {one["name"]: one["group"] for one in listed["scenarios"]} == {
        story.name: story.group for story in STORIES
    }
    said = inside("run", "--help").stdout
    for group in GROUPS:
        assert f"run {group}" in said.replace("\n", " ")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["run", "no_such_story"], "no_such_story"),
        (["run", "no_such_story"], "chronic"),
        (["run"], "--all"),
        (["run", "--all", "--base-url", f"http://127.0.0.1:{free_port()}"], "zhangban serve"),
        (["storm", "--base-url", f"http://127.0.0.1:{free_port()}"], "zhangban serve"),
    ],
)
def test_what_cannot_be_played_ends_with_2_and_says_what_to_do(arguments: list[str], named: str) -> None:
    for_people = inside(*arguments)
    assert (for_people.exit_code, for_people.stdout) == (2, "")
    assert named in for_people.stderr
    for_machines = inside(*arguments, "--json")
    assert for_machines.exit_code == 2
    document = json.loads(for_machines.stdout)
    assert document["ok"] is False
    assert named in document["error"]


def test_a_scenario_that_fails_fails_the_run_and_keeps_no_other_from_being_played(tmp_path: Path) -> None:
    def goes_wrong(_world: World) -> None:
        raise NotAsItMustBe("备案应当马上有效")

    world = World(Addresses(), Journal(tmp_path, seed=1), People([]), seed=1)
    run = runner.play(world, [Story("wrong", "出错", goes_wrong), Story("right", "顺利", lambda _: None)])
    assert run.ok is False
    assert [(told.name, told.ok) for told in run.journal.scenarios] == [("wrong", False), ("right", True)]
    assert "备案应当马上有效" in str(run.journal.scenarios[0].error)


@pytest.mark.parametrize("command", [["--help"], ["run", "--help"], ["storm", "--help"]])
def test_help_says_what_there_is(command: list[str]) -> None:
    done = inside(*command)
    assert done.exit_code == 0
    for option in ("--seed", "--base-url", "--people", "--json") if len(command) == 2 else ("run", "storm"):
        assert option in done.stdout
