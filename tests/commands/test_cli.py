"""The ``zhangban`` command as an operator types it."""

import base64
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from click.testing import CliRunner, Result
from sqlalchemy import create_engine, text

from app.cli import main
from app.config import CHOICES, Settings, SettingsError, load_settings
from app.gateways.parts import Parts
from app.gateways.wechat import AppVersion
from app.kit.api.application import Application
from app.kit.crypto import Suite
from app.kit.signing import SignatureAlgorithm
from tests.world import World

Run = Callable[..., Result]
PRODUCTION = {
    "ZHANGBAN_MODE": "production",
    "ZHANGBAN_MASTER_KEYS": "v1:" + base64.b64encode(bytes(range(32))).decode(),
    "ZHANGBAN_WECHAT_APPID": "wx1",
    "ZHANGBAN_WECHAT_SECRET": "s",
    "ZHANGBAN_SMS_SECRET_ID": "i",
    "ZHANGBAN_SMS_SECRET_KEY": "k",
    "ZHANGBAN_METRICS_TOKEN": "m",
}


def test_the_history_is_verified_and_an_edited_row_is_named(
    app: Application, settings: Settings, run: Run
) -> None:
    world = World(app)
    case = world.filing(world.citizen(), "approved")
    sound = run("audit", "verify")
    assert sound.exit_code == 0
    assert "1 cases checked, 0 faults found." in sound.output

    engine = create_engine(settings.database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE filing_event SET action = 'reject' WHERE seq = 2"))
        edited = connection.execute(text("SELECT id FROM filing_event WHERE seq = 2")).scalar_one()
    engine.dispose()

    found = run("audit", "verify", "--json")
    assert found.exit_code == 1
    [fault] = json.loads(found.stdout)["breaks"]
    assert fault["table"] == "filing_event"
    assert fault["row"].replace("-", "") == str(edited).replace("-", "")
    assert fault["filing_number"] == case["number"]


def test_the_doctor_finds_a_sound_demo_sound(parts: Parts, run: Run) -> None:
    found = run("doctor", "--json")
    assert found.exit_code == 0, found.output
    states = {finding["part"]: finding["state"] for finding in json.loads(found.stdout)}
    assert states["mode"] == "warning", "a demo's keys are known to everybody"
    assert {part for part, state in states.items() if state == "bad"} == set()
    assert states["WeChat"] == "ok"
    assert states["policy packs"] == "ok"
    assert states["criteria packs"] == "ok"
    assert states["benefit packs"] == "ok"


def test_the_doctor_says_what_to_do_about_a_database_that_is_behind(run: Run, tmp_path: Path) -> None:
    found = run("doctor", "--json", ZHANGBAN_DATABASE_URL=f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    assert found.exit_code == 1
    [database] = [finding for finding in json.loads(found.stdout) if finding["part"] == "database"]
    assert database["state"] == "bad"
    assert "zhangban db upgrade" in database["words"]


def test_the_doctor_notices_a_master_key_that_does_not_fit(parts: Parts, run: Run) -> None:
    other = "v1:" + base64.b64encode(b"x" * 32).decode()
    found = run("doctor", "--json", ZHANGBAN_MASTER_KEYS=other)
    assert found.exit_code == 1
    assert [finding["part"] for finding in json.loads(found.stdout) if finding["state"] == "bad"] == ["keys"]


def test_the_doctor_notices_a_master_key_that_was_replaced_under_its_old_version(
    parts: Parts, settings: Settings, run: Run
) -> None:
    version, _, _ = settings.master_keys.partition(":")
    found = run("doctor", "--json", ZHANGBAN_MASTER_KEYS=f"{version}:{base64.b64encode(b'x' * 32).decode()}")
    [bad] = [finding for finding in json.loads(found.stdout) if finding["state"] == "bad"]
    assert (found.exit_code, bad["part"]) == (1, "keys")
    assert "that master key was replaced" in bad["words"]


@pytest.mark.parametrize("name", CHOICES)
def test_a_word_that_a_setting_does_not_take_is_named_with_those_it_takes_and_no_key_is_blamed(
    name: str, parts: Parts, run: Run
) -> None:
    variable = f"ZHANGBAN_{name.upper()}"
    found = run("doctor", **{variable: "sm2"})
    assert found.exit_code == 2
    assert f"{variable}: must be one of {', '.join(CHOICES[name])}, not 'sm2'" in found.stderr
    assert "MASTER_KEYS" not in found.output


def test_what_else_keeps_a_process_from_starting_is_not_blamed_on_the_keys(parts: Parts, run: Run) -> None:
    found = run("doctor", "--json", ZHANGBAN_S3_BUCKET="papers", ZHANGBAN_S3_ENDPOINT="not an address")
    [bad] = [finding for finding in json.loads(found.stdout) if finding["state"] == "bad"]
    assert bad["part"] == "start"
    assert "not an address" in bad["words"]


def test_the_words_that_settings_take_are_those_that_are_understood() -> None:
    """Given settings that know nothing of the kit, their lists are the kit's and the gateways' own."""
    understood = {
        "crypto_suite": Suite,
        "signature_algorithm": SignatureAlgorithm,
        "wechat_miniprogram_state": AppVersion,
    }
    assert {name: set(words) for name, words in CHOICES.items()} == {
        name: set(kind) for name, kind in understood.items()
    }
    assert all(getattr(Settings(), name) in words for name, words in CHOICES.items())


def test_a_database_begun_with_one_suite_is_refused_with_the_other(parts: Parts, run: Run) -> None:
    found = run("doctor", "--json", ZHANGBAN_CRYPTO_SUITE="sm")
    [keys] = [finding for finding in json.loads(found.stdout) if finding["part"] == "keys"]
    assert keys["state"] == "bad"
    assert "begun with suite intl" in keys["words"]


def test_the_master_key_is_changed_and_names_still_open(
    app: Application, settings: Settings, run: Run
) -> None:
    world = World(app)
    citizen = world.citizen()
    new = run("keys", "new", "v2").output.strip()
    both = f"{settings.master_keys},{new}"

    done = run("keys", "rewrap", ZHANGBAN_MASTER_KEYS=both)

    assert "6 keys are wrapped by master key v2 now." in done.output
    found = run("doctor", "--json", ZHANGBAN_MASTER_KEYS=new)
    assert found.exit_code == 0, "the older key is no longer needed"
    assert citizen.ok("GET", "/me")["person"]["name"][0] == citizen.name[0]


def test_a_new_data_key_seals_and_older_values_still_open(app: Application, run: Run) -> None:
    citizen = World(app).citizen()
    assert "Data key 2 is there" in run("keys", "new-data-key").output
    assert citizen.ok("GET", "/me")["person"]["name"][0] == citizen.name[0]


def test_a_new_voucher_key_is_told_by_its_number(parts: Parts, run: Run) -> None:
    # ``parts``: a process has begun with the first one.
    assert "Voucher key 02 is there" in run("keys", "new-voucher-key").output


@pytest.mark.parametrize(
    "arguments",
    [("demo", "load"), ("demo", "people"), ("demo", "add-person", "--region", "6109", "--insutype", "390")],
)
def test_demo_people_are_refused_in_production(run: Run, arguments: tuple[str, ...]) -> None:
    found = run(*arguments, **PRODUCTION)
    assert found.exit_code == 2
    assert "demo mode only" in found.output


def test_the_clock_cannot_be_shifted_in_production(run: Run) -> None:
    found = run("serve", "--clock", "2027-01-01T00:00:00+08:00", **PRODUCTION)
    assert found.exit_code == 2
    assert "refused outside demo mode" in found.output


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Application]:
    """Instead of listening, the server makes its application and ends."""
    made: list[Application] = []

    class Server:
        def __init__(self, make: Callable[[], Application], options: object) -> None:
            self._make = make

        def run(self) -> None:
            made.append(self._make())

    monkeypatch.setattr("app.commands.serve._Server", Server)
    return made


@pytest.mark.parametrize(
    ("arguments", "environment", "address"),
    [
        (["--port", "9017"], {}, "http://127.0.0.1:9017"),
        (["--port", "9017", "--host", "0.0.0.0"], {}, "http://127.0.0.1:9017"),  # noqa: S104 - nothing listens
        (["--port", "9017", "--host", "10.1.2.3"], {}, "http://10.1.2.3:9017"),
        (["--port", "9017", "--host", "::1"], {}, "http://[::1]:9017"),
        (["--port", "9017"], {"ZHANGBAN_PUBLIC_URL": "https://yb.example"}, "https://yb.example"),
        (
            ["--port", "9017"],
            {"ZHANGBAN_PUBLIC_URL": "http://127.0.0.1:8700"},
            "http://127.0.0.1:8700",
        ),
    ],
)
def test_the_code_on_a_receipt_leads_to_where_is_served_unless_the_settings_say_where_to(
    run: Run,
    served: list[Application],
    arguments: list[str],
    environment: Mapping[str, str],
    address: str,
) -> None:
    done = run("serve", "--no-worker", *arguments, **environment)
    assert done.exit_code == 0, done.output
    world = World(served[0])
    citizen = world.citizen()
    case = world.filing(citizen, "approved")

    pdf = citizen.ok("GET", f"/filings/{case['id']}/form.pdf")

    page = pypdfium2.PdfDocument(pdf)[0]
    [code] = zxingcpp.read_barcodes(page.render(scale=3).to_pil())
    assert code.text.startswith(f"{address}/api/v1/verify/")


NEEDS_DATABASE = (
    ("audit", "verify"),
    ("audit", "verify", "--json"),
    ("demo", "people"),
    ("demo", "people", "--json"),
    ("keys", "rewrap"),
    ("keys", "new-data-key"),
    ("db", "check"),
    ("worker",),
)


@pytest.mark.parametrize("arguments", NEEDS_DATABASE, ids=" ".join)
@pytest.mark.parametrize("folder", ["", "no-such-folder"])
def test_a_database_that_is_not_there_is_no_traceback_but_advice_and_nothing_is_made(
    run: Run, tmp_path: Path, arguments: tuple[str, ...], folder: str
) -> None:
    path = tmp_path / folder / "never-made.sqlite3"

    found = run(*arguments, ZHANGBAN_DATABASE_URL=f"sqlite:///{path}")

    assert found.exit_code in {1, 2}
    assert "Run: zhangban db upgrade" in found.stderr
    assert found.stdout == ""
    assert not path.exists()


@pytest.mark.parametrize("arguments", NEEDS_DATABASE, ids=" ".join)
@pytest.mark.parametrize("url", ["postgresql+psycopg://zb:hidden-word@127.0.0.1:1/zhangban", "not a url"])
def test_a_database_that_does_not_answer_is_said_in_a_sentence_without_its_password(
    run: Run, arguments: tuple[str, ...], url: str
) -> None:
    found = run(*arguments, ZHANGBAN_DATABASE_URL=url)

    assert found.exit_code == 2
    assert "The database does not answer as it should" in found.stderr
    assert "zhangban doctor" in found.stderr
    assert "hidden-word" not in found.output


def test_keys_that_do_not_open_are_said_in_a_sentence(parts: Parts, run: Run) -> None:
    other = "v1:" + base64.b64encode(b"x" * 32).decode()
    found = run("audit", "verify", ZHANGBAN_MASTER_KEYS=other)
    assert found.exit_code == 2
    assert "Check ZHANGBAN_MASTER_KEYS" in found.stderr


def test_before_anybody_was_loaded_the_list_of_demo_people_says_how_to(parts: Parts, run: Run) -> None:
    found = run("demo", "people")
    assert found.exit_code == 1
    assert "zhangban demo load" in found.stderr


def test_production_does_not_serve_a_database_that_is_behind(run: Run, tmp_path: Path) -> None:
    found = run("serve", **PRODUCTION, ZHANGBAN_DATABASE_URL=f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    assert found.exit_code == 2
    assert "zhangban db upgrade" in found.output


def test_a_clock_without_an_offset_is_refused(run: Run) -> None:
    found = run("serve", "--clock", "2027-01-01T00:00:00")
    assert found.exit_code == 2
    assert "needs an offset" in found.output


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"ZHANGBAN_DATABSE_URL": "x"}, "ZHANGBAN_DATABSE_URL: there is no such setting"),
        ({"ZHANGBAN_DATABASE_POOL": "many"}, "ZHANGBAN_DATABASE_POOL"),
        ({"ZHANGBAN_RATE_LIMITS": "perhaps"}, "expected true or false"),
        (
            {"ZHANGBAN_SIGNATURE_ALGORITHM": "sm2", "ZHANGBAN_DATABASE_POOL": "many"},
            "POOL: .*\\n.*SIGNATURE_ALGORITHM: must be one of ed25519, ecdsa-p256, not 'sm2'",
        ),
        ({"ZHANGBAN_MODE": "production"}, "ZHANGBAN_MASTER_KEYS: must be set in production"),
        ({**PRODUCTION, "ZHANGBAN_METRICS_TOKEN": ""}, "ZHANGBAN_METRICS_TOKEN: must be set in production"),
        ({**PRODUCTION, "ZHANGBAN_CLOCK_OFFSET_SECONDS": "5"}, "the clock can be shifted in demo mode only"),
    ],
)
def test_wrong_settings_are_named(environment: Mapping[str, str], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        load_settings(environment)


def test_every_command_explains_itself() -> None:
    for path in (
        ["--help"],
        ["serve", "--help"],
        ["db", "--help"],
        ["demo", "add-person", "--help"],
        ["audit", "-h"],
    ):
        found = CliRunner().invoke(main, path)
        assert found.exit_code == 0
        assert "Usage:" in found.output


def test_add_person_gives_all_it_takes_to_sign_in(app: Application, run: Run) -> None:
    found = run(
        "demo", "add-person", "--region", "610902", "--insutype", "310", "--age", "66", "--retired", "--json"
    )
    person = json.loads(found.stdout)
    answer = app.test_client().post("/api/v1/auth/wechat", json={"js_code": person["js_code"]})
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    assert answer.json["account"]["real_name"] is True


@pytest.mark.parametrize(
    ("setting", "part"),
    [
        ({"ZHANGBAN_TRUSTED_PROXIES": "1"}, "proxies"),
        ({"ZHANGBAN_PUBLIC_URL": "https://yb.example"}, "public address"),
    ],
)
def test_the_doctor_asks_for_what_a_production_behind_a_proxy_needs(
    setting: Mapping[str, str], part: str, run: Run
) -> None:
    for given, warned in (({}, True), (setting, False)):
        found = run("doctor", "--json", **PRODUCTION, **given)
        warnings = [finding["part"] for finding in json.loads(found.stdout) if finding["state"] == "warning"]
        assert (part in warnings) is warned


def test_a_leaked_voucher_key_is_retired_once_there_is_another(parts: Parts, run: Run) -> None:
    alone = run("keys", "retire-voucher-key", "1")
    assert (alone.exit_code, "new-voucher-key first" in alone.stderr) == (1, True)
    assert "Voucher key 02 is there." in run("keys", "new-voucher-key").stderr
    assert run("keys", "retire-voucher-key", "1").exit_code == 0
    assert run("keys", "retire-voucher-key", "2").exit_code == 1
