"""Proving a real name: every way in which it fails, each with what to do, and then the way in which it works."""

from functools import partial

from mock_client.actors import Citizen
from mock_client.checks import must, must_be, must_say
from mock_client.control import CODE_TO_SESSION, FACE_WRONG, NUMBER_WRONG, PASSED, RUNNING, START_FACE_CHECK
from mock_client.world import World

NAME = "real_name"
TITLE = "实名认证：填错、没刷完、正在比对、没通过、已被绑定、高风险，最后成功"

HIGH_RISK = 40226
FACE_NOT_RECOGNISED = 10002


def run(world: World) -> None:
    _numbers_that_cannot_be(world)
    _known_numbers(world)
    _high_risk(world)
    _the_face(world)


def _numbers_that_cannot_be(world: World) -> None:
    citizen = world.newcomer()
    must_be("实名", citizen.sign_in()["real_name"], False)
    citizen.refused(
        "没有实名就想备案",
        "real_name_required",
        lambda: citizen.start({"category": "other_temporary", "care_region_code": "11"}),
        status=403,
    )
    number = citizen.person.id_no
    wrong = number[:-1] + ("0" if number[-1] != "0" else "1")
    for did, id_no in (
        ("身份证号最后一位填错", wrong),
        ("身份证号里的生日不存在", number[:10] + "0230" + number[14:]),
        ("身份证号少了一位", number[1:]),
    ):
        refusal = citizen.refused(did, "invalid_input", partial(citizen.api.start_real_name, "样本新", id_no))
        must("id_no" in refusal.errors, "应当指出是身份证号填错了")


def _known_numbers(world: World) -> None:
    known = world.known()
    citizen = world.newcomer()
    citizen.sign_in()
    citizen.refused(
        "填了登记在别人名下的号码，姓名对不上",
        "real_name_mismatch",
        lambda: citizen.api.start_real_name("样本错", known.id_no),
        status=422,
    )
    refusal = citizen.refused(
        "姓名和号码都对，但已在另一个微信上实名",
        "id_bound_elsewhere",
        lambda: citizen.api.start_real_name(known.name, known.id_no),
        status=409,
    )
    must_say(refusal.detail, "原来的微信")


def _high_risk(world: World) -> None:
    citizen = world.newcomer()
    openid = citizen.person.openid
    world.wechat.fail_next(CODE_TO_SESSION, HIGH_RISK, openid)
    citizen.refused(
        "微信判断为高风险用户，登录",
        "wechat_high_risk_user",
        lambda: citizen.api.sign_in_with_wechat(world.wechat.js_code(openid)),
        status=403,
    )
    used = world.wechat.js_code(openid)
    citizen.phone.remember(citizen.api.sign_in_with_wechat(used))
    citizen.refused(
        "同一个登录码再用一次",
        "wechat_code_rejected",
        lambda: citizen.api.sign_in_with_wechat(used),
        status=422,
    )
    world.wechat.fail_next(START_FACE_CHECK, HIGH_RISK, openid)
    citizen.refused(
        "微信判断为高风险用户，刷脸",
        "wechat_high_risk_user",
        lambda: citizen.api.start_real_name(citizen.name, citizen.person.id_no),
        status=403,
    )


def _the_face(world: World) -> None:
    citizen = world.newcomer()
    citizen.sign_in()
    check = _begin(citizen, "填写姓名和身份证号")
    _asked(citizen, "没刷脸就看结果", "face_check_not_finished", check[0], 409)
    world.wechat.show_face(check[1], RUNNING, then=FACE_NOT_RECOGNISED)
    _asked(citizen, "刷了脸，马上看结果：正在比对", "face_check_running", check[0], 409)
    _asked(citizen, "再看结果：没认出来", "face_check_failed", check[0], 422)

    check = _begin(citizen, "重新来一次")
    world.wechat.show_face(check[1], FACE_WRONG)
    _asked(citizen, "换了别人刷脸", "face_check_failed", check[0], 422)

    check = _begin(citizen, "又来一次")
    world.wechat.show_face(check[1], NUMBER_WRONG)
    _asked(citizen, "核验说姓名和号码不一致", "real_name_mismatch", check[0], 422)

    other = world.newcomer()
    other.sign_in()
    check = _begin(citizen, "本人再来一次")
    other.refused(
        "别人拿着这次认证的编号来查",
        "not_found",
        lambda: other.api.complete_real_name(check[0]),
        status=404,
    )
    world.wechat.show_face(check[1], PASSED)
    with citizen.step("本人刷脸，看结果") as step:
        proven = citizen.api.complete_real_name(check[0])
        step.saw(f"实名认证通过：{proven['person']['name']}，{proven['person']['id_no']}")
        must_be("再看一次结果", citizen.api.complete_real_name(check[0]), proven)
        must("*" in proven["person"]["id_no"], "身份证号应当只露出一部分")
    citizen.refused(
        "实名以后想改成别人",
        "already_real_named",
        lambda: citizen.api.start_real_name(other.name, other.person.id_no),
        status=409,
    )
    citizen.refused(
        "实名了，但没有参保，想备案",
        "not_insured",
        lambda: citizen.start({"category": "other_temporary", "care_region_code": "11"}),
        status=422,
    )
    _phone(citizen)


def _begin(citizen: Citizen, did: str) -> tuple[str, str]:
    with citizen.step(did) as step:
        started = citizen.api.start_real_name(citizen.name, citizen.person.id_no)
        step.saw(f"请在 {started['expires_in'] // 60} 分钟内刷脸")
        return started["id"], started["verify_id"]


def _asked(citizen: Citizen, did: str, code: str, check_id: str, status: int) -> None:
    citizen.refused(did, code, lambda: citizen.api.complete_real_name(check_id), status=status)


def _phone(citizen: Citizen) -> None:
    with citizen.step("点“获取手机号”登记手机") as step:
        person = citizen.api.set_my_phone(citizen.wechat.phone_code(citizen.person.phone))
        step.saw(f"已登记 {person['phone']}")
        must("*" in (person["phone"] or ""), "手机号应当只露出一部分")
