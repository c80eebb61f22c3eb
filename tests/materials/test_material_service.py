"""The daily limit, and what other domains ask of papers."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from uploaders import User

from app.config import Settings
from app.gateways.parts import Parts
from app.kit import clock
from app.kit.errors import Problem
from app.materials import service
from app.materials.models import Material


class TestTheDailyLimit:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, uploads_per_person_per_day=2)

    def test_refuses_one_more_and_says_when_to_go_on(
        self, wang: User, parts: Parts, citizen: Callable[[], User], photos: Iterator[bytes]
    ) -> None:
        first, second, third = next(photos), next(photos), next(photos)
        stored = [wang.upload(first), wang.upload(second)]

        refused = wang.upload(third)

        assert [answer.status_code for answer in stored] == [201, 201]
        assert (refused.status_code, refused.json["code"]) == (429, "upload_limit_reached")
        assert "2 张" in refused.json["detail"]
        assert 0 < int(refused.headers["Retry-After"]) <= 86_401
        # A lost answer can still be asked for again, and others are not concerned.
        assert wang.upload(second).status_code == 200
        assert citizen().upload(third).status_code == 201

    def test_is_of_the_day_in_china(self, wang: User, photos: Iterator[bytes]) -> None:
        midnight = clock.now().astimezone(clock.CHINA).replace(hour=0, minute=0, second=0) + timedelta(days=1)

        with clock.travel(midnight - timedelta(minutes=5)):
            late = fresh(wang)
            statuses = [late.upload(next(photos)).status_code for _ in range(3)]
        with clock.travel(midnight + timedelta(minutes=5)):
            statuses.append(late.upload(next(photos)).status_code)

        assert statuses == [201, 201, 429, 201]


def fresh(user: User) -> User:
    """The same person, signed in again at the time that it is."""
    answer = user.client.post("/api/v1/auth/wechat", json={"js_code": f"demo.{user.openid}.again"})
    return user.with_token(answer.json["access_token"])


class TestPapersForACase:
    def test_come_in_the_order_asked_for_and_each_once(
        self, wang: User, parts: Parts, photos: Iterator[bytes]
    ) -> None:
        ids = [UUID(wang.upload(next(photos), kind).json["id"]) for kind in ("other", "commitment")]

        with parts.database.reading() as session:
            papers = service.materials_of(session, wang.account_id, [ids[1], ids[0], ids[1]])
            assert [paper.id for paper in papers] == [ids[1], ids[0]]
            assert service.materials_of(session, wang.account_id, []) == []

    def test_that_are_missing_or_somebody_elses_are_all_named_at_once(
        self, wang: User, citizen: Callable[[], User], parts: Parts, photos: Iterator[bytes]
    ) -> None:
        own = UUID(wang.upload(next(photos)).json["id"])
        foreign = UUID(citizen().upload(next(photos)).json["id"])
        nowhere = UUID("01900000-0000-7000-8000-000000000000")

        with parts.database.reading() as session, pytest.raises(Problem) as refusal:
            service.materials_of(session, wang.account_id, [foreign, own, nowhere])

        problem = refusal.value
        assert problem.kind.code == "materials_not_found"
        assert set(problem.errors) == {"material_ids.0", "material_ids.2"}
        assert problem.extra["missing_material_ids"] == [str(foreign), str(nowhere)]
        assert "2 份" in problem.detail

    def test_are_marked_once_and_a_deleted_one_is_named(
        self, wang: User, parts: Parts, photos: Iterator[bytes]
    ) -> None:
        paper = UUID(wang.upload(next(photos)).json["id"])
        nowhere = UUID("01900000-0000-7000-8000-000000000000")

        def attached_at(session: Session) -> object:
            service.mark_attached(session, [paper])
            return session.execute(select(Material.attached_at).where(Material.id == paper)).scalar_one()

        first = parts.database.run(attached_at)
        with clock.travel(clock.now() + timedelta(days=3)):
            assert parts.database.run(attached_at) == first
        with pytest.raises(Problem) as refusal:
            parts.database.run(lambda session: service.mark_attached(session, [paper, nowhere]))
        assert set(refusal.value.errors) == {"material_ids.1"}
