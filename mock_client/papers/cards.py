"""Cards that people carry: identity card, social-security card, residence permit, student card."""

import random
import re
from datetime import date
from itertools import pairwise

from mock_client.papers.people import Holder
from mock_client.papers.sheet import BLACK, GREY, Colour, Sheet
from mock_client.papers.typesetting import chinese, fit, fit_lines, wrap

CARD = (1284, 810)
"""A bank-card-sized card (85.6×54 mm) at 15 pixels a millimetre."""

LABEL_BLUE: Colour = (44, 104, 168)
EMBLEM_RED: Colour = (200, 44, 40)
GOLD: Colour = (232, 190, 70)


def id_card_front(holder: Holder, day: date, rng: random.Random) -> Sheet:
    """The side with the portrait (人像面)."""
    card = _card(rng, (236, 243, 248), (214, 228, 238))
    for name, top, value, tall in (("姓 名", 84, holder.name, 50), ("性 别", 186, holder.sex, 42)):
        card.text((86, top + 8), name, 34, colour=LABEL_BLUE)
        card.text((226, top), value, fit(value, tall, 560, 4), spacing=4)
    card.text((372, 194), "民 族", 34, colour=LABEL_BLUE)
    card.text((500, 186), holder.ethnicity, 42)
    card.text((86, 290), "出 生", 34, colour=LABEL_BLUE)
    born = holder.birth_date
    for x, number, unit in ((226, born.year, "年"), (410, born.month, "月"), (532, born.day, "日")):
        end = card.text((x, 282), str(number), 42)
        card.text((max(end + 14, x + (118 if unit == "年" else 60)), 290), unit, 34, colour=LABEL_BLUE)
    card.text((86, 388), "住 址", 34, colour=LABEL_BLUE)
    size, lines = fit_lines(holder.address, 40, 500, 4)
    for lower, line in enumerate(lines):
        card.text((226, 382 + lower * 58), line, size, spacing=2)
    card.text((86, 676), "公民身份号码", 34, colour=LABEL_BLUE)
    card.text((412, 664), holder.id_no, 52, bold=True, mono=True, spacing=13)
    card.photograph((812, 96, 1192, 580), holder.sex, holder.age_on(day), (233, 240, 246))
    card.mark_as_sample(strength=52)
    return card


def id_card_back(holder: Holder, day: date, rng: random.Random) -> Sheet:
    """The side with the emblem (国徽面): issuing authority and validity."""
    card = _card(rng, (244, 240, 242), (232, 218, 224))
    _wall(card)
    _emblem(card, (196, 208), 116)
    card.text((790, 96), "中华人民共和国", 74, bold=True, anchor="ma", spacing=16)
    card.text((790, 228), "居民身份证", 106, bold=True, anchor="ma", spacing=26)
    issued, until = _id_validity(holder, day, rng)
    card.text((300, 606), "签发机关", 36, colour=BLACK, bold=True)
    card.text((500, 602), police_of(holder.address), 42)
    card.text((300, 692), "有效期限", 36, colour=BLACK, bold=True)
    card.text((500, 688), f"{issued:%Y.%m.%d}-{until}", 42)
    card.mark_as_sample(strength=52)
    return card


def social_card(holder: Holder, day: date, rng: random.Random) -> Sheet:
    """The front of a social-security card of the third generation."""
    card = _card(rng, (226, 240, 246), (204, 226, 236))
    _emblem(card, (116, 106), 54)
    card.text((190, 48), "中华人民共和国", 38, bold=True, spacing=8)
    card.text((190, 100), "社会保障卡", 62, bold=True, spacing=14)
    card.draw.rounded_rectangle(
        (1010, 250, 1180, 386), 22, fill=(226, 196, 116), outline=(170, 138, 62), width=4
    )
    for y in (294, 340):
        card.draw.line((1010, y, 1180, y), fill=(170, 138, 62), width=4)
    card.draw.rounded_rectangle(
        (1066, 276, 1124, 360), 12, fill=(226, 196, 116), outline=(170, 138, 62), width=4
    )
    card.photograph((84, 226, 374, 606), holder.sex, holder.age_on(day), (240, 240, 244))
    number = f"{rng.choice('ABCDEFGH')}{rng.randrange(10**8):08d}"
    issued = date(day.year - rng.randint(1, 5), rng.randint(1, 12), 1)
    rows = (
        ("姓名", holder.name),
        ("社会保障号码", holder.id_no),
        ("卡号", number),
        ("发卡日期", f"{issued.year}年{issued.month}月"),
    )
    y = 240
    for name, value in rows:
        card.text((430, y), name, 30, colour=LABEL_BLUE)
        card.text((430, y + 38), value, 42, mono=value.isascii(), spacing=2)
        y += 100
    card.text((642, 706), issuer_of_social_cards(holder.address), 36, anchor="ma", spacing=6)
    card.mark_as_sample(strength=52)
    return card


