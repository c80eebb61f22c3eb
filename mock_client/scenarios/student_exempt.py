"""A student of 太原 need not file: the advice says so, and a filing is refused politely, with the reason."""

from mock_client.checks import must, must_be, must_say
from mock_client.people import Wanted
from mock_client.world import World

NAME = "student_exempt"
TITLE = "大学生免备案：问了就知道不用办，硬要提交也会说明原因"

XIAN = "6101"


def run(world: World) -> None:
    student = world.citizen(Wanted("1401", "390", student=True))
    student.sign_in()
    advice = student.ask_advice("西安", XIAN)
    must_be("要不要备案", advice["must_file"], "no")
    must_be("原因", advice["reason"], "student_nationwide")
    must_say(advice["text"], "不用备案", "大学生")
    must("2023年7月" in advice["source"]["text"], "应当说明依据的是哪份文件")
    must_be("可选的备案类型", advice["with_filing"], [])

    before = student.api.list_filings(scope="subject")["items"]
    refusal = student.refused(
        "还是想备一个案",
        "remote_care_not_needed",
        lambda: student.start(
            {
                "category": "other_temporary",
                "care_region_code": XIAN,
                "proof": "commitment",
                "commitment_accepted": True,
            }
        ),
        status=409,
    )
    must_say(refusal.detail, "不用备案", "没有为您提交")
    with student.step("查看我的办件") as step:
        after = student.api.list_filings(scope="subject")["items"]
        step.saw(f"{len(after)} 件")
        must_be("办件数", len(after), len(before))
