"""What the HTTP tests of remote care share."""

from typing import Any

from tests.world import Somebody, World


def file(citizen: Somebody, form: dict[str, object], **more: object) -> dict[str, Any]:
    body = {"service_code": "remote_care", "form": form, "submit": True, **more}
    case: dict[str, Any] = citizen.ok("POST", "/filings", body)
    return case


def refused(citizen: Somebody, form: dict[str, object]) -> tuple[int, str, str]:
    answer = citizen.send("POST", "/filings", {"service_code": "remote_care", "form": form, "submit": True})
    return answer.status_code, answer.json["code"], answer.json["detail"]


def records(citizen: Somebody) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = citizen.ok("GET", "/remote-care/records")["items"]
    return found


COMMITTED = {"proof": "commitment", "commitment_accepted": True}


def sql_id(world: World, identity: Any) -> Any:
    return identity.hex if world.parts.database.is_sqlite else identity


def renewed(world: World, somebody: Somebody) -> Somebody:
    headers = {"Authorization": f"Bearer {world.sign_in(somebody.account_id)}"}
    return Somebody(somebody.app, somebody.account_id, somebody.person_id, headers)
