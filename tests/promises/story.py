"""A whole life with the product, told over the API: what goes well and what is refused.

From the first sign-in by WeChat to a rated case, with everybody who has a part in it; each notice goes out over the
stand-ins' real HTTP. Tests look at what was answered, logged and written meanwhile.
"""

import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.filings.deadlines import work_off_overdue
from app.filings.models import IssuedPaper
from app.identity.actor import Role
from app.kit import clock, ids, outbox
from app.places import service as places
from app.registry import outbox_handlers
from tests.faces import show_to_standin
from tests.promises.chronic_story import tell_of_chronic_disease
from tests.promises.till_story import tell_of_the_counter
from tests.world import INSTANT, PASSWORD, Somebody, World, id_number

NAME = "慕容砚秋"
NUMBER = id_number("610902", date(1985, 3, 12))
OTHER_NUMBER = id_number("610902", date(1985, 3, 13))
PHONE = "13712345678"
OPENID = "openid-of-the-story-8f2c"
ADDRESS = "永嘉路四百弄六号甲"
REASON = "女儿砚砚在外地坐月子"
COMMENT = "办得快，谢谢王师傅"


def tell(world: World) -> None:
    """Everything below, in order. Fails where an answer is not what a person would expect."""
    citizen = _arrive(world)
    handler = _at_the_desk(world)
    _look_around(world, citizen)
    _file_at_once(world, citizen)
    _be_sent_back(world, citizen, handler)
    _for_a_child(world, citizen)
    tell_of_chronic_disease(world, citizen, NAME, NUMBER)
    tell_of_the_counter(world, citizen, NAME, NUMBER)
    _too_late(world)
    _be_refused(world, citizen, handler)
    _deliver(world)
    newest = citizen.ok("GET", "/me/notices")["items"][0]
    assert citizen.ok("POST", f"/me/notices/{newest['id']}/read")["read_at"]
    citizen.ok("GET", "/me/accesses")
    citizen.ok("POST", "/auth/logout")


def _note(world: World, *texts: str) -> None:
    world.personal.update(texts)


def _arrive(world: World) -> Somebody:
    """Sign in by WeChat, prove the real name, give the phone number, renew the tokens."""
    _note(world, NAME, NUMBER, OTHER_NUMBER, PHONE, OPENID, ADDRESS, REASON, COMMENT)
    person_id = world.enrol(NAME, NUMBER)
    signed_in = world.nobody.ok("POST", "/auth/wechat", {"js_code": f"demo.{OPENID}.{ids.readable_code(6)}"})
    phone = world.bearer(signed_in["access_token"])
    started = phone.ok("POST", "/real-name", {"name": NAME, "id_no": NUMBER})
    assert phone.refused("POST", f"/real-name/{started['id']}/complete")[1] == "face_check_not_finished"
    show_to_standin(world.parts.settings.wechat_url, started["verify_id"])
    phone.ok("POST", f"/real-name/{started['id']}/complete")
    phone.ok("POST", "/me/phone", {"code": f"phone.{PHONE}.{ids.readable_code(6)}"})
    renewed = world.nobody.ok("POST", "/auth/refresh", {"refresh_token": signed_in["refresh_token"]})
    _note(world, signed_in["access_token"], signed_in["refresh_token"], renewed["refresh_token"])
    citizen = world.bearer(renewed["access_token"], person_id)
    assert citizen.ok("GET", "/me")["real_name"]
    return citizen


def _at_the_desk(world: World) -> Somebody:
    """A handler by password, a hospital's machine by its secret."""
    login = world.handler().login
    assert world.nobody.refused("POST", "/auth/staff", {"username": login, "password": "wrong-one"})[0] == 401
    signed_in = world.nobody.ok("POST", "/auth/staff", {"username": login, "password": PASSWORD})
    terminal = {"client_id": world.terminal(world.hospital()).login, "client_secret": PASSWORD}
    _note(
        world, signed_in["access_token"], world.nobody.ok("POST", "/auth/terminal", terminal)["access_token"]
    )
    return world.bearer(signed_in["access_token"])


