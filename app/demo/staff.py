"""Who works for the demo's insurance: agencies, hospital desks, experts, village agents, terminals."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from app.demo.cast import F, Kin, M, Member, SignIn, employee, parents, resident
from app.demo.experts import POOLS, experts
from app.identity.actor import OrganisationKind, Role

PASSWORD: Final = "zhangban-demo-2026"  # noqa: S105 - known to everybody: it opens made-up accounts only
TERMINAL_SECRET: Final = "zhangban-demo-terminal-at-the-counter"  # noqa: S105 - likewise


STAFF_KEY: Final = "staff-"
"""How the keys begin of persons who are nothing but staff; the user name follows."""


@dataclass(frozen=True, slots=True)
class DemoOrganisation:
    """``region_code`` is what its roles cover. Of an institution or a service point, which one."""

    key: str
    kind: OrganisationKind
    name: str
    region_code: str
    institution_code: str | None = None
    point: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class DemoStaff:
    """One who signs in with a password. ``person`` is a key of the cast."""

    username: str
    role: Role
    organisation: str
    person: str
    note: str
    employer: str


@dataclass(frozen=True, slots=True)
class DemoAgent:
    """A village agent: signs in with WeChat like everybody, and holds the agent's role."""

    person: str
    organisation: str


@dataclass(frozen=True, slots=True)
class DemoTerminal:
    client_id: str
    organisation: str


# slug, what its roles cover, name, where its people live
_AGENCIES = (
    ("ankang", "6109", "安康市医疗保障经办中心", "610902001"),
    ("hanbin", "610902", "安康市汉滨区医疗保障经办中心", "610902001"),
    ("xunyang", "610981", "旬阳市医疗保障经办中心", "610981100"),
    ("lueyang", "610727", "略阳县医疗保险经办中心", "610727001"),
    ("xianyang", "6104", "咸阳市医疗保险经办处", "610402"),
    ("taiyuan", "1401", "太原市医疗保险管理服务中心", "140106"),
    ("shuangyashan", "2305", "双鸭山市医疗保险服务中心", "230502"),
    ("binhai", "320922", "滨海县医疗保险基金管理中心", "320922001"),
)
_POSTS = (
    ("handler1", Role.HANDLER, "经办员", "受理和审核异地就医备案。"),
    ("handler2", Role.HANDLER, "经办员", "受理和审核异地就医备案；与另一位经办员互为替补。"),
    ("supervisor", Role.SUPERVISOR, "负责人", "看超时的办件和抽查，改派办件。"),
    ("auditor", Role.AUDITOR, "稽核员", "只能查看办件和历史，不能审批。"),
    ("admin", Role.ADMINISTRATOR, "管理员", "管理本机构的人员和角色。"),
)
_PATIENT_ON_STAFF = {"hanbin.handler2": "ankang-23"}
"""Staff who are in the cast themselves: not to act on their own case."""
_DAUGHTER_ON_STAFF = "lueyang.handler2"
"""Her parents file in her own agency: not to act on their cases."""

# slug, hospital, what the desk covers: a city's hospital refers the people of the whole city
_DESKS = (
    ("ankang-center", "H61090200001", "安康市中心医院", "6109", "610902001"),
    ("hanbin-first", "H61090200004", "汉滨区第一医院", "610902", "610902001"),
    ("xunyang", "H61098100001", "旬阳市医院", "610981", "610981100"),
    ("lueyang", "H61072700001", "略阳县人民医院", "610727", "610727001"),
    ("xianyang", "H61040200001", "咸阳市中心医院", "6104", "610402"),
    ("taiyuan", "H14010600001", "山西医科大学第一医院", "1401", "140106"),
    ("shuangyashan", "H23050200001", "双鸭山市人民医院", "2305", "230502"),
    ("binhai-people", "H32092200001", "滨海县人民医院", "320922", "320922001"),
    ("binhai-tcm", "H32092200002", "滨海县中医院", "320922", "320922001"),
    ("binhai-third", "H32092200003", "滨海县第三人民医院", "320922", "320922001"),
)

# service points with an agent, who lives there
_AGENT_POINTS = (
    ("610902107", "恒口镇医保服务站", "610902", F, 1984),
    ("610902107001", "老街社区医保服务室", "610902", M, 1979),
    ("610902102200", "天柱山村医保服务室", "610902", F, 1990),
    ("610902104202", "周营村医保服务室", "610902", M, 1986),
    ("610902100201", "皂树村医保服务室", "610902", F, 1982),
    ("610981103001", "蜀河社区医保服务室", "610981", F, 1988),
    ("610981103202", "傅家湾村医保服务室", "610981", M, 1976),
    ("610981110", "吕河镇医保服务站", "610981", F, 1991),
    ("610926102002", "西关社区医保服务室", "610926", F, 1985),
    ("610727104203", "寒峰村医保服务室", "610727", M, 1983),
    ("610727106", "白水江镇医保服务站", "610727", F, 1989),
    ("320922003", "坎北街道医保工作站", "320922", F, 1987),
)

