"""免申即享: visits that hospitals report, and what people are offered without applying."""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from mock_client.api.base import Calls, given
from mock_client.api.filings import FilingAnswer


class RowProblemAnswer(TypedDict):
    field: str
    text: str


class BadVisitAnswer(TypedDict):
    position: int
    problems: list[RowProblemAnswer]


class VisitsTakenAnswer(TypedDict):
    taken: int
    known: int
    bad: list[BadVisitAnswer]


class EvidenceAnswer(TypedDict):
    kind: str
    visited_on: str
    discharged_on: str | None
    hospital_name: str
    icd10: str


class OfferAnswer(TypedDict):
    id: str
    person_id: str
    person_name: str
    benefit: str
    benefit_name: str
    disease_code: str
    disease_name: str
    origin: str
    reason: str
    evidence: list[EvidenceAnswer]
    status: str
    status_text: str
    made_on: str
    expires_on: str
    source_filing_id: str | None
    filing_id: str | None
    version: int
    available_actions: list[str]


class OffersAnswer(TypedDict):
    items: list[OfferAnswer]
    next_cursor: str | None


class OfferAnsweredAnswer(TypedDict):
    offer: OfferAnswer
    filing: FilingAnswer | None


class OffersApi(Calls):
    """Visits are reported by a hospital's own system, offers answered by whom they are for."""

    def report_visits(self, visits: Sequence[Mapping[str, Any]]) -> VisitsTakenAnswer:
        body = given(visits=[dict(visit) for visit in visits])
        answer: VisitsTakenAnswer = self._post("/visits", body)
        return answer

    def list_chronic_offers(self, *, cursor: str | None = None, limit: int | None = None) -> OffersAnswer:
        answer: OffersAnswer = self._get("/chronic/offers", {"cursor": cursor, "limit": limit})
        return answer

    def act_on_chronic_offer(
        self,
        offer_id: str,
        action: str,
        expected_version: int,
        *,
        institution_ids: Sequence[str] = (),
        key: str | None = None,
    ) -> OfferAnsweredAnswer:
        body = given(action=action, expected_version=expected_version, institution_ids=list(institution_ids))
        answer: OfferAnsweredAnswer = self._create(f"/chronic/offers/{offer_id}/actions", body, key)
        return answer
