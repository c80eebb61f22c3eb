"""The policy packs: loaded and checked once, found by region and day.

``pack_on`` answers which rules hold for a pooling region on a day, ``pack_by_id`` finds again the pack a bill was settled
by, ``problems`` tells ``zhangban doctor`` everything that is wrong with the files.
"""

from datetime import date
from functools import cache
from pathlib import Path

from app.benefits.pack_checks import broken_years, contradictions
from app.benefits.pack_model import Benefit, PolicyPack
from app.benefits.pack_reader import PolicyReader
from app.kit.packs import PackCatalogue
from app.kit.toml_section import PackError

PACKS_DIR = Path(__file__).with_name("packs")


class Catalogue(PackCatalogue[PolicyPack]):
    """All packs of one folder. Raises PackError if any is wrong; the error's notes hold further findings."""

    def __init__(self, folder: Path) -> None:
        super().__init__("policy pack", *_read_folder(folder))

    def pack_on(self, region_code: str, day: date) -> PolicyPack | None:
        """The newest pack in force on that day of the region, else of its city, else of its province; None: none."""
        try:
            return self.pack_for(region_code, day)
        except LookupError:
            return None


@cache
def catalogue() -> Catalogue:
    """The product's own packs, read once."""
    return Catalogue(PACKS_DIR)


def pack_on(region_code: str, day: date) -> PolicyPack | None:
    """The rules of a pooling region (``insu_admdvs``) on a day; None where no source gives any."""
    return catalogue().pack_on(region_code, day)


def pack_by_id(pack_id: str) -> PolicyPack:
    """The pack that a settlement keeps, such as ``2305@2023-01-01``. Raises LookupError if there is none."""
    return catalogue().pack_by_id(pack_id)


def benefit_by_id(pack_id: str, benefit_id: str) -> Benefit | None:
    """By which a bill was settled; None if the pack is not kept any more."""
    try:
        pack = pack_by_id(pack_id)
    except LookupError:
        return None
    return next((one for one in pack.benefits if one.benefit_id == benefit_id), None)


def problems(folder: Path = PACKS_DIR) -> list[str]:
    """Everything that is wrong with the packs of a folder, as ``file: key: what``; empty if all is well."""
    return [str(error) for error in _read_folder(folder)[1]]


def _read_folder(folder: Path) -> tuple[list[PolicyPack], list[PackError]]:
    packs: list[PolicyPack] = []
    errors: list[PackError] = []
    for path in sorted(folder.glob("*.toml")):
        reader = PolicyReader(path)
        pack = reader.read()
        errors.extend(reader.errors)
        if pack is not None and not reader.errors:
            packs.append(pack)
            errors.extend(contradictions(pack))
    errors.extend(broken_years(packs))
    if not packs and not errors:
        errors.append(PackError(folder.name, "(folder)", "holds no policy pack"))
    return packs, errors
