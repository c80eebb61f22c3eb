"""Where the stories happen: the server, the two stand-ins, the people, and one seed for all choices."""

import base64
import json
import random
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any

from mock_client.actors import (
    Cashier,
    Citizen,
    Expert,
    Handler,
    HospitalDesk,
    HospitalSystem,
    Passerby,
    Supervisor,
)
from mock_client.actors.base import patiently
from mock_client.api import Api
from mock_client.api.filings import FilingAnswer
from mock_client.api.places import RegionAnswer
from mock_client.checks import NotAsItMustBe
from mock_client.clock import CHINA
from mock_client.control import SmsControl, WeChatControl
from mock_client.device import Phone
from mock_client.his import Habits, His, habits_of
from mock_client.journal import Journal, Scenario
from mock_client.office import Office
from mock_client.people import Insured, People, Reviewer, Terminal, Wanted, id_number
from mock_client.transport import Retry

DEFAULT_URL = "http://127.0.0.1:8700"
DEFAULT_WECHAT_URL = "http://127.0.0.1:8701"
DEFAULT_SMS_URL = "http://127.0.0.1:8702"
SUBSCRIPTIONS = ("tmpl-filing-result", "tmpl-filing-correction", "tmpl-filing-progress")
"""The message templates for which the mini-program asks the person."""
SAME_CLOCK = timedelta(minutes=2)
LOOKS = 2
GENERAL = "全科"
"""The specialty whose experts stand in where a pool has none of the right one."""


def has_no_case(citizen: Citizen) -> bool:
    """Neither a case nor, therefore, a record."""
    return not citizen.api.list_filings(scope="subject", limit=1)["items"]


def has_not_paid(citizen: Citizen) -> bool:
    """No bill was settled: whoever pays in a story has activated the voucher before."""
    return not citizen.api.get_voucher()["active"]


def is_untouched(citizen: Citizen) -> bool:
    """Neither of both."""
    return has_no_case(citizen) and has_not_paid(citizen)


@dataclass(frozen=True)
class Addresses:
    """Where the server and the stand-ins answer."""

    server: str = DEFAULT_URL
    wechat: str = DEFAULT_WECHAT_URL
    sms: str = DEFAULT_SMS_URL


