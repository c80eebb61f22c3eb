"""门诊慢特病 and 两病: what can be applied for, cases disease by disease, entitlements, the draws of experts."""

from collections.abc import Sequence
from typing import TypedDict

from mock_client.api.base import Calls, given
from mock_client.api.offers import EvidenceAnswer
from mock_client.api.remote_care import SourceAnswer


class CriterionAnswer(TypedDict):
    id: str
    text: str
    evidence: str
    group: str | None


class GroupAnswer(TypedDict):
    name: str
    at_least: int
    text: str


class PaperRuleAnswer(TypedDict):
    kinds: list[str]
    names: str
    why: str
    within_months: int | None


class DiseaseAnswer(TypedDict):
    code: str
    name: str
    settles_across_provinces: bool
    two_disease: bool
    specialty: str
    min_hospital_level: int
    validity_months: int | None
    yearly_limit_fen: int | None
    yearly_limit_text: str
    general: bool
    criteria: list[CriterionAnswer]
    groups: list[GroupAnswer]
    papers: list[PaperRuleAnswer]
    source: SourceAnswer


class DiseasesAnswer(TypedDict):
    pack_id: str
    pack_name: str
    max_institutions: int
    items: list[DiseaseAnswer]


class FindingAnswer(TypedDict):
    criterion: str
    text: str
    met: bool
    note: str


class OpinionAnswer(TypedDict):
    id: str
    round: int
    certified: bool
    expert: str
    reason: str
    findings: list[FindingAnswer]
    at: str
    algorithm: str
    signature: str


class ItemAnswer(TypedDict):
    disease_code: str
    disease_name: str
    specialty: str
    status: str
    status_text: str
    round: int
    yours: bool
    appeal_until: str | None
    criteria: list[CriterionAnswer]
    groups: list[GroupAnswer]
    evidence: list[EvidenceAnswer]
    opinions: list[OpinionAnswer]
    entitlement_id: str | None
    entitlement_version: int | None


class CaseAnswer(TypedDict):
    filing_id: str
    pack_id: str | None
    items: list[ItemAnswer]


class EntitlementAnswer(TypedDict):
    id: str
    filing_id: str
    benefit: str
    opsp_dise_code: str
    opsp_dise_name: str
    insutype: str
    insu_admdvs: str
    psn_no: str
    hosp_ide_date: str
    appy_date: str
    begndate: str
    enddate: str | None
    status: str
    in_force: bool
    validity_text: str
    withdrawn_reason: str | None
    institution_ids: list[str]
    institutions_free_from: str | None
    version: int


class EntitlementsAnswer(TypedDict):
    items: list[EntitlementAnswer]
    next_cursor: str | None


class DrawDayAnswer(TypedDict):
    day: str
    commitment: str
    committed_at: str
    seed: str | None


class DrawDaysAnswer(TypedDict):
    pool: str
    items: list[DrawDayAnswer]


class ChronicApi(Calls):
    """Applying and deciding go through the cases' own calls."""

    def list_chronic_diseases(self, region_code: str, *, benefit: str | None = None) -> DiseasesAnswer:
        params = {"region_code": region_code, "benefit": benefit}
        answer: DiseasesAnswer = self._get("/chronic/diseases", params, signed=False)
        return answer

    def get_chronic_case(self, filing_id: str) -> CaseAnswer:
        answer: CaseAnswer = self._get(f"/chronic/cases/{filing_id}")
        return answer

    def list_chronic_entitlements(
        self, *, person_id: str | None = None, cursor: str | None = None, limit: int | None = None
    ) -> EntitlementsAnswer:
        params = {"person_id": person_id, "cursor": cursor, "limit": limit}
        answer: EntitlementsAnswer = self._get("/chronic/entitlements", params)
        return answer

    def choose_chronic_institutions(
        self, entitlement_id: str, institution_ids: Sequence[str], expected_version: int
    ) -> EntitlementAnswer:
        path = f"/chronic/entitlements/{entitlement_id}/institutions"
        body = given(institution_ids=list(institution_ids), expected_version=expected_version)
        answer: EntitlementAnswer = self._send("PUT", path, json=body).json
        return answer

    def act_on_chronic_entitlement(
        self,
        entitlement_id: str,
        action: str,
        reason: str,
        expected_version: int,
        *,
        key: str | None = None,
    ) -> EntitlementAnswer:
        body = given(action=action, reason=reason, expected_version=expected_version)
        answer: EntitlementAnswer = self._create(f"/chronic/entitlements/{entitlement_id}/actions", body, key)
        return answer

    def list_draw_days(
        self, region_code: str, *, before: str | None = None, limit: int | None = None
    ) -> DrawDaysAnswer:
        params = {"region_code": region_code, "before": before, "limit": limit}
        answer: DrawDaysAnswer = self._get("/chronic/draws", params, signed=False)
        return answer
