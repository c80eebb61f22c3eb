"""Activating, looking, revoking: who may, what is told to whom, and that it holds at once."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from scanning import OTHER_PHONE, PHONE, Scanner, activate, show
from sqlalchemy import func, select

from app.identity.models import RealNameStatus, Relation
from app.kit import clock
from app.kit.errors import Problem
from app.notices.models import Notice
from app.vouchers import activation
from app.vouchers.activation import MAX_DEVICES
from app.vouchers.models import Voucher, VoucherDevice
from tests.faces import show_face
from tests.world import Somebody, World


def voucher_of(somebody: Somebody, person_id: UUID | None = None) -> dict[str, Any]:
    answer: dict[str, Any] = somebody.ok(
        "GET", "/voucher" + (f"?person_id={person_id}" if person_id is not None else "")
    )
    return answer


def notices_of(somebody: Somebody) -> list[dict[str, Any]]:
    return [
        notice
        for notice in somebody.ok("GET", "/me/notices")["items"]
        if notice["kind"] == "voucher_activated"
    ]


def accesses_of(somebody: Somebody) -> list[str]:
    return [line["what"] for line in somebody.ok("GET", "/me/accesses")["items"]]


def test_a_voucher_is_activated_on_a_phone_and_seen(citizen: Somebody) -> None:
    assert voucher_of(citizen) == {
        "person_id": str(citizen.person_id),
        "active": False,
        "activated_at": None,
        "devices": [],
    }

    done = citizen.send("POST", "/voucher/activation", {"device_no": PHONE, "device_name": "红米 Note"})

    assert done.status_code == 201
    answer = done.get_json()
    assert voucher_of(citizen) == answer["voucher"]
    assert answer["voucher"]["active"] is True
    assert answer["voucher"]["devices"] == [answer["device"]]
    assert (answer["device"]["name"], answer["device"]["mine"]) == ("红米 Note", True)
    assert [entry["day"] for entry in answer["offline"]["keys"]] == [
        (clock.today() + timedelta(days=number)).isoformat() for number in range(3)
    ]


def test_activated_again_on_the_same_phone_it_stays_as_it_was(citizen: Somebody) -> None:
    first = activate(citizen, name="旧名字")
    again = citizen.send("POST", "/voucher/activation", {"device_no": PHONE, "device_name": "新名字"})

    assert again.status_code == 200
    answer = again.get_json()
    assert answer["device"] == {**first["device"], "name": "新名字"}
    assert answer["offline"]["keys"] == first["offline"]["keys"]
    assert len(notices_of(citizen)) == 1


def test_whoever_has_no_proven_name_activates_nothing(world: World) -> None:
    stranger = world.stranger()
    assert stranger.refused("POST", "/voucher/activation", {"device_no": PHONE}) == (
        403,
        "real_name_required",
    )


def test_a_phone_s_number_has_a_form(citizen: Somebody) -> None:
    for phone in ("short", "x" * 65, "有空格的编号 1234567890", ""):
        answer = citizen.send("POST", "/voucher/activation", {"device_no": phone})
        assert answer.status_code == 422
        assert set(answer.get_json()["errors"]) == {"device_no"}


def test_people_are_told_of_a_new_phone(citizen: Somebody) -> None:
    activate(citizen, name="红米 Note")
    activate(citizen, phone=OTHER_PHONE, face=True)

    newest, first = notices_of(citizen)
    assert "您的医保码已在一台新手机上启用" in first["text"]
    assert "红米 Note" in first["text"]
    assert "停用" in newest["text"]


def test_a_guardian_uses_a_minor_s_voucher_and_she_can_read_it(world: World) -> None:
    girl, father = world.citizen(age=16), world.citizen(age=44)
    world.relate(girl, father, Relation.PARENT, guardian=True)

    activate(father, person_id=girl.person_id)
    code = show(father, person_id=girl.person_id)["code"]
    voucher_of(father, girl.person_id)
    show(father, person_id=girl.person_id)

    hospital = Scanner(world, world.hospital())
    assert hospital.scan(code).person_id == girl.person_id
    assert accesses_of(girl) == ["voucher_viewed", "voucher_shown", "voucher_activated"]
    assert "监护人" in girl.ok("GET", "/me/accesses")["items"][0]["text"]
    [hers], [his] = notices_of(girl), notices_of(father)
    assert "您的医保码" in hers["text"]
    assert "您的" not in his["text"].partition("已在")[0]
    [device] = voucher_of(girl)["devices"]
    assert device["mine"] is False


def test_one_s_own_looks_are_not_recorded(citizen: Somebody) -> None:
    activate(citizen)
    show(citizen)
    voucher_of(citizen)
    assert accesses_of(citizen) == []


def test_what_belongs_to_others_is_not_found(world: World, citizen: Somebody) -> None:
    activate(citizen)
    [device] = voucher_of(citizen)["devices"]
    other, body = world.citizen(), {"device_no": PHONE, "person_id": str(citizen.person_id)}

    for method, path, json in (
        ("POST", "/voucher/activation", body),
        ("POST", "/voucher/codes", body),
        ("POST", "/voucher/keys", body),
        ("GET", f"/voucher?person_id={citizen.person_id}", None),
        ("DELETE", f"/voucher?person_id={citizen.person_id}", None),
    ):
        assert other.refused(method, path, json) == (404, "voucher_person_not_allowed")
    assert other.refused("DELETE", f"/voucher/devices/{device['id']}") == (404, "not_found")
    assert voucher_of(citizen)["devices"] == [device]


def test_an_adult_s_relative_is_no_guardian(world: World) -> None:
    mother, daughter = world.citizen(age=70), world.citizen(age=40)
    world.relate(mother, daughter, Relation.CHILD)
    body = {"device_no": PHONE, "person_id": str(mother.person_id)}
    assert daughter.refused("POST", "/voucher/activation", body) == (404, "voucher_person_not_allowed")


def test_a_guardian_shows_nothing_any_more_once_the_child_is_of_age(world: World) -> None:
    girl, father = world.citizen(age=17), world.citizen(age=44)
    world.relate(girl, father, Relation.PARENT, guardian=True)
    activate(father, person_id=girl.person_id)
    body = {"device_no": PHONE, "person_id": str(girl.person_id)}

    with clock.travel(clock.now() + timedelta(days=400)):
        father = world.bearer(world.sign_in(father.account_id), father.person_id)
        for path in ("/voucher/codes", "/voucher/keys"):
            assert father.refused("POST", path, body) == (404, "voucher_person_not_allowed")


def test_revoked_it_is_not_shown_and_not_taken(citizen: Somebody, scanner: Scanner) -> None:
    activate(citizen)
    code = show(citizen)["code"]
    token = scanner.scan(code)

    assert citizen.send("DELETE", "/voucher").status_code == 204
    assert citizen.send("DELETE", "/voucher").status_code == 204, "the answer may have been lost"

    assert voucher_of(citizen)["active"] is False
    assert citizen.refused("POST", "/voucher/codes", {"device_no": PHONE}) == (409, "voucher_not_activated")
    for step in (lambda: scanner.scan(code), lambda: scanner.preview(token), lambda: scanner.pay(token)):
        with pytest.raises(Problem, match="voucher_revoked"):
            step()


def test_activated_anew_it_has_another_handle_and_the_old_codes_stay_revoked(
    citizen: Somebody, scanner: Scanner
) -> None:
    old = activate(citizen)
    code = show(citizen)["code"]
    citizen.ok("DELETE", "/voucher")
    new = activate(citizen, face=True)

    assert new["offline"]["handle"] != old["offline"]["handle"]
    assert scanner.scan(show(citizen)["code"]).person_id == citizen.person_id
    with pytest.raises(Problem, match="voucher_revoked"):
        scanner.scan(code)


def test_two_phones_show_two_codes_and_each_can_be_removed(citizen: Somebody, scanner: Scanner) -> None:
    activate(citizen)
    second = activate(citizen, phone=OTHER_PHONE, face=True)
    one, other = show(citizen)["code"], show(citizen, phone=OTHER_PHONE)["code"]
    assert one[:13] == other[:13]
    assert (one[13], other[13]) == ("0", "1")
    assert scanner.scan(one).person_id == scanner.scan(other).person_id == citizen.person_id

    path = f"/voucher/devices/{second['device']['id']}"
    assert [citizen.send("DELETE", path).status_code for _ in range(2)] == [204, 204]

    assert [device["id"] for device in voucher_of(citizen)["devices"]] != [second["device"]["id"]]
    assert scanner.scan(one).person_id == citizen.person_id
    with pytest.raises(Problem, match="voucher_revoked"):
        scanner.scan(other)
    refused = citizen.refused("POST", "/voucher/codes", {"device_no": OTHER_PHONE})
    assert refused == (409, "voucher_not_activated")


def refused_without_face(somebody: Somebody, check_id: UUID | None, phone: str = OTHER_PHONE) -> bool:
    body = {"device_no": phone, "real_name_id": None if check_id is None else str(check_id)}
    answer = somebody.send("POST", "/voucher/activation", body)
    if answer.status_code == 201:
        return False
    assert (answer.status_code, answer.get_json()["code"]) == (403, "voucher_face_required")
    assert "刷脸" in answer.get_json()["detail"]
    return True


def test_a_phone_that_was_taken_out_does_not_switch_itself_on_again(world: World, citizen: Somebody) -> None:
    """Its sign-in still lives: neither that nor another number, nor anybody else's face will do."""
    stolen = activate(citizen)["device"]["id"]
    shown_before = show_face(citizen)
    citizen.ok("DELETE", f"/voucher/devices/{stolen}")

    for phone in (PHONE, OTHER_PHONE):
        for check in (
            None,
            shown_before,
            show_face(world.citizen()),
            show_face(citizen, RealNameStatus.FAILED),
        ):
            assert refused_without_face(citizen, check, phone)
    citizen.ok("DELETE", "/voucher")
    assert refused_without_face(citizen, None, PHONE)
    assert not refused_without_face(citizen, show_face(citizen), PHONE)


