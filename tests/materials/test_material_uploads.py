"""Uploads are harmless: every bad file is refused with its own code or cleaned, and what stays is a plain picture."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import func, select
from uploaders import User, drawn, file_part, id_number, opened

from app.config import Settings
from app.gateways.parts import Parts
from app.identity import register
from app.materials.kinds import PAPER_NAMES, PaperKind, kind_asked_for, kind_name
from app.materials.models import Material
from mock_client.camera import Camera
from mock_client.papers import spoiled


def count_rows(parts: Parts) -> int:
    with parts.database.reading() as session:
        return session.execute(select(func.count()).select_from(Material)).scalar_one()


def stored_files(settings: Settings) -> list[Path]:
    return [path for path in (settings.data_dir / "papers").rglob("*") if path.is_file()]


def test_a_photograph_is_stored_and_described(wang: User, id_card: bytes) -> None:
    answer = wang.upload(id_card, "id_card_front")

    assert answer.status_code == 201
    paper = answer.json
    assert paper["kind"] == "id_card_front"
    assert paper["person_id"] == str(wang.person_id)
    assert paper["media_type"] == "image/jpeg"
    assert answer.headers["Location"] == f"/api/v1/materials/{paper['id']}"
    content = wang.get(f"/materials/{paper['id']}/content").data
    assert len(content) == paper["size"]
    assert opened(content).size == (paper["width"], paper["height"])
    assert wang.get(f"/materials/{paper['id']}").json == paper


def test_the_same_photograph_again_is_the_same_paper(wang: User, parts: Parts, id_card: bytes) -> None:
    first, again = wang.upload(id_card, "id_card_front"), wang.upload(id_card, "id_card_front")

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json == first.json
    assert count_rows(parts) == 1


def test_one_photograph_may_serve_as_two_kinds_of_paper_and_is_stored_once(
    wang: User, settings: Settings, id_card: bytes
) -> None:
    front, other = wang.upload(id_card, "id_card_front"), wang.upload(id_card, "other")

    assert (front.status_code, other.status_code) == (201, 201)
    assert front.json["id"] != other.json["id"]
    assert len(stored_files(settings)) == 1


def test_two_owners_of_one_photograph_do_not_share_it(citizen: Callable[[], User], id_card: bytes) -> None:
    one, two = citizen().upload(id_card), citizen().upload(id_card)

    assert (one.status_code, two.status_code) == (201, 201)
    assert one.json["id"] != two.json["id"]


def test_a_paper_may_be_about_somebody_else(wang: User, parts: Parts, photos: Iterator[bytes]) -> None:
    child = parts.database.run(
        lambda session: register.add_person(session, name="王小明", id_no=id_number(born="20180101"))
    )
    photo = next(photos)

    about_child = wang.upload(photo, person_id=str(child.id))
    about_self = wang.upload(photo)

    assert about_child.json["person_id"] == str(child.id)
    assert about_self.json["person_id"] == str(wang.person_id)
    assert about_child.json["id"] != about_self.json["id"]


def test_a_person_that_does_not_exist_is_named(wang: User, photos: Iterator[bytes]) -> None:
    answer = wang.upload(next(photos), person_id="01900000-0000-7000-8000-000000000000")

    assert answer.status_code == 422
    assert answer.json["code"] == "invalid_input"
    assert list(answer.json["errors"]) == ["person_id"]


def test_somebody_without_a_real_name_cannot_upload(
    parts: Parts, wang: User, photos: Iterator[bytes]
) -> None:
    answer = wang.client.post("/api/v1/auth/wechat", json={"js_code": "demo.somebody-new.once"})
    nobody = wang.with_token(answer.json["access_token"])

    refused = nobody.upload(next(photos))

    assert (refused.status_code, refused.json["code"]) == (403, "real_name_required")
    assert count_rows(parts) == 0


def a_jpeg(size: tuple[int, int] = (320, 240)) -> bytes:
    return drawn(1, size)


def a_gif() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (320, 240)).save(buffer, "GIF")
    return buffer.getvalue()


BAD_FILES = {
    "nothing in it": (b"", "p.jpg", 422, "file_empty"),
    "a PDF called .jpg": (spoiled.not_a_picture(), "p.jpg", 415, "file_type_not_supported"),
    "a GIF called .png": (a_gif(), "p.png", 415, "file_type_not_supported"),
    "a web page called .jpg": (spoiled.HTML, "p.jpg", 415, "file_type_not_supported"),
    "a script behind a JPEG's first bytes": (b"\xff\xd8\xff<script>", "p.jpg", 422, "file_broken"),
    "an SVG called .png": (
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "p.png",
        415,
        "file_type_not_supported",
    ),
    "half a photograph": (spoiled.truncated(a_jpeg((1600, 1200))), "p.jpg", 422, "file_broken"),
    "a bomb of 400 megapixels": (spoiled.pixel_bomb(), "p.png", 422, "file_too_many_pixels"),
    "a thumbnail": (a_jpeg((160, 120)), "p.jpg", 422, "photo_too_small"),
}


@pytest.mark.parametrize(("content", "name", "status", "code"), BAD_FILES.values(), ids=BAD_FILES.keys())
def test_a_bad_file_is_refused_with_its_own_code_and_leaves_nothing(
    content: bytes, name: str, status: int, code: str, wang: User, parts: Parts, settings: Settings
) -> None:
    answer = wang.upload(content, name=name)

    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert "照片" in answer.json["detail"]
    assert count_rows(parts) == 0
    assert stored_files(settings) == []


def test_every_reason_to_refuse_a_file_says_in_english_what_to_do(wang: User) -> None:
    wang.headers["Accept-Language"] = "en"

    assert "Please upload a JPG or PNG" in wang.upload(spoiled.HTML).json["detail"]


def test_a_file_over_the_limit_is_refused_with_the_limit(
    wang: User, parts: Parts, camera: Camera, holder: dict[str, str]
) -> None:
    just_over = wang.upload(a_jpeg() + bytes(parts.settings.upload_max_bytes))
    far_over = wang.upload(camera.huge(camera.social_card(holder)).content)

    for answer in (just_over, far_over):
        assert (answer.status_code, answer.json["code"]) == (413, "file_too_large")
        assert "10 MB" in answer.json["detail"]
    assert count_rows(parts) == 0


@pytest.mark.parametrize(
    ("data", "status", "code", "fields"),
    [
        ({"kind": "other"}, 422, "file_missing", {"file"}),
        ({"kind": "other", "file": "not a file"}, 422, "file_missing", {"file"}),
        ({}, 422, "invalid_input", {"file", "kind"}),
        ({"kind": "passport", "file": "photo"}, 422, "invalid_input", {"kind"}),
        ({"kind": "", "file": "photo"}, 422, "invalid_input", {"kind"}),
        ({"file": "photo"}, 422, "invalid_input", {"kind"}),
        ({"kind": "other", "file": "photo", "person_id": "me"}, 422, "invalid_input", {"person_id"}),
        ({"kind": "other", "file": "photo", "name": "x"}, 422, "invalid_input", {"name"}),
        ({"kind": "other", "file": "photo", "second": "photo"}, 422, "invalid_input", {"second"}),
    ],
)
def test_what_is_missing_wrong_or_too_much_is_named(
    data: dict[str, str], status: int, code: str, fields: set[str], wang: User, photos: Iterator[bytes]
) -> None:
    sent = {name: file_part(next(photos)) if value == "photo" else value for name, value in data.items()}

    answer = wang.post_form(sent)

    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert set(answer.json["errors"]) == fields


def test_an_upload_must_be_multipart(wang: User) -> None:
    answer = wang.client.post("/api/v1/materials", headers=wang.headers, json={"kind": "other"})

    assert (answer.status_code, answer.json["code"]) == (415, "wrong_content_type")


def test_camera_data_is_dropped_and_the_picture_stands_upright(wang: User) -> None:
    # Given a phone held upright: the sensor's picture lies on its side, and EXIF says so, and where it was taken.
    picture = opened(drawn(1, (600, 400)))
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825).update({1: "N", 2: (32.0, 41.0, 25.0), 3: "E", 4: (109.0, 1.0, 44.0)})
    exif[0x010E] = "王秀英 610902196001010021"
    raw = io.BytesIO()
    picture.save(raw, "JPEG", exif=exif)
    assert opened(raw.getvalue()).getexif().get_ifd(0x8825)

    paper = wang.upload(raw.getvalue()).json

    content = wang.get(f"/materials/{paper['id']}/content").data
    cleaned = opened(content)
    assert cleaned.size == (paper["width"], paper["height"]) == (400, 600)
    assert dict(cleaned.getexif()) == {}
    assert b"Exif" not in content
    assert "王秀英".encode() not in content
    # The left half of the sensor's picture is the upper half of what the person sees.
    assert cleaned.getpixel((200, 20)) != cleaned.getpixel((200, 580))
    upper, lower = cleaned.getpixel((200, 20)), cleaned.getpixel((200, 580))
    assert upper[0] < 60 < lower[1]


def test_a_photograph_that_is_a_web_page_too_loses_the_page(wang: User, id_card: bytes) -> None:
    polyglot = spoiled.polyglot(id_card)
    assert spoiled.HTML in polyglot

    paper = wang.upload(polyglot, name="page.html").json

    content = wang.get(f"/materials/{paper['id']}/content").data
    assert b"<script" not in content
    assert opened(content).size == (paper["width"], paper["height"])


@pytest.mark.parametrize(
    "name",
    [
        "../../../../tmp/escaped.jpg",
        "..\\..\\escaped.jpg",
        "/etc/escaped.jpg",
        "a\x00b.jpg",
        "王" * 300 + ".jpg",
    ],
)
def test_a_file_name_is_never_used(
    name: str, wang: User, settings: Settings, photos: Iterator[bytes]
) -> None:
    answer = wang.upload(next(photos), name=name)

    assert answer.status_code == 201
    shown = wang.get(f"/materials/{answer.json['id']}/content").headers["Content-Disposition"]
    assert "escaped" not in shown
    (file,) = stored_files(settings)
    assert file.resolve().is_relative_to(settings.data_dir.resolve())
    assert "escaped" not in str(file)


def test_a_photograph_lies_encrypted_on_the_disk(wang: User, settings: Settings, id_card: bytes) -> None:
    paper = wang.upload(id_card).json

    content = wang.get(f"/materials/{paper['id']}/content").data
    (file,) = stored_files(settings)
    kept = file.read_bytes()
    assert not kept.startswith(b"\xff\xd8")
    assert content[:64] not in kept
    assert content[1000:1064] not in kept


def test_png_and_camera_formats_are_taken(wang: User, camera: Camera, holder: dict[str, str]) -> None:
    for content, kind in (
        (drawn(3, (400, 300), "PNG"), "other"),
        (camera.commitment(holder).content, "commitment"),
        (camera.discharge_summary(holder).content, "discharge_summary"),
    ):
        assert wang.upload(content, kind).status_code == 201


def test_every_kind_of_paper_has_a_name_in_two_languages() -> None:
    assert set(PAPER_NAMES) == set(PaperKind)
    for kind in PaperKind:
        assert kind_name(kind)
        assert kind_name(kind).en.isascii()


def test_where_a_paper_is_asked_for_its_name_says_what_will_do() -> None:
    residence = kind_asked_for(PaperKind.RESIDENCE_PROOF)
    assert residence == "居住证明（居住证、房产证或租房合同等）"
    assert residence.en == "proof of residence (residence permit, deed, lease or the like)"
    assert kind_asked_for(PaperKind.SOCIAL_CARD) == kind_name(PaperKind.SOCIAL_CARD)
