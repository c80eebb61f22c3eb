"""异地就医: advice, records, and what may be done to a record."""

from collections.abc import Sequence
from typing import TypedDict

from mock_client.api.base import Calls, given
from mock_client.api.filings import FilingAnswer, Form


class SourceAnswer(TypedDict):
    kind: str
    ref: str
    text: str


class ShareAnswer(TypedDict):
    situation: str
    hospital_level: int | None
    percent: int | None
    example_fund_fen: int | None
    example_person_fen: int | None
    text: str
    source: SourceAnswer | None


class ProofAdviceAnswer(TypedDict):
    proof: str
    papers: list[list[str]]
    instant: bool
    deadline_days: int | None
    text: str
    source: SourceAnswer


class CategoryAdviceAnswer(TypedDict):
    category: str
    name: str
    for_whom: str
    proofs: list[ProofAdviceAnswer]
    valid_until: str | None
    lock_until: str | None
    text: str
    shares: list[ShareAnswer]


class NoteAnswer(TypedDict):
    text: str
    source: SourceAnswer


class AdviceAnswer(TypedDict):
    must_file: str
    reason: str
    text: str
    source: SourceAnswer
    pack_id: str
    pack_until: str | None
    numbers_known: bool
    with_filing: list[CategoryAdviceAnswer]
    without_filing: list[ShareAnswer]
    notes: list[NoteAnswer]


class RecordAnswer(TypedDict):
    id: str
    filing_id: str
    trt_dcla_detl_sn: str
    dcla_souc: str
    psn_no: str
    insutype: str
    insu_admdvs: str
    rloc_admdvs: str
    rloc_rea: str
    begndate: str
    enddate: str | None
    vali_flag: str
    category: str
    lock_until: str | None
    settlement: str
    place_name: str
    category_name: str
    validity_text: str
    in_force: bool


class RecordsAnswer(TypedDict):
    items: list[RecordAnswer]
    next_cursor: str | None


class RecordActionAnswer(TypedDict):
    record: RecordAnswer
    filing: FilingAnswer


class RemoteCareApi(Calls):
    """The records' own names are the national platform's."""

    def get_remote_care_advice(
        self,
        care_region_code: str,
        *,
        med_type: str | None = None,
        hospital_level: int | None = None,
        urgent: bool | None = None,
        insutype: str | None = None,
        person_id: str | None = None,
    ) -> AdviceAnswer:
        params = {
            "care_region_code": care_region_code,
            "med_type": med_type,
            "hospital_level": hospital_level,
            "urgent": urgent,
            "insutype": insutype,
            "person_id": person_id,
        }
        answer: AdviceAnswer = self._get("/remote-care/advice", params)
        return answer

    def list_remote_care_records(
        self, *, person_id: str | None = None, cursor: str | None = None, limit: int | None = None
    ) -> RecordsAnswer:
        params = {"person_id": person_id, "cursor": cursor, "limit": limit}
        answer: RecordsAnswer = self._get("/remote-care/records", params)
        return answer

    def act_on_remote_care_record(
        self,
        record_id: str,
        action: str,
        *,
        reason: str | None = None,
        form: Form | None = None,
        material_ids: Sequence[str] = (),
        key: str | None = None,
    ) -> RecordActionAnswer:
        body = given(action=action, reason=reason, form=form, material_ids=list(material_ids))
        answer: RecordActionAnswer = self._create(f"/remote-care/records/{record_id}/actions", body, key)
        return answer
