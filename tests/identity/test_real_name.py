"""Proving a real name: what is typed, the face before WeChat's camera, and who gets the number."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from identity_world import (
    API,
    Caller,
    WeChatControl,
    add_handler,
    add_person,
    at_the_same_moment,
    id_number,
    let_pass,
    sign_in,
    sign_in_staff,
)
from real_names import NAME, check_row, complete, is_cleared, not_complete, prove, rows, start, typed
from sqlalchemy import update

from app.gateways.parts import Parts
from app.identity import housekeeping, register, service
from app.identity.actor import AccountKind, Actor
from app.identity.models import Account, Coverage, Person, RealNameStatus
from app.kit import clock
from app.kit.api.application import Application
from app.kit.masking import mask_id_no, mask_name

QUERY = "/cityservice/face/identify/queryverifyinfo"


@pytest.fixture
def citizen(client: FlaskClient) -> Caller:
    return sign_in(client, "openid-wang")


class TestPassing:
    def test_somebody_new_to_the_register_is_entered_without_a_coverage(
        self, citizen: Caller, wechat: WeChatControl, parts: Parts
    ) -> None:
        body = typed(id_no=id_number(born=date(1985, 3, 12), order=125))

        started = start(citizen, body)
        wechat.face(started["verify_id"])
        answer = complete(citizen, started["id"])

        assert started["expires_in"] == 3600
        assert answer["real_name"] is True
        assert answer["person"]["name"] == mask_name(NAME)
        assert answer["person"]["id_no"] == mask_id_no(body["id_no"])
        assert (answer["person"]["sex"], answer["person"]["birth_date"]) == ("1", "1985-03-12")
        assert citizen.ok("GET", "/me")["real_name"] is True
        assert rows(parts, Coverage) == 0
        assert is_cleared(parts, started["id"])

    def test_somebody_of_the_register_is_found_with_his_coverage(
        self, citizen: Caller, wechat: WeChatControl, parts: Parts
    ) -> None:
        number = id_number()

        def enter(session: Any) -> UUID:
            person = add_person(session, NAME, id_no=number)
            register.add_coverage(
                session, person, insutype="390", region_code="610902", begin_date=date(2020, 1, 1)
            )
            return person.id

        person_id = parts.database.run(enter)

        answer = prove(citizen, wechat, typed(id_no=number.lower()))

        assert answer["person"]["id"] == str(person_id)
        assert [row["insutype"] for row in citizen.ok("GET", "/me")["coverages"]] == ["390"]
        assert rows(parts, Person) == 1
        with parts.database.reading() as session:
            assert session.get_one(Person, person_id).real_name_at is not None

    def test_completing_again_gives_the_same_answer(self, citizen: Caller, wechat: WeChatControl) -> None:
        started = start(citizen, typed())
        wechat.face(started["verify_id"])
        first = complete(citizen, started["id"])

        wechat.fail_next(QUERY, errcode=-1, times=None)

        assert complete(citizen, started["id"]) == first

    @pytest.mark.parametrize("name", ["买买提•艾力", "李𬱖", "ANNA MARIA SMITH"])
    def test_names_of_all_kinds_pass(self, name: str, citizen: Caller, wechat: WeChatControl) -> None:
        assert prove(citizen, wechat, typed(name))["real_name"] is True

    def test_a_name_in_other_capitals_is_the_registers(
        self, citizen: Caller, wechat: WeChatControl, parts: Parts
    ) -> None:
        number = id_number()
        parts.database.run(lambda session: add_person(session, "ANNA SMITH", id_no=number))

        assert prove(citizen, wechat, typed("Anna Smith", number))["real_name"] is True

    def test_a_second_check_of_the_same_person_passes_after_the_first_did(
        self, citizen: Caller, wechat: WeChatControl
    ) -> None:
        body = typed()
        first, second = start(citizen, body), start(citizen, body)
        for started in (first, second):
            wechat.face(started["verify_id"])

        assert complete(citizen, first["id"]) == complete(citizen, second["id"])

    def test_who_is_real_named_may_show_the_face_again(
        self, citizen: Caller, wechat: WeChatControl, parts: Parts
    ) -> None:
        """The voucher asks for it on another phone. It counts from when it ended, and for this account."""
        body, before = typed(), clock.now()
        first = prove(citizen, wechat, body)
        started = start(citizen, body)
        wechat.face(started["verify_id"])

        assert complete(citizen, started["id"]) == first
        check = check_row(parts, started["id"])
        actor = Actor(check.account_id, AccountKind.CITIZEN, check.person_id, check.id)
        other = replace(actor, account_id=check.id)
        with parts.database.reading() as session:
            assert service.has_shown_face(session, actor, check.id, before)
            assert not service.has_shown_face(session, actor, check.id, clock.now())
            assert not service.has_shown_face(session, other, check.id, before)

    def test_a_check_for_somebody_else_does_not_change_who_one_is(
        self, citizen: Caller, wechat: WeChatControl, parts: Parts
    ) -> None:
        first, second = start(citizen, typed()), start(citizen, typed("王大明"))
        for started in (first, second):
            wechat.face(started["verify_id"])
        me = complete(citizen, first["id"])

        refusal = not_complete(citizen, second["id"])

        assert (refusal.status, refusal.code) == (409, "already_real_named")
        assert refusal.body["available_actions"] == []
        assert citizen.ok("GET", "/me")["person"]["id"] == me["person"]["id"]
        assert rows(parts, Person) == 1
        assert is_cleared(parts, second["id"])


class TestNotYet:
    def test_before_the_face_was_shown_it_is_not_finished(
        self, citizen: Caller, wechat: WeChatControl
    ) -> None:
        started = start(citizen, typed())

        refusal = not_complete(citizen, started["id"])

        assert (refusal.status, refusal.code) == (409, "face_check_not_finished")
        assert refusal.body["available_actions"] == ["complete"]
        wechat.face(started["verify_id"])
        assert complete(citizen, started["id"])["real_name"] is True

    def test_while_wechat_compares_one_asks_again_in_a_moment(
        self, citizen: Caller, wechat: WeChatControl
    ) -> None:
        started = start(citizen, typed())
        wechat.face(started["verify_id"], 10005, then=10000, after=1)

        refusal = not_complete(citizen, started["id"])

        assert (refusal.status, refusal.code) == (409, "face_check_running")
        assert refusal.headers["Retry-After"] == "3"
        assert refusal.body["available_actions"] == ["complete"]
        assert complete(citizen, started["id"])["real_name"] is True

    @pytest.mark.parametrize("how", [{"errcode": -1, "times": 2}, {"http_status": 500}, {"drop": True}])
    def test_when_wechat_does_not_answer_the_check_stays_open(
        self, how: dict[str, Any], citizen: Caller, wechat: WeChatControl
    ) -> None:
        started = start(citizen, typed())
        wechat.face(started["verify_id"])
        wechat.fail_next(QUERY, **how)

        refusal = not_complete(citizen, started["id"])

        assert (refusal.status, refusal.code) == (503, "wechat_unavailable")
        assert complete(citizen, started["id"])["real_name"] is True


class TestOver:
    @pytest.mark.parametrize(
        ("verify_ret", "code"),
        [
            (10004, "face_check_failed"),
            (10002, "face_check_failed"),
            (90004, "face_check_failed"),
            (10003, "real_name_mismatch"),
        ],
    )
    def test_a_check_that_failed_is_over_and_one_starts_again(
        self, verify_ret: int, code: str, citizen: Caller, wechat: WeChatControl, parts: Parts
    ) -> None:
        body = typed()
        started = start(citizen, body)
        wechat.face(started["verify_id"], verify_ret)

        first = not_complete(citizen, started["id"])
        wechat.face(started["verify_id"], 10000)
        again = not_complete(citizen, started["id"])

        for refusal in (first, again):
            assert (refusal.status, refusal.code) == (422, code)
            assert refusal.body["available_actions"] == ["start"]
        assert is_cleared(parts, started["id"])
        assert rows(parts, Person) == 0
        assert prove(citizen, wechat, body)["real_name"] is True

    def test_a_check_is_over_after_its_hour(
        self, citizen: Caller, wechat: WeChatControl, parts: Parts
    ) -> None:
        started = start(citizen, typed())
        wechat.face(started["verify_id"])

        let_pass(timedelta(seconds=started["expires_in"]))
        fresh = sign_in(citizen.client, "openid-wang")
        refusals = [not_complete(fresh, started["id"]) for _ in range(2)]

        for refusal in refusals:
            assert (refusal.status, refusal.code) == (410, "real_name_check_expired")
            assert refusal.body["available_actions"] == ["start"]
        assert is_cleared(parts, started["id"])
        assert fresh.ok("GET", "/me")["real_name"] is False

    def test_a_check_that_wechat_has_forgotten_is_over_too(
        self, citizen: Caller, wechat: WeChatControl, parts: Parts
    ) -> None:
        started = start(citizen, typed())
        wechat.fail_next(QUERY, errcode=84001)

        refusal = not_complete(citizen, started["id"])

        assert (refusal.status, refusal.code) == (410, "real_name_check_expired")
        assert is_cleared(parts, started["id"])

    def test_what_nobody_completed_is_cleared_by_itself(
        self, citizen: Caller, wechat: WeChatControl, parts: Parts, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(housekeeping, "BATCH", 2)
        old = [start(citizen, typed()) for _ in range(3)]
        let_pass(timedelta(seconds=3600))
        young = start(sign_in(citizen.client, "openid-wang"), typed())

        assert housekeeping.close_expired_checks(parts.database) == 3
        assert housekeeping.close_expired_checks(parts.database) == 0

        assert all(is_cleared(parts, started["id"]) for started in old)
        assert check_row(parts, young["id"]).status == RealNameStatus.PENDING

    def test_a_name_that_the_register_changed_meanwhile_is_a_mismatch(
        self, citizen: Caller, wechat: WeChatControl, parts: Parts
    ) -> None:
        number = id_number()
        started = start(citizen, typed(id_no=number))
        wechat.face(started["verify_id"])
        parts.database.run(lambda session: add_person(session, "王晓明", id_no=number))

        refusal = not_complete(citizen, started["id"])

        assert (refusal.status, refusal.code) == (422, "real_name_mismatch")
        assert citizen.ok("GET", "/me")["real_name"] is False


class TestOthers:
    def test_another_persons_check_does_not_exist(
        self, client: FlaskClient, citizen: Caller, wechat: WeChatControl
    ) -> None:
        started = start(citizen, typed())
        wechat.face(started["verify_id"])

        other = sign_in(client, "openid-other")

        assert not_complete(other, started["id"]).status == 404
        assert not_complete(other, str(uuid4())).status == 404
        assert other.refused("POST", "/real-name/no-id/complete").status == 404
        assert complete(citizen, started["id"])["real_name"] is True

    def test_staff_have_no_real_name_check(self, client: FlaskClient, parts: Parts) -> None:
        add_handler(parts, "hanbin.li")
        desk = sign_in_staff(client, "hanbin.li")

        assert desk.refused("POST", "/real-name", typed()).code == "role_not_allowed"

    def test_without_signing_in_there_is_none(self, client: FlaskClient) -> None:
        assert client.post(f"{API}/real-name", json={}).status_code == 401

    def test_name_and_number_are_kept_sealed_while_the_check_is_open(
        self, citizen: Caller, parts: Parts
    ) -> None:
        body = typed()
        check = check_row(parts, start(citizen, body)["id"])

        assert (check.name, check.id_no) == (body["name"], body["id_no"])
        assert body["name"].encode() not in (check.name_sealed or b"")
        assert body["id_no"].encode() not in (check.id_no_sealed or b"")


class TestRaces:
    @pytest.fixture
    def database_url(self, both_databases: str) -> str:
        return both_databases

    @pytest.mark.parametrize("known", [False, True], ids=["new number", "number of the register"])
    def test_of_two_accounts_with_one_number_one_wins(
        self, known: bool, app: Application, parts: Parts, wechat: WeChatControl
    ) -> None:
        for round_number in range(3):
            body = typed()
            if known:
                parts.database.run(lambda session, body=body: add_person(session, NAME, id_no=body["id_no"]))
            phones = [sign_in(app.test_client(), f"openid-{round_number}-{one}") for one in range(3)]
            checks = [start(phone, body) for phone in phones]
            for started in checks:
                wechat.face(started["verify_id"])

            answers = at_the_same_moment(
                3, lambda one, phones=phones, checks=checks: _end_of(phones[one], checks[one]["id"])
            )

            assert sorted(answers) == ["id_bound_elsewhere", "id_bound_elsewhere", "passed"]
            for phone, started, answer in zip(phones, checks, answers, strict=True):
                assert _end_of(phone, started["id"]) == answer
                assert phone.ok("GET", "/me")["real_name"] is (answer == "passed")
                assert is_cleared(parts, started["id"])
        assert rows(parts, Person) == 3

    def test_completing_twice_at_the_same_moment_is_completing_once(
        self, app: Application, parts: Parts, wechat: WeChatControl
    ) -> None:
        phone = sign_in(app.test_client(), "openid-wang")
        started = start(phone, typed())
        wechat.face(started["verify_id"])

        answers = at_the_same_moment(
            4, lambda _: complete(Caller(app.test_client(), phone.answer), started["id"])
        )

        assert all(answer == answers[0] for answer in answers)
        assert rows(parts, Person) == 1

    def test_a_disabled_account_completes_nothing(
        self, client: FlaskClient, parts: Parts, wechat: WeChatControl
    ) -> None:
        phone = sign_in(client, "openid-wang")
        started = start(phone, typed())
        wechat.face(started["verify_id"])
        parts.database.run(lambda session: session.execute(update(Account).values(disabled_at=clock.now())))

        assert not_complete(phone, started["id"]).code == "session_ended"


def _end_of(phone: Caller, check_id: str) -> str:
    response = phone.send("POST", f"/real-name/{check_id}/complete")
    return "passed" if response.status_code == 200 else str(response.get_json()["code"])