# institutions whose system signs in by itself; hospitals with a desk share its organisation
_TERMINALS = (
    ("H61090200001", "安康市中心医院", "6109"),
    ("H61098100001", "旬阳市医院", "610981"),
    ("H61090200009", "恒口镇老街社区卫生室", "610902"),
    ("P61090200001", "安康益民大药房金州店", "610902"),
    ("P61090200003", "安康惠民医药恒口店", "610902"),
    ("P61098100001", "旬阳同心大药房", "610981"),
    ("H61072700001", "略阳县人民医院", "610727"),
    ("H61040200001", "咸阳市中心医院", "6104"),
    ("H14010600001", "山西医科大学第一医院", "1401"),
    ("P14010600001", "太原荣华大药房迎泽店", "140106"),
    ("H23050200001", "双鸭山市人民医院", "2305"),
    ("P23050200001", "双鸭山人民同泰医药八马路店", "230502"),
    ("H23050200004", "尖山区王家诊所", "230502"),
    ("H32092200001", "滨海县人民医院", "320922"),
    ("H32092200002", "滨海县中医院", "320922"),
    ("H32092200004", "滨海县八滩镇中心卫生院", "320922"),
    ("P32092200001", "滨海国泰大药房", "320922"),
    ("H61011300001", "西安交通大学第一附属医院", "6101"),
    ("H11010100001", "北京协和医院", "11"),
)


def organisations() -> tuple[DemoOrganisation, ...]:
    """All organisations, each once."""
    found = [
        DemoOrganisation(slug, OrganisationKind.AGENCY, name, region) for slug, region, name, _ in _AGENCIES
    ]
    institutions = {code: (name, region) for code, name, region in _TERMINALS}
    institutions |= {code: (name, region) for _, code, name, region, _ in _DESKS}
    found += [
        DemoOrganisation(code, OrganisationKind.INSTITUTION, name, region, institution_code=code)
        for code, (name, region) in institutions.items()
    ]
    found += [
        DemoOrganisation(pool.organisation, OrganisationKind.EXPERT_POOL, pool.name, pool.region_code)
        for pool in POOLS
    ]
    found += [
        DemoOrganisation(name, OrganisationKind.SERVICE_POINT, name, region, point=(region, name))
        for region, name, *_ in _AGENT_POINTS
    ]
    return tuple(found)


def staff() -> tuple[DemoStaff, ...]:
    """All who sign in with a password."""
    return (*_agency_staff(), *_desk_staff(), *_experts())


def agents() -> tuple[DemoAgent, ...]:
    return tuple(DemoAgent(f"agent-{i:02d}", point[1]) for i, point in enumerate(_AGENT_POINTS, start=1))


def terminals() -> tuple[DemoTerminal, ...]:
    return tuple(DemoTerminal(f"terminal-{code}", code) for code, *_ in _TERMINALS)


def staff_members() -> tuple[Member, ...]:
    """The persons behind staff and agents, as far as the cast does not know them."""
    return tuple(_members())


def staff_kin() -> tuple[Kin, ...]:
    """Staff whose relatives are in the cast."""
    return tuple(parents(f"{STAFF_KEY}{_DAUGHTER_ON_STAFF}", "lueyang-01", "lueyang-02"))


def _agency_staff() -> Iterator[DemoStaff]:
    for slug, _, name, _ in _AGENCIES:
        for post, role, title, task in _POSTS:
            username = f"{slug}.{post}"
            person = _PATIENT_ON_STAFF.get(username, f"{STAFF_KEY}{username}")
            note = f"{name}{title}。{task}"
            if username in _PATIENT_ON_STAFF:
                note += "本人也参保并有微信账号，自己的办件不能自己审核。"
            if username == _DAUGHTER_ON_STAFF:
                note += "父母住寒峰村，父母的办件必须由别人审核。"
            yield DemoStaff(username, role, slug, person, note, name)


def _desk_staff() -> Iterator[DemoStaff]:
    for slug, code, name, *_ in _DESKS:
        username = f"desk.{slug}"
        note = f"{name}医保办窗口。审批转诊备案。"
        yield DemoStaff(username, Role.HANDLER, code, f"{STAFF_KEY}{username}", note, name)


def _experts() -> Iterator[DemoStaff]:
    for one in experts():
        note = f"{one.pool.name}专家，{one.hospital}{one.specialties[0]}{one.title}。"
        key = f"{STAFF_KEY}{one.username}"
        yield DemoStaff(one.username, Role.EXPERT, one.pool.organisation, key, note, one.hospital)


def _members() -> Iterator[Member]:
    work = {one.key: one for one in organisations()}
    homes = {slug: home for slug, _, _, home in _AGENCIES}
    homes |= {code: home for _, code, _, _, home in _DESKS}
    pool_homes = {pool.organisation: pool.homes for pool in POOLS}
    for i, one in enumerate(staff()):
        if one.person in _PATIENT_ON_STAFF.values():
            continue
        choices = pool_homes.get(one.organisation) or (homes[one.organisation],)
        daughter = one.username == _DAUGHTER_ON_STAFF
        yield Member(
            one.person,
            choices[i % len(choices)],
            F if daughter or i % 2 else M,
            1986 if daughter else 1968 + i * 7 % 30,
            (employee(work[one.organisation].region_code, one.employer, 100_000 + i * 1_370),),
            one.note,
            SignIn.NONE,
            surname_of="lueyang-01" if daughter else None,
        )
    for i, (region, point, district, sex, born) in enumerate(_AGENT_POINTS, start=1):
        note = f"{point}的代办员。可试：替村里老人办备案；自己也是参保人。"
        yield Member(f"agent-{i:02d}", region, sex, born, (resident(district),), note)
