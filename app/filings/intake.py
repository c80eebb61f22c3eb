"""Taking in a case: whose it is, what the form says, which papers are there, and the service's judgement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import marshmallow as ma
from sqlalchemy.orm import Session

from app.filings import acting, catalogue, errors, queries
from app.filings.acting import Step, perform, system_step
from app.filings.declaration import CorrectionItem, Judgement, Service, Submission
from app.filings.models import Filing, FilingMaterial
from app.identity import service as identity
from app.identity.actor import Actor, Ground
from app.identity.models import Person
from app.kit import clock, ids
from app.kit.errors import invalid
from app.kit.text import Text
from app.materials import service as materials
from app.materials.models import Material
from app.workflow.table import Action, Status

MAX_PAPERS = 20
MAX_CORRECTIONS = 3
"""How often a case may go back for the same things. Ours."""


@dataclass(frozen=True)
class ReadForm:
    """A form as it was read: typed for the rules, plain for keeping."""

    typed: Mapping[str, Any]
    plain: dict[str, Any]


def subject_of(session: Session, actor: Actor, subject_id: UUID | None) -> tuple[Person, Ground]:
    """The person that a case will be about, and on what ground the actor files it."""
    # First of all, whomever it is about: without a proven name nobody files, and the way out is to prove it.
    own_id = identity.require_person(actor)
    wanted = subject_id or own_id
    ground = identity.may_act_for(session, actor, wanted)
    if ground is None:
        raise errors.SUBJECT_NOT_ALLOWED()
    # Locked, so that two filings for one person at the same moment are judged one after the other.
    return identity.lock_person(session, wanted), ground


def read_form(service: Service, form: Mapping[str, Any], *, draft: bool) -> ReadForm:
    """The form, checked against its declaration. All problems at once, named form.<field>."""
    schema = catalogue.form_schema(service.form, partial=draft)
    try:
        # An entry left empty is an entry not given: phones send null for it.
        typed = schema.load({name: value for name, value in form.items() if value is not None})
    except ma.ValidationError as error:
        raise invalid(form_errors(error.messages_dict)) from None
    plain = schema.dump(typed)
    return ReadForm(typed, {key: value for key, value in plain.items() if value is not None})


def read_data(schema: type[ma.Schema], data: Mapping[str, Any]) -> Mapping[str, Any]:
    """What an action brings, checked. All problems at once, named data.<field>."""
    try:
        read: Mapping[str, Any] = catalogue.form_schema(schema, partial=False).load(data)
    except ma.ValidationError as error:
        raise invalid(form_errors(error.messages_dict, "data")) from None
    return read


def form_errors(messages: Mapping[str, Any], path: str = "form") -> dict[str, list[str]]:
    """marshmallow's nested messages as dotted fields under ``form``."""
    found: dict[str, list[str]] = {}
    for key, value in messages.items():
        name = path if key == "_schema" else f"{path}.{key}"
        if isinstance(value, Mapping):
            found.update(form_errors(value, name))
        else:
            found.setdefault(name, []).extend(value if isinstance(value, list) else [value])
    return found


def check_paper_count(material_ids: Sequence[UUID], limit: int = MAX_PAPERS) -> None:
    if len(set(material_ids)) > limit:
        raise errors.TOO_MANY_PAPERS(limit=limit)


def add_papers(
    session: Session,
    filing: Filing,
    papers: Sequence[Material],
    present: Sequence[FilingMaterial],
    actor: Actor,
) -> None:
    """Tie papers to the case; those already there stay as they are.

    Raises PAPERS_ABOUT_OTHERS for papers about anybody but the subject, who filed, and who adds them: the second
    guardian shows his or her own identity card.
    """
    already = {paper.material_id for paper in present}
    fresh = [paper for paper in papers if paper.id not in already]
    concerned = {filing.person_id, filing.applicant_person_id, identity.require_person(actor)}
    materials.check_about(fresh, concerned)
    # Of a case that was sent back, what reviewers have seen stays and does not count: room for what they ask for.
    since = _asked_at(filing) if filing.status is Status.NEEDS_CORRECTION else None
    counted = [paper.material_id for paper in present if since is None or paper.added_at >= since]
    check_paper_count([*counted, *(paper.id for paper in fresh)])
    now = clock.now()
    for paper in fresh:
        session.add(
            FilingMaterial(
                filing_id=filing.id,
                material_id=paper.id,
                person_id=filing.person_id,
                kind=paper.kind,
                added_at=now,
            )
        )
    if fresh:
        materials.mark_attached(session, [paper.id for paper in fresh])


