"""Inside the lock of a long-term filing: neither change nor cancellation, with the day from which both are possible."""

from datetime import date, timedelta
from functools import partial

from mock_client.actors import Citizen
from mock_client.api.filings import Form
from mock_client.api.remote_care import RecordAnswer
from mock_client.checks import must, must_be, must_say
from mock_client.days import half_a_year_after
from mock_client.people import Wanted
from mock_client.world import World

NAME = "locked"
TITLE = "长期备案六个月内：不能变更和取消，并说明哪天起可以"

XIAN, CHENGDU = "6101", "5101"


def run(world: World) -> None:
    citizen = world.citizen(Wanted("6109", "310", retired=False))
    citizen.sign_in()
    record = _filed(world, citizen)
    lock = date.fromisoformat(record["lock_until"] or "")
    must_be("限制变更到哪天", lock, half_a_year_after(world.today))
    free = lock + timedelta(days=1)

    elsewhere: Form = {"care_region_code": CHENGDU, "commitment_accepted": True}
    for did, action, form in (("想变更到成都", "change", elsewhere), ("想取消备案", "cancel", None)):
        refusal = citizen.refused(
            did,
            "remote_care_record_locked",
            partial(citizen.api.act_on_remote_care_record, record["id"], action, form=form),
            status=409,
        )
        must_say(refusal.detail, f"{free.year}年{free.month}月{free.day}日起可以办", "临时备案")

    beside = citizen.file(
        {
            "category": "other_temporary",
            "care_region_code": CHENGDU,
            "proof": "commitment",
            "commitment_accepted": True,
        },
        did="照提示，另办一份去成都的临时备案",
    )
    must_be("办件状态", beside["status"], "approved")
    records = {one["filing_id"]: one for one in citizen.read_records()}
    must(records[record["filing_id"]]["in_force"], "长期备案应当仍然有效")
    must(records[beside["id"]]["in_force"], "临时备案应当同时有效")


def _filed(world: World, citizen: Citizen) -> RecordAnswer:
    filing = citizen.file(
        {
            "category": "posted_worker",
            "care_region_code": XIAN,
            "proof": "commitment",
            "commitment_accepted": True,
            "employer_name": "样本建设工程有限公司",
        },
        did="单位派驻西安，承诺代替材料，提交",
    )
    must_be("办件状态", filing["status"], "submitted")
    handler = world.handler(citizen)
    handler.sign_in()
    handler.approve(handler.claim(handler.find_in_queue(filing)))
    return citizen.record_of(filing)
