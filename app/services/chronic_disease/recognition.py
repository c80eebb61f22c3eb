"""The recognition form (认定表): who was recognised for what, what the experts found and signed, what the agency decided."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.filings import history
from app.filings.declaration import OfficialForm, Section, Signed
from app.filings.models import Filing, FilingEvent
from app.identity import service as identity
from app.kit import clock, sealing
from app.kit.masking import mask_id_no, mask_name
from app.places import regions
from app.places import service as places
from app.services.chronic_disease import entitlements, opinions
from app.services.chronic_disease.benefits import disease_name
from app.services.chronic_disease.concluding import items_of
from app.services.chronic_disease.deciding import REJECTED
from app.services.chronic_disease.models import (
    ChronicEntitlement,
    ChronicItem,
    ExpertKey,
    ExpertOpinion,
    ExpertProfile,
    ItemStatus,
)
from app.services.chronic_disease.opinions import content_of, is_genuine, signed_entries
from app.services.chronic_disease.packs import pack_by_id
from app.workflow.table import Action

TITLE = "门诊慢特病病种待遇认定表"
_INSURANCE = {"310": "职工基本医疗保险", "390": "城乡居民基本医疗保险"}
_ROUNDS = {1: "专家鉴定", 2: "复核鉴定", 3: "第三位专家鉴定"}
_CONCLUSIONS = {
    ItemStatus.APPROVED: "认定",
    ItemStatus.REFUSED: "不予认定",
    ItemStatus.REJECTED: "不予认定",
    ItemStatus.WITHDRAWN: "已撤回",
}
_OPEN, _APPEALED = "办理中", "复核中"
_DECISIONS = {Action.APPROVE.value: "同意专家认定的病种", Action.REJECT.value: "不予办理"}
_REVISION_DIGITS = 16


def form_of(session: Session, filing: Filing) -> OfficialForm | None:
    """The form of a case that gave a benefit, whatever becomes of its other diseases; None before.

    A fixed number of statements.
    """
    given = {one.opsp_dise_code: one for one in entitlements.of_filing(session, filing.id)}
    if not given:
        return None
    found = opinions.of_filing(session, filing.id)
    experts = _experts(session, found)
    institutions = _institutions(session, list(given.values()))
    sections = [_person(session, filing)]
    signatures: list[dict[str, str]] = []
    for item in items_of(session, filing.id):
        own = [one for one in found if one.item_id == item.id]
        lines = _what_was_given(item, given.get(item.disease_code), institutions)
        sections.append(_disease(filing, item, own, lines, experts))
        signatures += [
            {"opinion": str(one.id), "signer": experts[one.id], "disease": item.disease_code} for one in own
        ]
    sections += _agency(session, filing)
    return OfficialForm(TITLE, tuple(sections), tuple(signatures))


def revision(session: Session, filing: Filing) -> str:
    """What the form says that changes without a step of the case: benefits withdrawn, institutions chosen anew."""
    given = entitlements.of_filing(session, filing.id)
    if not given:
        return ""
    chosen = entitlements.institutions_of(session, [one.id for one in given])
    content = {
        str(one.id): [one.state.value, str(one.enddate), *map(str, chosen.get(one.id, ()))] for one in given
    }
    return sealing.row_seal("recognition_form", content)[:_REVISION_DIGITS]


def check(session: Session, signatures: Sequence[Mapping[str, Any]]) -> list[Signed]:
    """Whether each signature on a form is still that of its expert over what is kept of the opinion."""
    wanted = [UUID(str(one["opinion"])) for one in signatures]
    rows = session.execute(
        select(ExpertOpinion, ExpertKey)
        .join(ExpertKey, ExpertKey.id == ExpertOpinion.key_id)
        .where(ExpertOpinion.id.in_(wanted))
    )
    known: dict[UUID, tuple[ExpertOpinion, ExpertKey]] = {row[0].id: (row[0], row[1]) for row in rows}
    result = []
    for one in signatures:
        pair = known.get(UUID(str(one["opinion"])))
        result.append(
            Signed(
                signer=str(one["signer"]),
                about=disease_name(str(one["disease"])),
                algorithm=pair[1].algorithm if pair else "",
                valid=pair is not None and is_genuine(*pair),
                at=pair[0].at if pair else None,
            )
        )
    return result


def _person(session: Session, filing: Filing) -> Section:
    person = identity.get_person(session, filing.person_id)
    coverage = identity.get_coverage(session, filing.coverage_id)
    pack = pack_by_id(str(filing.pack_id))
    submitted = filing.submitted_at
    return Section(
        "参保人",
        (
            ("姓名", mask_name(person.name or "")),
            ("证件号码", mask_id_no(person.id_no or "")),
            ("险种", _INSURANCE[coverage.insutype]),
            ("参保地", str(regions.full_name(coverage.region_code))),
            ("办件编号", filing.number),
            ("申请日期", "" if submitted is None else str(clock.china_day(submitted))),
            ("认定标准", f"{pack.name}标准，{pack.effective_from} 起执行（{pack.pack_id}）"),
        ),
    )


def _disease(
    filing: Filing,
    item: ChronicItem,
    own: Sequence[ExpertOpinion],
    given: Sequence[tuple[str, str]],
    experts: Mapping[UUID, str],
) -> Section:
    still_open = _APPEALED if item.appealed else _OPEN
    lines = [("病种编码", item.disease_code), ("结论", _CONCLUSIONS.get(item.state, still_open)), *given]
    if item.state is ItemStatus.REJECTED and item.reason:
        lines.append(("复核理由", item.reason))
    if own:
        lines.append(("确诊", _diagnosis(own[-1], item)))
    for opinion in own:
        lines.append((_ROUNDS[opinion.round], _opinion_words(filing, opinion)))
        lines.append(("专家签名", f"{experts[opinion.id]}（电子签名，{_minute(opinion.at)}）"))
    return Section(disease_name(item.disease_code), tuple(lines))


def _diagnosis(opinion: ExpertOpinion, item: ChronicItem) -> str:
    """As the expert saw and signed it: while a form is being corrected the case holds what nobody has looked at."""
    entry = signed_entries(content_of(opinion))[item.disease_code]
    return f"{entry['diagnosed_on']}，{entry.get('hospital_name', '')}"


def _what_was_given(
    item: ChronicItem, entitlement: ChronicEntitlement | None, institutions: Mapping[UUID, str]
) -> list[tuple[str, str]]:
    if entitlement is None or item.state is not ItemStatus.APPROVED:
        return []
    return [
        ("待遇有效期", str(entitlements.words(entitlement))),
        ("定点医药机构", institutions[entitlement.id]),
    ]


def _agency(session: Session, filing: Filing) -> list[Section]:
    """What the agency decided, who did, and when: once, or again after an appeal."""
    steps: list[FilingEvent] = [
        step
        for step in history.steps_of_duty(session, [filing.id], "review")
        if step.action in _DECISIONS and step.actor_account_id is not None
    ]
    accounts = [step.actor_account_id for step in steps if step.actor_account_id is not None]
    names = identity.display_names_of_accounts(session, accounts)
    offices = identity.organisation_names(
        session, {step.organisation_id for step in steps if step.organisation_id is not None}
    )
    sections = []
    for step in steps:
        lines = [
            ("复核结论", _decision(step)),
            ("复核时间", _minute(step.at)),
            ("复核人", names.get(step.actor_account_id, "") if step.actor_account_id else ""),
            ("复核机构", offices.get(step.organisation_id, "") if step.organisation_id else ""),
        ]
        if step.reason:
            lines.append(("理由", step.reason))
        sections.append(Section("经办机构复核", tuple(lines)))
    return sections


def _decision(step: FilingEvent) -> str:
    """What the agency decided; of an approval also which diseases it left out."""
    left_out = "、".join(disease_name(code) for code in step.facts.get(REJECTED, ()))
    return f"{_DECISIONS[step.action]}，{left_out}除外" if left_out else _DECISIONS[step.action]


def _minute(moment: datetime) -> str:
    return f"{moment.astimezone(clock.CHINA):%Y-%m-%d %H:%M}"


def _opinion_words(filing: Filing, opinion: ExpertOpinion) -> str:
    content = content_of(opinion)
    pack = pack_by_id(str(filing.pack_id))
    criteria = {one.id: one.text for one in pack.diseases[content["disease"]].criteria}
    lines = ["认定" if opinion.certified else "不予认定"]
    for finding in content["findings"]:
        note = f"（{finding['note']}）" if finding["note"] else ""
        mark = "符合" if finding["met"] else "不符合"
        lines.append(f"{mark}：{criteria.get(finding['criterion'], finding['criterion'])}{note}")
    if content["reason"]:
        lines.append(f"理由：{content['reason']}")
    return "\n".join(lines)


def _institutions(session: Session, given: Sequence[ChronicEntitlement]) -> dict[UUID, str]:
    """Entitlement → the names of its institutions; two statements for all."""
    chosen = entitlements.institutions_of(session, [one.id for one in given])
    known = places.institutions_by_ids(session, {one for several in chosen.values() for one in several})
    return {
        one.id: "、".join(known[place].name for place in chosen.get(one.id, ()) if place in known)
        or "未选择，参保地定点机构均可"
        for one in given
    }


def _experts(session: Session, found: Sequence[ExpertOpinion]) -> dict[UUID, str]:
    """Opinion → how its expert is named on the form: masked name, and hospital and title when he or she signed."""
    accounts = {one.account_id for one in found}
    names = identity.display_names_of_accounts(session, accounts)
    rows = session.execute(select(ExpertProfile).where(ExpertProfile.account_id.in_(accounts))).scalars()
    now = {row.account_id: f"{row.hospital}{row.title}" for row in rows}
    # The first opinions were signed without the post; those experts have had no other.
    posts = {one.id: content_of(one).get("post") or now.get(one.account_id, "") for one in found}
    return {one.id: f"{names.get(one.account_id, '')} {posts[one.id]}".strip() for one in found}
