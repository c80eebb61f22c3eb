"""A stage with everybody on it: one person's cases, and all who may or may not touch them.

The whole database can be put back to how it was set up, so that each try of a table stands for itself.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import requests
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.filings.acting import perform, system_step
from app.filings.models import Filing, IssuedPaper
from app.identity.actor import Role
from app.identity.models import Relation
from app.kit import clock
from app.kit.api.application import Application
from app.notices.models import Notice
from app.services.chronic_disease import seeds
from app.services.chronic_disease.packs import pack_for
from app.services.remote_care.models import RemoteCareRecord
from app.workflow.table import Action
from tests.faces import show_face
from tests.promises.chronic_story import be_offered
from tests.services.chronic_disease.clinic import CORONARY, DIABETES, HYPERTENSION, Clinic
from tests.settlement.bills import bill, drugs
from tests.world import API, Somebody, World, id_number

REGION, ELSEWHERE = "6109", "1401"
PARKINSON = "M02300"
PHONE = "phone-0123456789abcdef"
COLUMNS = (
    *("nobody", "stranger", "owner", "guardian", "other"),
    *(
        "handler",
        "outside",
        "relative",
        "desk",
        "supervisor",
        "expert",
        "drawn",
        "auditor",
        "agent",
        "admin",
        "terminal",
    ),
)


@dataclass
class Stage:
    """``callers``: by the names of the tables' columns. ``things``: what paths are filled with.

    corrections: by caller, the paper that the case which was sent back lacks. diseases: by case.
    """

    world: World
    path: Path
    callers: dict[str, Somebody] = field(default_factory=dict)
    cases: dict[str, dict[str, Any]] = field(default_factory=dict)
    things: dict[str, str] = field(default_factory=dict)
    corrections: dict[str, str] = field(default_factory=dict)
    diseases: dict[str, str] = field(default_factory=dict)
    _kept: sqlite3.Connection = field(default_factory=lambda: sqlite3.connect(":memory:"))

    @property
    def app(self) -> Application:
        return cast(Application, self.world.app)

    def endpoint(self, method: str, path: str) -> str:
        """The route that answers to this row of a table."""
        urls = self.app.url_map.bind("localhost")
        url, _, _ = path.format(**self.things).partition("?")
        for prefix in (API, ""):
            if urls.test(prefix + url, method):
                return str(urls.match(prefix + url, method)[0])
        raise KeyError(f"{method} {path}")

    def version(self, case: str) -> int:
        """How often the case was changed."""
        with self.world.parts.database.reading() as session:
            return session.get_one(Filing, UUID(self.things[case])).version

    def findings(self, case: str, *, met: bool) -> list[dict[str, Any]]:
        """Every criterion of a chronic case's disease, ticked alike."""
        rules = pack_for(REGION, clock.today()).diseases[self.diseases[case]]
        return [{"criterion": one.id, "met": met, "note": "见病历"} for one in rules.criteria]

    def keep(self) -> None:
        """Remember the database as it is now."""
        with closing(sqlite3.connect(self.path)) as source:
            source.backup(self._kept)

    def put_back(self) -> None:
        """The database as it was kept."""
        with closing(sqlite3.connect(self.path)) as target:
            self._kept.backup(target)

    def close(self) -> None:
        self._kept.close()


def set_up(app: Application, path: Path) -> Stage:
    """Everybody, and the owner's cases in each state. The owner is 16, so that a guardian acts for her too."""
    world = World(app)
    # The only expert of the city for the time being: every case is drawn to this one.
    clinic = Clinic(world, count=1, region=REGION)
    [drawn] = clinic.experts.values()
    stage = Stage(world, path)
    owner = world.citizen(region=REGION, age=16)
    guardian = world.citizen(region=REGION, age=44)
    world.relate(owner, guardian, Relation.PARENT, guardian=True)
    hospital = world.hospital("610902")
    relative = world.handler(REGION)
    world.relate(owner, relative, Relation.SIBLING)
    stage.callers = {
        "nobody": world.nobody,
        "stranger": world.stranger(),
        "owner": owner,
        "guardian": guardian,
        "other": world.citizen(region=REGION),
        "handler": world.handler(REGION),
        "outside": world.handler(ELSEWHERE),
        "relative": relative,
        "desk": world.desk(hospital),
        "supervisor": world.staff(Role.SUPERVISOR, REGION),
        "drawn": drawn,
        "auditor": world.staff(Role.AUDITOR, REGION),
        "agent": world.staff(Role.AGENT, "610902"),
        "admin": world.staff(Role.ADMINISTRATOR, REGION),
        "terminal": world.terminal(hospital),
    }
    _make_cases(stage, owner)
    _make_things(stage, owner, str(hospital.id))
    _make_chronic_cases(stage, clinic, owner)
    _activate_voucher(stage, owner, guardian)
    stage.things["offer"] = be_offered(world, stage.callers["terminal"], owner)["id"]
    _pay_a_bill(stage, owner)
    stage.callers["expert"] = clinic.expert()
    stage.keep()
    return stage


