"""People to be told something, and what reached them at the stand-ins."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import requests
from sqlalchemy import select
from sqlalchemy.orm import Session
from stdnum.cn import ric

from app.gateways.parts import Parts
from app.identity import register
from app.identity.models import Person, Relation
from app.kit import clock, ids, outbox
from app.kit.text import Text
from app.notices.models import Notice
from app.notices.sending import TOPIC, sender
from app.notices.service import NoticeKind, queue_notice
from mock_client.standins import StandIns

NUMBERS = itertools.count(1)
SEND = "/cgi-bin/message/subscribe/send"
SERVICE = Text("异地就医备案", "Remote-care filing")
CASE = "AK20260302000017"


@dataclass(frozen=True)
class Resident:
    """A person with WeChat and phone, as far as there are."""

    person_id: UUID
    openid: str | None = None
    phone: str | None = None


def id_number(born: str) -> str:
    body = f"610902{born}{next(NUMBERS) % 1000:03d}"
    return body + ric.calc_check_digit(body + "0")


class Town:
    """Its residents, their post and the worker who sends it."""

    def __init__(self, parts: Parts, standins: StandIns) -> None:
        self.parts = parts
        self.standins = standins

    def resident(
        self,
        name: str = "王秀英",
        *,
        wechat: bool = True,
        phone: bool = True,
        born: str = "19600101",
        guardian: Resident | None = None,
    ) -> Resident:
        number = next(NUMBERS)
        openid = f"openid-of-{number}" if wechat else None
        phone_no = f"138{number:08d}" if phone else None

        def enter(session: Session) -> UUID:
            person = register.add_person(session, name=name, id_no=id_number(born), phone=phone_no)
            if openid is not None:
                register.add_citizen_account(session, person, openid)
            if guardian is not None:
                parent = session.get_one(Person, guardian.person_id)
                register.add_kinship(session, person, parent, Relation.PARENT, guardian=True)
            return person.id

        return Resident(self.parts.database.run(enter), openid, phone_no)

    def tell(
        self,
        resident: Resident,
        kind: NoticeKind = NoticeKind.FILING_APPROVED,
        *,
        also: Resident | None = None,
        **params: str,
    ) -> list[UUID]:
        """Queue a notice as the case engine does."""
        return self.parts.database.run(
            lambda session: queue_notice(
                session,
                person_id=resident.person_id,
                kind=kind,
                filing_id=ids.new_id(),
                params={"service": SERVICE, "number": CASE, **params},
                also_person_id=also.person_id if also else None,
            )
        )

    def work(self) -> int:
        """What a worker does: send all that is due."""
        return outbox.drain(self.parts.database, {TOPIC: sender(self.parts)})

    def work_later(self, pause: timedelta) -> int:
        """The same after a while, for which the clock goes on."""
        clock.shift(clock.now() + pause - clock.real_now())
        return self.work()

    def notice(self, notice_id: UUID) -> Notice:
        with self.parts.database.reading() as session:
            return session.execute(select(Notice).where(Notice.id == notice_id)).scalar_one()

    def tries(self, notice_id: UUID) -> list[tuple[str, str]]:
        return [(entry["channel"], entry["outcome"]) for entry in self.notice(notice_id).tries]

    def wechat(self, resident: Resident) -> list[dict[str, Any]]:
        """The subscribe messages that reached a resident."""
        answer = requests.get(
            f"{self.standins.wechat_url}/_standin/messages", params={"openid": resident.openid}, timeout=5
        )
        return list(answer.json()["messages"])

    def sms(self, resident: Resident) -> list[str]:
        """The texts that reached a resident's phone."""
        answer = requests.get(
            f"{self.standins.sms_url}/_standin/sms", params={"phone": resident.phone}, timeout=5
        )
        return [message["text"] for message in answer.json()["messages"]]

    def fail_wechat(self, **fault: object) -> None:
        """The next messages fail; WeChat is asked twice when it is busy."""
        _order(f"{self.standins.wechat_url}/_standin/fail-next", {"path": SEND, **fault})

    def fail_sms(self, **fault: object) -> None:
        _order(f"{self.standins.sms_url}/_standin/fail-next", fault)

    def unsubscribe(self, resident: Resident) -> None:
        """The person refuses all templates."""
        settings = self.parts.settings
        for template_id in (
            settings.wechat_template_result,
            settings.wechat_template_correction,
            settings.wechat_template_progress,
        ):
            _order(
                f"{self.standins.wechat_url}/_standin/subscriptions",
                {"openid": resident.openid, "template_id": template_id, "accept": False},
            )

    def waiting(self) -> int:
        """Messages left in the outbox."""
        with self.parts.database.reading() as session:
            return sum(outbox.backlog(session))


def _order(url: str, body: Mapping[str, object]) -> None:
    answer = requests.post(url, json=body, timeout=5)
    assert answer.status_code == 200, answer.text