def residence_permit(holder: Holder, lives_at: str, day: date, rng: random.Random) -> Sheet:
    """A residence permit (居住证) of the place where the holder lives; `lives_at` is the address there."""
    card = _card(rng, (238, 244, 234), (216, 230, 208))
    card.text((CARD[0] / 2, 46), "居 住 证", 68, bold=True, anchor="ma", spacing=14, colour=(26, 92, 62))
    card.draw.line((70, 146, 1214, 146), fill=(96, 150, 112), width=3)
    green = (34, 104, 72)
    rows = (
        ("姓名", holder.name),
        ("出生", f"{chinese(holder.birth_date)}    性别 {holder.sex}    民族 {holder.ethnicity}"),
        ("户籍", holder.address),
        ("现住", lives_at),
    )
    y = 178
    for name, value in rows:
        card.text((76, y + 5), name, 32, colour=green)
        size, lines = fit_lines(value, 36, 690, 2)
        for line in lines:
            card.text((170, y), line, size)
            y += 50
        y += 14
    card.text((76, 640), "公民身份号码", 32, colour=green)
    card.text((310, 634), holder.id_no, 42, mono=True, bold=True, spacing=5)
    issued = date(day.year - 1, rng.randint(1, 12), rng.randint(1, 28))
    card.text((76, 716), "签发机关", 32, colour=green)
    card.text((230, 714), police_of(lives_at), 34)
    card.text((760, 716), "签发日期", 32, colour=green)
    card.text((914, 714), f"{issued:%Y.%m.%d}", 34)
    card.photograph((900, 176, 1208, 580), holder.sex, holder.age_on(day), (236, 238, 240))
    card.mark_as_sample(strength=52)
    return card


def student_card(holder: Holder, school: str, study: str, day: date, rng: random.Random) -> Sheet:
    """A student card opened flat: the photograph with the school's seal left, the particulars right."""
    book = Sheet((1480, 1000), rng, (250, 248, 240))
    book.draw.line((740, 0, 740, 1000), fill=(206, 202, 190), width=5)
    size = fit(school, 46, 620, 4)
    book.text((370, 116 - size), school, size, bold=True, anchor="ma", spacing=4, colour=(140, 30, 34))
    book.text((370, 150), "学 生 证", 74, bold=True, anchor="ma", spacing=12, colour=(140, 30, 34))
    book.photograph((230, 284, 510, 664), holder.sex, holder.age_on(day), (176, 44, 48))
    book.seal((500, 650), school, "学生证专用章", 104)
    year = _enrolled(holder, day)
    number = f"{year}{rng.randrange(10**6):06d}"
    book.text((370, 722), f"学号 {number}", 40, anchor="ma", mono=False)
    _registrations(book, year, day)
    rows = (
        ("姓名", holder.name),
        ("性别", holder.sex),
        ("民族", f"{holder.ethnicity}族"),
        ("出生", f"{holder.birth_date:%Y年%m月%d日}"),
        ("身份证号", holder.id_no),
        ("籍贯", origin_of(holder.address)),
        ("院系专业", study),
        ("学制", "四年"),
        ("入学", f"{year}年9月"),
        ("发证", f"{year}年9月15日"),
    )
    y = 76.0
    for name, value in rows:
        book.text((800, y), name, 36, colour=GREY)
        lines = wrap(value, 38, 420)
        for line in lines:
            book.text((976, y - 2), line, 38)
            y += 50
        book.draw.line((968, y, 1420, y), fill=(190, 186, 176), width=2)
        y += 34
    book.mark_as_sample()
    return book


def police_of(address: str) -> str:
    """The police office that issues cards at an address: a county's own, or a city's branch in a district."""
    city, county = _city_and_county(address)
    if county.endswith("区") and city:
        return f"{city}公安局{county.removesuffix('区')}分局"
    return f"{county or city or '样本县'}公安局"


