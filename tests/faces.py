"""A face shown before WeChat's camera: by way of the stand-in, or without any, as a check that passed."""

from typing import Any
from uuid import UUID

import requests
from sqlalchemy.orm import Session

from app.gateways.parts import Parts
from app.identity.models import RealNameCheck, RealNameStatus
from app.kit import clock, ids
from tests.somebody import Somebody


def show_face(somebody: Somebody, status: RealNameStatus = RealNameStatus.PASSED) -> UUID:
    """The id of a check of this account that ended just now."""
    now = clock.now()
    check = RealNameCheck(
        id=ids.new_id(),
        account_id=somebody.account_id,
        out_seq_no=ids.new_id().hex,
        status=status,
        person_id=somebody.person_id,
        expires_at=now,
        created_at=now,
        finished_at=now,
    )

    def enter(session: Session) -> None:
        session.add(check)

    parts: Parts = somebody.app.extensions["parts"]
    parts.database.run(enter)
    return check.id


def pass_check(somebody: Somebody, name: str, id_no: str) -> str:
    """The id of a check that went its whole way."""
    parts: Parts = somebody.app.extensions["parts"]
    started: dict[str, Any] = somebody.ok("POST", "/real-name", {"name": name, "id_no": id_no})
    show_to_standin(parts.settings.wechat_url, started["verify_id"])
    somebody.ok("POST", f"/real-name/{started['id']}/complete")
    return str(started["id"])


def show_to_standin(wechat_url: str, verify_id: str) -> None:
    """What the phone's camera saw, told to the stand-in for WeChat."""
    passed = {"verify_id": verify_id, "verify_ret": 10000}
    requests.post(f"{wechat_url}/_standin/facial-verify", json=passed, timeout=5).raise_for_status()
