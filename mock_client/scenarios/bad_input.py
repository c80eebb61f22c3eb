"""Forms and photographs that cannot be: everything wrong is named at once, and nothing is half done."""

from functools import partial

from mock_client.actors import Citizen
from mock_client.answers import JsonValue
from mock_client.api.filings import Form
from mock_client.camera import Photo
from mock_client.checks import must, must_be
from mock_client.people import Wanted
from mock_client.world import World

NAME = "bad_input"
TITLE = "填错、拍坏、断保：一次说清哪里不对，什么都不会办一半"

FORM: Form = {
    "category": "other_temporary",
    "care_region_code": "11",
    "proof": "commitment",
    "commitment_accepted": True,
}


def run(world: World) -> None:
    citizen = world.citizen(Wanted("6109", "390", student=False))
    citizen.sign_in()
    _forms(citizen)
    _bodies(citizen)
    _photographs(citizen)
    with citizen.step("查看我的办件和备案") as step:
        must_be("办件数", len(citizen.api.list_filings(scope="subject")["items"]), 0)
        must_be("备案数", len(citizen.api.list_remote_care_records()["items"]), 0)
        step.saw("都没有，什么都没有办一半")
    for did, status, code in (
        ("断保的人想备案", "ended", "coverage_ended"),
        ("欠费暂停的人想备案", "suspended", "coverage_suspended"),
    ):
        person = world.rng.choice(world.people.fitting(Wanted("", status=status)))
        other = world.same(person)
        other.sign_in()
        other.refused(did, code, partial(other.start, FORM), status=422)


def _forms(citizen: Citizen) -> None:
    """(what went wrong, what differs from a right form, the entries that must be named)"""
    wrong: tuple[tuple[str, Form, set[str]], ...] = (
        ("什么都没填就提交", {"category": None, "care_region_code": None}, {"category", "care_region_code"}),
        ("选了不存在的地区", {"care_region_code": "9999"}, {"care_region_code"}),
        ("只选到省", {"care_region_code": "44"}, {"care_region_code"}),
        ("选了自己的参保地", {"care_region_code": "610902"}, {"care_region_code"}),
        ("开始日期是 2 月 30 日", {"start_date": "2026-02-30"}, {"start_date"}),
        ("开始日期在好几年前", {"start_date": "2020-01-01"}, {"start_date"}),
        ("多填了一项没有的内容", {"colour": "red"}, {"colour"}),
        ("没有勾选承诺", {"commitment_accepted": False}, {"commitment_accepted"}),
        ("没有退休，却选异地安置退休", {"category": "resettled_retiree"}, {"category"}),
        (
            "好几处一起填错",
            {"care_region_code": "44", "start_date": "2020-01-01", "commitment_accepted": False},
            {"care_region_code", "start_date", "commitment_accepted"},
        ),
    )
    for did, change, entries in wrong:
        form = {name: value for name, value in {**FORM, **change}.items() if value is not None}
        refusal = citizen.refused(did, "invalid_input", partial(citizen.start, form), status=422)
        must_be("指出的填错处", set(refusal.errors), {f"form.{name}" for name in entries})


def _bodies(citizen: Citizen) -> None:
    """What only a broken app sends."""
    right: dict[str, JsonValue] = {"service_code": "remote_care", "form": dict(FORM), "submit": True}

    def send(body: JsonValue) -> object:
        return citizen.phone.call("POST", "/api/v1/filings", json=body, expect=201)

    for did, body, named in (
        ("多发了一个字段", {**right, "admin": True}, "admin"),
        ("把是否提交写成文字", {**right, "submit": "yes"}, "submit"),
        ("材料编号不是编号", {**right, "material_ids": ["一张照片"]}, "material_ids.0"),
        ("表单写成了列表", {**right, "form": []}, "form"),
    ):
        refusal = citizen.refused(did, "invalid_input", partial(send, body), status=422)
        must(named in refusal.errors, f"应当指出 {named}")
    citizen.refused(
        "没有这个事项", "service_unknown", lambda: send({**right, "service_code": "no_such"}), status=422
    )
    citizen.refused("内容不是一个对象", "invalid_input", lambda: send([1, 2]), status=422)


def _photographs(citizen: Citizen) -> None:
    camera = citizen.phone.camera
    good = camera.social_card(citizen.person.holder)

    def send(photo: Photo) -> object:
        return citizen.api.upload_material(photo.part, photo.kind)

    for did, photo, code, status in (
        ("传了一个 PDF", camera.not_a_picture(good), "file_type_not_supported", 415),
        ("照片没传完整", camera.truncated(good), "file_broken", 422),
        ("照片太小看不清", camera.too_small(good), "photo_too_small", 422),
        ("像素多得离谱的图", camera.pixel_bomb(good), "file_too_many_pixels", 422),
        ("照片超过 10 MB", camera.huge(good), "file_too_large", 413),
    ):
        citizen.refused(did, code, partial(send, photo), status=status)
    with citizen.step("照片里藏了网页代码") as step:
        photo = camera.polyglot(good)
        paper = citizen.api.upload_material(photo.part, photo.kind)
        kept = citizen.api.get_material_content(paper["id"]).content
        must(b"<script" not in kept, "存下来的照片里不应还有网页代码")
        step.saw("只留下了照片本身")
