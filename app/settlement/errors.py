"""What the terminal's side refuses. ``infcodes`` gives each its number in the national envelope.

The words are read at a counter: by a cashier, or by the patient to whom the screen is turned.
"""

from collections.abc import Sequence
from typing import Final

from app.kit.errors import Problem, define
from app.settlement.fields import FieldProblem, one_by_one

SHOWN_IN_WORDS: Final = 20
SHOWN_IN_OUTPUT: Final = 50

MESSAGE_INVALID = define(
    "message_invalid",
    422,
    "报文有 {count} 处需要改正：{problems}。请改正后重新发送。",
    "{count} fields of the message need a correction: {problems}. Mend them and send it again.",
)
TRANSACTION_UNKNOWN = define(
    "transaction_unknown",
    404,
    "没有这项交易。可用的交易：{known}。请核对交易编号（infno）。",
    "There is no such transaction. There are: {known}. Check the transaction's number (infno).",
)
TRANSACTION_DIFFERS = define(
    "transaction_differs",
    422,
    "报文里的交易编号（infno）与接口地址的不一致，没有办理。请核对后重新发送。",
    "The message's infno is not that of the address. Nothing was done; check it and send again.",
)
TERMINAL_WITHOUT_INSTITUTION = define(
    "terminal_without_institution",
    403,
    "这个终端没有登记在任何定点医药机构名下，不能办理。请联系当地医保经办机构登记。",
    "This terminal is not registered at any designated institution. Ask the local agency to register it.",
)
INSTITUTION_DIFFERS = define(
    "institution_differs",
    403,
    "报文里的机构编码（fixmedins_code）不是这个终端所属的机构，没有办理。请核对终端配置。",
    "The fixmedins_code is not that of this terminal's institution. Nothing was done; check its configuration.",
)
INSTITUTION_INACTIVE = define(
    "institution_inactive",
    403,
    "本机构的定点资格已暂停或终止，不能办理医保业务。请联系当地医保经办机构。",
    "This institution's contract is suspended or has ended. Ask the local agency.",
)
PERSON_NOT_MATCHED = define(
    "person_not_matched",
    422,
    "没有找到与所填证件和姓名一致的参保人。请核对证件后重试；仍不一致的，请参保人联系参保地医保经办机构核对登记。",
    "Nobody in the register fits this document and name. Compare them with the document and try again; "
    "if they are right, have the register checked by the agency.",
)
PSN_NO_DIFFERS = define(
    "psn_no_differs",
    422,
    "人员编号（psn_no）与出示的凭证不是同一个人，没有办理。请重新读取人员信息（1101）后再试。",
    "The psn_no is not that of the person who showed this document. Read the person again (1101) and retry.",
)
NAME_DIFFERS = define(
    "name_differs",
    422,
    "姓名（psn_name）与出示医保码的参保人不一致，没有办理。请核对是不是拿错了单据或扫了别人的码。",
    "The psn_name is not that of the person who showed the code. Nothing was done; check whether it is another patient's "
    "bill or code.",
)
NEWBORN_PERIOD_OVER = define(
    "newborn_period_over",
    422,
    "出生医学证明只在出生后 {days} 天内可以用来看病结算，现已超过。请监护人用孩子的身份证号码办理参保登记后再试。",
    "A birth certificate counts for {days} days from the birth, which are over. "
    "Have the child registered with its ID number first.",
)
COVERAGE_NOT_IN_FORCE = define(
    "coverage_not_in_force",
    422,
    "参保人在 {day} 没有正常参保，医保不能支付。请参保人联系参保地医保经办机构，或拨打 12393 查询参保和缴费情况。",
    "No insurance of this person was in force on {day}. Ask the agency or call 12393 about the contributions.",
)
COVERAGE_TYPE_NOT_HELD = define(
    "coverage_type_not_held",
    422,
    "参保人在 {day} 没有这个险种（{insutype}）的正常参保。请按 1101 返回的险种结算，或不填险种。",
    "The person holds no insurance of this type ({insutype}) in force on {day}. "
    "Use a type that 1101 gave, or leave it out.",
)
BUSINESS_NOT_HERE = define(
    "business_not_here",
    409,
    "本机构不能为“{business}”扫码：购药业务只在定点药店办理，诊疗业务只在医院和诊所办理。请按本机构的业务重新扫码。",
    "This institution cannot scan for {business}: pharmacies scan for purchases, hospitals and clinics for treatment. "
    "Scan again for what is done here.",
)