def issuer_of_social_cards(address: str) -> str:
    """The office whose name stands on social-security cards at an address."""
    found = re.match(r"(.{2,8}?(?:省|自治区|市))", address)
    place = found[1] if found else "样本省"
    return f"{place}人力资源和社会保障{'局' if place.endswith('市') else '厅'}"


def origin_of(address: str) -> str:
    """Province and county of an address."""
    found = re.match(r"(.{2,8}?(?:省|自治区|市))?(.{1,8}?(?:市|州|盟|地区))?(.{1,8}?[县区市旗])?", address)
    return "".join(part or "" for part in found.groups()) if found and found[0] else address[:12]


def _city_and_county(address: str) -> tuple[str, str]:
    rest = re.sub(r"^.{2,8}?(?:省|自治区)", "", address)
    found = re.match(r"(.{1,8}?(?:市|自治州|盟|地区))?(.{1,8}?(?:自治县|县|区|市|旗))?", rest)
    return (found[1] or "", found[2] or "") if found else ("", "")


def _card(rng: random.Random, paper: Colour, wave: Colour) -> Sheet:
    card = Sheet(CARD, rng, paper, corner=48)
    card.waves(wave)
    return card


def _id_validity(holder: Holder, day: date, rng: random.Random) -> tuple[date, str]:
    """When the card was issued and until when it holds: 5 years below 16, 10 below 26, 20 below 46, then for
    good (居民身份证法 §5)."""
    age = holder.age_on(day)
    since = min(rng.randint(1, 4), max(age, 0))
    issued = max(date(day.year - since, rng.randint(1, 12), rng.randint(1, 28)), holder.birth_date)
    issued = min(issued, day)
    then = holder.age_on(issued)
    years = 5 if then < 16 else 10 if then < 26 else 20 if then < 46 else 0
    return issued, f"{issued.replace(year=issued.year + years):%Y.%m.%d}" if years else "长期"


def _enrolled(holder: Holder, day: date) -> int:
    latest = day.year if day.month >= 9 else day.year - 1
    return max(latest - 3, min(latest, holder.birth_date.year + 18))


def _registrations(book: Sheet, year: int, day: date) -> None:
    book.text((370, 800), "注  册", 30, anchor="ma", colour=GREY)
    term = 0
    for row in range(2):
        for column in range(4):
            x, y = 90 + column * 140, 844 + row * 62
            book.draw.rectangle((x, y, x + 140, y + 62), outline=(190, 186, 176), width=2)
            opened = date(year + (term + 1) // 2, 9 if term % 2 == 0 else 3, 1)
            if opened <= day:
                book.text(
                    (x + 70, y + 14),
                    f"{opened.year}.{opened.month}注册",
                    22,
                    anchor="ma",
                    colour=(196, 52, 52),
                )
            term += 1


def _emblem(card: Sheet, centre: tuple[int, int], radius: int) -> None:
    """A stand-in for the national emblem: a red disc with five stars. The emblem itself is not drawn."""
    x, y = centre
    card.draw.ellipse(
        (x - radius, y - radius, x + radius, y + radius), fill=EMBLEM_RED, outline=GOLD, width=radius // 8
    )
    card.text((x, y - radius * 0.12), "★", round(radius * 0.8), colour=GOLD, anchor="mm")
    for dx, dy in ((-0.5, 0.32), (-0.19, 0.48), (0.19, 0.48), (0.5, 0.32)):
        card.text((x + dx * radius, y + dy * radius), "★", round(radius * 0.28), colour=GOLD, anchor="mm")


def _wall(card: Sheet) -> None:
    """A wall with battlements and towers over hills, pale."""
    hill, wall = (240, 231, 235), (226, 208, 216)
    points = [(0, 560), (150, 500), (330, 545), (520, 455), (700, 515), (900, 425), (1090, 500), (1284, 440)]
    card.draw.polygon([*points, (1284, 620), (0, 620)], fill=hill)
    card.draw.line(points, fill=wall, width=12)
    for (x0, y0), (x1, y1) in pairwise(points):
        for step in range(10):
            x, y = x0 + (x1 - x0) * step / 10, y0 + (y1 - y0) * step / 10
            card.draw.rectangle((x, y - 14, x + 8, y - 4), fill=wall)
    for x, y in points[3:6:2]:
        card.draw.polygon([(x - 34, y + 26), (x - 26, y - 46), (x + 26, y - 46), (x + 34, y + 26)], fill=wall)
        for tooth in range(4):
            card.draw.rectangle((x - 28 + tooth * 16, y - 58, x - 20 + tooth * 16, y - 44), fill=wall)
