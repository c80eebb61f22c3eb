"""What each kind of notice says: a sentence in two languages, and short words for the templates."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from app.kit.text import Text
from app.notices.models import Channel, NoticeKind, NoticeStatus, Outcome


class Template(StrEnum):
    """The templates registered with WeChat and the SMS system, by what they are for."""

    RESULT = "result"
    CORRECTION = "correction"
    PROGRESS = "progress"


@dataclass(frozen=True)
class Wording:
    """The words of one kind.

    text: the sentence, with places {case}, {reason}, {due}, {until} that may be empty.
    phrase: what happened, in at most five Chinese characters (WeChat's phrase, also in the SMS).
    advice: what to do, in at most twenty characters (WeChat's thing, also in the SMS).
    sms: whether an SMS goes out where WeChat does not reach the person; without it the list in the app has to do.
    """

    template: Template
    text: Text
    phrase: str
    advice: str
    sms: bool = True


WORDINGS: Mapping[NoticeKind, Wording] = MappingProxyType(
    {
        NoticeKind.FILING_SUBMITTED: Wording(
            Template.PROGRESS,
            Text(
                "{case}已提交，正在排队审核。您不用再做什么，办好了会通知您。",
                "{case} was submitted and waits for review. You need not do anything; we will tell you.",
            ),
            "已提交",
            "不用再做什么，办好会通知您",
        ),
        NoticeKind.FILING_ACCEPTED: Wording(
            Template.PROGRESS,
            Text(
                "{case}已受理，经办人员正在办理。您不用再做什么。",
                "{case} was accepted and is being handled. You need not do anything.",
            ),
            "已受理",
            "正在办理，不用再做什么",
        ),
        NoticeKind.FILING_CERTIFIED: Wording(
            Template.PROGRESS,
            Text(
                "{case}的专家鉴定已经完成，等待经办机构复核。您不用再做什么。",
                "The experts have decided on {case}; the agency reviews it next. You need not do anything.",
            ),
            "专家已鉴定",
            "等待经办机构复核",
        ),
        NoticeKind.FILING_REFUSED: Wording(
            Template.RESULT,
            Text(
                "{case}没有通过专家认定。{reason}如有异议，可以拨打 12393 申请复核。",
                "{case} was not certified. {reason}You may call 12393 to ask for a second opinion.",
            ),
            "未予认定",
            "有异议可拨12393申请复核",
        ),
        NoticeKind.CORRECTION_NEEDED: Wording(
            Template.CORRECTION,
            Text(
                "{case}需要补正。{reason}请{due}打开小程序，一次补齐后重新提交。",
                "{case} needs a correction. {reason}Please add everything in the app and submit again{due}.",
            ),
            "需要补正",
            "请打开小程序查看并补齐",
        ),
        NoticeKind.CORRECTION_REMINDER: Wording(
            Template.CORRECTION,
            Text(
                "提醒您：{case}还没有补齐。{reason}请{due}打开小程序补齐，过期会自动撤回，要重新申请。",
                "A reminder: {case} still needs a correction. {reason}Please complete it in the app{due}; "
                "later it is withdrawn and you have to apply again.",
            ),
            "请尽快补正",
            "过期自动撤回，请尽快补齐",
        ),
        NoticeKind.FILING_APPROVED: Wording(
            Template.RESULT,
            Text(
                "{case}已办好，现在就可以使用{until}。",
                "{case} was approved and can be used now{until}.",
            ),
            "已办好",
            "现在就可以使用",
        ),
        NoticeKind.FILING_APPROVED_IN_PART: Wording(
            Template.RESULT,
            Text(
                "{case}已办结：一部分办好了，现在就可以使用；另一部分没有办成。{reason}"
                "打开小程序可以逐项查看，有疑问请拨打 12393。",
                "{case} was decided: a part of it was granted and can be used now, the rest was not. {reason}"
                "Open the app to see each, or call 12393.",
            ),
            "部分办好",
            "请逐项查看，有疑问拨12393",
        ),
        NoticeKind.FILING_REJECTED: Wording(
            Template.RESULT,
            Text(
                "{case}没有办成。{reason}情况变化后可以重新申请；有疑问请拨打 12393。",
                "{case} was not granted. {reason}You may apply again when things change, or call 12393.",
            ),
            "没有办成",
            "请看原因，有疑问请拨12393",
        ),
        NoticeKind.FILING_WITHDRAWN: Wording(
            Template.RESULT,
            Text(
                "{case}已撤回。需要时可以重新申请；如果不是您的意思，请拨打 12393。",
                "{case} was withdrawn. You may apply again; if this was not your wish, call 12393.",
            ),
            "已撤回",
            "需要时可以重新申请",
        ),
        NoticeKind.FILING_LAPSED: Wording(
            Template.RESULT,
            Text(
                "{case}没有按时补齐，已自动撤回。还要办的话，请备齐材料重新申请。",
                "{case} was withdrawn because the corrections did not come in time. You may apply again.",
            ),
            "逾期撤回",
            "还要办请备齐材料重新申请",
        ),
        NoticeKind.OVERDUE_ESCALATED: Wording(
            Template.PROGRESS,
            Text(
                "{case}超过了承诺的办理时间，已转负责人督办。耽误您了，您不用再做什么。",
                "{case} is overdue and was moved to the supervisor. We are sorry; you need not do anything.",
            ),
            "负责人督办",
            "超时已督办，不用再做什么",
        ),
        NoticeKind.RECORD_CHANGED: Wording(
            Template.RESULT,
            Text(
                "{case}已变更，今后按新的内容执行{until}。",
                "{case} was changed; the new one is in force now{until}.",
            ),
            "已变更",
            "今后按新的内容执行",
        ),
        NoticeKind.RECORD_CANCELLED: Wording(
            Template.RESULT,
            Text(
                "{case}已取消。需要时可以重新申请；如果不是您的意思，请拨打 12393。",
                "{case} was cancelled. You may apply again; if this was not your wish, call 12393.",
            ),
            "已取消",
            "需要时可以重新申请",
        ),
        NoticeKind.RENEWAL_REMINDER: Wording(
            Template.PROGRESS,
            Text(
                "{case}快到期了{until}。到期后还在外地的，请打开小程序重新办理，开始日期选到期后的第一天；"
                "不再去外地的，不用办。",
                "{case} ends soon{until}. If you will still be away then, please file anew in the app, beginning on "
                "the day after; otherwise you need not do anything.",
            ),
            "即将到期",
            "到期后还在外地请重新办理",
        ),
        NoticeKind.RESULT_KEPT: Wording(
            Template.RESULT,
            Text(
                "{case}的复核已结束。{reason}原来的结果不变，已有的待遇照常使用。",
                "{case} was looked at again. {reason}The result stays; what was granted can be used as before.",
            ),
            "维持原结果",
            "已有的待遇照常使用",
        ),
        NoticeKind.ENTITLEMENT_ENDING: Wording(
            Template.CORRECTION,
            Text(
                "{case}快到期了{until}。还需要长期治疗的，请打开小程序重新申请，新的待遇从到期后的第一天算起。",
                "{case} ends soon{until}. If you still need the treatment, please apply anew in the app; "
                "the new benefit begins on the day after.",
            ),
            "即将到期",
            "还需治疗的请重新申请",
        ),
        NoticeKind.ENTITLEMENT_WITHDRAWN: Wording(
            Template.RESULT,
            Text(
                "{case}已由经办机构取消。{reason}有异议的，请拨打 12393 或到经办窗口说明情况。",
                "{case} was withdrawn by the agency. {reason}If you disagree, call 12393 or go to its desk.",
            ),
            "待遇已取消",
            "请看原因，有异议请拨12393",
        ),
        NoticeKind.BENEFIT_OFFERED: Wording(
            Template.CORRECTION,
            Text(
                "{case}可以免申请办理：材料我们已有，您同意就行。{reason}请{due}打开小程序点“同意”；不需要的，点“不用了”。",
                "{case} can be had without papers: all it takes is your consent. {reason}Please open the app{due} and "
                "agree, or decline.",
            ),
            "等您同意",
            "打开小程序，点同意就能办",
        ),
        NoticeKind.OFFER_REMINDER: Wording(
            Template.CORRECTION,
            Text(
                "提醒您：{case}还在等您同意，不用交材料。{reason}请{due}打开小程序点“同意”；不需要的，点“不用了”。",
                "A reminder: {case} still waits for your consent, without papers. {reason}Please open the app{due} and "
                "agree, or decline.",
            ),
            "等您同意",
            "打开小程序，点同意就能办",
        ),
        NoticeKind.VOUCHER_ACTIVATED: Wording(
            Template.PROGRESS,
            Text(
                "{case}已在一台新手机上启用。{reason}如果不是您本人或监护人启用的，请马上打开小程序停用这台手机，"
                "或拨打 12393。",
                "{case} was activated on a new phone. {reason}If neither you nor your guardian did this, remove the phone "
                "in the app at once or call 12393.",
            ),
            "新手机启用",
            "不是您启用的，请马上停用",
        ),
        # No SMS: there are several a month for everybody, nothing has to be done, and they would hide what has.
        NoticeKind.BILL_SETTLED: Wording(
            Template.PROGRESS,
            Text(
                "{case}已完成。{reason}如果不是您本人或家人用的，请马上打开小程序停用医保码，并拨打 12393。",
                "{case} was settled. {reason}If it was neither you nor your family, revoke the voucher in the app at "
                "once and call 12393.",
            ),
            "医保已结算",
            "不是您用的请拨打12393",
            sms=False,
        ),
        NoticeKind.BILL_TAKEN_BACK: Wording(
            Template.PROGRESS,
            Text(
                "{case}已撤销。{reason}不明白的，请问这家机构，或拨打 12393。",
                "{case} was taken back. {reason}If you do not understand why, ask the institution or call 12393.",
            ),
            "结算已撤销",
            "这笔账不算数，请看账单",
            sms=False,
        ),
    }
)

STATUS_WORDS: Mapping[NoticeStatus, Text] = MappingProxyType(
    {
        NoticeStatus.QUEUED: Text("正在发送", "Being sent"),
        NoticeStatus.SENT: Text("已发送", "Sent"),
        NoticeStatus.FAILED: Text("没有发出去，请在这里查看", "It could not be sent; read it here"),
        NoticeStatus.UNDELIVERABLE: Text(
            "没有可用的微信订阅或手机号，请在这里查看。登记手机号后可以收到短信",
            "There is no WeChat subscription or phone to send it to; read it here, and register a phone",
        ),
    }
)

NOT_BY_SMS: Mapping[NoticeStatus, Text] = MappingProxyType(
    {
        NoticeStatus.UNDELIVERABLE: Text(
            "没有订阅微信消息，请在这里查看", "Not subscribed in WeChat; read it here"
        )
    }
)
"""Instead of STATUS_WORDS, for kinds that do not go out by SMS."""

CHANNEL_WORDS: Mapping[Channel, Text] = MappingProxyType(
    {Channel.WECHAT: Text("微信", "WeChat"), Channel.SMS: Text("短信", "SMS")}
)

OUTCOME_WORDS: Mapping[tuple[Channel, Outcome], Text] = MappingProxyType(
    {
        (Channel.WECHAT, Outcome.SENT): Text("已发到微信", "Sent to WeChat"),
        (Channel.WECHAT, Outcome.REFUSED): Text(
            "您没有订阅微信消息，改发短信", "Not subscribed in WeChat; SMS is used instead"
        ),
        (Channel.WECHAT, Outcome.LIMITED): Text("微信发送繁忙", "WeChat limits the number of messages"),
        (Channel.WECHAT, Outcome.UNREACHABLE): Text("微信暂时没有响应", "WeChat did not answer"),
        (Channel.WECHAT, Outcome.REJECTED): Text(
            "微信没有接收，改发短信", "WeChat did not take it; SMS is used instead"
        ),
        (Channel.SMS, Outcome.SENT): Text("短信已发出", "SMS sent"),
        (Channel.SMS, Outcome.REFUSED): Text(
            "手机号收不了短信，请核对登记的手机号", "The phone takes no SMS; check the registered number"
        ),
        (Channel.SMS, Outcome.LIMITED): Text("短信发送太频繁，稍后再发", "Too many SMS; it is sent later"),
        (Channel.SMS, Outcome.UNREACHABLE): Text(
            "短信系统暂时没有响应，稍后再发", "The SMS system did not answer; it is sent later"
        ),
        (Channel.SMS, Outcome.REJECTED): Text("短信系统没有接收", "The SMS system did not take it"),
    }
)

WECHAT_ALONE: Mapping[Outcome, Text] = MappingProxyType(
    {
        Outcome.REFUSED: Text("您没有订阅微信消息", "Not subscribed in WeChat"),
        Outcome.REJECTED: Text("微信没有接收", "WeChat did not take it"),
    }
)
"""Instead of OUTCOME_WORDS of WeChat, for kinds that do not go out by SMS."""
