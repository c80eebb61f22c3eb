"""Who saw or did what with a person's records, in words, for that person alone."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from identity_world import (
    Caller,
    add_citizen,
    add_handler,
    add_person,
    id_number,
    let_pass,
    private,
    sign_in,
    sign_in_staff,
    statements_of,
    years_ago,
)
from sqlalchemy.orm import Session

from app.gateways.parts import Parts
from app.identity import queries, register
from app.identity.accesses import LOOKS, record_access
from app.identity.actor import AccountKind, Actor, Ground, OrganisationKind, Role
from app.identity.models import AccessKind
from app.identity.wording import role_name
from app.kit.text import Text

REMOTE_CARE = Text("异地就医备案申请", "remote-care filing")


def actor_of(parts: Parts, account_id: UUID, person_id: UUID | None, kind: AccountKind) -> Actor:
    with parts.database.reading() as session:
        return Actor(account_id, kind, person_id, uuid4(), queries.grants_of(session, account_id))


@pytest.fixture
def person_id(parts: Parts) -> UUID:
    return add_citizen(parts, "openid-wang")


@pytest.fixture
def handler(parts: Parts) -> Actor:
    return actor_of(parts, *add_handler(parts, "hanbin.wang", "王经办"), AccountKind.STAFF)


@pytest.fixture
def citizen(client: FlaskClient, person_id: UUID) -> Caller:
    return sign_in(client, "openid-wang")


def record(
    parts: Parts,
    actor: Actor,
    person_id: UUID,
    what: AccessKind = AccessKind.FILING_VIEWED,
    filing_id: UUID | None = None,
    ground: Ground | None = None,
    about: Text | None = REMOTE_CARE,
) -> None:
    parts.database.run(
        lambda session: record_access(session, actor, person_id, what, filing_id, ground, about=about)
    )


def lines(caller: Caller, language: str = "zh-CN") -> list[str]:
    return [
        row["text"] for row in caller.ok("GET", "/me/accesses?limit=50", Accept_Language=language)["items"]
    ]


def test_a_look_of_the_agency_is_told_in_words(
    parts: Parts, citizen: Caller, person_id: UUID, handler: Actor
) -> None:
    filing_id = uuid4()
    record(parts, handler, person_id, filing_id=filing_id, ground=Ground.STAFF)

    page = citizen.ok("GET", "/me/accesses")

    (row,) = page["items"]
    assert row["text"] == "汉滨区医保经办中心 经办员 王*办 查看了您的异地就医备案申请"
    assert (row["who"], row["role"], row["organisation"]) == ("王*办", "handler", "汉滨区医保经办中心")
    assert (row["what"], row["filing_id"], row["ground"]) == ("filing_viewed", str(filing_id), "staff")
    assert row["at"].endswith("+00:00")
    assert lines(citizen, "en") == ["汉滨区医保经办中心 handler 王*办 looked at your remote-care filing"]


def test_every_role_has_a_name_in_both_languages() -> None:
    assert {role for role in Role if role_name(role) and role_name(role).en} == set(Role)
    with pytest.raises(ValueError, match="gardener"):
        role_name("gardener")


def test_every_kind_of_access_has_its_sentence_in_both_languages(
    parts: Parts, citizen: Caller, person_id: UUID, handler: Actor
) -> None:
    for what in AccessKind:
        record(parts, handler, person_id, what, about=None)

    chinese, english = lines(citizen), lines(citizen, "en")

    assert len(set(chinese)) == len(set(english)) == len(AccessKind)
    assert all(line.startswith("汉滨区医保经办中心 经办员 王*办 ") for line in chinese)
    assert all(" you" in line for line in english)
    assert "{" not in "".join(chinese + english)


def test_the_same_look_is_kept_once_within_ten_minutes(
    parts: Parts, citizen: Caller, person_id: UUID, handler: Actor
) -> None:
    filing_id = uuid4()
    for _ in range(3):
        record(parts, handler, person_id, filing_id=filing_id)
        let_pass(timedelta(minutes=3))
    assert len(lines(citizen)) == 1

    let_pass(timedelta(minutes=2))
    record(parts, handler, person_id, filing_id=filing_id)

    assert len(lines(citizen)) == 2


def test_another_case_person_kind_or_account_is_another_look(
    parts: Parts, citizen: Caller, person_id: UUID, handler: Actor
) -> None:
    colleague = actor_of(parts, *add_handler(parts, "hanbin.zhao", "赵经办"), AccountKind.STAFF)
    other_person = add_citizen(parts, "openid-other", "李四")
    filing_id = uuid4()

    record(parts, handler, person_id, filing_id=filing_id)
    record(parts, handler, person_id, filing_id=uuid4())
    record(parts, handler, person_id)
    record(parts, handler, person_id, AccessKind.MATERIAL_VIEWED, filing_id)
    record(parts, colleague, person_id, filing_id=filing_id)
    record(parts, handler, other_person, filing_id=filing_id)

    assert len(lines(citizen)) == 5


def test_what_is_done_is_kept_each_time(
    parts: Parts, citizen: Caller, person_id: UUID, handler: Actor
) -> None:
    filing_id, deeds = uuid4(), set(AccessKind) - LOOKS
    for what in deeds:
        for _ in range(2):
            record(parts, handler, person_id, what, filing_id)

    assert len(lines(citizen)) == 2 * len(deeds)


def test_ones_own_looks_are_not_recorded(parts: Parts, citizen: Caller, person_id: UUID) -> None:
    record(parts, actor_of(parts, citizen.account_id, person_id, AccountKind.CITIZEN), person_id)

    assert lines(citizen) == []


def test_a_staff_member_who_looks_at_the_own_records_is_not_recorded(
    parts: Parts, client: FlaskClient, handler: Actor
) -> None:
    assert handler.person_id is not None
    record(parts, handler, handler.person_id)

    assert lines(sign_in_staff(client, "hanbin.wang")) == []


@pytest.mark.parametrize(
    ("ground", "title"),
    [(Ground.GUARDIAN, "监护人 李*芳"), (Ground.KIN, "亲属 李*芳"), (Ground.MANDATE, "代办员 李*芳")],
)
def test_who_acts_for_a_person_is_named_by_the_ground(
    ground: Ground, title: str, parts: Parts, citizen: Caller, person_id: UUID
) -> None:
    other_id = add_citizen(parts, "openid-li", "李小芳")
    with parts.database.reading() as session:
        account = queries.citizen_account_of(session, other_id)
    assert account is not None
    actor = actor_of(parts, account.id, other_id, AccountKind.CITIZEN)

    record(parts, actor, person_id, AccessKind.FILING_SUBMITTED, uuid4(), ground)

    assert lines(citizen) == [f"{title} 为您提交了异地就医备案申请"]


def test_an_agent_is_named_with_the_station_but_as_guardian_without(
    parts: Parts, citizen: Caller, person_id: UUID
) -> None:
    agent_id = add_citizen(parts, "openid-agent", "张代办")

    def make_agent(session: Session) -> UUID:
        account = queries.citizen_account_of(session, agent_id)
        assert account is not None
        station = register.add_organisation(
            session,
            kind=OrganisationKind.SERVICE_POINT,
            name="茨沟村医保服务室",
            region_code="610902110201",
        )
        register.grant_role(session, account, Role.AGENT, station)
        return account.id

    agent = actor_of(parts, parts.database.run(make_agent), agent_id, AccountKind.CITIZEN)

    record(parts, agent, person_id, AccessKind.FILING_SUBMITTED, ground=Ground.MANDATE)
    record(parts, agent, person_id, AccessKind.FILING_WITHDRAWN, ground=Ground.GUARDIAN)

    assert lines(citizen) == [
        "监护人 张*办 撤回了您的异地就医备案申请",
        "茨沟村医保服务室 代办员 张*办 为您提交了异地就医备案申请",
    ]


def test_a_machine_is_named_by_its_institution(parts: Parts, citizen: Caller, person_id: UUID) -> None:
    def add_terminal(session: Session) -> UUID:
        hospital = register.add_organisation(
            session, kind=OrganisationKind.INSTITUTION, name="安康市中心医院", region_code="6109"
        )
        secret = private("a-secret-of-the-terminal-at-the-till")
        return register.add_terminal(session, parts.passwords, hospital, "ak-his", secret).id

    terminal = actor_of(parts, parts.database.run(add_terminal), None, AccountKind.TERMINAL)

    record(parts, terminal, person_id, AccessKind.COVERAGE_VIEWED)

    assert lines(citizen) == ["安康市中心医院 终端 查看了您的参保信息"]
    assert citizen.ok("GET", "/me/accesses")["items"][0]["who"] == "安康市中心医院"


class TestPages:
    def test_accesses_are_paged_newest_first_and_each_page_costs_the_same(
        self, parts: Parts, citizen: Caller, person_id: UUID, handler: Actor
    ) -> None:
        filing_ids = [uuid4() for _ in range(7)]
        for filing_id in filing_ids:
            record(parts, handler, person_id, filing_id=filing_id)
        seen: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            with statements_of(parts) as statements:
                page = citizen.ok("GET", f"/me/accesses?limit=3{cursor and '&cursor=' + cursor}")
            assert len(statements) == 3
            seen += [row["filing_id"] for row in page["items"]]
            cursor = page["next_cursor"]

        assert seen == [str(filing_id) for filing_id in reversed(filing_ids)]

    @pytest.mark.parametrize(
        "query", ["limit=0", "limit=51", "limit=x", "cursor=%21%21", "cursor=abc", "of=me"]
    )
    def test_a_wrong_query_is_refused(self, query: str, citizen: Caller) -> None:
        refusal = citizen.refused("GET", f"/me/accesses?{query}")

        assert (refusal.status, refusal.code) == (422, "invalid_input")

    def test_everybody_sees_only_his_own(
        self, parts: Parts, client: FlaskClient, citizen: Caller, person_id: UUID, handler: Actor
    ) -> None:
        add_citizen(parts, "openid-other", "李四")
        record(parts, handler, person_id)

        assert len(lines(citizen)) == 1
        assert lines(sign_in(client, "openid-other")) == []
        assert lines(sign_in(client, "openid-nobody")) == []


def test_a_guardian_does_not_read_the_childs_list_as_his_own(
    parts: Parts, client: FlaskClient, handler: Actor
) -> None:
    mother_id = add_citizen(parts, "openid-mother", "陈梅", id_no=id_number(born=years_ago(30)))

    def enter(session: Session) -> UUID:
        child = add_person(session, "王小宝", id_no=id_number(born=years_ago(3)))
        mother = queries.person(session, mother_id)
        assert mother is not None
        register.add_kinship(session, child, mother, "parent", guardian=True)
        return child.id

    record(parts, handler, parts.database.run(enter))

    assert lines(sign_in(client, "openid-mother")) == []
