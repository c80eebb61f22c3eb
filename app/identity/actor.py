"""Who acts: an account, the person behind it, and the roles it holds at organisations that cover regions."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """The roles there are (design: who acts, for whom, on what ground)."""

    CITIZEN = "citizen"
    AGENT = "agent"
    HANDLER = "handler"
    EXPERT = "expert"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"
    TERMINAL = "terminal"
    ADMINISTRATOR = "administrator"


STAFF_ROLES = frozenset({Role.HANDLER, Role.EXPERT, Role.SUPERVISOR, Role.AUDITOR, Role.ADMINISTRATOR})


class AccountKind(StrEnum):
    CITIZEN = "citizen"
    STAFF = "staff"
    TERMINAL = "terminal"


class Ground(StrEnum):
    """On what ground somebody acts for the insured person."""

    SELF = "self"  # 本人
    GUARDIAN = "guardian"  # 监护人
    KIN = "kin"  # 亲属（经同意）
    MANDATE = "mandate"  # 代办员（受委托）
    STAFF = "staff"  # 窗口经办


class OrganisationKind(StrEnum):
    """What sort of organisation grants a role its place."""

    AGENCY = "agency"  # 经办机构
    INSTITUTION = "institution"  # 定点医药机构
    SERVICE_POINT = "service_point"  # 医保服务站 / 室
    EXPERT_POOL = "expert_pool"  # 鉴定专家库


def region_covers(region_code: str, other_code: str) -> bool:
    """Whether ``region_code`` is ``other_code`` or above it: division codes (GB/T 2260) nest by prefix."""
    return other_code.startswith(region_code)


@dataclass(frozen=True)
class Grant:
    """A role held at an organisation; it covers the organisation's region and below."""

    role: Role
    organisation_id: UUID
    organisation_kind: OrganisationKind
    region_code: str
    institution_id: UUID | None = None
    service_point_id: UUID | None = None
    organisation_name: str = ""


@dataclass(frozen=True)
class Actor:
    """Whoever calls. ``person_id`` is the natural person behind the account, once known (real name)."""

    account_id: UUID
    kind: AccountKind
    person_id: UUID | None
    session_id: UUID
    grants: tuple[Grant, ...] = ()

    @property
    def roles(self) -> frozenset[str]:
        held: set[str] = {grant.role.value for grant in self.grants}
        if self.kind is AccountKind.CITIZEN:
            held.add(Role.CITIZEN.value)
        if self.kind is AccountKind.TERMINAL:
            held.add(Role.TERMINAL.value)
        return frozenset(held)

    @property
    def terminal_grant(self) -> Grant | None:
        """Where a terminal stands: its first grant at an institution. None for whoever is no terminal of one."""
        for grant in self.grants_of([Role.TERMINAL]):
            if grant.organisation_kind is OrganisationKind.INSTITUTION and grant.institution_id is not None:
                return grant
        return None

    def grants_of(self, roles: Iterable[Role]) -> tuple[Grant, ...]:
        wanted = frozenset(roles)
        return tuple(grant for grant in self.grants if grant.role in wanted)