class World:
    """One run against one server. Choices follow from ``seed`` and the scenario's name; keys and the names of
    newcomers also from ``run``, so that the same seed can be played again on the same server."""

    def __init__(
        self,
        addresses: Addresses,
        journal: Journal,
        people: People,
        *,
        seed: int,
        office: Office | None = None,
        pace: float = 1.0,
    ) -> None:
        self.addresses = addresses
        self.base_url = addresses.server.rstrip("/")
        self.journal = journal
        self.people = people
        self.seed = seed
        self.office = office
        self.pace = pace
        self.run = secrets.token_hex(4)
        self.wechat = WeChatControl(addresses.wechat)
        self.sms = SmsControl(addresses.sms)
        self.rng = random.Random(f"world:{seed}")
        self._story: Scenario | None = None
        self._taken: set[str] = set()
        self._desks: dict[str, Phone] = {}
        self._tills: dict[tuple[str, str], His] = {}

    @contextmanager
    def telling(self, name: str, title: str) -> Iterator[Scenario]:
        """The scenario that the people of this world act in; an error in it ends it and is kept in the journal."""
        with self.journal.scenario(name, title, keep_going=True) as story:
            self.rng = random.Random(f"world:{self.seed}:{name}")
            self._story = story
            try:
                yield story
            finally:
                self._story = None

    @contextmanager
    def at(self, moment: datetime) -> Iterator["World"]:
        """The same story and people on a second server over the same data, whose clock starts at ``moment``."""
        if self.office is None:
            raise NotAsItMustBe("没有 zhangban 命令，不能开一台时钟不同的服务器")
        with self.office.server_at(moment) as url:
            there = World(
                replace(self.addresses, server=url), self.journal, self.people, seed=self.seed, pace=self.pace
            )
            there._story = self._story
            yield there

    @property
    def story(self) -> Scenario:
        """The scenario that is being told."""
        if self._story is None:
            raise RuntimeError("nothing is being told: use World.telling")
        return self._story

    @property
    def now(self) -> datetime:
        """The moment as the server's clock has it, in UTC."""
        return datetime.now(UTC) + self.clock_offset

    @property
    def today(self) -> date:
        """The server's day in China."""
        return self.now.astimezone(CHINA).date()

    @cached_property
    def clock_offset(self) -> timedelta:
        """How far the server's clock is from this machine's (``serve --clock``), as its tokens tell."""
        if not self.people.reviewers:
            return timedelta(0)
        phone = self._desk(self.people.reviewers[0], timedelta(0))
        self._sign_in(phone, self.people.reviewers[0])
        issued = datetime.fromtimestamp(_claims(phone.tokens.access or "")["iat"], UTC)
        offset = issued - datetime.now(UTC)
        return timedelta(0) if abs(offset) < SAME_CLOCK else offset

    # Citizens

    def citizen(
        self,
        wanted: Wanted,
        *,
        retry: Retry | None = None,
        pace: float | None = None,
        fresh: Callable[[Citizen], bool] = has_no_case,
    ) -> Citizen:
        """Somebody as wanted who has no case and no record yet, made if there is none left; signed in already."""
        fitting = [one for one in self.people.fitting(wanted) if one.person_id not in self._taken]
        self.rng.shuffle(fitting)
        # Where the first ones were used by an earlier run the others mostly were too, and each look costs a sign-in.
        looks = fitting[:LOOKS] if self.office is not None else fitting
        for person in looks:
            self._taken.add(person.person_id)
            citizen = self._signed_in(person, retry, pace)
            if fresh(citizen):
                return citizen
        if self.office is None:
            raise NotAsItMustBe(f"没有还没用过的人：{wanted}；请换一个服务器，或让运行器能找到 zhangban 命令")
        return self._signed_in(Insured.of(self.office.add_person(wanted.to_add())), retry, pace)

    def payer(self, wanted: Wanted) -> Citizen:
        """Somebody as wanted, signed in, of whom nothing was settled yet this year; may have had cases before."""
        return self.citizen(wanted, fresh=has_not_paid)

    def anyone(self, wanted: Wanted) -> Citizen:
        """Somebody as wanted, signed in, who may have done anything before; another one each time while there are."""
        fitting = self.people.fitting(wanted)
        if not fitting:
            raise NotAsItMustBe(f"名单里没有这样的人：{wanted}")
        person = self.rng.choice([one for one in fitting if one.person_id not in self._taken] or fitting)
        self._taken.add(person.person_id)
        return self._signed_in(person, None, None)

    def same(self, person: Insured) -> Citizen:
        """That person with a phone, not signed in."""
        return Citizen(self.story, person, self.phone(person.openid), self.wechat, self.sms)

    def known(self) -> Insured:
        """Somebody of the register whose real name is proven; not asked to do anything."""
        return self.rng.choice(self.people.fitting(Wanted("")))

    def guardian(self, region: str = "") -> tuple[Citizen, str]:
        """A guardian insured in a region and the person id of a child; they may have had cases before."""
        families = [one for one in self.people.families() if one[0].region.startswith(region)]
        if not families:
            raise NotAsItMustBe("名单里没有带孩子的家庭")
        person, child = self.rng.choice(families)
        return self.same(person), child

    def newcomer(self, name: str = "样本新") -> Citizen:
        """Somebody with WeChat who is in no register: an ID number that nobody has."""
        draw = random.Random(f"newcomer:{self.run}:{secrets.token_hex(4)}")
        born = date(1970, 1, 1) + timedelta(days=draw.randrange(12_000))
        number = id_number("610902" if born.year > 2000 else "612401", born, draw.randrange(1000))
        entry = {
            "person_id": "",
            "name": name,
            "id_no": number,
            "phone": f"199{draw.randrange(10**8):08d}",
            "openid": f"qa-{self.run}-{secrets.token_hex(6)}",
            "real_name": False,
            "region_code": "",
            "sex": "male" if int(number[16]) % 2 else "female",
            "birth_date": born.isoformat(),
            "address": "陕西省安康市汉滨区样本路8号",
        }
        return self.same(Insured.of(entry))

    def place_not_filed(self, citizen: Citizen, person_id: str | None = None) -> RegionAnswer:
        """A city of another province to which the person has no record yet."""
        filed, cursor = set(), None
        while True:
            page = citizen.api.list_remote_care_records(person_id=person_id, cursor=cursor, limit=50)
            filed |= {one["rloc_admdvs"] for one in page["items"]}
            cursor = page["next_cursor"]
            if cursor is None:
                break
        provinces = [one for one in citizen.api.list_regions()["items"] if one["city_code"] is None]
        provinces = [one for one in provinces if one["code"] != citizen.person.region[:2]]
        for province in self.rng.sample(provinces, len(provinces)):
            cities = citizen.api.list_regions(parent_code=province["code"])["items"]
            free = [one for one in cities if one["city_code"] == one["code"] and one["code"] not in filed]
            if free:
                return self.rng.choice(free)
        raise NotAsItMustBe("这个人已经备案到所有城市了")

    def passerby(self) -> Passerby:
        """Anybody, signed in nowhere."""
        return Passerby(self.story, "", self.phone(f"passerby-{self.story.name}"))

    # Staff

    def handler(self, citizen: Citizen) -> Handler:
        """A handler who may decide this person's cases: of the nearest agency, and no relative."""
        return self._handlers(citizen.person.region, citizen.person.person_id)[0]

    def two_handlers(self, citizen: Citizen) -> tuple[Handler, Handler]:
        """Two handlers of the nearest agency who may both decide this person's cases."""
        first, second, *_ = self._handlers(citizen.person.region, citizen.person.person_id)
        return first, second

    def handler_of(self, region: str) -> Handler:
        """A handler of the agency of a region."""
        return self._handlers(region, "")[0]

    def colleague(self, reviewer: Reviewer) -> Handler:
        """That reviewer at the desk."""
        return Handler(self.story, reviewer, self._desk(reviewer, self.clock_offset))

    def supervisor(self, region: str) -> Supervisor:
        """The supervisor of the agency of a region."""
        found = self._reviewers("supervisor", "agency", region)
        return Supervisor(self.story, found[0], self._desk(found[0], self.clock_offset))

    def pool(self, region: str) -> list[Reviewer]:
        """All experts of the nearest pool."""
        found = self._reviewers("expert", "expert_pool", region)
        return [one for one in found if one.region == found[0].region]

    def experts_of(self, citizen: Citizen, filing: FilingAnswer) -> dict[str, Expert]:
        """Disease code → the expert whom the lot chose for it. Nobody tells who it is: experts of the specialty
        look into their queues, one after the other, until each disease that waits has somebody."""
        items = citizen.api.get_chronic_case(filing["id"])["items"]
        waiting = {one["disease_code"]: one["specialty"] for one in items if one["status"] == "waiting"}
        found: dict[str, Expert] = {}
        for reviewer in self.pool(citizen.person.region):
            missing = {specialty for code, specialty in waiting.items() if code not in found}
            if not missing & reviewer.specialties and not (missing and GENERAL in reviewer.specialties):
                continue
            expert = self.expert(reviewer.username)
            expert.sign_in_quietly()
            if expert.in_queue(filing["id"]) is not None:
                own = expert.api.get_chronic_case(filing["id"])["items"]
                found |= {one["disease_code"]: expert for one in own if one["yours"]}
        if waiting.keys() - found.keys():
            raise NotAsItMustBe(f"没有专家收到：{'、'.join(sorted(waiting.keys() - found.keys()))}")
        return found

    def expert(self, username: str) -> Expert:
        """One certain expert."""
        [reviewer] = [one for one in self.people.reviewers if one.username == username]
        return Expert(self.story, reviewer, self._desk(reviewer, self.clock_offset))

    def expert_of(self, citizen: Citizen, filing: FilingAnswer) -> Expert:
        """The expert of a case in which one disease waits."""
        [expert] = self.experts_of(citizen, filing).values()
        return expert

    def hospital_desk(self, hospital: str) -> HospitalDesk:
        """The insurance desk of a hospital, by its name."""
        for one in self.people.reviewers:
            if (
                one.organisation_kind == "institution"
                and one.organisation == hospital
                and "handler" in one.roles
            ):
                return HospitalDesk(self.story, one, self._desk(one, self.clock_offset))
        raise NotAsItMustBe(f"名单里没有{hospital}医保办的人")

    def hospital_system(self, hospital: str) -> HospitalSystem:
        """The system of a hospital, by its name."""
        for one in self.people.terminals:
            if one.institution == hospital:
                return HospitalSystem(self.story, one, self.phone(one.client_id))
        raise NotAsItMustBe(f"名单里没有{hospital}的信息系统")

    def cashier(self, institution: str, habits: Habits | None = None) -> Cashier:
        """The till of an institution, by its name; ``habits``: of which maker its system is."""
        for one in self.people.terminals:
            if one.institution == institution:
                return Cashier(self.story, self._till(one, habits or habits_of(one)))
        raise NotAsItMustBe(f"名单里没有{institution}的收费系统")

    def phone(self, name: str, *, retry: Retry | None = None, pace: float | None = None) -> Phone:
        """A phone whose clock shows the server's time."""
        return Phone(
            name,
            self.seed,
            self.base_url,
            clock_offset=self.clock_offset,
            pace=self.pace if pace is None else pace,
            retry=retry,
        )

    def _till(self, terminal: Terminal, habits: Habits) -> His:
        """A till keeps its book from one story to the next."""
        key = (terminal.client_id, habits.maker)
        if key not in self._tills:
            self._tills[key] = His(
                terminal, self.phone(terminal.client_id), habits, f"{self.seed}:{self.run}:{key}"
            )
        return self._tills[key]

    def _signed_in(self, person: Insured, retry: Retry | None, pace: float | None) -> Citizen:
        phone = self.phone(person.openid, retry=retry, pace=pace)
        citizen = Citizen(self.story, person, phone, self.wechat, self.sms)
        me = citizen.sign_in_quietly()
        if me["person"] is None or me["person"]["id"] != person.person_id:
            raise NotAsItMustBe(
                "服务器不认识这个人：运行器和服务器要用同一套 ZHANGBAN_ 变量（同一个数据库），并先运行 zhangban demo load"
            )
        return citizen

    def _handlers(self, region: str, person_id: str) -> list[Handler]:
        found = [
            one for one in self._reviewers("handler", "agency", region) if not one.is_close_to(person_id)
        ]
        return [self.colleague(one) for one in found]

    def _reviewers(self, role: str, kind: str, region: str) -> list[Reviewer]:
        """Those whose region is the given one or above it, the nearest first."""
        found = [
            one
            for one in self.people.reviewers
            if role in one.roles and one.organisation_kind == kind and region.startswith(one.region)
        ]
        if not found:
            raise NotAsItMustBe(f"名单里没有 {region} 的 {role}")
        return sorted(found, key=lambda one: (-len(one.region), one.username))

    def _desk(self, reviewer: Reviewer, offset: timedelta) -> Phone:
        """The computer of a desk, which stays signed in from one story to the next."""
        if reviewer.username not in self._desks:
            self._desks[reviewer.username] = Phone(
                reviewer.username, self.seed, self.base_url, clock_offset=offset, pace=self.pace
            )
        return self._desks[reviewer.username]

    @staticmethod
    def _sign_in(phone: Phone, reviewer: Reviewer) -> None:
        api = Api(phone)
        phone.remember(patiently(lambda: api.sign_in_as_staff(reviewer.username, reviewer.password)))


def _claims(token: str) -> dict[str, Any]:
    """What a token says, unverified."""
    payload = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return found
