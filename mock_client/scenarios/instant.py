"""A commitment, no papers, no review: filed and in force within a minute, with a receipt that anyone can check."""

from mock_client.api.remote_care import AdviceAnswer, CategoryAdviceAnswer
from mock_client.checks import must, must_be, must_hold, must_say, the_one
from mock_client.days import half_a_year_after
from mock_client.people import Wanted
from mock_client.world import World

NAME = "instant"
TITLE = "承诺即办：先问要不要备案，再当场办好，回执扫码可查"

BEIJING, A_DISTRICT_OF_BEIJING = "11", "110105"
PLATFORM_NAMES = (
    "trt_dcla_detl_sn",
    "dcla_souc",
    "psn_no",
    "insutype",
    "insu_admdvs",
    "rloc_admdvs",
    "rloc_rea",
    "begndate",
    "enddate",
    "vali_flag",
)


def run(world: World) -> None:
    citizen = world.citizen(Wanted("6104", "390", student=False))
    citizen.sign_in()
    _advice_has_numbers(citizen.ask_advice("北京", BEIJING, hospital_level=3))

    filing = citizen.file(
        {
            "category": "other_temporary",
            "care_region_code": A_DISTRICT_OF_BEIJING,
            "proof": "commitment",
            "commitment_accepted": True,
            "reason": "到北京的医院复查",
        },
        did="选“其他临时外出就医”，勾选承诺，提交",
    )
    must_be("办件状态", filing["status"], "approved")
    must(filing["instant"], "承诺办理应当场办好")
    must_be("可以做的操作", filing["available_actions"], ["cancel_record"])

    record = citizen.record_of(filing)
    must_hold("备案记录的国家平台字段", record.keys(), PLATFORM_NAMES)
    must_be("就医地（选到区，备案到市）", record["rloc_admdvs"], BEIJING)
    must_be("参保地", record["insu_admdvs"][:4], "6104")
    must_be("险种", record["insutype"], "390")
    must_be("有效标志", record["vali_flag"], "1")
    must_be("开始日期", record["begndate"], world.today.isoformat())
    must_be("结束日期", record["enddate"], half_a_year_after(world.today).isoformat())
    must(record["in_force"], "办好的备案应当马上有效")

    receipt = citizen.download_receipt(filing)
    must_say(receipt.text, record["trt_dcla_detl_sn"], "已办结")
    verified = world.passerby().check_receipt(receipt)
    must_be("回执上的状态", verified["current_status"], "approved")
    must(not verified["superseded"], "刚下载的回执应当是最新的")

    notice = citizen.read_notice("filing_approved", filing)
    must_be("通知方式", notice["channel"], "wechat")
    citizen.see_wechat_message(filing, "已办好")
    actions = [event["action"] for event in citizen.read_history(filing["id"])]
    must_be("办理记录", actions, ["submit", "approve"])
    citizen.rate(filing, 5)


def _advice_has_numbers(advice: AdviceAnswer) -> None:
    must_be("要不要备案", advice["must_file"], "yes")
    must(advice["numbers_known"], "咸阳居民住院的报销比例有来源，应当说出数字")
    without = {share["percent"] for share in advice["without_filing"]}
    must_be("不备案的三级医院住院比例", without, {40})
    long_term = _category(advice, "long_term_resident")
    must_be("长期备案的三级医院住院比例", {share["percent"] for share in long_term["shares"]}, {50})
    temporary = _category(advice, "other_temporary")
    must(temporary["proofs"][0]["instant"], "其他临时外出应当承诺即办")
    must(advice["source"]["ref"], "建议应当说明依据")


def _category(advice: AdviceAnswer, category: str) -> CategoryAdviceAnswer:
    return the_one(f"建议里的 {category}", advice["with_filing"], lambda one: one["category"] == category)
