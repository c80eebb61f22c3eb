"""A counter of a hospital, clinic or pharmacy, with its terminal; and patients who show what they have.

counter = Counter(world)
answer = counter.transact("1101", **card_of(patient))
counter.transact("1101", mdtrt_cert_type="01", mdtrt_cert_no=counter.scan(patient))
"""

import itertools
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.identity.actor import OrganisationKind
from app.places import service as places
from app.places.models import Institution, InstitutionType
from tests.somebody import Hospital, Somebody, numbers
from tests.world import World

_messages = itertools.count(1)


class Counter:
    """One institution with one terminal."""

    def __init__(
        self,
        world: World,
        kind: InstitutionType = InstitutionType.HOSPITAL,
        region: str = "610902",
        level: int | None = None,
    ) -> None:
        self.world = world
        self.code = f"{'P' if kind is InstitutionType.PHARMACY else 'H'}{next(numbers):011d}"
        self.id = self._open(kind, region, level)
        organisation = world._organisation(
            OrganisationKind.INSTITUTION, "收费处", region, institution_id=self.id
        )
        self.place = Hospital(self.id, organisation, region)
        self.terminal = world.terminal(self.place)

    def _open(self, kind: InstitutionType, region: str, level: int | None) -> UUID:
        return self.world.write(
            lambda session: (
                places.add_institution(
                    session,
                    code=self.code,
                    name=f"第{next(numbers)}家机构",
                    kind=kind,
                    region_code=region,
                    address="人民路 1 号",
                    level=level,
                ).id
            )
        )

    def close(self) -> None:
        """The contract ends."""

        def end(session: Session) -> None:
            session.get_one(Institution, self.id).active = False

        self.world.write(end)

    def message(self, **given: object) -> dict[str, object]:
        return {"msgid": f"M{next(_messages):06d}", "input": {"data": given}}

    def transact(self, infno: str, **given: object) -> dict[str, Any]:
        """Send a transaction: its envelope, done or refused."""
        return self.send(infno, self.message(**given))

    def send(self, infno: str, message: Mapping[str, object], **options: Any) -> dict[str, Any]:
        """Send a whole message: the envelope."""
        answer: dict[str, Any] = self.terminal.ok(
            "POST", f"/terminal/transactions/{infno}", dict(message), **options
        )
        assert set(answer) == {
            "infcode",
            "inf_refmsgid",
            "refmsg_time",
            "respond_time",
            "err_msg",
            "output",
        }
        return answer

    def output(self, infno: str, **given: object) -> Any:
        """The output of a transaction that is done."""
        answer = self.transact(infno, **given)
        assert answer["infcode"] == 0, answer["err_msg"]
        return answer["output"]

    def scan(self, patient: Somebody, business_type: str = "01301") -> str:
        """Scan the code that a patient shows: the ec_token."""
        body = {"code": show(patient), "business_type": business_type}
        return str(self.terminal.ok("POST", "/terminal/decode", body)["ec_token"])


def show(patient: Somebody, device_no: str = "phone-of-the-test-0001", **person: object) -> str:
    """Activate the voucher on a phone and show its code."""
    body = {"device_no": device_no, **person}
    patient.ok("POST", "/voucher/activation", {**body, "device_name": "手机"})
    return str(patient.ok("POST", "/voucher/codes", body)["code"])


def card_of(patient: Somebody, **more: object) -> dict[str, object]:
    """What a terminal reads from an identity card."""
    return {
        "mdtrt_cert_type": "02",
        "mdtrt_cert_no": patient.id_no,
        "psn_name": patient.name,
        **more,
    }
