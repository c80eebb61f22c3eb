"""``python -m bench.chronic_case``: what the machine itself adds to a chronic-disease case in which nobody waits.

The patient uploads and submits, the expert who was drawn looks and certifies, the agency claims and approves, the patient
downloads the recognition form: each step through the whole application in this process, without a network.
"""

import argparse
import io
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final
from uuid import UUID

from flask import Flask
from PIL import Image
from rich.console import Console
from rich.table import Table
from sqlalchemy import select
from sqlalchemy.orm import Session
from stdnum.cn import ric

from app import create_app
from app.config import Settings
from app.filings.models import Assignment
from app.gateways.parts import Parts, build_parts
from app.identity import register, sessions
from app.identity.actor import OrganisationKind, Role
from app.identity.models import Account, InsuType
from app.kit import clock, logs
from app.kit.migrate import upgrade
from app.kit.passwords import Passwords
from app.services.chronic_disease import experts
from app.services.chronic_disease.pack_model import SPECIALTIES
from app.services.chronic_disease.packs import pack_for
from bench import database

API: Final = "/api/v1"
REGION: Final = "610727"
DISEASE: Final = "M03900"
STEPS: Final = (
    "upload (each)",
    "submit",
    "expert looks",
    "expert certifies",
    "agency claims",
    "agency approves",
    "form",
)
EXPERTS: Final = 25


@dataclass(frozen=True)
class County:
    """Who takes part: tokens by account, the experts' and the handler's."""

    tokens: dict[UUID, str]
    handler: str


