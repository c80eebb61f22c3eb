"""The camera's papers are readable samples; its bad pictures are bad in the one way that they are meant to
be."""

import ast
import io
import re
import struct
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image, ImageFilter, ImageOps, ImageStat

import mock_client.papers
from mock_client.camera import ANKANG, Camera, Holder, Photo
from mock_client.papers.cards import issuer_of_social_cards, origin_of, police_of
from mock_client.papers.photograph import MOST_BYTES
from mock_client.papers.typesetting import fit, fit_lines, font, width_of, wrap
from mock_client.scanner import render_pdf

TODAY = date(2025, 11, 21)
MOTHER = Holder(
    name="陈桂兰",
    id_no="612401195803124528",
    sex="女",
    birth_date=date(1958, 3, 12),
    address="陕西省安康市汉滨区建民街道长岭村三组18号",
    region="安康市",
    insured_as="城乡居民医保",
    phone="13891500001",
)
BABY = replace(MOTHER, name="陈子涵", id_no="Q610123456", birth_date=date(2025, 10, 30))

Shot = Callable[[Camera], Photo]

PAPERS: dict[str, tuple[str, Shot]] = {
    "id_card_front": ("id_card_front", lambda camera: camera.id_card_front(MOTHER)),
    "id_card_back": ("id_card_back", lambda camera: camera.id_card_back(MOTHER)),
    "social_card": ("social_card", lambda camera: camera.social_card(MOTHER)),
    "residence_permit": ("residence_proof", lambda camera: camera.residence_permit(MOTHER)),
    "student_card": ("student_card", lambda camera: camera.student_card(MOTHER)),
    "commitment": ("commitment", lambda camera: camera.commitment(MOTHER)),
    "posting_letter": ("posting_proof", lambda camera: camera.posting_letter(MOTHER, end=date(2027, 6, 30))),
    "referral_slip": ("referral_slip", lambda camera: camera.referral_slip(MOTHER)),
    "birth_certificate": ("birth_certificate", lambda camera: camera.birth_certificate(BABY, MOTHER)),
    "emergency_record": ("emergency_record", lambda camera: camera.emergency_record(MOTHER)),
    "discharge_summary": ("discharge_summary", lambda camera: camera.discharge_summary(MOTHER)),
    "outpatient_record": ("outpatient_record", lambda camera: camera.outpatient_record(MOTHER)),
    "examination_report": ("examination_report", lambda camera: camera.examination_report(MOTHER)),
    "diagnosis_certificate": ("diagnosis_certificate", lambda camera: camera.diagnosis_certificate(MOTHER)),
    "pathology_report": ("pathology_report", lambda camera: camera.pathology_report(MOTHER)),
    "surgery_record": ("surgery_record", lambda camera: camera.surgery_record(MOTHER)),
    "dialysis_record": ("dialysis_record", lambda camera: camera.dialysis_record(MOTHER)),
    "prescription": ("prescription", lambda camera: camera.prescription(MOTHER)),
    "follow_up_record": ("follow_up_record", lambda camera: camera.follow_up_record(MOTHER)),
}
UPRIGHT_PAPERS = PAPERS.keys() - {
    "id_card_front",
    "id_card_back",
    "social_card",
    "residence_permit",
    "student_card",
}


@pytest.fixture(scope="module")
def camera() -> Camera:
    return Camera(7, TODAY)


@pytest.fixture(scope="module")
def good(camera: Camera) -> Photo:
    return camera.id_card_front(MOTHER)


def opened(photo: Photo) -> Image.Image:
    return Image.open(io.BytesIO(photo.content))


@pytest.mark.parametrize("paper", PAPERS)
def test_each_paper_is_a_phones_photograph_that_can_be_taken_again(camera: Camera, paper: str) -> None:
    kind, shoot = PAPERS[paper]

    photo = shoot(camera)

    picture = opened(photo)
    exif = picture.getexif()
    assert photo.kind == kind
    assert (picture.format, picture.size) == ("JPEG", (1600, 1200))
    assert len(photo.content) < MOST_BYTES
    upright = ImageOps.exif_transpose(picture)
    assert upright.size == ((1200, 1600) if paper in UPRIGHT_PAPERS else (1600, 1200))
    assert exif[ExifTags.Base.Orientation] in ({6} if paper in UPRIGHT_PAPERS else {1, 3})
    position = exif.get_ifd(ExifTags.IFD.GPSInfo)
    degrees, minutes, seconds = position[ExifTags.GPS.GPSLatitude]
    assert float(degrees + minutes / 60 + seconds / 3600) == pytest.approx(ANKANG[0], abs=1e-4)
    assert position[ExifTags.GPS.GPSLongitudeRef] == "E"
    assert photo == shoot(Camera(7, TODAY)), "the same seed, day, paper and holder give the same bytes"