def test_a_face_counts_for_ten_minutes_and_for_one_phone(citizen: Somebody) -> None:
    activate(citizen)
    check = show_face(citizen)
    with clock.travel(clock.now() + timedelta(minutes=10, seconds=1)):
        assert refused_without_face(citizen, check)
    with clock.travel(clock.now() + timedelta(minutes=9)):
        assert not refused_without_face(citizen, check)
        assert refused_without_face(citizen, check, "phone-of-who-looked-over")


def test_a_second_guardian_shows_his_own_face(world: World) -> None:
    mother, father = world.citizen(), world.citizen()
    girl = world.child(mother)
    world.guard(girl, father)
    activate(mother, person_id=girl)
    body = {"device_no": PHONE, "person_id": str(girl)}
    refused = (403, "voucher_face_required")
    assert father.refused("POST", "/voucher/activation", body) == refused
    body["real_name_id"] = str(show_face(mother))
    assert father.refused("POST", "/voucher/activation", body) == refused
    assert activate(father, person_id=girl, face=True)["device"]["mine"] is True


def test_a_phone_that_is_somebody_else_s_too_shows_each_his_own(world: World, citizen: Somebody) -> None:
    """A village has one phone for two: the accounts tell them apart."""
    other = world.citizen()
    for somebody in (citizen, other):
        activate(somebody)
    assert show(citizen)["code"][2:13] != show(other)["code"][2:13]


