"""The demo's people made out of the cast: names, ID numbers, phones. The same cast gives the same people every day.

Only a newborn depends on the day: it is always some weeks old when the demo is first loaded.
"""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from faker import Faker

from app.demo.cast import MERGER, Cover, Kin, Member, SignIn
from app.demo.numbers import ORDERS, birth_certificate_number, id_number
from app.identity.models import InsuType, Sex

SEED: Final = 20260101
_WORKING_AGE = 22
_EMPLOYEE_INSURANCE_BEGAN = date(2001, 1, 1)

_MALE = {
    1930: "福生 永贵 长林 德明 大成 正发 天顺 有福 树林 明贵 宗义 兴旺",
    1955: "建国 国强 志华 光荣 新民 建军 解放 援朝 卫东 爱国 永红 文斌 庆丰 保平",
    1970: "勇 军 涛 鹏 刚 志强 海波 晓东 小兵 永刚 建平 俊峰 利民 世杰",
    1985: "磊 超 斌 伟 浩 凯 文杰 志鹏 晓亮 俊杰 明辉 海龙 立新 鹏飞",
    2000: "浩然 子轩 宇航 子豪 一鸣 博文 明轩 思远 梓睿 嘉懿 天宇 俊熙",
}
_FEMALE = {
    1930: "秀英 桂兰 玉兰 秀珍 桂芝 凤英 翠兰 素珍 兰英 菊香 莲芝 玉梅",
    1955: "淑芳 春梅 腊梅 爱华 玉珍 桂香 淑兰 秀云 玉霞 红英 建华 月琴",
    1970: "丽 燕 芳 红梅 小红 晓燕 雪梅 春燕 丽娟 玲玲 秋菊 爱玲 玉洁 巧云",
    1985: "静 敏 娟 艳 倩 莉 丹 婷婷 晓霞 海燕 文静 雅琴 慧敏 佳丽",
    2000: "雨欣 梓涵 诗琪 欣怡 佳怡 思彤 若曦 雨桐 一诺 语嫣 可馨 梦瑶",
}
"""Given names as they were given from that year on; Faker's own list knows neither sex nor age."""


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody of the demo, complete. ``home`` is a region's code; ``covers`` know since when."""

    key: str
    name: str
    sex: Sex
    birth_date: date
    id_no: str | None
    birth_certificate_no: str | None
    phone: str | None
    home: str
    house: int
    covers: tuple[Cover, ...]
    note: str
    sign_in: SignIn

    @property
    def number(self) -> str:
        """The number under which the register knows the person."""
        return self.id_no or self.birth_certificate_no or ""

    @property
    def openid(self) -> str | None:
        """The WeChat user, for those who have WeChat."""
        return None if self.sign_in is SignIn.NONE else f"demo-{self.key}"


def people_of(cast: Iterable[Member], kin: Iterable[Kin], today: date) -> tuple[DemoPerson, ...]:
    """The people of a cast, in its order. No two have one name, number or phone; families share a house."""
    members = {member.key: member for member in cast}
    maker = _Maker(_households(members, kin), today)
    for member in members.values():
        maker.surname(member, members)
    return tuple(maker.person(member) for member in members.values())


def _households(members: dict[str, Member], kin: Iterable[Kin]) -> dict[str, str]:
    """Who lives with whom: relatives of one home, by the key of the first of them."""
    first = {key: key for key in members}
    for pair in kin:
        one, other = first[pair.person], first[pair.relative]
        if members[pair.person].home == members[pair.relative].home and one != other:
            first = {key: min(one, other) if whose in {one, other} else whose for key, whose in first.items()}
    return first


class _Maker:
    """Draws what the cast leaves open. Each person has a seed of their own: a new one changes no other."""

    def __init__(self, households: dict[str, str], today: date) -> None:
        self._households = households
        self._today = today
        self._fake = Faker("zh_CN")
        self._surnames: dict[str, str] = {}
        self._names: set[str] = set()
        self._phones: set[str] = set()
        self._numbers: set[str] = set()

    def surname(self, member: Member, members: dict[str, Member]) -> str:
        """The drawn surname, or that of whom the member has it from."""
        if member.key not in self._surnames:
            if member.surname_of is not None:
                drawn = self.surname(members[member.surname_of], members)
            else:
                drawn = str(self._seeded(member.key, "surname").last_name())
            self._surnames[member.key] = drawn
        return self._surnames[member.key]

    def person(self, member: Member) -> DemoPerson:
        birth_date = self._birth_date(member)
        newborn = member.born < 0
        return DemoPerson(
            key=member.key,
            name=self._name(member, birth_date.year),
            sex=member.sex,
            birth_date=birth_date,
            id_no=None if newborn else self._id_no(member, birth_date),
            birth_certificate_no=birth_certificate_number(_number_of(member.key)) if newborn else None,
            phone=self._phone(member.key) if member.phone else None,
            home=member.home,
            house=_number_of(self._households[member.key]) % 180 + 1,
            covers=tuple(since_when(cover, birth_date) for cover in member.covers),
            note=member.note,
            sign_in=member.sign_in,
        )

    def _seeded(self, *key: str) -> Faker:
        self._fake.seed_instance("/".join((str(SEED), *key)))
        return self._fake

    def _birth_date(self, member: Member) -> date:
        if member.born < 0:
            return self._today + timedelta(days=member.born)
        fake = self._seeded(member.key, "birth")
        return date(member.born, fake.random_int(1, 12), fake.random_int(1, 28))

    def _name(self, member: Member, year: int) -> str:
        if member.name is not None:
            name = member.name
        else:
            fake = self._seeded(member.key, "name")
            given = given_names(member.sex, year)
            name = self._surnames[member.key] + fake.random_element(given)
            while name in self._names:
                name = self._surnames[member.key] + fake.random_element(given)
        self._names.add(name)
        return name

    def _phone(self, key: str) -> str:
        fake = self._seeded(key, "phone")
        phone = str(fake.phone_number())
        while phone in self._phones:
            phone = str(fake.phone_number())
        self._phones.add(phone)
        return phone

    def _id_no(self, member: Member, birth_date: date) -> str:
        order = _number_of(member.key) % ORDERS
        number = id_number(member.home, birth_date, member.sex, order)
        while number in self._numbers:
            order += 2
            number = id_number(member.home, birth_date, member.sex, order)
        self._numbers.add(number)
        return number


def given_names(sex: Sex, year: int) -> list[str]:
    """Given names that people born in that year have."""
    names = _FEMALE if sex is Sex.FEMALE else _MALE
    return names[max(since for since in names if since <= max(year, 1930))].split()


def since_when(cover: Cover, birth_date: date) -> Cover:
    """The cover with its first day: residents from the merger or birth on, employees from their first job on."""
    if cover.since is not None:
        return cover
    if cover.insutype is InsuType.RESIDENT:
        return replace(cover, since=max(MERGER, birth_date))
    first_job = date(birth_date.year + _WORKING_AGE, 7, 1)
    return replace(cover, since=max(_EMPLOYEE_INSURANCE_BEGAN, first_job))


def _number_of(key: str) -> int:
    return zlib.crc32(key.encode()) % 1_000_000
