"""``zhangban terminal`` and ``zhangban staff``: how a hospital's system and an agency's people get their accounts."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result
from flask.testing import FlaskClient
from sqlalchemy import text
from stdnum.cn import ric

from app.gateways.parts import Parts
from app.kit.api.application import Application
from app.places import service as places
from app.places.models import InstitutionType
from tests.world import World

Run = Callable[..., Result]
CODE = "H61072700001"


@pytest.fixture
def world(app: Application) -> World:
    found = World(app)
    found.write(
        lambda session: places.add_institution(
            session,
            code=CODE,
            name="略阳县人民医院",
            kind=InstitutionType.HOSPITAL,
            region_code="610727",
            address="狮凤路 1 号",
            level=2,
        )
    )
    return found


def given(done: Result) -> Any:
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def sign_in(client: FlaskClient, how: str, body: dict[str, str]) -> tuple[int, Any]:
    answer = client.post(f"/api/v1/auth/{how}", json=body)
    return answer.status_code, answer.get_json()


def may_call(client: FlaskClient, answer: dict[str, Any]) -> bool:
    headers = {"Authorization": f"Bearer {answer['access_token']}"}
    return client.get("/api/v1/me", headers=headers).status_code == 200


@pytest.mark.usefixtures("world")
def test_a_terminal_is_entered_rotated_disabled_and_each_act_is_logged(
    run: Run, client: FlaskClient, parts: Parts
) -> None:
    first = given(run("terminal", "add", CODE.lower(), "--client-id", "his-1", "--by", "王主任", "--json"))
    assert len(first["client_secret"]) >= 43
    status, before = sign_in(client, "terminal", first)
    assert (status, before["account"]["roles"]) == (200, ["terminal"])

    second = given(run("terminal", "rotate", "his-1", "--json"))
    assert sign_in(client, "terminal", first)[1]["code"] == "terminal_rejected"
    assert may_call(client, before), "time to enter the new secret"
    third = given(run("terminal", "rotate", "his-1", "--leaked", "--json"))
    assert not may_call(client, before)
    assert sign_in(client, "terminal", second)[1]["code"] == "terminal_rejected"

    _, now = sign_in(client, "terminal", third)
    assert "It is disabled now." in run("terminal", "disable", "his-1").stderr
    assert "already" in run("terminal", "disable", "his-1").stderr
    assert not may_call(client, now)
    assert sign_in(client, "terminal", third)[1]["code"] == "account_disabled"
    [row] = given(run("terminal", "list", "--json"))["accounts"]
    assert (row["client_id"], row["roles"][0]["institution"]) == ("his-1", CODE)
    assert row["disabled_at"]
    assert run("terminal", "enable", "his-1").exit_code == 0
    assert not may_call(client, now), "what ended stays ended"

    page = given(run("terminal", "log", "--of", "his-1", "--json"))["changes"]
    acts = [one["what"] for one in page]
    assert acts == ["enabled", "disabled", "secret_changed", "secret_changed", "added"]
    assert page[-1]["by"].startswith("王主任 (")
    assert first["client_secret"] not in json.dumps(page)
    assert "王主任" in run("terminal", "log").stdout
    assert run("audit", "verify").exit_code == 0
    for edit in (
        "DELETE FROM account_change WHERE seq = 3",
        "UPDATE account_change SET what = 'added' WHERE seq = 2",
        "UPDATE account SET disabled_at = created_at WHERE kind = 'terminal'",
    ):
        parts.database.run(lambda session, edit=edit: session.execute(text(edit)))  # type: ignore[misc]
    found = json.loads(run("audit", "verify", "--json").stdout)["breaks"]
    assert [one["table"] for one in found] == ["account_change"] * 3


@pytest.mark.usefixtures("world")
def test_what_cannot_be_is_said_and_nothing_is_entered(run: Run) -> None:
    assert "No institution of the list has this code." in run("terminal", "add", "H00000000000").stderr
    assert run("terminal", "add", CODE, "--client-id", "his-1").exit_code == 0
    taken = run("terminal", "add", CODE, "--client-id", "his-1")
    assert (taken.exit_code, "--client-id: There is an account" in taken.stderr) == (2, True)
    assert "--client-id: 2 to 64" in run("terminal", "add", CODE, "--client-id", "a b").stderr
    assert "There is no such account." in run("terminal", "rotate", "his-2").stderr
    assert "one of --agency" in run("staff", "add", "li", "--role", "handler", "--name", "李四").stderr
    expert = run("staff", "add", "li", "--role", "expert", "--name", "李四", "--agency", "610727")
    assert "Experts are in a pool" in expert.stderr
    assert len(given(run("terminal", "list", "--json"))["accounts"]) == 1


def test_staff_get_a_password_once_and_a_new_one_when_it_is_lost(
    run: Run, client: FlaskClient, world: World
) -> None:
    number = "61072719850312002" + ric.calc_check_digit("610727198503120020")
    other = number[:-1] + ("0" if number[-1] != "0" else "1")
    wanted = ("staff", "add", "Li.Wei", "--role", "handler", "--agency", "610727", "--json", "--name")
    assert "--place-name: There is none yet" in run(*wanted, "李伟", typed=number).stderr
    first = given(run(*wanted, "李伟", "--place-name", "略阳县医保经办中心", typed=number))
    assert first["username"] == "li.wei"
    _, before = sign_in(client, "staff", first)
    assert before["account"]["roles"] == ["handler"]
    assert before["account"]["real_name"]
    assert "another name" in run(*wanted, "王伟", typed=number).stderr
    assert "The ID number is not right." in run(*wanted, "李伟", typed=other).stderr

    second = given(run("staff", "reset-password", "LI.WEI", "--json"))
    assert not may_call(client, before)
    assert sign_in(client, "staff", first)[1]["code"] == "sign_in_failed"
    assert sign_in(client, "staff", second)[0] == 200
    assert "略阳县医保经办中心" in run("staff", "list").stdout
    assert number not in run("staff", "log", "--json").stdout
