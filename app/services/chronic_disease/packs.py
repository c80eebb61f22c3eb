"""The packs of criteria: loaded and checked once, looked up by region and day, or by the id that a case keeps.

``pack_for`` answers what holds for a coverage on the day of submission, ``pack_by_id`` finds again what a case was
submitted under, ``problems`` tells ``zhangban doctor`` everything that is wrong with the files.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

from app.kit.packs import PackCatalogue, Source, check_default, completed, with_baseline
from app.kit.toml_section import PackError
from app.services.chronic_disease import catalogue
from app.services.chronic_disease.criteria_reader import StatedCriteria
from app.services.chronic_disease.pack_model import INSUTYPES, TERM_LIMITS, CriteriaPack, DiseaseCriteria
from app.services.chronic_disease.pack_reader import PackReader, StatedPack

__all__ = [
    "PACKS_DIR",
    "Catalogue",
    "CriteriaPack",
    "PackError",
    "pack_by_id",
    "pack_for",
    "packs",
    "problems",
]

PACKS_DIR: Final = Path(__file__).with_name("packs")


class Catalogue(PackCatalogue[CriteriaPack]):
    """All packs of one folder. Raises PackError if any is wrong; the error's notes hold further findings."""

    def __init__(self, folder: Path) -> None:
        super().__init__("pack of criteria", *_read_folder(folder))


@cache
def _catalogue() -> Catalogue:
    return Catalogue(PACKS_DIR)


def packs() -> tuple[CriteriaPack, ...]:
    """The product's own packs, read once, in the order of their files' names."""
    return _catalogue().packs


def pack_for(region_code: str, on: date) -> CriteriaPack:
    """The criteria of a pooling region (``insu_admdvs``) on the day of submission; see ``Catalogue.pack_for``."""
    return _catalogue().pack_for(region_code, on)


def pack_by_id(pack_id: str) -> CriteriaPack:
    """The pack that a case keeps, such as ``610727@2023-08-01``; see ``Catalogue.pack_by_id``."""
    return _catalogue().pack_by_id(pack_id)


def problems(folder: Path = PACKS_DIR, diseases_file: Path = catalogue.CATALOGUE_FILE) -> list[str]:
    """Everything that is wrong with the diseases and the packs, as ``file: table: what``; empty if all is well."""
    try:
        catalogue.read_catalogue(diseases_file)
    except PackError as problem:
        return [str(problem)]  # without diseases no pack can be judged
    return [str(error) for error in _read_folder(folder)[1]]


def _read_folder(folder: Path) -> tuple[list[CriteriaPack], list[PackError]]:
    stated, errors = _stated_packs(folder)
    errors.extend(check_default(folder, stated.values()))
    if errors:
        return [], errors

    def complete(own: StatedPack) -> CriteriaPack:
        return _complete(with_baseline(own, stated, _laid_over, of_parents=True))

    return completed(stated.values(), complete, _contradictions)


def _stated_packs(folder: Path) -> tuple[dict[str, StatedPack], list[PackError]]:
    """Read the heads, then the parts that belong to them: ``HEAD.PART.toml`` is a part of ``HEAD.toml``."""
    errors: list[PackError] = []
    by_stem: dict[str, StatedPack] = {}
    paths = sorted(folder.glob("*.toml"))
    for path in paths:
        if "." in path.stem:
            continue
        reader = PackReader(path)
        pack = reader.read()
        errors.extend(reader.errors)
        if pack is not None:
            by_stem[path.stem] = pack
    for path in paths:
        head, dot, _ = path.stem.partition(".")
        if not dot:
            continue
        if not (folder / f"{head}.toml").exists():
            errors.append(PackError(path.name, "(file)", f"is a part of {head}.toml, which is not there"))
        elif head in by_stem:
            reader = PackReader(path)
            reader.read_part(by_stem[head])
            errors.extend(reader.errors)
    return {pack.head.pack_id: pack for pack in by_stem.values()}, errors


def _laid_over(base: StatedPack, own: StatedPack) -> StatedPack:
    """The pack's own over its baseline's; notes are not handed down.

    Statement by statement the own replaces the baseline's: own criteria replace all criteria of the same disease, and
    leave its papers or its validity as the baseline has them.
    """
    return replace(
        own,
        terms={**base.terms, **own.terms},
        specialties={**base.specialties, **own.specialties},
        general={**base.general, **own.general},
        diseases=_by_disease(base.diseases, own.diseases),
        two_disease=_by_disease(base.two_disease, own.two_disease),
    )


def _by_disease(
    base: Mapping[str, StatedCriteria], own: Mapping[str, StatedCriteria]
) -> dict[str, StatedCriteria]:
    merged = dict(base)
    for code, criteria in own.items():
        merged[code] = {**base.get(code, {}), **criteria}
    return merged


def _complete(stated: StatedPack) -> CriteriaPack:
    for name in TERM_LIMITS:
        if name not in stated.terms:
            raise PackError(stated.head.file, f"terms.{name}", "is missing, here and in the baseline")
    codes = [disease.code for disease in catalogue.diseases()]
    terms = {name: stated.terms[name].value for name in TERM_LIMITS}
    if stated.source is None:
        raise PackError(stated.head.file, "source", "is missing")
    return CriteriaPack(
        head=stated.head,
        source=stated.source,
        diseases={code: _complete_disease(stated, code) for code in codes},
        general=frozenset(code for code in codes if "rule" not in stated.diseases.get(code, {})),
        two_disease={
            disease.code: _complete_two_disease(stated, disease.code)
            for disease in catalogue.diseases()
            if disease.two_disease
        },
        max_institutions=terms["max_institutions"],
        institution_changes_per_year=terms["institution_changes_per_year"],
        expert_days=terms["expert_days"],
        agency_days=terms["agency_days"],
        correction_days=terms["correction_days"],
        appeal_days=terms["appeal_days"],
        term_sources={name: stated.terms[name].source for name in TERM_LIMITS},
        notes=tuple(stated.notes),
    )