def check_not_both(added: Sequence[UUID], removed: Sequence[UUID]) -> None:
    """Raise unless what is added and what is removed are different papers."""
    if set(added) & set(removed):
        words = Text("同一份材料不能既添加又去掉。", "The same paper cannot be added and taken out at once.")
        raise invalid({"remove_material_ids": [words]})


def remove_papers(
    session: Session, filing: Filing, material_ids: Sequence[UUID], present: Sequence[FilingMaterial]
) -> list[FilingMaterial]:
    """Take papers out of a case that is with the applicant: those that remain.

    Of a draft any paper; of a case that was sent back only papers added since, for reviewers decided by the others.
    Raises PAPERS_SEEN, or invalid_input for papers that the case does not hold.
    """
    by_id = {paper.material_id: paper for paper in present}
    _check_held_papers(material_ids, by_id)
    removed = [by_id[material_id] for material_id in dict.fromkeys(material_ids)]
    if filing.status is not Status.DRAFT:
        _check_unseen(removed, _asked_at(filing))
    for paper in removed:
        session.delete(paper)
    materials.mark_removed(
        session,
        [paper.material_id for paper in removed],
        still_used=lambda ids: queries.in_other_cases(session, ids, besides=filing.id),
    )
    return [paper for paper in present if paper not in removed]


def _check_held_papers(material_ids: Sequence[UUID], held: Mapping[UUID, FilingMaterial]) -> None:
    message = Text(
        "这件业务里没有这份材料，请刷新后再看。", "The case does not hold this paper. Refresh and look again."
    )
    wrong = {
        f"remove_material_ids.{place}": [message]
        for place, material_id in enumerate(material_ids)
        if material_id not in held
    }
    if wrong:
        raise invalid(wrong)


def _check_unseen(removed: Sequence[FilingMaterial], since: datetime | None) -> None:
    seen = [paper for paper in removed if since is None or paper.added_at < since]
    if seen:
        message = Text("经办人员已经看过这份材料，不能去掉。", "A reviewer saw this paper; it stays.")
        raise errors.PAPERS_SEEN(
            count=len(seen),
            errors={"remove_material_ids": [message]},
            extra={"seen_material_ids": [str(paper.material_id) for paper in seen]},
        )


def _asked_at(filing: Filing) -> datetime | None:
    """When the case was sent back."""
    asked_at: str | None = filing.missing.get("asked_at")
    return datetime.fromisoformat(asked_at) if asked_at else None


def new_filing(service: Service, actor: Actor, person: Person, ground: Ground, form: ReadForm) -> Filing:
    """A draft, not yet in the session."""
    now = clock.now()
    filing = Filing(
        id=ids.new_id(),
        number=f"{service.number_prefix}{clock.china_day(now):%Y%m%d}{ids.readable_code(8)}",
        service_code=service.code,
        status=Status.DRAFT,
        person_id=person.id,
        applicant_account_id=actor.account_id,
        applicant_person_id=identity.require_person(actor),
        ground=ground,
        instant=False,
        corrections=0,
        last_seq=0,
        last_hash="",
        created_at=now,
        updated_at=now,
    )
    filing.form = form.plain
    return filing


