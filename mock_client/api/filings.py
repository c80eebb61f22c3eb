"""Services on offer, cases, receipts and their public check."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, TypedDict

from mock_client.answers import Answer
from mock_client.api.base import Calls, given
from mock_client.transport import FilePart


class FactAnswer(TypedDict):
    label: str
    value: str


class FilingSummaryAnswer(TypedDict):
    id: str
    number: str
    service_code: str
    service_name: str
    status: str
    status_text: str
    next_step: str
    version: int
    subject_id: str
    subject_name: str
    instant: bool
    overdue: bool
    created_at: str
    submitted_at: str | None
    due_at: str | None
    decided_at: str | None


class FilingsAnswer(TypedDict):
    items: list[FilingSummaryAnswer]
    next_cursor: str | None


class FilingPaperAnswer(TypedDict):
    material_id: str
    kind: str
    kind_name: str


class CorrectionItemAnswer(TypedDict):
    kind: str | None
    field: str | None
    text: str


class FilingAnswer(FilingSummaryAnswer):
    applicant_name: str
    ground: str
    form: dict[str, Any]
    facts: list[FactAnswer]
    outcome: list[FactAnswer]
    papers: list[FilingPaperAnswer]
    missing: list[CorrectionItemAnswer]
    reason: str | None
    where: str
    claimed: bool
    stage: str | None
    pack_id: str | None
    available_actions: list[str]


class FilingEventAnswer(TypedDict):
    seq: int
    action: str
    text: str
    status: str
    at: str
    reason: str | None
    instant: bool
    hash: str
    previous_hash: str


class FilingEventsAnswer(TypedDict):
    items: list[FilingEventAnswer]
    next_cursor: str | None


class RatingAnswer(TypedDict):
    filing_id: str
    stars: int
    follow_up: bool


class ServiceSummaryAnswer(TypedDict):
    code: str
    name: str
    summary: str


class ServicesAnswer(TypedDict):
    items: list[ServiceSummaryAnswer]


class PaperNeedAnswer(TypedDict):
    kind: str
    name: str
    when: str


class ServiceAnswer(ServiceSummaryAnswer):
    who: str
    how_long: str
    form_schema: dict[str, Any]
    papers: list[PaperNeedAnswer]


class SectionAnswer(TypedDict):
    heading: str
    lines: list[FactAnswer]


class SignedAnswer(TypedDict):
    signer: str
    about: str
    algorithm: str
    valid: bool
    at: str | None


class VerificationAnswer(TypedDict):
    genuine: bool
    title: str
    office: str
    issued_at: str
    lines: list[FactAnswer]
    sections: list[SectionAnswer]
    signatures: list[SignedAnswer]
    current_status: str
    current_status_text: str
    gives_now: list[FactAnswer]
    superseded: bool
    detail: str


class FileVerificationAnswer(TypedDict):
    unchanged: bool
    detail: str


Form: TypeAlias = Mapping[str, Any]
"""A form: dates as 2026-01-31."""


class FilingsApi(Calls):
    """Calls that create or change send an Idempotency-Key; `key` sets one, to send the same again."""

    def list_services(self) -> ServicesAnswer:
        answer: ServicesAnswer = self._get("/services", signed=False)
        return answer

    def get_service(self, code: str) -> ServiceAnswer:
        answer: ServiceAnswer = self._get(f"/services/{code}", signed=False)
        return answer

    def start_filing(
        self,
        service_code: str,
        form: Form,
        *,
        material_ids: Sequence[str] = (),
        subject_id: str | None = None,
        submit: bool = False,
        key: str | None = None,
    ) -> FilingAnswer:
        body = given(
            service_code=service_code,
            form=form,
            material_ids=list(material_ids),
            subject_id=subject_id,
            submit=submit,
        )
        answer: FilingAnswer = self._create("/filings", body, key, expect=201)
        return answer

    def list_filings(
        self,
        *,
        scope: str | None = None,
        status: str | None = None,
        service_code: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> FilingsAnswer:
        params = {
            "scope": scope,
            "status": status,
            "service_code": service_code,
            "cursor": cursor,
            "limit": limit,
        }
        answer: FilingsAnswer = self._get("/filings", params)
        return answer

    def get_filing(self, filing_id: str) -> FilingAnswer:
        answer: FilingAnswer = self._get(f"/filings/{filing_id}")
        return answer

    def edit_filing(
        self,
        filing_id: str,
        expected_version: int,
        *,
        form: Form | None = None,
        material_ids: Sequence[str] = (),
        remove_material_ids: Sequence[str] = (),
    ) -> FilingAnswer:
        body = given(
            expected_version=expected_version,
            form=form,
            material_ids=list(material_ids),
            remove_material_ids=list(remove_material_ids),
        )
        answer: FilingAnswer = self._send("PATCH", f"/filings/{filing_id}", json=body).json
        return answer

    def act_on_filing(
        self,
        filing_id: str,
        action: str,
        expected_version: int,
        *,
        reason: str | None = None,
        items: Sequence[Mapping[str, str | None]] = (),
        form: Form | None = None,
        material_ids: Sequence[str] = (),
        data: Mapping[str, Any] | None = None,
        key: str | None = None,
    ) -> FilingAnswer:
        body = given(
            action=action,
            expected_version=expected_version,
            reason=reason,
            items=[dict(item) for item in items],
            form=form,
            material_ids=list(material_ids),
            data=data,
        )
        answer: FilingAnswer = self._create(f"/filings/{filing_id}/actions", body, key)
        return answer

    def list_filing_events(
        self, filing_id: str, *, cursor: str | None = None, limit: int | None = None
    ) -> FilingEventsAnswer:
        params = {"cursor": cursor, "limit": limit}
        answer: FilingEventsAnswer = self._get(f"/filings/{filing_id}/events", params)
        return answer

    def get_filing_pdf(self, filing_id: str) -> Answer:
        return self._send("GET", f"/filings/{filing_id}/form.pdf", headers={"Accept": "application/pdf"})

    def rate_filing(
        self, filing_id: str, stars: int, *, comment: str | None = None, key: str | None = None
    ) -> RatingAnswer:
        body = given(stars=stars, comment=comment)
        answer: RatingAnswer = self._create(f"/filings/{filing_id}/rating", body, key, expect=201)
        return answer

    def verify_paper(self, code: str) -> VerificationAnswer:
        answer: VerificationAnswer = self._get(f"/verify/{code}", signed=False)
        return answer

    def verify_file(self, code: str, file: FilePart) -> FileVerificationAnswer:
        """Without a key: it changes nothing, and whoever lost the answer asks again."""
        sent = self._send("POST", f"/verify/{code}/file", files={"file": file}, signed=False)
        answer: FileVerificationAnswer = sent.json
        return answer