BILL_TOO_OLD = define(
    "bill_too_old",
    422,
    "这笔单据的日期（{day}）太早，现在只能联网结算 {earliest} 及以后的，没有办理。请参保人持票据到参保地经办机构手工报销。",
    "This bill's day ({day}) is too long ago: only bills from {earliest} on are settled here. Nothing was done; "
    "the person may claim it at the agency with the papers.",
)
DISEASE_UNCLEAR = define(
    "disease_unclear",
    422,
    "病种编码（dise_codg）不明确，没有办理：参保人有不止一种病的待遇而没有填写是哪一种，或所填的病种没有待遇。"
    "请用 5301 查询参保人的病种编码，填写后重新发送；看的是别的病的，请按普通门诊（med_type 11）发送。",
    "The disease (dise_codg) is not clear, so nothing was done: the person's benefits are for several diseases and none "
    "is named, or not for the one that is. Ask 5301 for the codes, fill in the right one and send it again; "
    "if the care was for another disease, send it as ordinary outpatient care (med_type 11).",
)
BILL_DIFFERS = define(
    "bill_differs",
    409,
    "这个收费批次号（chrg_bchno）已经结算过另一份内容，没有办理。请核对；确需结算的，请用新的收费批次号。",
    "This bill number (chrg_bchno) was settled with other content. Nothing was done; use a new bill number if it is a new bill.",
)
MESSAGE_NUMBER_USED = define(
    "message_number_used",
    409,
    "这个报文编号（msgid）已用于另一笔结算，没有办理。请用新的报文编号重新发送。",
    "This msgid settled another bill. Nothing was done; send it again with a new msgid.",
)
ORDER_REVERSED = define(
    "order_reversed",
    409,
    "这笔单据已经冲正，不能再支付。请用新的报文编号和收费批次号重新结算。",
    "This order was reversed and can never be paid. Settle again with a new msgid and a new bill number.",
)
BILL_STANDS_PAID = define(
    "bill_stands_paid",
    409,
    "这笔单据已经支付，仍然有效：支付它的报文是 {msgid}，结算编号是 {setl_id}。这次没有再支付，也没有冲正任何结算。"
    "请不要换单号重新结算；要回执的，请用新的报文编号重新发送原单据；要退的，请冲正（2601）报文 {msgid}，"
    "或撤销（2208）结算 {setl_id}。",
    "This bill was paid and stands: by message {msgid}, settlement {setl_id}. Nothing was paid or reversed now. "
    "Do not settle it under a new bill number; to get its answer, send the same bill with a new msgid; "
    "to take it back, reverse (2601) message {msgid} or undo (2208) settlement {setl_id}.",
)
BILL_UNDONE = define(
    "bill_undone",
    409,
    "这笔单据结算后已经撤销。请用新的收费批次号重新结算。",
    "This bill was settled and undone. Settle again with a new bill number.",
)
REVERSAL_DIFFERS = define(
    "reversal_differs",
    409,
    "原报文（omsgid）结算的不是所填的这笔单据（mdtrt_id、chrg_bchno），没有冲正。请核对后重新发送。",
    "The message (omsgid) settled another bill than the one named (mdtrt_id, chrg_bchno). Nothing was reversed; "
    "compare them and send it again.",
)
LATER_BILLS_DEPEND = define(
    "later_bills_depend",
    409,
    "这笔结算以后，同一参保人本年度还有 {count} 笔结算的起付线或限额是接着它算的，所以没有撤销。"
    "请先从最后一笔起依次撤销：{which}；再撤销这一笔。",
    "After this settlement {count} more of the same person and year were settled whose deductible or caps rest on it, "
    "so it was not undone. Undo these first, the last one first: {which}; then this one.",
)
SETTLEMENT_TAMPERED = define(
    "settlement_tampered",
    409,
    "这笔结算的记录与当时写下的不一致，已停止办理。请联系参保地医保经办机构核查。",
    "The record of this settlement is not what was written when it settled, so nothing is done to it. "
    "Have the agency look into it.",
)
SETTLEMENT_UNKNOWN = define(
    "settlement_unknown",
    404,
    "本机构没有这笔结算。请核对结算编号（setl_id）。",
    "This institution has no such settlement. Check the setl_id.",
)


def message_invalid(problems: Sequence[FieldProblem]) -> Problem:
    """All that is wrong with a message at once; whoever sends nonsense does not get many times as much back."""
    return MESSAGE_INVALID(
        count=len(problems),
        problems=one_by_one(problems, SHOWN_IN_WORDS),
        errors={one.field: [one.message] for one in problems},
        extra={
            "fields": [
                {"field": one.field, "code": one.code, "message": one.message}
                for one in problems[:SHOWN_IN_OUTPUT]
            ]
        },
    )
