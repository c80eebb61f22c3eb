"""Cases as answers: names masked, states and next steps in words."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.filings import catalogue, queries, reading, wording
from app.filings.declaration import Fact
from app.filings.models import Filing, FilingEvent
from app.filings.service import SeenFiling
from app.filings.wording import Reader
from app.identity import service as identity
from app.kit.masking import mask_name
from app.kit.pages import Page
from app.kit.text import Text, localize
from app.materials import service as materials
from app.workflow.table import Action


def present(session: Session, seen: SeenFiling, language: str) -> dict[str, Any]:
    """One case in full, as this actor sees it."""
    filing, reader = seen.filing, reading.reader_of(seen)
    service = catalogue.get(filing.service_code)
    form = filing.form
    papers = queries.papers_of(session, filing.id)
    persons = identity.persons_by_ids(session, [filing.person_id, filing.applicant_person_id])
    typed = catalogue.form_schema(service.form, partial=True).load(form)
    return {
        **summary(filing, mask_name(persons[filing.person_id].name or ""), language, reader),
        "applicant_name": mask_name(persons[filing.applicant_person_id].name or ""),
        "ground": filing.ground,
        "form": form,
        "facts": facts(service.describe(typed), language),
        "outcome": facts(service.outcome(session, filing), language)
        if service.has_given(session, filing)
        else [],
        "papers": [
            {
                "material_id": paper.material_id,
                "kind": paper.kind,
                "kind_name": localize(_kind(paper.kind), language),
            }
            for paper in papers
        ],
        "missing": localize(filing.missing.get("items", []), language),
        "reason": queries.reason_of(session, filing),
        "where": reading.where(filing, reader).in_language(language),
        "claimed": filing.holder_account_id is not None,
        "stage": filing.stage,
        "pack_id": filing.pack_id,
        "available_actions": [action.value for action in seen.actions],
    }


def summary(filing: Filing, subject_name: str, language: str, reader: Reader) -> dict[str, Any]:
    """One line of a list, in words for ``reader``. ``subject_name`` is masked."""
    service = catalogue.get(filing.service_code)
    return {
        "id": filing.id,
        "number": filing.number,
        "service_code": filing.service_code,
        "service_name": service.name.in_language(language),
        "status": filing.status,
        "status_text": wording.STATUS[filing.status].in_language(language),
        "next_step": reading.next_step(filing, reader).in_language(language),
        "version": filing.version,
        "subject_id": filing.person_id,
        "subject_name": subject_name,
        "instant": filing.instant,
        "overdue": filing.escalated_at is not None and filing.decided_at is None,
        "created_at": filing.created_at,
        "submitted_at": filing.submitted_at,
        "due_at": filing.due_at,
        "decided_at": filing.decided_at,
    }


def present_page(
    session: Session, page: Page[Filing], language: str, reader: Callable[[Filing], Reader]
) -> dict[str, Any]:
    """A page of cases, each in words for who reads it; the subjects' names in one statement."""
    persons = identity.persons_by_ids(session, {filing.person_id for filing in page.items})
    # Opened and masked once each: a page is often about one person.
    names = {person_id: mask_name(person.name or "") for person_id, person in persons.items()}
    items = [summary(filing, names[filing.person_id], language, reader(filing)) for filing in page.items]
    return {"items": items, "next_cursor": page.next_cursor}


def present_events(session: Session, page: Page[FilingEvent], language: str) -> dict[str, Any]:
    """A page of the history in words. Reviewers are named by office and masked name."""
    events = page.items
    accounts = {event.actor_account_id for event in events if event.actor_account_id is not None}
    names = identity.display_names_of_accounts(session, list(accounts))
    offices = {event.organisation_id for event in events if event.organisation_id is not None}
    organisations = identity.organisation_names(session, offices)
    items = []
    for event in events:
        who = Text("系统", "The system")
        if event.actor_account_id is not None:
            role = identity.role_name(event.actor_role)
            place = organisations.get(event.organisation_id, "") if event.organisation_id else ""
            name = names.get(event.actor_account_id, "")
            english = " ".join(part for part in (place, role.en, name) if part)
            who = Text(f"{place}{role}{name}", english[:1].upper() + english[1:])
        action = wording.ACTION[Action(event.action)]
        items.append(
            {
                "seq": event.seq,
                "action": event.action,
                "text": f"{who.in_language(language)} {action.in_language(language)}",
                "status": event.after,
                "at": event.at,
                "reason": event.reason,
                "instant": bool(event.facts.get("instant")),
                "hash": event.hash,
                "previous_hash": event.previous_hash,
            }
        )
    return {"items": items, "next_cursor": page.next_cursor}


def facts(lines: Sequence[Fact], language: str) -> list[dict[str, str]]:
    """Labels and values in the reader's language."""
    return [
        {"label": line.label.in_language(language), "value": str(localize(line.value, language))}
        for line in lines
    ]


def _kind(kind: str) -> Text:
    return materials.kind_name(kind)
