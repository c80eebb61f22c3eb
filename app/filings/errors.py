"""What can be refused about a case."""

from app.kit.errors import define

NO_SUCH_SERVICE = define(
    "service_unknown",
    422,
    "没有这个事项，请返回首页重新选择。",
    "There is no such service. Choose again on the first page.",
)
SERVICE_NOT_FOUND = define(
    "service_not_found",
    404,
    "没有找到这个事项，请返回首页重新选择。",
    "This service was not found. Choose again on the first page.",
)
SUBJECT_NOT_ALLOWED = define(
    "subject_not_allowed",
    404,
    "没有找到这位办理对象，或您还不能替他（她）办理。请先在“家人”里绑定。",
    "This person was not found, or you may not act for them yet. Add them under Family first.",
)
NOT_INSURED = define(
    "not_insured",
    422,
    "没有查到有效的医保参保信息，暂时不能办理。请向参保地医保局或 12393 核实参保缴费情况。",
    "No insurance in force was found. Please check your enrolment with your insurance office or 12393.",
)
COVERAGE_ENDED = define(
    "coverage_ended",
    422,
    "您的医保关系已于 {date} 终止，不能办理。请先办理参保登记。",
    "Your insurance ended on {date}. Please enrol first.",
)
COVERAGE_SUSPENDED = define(
    "coverage_suspended",
    422,
    "您的医保因欠费等原因暂停，不能办理。补缴后即可办理。",
    "Your insurance is suspended. It can be used again once the contribution is paid.",
)
COVERAGE_AMBIGUOUS = define(
    "coverage_ambiguous",
    422,
    "您有多个参保关系，请选择按哪一个办理。",
    "You hold more than one insurance. Please choose which one to use.",
)
PAPERS_MISSING = define(
    "papers_missing",
    422,
    "还缺 {count} 份材料：{names}。请一次补齐后再提交。",
    "{count} papers are missing: {names}. Please add all of them and submit again.",
)
WRONG_STATE = define(
    "wrong_state",
    409,
    "这件业务现在的状态是“{status}”，不能这样操作。请刷新后查看可以办理的操作。",
    "The case is in state “{status}” and this cannot be done now. Refresh to see what is possible.",
)
WRONG_PARTY = define(
    "wrong_party",
    409,
    "这一步要由其他人来办，您可以办理的操作已列出。",
    "This step is for somebody else. What you can do is listed.",
)
NOT_CLAIMED = define("not_claimed", 409, "请先领取这件业务，再进行处理。", "Claim the case first.")
HELD_BY_ANOTHER = define(
    "held_by_another",
    409,
    "这件业务已由其他经办人员领取。",
    "The case has been claimed by somebody else.",
)
CONFLICT_OF_INTEREST = define(
    "conflict_of_interest",
    409,
    "这是您本人或亲属的业务，按规定须回避，请由其他人员办理。",
    "This is your own case or a relative's; the rules ask that somebody else decides it.",
)
DUTY_SEPARATION = define(
    "duty_separation",
    409,
    "您已经办过这件业务的另一个环节，按规定同一人不能再办这一步。",
    "You already did another step of this case; the same person may not do this one.",
)
REASON_MISSING = define(
    "reason_missing",
    422,
    "请写明理由，让申请人看得懂、知道怎么办。",
    "Please give a reason that the applicant understands.",
)
NOTHING_TO_CORRECT = define(
    "correction_items_missing",
    422,
    "请一次性列出需要补正的材料或内容。",
    "Please list at once everything that needs a correction.",
)
CORRECTION_IN_INSTALMENTS = define(
    "correction_in_instalments",
    409,
    "补正要一次告知清楚：这件业务已经补正过，不能再提新的要求。请按现有材料作出决定；原来要求的材料仍不合格的，可以只退回那几项。",
    "Everything missing is named at once: this case was sent back before, so nothing new may be asked for. Decide on "
    "what there is, or send back only what was asked for and is still not right.",
)
TOO_MANY_OPEN = define(
    "too_many_open_filings",
    409,
    "您有 {count} 件业务还没办完，请先处理完再提交新的。",
    "You have {count} unfinished cases. Please finish those first.",
)
TOO_MANY_SAVES = define(
    "too_many_saves",
    409,
    "这件业务已经保存了 {limit} 次，不能再保存。请把改好的内容直接提交；不想办了可以撤回，再重新申请。",
    "This case was saved {limit} times and cannot be saved again. Submit it with your last changes, or withdraw it and "
    "apply anew.",
)
PAPERS_SEEN = define(
    "papers_already_seen",
    409,
    "有 {count} 份材料经办人员已经看过，要留在这件业务里，不能去掉。传错了的，请补传正确的。",
    "{count} papers were seen by a reviewer already and stay in the case. If one is wrong, add the right one.",
)
NOT_RATEABLE = define(
    "not_rateable",
    409,
    "业务提交并办结后才能评价。",
    "A case can be rated once it was submitted and is finished.",
)
ALREADY_RATED = define(
    "already_rated", 409, "这件业务已经评价过了，谢谢。", "This case has been rated already. Thank you."
)
NO_RECEIPT = define(
    "no_receipt",
    409,
    "业务提交后才能下载回执。",
    "A receipt can be downloaded once the case is submitted.",
)
TOO_MANY_PAPERS = define(
    "too_many_papers",
    422,
    "最多添加 {limit} 份材料，请去掉多余的再提交。",
    "At most {limit} papers can be added. Take some out and submit again.",
)
CODE_UNKNOWN = define(
    "verification_code_unknown",
    404,
    "没有查到这个验证码，请核对后重新输入。如确认无误，这份材料可能不是本系统出具的。",
    "This code is not known. Check it; if it is right, the paper may not be ours.",
)
