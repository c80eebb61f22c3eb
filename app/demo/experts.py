"""The experts of the demo's pools: what each knows, where each works, and how many cases a day each takes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class DemoPool:
    """A pool of experts. ``slug`` begins the user names; ``homes``: regions in which its experts live.

    ``joined_later``: the main specialties of those who came after the first ``count``. They come last among all staff,
    for a person's ID number follows from the place in the list.
    """

    slug: str
    region_code: str
    name: str
    count: int
    homes: tuple[str, ...]
    hospitals: tuple[str, ...]
    joined_later: tuple[str, ...] = ()

    @property
    def organisation(self) -> str:
        """The key of its organisation."""
        return f"{self.slug}-experts"


@dataclass(frozen=True, slots=True)
class DemoExpert:
    """One expert. ``specialties``: the main one first. ``daily_limit`` None: no limit."""

    username: str
    pool: DemoPool
    specialties: tuple[str, ...]
    hospital: str
    title: str
    daily_limit: int | None


POOLS: Final = (
    DemoPool(
        "lueyang", "610727", "略阳县门诊慢特病鉴定专家库", 25, ("610727001", "610702"),
        ("略阳县人民医院", "略阳县中医医院", "略阳县天津医院", "汉中市中心医院", "三二〇一医院"),
    ),
    DemoPool(
        "ankang", "6109", "安康市门诊慢特病鉴定专家库", 6, ("610902001", "610902003"),
        ("安康市中心医院", "安康市中医医院", "安康市人民医院"),
        ("消化内科", "精神科", "风湿免疫科", "血液科", "骨科", "眼科", "全科", "心血管内科"),
    ),
    DemoPool(
        "binhai", "320922", "滨海县门诊慢特病鉴定专家库", 4, ("320922001",),
        ("滨海县人民医院", "滨海县中医院", "滨海县第三人民医院"),
        ("消化内科", "风湿免疫科", "眼科", "儿科", "呼吸内科", "全科", "内分泌科"),
    ),
)  # fmt: skip
"""略阳 has 25 experts [002]; the other two pools are made up."""

_MAIN: Final = (
    "心血管内科", "内分泌科", "神经内科", "肿瘤科", "肾内科",
    "呼吸内科", "消化内科", "精神科", "风湿免疫科", "血液科",
    "骨科", "感染科", "眼科", "儿科", "康复科",
)  # fmt: skip
_BESIDE: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "心血管内科": ("全科", "呼吸内科"),
        "内分泌科": ("肾内科", "全科"),
        "神经内科": ("康复科", "精神科"),
        "肿瘤科": ("血液科",),
        "肾内科": ("内分泌科", "风湿免疫科"),
        "呼吸内科": ("感染科", "心血管内科"),
        "消化内科": ("感染科", "肿瘤科"),
        "精神科": ("神经内科",),
        "风湿免疫科": ("骨科", "皮肤科"),
        "血液科": ("肿瘤科", "儿科"),
        "骨科": ("康复科", "风湿免疫科"),
        "感染科": ("消化内科", "皮肤科"),
        "眼科": ("全科", "内分泌科"),
        "儿科": ("全科", "血液科"),
        "康复科": ("骨科", "神经内科"),
        "全科": ("心血管内科", "内分泌科", "呼吸内科"),
    }
)
"""What doctors of a county's hospitals know beside their main specialty."""
_TITLES: Final = ("主任医师", "主任医师", "副主任医师")
_EVERY_FOURTH_TAKES_A_DAY: Final = 30


def experts() -> tuple[DemoExpert, ...]:
    """All experts: the first of every pool, then those who joined later."""
    return (
        *(one for pool in POOLS for one in _of_pool(pool, range(pool.count))),
        *(
            one
            for pool in POOLS
            for one in _of_pool(pool, range(pool.count, pool.count + len(pool.joined_later)))
        ),
    )


def _of_pool(pool: DemoPool, places: range) -> Iterator[DemoExpert]:
    for i in places:
        main = pool.joined_later[i - pool.count] if i >= pool.count else _MAIN[i % len(_MAIN)]
        yield DemoExpert(
            username=f"{pool.slug}.expert{i + 1:02d}",
            pool=pool,
            specialties=(main, *_BESIDE[main]),
            # Moved on by one in each round of specialties: two doctors of one specialty are of two hospitals.
            hospital=pool.hospitals[(i + i // len(_MAIN)) % len(pool.hospitals)],
            title=_TITLES[i % len(_TITLES)],
            daily_limit=_EVERY_FOURTH_TAKES_A_DAY if i % 4 == 3 else None,
        )
