"""People, phones and callers for the identity tests. Whatever is personal is noted in ``PRIVATE``."""

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import requests
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session
from stdnum.cn import ric
from werkzeug.test import TestResponse

from app.gateways.parts import Parts
from app.identity import register
from app.identity.actor import OrganisationKind, Role
from app.identity.models import Organisation, Person
from app.kit import clock
from mock_client.standins import StandIns

API = "/api/v1"
PASSWORD = "Hanbin-Desk-2026"
USER = "hanbin.li"
WRONG = "wrong-password"

PRIVATE: set[str] = set()
"""Names, numbers, phones, openids, passwords and tokens of the running test: none may be in a log line."""

_numbers = itertools.count(1)


def private(text: str) -> str:
    """Note a text as personal or secret, and give it back."""
    PRIVATE.add(text)
    return text


def with_check_digit(first_seventeen: str) -> str:
    return first_seventeen + ric.calc_check_digit(first_seventeen + "0")


def id_number(region: str = "610902", born: date = date(1985, 3, 12), *, order: int | None = None) -> str:
    """A valid resident ID number; without ``order`` a new one at each call (even orders are women's)."""
    number = next(_numbers) % 1000 if order is None else order
    return private(with_check_digit(f"{region}{born:%Y%m%d}{number:03d}"))


def js_code(openid: str) -> str:
    """What wx.login gives the phone of this WeChat user; the stand-in takes each once."""
    return f"demo.{private(openid)}.{next(_numbers)}"


def phone_code(phone: str) -> str:
    """What the phone-number button gives."""
    return f"phone.{private(phone)}.{next(_numbers)}"


@dataclass(frozen=True)
class Refusal:
    """A problem document that a caller got."""

    status: int
    code: str
    body: dict[str, Any]
    headers: dict[str, str]


class Caller:
    """Somebody who calls the API, signed in or not."""

    def __init__(self, client: FlaskClient, answer: dict[str, Any] | None = None) -> None:
        self.client = client
        self.answer = answer or {}
        for name in ("access_token", "refresh_token"):
            if name in self.answer:
                private(self.answer[name])

    @property
    def account_id(self) -> UUID:
        return UUID(self.answer["account"]["id"])

    def send(self, method: str, path: str, json: object = None, **headers: str) -> TestResponse:
        if "access_token" in self.answer:
            headers.setdefault("Authorization", f"Bearer {self.answer['access_token']}")
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        options = {} if json is None else {"json": json}
        return self.client.open(API + path, method=method, headers=names, **options)

    def ok(self, method: str, path: str, json: object = None, *, status: int = 200, **headers: str) -> Any:
        response = self.send(method, path, json, **headers)
        assert response.status_code == status, response.get_data(as_text=True)
        return response.get_json() if response.get_data() else None

    def refused(self, method: str, path: str, json: object = None, **headers: str) -> Refusal:
        response = self.send(method, path, json, **headers)
        assert response.status_code >= 400, response.get_data(as_text=True)
        assert response.content_type == "application/problem+json"
        body = response.get_json()
        return Refusal(response.status_code, body["code"], body, dict(response.headers))


class WeChatControl:
    """What happens in WeChat outside of our server, ordered over the stand-in's own HTTP."""

    def __init__(self, standins: StandIns) -> None:
        self._url = standins.wechat_url + "/_standin"

    def _post(self, order: str, /, **body: object) -> None:
        requests.post(f"{self._url}/{order}", json=body, timeout=5).raise_for_status()

    def face(self, verify_id: str, verify_ret: int = 10000, **more: int) -> None:
        """The person before the camera."""
        self._post("facial-verify", verify_id=verify_id, verify_ret=verify_ret, **more)

    def fail_next(self, path: str, **how: object) -> None:
        self._post("fail-next", path=path, **how)


@contextmanager
def statements_of(parts: Parts) -> Iterator[list[str]]:
    """The SQL statements inside the block, without BEGIN and savepoints."""
    seen: list[str] = []

    def note(*call: Any) -> None:
        if call[2].partition(" ")[0] in {"SELECT", "INSERT", "UPDATE", "DELETE"}:
            seen.append(call[2])

    event.listen(parts.database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(parts.database.engine, "before_cursor_execute", note)


def at_the_same_moment(count: int, act: Callable[[int], Any]) -> list[Any]:
    """What ``act(0)``, ``act(1)``… gave, all begun together in threads of their own."""
    together = Barrier(count)

    def begin(number: int) -> Any:
        together.wait()
        return act(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(begin, range(count)))


def sign_in(client: FlaskClient, openid: str) -> Caller:
    """A citizen's phone signs in."""
    return Caller(client, Caller(client).ok("POST", "/auth/wechat", {"js_code": js_code(openid)}))


def sign_in_staff(client: FlaskClient, username: str, password: str = PASSWORD) -> Caller:
    body = {"username": username, "password": private(password)}
    return Caller(client, Caller(client).ok("POST", "/auth/staff", body))


def attempt(caller: Caller, password: str = WRONG, username: str = USER) -> Refusal:
    """A try to sign in as staff that is refused."""
    return caller.refused("POST", "/auth/staff", {"username": username, "password": private(password)})


def add_person(session: Session, name: str = "王小明", **traits: Any) -> Person:
    """A person of the register, with an ID number unless a birth certificate's is given."""
    if "birth_certificate_no" not in traits:
        traits.setdefault("id_no", id_number())
    for trait in ("id_no", "birth_certificate_no", "phone"):
        if traits.get(trait):
            private(traits[trait])
    return register.add_person(session, name=private(name), **traits)


def add_agency(
    session: Session, name: str = "汉滨区医保经办中心", region_code: str = "610902"
) -> Organisation:
    return register.add_organisation(
        session, kind=OrganisationKind.AGENCY, name=name, region_code=region_code
    )


def add_handler(
    parts: Parts, username: str, name: str = "李经办", agency: str = "汉滨区医保经办中心"
) -> tuple[UUID, UUID]:
    """(account id, person id) of a handler at an agency."""

    def write(session: Session) -> tuple[UUID, UUID]:
        person = add_person(session, name)
        grants = [(Role.HANDLER, add_agency(session, agency))]
        account = register.add_staff(session, parts.passwords, person, username, private(PASSWORD), grants)
        return account.id, person.id

    return parts.database.run(write)


def add_citizen(parts: Parts, openid: str, name: str = "王小明", **traits: Any) -> UUID:
    """The person id of a citizen whose account is real-named already."""

    def write(session: Session) -> UUID:
        person = add_person(session, name, **traits)
        register.add_citizen_account(session, person, private(openid))
        return person.id

    return parts.database.run(write)


def years_ago(years: int) -> date:
    today = clock.today()
    return date(today.year - years, today.month, min(today.day, 28))


def let_pass(time: timedelta) -> None:
    """The product's clock goes on by so much; it comes back after the test."""
    clock.shift(clock.now() - clock.real_now() + time)
