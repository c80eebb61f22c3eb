"""Somebody who calls the API in tests; and names, numbers and photographs, another one at each call."""

import io
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from flask import Flask
from PIL import Image
from stdnum.cn import ric
from werkzeug.test import TestResponse

API = "/api/v1"
SYSTEM = ("/healthz", "/readyz", "/metrics", "/docs", "/openapi.json")
Watcher = Callable[[str, str, TestResponse], None]
"""Sees each call of the world's people: method, address, answer."""
numbers = itertools.count(1)
_SURNAMES = ("欧阳", "司徒", "诸葛", "皇甫", "令狐", "慕容", "端木", "宇文")
_GIVEN = "岚芷衡蓁珩骁彧砚湉翊棠晗懿沅稷"


@dataclass(frozen=True)
class Somebody:
    """An account that is signed in, with what it takes to call the API. Safe to use from several threads.

    login: the user name of staff or the client id of a terminal; the password of both is PASSWORD.
    """

    app: Flask = field(repr=False)
    account_id: UUID
    person_id: UUID | None
    headers: Mapping[str, str] = field(repr=False)
    name: str = field(default="", repr=False)
    id_no: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    openid: str = field(default="", repr=False)
    login: str = field(default="", repr=False)
    organisation_id: UUID | None = None

    def send(
        self, method: str, path: str, json: object = None, *, key: str | None = None, **options: Any
    ) -> TestResponse:
        """Call ``path`` below /api/v1, or one of the system's own. key: the Idempotency-Key.

        headers=… is added to the token's; other options are of werkzeug's test client.
        """
        headers = {**self.headers, **options.pop("headers", {})}
        if key is not None:
            headers["Idempotency-Key"] = key
        if json is not None:
            options["json"] = json
        options.setdefault("buffered", True)
        client = self.app.test_client(use_cookies=False)
        prefix = "" if path.startswith(SYSTEM) else API
        answer = client.open(prefix + path, method=method, headers=headers, **options)
        for watch in self.app.extensions.get("watchers", ()):
            watch(method, prefix + path, answer)
        return answer

    def ok(self, method: str, path: str, json: object = None, **options: Any) -> Any:
        """The answer's body; fails with the answer's text unless it is a success."""
        answer = self.send(method, path, json, **options)
        assert answer.status_code < 400, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.get_json() if answer.is_json else answer.get_data()

    def refused(self, method: str, path: str, json: object = None, **options: Any) -> tuple[int, str]:
        """(status, code) of the problem document; fails if it is none."""
        answer = self.send(method, path, json, **options)
        assert answer.content_type == "application/problem+json", f"{answer.status_code} {answer.text}"
        return answer.status_code, answer.get_json()["code"]


@dataclass(frozen=True)
class Hospital:
    """A designated hospital and the organisation under which its desk works."""

    id: UUID
    organisation_id: UUID
    region_code: str


def id_number(region: str, born: date) -> str:
    """A valid resident ID number, another one at each call."""
    body = f"{region[:6].ljust(6, '0')}{born:%Y%m%d}{next(numbers) % 1000:03d}"
    return body + ric.calc_check_digit(body + "0")


def person_name(number: int) -> str:
    """A name with characters that occur in no other text."""
    size = len(_GIVEN)
    given = _GIVEN[number % size] + _GIVEN[number // size % size]
    return _SURNAMES[number // size // size % len(_SURNAMES)] + given


def photograph() -> bytes:
    """A small sound photograph, another one at each call."""
    shade = next(numbers)
    picture = Image.new("RGB", (320, 240), (shade % 256, shade // 256 % 256, 90))
    picture.paste((20, 200, shade * 7 % 256), (0, 0, 160, 240))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG")
    return buffer.getvalue()
