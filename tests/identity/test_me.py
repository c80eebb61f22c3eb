"""What people see of themselves, masked, and the phone number that WeChat vouches for."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from identity_world import (
    Caller,
    WeChatControl,
    add_citizen,
    add_handler,
    add_person,
    id_number,
    let_pass,
    phone_code,
    private,
    sign_in,
    sign_in_staff,
    statements_of,
    years_ago,
)
from sqlalchemy.orm import Session

from app.gateways.parts import Parts
from app.identity import register
from app.identity.models import Person, Relation
from app.kit.masking import mask_id_no, mask_phone

PHONE_NUMBER = "/wxa/business/getuserphonenumber"


def test_before_the_real_name_there_is_an_account_and_nothing_else(client: FlaskClient) -> None:
    phone = sign_in(client, "openid-new")

    assert phone.ok("GET", "/me") == {
        "account_id": str(phone.account_id),
        "kind": "citizen",
        "roles": ["citizen"],
        "real_name": False,
        "person": None,
        "coverages": [],
        "relatives": [],
        "organisations": [],
    }


def test_a_person_sees_himself_masked(client: FlaskClient, parts: Parts) -> None:
    number = id_number(born=date(1985, 3, 12), order=127)
    person_id = add_citizen(
        parts, "openid-wang", "王小明", id_no=number, phone="13812345678", residence_code="610902001"
    )

    me = sign_in(client, "openid-wang").ok("GET", "/me")

    psn_no = me["person"].pop("psn_no")
    assert psn_no.startswith("610902")
    assert psn_no.isdecimal()
    assert len(psn_no) == 20
    assert me["person"] == {
        "id": str(person_id),
        "name": "王*明",
        "id_type": "01",
        "id_no": mask_id_no(number),
        "phone": mask_phone("13812345678"),
        "sex": "1",
        "birth_date": "1985-03-12",
        "residence_code": "610902001",
    }
    assert "1234567" not in str(me)


def test_a_person_sees_his_coverages_and_relatives(client: FlaskClient, parts: Parts) -> None:
    father_id = add_citizen(parts, "openid-father", "王建国", id_no=id_number(born=date(1980, 1, 1)))

    def enter(session: Session) -> UUID:
        father = session.get_one(Person, father_id)
        register.add_coverage(
            session,
            father,
            insutype="310",
            region_code="6109",
            begin_date=date(2010, 1, 1),
            employer="安康市某公司",
            opening_balance_fen=120_000,
        )
        child = add_person(session, "王小宝", id_no=id_number(born=years_ago(6)))
        register.add_kinship(session, child, father, Relation.PARENT, guardian=True)
        return child.id

    child_id = parts.database.run(enter)

    me = sign_in(client, "openid-father").ok("GET", "/me")

    assert [
        (row["insutype"], row["status"], row["employer"], row["end_date"]) for row in me["coverages"]
    ] == [("310", "active", "安康市某公司", None)]
    assert me["relatives"] == [
        {
            "person_id": str(child_id),
            "name": "王*宝",
            "relation": "child",
            "birth_date": years_ago(6).isoformat(),
            "guardian": False,
            "ward": True,
        }
    ]
    let_pass(timedelta(days=13 * 366))
    grown = sign_in(client, "openid-father").ok("GET", "/me")["relatives"]
    assert [(row["relation"], row["ward"]) for row in grown] == [("child", False)]


def test_staff_see_where_they_hold_which_role(client: FlaskClient, parts: Parts) -> None:
    add_handler(parts, "hanbin.li")

    me = sign_in_staff(client, "hanbin.li").ok("GET", "/me")

    assert (me["kind"], me["roles"], me["real_name"]) == ("staff", ["handler"], True)
    place = me["organisations"][0]
    assert (place["name"], place["kind"], place["region_code"], place["role"]) == (
        "汉滨区医保经办中心",
        "agency",
        "610902",
        "handler",
    )


def test_the_page_costs_the_same_however_many_relatives_there_are(client: FlaskClient, parts: Parts) -> None:
    person_id = add_citizen(parts, "openid-elder", "王老", id_no=id_number(born=date(1940, 1, 1)))

    def enter(session: Session) -> None:
        elder = session.get_one(Person, person_id)
        for number in range(8):
            child = add_person(session, "王孩", id_no=id_number(born=date(1965 + number, 1, 1)))
            register.add_kinship(session, elder, child, Relation.CHILD)

    parts.database.run(enter)
    phone = sign_in(client, "openid-elder")

    with statements_of(parts) as statements:
        assert len(phone.ok("GET", "/me")["relatives"]) == 8

    assert len(statements) == 4


class TestPhone:
    @pytest.fixture
    def citizen(self, client: FlaskClient, parts: Parts) -> Caller:
        add_citizen(parts, "openid-wang")
        return sign_in(client, "openid-wang")

    def test_the_number_of_this_wechat_user_is_stored_sealed_and_shown_masked(
        self, citizen: Caller, parts: Parts
    ) -> None:
        answer = citizen.ok("POST", "/me/phone", {"code": phone_code("13987654321")})

        assert answer["phone"] == "139****4321"
        assert citizen.ok("GET", "/me")["person"]["phone"] == "139****4321"
        with parts.database.reading() as session:
            person = session.get_one(Person, UUID(answer["id"]))
        assert person.phone == "13987654321"
        assert b"13987654321" not in (person.phone_sealed or b"")

    def test_a_new_number_replaces_the_old_one(self, citizen: Caller) -> None:
        citizen.ok("POST", "/me/phone", {"code": phone_code("13987654321")})

        assert citizen.ok("POST", "/me/phone", {"code": phone_code("13700001111")})["phone"] == "137****1111"

    @pytest.mark.parametrize(
        ("how", "status", "code"),
        [
            ({"errcode": 40029}, 422, "wechat_code_rejected"),
            ({"errcode": -1, "times": 2}, 503, "wechat_unavailable"),
            ({"errcode": 45011}, 503, "wechat_unavailable"),
            ({"http_status": 500}, 503, "wechat_unavailable"),
            ({"drop": True}, 503, "wechat_unavailable"),
        ],
    )
    def test_each_trouble_of_wechat_has_its_answer(
        self, how: dict[str, Any], status: int, code: str, citizen: Caller, wechat: WeChatControl
    ) -> None:
        wechat.fail_next(PHONE_NUMBER, **how)

        refusal = citizen.refused("POST", "/me/phone", {"code": phone_code("13987654321")})

        assert (refusal.status, refusal.code) == (status, code)
        assert citizen.ok("GET", "/me")["person"]["phone"] is None

    def test_a_code_is_good_once(self, citizen: Caller) -> None:
        code = phone_code("13987654321")
        citizen.ok("POST", "/me/phone", {"code": code})

        refusal = citizen.refused("POST", "/me/phone", {"code": code})

        assert (refusal.status, refusal.code) == (422, "wechat_code_rejected")
        assert set(refusal.body["errors"]) == {"code"}

    def test_who_is_not_real_named_has_no_record_to_store_it_in(self, client: FlaskClient) -> None:
        phone = sign_in(client, "openid-new")

        refusal = phone.refused("POST", "/me/phone", {"code": phone_code("13987654321")})

        assert (refusal.status, refusal.code) == (403, "real_name_required")

    @pytest.mark.parametrize("body", [{}, {"code": ""}, {"code": 1}, {"code": "x" * 201}])
    def test_a_request_of_the_wrong_form_is_refused(self, body: dict[str, Any], citizen: Caller) -> None:
        refusal = citizen.refused("POST", "/me/phone", body)

        assert (refusal.status, set(refusal.body["errors"])) == (422, {"code"})

    def test_staff_have_no_wechat_number(self, client: FlaskClient, parts: Parts) -> None:
        add_handler(parts, "hanbin.li")

        refusal = sign_in_staff(client, "hanbin.li").refused("POST", "/me/phone", {"code": private("x")})

        assert refusal.code == "role_not_allowed"