def test_another_seed_gives_another_photograph(good: Photo) -> None:
    assert Camera(8, TODAY).id_card_front(MOTHER).content != good.content


def test_a_picture_does_not_depend_on_those_before_it(good: Photo) -> None:
    camera = Camera(7, TODAY)
    camera.commitment(MOTHER)

    assert camera.id_card_front(MOTHER).content == good.content


def test_some_cards_are_photographed_upside_down_and_say_so() -> None:
    orientations = {
        opened(Camera(seed, TODAY).id_card_back(MOTHER)).getexif()[ExifTags.Base.Orientation]
        for seed in range(4)
    }

    assert orientations == {1, 3}


def test_a_photographs_name_tells_the_time_and_nobodys_name(good: Photo) -> None:
    assert good.name.startswith("IMG_20251121_")
    assert good.part.name == good.name
    assert good.part.content == good.content
    assert "陈桂兰" not in repr(good) + good.name


def test_every_printed_character_is_in_the_font() -> None:
    folder = Path(mock_client.papers.__file__).parent
    printed = set((folder / "illnesses.toml").read_text("utf-8"))
    for module in [*folder.glob("*.py"), folder.parent / "camera.py"]:
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                printed |= set(node.value)
    missing = font(40).getmask("\uf8ff")

    def drawn(char: str) -> bool:
        mask = font(40).getmask(char)
        return mask.getbbox() is not None and (mask.size, bytes(mask)) != (missing.size, bytes(missing))

    assert {char for char in printed if not char.isspace() and not drawn(char)} == set()


@given(st.text("医保备案就医地参保，。（）“”《、A1b2.5/% ", min_size=1, max_size=120), st.integers(120, 400))
@settings(deadline=None)
def test_lines_keep_the_text_the_width_and_the_rules_of_punctuation(text: str, width: int) -> None:
    lines = wrap(text, 20, width)

    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(lines[1:]), "no line is empty"
    for line in lines[1:]:
        assert line[0] not in "，。）”、%"
    for line in lines:
        bare = line.rstrip("，。）”、% ")
        assert width_of(bare, 20) <= width or re.fullmatch(r"[（《“]*[A-Za-z0-9.,/%]*", bare), "one long word"


def test_numbers_stay_whole_at_the_end_of_a_line() -> None:
    assert wrap("身份证号码612401195803124528号", 20, 240) == ["身份证号码", "612401195803124528号"]


def test_a_long_line_is_set_smaller_until_it_fits() -> None:
    size = fit("城乡居民基本医疗保险异地就医备案", 40, 300)

    assert size < 40
    assert width_of("城乡居民基本医疗保险异地就医备案", size) <= 300


def test_a_long_text_is_set_smaller_until_its_lines_are_few_enough() -> None:
    address = "新疆维吾尔自治区巴音郭楞蒙古自治州和静县巴音布鲁克镇赛罕陶海村三组一百二十八号附二号院"

    size, lines = fit_lines(address, 36, 400, 3)

    assert size < 36
    assert len(lines) == 3
    assert "".join(lines) == address


@pytest.mark.parametrize(
    ("address", "police", "issuer", "origin"),
    [
        (
            "陕西省安康市汉滨区建民街道",
            "安康市公安局汉滨分局",
            "陕西省人力资源和社会保障厅",
            "陕西省安康市汉滨区",
        ),
        ("陕西省汉中市略阳县兴州街道", "略阳县公安局", "陕西省人力资源和社会保障厅", "陕西省汉中市略阳县"),
        ("北京市朝阳区样本路1号", "北京市公安局朝阳分局", "北京市人力资源和社会保障局", "北京市朝阳区"),
        ("长岭村三组", "样本县公安局", "样本省人力资源和社会保障厅", "长岭村三组"),
    ],
)
def test_cards_are_issued_where_the_holder_lives(address: str, police: str, issuer: str, origin: str) -> None:
    assert (police_of(address), issuer_of_social_cards(address), origin_of(address)) == (
        police,
        issuer,
        origin,
    )


