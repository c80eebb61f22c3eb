"""The demo's people as ``zhangban demo people --json`` gives them out: who they are and how they sign in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from mock_client.papers.people import Holder

Entry = Mapping[str, Any]

BIRTH_CERTIFICATE = "99"
ADDED = "demo-added-"
"""How the openids of those begin whom somebody made with ``demo add-person``: they belong to whoever made them."""


@dataclass(frozen=True)
class Insured:
    """Somebody with a phone. Its repr shows nothing of who it is."""

    person_id: str
    name: str = field(repr=False)
    id_no: str = field(repr=False)
    phone: str = field(repr=False)
    openid: str = field(repr=False)
    real_name: bool
    region: str
    """The code of the region where the first insurance in force is."""
    entry: Entry = field(repr=False)

    @classmethod
    def of(cls, entry: Entry) -> "Insured":
        return cls(
            person_id=str(entry["person_id"]),
            name=str(entry["name"]),
            id_no=str(entry["id_no"] or ""),
            phone=str(entry["phone"] or ""),
            openid=str(entry["openid"] or ""),
            real_name=bool(entry["real_name"]),
            region=str(entry["region_code"]),
            entry=entry,
        )

    @property
    def holder(self) -> Holder:
        """Whose papers are drawn."""
        return Holder.of(self.entry)


@dataclass(frozen=True)
class Reviewer:
    """Somebody who signs in with a password, and where the role is held."""

    person_id: str
    name: str = field(repr=False)
    username: str
    password: str = field(repr=False)
    roles: tuple[str, ...]
    organisation: str
    organisation_kind: str
    region: str
    relatives: frozenset[str] = field(repr=False)
    specialties: frozenset[str] = frozenset()
    hospital: str = ""
    """What an expert knows and where the expert works; empty for others."""

    @classmethod
    def of(cls, entry: Entry) -> "Reviewer":
        organisation = entry["organisation"] or {}
        return cls(
            person_id=str(entry["person_id"]),
            name=str(entry["name"]),
            username=str(entry["username"]),
            password=str(entry["password"]),
            roles=tuple(entry["roles"]),
            organisation=str(organisation.get("name", "")),
            organisation_kind=str(organisation.get("kind", "")),
            region=str(organisation.get("region_code", "-")),
            relatives=frozenset(str(one["person_id"]) for one in entry["relatives"]),
            specialties=frozenset(entry.get("specialties", ())),
            hospital=str(entry.get("hospital", "")),
        )

    def is_close_to(self, person_id: str) -> bool:
        """Whether it is the same person or a relative, whose cases others have to decide."""
        return person_id == self.person_id or person_id in self.relatives


@dataclass(frozen=True)
class Terminal:
    """A hospital's or pharmacy's own system, which signs in by itself."""

    client_id: str
    client_secret: str = field(repr=False)
    institution: str
    code: str = ""
    """The institution's number (fixmedins_code)."""

    @classmethod
    def of(cls, entry: Entry) -> "Terminal":
        return cls(
            str(entry["client_id"]),
            str(entry["client_secret"]),
            str(entry["name"]),
            str(entry.get("institution_code", "")),
        )


