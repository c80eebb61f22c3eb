"""What a real-name check refuses before it begins."""

from datetime import timedelta
from typing import Any

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
    sign_in,
)
from real_names import prove, rows, start, typed
from sqlalchemy import select

from app.gateways.parts import Parts
from app.identity import real_name
from app.identity.models import Person, RealNameCheck

GET_VERIFY_ID = "/cityservice/face/identify/getverifyid"


@pytest.fixture
def citizen(client: FlaskClient) -> Caller:
    return sign_in(client, "openid-wang")


class TestRefusedAtOnce:
    def test_a_number_of_the_register_with_another_name(self, citizen: Caller, parts: Parts) -> None:
        number = id_number()
        parts.database.run(lambda session: add_person(session, "李四光", id_no=number))

        refusal = citizen.refused("POST", "/real-name", typed(id_no=number))

        assert (refusal.status, refusal.code) == (422, "real_name_mismatch")
        assert "李" not in refusal.body["detail"]
        with parts.database.reading() as session:
            check = session.execute(select(RealNameCheck)).scalar_one()
        assert (check.status, check.name_sealed, check.id_no_sealed) == ("mismatch", None, None)

    def test_a_number_that_is_bound_to_another_account(self, citizen: Caller, parts: Parts) -> None:
        number = id_number()
        add_citizen(parts, "openid-first", id_no=number)

        refusal = citizen.refused("POST", "/real-name", typed(id_no=number))

        assert (refusal.status, refusal.code) == (409, "id_bound_elsewhere")

    def test_a_staff_account_does_not_bind_the_person(
        self, citizen: Caller, wechat: WeChatControl, parts: Parts
    ) -> None:
        _, person_id = add_handler(parts, "hanbin.li", "李经办")
        with parts.database.reading() as session:
            number = session.get_one(Person, person_id).id_no

        assert prove(citizen, wechat, typed("李经办", number))["person"]["id"] == str(person_id)

    def test_who_is_real_named_already_proves_nobody_else(
        self, citizen: Caller, wechat: WeChatControl
    ) -> None:
        prove(citizen, wechat, typed())

        refusal = citizen.refused("POST", "/real-name", typed("王大明"))

        assert (refusal.status, refusal.code) == (409, "already_real_named")
        assert refusal.body["available_actions"] == []

    def test_too_many_tries_a_day(
        self, citizen: Caller, parts: Parts, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(real_name, "CHECKS_PER_DAY", 3)
        number = id_number()
        parts.database.run(lambda session: add_person(session, "李四光", id_no=number))
        for guess in ("李一光", "李二光", "李三光"):
            assert citizen.refused("POST", "/real-name", typed(guess, number)).code == "real_name_mismatch"

        refusal = citizen.refused("POST", "/real-name", typed("李四光", number))

        assert (refusal.status, refusal.code) == (429, "real_name_too_often")
        let_pass(timedelta(days=1, seconds=1))
        assert start(sign_in(citizen.client, "openid-wang"), typed("李四光", number))

    @pytest.mark.parametrize(
        ("how", "status", "code"),
        [
            ({"errcode": 40226}, 403, "wechat_high_risk_user"),
            ({"errcode": -1, "times": 2}, 503, "wechat_unavailable"),
            ({"errcode": 45009}, 503, "wechat_unavailable"),
            ({"errcode": 48001}, 503, "wechat_unavailable"),
            ({"http_status": 503}, 503, "wechat_unavailable"),
            ({"drop": True}, 503, "wechat_unavailable"),
        ],
    )
    def test_trouble_of_wechat_leaves_nothing_behind(
        self,
        how: dict[str, Any],
        status: int,
        code: str,
        citizen: Caller,
        wechat: WeChatControl,
        parts: Parts,
    ) -> None:
        wechat.fail_next(GET_VERIFY_ID, **how)

        refusal = citizen.refused("POST", "/real-name", typed())

        assert (refusal.status, refusal.code) == (status, code)
        assert rows(parts, RealNameCheck) == 0

    @pytest.mark.parametrize(
        ("body", "fields"),
        [
            ({}, {"name", "id_no"}),
            ({"name": "王"}, {"name", "id_no"}),
            ({"name": "王1明", "id_no": "610902198503121230"}, {"name", "id_no"}),
            ({"name": "王小明", "id_no": "61090219850230123X"}, {"id_no"}),
            ({"name": None, "id_no": 610902198503121}, {"name", "id_no"}),
            ({"name": ["王小明"], "id_no": {}}, {"name", "id_no"}),
            ({"name": "王" * 51, "id_no": "6" * 5000}, {"name", "id_no"}),
            (
                {"name": "王小明", "id_no": "6109021985031212", "birth_date": "1985-03-12"},
                {"id_no", "birth_date"},
            ),
        ],
    )
    def test_everything_mistyped_is_named_at_once(
        self, body: dict[str, Any], fields: set[str], citizen: Caller
    ) -> None:
        refusal = citizen.refused("POST", "/real-name", body)

        assert (refusal.status, refusal.code) == (422, "invalid_input")
        assert set(refusal.body["errors"]) == fields

    def test_what_is_mistyped_is_told_in_the_readers_language(self, citizen: Caller) -> None:
        body = {"name": "王小明", "id_no": "610902198502301234"}

        chinese = citizen.refused("POST", "/real-name", body).body["errors"]["id_no"]
        english = citizen.refused("POST", "/real-name", body, Accept_Language="en").body["errors"]["id_no"]

        assert chinese == ["身份证号码中的出生日期不存在，请对照身份证核对。"]
        assert english == ["The birth date inside the ID number is not a date that can be."]