@pytest.mark.parametrize("sex", ["female", "女", "2", 2, "F"])
def test_a_holder_comes_from_plain_data_however_it_is_spelled(sex: object) -> None:
    plain = {
        "name": "陈桂兰",
        "id_no": "612401195803124528",
        "sex": sex,
        "birth_date": "1958-03-12",
        "address": MOTHER.address,
        "phone": None,
        "coverages": [],
    }

    assert Holder.of(plain) == replace(MOTHER, phone="", region="", insured_as="")
    assert Holder.of(MOTHER) is MOTHER


@pytest.mark.parametrize(
    ("change", "error"),
    [({"sex": "?"}, ValueError), ({"birth_date": "1958-02-30"}, ValueError), ({"address": None}, KeyError)],
)
def test_a_holder_that_cannot_be_is_refused(change: dict[str, object], error: type[Exception]) -> None:
    plain = {
        "name": "陈桂兰",
        "id_no": "1",
        "sex": "女",
        "birth_date": "1958-03-12",
        "address": "x",
        **change,
    }

    with pytest.raises(error) as caught:
        Holder.of(plain)
    assert "陈桂兰" not in str(caught.value)


def test_a_holders_repr_says_nothing() -> None:
    assert repr(MOTHER) == "Holder()"


@pytest.mark.parametrize(
    ("day", "age"), [(date(2026, 3, 11), 67), (date(2026, 3, 12), 68), (date(1958, 3, 12), 0)]
)
def test_age_counts_full_years(day: date, age: int) -> None:
    assert MOTHER.age_on(day) == age


@pytest.mark.parametrize("born", [date(2025, 11, 21), date(2024, 2, 29), date(1930, 1, 1)], ids=str)
def test_cards_can_be_drawn_for_any_age(camera: Camera, born: date) -> None:
    person = replace(MOTHER, birth_date=born)

    assert camera.id_card_back(person).content
    assert camera.student_card(person).content


def test_a_blurred_picture_is_sound_but_shows_no_edges(camera: Camera, good: Photo) -> None:
    def edges(photo: Photo) -> float:
        grey = ImageOps.exif_transpose(opened(photo)).convert("L").crop((300, 300, 1300, 900))
        return ImageStat.Stat(grey.filter(ImageFilter.FIND_EDGES)).mean[0]

    blurred = camera.blurred(good)

    assert edges(blurred) < edges(good) / 4
    assert blurred.kind == good.kind


def test_a_picture_that_is_too_small_is_a_sound_thumbnail(camera: Camera, good: Photo) -> None:
    assert opened(camera.too_small(good)).size == (160, 120)


def test_what_is_no_picture_is_a_sound_pdf_under_a_pictures_name(camera: Camera, good: Photo) -> None:
    wrong = camera.not_a_picture(good)

    assert (wrong.name, wrong.media_type) == (good.name, "image/jpeg")
    assert len(render_pdf(wrong.content)) == 1


def test_the_pixel_bomb_is_tiny_and_would_unpack_to_400_million_pixels(camera: Camera, good: Photo) -> None:
    bomb = camera.pixel_bomb(good)

    assert len(bomb.content) < 100_000
    assert struct.unpack(">II", bomb.content[16:24]) == (20_000, 20_000)
    assert (bomb.name.endswith(".png"), bomb.media_type) == (True, "image/png")
    with pytest.raises(Image.DecompressionBombError):
        opened(bomb)


def test_a_truncated_picture_opens_and_then_breaks_off(camera: Camera, good: Photo) -> None:
    picture = opened(camera.truncated(good))

    assert picture.size == (1600, 1200)
    with pytest.raises(OSError, match="truncated"):
        picture.load()


def test_a_polyglot_is_a_sound_picture_and_a_web_page(camera: Camera, good: Photo) -> None:
    polyglot = camera.polyglot(good)

    assert opened(polyglot).tobytes() == opened(good).tobytes()
    assert polyglot.content.count(b"<script>") == 2
    assert polyglot.content.endswith(b"</html>")


def test_a_huge_picture_is_sound_and_larger_than_10_mib(camera: Camera, good: Photo) -> None:
    huge = camera.huge(good)

    assert 10 * 1024 * 1024 < len(huge.content) < 20 * 1024 * 1024
    assert opened(huge).size == (4000, 3000)
    assert huge == camera.huge(good)
