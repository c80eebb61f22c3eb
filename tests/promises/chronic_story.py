"""The chronic-disease part of the story: from the application to the form, an appeal, a withdrawn benefit, an offer.

Whoever writes words of their own names the patient in them, so that a test can look where they end up.
"""

import io
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.filings.models import IssuedPaper
from app.identity.actor import Role
from app.kit import clock
from app.services.chronic_disease import screening, seeds
from tests.services.chronic_disease.clinic import CORONARY, HYPERTENSION, Clinic
from tests.world import Somebody, World

REGION = "6109"
JOINTS_STAY = "M05.900"
"""A stay for it proves rheumatoid arthritis as a chronic disease."""


def tell_of_chronic_disease(world: World, citizen: Somebody, name: str, id_no: str) -> str:
    """Everything below, in order: the id of the case. name, id_no: of the citizen, insured in 安康."""
    clinic = Clinic(world, region=REGION)
    _look_around(world)
    case = clinic.apply(citizen, HYPERTENSION, CORONARY, note=f"{name}，家住{REGION}")
    for expert in clinic.named(case):
        _judge(clinic, expert, case, name)
    case = clinic.review(citizen.ok("GET", f"/filings/{case['id']}"))
    _check_the_form(world, citizen, case["id"])
    _choose_and_lose(world, clinic, citizen, name)
    _appeal(clinic, citizen, case["id"], name)
    _be_offered(world, clinic, citizen, id_no)
    return str(case["id"])


def _look_around(world: World) -> None:
    seeds.commit_ahead(world.parts.database)
    for path in ("diseases", "draws", "diseases?benefit=two_disease"):
        address = f"/chronic/{path}{'&' if '?' in path else '?'}region_code={REGION}"
        world.nobody.ok("GET", address)
        world.nobody.ok("GET", address, headers={"Accept-Language": "en"})


def _judge(clinic: Clinic, expert: Somebody, case: dict[str, Any], name: str) -> None:
    """Look at the papers, certify hypertension, refuse the heart."""
    [waiting] = expert.ok("GET", "/filings?scope=queue")["items"]
    for paper in expert.ok("GET", f"/filings/{waiting['id']}")["papers"]:
        expert.ok("GET", f"/materials/{paper['material_id']}/content")
    for headers in ({}, {"Accept-Language": "en"}):
        items = expert.ok("GET", f"/chronic/cases/{case['id']}", headers=headers)["items"]
    for code in [item["disease_code"] for item in items if item["yours"]]:
        certify = code == HYPERTENSION
        findings = [{**one, "note": f"{name}的小结第 2 页"} for one in clinic.findings(code, met=certify)]
        data = {"disease_code": code, "findings": findings}
        more = {} if certify else {"reason": f"{name}的造影报告看不清"}
        seen = expert.ok("GET", f"/filings/{case['id']}")
        clinic.world.act(expert, seen, "certify" if certify else "refuse", data=data, **more)


def _check_the_form(world: World, citizen: Somebody, filing_id: str) -> None:
    """Download it, check its code as JSON and as a page, and the file itself."""
    pdf = citizen.ok("GET", f"/filings/{filing_id}/form.pdf")
    newest = select(IssuedPaper.code).where(IssuedPaper.filing_id == UUID(filing_id))
    code = world.write(lambda session: session.execute(newest).scalar_one())
    assert world.nobody.ok("GET", f"/verify/{code}")["genuine"]
    assert "<html" in world.nobody.send("GET", f"/verify/{code}", headers={"Accept": "text/html"}).text
    for content, unchanged in ((pdf, True), (pdf + b"\n", False)):
        form = {"file": (io.BytesIO(content), "form.pdf")}
        answer = world.nobody.ok(
            "POST", f"/verify/{code}/file", data=form, content_type="multipart/form-data"
        )
        assert answer["unchanged"] is unchanged


