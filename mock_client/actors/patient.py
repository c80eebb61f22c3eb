"""What somebody does who is ill for long: apply for 门诊慢特病 or 两病, appeal, choose institutions."""

from collections.abc import Mapping, Sequence

from mock_client.actors.base import Actor
from mock_client.actors.telling import (
    tell_case,
    tell_disease,
    tell_entitlement,
    tell_filing,
    tell_offer,
)
from mock_client.answers import JsonValue
from mock_client.api.chronic import CaseAnswer, DiseaseAnswer, EntitlementAnswer
from mock_client.api.filings import FilingAnswer, Form
from mock_client.api.offers import OfferAnswer
from mock_client.api.places import InstitutionAnswer
from mock_client.checks import NotAsItMustBe, must, the_one

CHRONIC = "chronic_disease"
TWO_DISEASE = "two_disease"

Entry = Mapping[str, JsonValue]
"""One disease of the form."""


def diagnosis(code: str, hospital: InstitutionAnswer, diagnosed_on: str, papers: Sequence[str] = ()) -> Entry:
    """A disease as the form takes it; ``papers``: which photographs are about it, by default all."""
    entry: dict[str, JsonValue] = {
        "disease_code": code,
        "diagnosed_on": diagnosed_on,
        "institution_id": hospital["id"],
    }
    return {**entry, "material_ids": list(papers)} if papers else entry


class Patient(Actor):
    """Somebody insured who is ill for long."""

    def read_diseases(
        self, region_code: str, *codes: str, benefit: str = CHRONIC
    ) -> Mapping[str, DiseaseAnswer]:
        """Look up what a region asks for these diseases: by code."""
        with self.step("在病种目录里查要什么条件、交什么材料") as step:
            found = self.api.list_chronic_diseases(region_code, benefit=benefit)
            step.saw(f"{found['pack_name']}，{len(found['items'])} 个病种")
            wanted = {one["code"]: one for one in found["items"] if one["code"] in codes}
            for code in codes:
                must(code in wanted, f"目录里应当有 {code}")
                tell_disease(step, wanted[code])
            return wanted

    def hospital(self, name: str, region_code: str) -> InstitutionAnswer:
        """A hospital of the list, by its name."""
        found = self.api.list_institutions(region_code=region_code, q=name, limit=20)["items"]
        return the_one(name, found, lambda one: one["name"] == name)

    def application(self, entries: Sequence[Entry], institutions: Sequence[str] = ()) -> Form:
        """The form filled in."""
        form: dict[str, JsonValue] = {"diseases": [dict(entry) for entry in entries]}
        return {**form, "institution_ids": list(institutions)} if institutions else form

    def apply(
        self,
        entries: Sequence[Entry],
        papers: Sequence[str],
        *,
        institutions: Sequence[str] = (),
        service: str = CHRONIC,
        did: str = "提交门诊慢特病申请",
    ) -> FilingAnswer:
        """Submit at once."""
        with self.step(did) as step:
            form = self.application(entries, institutions)
            filing = self.api.start_filing(service, form, material_ids=papers, submit=True)
            tell_filing(step, filing)
            return filing

    def read_case(self, filing_id: str, did: str = "查看每个病种的鉴定情况") -> CaseAnswer:
        """The case disease by disease."""
        with self.step(did) as step:
            case = self.api.get_chronic_case(filing_id)
            tell_case(step, case)
            return case

    def appeal(self, filing: FilingAnswer, reason: str) -> FilingAnswer:
        """Ask for another expert's opinion on what was refused."""
        with self.step(f"申请复核：{reason}") as step:
            done = self.api.act_on_filing(filing["id"], "appeal", filing["version"], reason=reason)
            tell_filing(step, done)
            return done

    def read_entitlements(self, did: str = "查看我的慢病待遇") -> list[EntitlementAnswer]:
        """My benefits, newest first."""
        with self.step(did) as step:
            found = self.api.list_chronic_entitlements(limit=50)["items"]
            for one in found:
                tell_entitlement(step, one)
            if not found:
                step.saw("还没有慢病待遇")
            return found

    def choose_institutions(
        self, entitlement: EntitlementAnswer, institutions: Sequence[InstitutionAnswer], did: str
    ) -> EntitlementAnswer:
        """Choose where to go with a benefit."""
        with self.step(did) as step:
            wanted = [one["id"] for one in institutions]
            done = self.api.choose_chronic_institutions(entitlement["id"], wanted, entitlement["version"])
            step.saw("、".join(one["name"] for one in institutions))
            if done["institutions_free_from"]:
                step.saw(f"{done['institutions_free_from']} 起可以再变更")
            return done

    def read_offers(self) -> list[OfferAnswer]:
        """What is offered without applying."""
        with self.step("查看可以免申请办理的待遇") as step:
            found = self.api.list_chronic_offers(limit=50)["items"]
            for one in found:
                tell_offer(step, one)
            if not found:
                step.saw("没有可以免申请办理的待遇")
            return found

    def accept(self, offer: OfferAnswer) -> FilingAnswer:
        """Consent: the application files itself."""
        with self.step(f"点“同意”，办理{offer['benefit_name']}") as step:
            filing = self.api.act_on_chronic_offer(offer["id"], "accept", offer["version"])["filing"]
            if filing is None:
                raise NotAsItMustBe("同意以后应当有办件")
            tell_filing(step, filing)
            return filing

    def decline(self, offer: OfferAnswer) -> OfferAnswer:
        """Not wanted."""
        with self.step("点“不用了”") as step:
            done = self.api.act_on_chronic_offer(offer["id"], "decline", offer["version"])["offer"]
            tell_offer(step, done)
            return done