def _complete_disease(stated: StatedPack, code: str) -> DiseaseCriteria:
    criteria: StatedCriteria = {**stated.general, **stated.diseases.get(code, {})}
    return _criteria(stated, f"disease.{code}", code, criteria)


def _complete_two_disease(stated: StatedPack, code: str) -> DiseaseCriteria:
    """The criteria of 两病 are far below those of the disease itself, so the general ones never stand in for them."""
    own = stated.two_disease.get(code, {})
    for name in ("rule", "papers"):
        if name not in own:
            raise PackError(
                stated.head.file, f"two_disease.{code}", f"states no {name}, here and in the baseline"
            )
    return _criteria(stated, f"two_disease.{code}", code, {**stated.general, **own})


def _criteria(stated: StatedPack, key: str, code: str, found: StatedCriteria) -> DiseaseCriteria:
    if code not in stated.specialties:
        raise PackError(stated.head.file, "specialties", f"must name {code} under one of the specialties")
    for name in ("rule", "papers", "min_hospital_level", "validity", "limit"):
        if name not in found:
            file = stated.files.get(key, stated.head.file)
            raise PackError(file, key, f"states no {name}, nor does general, here and in the baseline")
    return DiseaseCriteria(
        disease_code=code,
        specialty=stated.specialties[code].value,
        criteria=found["rule"].value.criteria,
        groups=found["rule"].value.groups,
        papers=found["papers"].value,
        min_hospital_level=found["min_hospital_level"].value,
        validity_months=found["validity"].value.months,
        renewal=found["validity"].value.renewal,
        yearly_limit_fen=found["limit"].value.fen,
        yearly_limit_text=found["limit"].value.text,
        excludes=found["excludes"].value if "excludes" in found else frozenset(),
        includes=found["includes"].value if "includes" in found else frozenset(),
        insutypes=found["insutypes"].value if "insutypes" in found else frozenset(INSUTYPES),
        screening=found["screening"].value if "screening" in found else None,
        sources=_sources(stated.specialties[code].source, found),
    )


def _sources(specialty: Source, found: StatedCriteria) -> Mapping[str, Source]:
    sources = {
        "specialty": specialty,
        "criteria": found["rule"].source,
        "papers": found["papers"].source,
        "min_hospital_level": found["min_hospital_level"].source,
        "validity_months": found["validity"].source,
        "yearly_limit_fen": found["limit"].source,
    }
    if "excludes" in found:
        sources["excludes"] = found["excludes"].source
    if "includes" in found:
        sources["includes"] = found["includes"].source
    if "insutypes" in found:
        sources["insutypes"] = found["insutypes"].source
    if "screening" in found:
        sources["screening"] = found["screening"].source
    return sources


def _contradictions(stated: StatedPack, pack: CriteriaPack) -> Iterator[PackError]:
    """What only shows when all is put together. What is inherited was reported where it is stated."""
    for code, criteria in pack.diseases.items():
        key = f"disease.{code}"
        for other in sorted(criteria.excludes):
            if code not in pack.diseases[other].excludes:
                where = key if key in stated.files else f"disease.{other}"
                if where in stated.files:
                    yield PackError(
                        stated.files[where],
                        f"{where}.excludes",
                        f"{code} excludes {other}, so {other} must exclude {code} too",
                    )
        if key in stated.files:
            yield from _contradictions_of(stated.files[key], key, pack, criteria)
    for code, criteria in pack.two_disease.items():
        key = f"two_disease.{code}"
        if key not in stated.files:
            continue
        if code not in criteria.excludes:
            yield PackError(
                stated.files[key], f"{key}.excludes", f"must name {code}: 两病 is for those without it"
            )
        if criteria.includes:
            yield PackError(
                stated.files[key], f"{key}.includes", "must not be given: 两病 covers no other disease"
            )
        yield from _screening_too_low(stated.files[key], key, criteria)


def _contradictions_of(
    file: str, key: str, pack: CriteriaPack, criteria: DiseaseCriteria
) -> Iterator[PackError]:
    code = criteria.disease_code
    for name, codes in (("excludes", criteria.excludes), ("includes", criteria.includes)):
        if code in codes:
            yield PackError(file, f"{key}.{name}", "must not name the disease itself")
    for other in sorted(criteria.excludes & criteria.includes):
        yield PackError(file, f"{key}.includes", f"{other} is excluded too: it can be only one of the two")
    for other in sorted(criteria.includes):
        if code in pack.diseases[other].includes:
            yield PackError(
                file, f"{key}.includes", f"{other} includes {code} too: only one can cover the other"
            )
    yield from _screening_too_low(file, key, criteria)


def _screening_too_low(file: str, key: str, criteria: DiseaseCriteria) -> Iterator[PackError]:
    screening = criteria.screening
    if screening is not None and screening.min_hospital_level < criteria.min_hospital_level:
        yield PackError(
            file,
            f"{key}.screening.min_hospital_level",
            f"must be at least {criteria.min_hospital_level}, the level whose diagnosis counts",
        )
