"""Not granted, with the reason; the person may apply again, and may take an application back."""

from mock_client.api.filings import Form
from mock_client.checks import must, must_be, must_hold, must_say
from mock_client.people import Wanted
from mock_client.world import World

NAME = "rejected"
TITLE = "不予办理要写明理由；改好再申请，也可以自己撤回"

REASON = "居住证明是他人的，请上传您本人的居住证明后重新申请"


def run(world: World) -> None:
    citizen = world.citizen(Wanted("6109", "390", student=False))
    citizen.sign_in()
    camera, person = citizen.phone.camera, citizen.person.holder
    papers = citizen.hand_in(camera.id_card_front(person), camera.residence_permit(person))
    form: Form = {"category": "long_term_resident", "care_region_code": "5101", "proof": "documents"}
    filing = citizen.file(form, papers=papers)
    citizen.refused(
        "等不及，同样的又提交一件",
        "remote_care_pending",
        lambda: citizen.start(form, papers=papers),
        status=409,
    )

    handler = world.handler(citizen)
    handler.sign_in()
    item = handler.find_in_queue(filing)
    handler.refused(
        "没领取就想审核",
        "not_claimed",
        lambda: handler.api.act_on_filing(filing["id"], "approve", item["version"]),
        status=409,
    )
    claimed = handler.claim(item)
    handler.refused(
        "不写理由就退掉",
        "reason_missing",
        lambda: handler.api.act_on_filing(filing["id"], "reject", claimed["version"]),
        status=422,
    )
    handler.refused(
        "要求补正，却不说补什么",
        "correction_items_missing",
        lambda: handler.api.act_on_filing(
            filing["id"], "request_correction", claimed["version"], reason="请补正"
        ),
        status=422,
    )
    must_be("办件状态", handler.reject(claimed, REASON)["status"], "rejected")

    must_say(citizen.read_notice("filing_rejected", filing)["text"], REASON)
    seen = citizen.look_at(filing["id"])
    must_be("办件状态", seen["status"], "rejected")
    must_be("办件里写明的理由", seen["reason"], REASON)
    events = citizen.read_history(filing["id"])
    must_be("办理记录里的理由", events[-1]["reason"], REASON)
    must(not citizen.read_records(), "没有办成就不应有备案记录")
    citizen.rate(filing, 1)

    again = citizen.file(form, papers=papers, did="改好后重新申请")
    must_be("撤回后的状态", citizen.withdraw(again, "家里商量好不去了")["status"], "withdrawn")
    citizen.read_notice("filing_withdrawn", again)
    listed = {one["id"]: one["status"] for one in citizen.api.list_filings(limit=50)["items"]}
    must_hold("我的办件", listed.items(), [(filing["id"], "rejected"), (again["id"], "withdrawn")])