def test_a_ward_s_code_and_one_s_own_are_told_apart_on_one_phone(world: World, scanner: Scanner) -> None:
    father = world.citizen()
    girl = world.child(father)
    activate(father)
    activate(father, person_id=girl)

    assert scanner.scan(show(father)["code"]).person_id == father.person_id
    assert scanner.scan(show(father, person_id=girl)["code"]).person_id == girl


def test_only_so_many_phones_at_a_time(citizen: Somebody) -> None:
    for number in range(MAX_DEVICES):
        activate(citizen, phone=f"phone-number-{number:04d}", face=number > 0)
    body = {"device_no": "phone-number-too-many", "real_name_id": str(show_face(citizen))}
    answer = citizen.send("POST", "/voucher/activation", body)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "voucher_too_many_devices")
    assert str(MAX_DEVICES) in answer.get_json()["detail"]

    citizen.ok("DELETE", f"/voucher/devices/{voucher_of(citizen)['devices'][0]['id']}")
    body["real_name_id"] = str(show_face(citizen))
    assert citizen.send("POST", "/voucher/activation", body).status_code == 201


def test_when_all_slots_were_given_the_voucher_begins_anew_with_the_phones_in_use(
    world: World, citizen: Somebody, scanner: Scanner
) -> None:
    kept = activate(citizen, name="常用的手机")
    old_code = show(citizen)["code"]
    for number in range(9):
        lost = activate(citizen, phone=f"phone-number-{number:04d}", face=True)
        citizen.ok("DELETE", f"/voucher/devices/{lost['device']['id']}")
    tenth = activate(citizen, phone=OTHER_PHONE, face=True)

    assert tenth["offline"]["handle"] != kept["offline"]["handle"]
    assert [device["name"] for device in tenth["voucher"]["devices"]] == ["常用的手机", None]
    for phone, slot in ((PHONE, "0"), (OTHER_PHONE, "1")):
        code = show(citizen, phone=phone)["code"]
        assert code[13] == slot
        assert scanner.scan(code).person_id == citizen.person_id
    with pytest.raises(Problem, match="voucher_revoked"):
        scanner.scan(old_code)
    assert len(notices_of(citizen)) == 11, "nobody is told of a phone that is only moved"
    with world.parts.database.reading() as session:
        given = session.execute(
            select(
                VoucherDevice.voucher_id, func.count(), func.count(VoucherDevice.slot.distinct())
            ).group_by(VoucherDevice.voucher_id)
        ).all()
    assert sorted((count, slots) for _, count, slots in given) == [(2, 2), (10, 10)]


def test_a_handle_that_is_taken_is_not_given_again(
    world: World, citizen: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    handles = iter(["00000000001", "00000000001", "00000000001", "00000000002"])
    monkeypatch.setattr(activation, "new_handle", lambda: next(handles))

    assert activate(citizen)["offline"]["handle"] == "00000000001"
    assert activate(world.citizen())["offline"]["handle"] == "00000000002"


def test_of_the_phone_only_a_keyed_hash_is_kept(world: World, citizen: Somebody) -> None:
    activate(citizen, name="王大妈的手机")
    with world.parts.database.reading() as session:
        device = session.execute(select(VoucherDevice)).scalar_one()
        voucher = session.execute(select(Voucher)).scalar_one()
        notice = session.execute(select(Notice)).scalar_one()
    assert device.name == "王大妈的手机"
    assert PHONE not in str(vars(device))
    assert "王大妈" not in str(vars(device)) + str(vars(notice))
    assert str(citizen.id_no) not in str(vars(voucher))
