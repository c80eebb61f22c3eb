"""Many people file while somebody kills the server: in the end there must be one case for each intent, no more, no
fewer.

The clients lose answers, send again under the same key, and wait while nobody answers. What was acknowledged
must still be there afterwards.
"""

import math
import random
import secrets
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from threading import Lock
from typing import Any, TypeVar

from mock_client.answers import CallFailed, JsonValue, NoSignal, Refused
from mock_client.api import Api
from mock_client.control import StandInGone, WeChatControl
from mock_client.device import Phone
from mock_client.network import Signal
from mock_client.people import Insured, People, Wanted
from mock_client.transport import Retry
from mock_client.world import Addresses

STORMY = Signal("stormy", loss_before=0.04, loss_after=0.10, cut=0.04)
AT_ONCE = 8
PER_PERSON = 10
CEILING_S = 1.0
ALL_PLACES_AT_MOST = 400

Done = TypeVar("Done")


class CannotStorm(Exception):  # noqa: N818 - says what happened
    """There are too few people or places for so many filings."""


@dataclass(frozen=True)
class Intent:
    """One person wants one filing. It has one key, however often it is sent."""

    person: "Client"
    place: str
    key: str


@dataclass
class Result:
    """What became of the storm. ``cases``: how many the server has for the intents. ``lost``: acknowledged, and
    not there. ``twice``: intents for which there is more than one. ``refused``: answered, but with a refusal."""

    intents: int
    acknowledged: int = 0
    refused: list[str] = field(default_factory=list)
    unanswered: int = 0
    cases: int = 0
    lost: int = 0
    twice: int = 0
    tries: int = 0
    replayed: int = 0
    outages: int = 0
    longest_outage_s: float = 0.0
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Exactly one case for each intent, and each was acknowledged."""
        return (
            self.cases == self.intents == self.acknowledged
            and not self.lost
            and not self.twice
            and not self.refused
        )

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "seconds": round(self.seconds, 1), "ok": self.ok}


class Client:
    """One person of the storm, with a phone that does not give up before ``patience_s`` are over."""

    def __init__(self, person: Insured, addresses: Addresses, seed: int, patience_s: float) -> None:
        tries = math.ceil(patience_s / (CEILING_S / 2)) + 10
        retry = Retry(tries=tries, first_s=0.1, ceiling_s=CEILING_S)
        self.person = person
        self.phone = Phone(person.openid, seed, addresses.server, retry=retry)
        self.api = Api(self.phone)
        self.before: set[str] = set()
        self._wechat = WeChatControl(addresses.wechat)
        self._patience_s = patience_s

    def sign_in(self) -> None:
        """With a fresh js_code for each try."""
        self._keep_trying(
            lambda: self.phone.remember(
                self.api.sign_in_with_wechat(self._wechat.js_code(self.person.openid))
            )
        )

    def filings(self) -> set[str]:
        """The ids of all cases that this person filed."""
        found: set[str] = set()
        cursor = None
        while True:
            page = self.api.list_filings(cursor=cursor, limit=50)
            found |= {one["id"] for one in page["items"]}
            cursor = page["next_cursor"]
            if cursor is None:
                return found

    def places(self) -> list[tuple[str, str]]:
        """(place, case) of each record."""
        found: list[tuple[str, str]] = []
        cursor = None
        while True:
            page = self.api.list_remote_care_records(cursor=cursor, limit=50)
            found += [(one["rloc_admdvs"], one["filing_id"]) for one in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                return found

    def _keep_trying(self, call: Callable[[], Done]) -> Done:
        """What a phone may not repeat by itself, since its code is good once, is begun anew here."""
        end = time.monotonic() + self._patience_s
        while True:
            try:
                return call()
            except (NoSignal, StandInGone):
                pause_s = CEILING_S
            except Refused as refusal:
                if refusal.status not in {429, 503}:
                    raise
                pause_s = float(refusal.answer.headers.get("Retry-After") or 5)
            if time.monotonic() + pause_s > end:
                raise TimeoutError(f"signing in took longer than {self._patience_s:g} s")
            time.sleep(pause_s)


class Storm:
    """``filings`` intents of people of the demo, each to a place where the person has no record yet."""

    def __init__(
        self,
        addresses: Addresses,
        people: People,
        *,
        filings: int,
        seed: int,
        over_s: float = 0.0,
        patience_s: float = 120.0,
    ) -> None:
        """``over_s``: the filings begin spread over so many seconds, so that there is time to kill the server."""
        self._rng = random.Random(f"storm:{seed}")
        self._filings = filings
        self._gap_s = over_s / filings
        self._lock = Lock()
        self._last_answer = time.monotonic()
        self.result = Result(filings)
        wanted = [one for one in people.fitting(Wanted("")) if not one.entry["coverages"][0]["student"]]
        needed = math.ceil(filings / PER_PERSON)
        chosen = self._rng.sample(wanted, min(needed, len(wanted)))
        # Each phone has a bad network of its own.
        self.clients = [Client(person, addresses, self._rng.getrandbits(32), patience_s) for person in chosen]

    def prepare(self) -> list[Intent]:
        """Sign everybody in and choose the places. Raises CannotStorm."""
        for client in self.clients:
            client.sign_in()
            client.before = client.filings()
        cities = _cities(self.clients[0].api)
        share = math.ceil(self._filings / len(self.clients))
        intents: list[Intent] = []
        for client in self.clients:
            filed = {place for place, _ in client.places()}
            # In one's own province some regions need no filing.
            home = client.person.region[:2]
            free = [city for city in cities if city not in filed and city[:2] != home]
            wanted = min(share, self._filings - len(intents))
            if len(free) < wanted:
                raise CannotStorm(f"There are too few places left for {wanted} filings of one person.")
            intents += [
                Intent(client, city, secrets.token_hex(16)) for city in self._rng.sample(free, wanted)
            ]
        return intents

    def rage(self, intents: Sequence[Intent], answered: Callable[[Result], None] = lambda _: None) -> Result:
        """File everything, then ask the server what there is."""
        started = self._last_answer = time.monotonic()
        for client in self.clients:
            client.phone.network.change(STORMY)
        with ThreadPoolExecutor(AT_ONCE) as crowd:
            acknowledged = list(
                crowd.map(
                    lambda number: self._file(intents[number], started + number * self._gap_s, answered),
                    range(len(intents)),
                )
            )
        self._count(intents, dict(zip(intents, acknowledged, strict=True)))
        self.result.seconds = time.monotonic() - started
        return self.result

    def _file(self, intent: Intent, begin: float, answered: Callable[[Result], None]) -> str | None:
        """File at the moment ``begin``: the id of the case, or None if a refusal or nothing came."""
        time.sleep(max(0.0, begin - time.monotonic()))
        body: dict[str, JsonValue] = {
            "service_code": "remote_care",
            "form": {
                "category": "other_temporary",
                "care_region_code": intent.place,
                "proof": "commitment",
                "commitment_accepted": True,
            },
            "material_ids": [],
            "submit": True,
        }
        try:
            answer = intent.person.phone.call(
                "POST", "/api/v1/filings", json=body, idempotency_key=intent.key, expect=201
            )
        except CallFailed as failure:
            with self._lock:
                if isinstance(failure, Refused):
                    self.result.refused.append(failure.code)
                else:
                    self.result.unanswered += 1
                answered(self.result)
            return None
        with self._lock:
            self.result.acknowledged += 1
            self.result.tries += answer.tries
            self.result.replayed += answer.headers.get("Idempotent-Replayed") == "true"
            self._note_silence()
            answered(self.result)
        return str(answer.json["id"])

    def _note_silence(self) -> None:
        """More than two seconds without any answer to anybody count as an outage."""
        now = time.monotonic()
        silence = now - self._last_answer
        self._last_answer = now
        if silence > 2.0:
            self.result.outages += 1
            self.result.longest_outage_s = round(max(self.result.longest_outage_s, silence), 1)

    def _count(self, intents: Sequence[Intent], acknowledged: dict[Intent, str | None]) -> None:
        for client in self.clients:
            mine = [intent for intent in intents if intent.person is client]
            fresh = client.filings() - client.before
            self.result.cases += len(fresh)
            self.result.lost += sum(
                case is not None and case not in fresh for case in (acknowledged[intent] for intent in mine)
            )
            places = [place for place, case in client.places() if case in fresh]
            self.result.twice += sum(places.count(intent.place) > 1 for intent in mine)


def _cities(api: Api) -> list[str]:
    """Cities and municipalities that one may file to."""
    found: list[str] = []
    for province in api.list_regions()["items"]:
        if province["city_code"] is not None:
            found.append(province["code"])
            continue
        below = api.list_regions(parent_code=province["code"])["items"]
        found += [one["code"] for one in below if one["city_code"] == one["code"]]
        if len(found) > ALL_PLACES_AT_MOST:
            break
    return found