@dataclass(frozen=True)
class Wanted:
    """What somebody has to be for a story: insured in a region or below it, and so on; None asks nothing."""

    region: str
    insutype: str | None = None
    retired: bool | None = None
    student: bool | None = None
    least_age: int = 18
    status: str = "active"
    low_income: bool | None = None
    balance_fen: tuple[int, int] | None = None
    """With how much the personal account began: at least and at most."""

    def fits(self, entry: Entry) -> bool:
        """Exactly one insurance, and it is as wanted."""
        coverages: Sequence[Entry] = entry["coverages"]
        return entry["age"] >= self.least_age and len(coverages) == 1 and self._fits_coverage(coverages[0])

    def _fits_coverage(self, coverage: Entry) -> bool:
        return (
            str(coverage["region_code"]).startswith(self.region)
            and coverage["status"] == self.status
            and self.insutype in {None, coverage["insutype"]}
            and self.retired in {None, coverage["retired"]}
            and self.student in {None, coverage["student"]}
            and self.low_income in {None, coverage["low_income"]}
            and self._fits_balance(int(coverage["balance_fen"]))
        )

    def _fits_balance(self, fen: int) -> bool:
        return self.balance_fen is None or self.balance_fen[0] <= fen <= self.balance_fen[1]

    def to_add(self) -> list[str]:
        """The arguments with which ``demo add-person`` makes such a person."""
        # A city insures employees; residents are insured in its districts, and `add-person` takes both.
        arguments = ["--region", self.region, "--insutype", self.insutype or "390"]
        arguments += ["--age", str(20 if self.student else max(self.least_age, 62 if self.retired else 35))]
        arguments += ["--retired"] if self.retired else []
        arguments += ["--student"] if self.student else []
        arguments += ["--low-income"] if self.low_income else []
        arguments += ["--balance-fen", str(self.balance_fen[0])] if self.balance_fen else []
        return arguments


class People:
    """Everybody in the list, by what stories look for."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = list(entries)

    @cached_property
    def reviewers(self) -> list[Reviewer]:
        """All who sign in with a password."""
        return [Reviewer.of(entry) for entry in self.entries if entry["kind"] == "staff"]

    @cached_property
    def terminals(self) -> list[Terminal]:
        """All systems of institutions."""
        return [Terminal.of(entry) for entry in self.entries if entry["kind"] == "terminal"]

    @cached_property
    def citizens(self) -> list[Entry]:
        """Insured people with a phone who are nothing else, and whom nobody made for a purpose."""
        staff = {reviewer.person_id for reviewer in self.reviewers}
        return [
            entry
            for entry in self.entries
            if entry["kind"] == "citizen"
            and entry["roles"] == ["citizen"]
            and entry["person_id"] not in staff
            and not str(entry["openid"]).startswith(ADDED)
        ]

    def fitting(self, wanted: Wanted, *, real_name: bool = True) -> list[Insured]:
        """Citizens as wanted, in the list's order."""
        return [
            Insured.of(entry)
            for entry in self.citizens
            if bool(entry["real_name"]) is real_name and wanted.fits(entry)
        ]

    def patients_on_staff(self) -> list[tuple[Insured, Reviewer]]:
        """Handlers who are insured and have a phone themselves."""
        handlers = {one.person_id: one for one in self.reviewers if "handler" in one.roles}
        return [
            (Insured.of(entry), handlers[entry["person_id"]])
            for entry in self.entries
            if entry["kind"] == "citizen" and entry["real_name"] and entry["person_id"] in handlers
        ]

    def newborns(self) -> list[Insured]:
        """Those of whom there is a birth certificate and no ID number yet."""
        return [Insured.of(entry) for entry in self.entries if entry.get("id_type") == BIRTH_CERTIFICATE]

    def families(self) -> list[tuple[Insured, str]]:
        """(guardian, the person id of the minor) for guardians with a phone."""
        by_id = {
            entry["person_id"]: entry
            for entry in self.entries
            if entry["kind"] == "citizen" and entry["real_name"]
        }
        return [
            (Insured.of(by_id[relative["person_id"]]), str(entry["person_id"]))
            for entry in self.entries
            if "relatives" in entry and entry["kind"] in {"citizen", "none"}
            for relative in entry["relatives"]
            if relative["guardian"] and relative["person_id"] in by_id
        ]


WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK = "10X98765432"


def id_number(division: str, born: date, order: int) -> str:
    """A resident ID number with its check digit (GB 11643-1999), for somebody who is in no register."""
    stem = f"{division}{born:%Y%m%d}{order % 1000:03d}"
    return stem + CHECK[sum(int(digit) * weight for digit, weight in zip(stem, WEIGHTS, strict=True)) % 11]
