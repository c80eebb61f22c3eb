"""People who upload papers, and the pictures that they upload."""

import io
import itertools
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from PIL import Image
from stdnum.cn import ric
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from app.identity.actor import AccountKind, Actor

NUMBERS = itertools.count(1)
PASSWORD = "a-long-password"


@dataclass(frozen=True)
class User:
    """Somebody signed in, with what it takes to call."""

    account_id: UUID
    person_id: UUID
    client: FlaskClient = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    openid: str = ""

    @property
    def actor(self) -> Actor:
        return Actor(self.account_id, AccountKind.CITIZEN, self.person_id, self.account_id)

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(f"/api/v1{path}", headers={**self.headers, **headers})

    def with_token(self, token: str) -> "User":
        """The same phone, signed in otherwise."""
        return replace(self, headers={"Authorization": f"Bearer {token}"})

    def post_form(self, data: dict[str, Any]) -> TestResponse:
        # Encoded here: the test client leaves the temporary file of a large body open.
        boundary, body = encode_multipart(data)
        return self.client.post(
            "/api/v1/materials",
            headers=self.headers,
            data=body,
            content_type=f"multipart/form-data; boundary={boundary}",
        )

    def upload(
        self, content: bytes, kind: str = "residence_proof", *, name: str = "photo.jpg", **fields: str
    ) -> TestResponse:
        return self.post_form({"file": file_part(content, name), "kind": kind, **fields})


def file_part(content: bytes, name: str = "photo.jpg") -> FileStorage:
    """A file for a multipart body."""
    return FileStorage(io.BytesIO(content), filename=name)


def id_number(region: str = "610902", born: str = "19600101") -> str:
    """A resident ID number with the right check digit, another one at each call."""
    body = f"{region}{born}{next(NUMBERS) % 1000:03d}"
    return body + ric.calc_check_digit(body + "0")


def drawn(shade: int, size: tuple[int, int] = (320, 240), kind: str = "JPEG") -> bytes:
    """A photograph whose left half has one colour and whose right half another."""
    picture = Image.new("RGB", size, (shade % 256, 200, 90))
    picture.paste((20, 40, shade * 7 % 256), (0, 0, size[0] // 2, size[1]))
    buffer = io.BytesIO()
    picture.save(buffer, kind)
    return buffer.getvalue()


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def noisy(size: tuple[int, int]) -> bytes:
    """A sound photograph that cannot be packed well: about one byte a pixel."""
    buffer = io.BytesIO()
    Image.effect_noise(size, 100).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()
