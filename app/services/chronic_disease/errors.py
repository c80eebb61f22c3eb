"""What can be refused about chronic-disease applications and entitlements."""

from app.kit.errors import define

ALREADY_PENDING = define(
    "chronic_pending",
    409,
    "“{disease}”您已经提交过申请（{number}），正在办理，不用重复提交。",
    "You have already applied for {disease} ({number}); it is being handled.",
)
ALREADY_ENTITLED = define(
    "chronic_already_entitled",
    409,
    "您已有“{disease}”待遇，{until}，不用再申请。",
    "You already hold the benefit for {disease} ({until}); there is no need to apply.",
)
EXCLUDED = define(
    "chronic_excluded",
    409,
    "“{disease}”与您已有的“{other}”待遇不能同时享受。请先咨询参保地医保经办机构或 12393。",
    "{disease} cannot be held together with your benefit for {other}. Ask your agency or 12393.",
)
EXCLUDED_PENDING = define(
    "chronic_excluded_pending",
    409,
    "“{disease}”与您正在办理的“{other}”（{number}）不能同时享受。请等那一件办完，或先撤回它。",
    "{disease} cannot be held together with {other}, for which you have applied ({number}). Wait for it or withdraw it.",
)
COVERED = define(
    "chronic_covered",
    409,
    "您已有的“{other}”待遇已经包含“{disease}”，不用再申请。",
    "Your benefit for {other} covers {disease}; there is no need to apply.",
)
HELD_MEANWHILE = define(
    "chronic_held_meanwhile",
    409,
    "参保人在此期间已取得其他待遇，不能再核准：{diseases}。请把这些病种逐一列为不予核准（rejected）并说明理由，"
    "其余病种照常核准；没有其余病种的，请选择不予办理。",
    "The person has got other benefits meanwhile; these cannot be granted: {diseases}. Put them under “rejected” with a "
    "reason each and grant the others; where there are no others, reject the case.",
)
NOTHING_TO_GRANT = define(
    "chronic_nothing_to_grant",
    422,
    "您把待复核的病种全部列为不予核准了。一个都不核准的，请改选“不予办理”（reject）并说明理由。",
    "Every disease before you is under “rejected”. To grant none, reject the case with a reason instead.",
)
NO_EXPERT_YET = define(
    "chronic_no_expert_yet",
    409,
    "现在还抽不到合适的专家（都在休假、已满额或需要回避）。系统每小时会自动再试，请先补充专家库。",
    "No suitable expert can be drawn yet. It is tried again every hour; please add experts to the pool.",
)
WHICH_DISEASE = define(
    "chronic_which_disease",
    422,
    "这件申请有几个病种等您鉴定，请说明是哪一个。",
    "Several diseases of this case wait for your opinion. Say which one.",
)
NOT_YOURS = define(
    "chronic_disease_not_yours",
    409,
    "这个病种不由您鉴定，或您已经鉴定过了。",
    "This disease is not yours to decide, or you have decided it already.",
)
CRITERIA_UNMET = define(
    "chronic_criteria_unmet",
    422,
    "还不能认定：{unmet}。请逐项核对；确实不符合的，请选择“不予认定”并说明理由。",
    "It cannot be certified yet: {unmet}. Check each criterion; if it does not qualify, refuse with reasons.",
)
CRITERIA_MET = define(
    "chronic_criteria_met",
    422,
    "您勾选的条件已达到认定标准，不能选择“不予认定”。请核对勾选，或改为“认定”。",
    "By the criteria that you ticked it qualifies. Check the ticks, or certify it.",
)
NOTHING_TO_APPEAL = define(
    "chronic_nothing_to_appeal",
    409,
    "没有可以申请复核的病种：每个病种只能复核一次。",
    "There is nothing to appeal: each disease can be appealed once.",
)
APPEAL_TOO_LATE = define(
    "chronic_appeal_too_late",
    409,
    "已过复核期限（{until}）。情况有变化或有新材料时，可以重新申请。",
    "The time for an appeal ended on {until}. You may apply anew with new papers.",
)
NO_RULES = define(
    "chronic_no_rules",
    422,
    "参保地这一天没有可用的认定标准，请拨打 12393 咨询。",
    "Your region has no criteria for that day. Please call 12393.",
)
INSTITUTIONS_FIXED = define(
    "chronic_institutions_fixed",
    409,
    "定点机构一年只能变更 {times} 次，{until} 以后才能再变更。",
    "The institutions can be changed {times} time(s) a year, again from {until}.",
)
ENTITLEMENT_ENDED = define(
    "chronic_entitlement_ended",
    409,
    "这项待遇已经结束，不能再变更。",
    "This benefit has ended and cannot be changed.",
)
OWN_ENTITLEMENT = define(
    "chronic_own_entitlement",
    403,
    "这是您本人或亲属的待遇，请由同事办理。",
    "This is your own benefit or a relative's. A colleague must handle it.",
)
NO_POOL = define(
    "chronic_no_pool",
    404,
    "{region} 没有鉴定专家库，请核对区划代码。",
    "There is no pool of experts for {region}. Check the region's code.",
)
REASON_NEEDED = define(
    "chronic_reason_needed",
    422,
    "请写明取消待遇的理由，参保人会看到。",
    "Give the reason for withdrawing the benefit; the person will see it.",
)
DAY_NOT_OVER = define(
    "chronic_day_not_over",
    409,
    "当天的抽取还没有结束，种子要到第二天才公布；现在可以先记下它的承诺值。",
    "The day is not over; its seed is shown tomorrow. Note its commitment now.",
)
OFFER_CLOSED = define(
    "chronic_offer_closed",
    409,
    "这份邀请已经处理过了，不能再点同意或不用。需要时可以自己提交申请。",
    "This offer was answered already or has ended. You may still apply yourself.",
)
OFFER_EXPIRED = define(
    "chronic_offer_expired",
    409,
    "这份邀请 {until} 已到期。需要时可以自己提交申请。",
    "This offer ended on {until}. You may still apply yourself.",
)
