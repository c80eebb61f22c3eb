"""A villager in the mountains presses submit again and again: exactly one case arises, and every answer names it."""

from concurrent.futures import ThreadPoolExecutor

from mock_client.answers import Answer, JsonValue
from mock_client.api.filings import Form
from mock_client.checks import must, must_be
from mock_client.network import GOOD, MOUNTAIN, Fate
from mock_client.people import Wanted
from mock_client.transport import Retry
from mock_client.world import World

NAME = "retry_storm"
TITLE = "山区信号差：反复重试、连点提交，也只有一件"

BEIJING, SHANGHAI = "11", "31"
PRESSES = 6
PATIENT = Retry(tries=20, first_s=0.2, ceiling_s=2.0)


def run(world: World) -> None:
    citizen = world.citizen(Wanted("610727", "390", student=False), retry=PATIENT, pace=world.pace * 0.2)
    citizen.sign_in()
    phone, network = citizen.phone, citizen.phone.network
    form: Form = {
        "category": "other_temporary",
        "care_region_code": BEIJING,
        "proof": "commitment",
        "commitment_accepted": True,
    }
    before = len(citizen.api.list_filings(limit=50)["items"])

    network.change(MOUNTAIN)
    [photo] = [phone.camera.social_card(citizen.person.holder)]
    with citizen.step("在山里拍照上传，上传到一半断了几次") as step:
        network.foresee(Fate.CUT, Fate.LOST_AFTER, Fate.CUT, Fate.DELIVERED)
        paper = citizen.api.upload_material(photo.part, photo.kind)
        again = citizen.api.upload_material(photo.part, photo.kind)
        must_be("重传得到的材料", again["id"], paper["id"])
        step.saw("上传成功，没有重复")

    key = phone.new_key()
    with citizen.step("提交备案，回答丢了好几次，小程序自动重试") as step:
        network.foresee(Fate.LOST_AFTER, Fate.CUT, Fate.LOST_BEFORE, Fate.LOST_AFTER, Fate.DELIVERED)
        filing = citizen.start(form, papers=[paper["id"]], key=key)
        tries = citizen.api.last.tries if citizen.api.last else 0
        must(tries >= 5, "应当重试过几次")
        step.saw(f"第 {tries} 次才收到回答：{filing['number']} {filing['status_text']}")

    body: dict[str, JsonValue] = {
        "service_code": "remote_care",
        "form": form,
        "material_ids": [paper["id"]],
        "submit": True,
    }
    with citizen.step(f"着急，又连点了 {PRESSES} 次提交") as step:

        def press(_number: int) -> Answer:
            return phone.call("POST", "/api/v1/filings", json=body, idempotency_key=key, expect=201)

        with ThreadPoolExecutor(PRESSES) as fingers:
            answers = list(fingers.map(press, range(PRESSES)))
        must_be("每次回答里的办件", {answer.json["id"] for answer in answers}, {filing["id"]})
        must_be("每次回答的内容", {answer.content for answer in answers}, {answers[0].content})
        step.saw(f"{len(answers)} 次都回答同一件：{filing['number']}")

    other: JsonValue = {**body, "form": {**form, "care_region_code": SHANGHAI}}
    fresh = phone.new_key()
    with citizen.step("再办一件去上海的，手指快，同时点了几下") as step:

        def press_fresh(_number: int) -> str:
            answer = phone.call("POST", "/api/v1/filings", json=other, idempotency_key=fresh, expect=201)
            return str(answer.json["id"])

        with ThreadPoolExecutor(PRESSES) as fingers:
            made = set(fingers.map(press_fresh, range(PRESSES)))
        must_be("生成的办件数", len(made), 1)
        step.saw("只生成了一件")

    network.change(GOOD)
    with citizen.step("回到镇上，查看我的办件") as step:
        items = citizen.api.list_filings(limit=50)["items"]
        for item in items:
            step.saw(f"{item['number']} {item['status_text']}")
        must_be("办件数（两次申请，两件）", len(items) - before, 2)
        records = citizen.api.list_remote_care_records(limit=50)["items"]
        places = [one["rloc_admdvs"] for one in records]
        must_be("备案记录", sorted(places), [BEIJING, SHANGHAI])
        traffic = network.traffic
        step.saw(
            f"一共发出 {traffic.attempts} 次请求，"
            f"{traffic.fates[Fate.LOST_AFTER]} 次回答丢失，{traffic.fates[Fate.CUT]} 次上传中断"
        )
