"""Typing a name, showing a face, completing the check: what the real-name tests share."""

from typing import Any
from uuid import UUID

from identity_world import Caller, Refusal, WeChatControl, id_number, private
from sqlalchemy import func, select

from app.gateways.parts import Parts
from app.identity.models import RealNameCheck

NAME = "王小明"


def typed(name: str = NAME, id_no: str | None = None) -> dict[str, str]:
    return {"name": private(name), "id_no": private(id_no or id_number())}


def start(caller: Caller, body: dict[str, str]) -> dict[str, Any]:
    started: dict[str, Any] = caller.ok("POST", "/real-name", body, status=201)
    private(started["verify_id"])
    return started


def complete(caller: Caller, check_id: str) -> Any:
    return caller.ok("POST", f"/real-name/{check_id}/complete")


def not_complete(caller: Caller, check_id: str) -> Refusal:
    return caller.refused("POST", f"/real-name/{check_id}/complete")


def prove(caller: Caller, wechat: WeChatControl, body: dict[str, str]) -> Any:
    started = start(caller, body)
    wechat.face(started["verify_id"])
    return complete(caller, started["id"])


def rows(parts: Parts, table: type) -> int:
    with parts.database.reading() as session:
        return session.execute(select(func.count()).select_from(table)).scalar_one()


def check_row(parts: Parts, check_id: str) -> RealNameCheck:
    with parts.database.reading() as session:
        return session.get_one(RealNameCheck, UUID(check_id))


def is_cleared(parts: Parts, check_id: str) -> bool:
    check = check_row(parts, check_id)
    return check.name_sealed is None and check.id_no_sealed is None and check.finished_at is not None
