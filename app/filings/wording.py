"""Words for people: states, next steps, actions. Roles: app.identity.wording."""

from dataclasses import dataclass
from enum import StrEnum

from app.kit.text import Text
from app.workflow.table import Action, Status


class Reader(StrEnum):
    """Who reads a case: what is said of it depends on whose turn it is."""

    APPLICANT = "applicant"  # whose case it is, or who acts for that person
    REVIEWER = "reviewer"  # staff who can do something about it now
    ONLOOKER = "onlooker"  # other staff who see it


@dataclass(frozen=True)
class Said:
    """One thing as it is said to each reader."""

    applicant: Text
    reviewer: Text
    onlooker: Text

    def to(self, reader: Reader) -> Text:
        """The words for this reader."""
        words = {
            Reader.APPLICANT: self.applicant,
            Reader.REVIEWER: self.reviewer,
            Reader.ONLOOKER: self.onlooker,
        }
        return words[reader]


def _said(applicant: Text, staff: Text) -> Said:
    """Where no member of staff has anything to do, all of them read the same."""
    return Said(applicant, staff, staff)


STATUS = {
    Status.DRAFT: Text("草稿", "Draft"),
    Status.SUBMITTED: Text("已提交，待审核", "Submitted, waiting for review"),
    Status.ACCEPTED: Text("已受理", "Accepted"),
    Status.NEEDS_CORRECTION: Text("需要补正", "Needs a correction"),
    Status.CERTIFIED: Text("专家已认定", "Certified by an expert"),
    Status.REFUSED: Text("专家未予认定", "Not certified"),
    Status.APPROVED: Text("已办结", "Approved"),
    Status.REJECTED: Text("不予办理", "Rejected"),
    Status.WITHDRAWN: Text("已撤回", "Withdrawn"),
}

WAITS = Said(
    Text("已在{place}排队，无需您做什么。", "It waits at {place}; you need not do anything."),
    Text("请领取后审核。", "Claim it and review it."),
    Text("在{place}排队，等待领取。", "It waits at {place} to be claimed."),
)
CLAIMED = Said(
    Text("正在{place}办理，无需您做什么。", "It is being handled at {place}; you need not do anything."),
    Text(
        "您已领取，请审核后作出决定；办不了的请退回队列。",
        "You have claimed it. Review and decide it, or give it back to the queue.",
    ),
    Text("正在{place}办理。", "It is being handled at {place}."),
)

WITH_EXPERTS = Said(
    Text(
        "已随机抽取专家在线鉴定，无需您做什么。",
        "Experts drawn by lot are looking at it; you need not do anything.",
    ),
    Text(
        "请对照标准逐条核对，作出认定或不予认定，并说明理由。",
        "Check each criterion, then certify it or refuse it with reasons.",
    ),
    Text("等待专家鉴定。", "It waits for the experts."),
)

NO_EXPERT = Said(
    Text(
        "暂时抽不到合适的专家，{place}正在安排，无需您做什么。",
        "No suitable expert could be drawn yet; {place} sees to it and you need not do anything.",
    ),
    Text(
        "暂时抽不到合适的专家。请补充专家库后点“重新抽取”；系统每小时也会自动再试。",
        "No suitable expert could be drawn. Add experts to the pool and draw again; it is tried every hour too.",
    ),
    Text("暂时抽不到合适的专家。", "No suitable expert could be drawn yet."),
)

NEXT_STEP = {
    Status.DRAFT: _said(
        Text("还没有提交。填好后请点“提交”。", "Not submitted yet. Finish it and press Submit."),
        Text("申请人还没有提交。", "The applicant has not submitted it yet."),
    ),
    Status.SUBMITTED: WAITS,
    Status.ACCEPTED: WAITS,
    Status.NEEDS_CORRECTION: _said(
        Text("请按列出的内容一次补齐后重新提交。", "Please add everything that is listed and submit again."),
        Text("等申请人补正后重新提交。", "It waits for the applicant's corrections."),
    ),
    Status.CERTIFIED: Said(
        Text(
            "专家已认定，等待{place}复核，无需您做什么。",
            "Certified; it waits at {place} and you need not do anything.",
        ),
        Text("专家已认定，请领取后复核。", "Certified. Claim it and review it."),
        Text("专家已认定，等待{place}复核。", "Certified; it waits at {place}."),
    ),
    Status.REFUSED: _said(
        Text("如有异议，可以申请复核。", "You may ask for a second opinion."),
        Text(
            "专家未予认定；申请人可以申请复核。", "Not certified; the applicant may ask for a second opinion."
        ),
    ),
    Status.APPROVED: _said(
        Text("已办好，现在就可以使用。", "Done; you can use it now."), Text("已办结。", "Done.")
    ),
    Status.REJECTED: _said(
        Text(
            "没有办成，理由已写明。情况变化后可重新申请。",
            "Not granted; the reason is given. You may apply again when things have changed.",
        ),
        Text("不予办理，理由已告知申请人。", "Not granted; the applicant was told why."),
    ),
    Status.WITHDRAWN: _said(
        Text("已撤回，需要时可重新申请。", "Withdrawn. You may apply again when needed."),
        Text("已撤回，不用再办。", "Withdrawn; nothing is left to do."),
    ),
}
"""What comes next, of a case in a queue as long as nobody has claimed it. {place}: where it waits."""

ACTION = {
    Action.SAVE: Text("保存草稿", "saved the draft"),
    Action.SUBMIT: Text("提交申请", "submitted it"),
    Action.RESUBMIT: Text("补正后重新提交", "corrected and submitted it again"),
    Action.CLAIM: Text("领取", "claimed it"),
    Action.RELEASE: Text("退回队列", "gave it back to the queue"),
    Action.ACCEPT: Text("受理", "accepted it"),
    Action.REQUEST_CORRECTION: Text("一次性告知需要补正的内容", "asked for corrections"),
    Action.CERTIFY: Text("认定", "certified it"),
    Action.REFUSE: Text("不予认定", "did not certify it"),
    Action.APPROVE: Text("办结", "approved it"),
    Action.REJECT: Text("不予办理", "rejected it"),
    Action.WITHDRAW: Text("撤回", "withdrew it"),
    Action.ESCALATE: Text("超过办理时限，转负责人督办", "deadline passed: moved to the supervisor"),
    Action.NOTE_OVERDUE: Text("再次超过办理时限，继续督办", "noted that another deadline passed"),
    Action.LAPSE: Text("到期没有办理，自动结束", "closed: nothing came in time"),
    Action.APPEAL: Text("申请复核", "appealed"),
    Action.REDRAW: Text("重新抽取专家", "drew other experts"),
    Action.SEND_BACK: Text("一次性告知需要补正的内容", "asked for corrections"),
    Action.HAND_OVER: Text("专家鉴定完成，转经办机构复核", "passed it on to the agency"),
    Action.CLOSE_REFUSED: Text("专家鉴定完成，未予认定", "closed the experts' review: not certified"),
    Action.KEEP_APPROVED: Text("复核完成，维持原结果", "closed the appeal: the result stays"),
    Action.CANCEL_RECORD: Text("取消备案", "cancelled the record"),
    Action.REPLACE_RECORD: Text("备案已变更", "the record was replaced by a change"),
}