def _make_cases(stage: Stage, owner: Somebody) -> None:
    world, handler = stage.world, stage.callers["handler"]
    paper = world.paper(owner)
    stage.things["paper"] = paper["id"]
    stage.things["loose_paper"] = world.paper(owner, "social_card")["id"]
    cases = {
        "draft": world.filing(owner, "draft", care_region_code="4401"),
        "queued": world.filing(owner, "queued", care_region_code="31", material_ids=[paper["id"]]),
        "claimed": world.filing(owner, "queued", care_region_code="3201"),
        "sent_back": world.filing(owner, "needs_correction", care_region_code="3301"),
        "escalated": world.filing(owner, "queued", care_region_code="5101"),
        "withdrawn": world.filing(owner, "queued", care_region_code="4201"),
        "approved": world.filing(owner, "approved"),
    }
    cases["claimed"] = world.act(handler, cases["claimed"], "claim")
    cases["withdrawn"] = world.act(owner, cases["withdrawn"], "withdraw")
    world.write(lambda session: _escalate(session, UUID(cases["escalated"]["id"])))
    owner.ok("GET", f"/filings/{cases['approved']['id']}/form.pdf")
    for name in ("owner", "guardian"):
        stage.corrections[name] = world.paper(stage.callers[name], person_id=owner.person_id)["id"]
    stage.cases = {name: owner.ok("GET", f"/filings/{case['id']}") for name, case in cases.items()}
    stage.things |= {name: case["id"] for name, case in cases.items()}


def _make_things(stage: Stage, owner: Somebody, hospital_id: str) -> None:
    world = stage.world
    stage.things |= {"hospital": hospital_id, "owner": str(owner.person_id)}
    stage.things["in_region"] = f"region_code={REGION}"
    stage.things |= {"care": "care_region_code=1401", "for_owner": f"person_id={owner.person_id}"}

    def look(session: Session) -> Mapping[str, str]:
        record = session.execute(select(RemoteCareRecord.id)).scalars().one()
        notice = (
            session.execute(select(Notice.id).where(Notice.person_id == owner.person_id)).scalars().first()
        )
        code = session.execute(select(IssuedPaper.code)).scalars().one()
        return {"record": str(record), "notice": str(notice), "code": code}

    stage.things |= world.write(look)
    somebody_new = {"name": "令狐不在册", "id_no": id_number("110101", date(1990, 3, 7))}
    check = stage.callers["stranger"].ok("POST", "/real-name", somebody_new)
    stage.things["check"] = check["id"]
    control = f"{world.parts.settings.wechat_url}/_standin/facial-verify"
    passed = {"verify_id": check["verify_id"], "verify_ret": 10000}
    requests.post(control, json=passed, timeout=5).raise_for_status()


def _make_chronic_cases(stage: Stage, clinic: Clinic, owner: Somebody) -> None:
    """With the expert who was drawn, with the agency, refused, and approved with a benefit and its form."""
    drawn = stage.callers["drawn"]
    codes = {"with_expert": CORONARY, "certified": DIABETES, "refused": PARKINSON, "recognised": HYPERTENSION}
    for name, code in codes.items():
        case = clinic.apply(owner, code)
        assert clinic.named(case) == [drawn]
        if name != "with_expert":
            case = clinic.decide(drawn, case, code, certify=name != "refused")
        if name == "recognised":
            held = stage.world.act(
                stage.callers["handler"], owner.ok("GET", f"/filings/{case['id']}"), "claim"
            )
            stage.world.act(stage.callers["handler"], held, "approve")
            owner.ok("GET", f"/filings/{case['id']}/form.pdf")
        stage.cases[name] = owner.ok("GET", f"/filings/{case['id']}")
        stage.things[name] = case["id"]
        stage.diseases[name] = code
    paper = stage.cases["with_expert"]["papers"][0]
    stage.things["chronic_paper"] = paper["material_id"]
    query = select(IssuedPaper.code).where(IssuedPaper.filing_id == UUID(stage.things["recognised"]))
    stage.things["form_code"] = stage.world.write(lambda session: session.execute(query).scalar_one())
    [benefit] = owner.ok("GET", "/chronic/entitlements")["items"]
    stage.things |= {"entitlement": benefit["id"], "chosen": str(clinic.hospital.id)}
    seeds.commit_ahead(stage.world.parts.database)


def _activate_voucher(stage: Stage, owner: Somebody, guardian: Somebody) -> None:
    """The owner's voucher on her own phone and on her father's."""
    body = {"device_no": PHONE}
    stage.things["device"] = owner.ok("POST", "/voucher/activation", body)["device"]["id"]
    stage.things["shown"] = owner.ok("POST", "/voucher/codes", body)["id"]
    his = {**body, "person_id": stage.things["owner"], "real_name_id": str(show_face(guardian))}
    guardian.ok("POST", "/voucher/activation", his)


def _pay_a_bill(stage: Stage, owner: Somebody) -> None:
    """At the hospital's counter, with her card."""
    message = {"msgid": "STAGE-1", "input": bill(owner, drugs("12.00"))}
    answer = stage.callers["terminal"].ok("POST", "/terminal/transactions/2207", message)
    stage.things["settlement"] = answer["output"]["setlinfo"]["setl_id"]


def _escalate(session: Session, filing_id: UUID) -> None:
    """What the periodic job does with a case whose deadline has passed."""
    perform(session, session.get_one(Filing, filing_id), system_step(Action.ESCALATE))
