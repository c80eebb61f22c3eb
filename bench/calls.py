"""The calls that are measured, as a phone sends them."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

from app.gateways.parts import Parts
from bench import people
from bench.keys import Kind, key, sql_key

API: Final = "/api/v1"
CARE_REGION: Final = "1401"
"""太原: outside the province of the people."""
MED_TYPES: Final = ("11", "21", "41")


@dataclass(frozen=True)
class Request:
    """One HTTP request; ``body`` is sent as JSON."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: object = None

    def wire(self) -> str:
        """As it goes over the connection."""
        lines = [f"{self.method} {API}{self.path} HTTP/1.1", "Host: 127.0.0.1"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        content = "" if self.body is None else json.dumps(self.body)
        if self.body is not None:
            lines += ["Content-Type: application/json", f"Content-Length: {len(content.encode())}"]
        return "\r\n".join([*lines, "", content])


@dataclass(frozen=True)
class Call:
    """A call to measure, as ``request`` (bearer token or "", number of the person) makes it.

    submission: it makes a case, so each person sends it once; otherwise readers send it in turn.
    expected: stands in every answer that is right.
    opens: the answer shows what is sealed, which in the cases made in bulk is no words.
    known: what its statements hold that belongs to the person, in SQL (``known_values``).
    """

    name: str
    title: str
    request: Callable[[str, int], Request]
    status: int = 200
    expected: str = ""
    submission: bool = False
    needs_token: bool = True
    opens: bool = False
    known: Callable[[int, range], dict[object, str]] | None = None


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _get(path: str) -> Callable[[str, int], Request]:
    return lambda token, _number: Request("GET", path, _bearer(token))


def _file(token: str, _number: int) -> Request:
    form = {
        "category": "other_temporary",
        "care_region_code": CARE_REGION,
        "proof": "commitment",
        "commitment_accepted": True,
        "reason": "去外地看望女儿时需要复诊",
    }
    headers = {**_bearer(token), "Idempotency-Key": str(uuid4())}
    body = {"service_code": "remote_care", "form": form, "material_ids": [], "submit": True}
    return Request("POST", "/filings", headers, body)


def _ask(token: str, number: int) -> Request:
    """Not all ask the same: each about one of many cities, and one of three kinds of care."""
    places = people.cities(people.AGENCIES)[1:]
    care, med_type = places[number // 7 % len(places)], MED_TYPES[number // 3 % len(MED_TYPES)]
    query = f"care_region_code={care}&med_type={med_type}"
    return Request("GET", f"/remote-care/advice?{query}", _bearer(token))


def _sign_in(_token: str, number: int) -> Request:
    js_code = f"demo.{people.openid(number)}.{uuid4().hex}"
    return Request("POST", "/auth/wechat", body={"js_code": js_code})


FILING: Final = Call("filing", "instant filing", _file, 201, submission=True)
CASES: Final = Call("cases", "list of my cases", _get("/filings?scope=mine"))
ADVICE: Final = Call("advice", "advice", _ask)
SIGN_IN: Final = Call("sign_in", "sign-in by WeChat", _sign_in, needs_token=False)
CALLS: Final = (FILING, CASES, ADVICE, SIGN_IN)

QUEUE: Final = Call("queue", "queue of a handler", _get("/filings?scope=queue"))
LISTS: Final = (
    CASES,
    Call("cases_of_a_kind", "list of my approved cases", _get("/filings?scope=mine&status=approved")),
    Call("subject", "list of cases about me", _get("/filings?scope=subject")),
    QUEUE,
    Call("records", "list of my records", _get("/remote-care/records")),
    Call("notices", "list of my notices", _get("/me/notices"), opens=True),
    Call("accesses", "list of accesses", _get("/me/accesses")),
)
"""Whose plans are checked."""


def requests(parts: Parts, call: Call, numbers: range) -> Iterator[Request]:
    """A request of each of these people."""
    for number in numbers:
        yield call.request(people.token(parts, number) if call.needs_token else "", number)


def known_values(number: int, numbers: range) -> dict[object, str]:
    """What the statements of a person's call hold that belongs to the person → the same for person ``:p`` in SQL.

    numbers: the people among whom pgbench picks; ``:r`` is the place of ``:p`` among them.
    """
    found: dict[object, str] = {
        key(kind, number): sql_key(kind, ":p")
        for kind in (Kind.PERSON, Kind.ACCOUNT, Kind.LOGIN, Kind.COVERAGE, Kind.SESSION)
    }
    indexes = ", ".join(f"'{people.openid_index(one)}'" for one in numbers[:INDEXES])
    found[people.openid_index(number)] = f"(ARRAY[{indexes}])[1 + :r % {min(INDEXES, len(numbers))}]"
    return found


INDEXES: Final = 200
"""So many blind indexes of openids stand in a script: SQL cannot compute them."""