def hand_in(
    session: Session,
    filing: Filing,
    *,
    service: Service,
    actor: Actor,
    person: Person,
    form: ReadForm,
    papers: Mapping[UUID, str],
    step: Step,
) -> None:
    """Submit or resubmit: the service judges; nothing wrong → into its queue, or decided at once.

    Raises a problem that names everything that is wrong.
    """
    first = filing.submitted_at
    submission = Submission(
        session=session,
        actor=actor,
        ground=Ground(filing.ground),
        person=person,
        coverages=identity.coverages_of(session, person.id),
        form=form.typed,
        papers=papers,
        today=clock.today(),
        filing_id=filing.id,
        service_code=service.code,
        submitted_on=clock.china_day(first) if first else None,
    )
    judgement = service.judge(submission)
    refuse_if_wrong(judgement)
    if judgement.coverage is None:
        raise errors.NOT_INSURED()
    filing.coverage_id, filing.region_code = judgement.coverage.id, judgement.coverage.region_code
    filing.pack_id = judgement.pack_id
    filing.instant = judgement.queue is None
    typed = {**form.typed, **judgement.changes}
    if judgement.changes:
        filing.form = {
            **form.plain,
            **catalogue.form_schema(service.form, partial=True).dump(judgement.changes),
        }
    perform(session, filing, _judged(step, judgement), form=typed)
    if judgement.queue is None:
        perform(session, filing, system_step(Action.APPROVE, facts={"instant": True}), form=typed)
    acting.check_held(filing)


def _judged(step: Step, judgement: Judgement) -> Step:
    """The step with its queue; decided at once, the decision is what people are told, not the submission too."""
    return replace(step, queue=judgement.queue, quiet=judgement.queue is None)


def refuse_if_wrong(judgement: Judgement) -> None:
    """All that is wrong with a submission in one answer: a refusal, wrong entries, missing papers."""
    if judgement.refusal is not None:
        raise judgement.refusal
    field_errors: dict[str, list[str]] = {
        f"form.{name}": list(texts) for name, texts in judgement.problems.items()
    }
    if judgement.missing:
        field_errors["material_ids"] = [
            Text(f"缺少“{paper.name}”：{paper.why}", f"Missing “{paper.name.en}”: {paper.why.en}")
            for paper in judgement.missing
        ]
    if not field_errors:
        return
    if judgement.missing and len(field_errors) == 1:
        names = Text(
            "、".join(str(paper.name) for paper in judgement.missing),
            ", ".join(paper.name.en for paper in judgement.missing),
        )
        missing = [{"kind": paper.kind, "name": paper.name, "why": paper.why} for paper in judgement.missing]
        raise errors.PAPERS_MISSING(
            count=len(judgement.missing), names=names, errors=field_errors, extra={"missing": missing}
        )
    raise invalid(field_errors)


def check_instalments(filing: Filing, items: Sequence[CorrectionItem]) -> None:
    """Raise CORRECTION_IN_INSTALMENTS for what should have been asked for at the first time.

    All is named at once (一次性告知): a second notice may only repeat what the first asked for and is still not right.
    """
    asked: list[str] = filing.missing.get("asked", [])
    if filing.corrections and (
        set(map(_asked_for, items)) - set(asked) or filing.corrections >= MAX_CORRECTIONS
    ):
        raise errors.CORRECTION_IN_INSTALMENTS()


def _asked_for(item: CorrectionItem) -> str:
    return item.kind or item.field or "other"


def correction_reason(reason: str | None, items: Sequence[CorrectionItem]) -> str:
    """The notice in one text: why, and each thing."""
    words = "；".join(item.text for item in items)
    return f"{reason}；{words}" if reason else words


def note_missing(filing: Filing, items: Sequence[CorrectionItem]) -> None:
    """Write down the one-time notice: everything that the reviewer asks for, and when.

    Raises CORRECTION_IN_INSTALMENTS.
    """
    check_instalments(filing, items)
    asked: list[str] = filing.missing.get("asked", [])
    filing.missing = {
        "asked": list(dict.fromkeys([*asked, *map(_asked_for, items)])),
        "asked_at": clock.now().isoformat(),
        "items": [{"kind": item.kind, "field": item.field, "text": item.text} for item in items],
    }


def lacking_papers(
    filing: Filing, present: Sequence[FilingMaterial], fresh_kinds: Sequence[str]
) -> list[Text]:
    """Names of papers that the one-time notice asked for and that have not been added since it."""
    since = _asked_at(filing)
    added = {paper.kind for paper in present if since is not None and paper.added_at >= since} | set(
        fresh_kinds
    )
    asked = [item["kind"] for item in filing.missing.get("items", []) if item.get("kind")]
    return [materials.kind_name(kind) for kind in dict.fromkeys(asked) if kind not in added]


def papers_of(session: Session, filing_id: UUID) -> Sequence[FilingMaterial]:
    return queries.papers_of(session, filing_id)