def _look_around(world: World, citizen: Somebody) -> None:
    hospital = world.hospital("610902")
    world.write(_open_service_point)
    for path in (
        "/regions",
        "/regions/610902",
        "/institutions?region_code=6109&q=医院",
        f"/institutions/{hospital.id}",
        "/service-points?region_code=6109",
        "/services",
        "/services/remote_care",
    ):
        world.nobody.ok("GET", path)
        world.nobody.ok("GET", path, headers={"Accept-Language": "en"})
    for care in ("1401", "6104", "610902"):
        citizen.ok("GET", f"/remote-care/advice?care_region_code={care}&urgent=false")


def _open_service_point(session: Session) -> None:
    places.add_service_point(
        session,
        name="城关医保服务站",
        tier=places.Tier.TOWN,
        region_code="610902",
        address="解放路 2 号",
        services=["remote_care"],
    )


def _file_at_once(world: World, citizen: Somebody) -> None:
    """An instant filing by a phone that repeats itself, its receipt, its rating, its end."""
    body = {"service_code": "remote_care", "form": {**INSTANT, "reason": REASON}, "submit": True}
    first = citizen.ok("POST", "/filings", body, key="the-story-s-first-filing")
    assert citizen.ok("POST", "/filings", body, key="the-story-s-first-filing") == first
    path = f"/filings/{first['id']}"
    citizen.ok("GET", f"{path}/form.pdf")
    assert citizen.ok("GET", f"{path}/events")["items"][-1]["status"] == "approved"
    code = world.write(lambda session: session.execute(select(IssuedPaper.code)).scalars().one())
    assert world.nobody.ok("GET", f"/verify/{code}")["genuine"]
    citizen.ok("POST", f"{path}/rating", {"stars": 2, "comment": COMMENT})
    assert citizen.refused("POST", f"{path}/rating", {"stars": 5})[1] == "already_rated"
    [record] = citizen.ok("GET", "/remote-care/records")["items"]
    change = {"action": "change", "form": {"care_region_code": "1301", "commitment_accepted": True}}
    changed = citizen.ok("POST", f"/remote-care/records/{record['id']}/actions", change)
    assert changed["filing"]["status"] == "approved"
    newest = citizen.ok("GET", "/remote-care/records")["items"][0]
    citizen.ok("POST", f"/remote-care/records/{newest['id']}/actions", {"action": "cancel"})


def _be_sent_back(world: World, citizen: Somebody, handler: Somebody) -> None:
    """A draft, edited, submitted, claimed, released, sent back, corrected and approved."""
    case = world.filing(citizen, "draft", residence_address=ADDRESS)
    edit = {"expected_version": case["version"], "form": {**case["form"], "reason": REASON}}
    case = citizen.ok("PATCH", f"/filings/{case['id']}", edit)
    case = world.act(citizen, case, "submit")
    assert [one["id"] for one in handler.ok("GET", "/filings?scope=queue")["items"]] == [case["id"]]
    case = world.act(handler, world.act(handler, case, "claim"), "release")
    case = world.act(handler, case, "claim")
    handler.ok("GET", f"/filings/{case['id']}")
    items = [{"kind": "residence_proof", "text": f"{NAME}的居住证明看不清，请重拍"}]
    world.act(handler, case, "request_correction", items=items, reason="看不清")
    case = citizen.ok("GET", f"/filings/{case['id']}")
    assert citizen.refused("POST", *_acting(case, "resubmit"))[1] == "papers_missing"
    paper = world.paper(citizen)
    case = world.act(citizen, case, "resubmit", material_ids=[paper["id"]])
    for path in (f"/materials/{paper['id']}", f"/materials/{paper['id']}/content"):
        handler.ok("GET", path)
        citizen.ok("GET", path)
    case = world.act(handler, case, "claim")
    assert world.act(handler, case, "approve")["status"] == "approved"
    newest = citizen.ok("GET", "/remote-care/records")["items"][0]["id"]
    cancel = citizen.refused("POST", f"/remote-care/records/{newest}/actions", {"action": "cancel"})
    assert cancel == (409, "remote_care_record_locked")


