"""What happens at the same moment, again, or never: one row for one photograph, and none without its photograph."""

import io
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from uploaders import User

from app.gateways.parts import Parts
from app.kit.api.application import Application
from app.materials import service, uploading
from app.materials.kinds import PaperKind
from app.materials.models import Material, object_key
from app.materials.purge import KEEP_UNATTACHED, delete_unattached
from app.materials.uploading import Limits, Upload

AT_ONCE = 6


@pytest.fixture
def database_url(both_databases: str) -> str:
    return both_databases


def count_rows(parts: Parts) -> int:
    with parts.database.reading() as session:
        return session.execute(select(func.count()).select_from(Material)).scalar_one()


def is_stored(parts: Parts, user: User, paper: dict[str, str]) -> bool:
    return parts.papers.exists(object_key(user.account_id, paper["sha256"]))


def age(parts: Parts, days: float) -> None:
    """Let all papers be sent so many days ago."""

    def change(session: Session) -> None:
        for material in session.execute(select(Material)).scalars():
            material.uploaded_at -= timedelta(days=days)

    parts.database.run(change)


def test_uploads_of_one_photograph_at_once_make_one_paper(
    app: Application, wang: User, parts: Parts, photos: Iterator[bytes]
) -> None:
    photo = next(photos)

    def upload(_: int) -> tuple[int, str]:
        answer = replace(wang, client=app.test_client()).upload(photo)
        return answer.status_code, answer.json["id"]

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(upload, range(AT_ONCE)))

    assert len({paper_id for _, paper_id in answers}) == 1
    assert sorted(status for status, _ in answers) == [200] * (AT_ONCE - 1) + [201]
    assert count_rows(parts) == 1


def test_a_paper_is_stored_before_anything_is_written_down(
    wang: User, parts: Parts, photos: Iterator[bytes]
) -> None:
    """When the process dies in between, a photograph is left that the retry uses, never a row without one."""
    photo = next(photos)

    class ProcessDiedError(Exception):
        pass

    def die() -> Session:
        raise ProcessDiedError

    with pytest.raises(ProcessDiedError):
        receive(parts, wang, photo, die)

    assert count_rows(parts) == 0
    paper = wang.upload(photo).json
    assert is_stored(parts, wang, paper)
    assert count_rows(parts) == 1


def receive(parts: Parts, user: User, photo: bytes, session: Callable[[], Session]) -> tuple[Material, bool]:
    settings = parts.settings
    return uploading.receive(
        Upload(io.BytesIO(photo), PaperKind.RESIDENCE_PROOF, None),
        user.actor,
        database=parts.database,
        session=session,
        papers=parts.papers,
        limits=Limits(settings.upload_max_bytes, settings.upload_max_pixels, 100),
    )


class TestPapersThatBelongToNoCase:
    def test_are_deleted_with_their_photograph_after_30_days(
        self, wang: User, parts: Parts, photos: Iterator[bytes]
    ) -> None:
        old = wang.upload(next(photos)).json
        age(parts, KEEP_UNATTACHED.days + 1)
        young = wang.upload(next(photos)).json

        assert delete_unattached(parts.database, parts.papers) == 1

        assert wang.get(f"/materials/{old['id']}").status_code == 404
        assert not is_stored(parts, wang, old)
        assert wang.get(f"/materials/{young['id']}/content").status_code == 200

    def test_stay_for_30_days(self, wang: User, parts: Parts, photos: Iterator[bytes]) -> None:
        wang.upload(next(photos))
        age(parts, KEEP_UNATTACHED.days - 0.1)

        assert delete_unattached(parts.database, parts.papers) == 0

    def test_stay_for_good_once_they_do(self, wang: User, parts: Parts, photos: Iterator[bytes]) -> None:
        paper = wang.upload(next(photos)).json
        parts.database.run(lambda session: service.mark_attached(session, [UUID(paper["id"])]))
        age(parts, 400)

        assert delete_unattached(parts.database, parts.papers) == 0
        assert wang.get(f"/materials/{paper['id']}/content").status_code == 200

    def test_leave_the_photograph_to_another_paper_that_shows_it(
        self, wang: User, parts: Parts, photos: Iterator[bytes]
    ) -> None:
        photo = next(photos)
        old = wang.upload(photo, "other").json
        age(parts, KEEP_UNATTACHED.days + 1)
        young = wang.upload(photo, "social_card").json

        assert delete_unattached(parts.database, parts.papers) == 1

        assert wang.get(f"/materials/{old['id']}").status_code == 404
        assert wang.get(f"/materials/{young['id']}/content").status_code == 200

    def test_live_on_when_they_are_sent_again(
        self, wang: User, parts: Parts, photos: Iterator[bytes]
    ) -> None:
        photo = next(photos)
        old = wang.upload(photo).json
        age(parts, KEEP_UNATTACHED.days + 1)

        again = wang.upload(photo)

        assert (again.status_code, again.json["id"]) == (200, old["id"])
        assert delete_unattached(parts.database, parts.papers) == 0

    @pytest.mark.parametrize("kind", ["residence_proof", "other"])
    def test_may_be_deleted_while_they_are_sent_again(
        self, kind: str, wang: User, parts: Parts, photos: Iterator[bytes]
    ) -> None:
        """The deletion comes between the storing and the writing down: the photograph is stored once more."""
        photo = next(photos)
        old = wang.upload(photo, kind).json
        age(parts, KEEP_UNATTACHED.days + 1)

        with parts.database.writing() as session:

            def delete_first() -> Session:
                assert delete_unattached(parts.database, parts.papers) == 1
                return session

            material, is_new = receive(parts, wang, photo, delete_first)

        assert is_new
        assert str(material.id) != old["id"]
        assert wang.get(f"/materials/{material.id}/content").status_code == 200
