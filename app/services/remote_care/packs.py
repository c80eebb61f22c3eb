"""The policy packs of remote care: loaded and checked once, looked up by region and day.

``pack_for`` answers which rules hold for a coverage on a day, ``pack_by_id`` finds again the pack a case was
submitted under, ``check_packs`` tells ``zhangban doctor`` everything that is wrong with the files.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

from app.kit.packs import PackCatalogue, check_default, check_overlaps, completed, with_baseline
from app.kit.toml_section import PackError
from app.materials.kinds import PaperKind
from app.services.remote_care.categories import Approver, Category, Decision, Proof
from app.services.remote_care.pack_model import CategoryRules, Ground, Pack
from app.services.remote_care.pack_reader import PackReader, StatedPack, StatedRules

__all__ = [
    "PACKS_DIR",
    "Catalogue",
    "Pack",
    "PackError",
    "catalogue",
    "check_packs",
    "pack_by_id",
    "pack_for",
]

PACKS_DIR = Path(__file__).with_name("packs")


class Catalogue(PackCatalogue[Pack]):
    """All packs of one folder. Raises PackError if any is wrong; the error's notes hold further findings."""

    def __init__(self, folder: Path) -> None:
        super().__init__("remote-care pack", *_read_folder(folder))


@cache
def catalogue() -> Catalogue:
    """The product's own packs, read once."""
    return Catalogue(PACKS_DIR)


def pack_for(region_code: str, on: date) -> Pack:
    """The rules of a pooling region (``insu_admdvs``) on a day; see ``Catalogue.pack_for``."""
    return catalogue().pack_for(region_code, on)


def pack_by_id(pack_id: str) -> Pack:
    """The pack that a case keeps, such as ``1401@2023-07-01``; see ``Catalogue.pack_by_id``."""
    return catalogue().pack_by_id(pack_id)


def check_packs(folder: Path = PACKS_DIR) -> list[str]:
    """Everything that is wrong with the packs of a folder, as ``file: key: what``; empty if all is well."""
    return [str(error) for error in _read_folder(folder)[1]]


def _read_folder(folder: Path) -> tuple[list[Pack], list[PackError]]:
    errors: list[PackError] = []
    stated: dict[str, StatedPack] = {}
    for path in sorted(folder.glob("*.toml")):
        reader = PackReader(path)
        pack = reader.read()
        errors.extend(reader.errors)
        if pack is not None:
            stated[pack.head.pack_id] = pack
    errors.extend(check_default(folder, stated.values()))
    errors.extend(check_overlaps(stated.values()))
    if errors:
        return [], errors

    def complete(own: StatedPack) -> Pack:
        return _complete(with_baseline(own, stated, _laid_over))

    return completed(stated.values(), complete, _contradictions)


def _laid_over(base: StatedPack, own: StatedPack) -> StatedPack:
    """The pack's own over its baseline's.

    Own rules, shares and limits replace the baseline's of the same case; exemptions are added to it (own
    first); notes are not handed down, for they tell of one region at one time.
    """
    own_shares = {row.key for row in own.shares}
    rules: dict[Category, StatedRules] = {
        category: {**base.rules.get(category, {}), **own.rules.get(category, {})} for category in Category
    }
    return replace(
        own,
        home_area=own.home_area or base.home_area,
        grounds={**base.grounds, **own.grounds},
        rules=rules,
        exemptions=[*own.exemptions, *base.exemptions],
        shares=[*own.shares, *(row for row in base.shares if row.key not in own_shares)],
        drop_limits={**base.drop_limits, **own.drop_limits},
    )


def _complete(stated: StatedPack) -> Pack:
    if stated.home_area is None:
        raise PackError(stated.head.file, "home_area", "is missing, here and in the baseline")
    for ground in Ground:
        if ground not in stated.grounds:
            raise PackError(stated.head.file, f"grounds.{ground}", "is missing, here and in the baseline")
    return Pack(
        head=stated.head,
        home_area=stated.home_area,
        grounds=stated.grounds,
        rules={category: _complete_rules(stated, category) for category in Category},
        exemptions=tuple(stated.exemptions),
        shares={row.key: row for row in stated.shares},
        drop_limits=stated.drop_limits,
        notes=tuple(stated.notes),
    )


def _complete_rules(stated: StatedPack, category: Category) -> CategoryRules:
    rules = stated.rules.get(category, {})
    for name in CategoryRules.__dataclass_fields__:
        if name not in rules:
            raise PackError(
                stated.head.file, f"category.{category}.{name}", "is missing, here and in the baseline"
            )
    return CategoryRules(
        offered=rules["offered"],
        proof=rules["proof"],
        papers=rules["papers"],
        decision=rules["decision"],
        approver=rules["approver"],
        deadline_days=rules["deadline_days"],
        validity_months=rules["validity_months"],
        lock_months=rules["lock_months"],
        change_allowed=rules["change_allowed"],
        cancel_allowed=rules["cancel_allowed"],
        start_window=rules["start_window"],
        backfile=rules["backfile"],
        both_directions=rules["both_directions"],
    )


def _contradictions(stated: StatedPack, pack: Pack) -> Iterator[PackError]:
    file = stated.head.file
    for category, rules in pack.rules.items():
        key = f"category.{category}"
        for proof in rules.proof.value.options:
            yield from _proof_contradictions(file, key, rules, proof)
        if rules.approver.value is Approver.REFERRING_HOSPITAL and category is not Category.REFERRAL:
            yield PackError(file, f"{key}.approver", "a referring hospital approves referrals only")
        if not category.long_term and rules.validity_months.value == 0:
            yield PackError(file, f"{key}.validity_months", "a temporary filing cannot be open-ended")
        if not category.long_term and rules.lock_months.value > rules.validity_months.value:
            yield PackError(file, f"{key}.lock_months", "is longer than the filing is valid")


def _proof_contradictions(file: str, key: str, rules: CategoryRules, proof: Proof) -> Iterator[PackError]:
    kinds = {kind for group in rules.papers.value.get(proof, ()) for kind in group.any_of}
    own_paper = {Proof.COMMITMENT: PaperKind.COMMITMENT, Proof.REFERRAL_SLIP: PaperKind.REFERRAL_SLIP}.get(
        proof
    )
    if own_paper is not None and own_paper not in kinds:
        yield PackError(file, f"{key}.papers.{proof}", f"must ask for {own_paper}")
    if proof is Proof.DOCUMENTS and not kinds:
        yield PackError(file, f"{key}.papers.{proof}", "must ask for at least one paper")
    if proof not in rules.decision.value:
        yield PackError(file, f"{key}.decision.{proof}", "is missing")
    elif (
        rules.approver.value is Approver.REFERRING_HOSPITAL
        and rules.decision.value[proof] is Decision.INSTANT
    ):
        yield PackError(file, f"{key}.decision.{proof}", "is instant, so that no hospital could approve it")
    if proof not in rules.both_directions.value:
        yield PackError(file, f"{key}.both_directions.{proof}", "is missing")