def _for_a_child(world: World, citizen: Somebody) -> None:
    child = world.child(citizen)
    world.filing(citizen, "approved", subject_id=child)
    assert len(citizen.ok("GET", "/filings?scope=subject&limit=50")["items"]) >= 2
    citizen.ok("GET", f"/remote-care/records?person_id={child}")


def _too_late(world: World) -> None:
    """Nobody works on a case: the supervisor gets it, and rejects it. Nobody corrects another: it lapses."""
    waiting = world.filing(world.citizen())
    world.filing(world.citizen(), "needs_correction")
    with clock.travel(clock.now() + timedelta(days=60)):
        assert work_off_overdue(world.parts.database) == 2
        supervisor = world.staff(Role.SUPERVISOR)
        case = supervisor.ok("GET", f"/filings/{waiting['id']}")
        case = world.act(supervisor, case, "claim")
        world.act(supervisor, case, "reject", reason=f"{NAME}的材料与{ADDRESS}不符")


def _be_refused(world: World, citizen: Somebody, handler: Somebody) -> None:
    """Bad input and things that belong to others: each with its own code."""
    other = world.filing(world.citizen())
    refusals: list[tuple[Callable[[], tuple[int, str]], tuple[int, str]]] = [
        (lambda: citizen.refused("GET", f"/filings/{other['id']}"), (404, "not_found")),
        (lambda: citizen.refused("POST", "/filings", {"form": {}, "id_no": NUMBER}), (422, "invalid_input")),
        (lambda: citizen.refused("POST", "/filings", data=b"{", **_JSON), (400, "malformed_request")),
        (lambda: citizen.refused("POST", "/filings", data="form=1", **_FORM), (415, "wrong_content_type")),
        (lambda: citizen.refused("PUT", "/filings", {}), (405, "method_not_allowed")),
        (lambda: citizen.refused("GET", f"/nothing-here/{NAME}"), (404, "not_found")),
        (
            lambda: citizen.refused("POST", "/real-name", {"name": NAME, "id_no": OTHER_NUMBER}),
            (409, "already_real_named"),
        ),
        (lambda: world.nobody.refused("GET", "/me"), (401, "not_signed_in")),
        (lambda: world.bearer("eyJhbGciOiJub25lIn0.e30.").refused("GET", "/me"), (401, "token_invalid")),
        (lambda: handler.refused("GET", "/remote-care/records"), (403, "role_not_allowed")),
        (lambda: handler.refused("POST", *_acting(other, "approve")), (409, "not_claimed")),
        (
            lambda: handler.refused("POST", *_acting({**other, "version": 99}, "claim")),
            (409, "stale_version"),
        ),
        (lambda: world.nobody.refused("GET", f"/verify/{PHONE}"), (404, "verification_code_unknown")),
        (lambda: _upload(citizen, b"no photograph"), (415, "file_type_not_supported")),
    ]
    for attempt, expected in refusals:
        assert attempt() == expected


def _upload(citizen: Somebody, content: bytes) -> tuple[int, str]:
    form = {"file": (io.BytesIO(content), "photo.jpg"), "kind": "social_card"}
    return citizen.refused("POST", "/materials", data=form, content_type="multipart/form-data")


_JSON: dict[str, Any] = {"content_type": "application/json"}
_FORM: dict[str, Any] = {"content_type": "application/x-www-form-urlencoded"}


def _acting(case: dict[str, Any], action: str) -> tuple[str, dict[str, Any]]:
    return f"/filings/{case['id']}/actions", {"action": action, "expected_version": case["version"]}


def _deliver(world: World) -> None:
    """Work off the outbox as the worker does: notices go out by WeChat or SMS."""
    with clock.travel(clock.now() + timedelta(minutes=1)):
        assert outbox.drain(world.parts.database, outbox_handlers(world.parts)) > 5