def main(argv: Sequence[str] | None = None) -> int:
    """0: measured on SQLite, and on PostgreSQL where one answers."""
    parser = argparse.ArgumentParser(prog="python -m bench.chronic_case", description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=20, help="how many cases (default 20)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    arguments = parser.parse_args(argv)
    logs.configure("error")
    found: dict[str, dict[str, float]] = {}
    with TemporaryDirectory(prefix="zhangban-bench-") as folder:
        found["SQLite"] = measure(f"sqlite:///{folder}/bench.sqlite3", Path(folder), arguments.cases)
        with database.server().database() as scratch:
            found["PostgreSQL"] = measure(scratch.url, Path(folder), arguments.cases)
    if arguments.json:
        json.dump(found, sys.stdout, indent=2)
        sys.stdout.write("\n")
    else:
        _show(found)
    return 0


def measure(url: str, folder: Path, cases: int) -> dict[str, float]:
    """Median milliseconds of each step; ``total`` is one case from submission to form, without the uploads."""
    upgrade(url)
    settings = replace(
        Settings(), database_url=url, data_dir=folder, rate_limits=False, uploads_per_person_per_day=10_000
    )
    parts = build_parts(settings)
    try:
        app = create_app(settings, parts)
        county = parts.database.run(lambda session: _county(session, parts))
        # The first case loads packs, fonts and regions.
        times = [_case(app, parts, county, number) for number in range(cases + 1)][1:]
    finally:
        parts.database.dispose()
    found = {step: round(median(one[step] for one in times), 1) for step in STEPS}
    return {
        **found,
        "total": round(median(sum(v for k, v in one.items() if k != STEPS[0]) for one in times), 1),
    }


def _county(session: Session, parts: Parts) -> County:
    cheap = Passwords(memory_kib=64, rounds=1, lanes=1)
    pool = register.add_organisation(
        session, kind=OrganisationKind.EXPERT_POOL, name="鉴定专家库", region_code=REGION
    )
    agency = register.add_organisation(
        session, kind=OrganisationKind.AGENCY, name="经办中心", region_code=REGION
    )
    tokens = {}
    for number in range(EXPERTS):
        person = _person(session, number, 1970)
        account = register.add_staff(
            session, cheap, person, f"bench-expert-{number}", "bench-password", [(Role.EXPERT, pool)]
        )
        experts.add_profile(
            session,
            account_id=account.id,
            person_id=person.id,
            organisation_id=pool.id,
            specialties=SPECIALTIES,
            hospital="汉中市中心医院",
            title="主任医师",
        )
        tokens[account.id] = sessions.begin(session, parts, account).access_token
    handler = register.add_staff(
        session, cheap, None, "bench-handler", "bench-password", [(Role.HANDLER, agency)]
    )
    return County(tokens, sessions.begin(session, parts, handler).access_token)


def _person(session: Session, number: int, year: int) -> Any:
    body = f"{REGION}{date(year, 1, 1):%Y%m%d}{number:03d}"
    id_no = body + ric.calc_check_digit(body + "0")
    return register.add_person(session, name="张三丰", id_no=id_no, phone=f"139{year}{number:04d}")


def _patient(session: Session, parts: Parts, number: int) -> str:
    person = _person(session, number, 1950)
    register.add_coverage(
        session, person, insutype=InsuType.RESIDENT, region_code=REGION, begin_date=date(2020, 1, 1)
    )
    account: Account = register.add_citizen_account(session, person, f"openid-bench-chronic-{number}")
    return sessions.begin(session, parts, account).access_token


class _Timed:
    """Calls the application and keeps how long each step took, in milliseconds."""

    def __init__(self, app: Flask) -> None:
        self._client = app.test_client(use_cookies=False)
        self.millis: dict[str, float] = {}

    def __call__(self, step: str, token: str, method: str, path: str, **options: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        began = time.perf_counter()
        answer = self._client.open(API + path, method=method, headers=headers, **options)
        self.millis[step] = (time.perf_counter() - began) * 1000
        if answer.status_code >= 400:
            raise RuntimeError(f"{step}: {answer.status_code} {answer.get_data(as_text=True)[:300]}")
        return answer.get_json() if answer.is_json else answer.get_data()


def _case(app: Flask, parts: Parts, county: County, number: int) -> dict[str, float]:
    call = _Timed(app)
    token = parts.database.run(lambda session: _patient(session, parts, number))
    rules = pack_for(REGION, clock.today()).diseases[DISEASE]
    kinds = dict.fromkeys(rule.kinds[0] for rule in rules.papers)
    papers = [
        call(STEPS[0], token, "POST", "/materials", data=_photograph(number, place, kind))["id"]
        for place, kind in enumerate(kinds)
    ]
    entry = {"disease_code": DISEASE, "diagnosed_on": "2026-01-05", "hospital_name": "略阳县人民医院"}
    body = {
        "service_code": "chronic_disease",
        "form": {"diseases": [entry]},
        "material_ids": papers,
        "submit": True,
    }
    case = call(STEPS[1], token, "POST", "/filings", json=body)
    expert = county.tokens[_named(parts, UUID(case["id"]))]
    seen = call(STEPS[2], expert, "GET", f"/filings/{case['id']}")
    findings = [{"criterion": one.id, "met": True, "note": "见出院小结"} for one in rules.criteria]
    act = f"/filings/{case['id']}/actions"
    version = {"expected_version": seen["version"]}
    case = call(
        STEPS[3], expert, "POST", act, json={"action": "certify", **version, "data": {"findings": findings}}
    )
    for step, action in ((STEPS[4], "claim"), (STEPS[5], "approve")):
        body = {"action": action, "expected_version": case["version"]}
        case = call(step, county.handler, "POST", act, json=body)
    call(STEPS[6], token, "GET", f"/filings/{case['id']}/form.pdf")
    return call.millis


def _photograph(number: int, place: int, kind: str) -> dict[str, Any]:
    """A photograph as phones send it: 12 megapixels would only measure the picture library; this has 3."""
    picture = Image.new("RGB", (2048, 1536), (number % 256, place * 40 % 256, 90))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG")
    return {"file": (io.BytesIO(buffer.getvalue()), "photo.jpg"), "kind": kind}


def _named(parts: Parts, filing_id: UUID) -> UUID:
    with parts.database.reading() as session:
        query = select(Assignment.account_id).where(
            Assignment.filing_id == filing_id, Assignment.ended_at.is_(None)
        )
        return session.execute(query).scalar_one()


def _show(found: dict[str, dict[str, float]]) -> None:
    table = Table("step", *found, title="A case in which nobody waits, median ms", title_justify="left")
    for step in (*STEPS, "total"):
        table.add_row(step, *(f"{one[step]:.1f}" for one in found.values()))
    Console(highlight=False).print(table)


if __name__ == "__main__":
    sys.exit(main())
