"""What can be refused about remote care, beside what the rules name field by field."""

from app.kit.errors import define

FILING_NOT_NEEDED = define(
    "remote_care_not_needed",
    409,
    "{reason}所以没有为您提交备案。",
    "{reason} So nothing was filed.",
)
ALREADY_PENDING = define(
    "remote_care_pending",
    409,
    "您已提交过去{place}的备案申请（{number}），正在办理，不用重复提交。",
    "You have already applied for {place} ({number}); it is being handled, so there is no need to apply again.",
)
RECORD_LOCKED = define("remote_care_record_locked", 409, "{reason}", "{reason}")
RECORD_NOT_CHANGEABLE = define("remote_care_record_not_changeable", 409, "{reason}", "{reason}")
OVERLAP = define("remote_care_overlap", 409, "{reason}", "{reason}")
NO_RULES = define(
    "remote_care_no_rules",
    422,
    "这一天没有可用的备案规则，请选择更近的日期，或拨打 12393 咨询。",
    "There are no rules for that day. Choose a later day or call 12393.",
)
