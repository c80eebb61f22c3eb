"""What somebody wants to do to a case: what belongs to an action and what does not, read before it is done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.filings import acting, catalogue, errors, intake
from app.filings.acting import Step
from app.filings.declaration import CorrectionItem
from app.filings.models import Filing, FilingMaterial
from app.kit.errors import invalid
from app.kit.text import Text
from app.materials.models import Material
from app.workflow.table import Action, Status


@dataclass(frozen=True)
class Act:
    """What somebody wants to do to a case."""

    action: Action
    expected_version: int
    reason: str | None = None
    items: Sequence[CorrectionItem] = ()
    form: Mapping[str, Any] | None = None
    material_ids: Sequence[UUID] = ()
    data: Mapping[str, Any] | None = None


def refuse_superfluous(wanted: Act, *, takes_form: bool, takes_data: bool) -> None:
    """What an action does not take is a mistake when it is given, not something to ignore."""
    superfluous = {}
    if wanted.form is not None and not takes_form:
        superfluous["form"] = [Text("这个操作不需要表单。", "This action takes no form.")]
    if wanted.material_ids and not takes_form:
        superfluous["material_ids"] = [Text("这个操作不需要材料。", "This action takes no papers.")]
    if wanted.items and wanted.action is not Action.REQUEST_CORRECTION:
        superfluous["items"] = [
            Text("只有要求补正时才列出补正内容。", "Items are for correction requests only.")
        ]
    if wanted.data is not None and not takes_data:
        superfluous["data"] = [Text("这个操作不需要附加内容。", "This action takes no data.")]
    if superfluous:
        raise invalid(superfluous)


def step_with_data(session: Session, filing: Filing, wanted: Act, step: Step) -> Step:
    """The step with what the action brings, as its service reads it, and with what that says to people.

    Raises all problems of the data at once, named data.<field>.
    """
    service = catalogue.get(filing.service_code)
    schema = service.data.get(wanted.action)
    if schema is None:
        return step
    # Said first: in the wrong state no correction of the data would help.
    acting.check_possible(session, filing, step)
    data = intake.read_data(schema, wanted.data or {})
    if wanted.action not in service.said:
        return replace(step, data=data)
    said = service.said[wanted.action](session, filing, data, step.reason)
    return replace(step, data=data, reason=said.reason, notice=said.notice, facts=said.facts, told=said.told)


def correction_step(filing: Filing, step: Step, wanted: Act) -> Step:
    """The step with what the applicant must correct. Raises NOTHING_TO_CORRECT, and for what comes in instalments."""
    if not wanted.items:
        raise errors.NOTHING_TO_CORRECT(
            errors={"items": [Text("请列出需要补正的每一项。", "List every item that needs a correction.")]}
        )
    facts = {"items": len(wanted.items)}
    reason = intake.correction_reason(wanted.reason, wanted.items)
    row = catalogue.get(filing.service_code).workflow.find(Action.REQUEST_CORRECTION, filing.status)
    if row is not None and row.target is not Status.NEEDS_CORRECTION:
        # One of several who look at the case: the notice goes out when all have spoken.
        intake.check_instalments(filing, wanted.items)
        return replace(step, reason=reason, facts=facts, items=wanted.items)
    intake.note_missing(filing, wanted.items)
    return replace(step, reason=reason, facts=facts)


def check_corrected(filing: Filing, present: Sequence[FilingMaterial], fresh: Sequence[Material]) -> None:
    """Everything that the one-time notice asked for must be there before the case goes back."""
    lacking = intake.lacking_papers(filing, present, [paper.kind for paper in fresh])
    if lacking:
        names = Text("、".join(str(name) for name in lacking), ", ".join(name.en for name in lacking))
        raise errors.PAPERS_MISSING(count=len(lacking), names=names, errors={"material_ids": lacking})
