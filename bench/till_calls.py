"""The calls of scanning and settling that are measured, as a pharmacy's system and a phone send them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from app.kit import clock
from app.vouchers import codes, tokens
from bench import tills
from bench.calls import Call, Request
from bench.keys import Kind, key, sql_key
from bench.tills import Till

FIRST_STEP: Final = 50_000_000
FIRST_STEP_OF_PREVIEWS: Final = 45_000_000
"""A person's code is of the step of that name + the person's number: long ago, and of nobody else."""
_PGBENCH_STEP: Final = 40_000_000
DONE: Final = '"infcode":0'


def calls(found: Sequence[Till]) -> tuple[Call, ...]:
    """settle, decode, preview, image."""

    def known(number: int, _numbers: range) -> dict[object, str]:
        return {**_of_person(number), **_of_till(found, number)}

    def settling(infno: str, first_step: int) -> Callable[[str, int], Request]:
        path = f"/terminal/transactions/{infno}"

        def request(_token: str, number: int) -> Request:
            till = _till(found, number)
            return Request("POST", path, _bearer(till.token), tills.bill(till, number, first_step + number))

        return request

    def decode(_token: str, number: int) -> Request:
        body = {"code": tills.code(number), "business_type": "02121"}
        return Request("POST", "/terminal/decode", _bearer(_till(found, number).token), body)

    def image(token: str, number: int) -> Request:
        now = clock.now()
        shown = tokens.make_picture_id(tills.code(number), codes.step_at(now), key(Kind.ACCOUNT, number), now)
        return Request("GET", f"/voucher/codes/{shown}/image?format=png&symbology=qr", _bearer(token))

    of_tills = (
        Call("settle", "settle (2207)", settling("2207", FIRST_STEP), expected=DONE, submission=True),
        Call("decode", "decode", decode, expected='"ec_token"', submission=True),
        Call("preview", "preview (2206)", settling("2206", FIRST_STEP_OF_PREVIEWS), expected=DONE),
    )
    return (
        *(replace(call, needs_token=False, known=known) for call in of_tills),
        Call("image", "code image", image, expected="PNG"),
    )


def _till(found: Sequence[Till], number: int) -> Till:
    return found[number % len(found)]


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _of_person(number: int) -> dict[object, str]:
    purse = sql_key(Kind.PURSE, ":p")
    kinds = (Kind.PERSON, Kind.ACCOUNT, Kind.COVERAGE, Kind.SESSION, Kind.VOUCHER)
    return {
        **{key(kind, number): sql_key(kind, ":p") for kind in kinds},
        key(Kind.PURSE, number): purse,
        str(key(Kind.PURSE, number)): f"{purse}::text",
        tills.handle(number): f"lpad((:p)::text, {len(tills.handle(number))}, '0')",
        FIRST_STEP + number: f"({_PGBENCH_STEP} + :n)::int",
        FIRST_STEP_OF_PREVIEWS + number: str(_PGBENCH_STEP),
    }


def _of_till(found: Sequence[Till], number: int) -> dict[object, str]:
    """What belongs to the person's till → the same of the till of ``:p``, as the calls choose it."""

    def pick(of: Callable[[Till], UUID]) -> str:
        values = ", ".join(f"'{of(till)}'" for till in found)
        return f"(ARRAY[{values}])[1 + (:p % {len(found)})]"

    picks: dict[object, str] = {}
    till = _till(found, number)
    for of in (_session, _account, _organisation, _institution):
        picks[of(till)] = f"{pick(of)}::uuid"
        picks[str(of(till))] = pick(of)
    return picks


def _session(till: Till) -> UUID:
    return till.session_id


def _account(till: Till) -> UUID:
    return till.account_id


def _organisation(till: Till) -> UUID:
    return till.organisation_id


def _institution(till: Till) -> UUID:
    return till.institution_id
