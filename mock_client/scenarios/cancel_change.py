"""Where the pack has no lock (太原): a long-term filing is changed the same day, and cancelled."""

from mock_client.checks import must, must_be, must_say
from mock_client.people import Wanted
from mock_client.world import World

NAME = "cancel_change"
TITLE = "随时变更和取消：太原的长期备案当天改地方，再取消"

XIAN, CHENGDU = "6101", "5101"


def run(world: World) -> None:
    citizen = world.citizen(Wanted("1401", "310", retired=False))
    citizen.sign_in()
    filing = citizen.file(
        {
            "category": "posted_worker",
            "care_region_code": XIAN,
            "proof": "commitment",
            "commitment_accepted": True,
            "employer_name": "样本建设工程有限公司",
        },
        did="单位派驻西安，承诺即办",
    )
    must_be("办件状态", filing["status"], "approved")
    first = citizen.record_of(filing)
    must_be("限制变更到哪天", first["lock_until"], None)

    other = {"category": "long_term_resident", "care_region_code": CHENGDU, "proof": "commitment"}
    refusal = citizen.refused(
        "不变更，直接再备一个长期的",
        "remote_care_overlap",
        lambda: citizen.start({**other, "commitment_accepted": True}),
        status=409,
    )
    must_say(refusal.detail, "变更")
    refusal = citizen.refused(
        "变更时忘了重新承诺",
        "invalid_input",
        lambda: citizen.api.act_on_remote_care_record(
            first["id"], "change", form={"care_region_code": CHENGDU}
        ),
    )
    must("form.commitment_accepted" in refusal.errors, "应当提醒重新勾选承诺")
    changed = citizen.change_record(first, {"care_region_code": CHENGDU, "commitment_accepted": True})
    must_be("变更的办件状态", changed["filing"]["status"], "approved")

    records = {one["filing_id"]: one for one in citizen.read_records()}
    old, new = records[filing["id"]], records[changed["filing"]["id"]]
    must_be("原备案的有效标志（当天办当天改，从未生效）", old["vali_flag"], "0")
    must(new["in_force"] and new["rloc_admdvs"] == CHENGDU, "新备案应当在成都有效")
    must_be("新备案的类型（沿用原来的）", new["category"], "posted_worker")
    citizen.read_notice("record_changed", filing)

    citizen.cancel_record(new)
    must(not any(one["in_force"] for one in citizen.read_records()), "取消后不应再有有效的备案")
    citizen.read_notice("record_cancelled", changed["filing"])
    citizen.refused(
        "再取消一次",
        "remote_care_record_not_changeable",
        lambda: citizen.api.act_on_remote_care_record(new["id"], "cancel"),
        status=409,
    )
