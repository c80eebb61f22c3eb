"""A county with a pool of experts, a hospital and an agency, for the tests of chronic disease.

clinic = Clinic(World(app))
patient = clinic.world.citizen(region="610727")
case = clinic.apply(patient, "M03900")
expert = clinic.expert_of(case)
clinic.certify(expert, case)
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any, Self
from uuid import UUID

from sqlalchemy import select

from app.filings.deadlines import work_off_overdue
from app.filings.models import Assignment
from app.identity.actor import OrganisationKind, Role
from app.kit import clock
from app.services.chronic_disease import experts
from app.services.chronic_disease.models import ExpertProfile
from app.services.chronic_disease.pack_model import SPECIALTIES
from app.services.chronic_disease.packs import pack_for
from tests.world import Somebody, World

REGION = "610727"
HYPERTENSION, DIABETES, CORONARY = "M03900", "M01600", "M04600"
ELSEWHERE = "汉中市中心医院"
"""Where the experts work: not the hospital of the diagnosis."""


class Clinic:
    """略阳 with ``count`` experts who all know every specialty."""

    def __init__(self, world: World, count: int = 4, region: str = REGION) -> None:
        self.world = world
        self.region = region
        self.pool = world._organisation(OrganisationKind.EXPERT_POOL, "鉴定专家库", region)
        self.hospital = world.hospital(region)
        self.experts: dict[UUID, Somebody] = {}
        for _ in range(count):
            self.expert()

    def of_another_test(self) -> Self:
        """The same place, for a test that shares its story and may add to the people in it."""
        other = copy(self)
        other.experts = dict(self.experts)
        return other

    def expert(
        self,
        *,
        specialties: Sequence[str] | None = None,
        hospital: str = ELSEWHERE,
        daily_limit: int | None = None,
    ) -> Somebody:
        """One more expert."""
        found = self.world.staff(Role.EXPERT, self.region, organisation_id=self.pool)
        known = SPECIALTIES if specialties is None else specialties
        person_id = found.person_id
        assert person_id is not None
        self.world.write(
            lambda session: experts.add_profile(
                session,
                account_id=found.account_id,
                person_id=person_id,
                organisation_id=self.pool,
                specialties=known,
                hospital=hospital,
                title="主任医师",
                daily_limit=daily_limit,
            )
        )
        self.experts[found.account_id] = found
        return found

    def papers_for(self, patient: Somebody, *codes: str, benefit: str = "diseases") -> list[str]:
        """Everything that the region's criteria ask for these diseases: material ids."""
        pack = pack_for(self.region, clock.today())
        rules = [getattr(pack, benefit)[code] for code in codes]
        kinds = dict.fromkeys(paper.kinds[0] for rule in rules for paper in rule.papers)
        return [str(self.world.paper(patient, kind)["id"]) for kind in kinds]

    def form(self, *codes: str, **more: object) -> dict[str, object]:
        day = clock.today().replace(day=1).isoformat()
        entry = {"diagnosed_on": day, "institution_id": str(self.hospital.id)}
        return {"diseases": [{"disease_code": code, **entry} for code in codes], **more}

    def apply(
        self,
        patient: Somebody,
        *codes: str,
        service: str = "chronic_disease",
        material_ids: Sequence[str] | None = None,
        **more: object,
    ) -> dict[str, Any]:
        """A submitted application with all papers: the case as the API answers."""
        benefit = "diseases" if service == "chronic_disease" else "two_disease"
        papers = self.papers_for(patient, *codes, benefit=benefit) if material_ids is None else material_ids
        body = {
            "service_code": service,
            "form": self.form(*codes, **more),
            "material_ids": list(papers),
            "submit": True,
        }
        case: dict[str, Any] = patient.ok("POST", "/filings", body)
        return case

    def named(self, case: Mapping[str, Any]) -> list[Somebody]:
        """The experts who are named for the case now."""
        query = select(Assignment.account_id).where(
            Assignment.filing_id == UUID(case["id"]), Assignment.ended_at.is_(None)
        )
        rows = self.world.write(lambda session: list(session.execute(query).scalars()))
        return [self.experts[account_id] for account_id in rows]

    def expert_of(self, case: Mapping[str, Any]) -> Somebody:
        [only] = self.named(case)
        return only

    def findings(self, code: str, *, met: bool = True, benefit: str = "diseases") -> list[dict[str, Any]]:
        """Every criterion of a disease, ticked alike."""
        rules = getattr(pack_for(self.region, clock.today()), benefit)[code]
        note = "见出院小结第 2 页" if met else "材料看不出"
        return [{"criterion": one.id, "met": met, "note": note} for one in rules.criteria]

    def decide(
        self, expert: Somebody, case: Mapping[str, Any], code: str, *, certify: bool, **more: object
    ) -> dict[str, Any]:
        """Certify with everything met, or refuse with nothing met."""
        fresh = expert.ok("GET", f"/filings/{case['id']}")
        data = {"disease_code": code, "findings": self.findings(code, met=certify)}
        action = "certify" if certify else "refuse"
        reason = {} if certify else {"reason": "未达到认定标准"}
        return self.world.act(expert, fresh, action, data=data, **{**reason, **more})

    def review(self, case: Mapping[str, Any], action: str = "approve", **more: object) -> dict[str, Any]:
        """The agency claims the case and decides."""
        handler = self.world.handler(self.region)
        held = self.world.act(handler, handler.ok("GET", f"/filings/{case['id']}"), "claim")
        return self.world.act(handler, held, action, **more)

    def ask(self, expert: Somebody, case: Mapping[str, Any], *kinds: str, **more: object) -> dict[str, Any]:
        """An expert asks for papers of these kinds."""
        items = [{"kind": kind, "text": f"请补{kind}"} for kind in kinds]
        fresh = expert.ok("GET", f"/filings/{case['id']}")
        asked = {"items": items, "reason": "材料看不清", **more}
        return self.world.act(expert, fresh, "request_correction", **asked)

    def do(self, who: Somebody, case: Mapping[str, Any], action: str, **more: object) -> dict[str, Any]:
        """An action on the case as it stands now."""
        return self.world.act(who, who.ok("GET", f"/filings/{case['id']}"), action, **more)

    def refused(self, who: Somebody, case: Mapping[str, Any], action: str, **more: object) -> tuple[int, str]:
        """(status, code) of an action that is refused."""
        version = who.ok("GET", f"/filings/{case['id']}")["version"]
        body = {"action": action, "expected_version": version, **more}
        return who.refused("POST", f"/filings/{case['id']}/actions", body)

    def items(self, who: Somebody, case: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """The diseases of a case by code, as somebody sees them."""
        answer = who.ok("GET", f"/chronic/cases/{case['id']}")
        return {item["disease_code"]: item for item in answer["items"]}

    def states(self, who: Somebody, case: Mapping[str, Any]) -> dict[str, str]:
        """Where each disease stands."""
        return {code: item["status"] for code, item in self.items(who, case).items()}

    def decide_all(self, case: Mapping[str, Any], *certified: str) -> None:
        """Every expert who is named decides what waits for him or her: these diseases certified, the others not."""
        for expert in self.named(case):
            for code, item in self.items(expert, case).items():
                if item["yours"]:
                    self.decide(expert, case, code, certify=code in certified)

    def decide_all_of(self, expert: Somebody, case: Mapping[str, Any], *, certify: bool = True) -> None:
        """One expert decides everything that waits for him or her, all alike."""
        for code, item in self.items(expert, case).items():
            if item["yours"]:
                self.decide(expert, case, code, certify=certify)

    def again(self, who: Somebody) -> Somebody:
        """The same, signed in anew: tokens end while the clock travels."""
        headers = {"Authorization": f"Bearer {self.world.sign_in(who.account_id)}"}
        later = replace(who, headers=headers)
        if who.account_id in self.experts:
            self.experts[who.account_id] = later
        return later

    @contextmanager
    def later(self, day: date, hour: int = 10) -> Iterator[None]:
        """On another day, everybody signed in anew."""
        with clock.travel(datetime.combine(day, time(hour), clock.CHINA)):
            for expert in list(self.experts.values()):
                self.again(expert)
            yield
        for expert in list(self.experts.values()):
            self.again(expert)

    def assignments(self, case: Mapping[str, Any]) -> list[Assignment]:
        """Everybody who was ever named for the case, the first one first."""
        query = select(Assignment).where(Assignment.filing_id == UUID(case["id"])).order_by(Assignment.id)
        return self.world.write(lambda session: list(session.execute(query).scalars()))

    def overdue(self) -> int:
        """What is due by itself."""
        return work_off_overdue(self.world.parts.database)

    def notices(self, who: Somebody, kind: str) -> list[str]:
        """What somebody was told of one kind, the latest first."""
        return [one["text"] for one in who.ok("GET", "/me/notices")["items"] if one["kind"] == kind]

    def profile(self, expert: Somebody) -> ExpertProfile:
        return self.world.write(
            lambda session: session.execute(
                select(ExpertProfile).where(ExpertProfile.account_id == expert.account_id)
            ).scalar_one()
        )
