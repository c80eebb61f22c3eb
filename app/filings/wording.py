"""Words for people: states, next steps, roles, actions."""

from app.kit.text import Text
from app.workflow.table import Action, Status

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

NEXT_STEP = {
    Status.DRAFT: Text("还没有提交。填好后请点“提交”。", "Not submitted yet. Finish it and press Submit."),
    Status.SUBMITTED: Text(
        "已在经办机构排队，无需您做什么。", "It waits at the agency; you need not do anything."
    ),
    Status.ACCEPTED: Text(
        "经办人员正在办理，无需您做什么。", "It is being handled; you need not do anything."
    ),
    Status.NEEDS_CORRECTION: Text(
        "请按下面列出的内容一次补齐后重新提交。", "Please add everything listed below and submit again."
    ),
    Status.CERTIFIED: Text("专家已认定，等待经办机构复核。", "Certified; the agency reviews it next."),
    Status.REFUSED: Text("如有异议，可以申请复核。", "You may ask for a second opinion."),
    Status.APPROVED: Text("已办好，现在就可以使用。", "Done; you can use it now."),
    Status.REJECTED: Text(
        "没有办成，原因见下。情况变化后可重新申请。",
        "Not granted, for the reason below. You may apply again.",
    ),
    Status.WITHDRAWN: Text("已撤回，需要时可重新申请。", "Withdrawn. You may apply again when needed."),
}

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
    Action.LAPSE: Text("逾期未补正，自动撤回", "withdrawn: the corrections did not come in time"),
    Action.CANCEL_RECORD: Text("取消备案", "cancelled the record"),
    Action.REPLACE_RECORD: Text("备案已变更", "the record was replaced by a change"),
}

ROLE = {
    "citizen": Text("申请人", "Applicant"),
    "agent": Text("代办员", "Agent"),
    "handler": Text("经办人员", "Handler"),
    "expert": Text("鉴定专家", "Expert"),
    "supervisor": Text("经办负责人", "Supervisor"),
    "auditor": Text("稽核人员", "Auditor"),
    "administrator": Text("系统管理员", "Administrator"),
    "system": Text("系统自动", "Automatic"),
}
