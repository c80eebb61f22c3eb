"""People with phones, and pictures to upload."""

import itertools
from collections.abc import Callable, Iterator
from datetime import date
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from uploaders import NUMBERS, PASSWORD, User, drawn, id_number
from werkzeug.test import TestResponse

from app.gateways.parts import Parts
from app.identity import register
from app.identity.actor import OrganisationKind, Role
from mock_client.camera import Camera


@pytest.fixture
def citizen(parts: Parts, client: FlaskClient) -> Callable[[], User]:
    """Makes a real-named citizen and signs in by WeChat."""

    def make() -> User:
        openid = f"openid-of-{next(NUMBERS)}"

        def enter(session: Session) -> tuple[UUID, UUID]:
            person = register.add_person(session, name="王秀英", id_no=id_number())
            return register.add_citizen_account(session, person, openid).id, person.id

        account_id, person_id = parts.database.run(enter)
        answer = client.post("/api/v1/auth/wechat", json={"js_code": f"demo.{openid}.once"})
        assert answer.status_code == 200, answer.text
        return User(account_id, person_id, client, _bearer(answer), openid)

    return make


@pytest.fixture
def wang(citizen: Callable[[], User]) -> User:
    return citizen()


@pytest.fixture
def handler(parts: Parts, client: FlaskClient) -> User:
    """A handler of the county's agency."""
    username = f"handler{next(NUMBERS)}"

    def enter(session: Session) -> tuple[UUID, UUID]:
        person = register.add_person(session, name="李国强", id_no=id_number())
        agency = register.add_organisation(
            session, kind=OrganisationKind.AGENCY, name="汉滨区医保经办中心", region_code="610902"
        )
        account = register.add_staff(
            session, parts.passwords, person, username, PASSWORD, [(Role.HANDLER, agency)]
        )
        return account.id, person.id

    account_id, person_id = parts.database.run(enter)
    answer = client.post("/api/v1/auth/staff", json={"username": username, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return User(account_id, person_id, client, _bearer(answer))


def _bearer(answer: TestResponse) -> dict[str, str]:
    return {"Authorization": f"Bearer {answer.json['access_token']}"}


@pytest.fixture(scope="session")
def camera() -> Camera:
    return Camera(seed=7, today=date(2026, 3, 2))


@pytest.fixture(scope="session")
def holder() -> dict[str, str]:
    return {
        "name": "王秀英",
        "id_no": "610902196001010021",
        "sex": "女",
        "birth_date": "1960-01-01",
        "address": "陕西省安康市汉滨区样本路1号",
    }


@pytest.fixture(scope="session")
def id_card(camera: Camera, holder: dict[str, str]) -> bytes:
    """A photograph of an ID card as a phone takes it, with its place in EXIF."""
    return camera.id_card_front(holder).content


@pytest.fixture
def photos() -> Iterator[bytes]:
    """Small sound photographs, each another one."""
    return (drawn(shade) for shade in itertools.count(1))
