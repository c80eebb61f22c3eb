"""Visits as hospitals report them, for tests.

feed = Feed(clinic); feed.stay(patient, "I11.000"); feed.screen()
"""

import threading
from contextlib import AbstractContextManager
from datetime import date, datetime, time, timedelta
from typing import Any

from clinic import Clinic
from sqlalchemy import select

from app.kit import clock
from app.notices.models import Notice, NoticeKind
from app.services.chronic_disease import screening
from app.services.chronic_disease.offer_models import ChronicOffer, VisitTask
from app.services.chronic_disease.screening import Screened
from tests.somebody import Hospital, Somebody, numbers

HEART_STAY = "I11.000"
"""高血压性心脏病: a stay for it proves hypertension as a chronic disease (the default pack)."""


class Feed:
    """What hospitals report, through their terminals."""

    def __init__(self, clinic: Clinic) -> None:
        self.clinic = clinic
        self.world = clinic.world
        self.terminal = self.world.terminal(clinic.hospital)

    def row(self, person: Somebody | str, icd10: str = HEART_STAY, **more: object) -> dict[str, Any]:
        """A stay that ended ten days ago, as an entry of a call."""
        left = clock.today() - timedelta(days=10)
        number = person if isinstance(person, str) else person.id_no
        row = {
            "visit_no": f"ZY-{next(numbers)}",
            "id_no": number,
            "visited_on": (left - timedelta(days=7)).isoformat(),
            "kind": "inpatient",
            "icd10": icd10,
            "discharged_on": left.isoformat(),
            **more,
        }
        return {name: value for name, value in row.items() if value is not None}

    def outpatient(self, person: Somebody | str, icd10: str, day: date, **more: object) -> dict[str, Any]:
        details = {"kind": "outpatient", "visited_on": day.isoformat(), "discharged_on": None}
        return self.row(person, icd10, **{**details, **more})

    def report(self, *rows: dict[str, Any], terminal: Somebody | None = None) -> dict[str, Any]:
        answer: dict[str, Any] = (terminal or self.terminal).ok("POST", "/visits", {"visits": list(rows)})
        return answer

    def stay(self, person: Somebody | str, icd10: str = HEART_STAY, **more: object) -> None:
        taken = self.report(self.row(person, icd10, **more))
        assert taken["taken"] == 1, taken

    def screen(self) -> Screened:
        return screening.screen(self.world.parts.database)

    def tasks(self) -> list[VisitTask]:
        return self.world.write(
            lambda session: list(session.execute(select(VisitTask).order_by(VisitTask.id)).scalars())
        )

    def offers(self) -> list[ChronicOffer]:
        return self.world.write(
            lambda session: list(session.execute(select(ChronicOffer).order_by(ChronicOffer.id)).scalars())
        )

    def terminal_at(self, hospital: Hospital) -> Somebody:
        return self.world.terminal(hospital)


def offers_of(who: Somebody) -> list[dict[str, Any]]:
    """As the person sees them."""
    found: list[dict[str, Any]] = who.ok("GET", "/chronic/offers")["items"]
    return found


def answer(who: Somebody, offer: dict[str, Any], action: str, **more: object) -> dict[str, Any]:
    body = {"action": action, "expected_version": offer["version"], **more}
    done: dict[str, Any] = who.ok("POST", f"/chronic/offers/{offer['id']}/actions", body)
    return done


def act(who: Somebody, offer: dict[str, Any], action: str, **more: object) -> tuple[int, str]:
    """An answer that is refused: its status and code."""
    body = {"action": action, "expected_version": offer["version"], **more}
    return who.refused("POST", f"/chronic/offers/{offer['id']}/actions", body)


def at(days: int) -> AbstractContextManager[None]:
    """So many days from today, in the morning."""
    return clock.travel(datetime.combine(clock.today() + timedelta(days=days), time(9, 40), clock.CHINA))


def notices(feed: Feed, kind: NoticeKind) -> int:
    query = select(Notice).where(Notice.kind == kind)
    return len(feed.world.write(lambda session: list(session.execute(query).scalars())))


def at_once(*work: Any) -> list[Any]:
    """Their results, all begun together."""
    results: list[Any] = [None] * len(work)
    gate = threading.Barrier(len(work))

    def run(number: int) -> None:
        gate.wait()
        results[number] = work[number]()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(work))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
