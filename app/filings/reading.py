"""Who reads a case, and what that reader is told: what comes next, and with whom the case lies."""

from app.filings import catalogue, wording
from app.filings.models import Filing
from app.filings.service import SeenFiling
from app.filings.wording import Reader
from app.identity.actor import Actor, Role
from app.kit import clock
from app.kit.text import Text
from app.workflow.table import Action, Holder, Status


def reader_of(seen: SeenFiling) -> Reader:
    """Who reads a case that was looked at by itself."""
    if seen.standing.is_applicant:
        return Reader.APPLICANT
    return Reader.REVIEWER if seen.actions else Reader.ONLOOKER


def reader_in_queue(actor: Actor, filing: Filing) -> Reader:
    """Who reads a line of a queue, from the case alone: a list asks nothing more for each of its lines."""
    own = actor.person_id in {filing.person_id, filing.applicant_person_id}
    free = filing.holder_account_id in {None, actor.account_id}
    return Reader.REVIEWER if free and not own else Reader.ONLOOKER


def next_step(filing: Filing, reader: Reader) -> Text:
    """What comes next, in words."""
    said = wording.NEXT_STEP[filing.status]
    if _holder(filing) is not Holder.QUEUE:
        return said.to(reader)
    if filing.queue_role == Role.EXPERT:
        said = wording.WITH_EXPERTS
    elif filing.status is Status.SUBMITTED and _waits_for_draw(filing):
        said = wording.NO_EXPERT
    elif filing.holder_account_id is not None:
        said = wording.CLAIMED
    return said.to(reader).format(place=_place(filing))


def where(filing: Filing, reader: Reader) -> Text:
    """With whom the case lies, in words."""
    holder = _holder(filing)
    if holder is Holder.NOBODY:
        return Text("已结束", "Closed")
    if holder is Holder.APPLICANT:
        return _with_applicant(filing, reader)
    claimed, place = filing.holder_account_id is not None, _place(filing)
    if reader is Reader.REVIEWER:
        return _with_reviewer(filing, claimed=claimed)
    if claimed:
        return Text(f"正在{place}办理", f"Being handled at {place.en}")
    return Text(f"在{place}排队等待", f"Waiting at {place.en}")


def _with_reviewer(filing: Filing, *, claimed: bool) -> Text:
    if filing.queue_role == Role.EXPERT:
        return Text("由您鉴定", "With you")
    if claimed:
        # Who can act on a claimed case is who has claimed it.
        return Text("由您办理", "With you")
    if filing.status is Status.SUBMITTED and _waits_for_draw(filing):
        return Text("在您的待办里，等待抽取专家", "In your queue; no expert could be drawn yet")
    return Text("在您的待办里，等待领取", "In your queue")


def _with_applicant(filing: Filing, reader: Reader) -> Text:
    mine = reader is Reader.APPLICANT
    who = Text("在您手里", "With you") if mine else Text("在申请人手里", "With the applicant")
    if filing.due_at is None:
        return who
    day = clock.china_day(filing.due_at).isoformat()
    until = Text(f"请在 {day} 前办理", f"until {day}") if mine else Text(f"期限到 {day}", f"until {day}")
    return Text(f"{who}，{until}", f"{who.en}, {until.en}")


def _waits_for_draw(filing: Filing) -> bool:
    """Whether nobody reviews the case here: all that can be done is to call somebody who does."""
    workflow = catalogue.get(filing.service_code).workflow
    can = {action for action in (Action.CLAIM, Action.REDRAW) if workflow.find(action, filing.status)}
    return can == {Action.REDRAW}


def _holder(filing: Filing) -> Holder:
    return catalogue.get(filing.service_code).workflow.holders[filing.status]


def _place(filing: Filing) -> Text:
    """Where a case waits. An escalated one is with the agency, wherever it waited before."""
    if filing.queue_role == Role.SUPERVISOR:
        return Text("经办机构负责人处", "the agency's supervisor")
    if filing.queue_role == Role.EXPERT:
        return Text("鉴定专家处", "the experts")
    if filing.queue_organisation_id is not None:
        return Text("医院医保办", "the hospital's desk")
    return Text("经办机构", "the agency")
