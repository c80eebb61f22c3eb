"""Who sees a paper: its owner, and whoever a case concerns; nobody else learns that it exists."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from uploaders import User, noisy

from app import create_app
from app.config import Settings
from app.gateways.parts import Parts
from app.identity.actor import Actor, Ground
from app.identity.models import AccessKind, AccessRecord
from app.kit.api.application import Application
from app.kit.storage import CHUNK_BYTES, Content, ObjectStore, StoreUnavailable
from app.kit.text import Text
from app.materials.models import Material, object_key
from app.materials.routes import READERS
from app.materials.service import Concern, MaterialReader

CASE = UUID("01900000-0000-7000-8000-0000000000ca")


def accesses(parts: Parts) -> list[tuple[UUID, UUID, str]]:
    with parts.database.reading() as session:
        rows = session.execute(select(AccessRecord)).scalars()
        return [(row.account_id, row.person_id, row.what) for row in rows]


def opens_to(*account_ids: UUID) -> MaterialReader:
    """What a domain says that knows of a case: these accounts work on it."""

    def reader(session: Session, actor: Actor, material: Material) -> Concern | None:
        if actor.account_id not in account_ids:
            return None
        return Concern(material.person_id, CASE, Ground.STAFF, actor.grants[0], Text("办件", "case"))

    return reader


@pytest.mark.parametrize("path", ["/materials/{id}", "/materials/{id}/content"])
class TestWhoMaySee:
    def test_the_owner_may_and_it_is_not_recorded(
        self, path: str, wang: User, parts: Parts, photos: Iterator[bytes]
    ) -> None:
        paper = wang.upload(next(photos)).json

        assert wang.get(path.format(**paper)).status_code == 200
        assert accesses(parts) == []

    def test_another_citizen_gets_404(
        self, path: str, wang: User, citizen: Callable[[], User], photos: Iterator[bytes]
    ) -> None:
        paper = wang.upload(next(photos)).json

        answer = citizen().get(path.format(**paper))

        assert (answer.status_code, answer.json["code"]) == (404, "not_found")

    def test_staff_without_a_case_get_404_and_nothing_is_recorded(
        self, path: str, wang: User, handler: User, parts: Parts, photos: Iterator[bytes]
    ) -> None:
        paper = wang.upload(next(photos)).json

        answer = handler.get(path.format(**paper))

        assert (answer.status_code, answer.json["code"]) == (404, "not_found")
        assert accesses(parts) == []

    def test_staff_whose_case_it_is_may_and_it_is_recorded(
        self, path: str, app: Application, wang: User, handler: User, parts: Parts, photos: Iterator[bytes]
    ) -> None:
        paper = wang.upload(next(photos)).json
        app.extensions[READERS] = (opens_to(), opens_to(handler.account_id))

        assert handler.get(path.format(**paper)).status_code == 200
        assert accesses(parts) == [(handler.account_id, wang.person_id, AccessKind.MATERIAL_VIEWED)]

    def test_a_paper_that_does_not_exist_is_404(self, path: str, wang: User) -> None:
        assert wang.get(path.format(id="01900000-0000-7000-8000-000000000000")).status_code == 404

    def test_one_must_be_signed_in(self, path: str, wang: User, photos: Iterator[bytes]) -> None:
        paper = wang.upload(next(photos)).json

        assert wang.client.get(f"/api/v1{path.format(**paper)}").status_code == 401


def test_a_download_cannot_do_harm_in_a_browser(wang: User, photos: Iterator[bytes]) -> None:
    paper = wang.upload(next(photos), "social_card", name="<img src=x>.html").json

    headers = wang.get(f"/materials/{paper['id']}/content").headers

    assert headers["Content-Type"] == "image/jpeg"
    assert headers["Content-Length"] == str(paper["size"])
    assert headers["Content-Disposition"] == (
        f'attachment; filename="social_card-{paper["id"].replace("-", "")[-8:]}.jpg"'
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].endswith("sandbox")
    assert headers["Cache-Control"] == "private, no-store"
    assert headers["ETag"] == f'"{paper["sha256"]}"'


def test_who_has_a_photograph_need_not_load_it_again(wang: User, photos: Iterator[bytes]) -> None:
    paper = wang.upload(next(photos)).json

    again = wang.get(f"/materials/{paper['id']}/content", **{"If-None-Match": f'"{paper["sha256"]}"'})
    other = wang.get(f"/materials/{paper['id']}/content", **{"If-None-Match": '"something-else"'})

    assert (again.status_code, again.data) == (304, b"")
    assert (other.status_code, len(other.data)) == (200, paper["size"])


def test_a_head_request_sends_no_photograph(wang: User, photos: Iterator[bytes]) -> None:
    paper = wang.upload(next(photos)).json

    answer = wang.client.head(f"/api/v1/materials/{paper['id']}/content", headers=wang.headers)

    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["Content-Length"] == str(paper["size"])


class WatchedStore:
    """A store that counts the bytes read of it, or is out of order."""

    def __init__(self, inner: ObjectStore) -> None:
        self.inner = inner
        self.bytes_read = 0
        self.closed = 0
        self.broken = False

    def _check(self) -> None:
        if self.broken:
            raise StoreUnavailable("out of order")

    def put(self, key: str, data: bytes, media_type: str) -> None:
        self._check()
        self.inner.put(key, data, media_type)

    def open(self, key: str) -> Content:
        self._check()
        content = self.inner.open(key)

        def chunks() -> Iterator[bytes]:
            for chunk in content:
                self.bytes_read += len(chunk)
                yield chunk

        def close() -> None:
            self.closed += 1
            content.close()

        return Content(content.size, chunks(), close)

    def exists(self, key: str) -> bool:
        return self.inner.exists(key)

    def delete(self, key: str) -> None:
        self.inner.delete(key)

    def check(self) -> None:
        self._check()


class TestWithAWatchedStore:
    @pytest.fixture
    def store(self, parts: Parts) -> WatchedStore:
        return WatchedStore(parts.papers)

    @pytest.fixture
    def app(self, settings: Settings, parts: Parts, store: WatchedStore) -> Application:
        return create_app(settings, replace(parts, papers=store))

    @pytest.fixture
    def large(self) -> bytes:
        return noisy((1600, 1200))

    def test_a_download_is_streamed(self, wang: User, store: WatchedStore, large: bytes) -> None:
        """The first part is on its way while the rest still lies in the store."""
        paper = wang.upload(large).json
        assert paper["size"] > 4 * CHUNK_BYTES

        answer = wang.client.get(
            f"/api/v1/materials/{paper['id']}/content", headers=wang.headers, buffered=False
        )
        first = next(iter(answer.response))

        assert 0 < len(first) <= CHUNK_BYTES
        assert store.bytes_read <= 2 * CHUNK_BYTES
        answer.close()
        assert store.closed >= 1

    def test_a_store_out_of_order_is_said_and_nothing_is_written_down(
        self, wang: User, parts: Parts, store: WatchedStore, photos: Iterator[bytes]
    ) -> None:
        paper = wang.upload(next(photos)).json
        store.broken = True

        upload, download = wang.upload(next(photos)), wang.get(f"/materials/{paper['id']}/content")

        for answer in (upload, download):
            assert (answer.status_code, answer.json["code"]) == (503, "papers_unavailable")
            assert answer.headers["Retry-After"] == "30"
        with parts.database.reading() as session:
            assert len(session.execute(select(Material.id)).all()) == 1

    def test_a_photograph_that_is_gone_is_said(
        self, wang: User, store: WatchedStore, photos: Iterator[bytes]
    ) -> None:
        paper = wang.upload(next(photos)).json
        store.delete(object_key(wang.account_id, paper["sha256"]))

        answer = wang.get(f"/materials/{paper['id']}/content")

        assert (answer.status_code, answer.json["code"]) == (500, "material_unreadable")