def _choose_and_lose(world: World, clinic: Clinic, citizen: Somebody, name: str) -> None:
    """Choose institutions; then the agency withdraws the benefit, and the person reads why."""
    citizen.ok("GET", "/chronic/entitlements", headers={"Accept-Language": "en"})
    [benefit] = citizen.ok("GET", "/chronic/entitlements")["items"]
    path = f"/chronic/entitlements/{benefit['id']}"
    choice = {"institution_ids": [str(clinic.hospital.id)], "expected_version": benefit["version"]}
    benefit = citizen.ok("PUT", f"{path}/institutions", choice)
    reason = {"reason": f"{name}的材料经核查不实", "expected_version": benefit["version"]}
    world.handler(REGION).ok("POST", f"{path}/actions", {"action": "withdraw", **reason})
    assert citizen.ok("GET", "/chronic/entitlements")["items"][0]["withdrawn_reason"] == reason["reason"]


def _appeal(clinic: Clinic, citizen: Somebody, filing_id: str, name: str) -> None:
    """The second expert misses something, and agrees when it is there; the third decides, and the agency approves."""
    world = clinic.world
    seen = citizen.ok("GET", f"/filings/{filing_id}")
    case = world.act(citizen, seen, "appeal", reason=f"{name}上周又做了造影")
    expert = clinic.expert_of(case)
    items = [{"kind": "examination_report", "text": f"请补{name}的造影报告"}]
    seen = expert.ok("GET", f"/filings/{filing_id}")
    world.act(expert, seen, "request_correction", items=items, reason=f"看不到{name}的报告")
    paper = world.paper(citizen, "examination_report")
    back = citizen.ok("GET", f"/filings/{filing_id}")
    case = world.act(citizen, back, "resubmit", material_ids=[paper["id"]])
    assert clinic.expert_of(case) == expert
    case = clinic.decide(expert, case, CORONARY, certify=True)
    third = clinic.expert_of(citizen.ok("GET", f"/filings/{filing_id}"))
    clinic.decide(third, case, CORONARY, certify=True)
    clinic.review(citizen.ok("GET", f"/filings/{filing_id}"))
    supervisor = world.staff(Role.SUPERVISOR, REGION)
    supervisor.ok("GET", f"/filings/{filing_id}/events")


def _be_offered(world: World, clinic: Clinic, citizen: Somebody, id_no: str) -> None:
    """A hospital reports a stay that proves a disease, and rows that are wrong; the person declines the offer."""
    terminal = world.terminal(clinic.hospital)
    good = a_stay(id_no)
    wrong = [{**good, "visit_no": "ZY-2", "id_no": id_no[:-1]}, {**good, "visit_no": "ZY-3", "kind": id_no}]
    taken = terminal.ok("POST", "/visits", {"visits": wrong})
    assert (taken["taken"], len(taken["bad"])) == (0, 2)
    offer = be_offered(world, terminal, citizen, id_no)
    decline = {"action": "decline", "expected_version": offer["version"]}
    answered = citizen.ok("POST", f"/chronic/offers/{offer['id']}/actions", decline)
    assert answered["offer"]["status"] == "declined"


def be_offered(
    world: World, terminal: Somebody, citizen: Somebody, id_no: str | None = None
) -> dict[str, Any]:
    """A stay that proves a disease, reported and screened: the offer."""
    taken = terminal.ok("POST", "/visits", {"visits": [a_stay(id_no or citizen.id_no)]})
    assert taken["taken"] == 1
    screening.screen(world.parts.database)
    [offer] = citizen.ok("GET", "/chronic/offers")["items"]
    return dict(offer)


def a_stay(id_no: str) -> dict[str, str]:
    """A finished stay for rheumatoid arthritis, as a hospital reports it."""
    left = clock.today() - timedelta(days=10)
    return {
        "visit_no": "ZY-1",
        "id_no": id_no,
        "kind": "inpatient",
        "icd10": JOINTS_STAY,
        "visited_on": (left - timedelta(days=7)).isoformat(),
        "discharged_on": left.isoformat(),
        "diagnosis": "类风湿关节炎",
    }
