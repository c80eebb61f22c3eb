"""Who may call a route. Every route names its policy in the registry; public is a policy too."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


class Principal(Protocol):
    """What the kit needs to know of whoever calls: nothing but an account and its roles."""

    @property
    def account_id(self) -> UUID: ...

    @property
    def roles(self) -> frozenset[str]: ...


@dataclass(frozen=True)
class Policy:
    """``roles`` empty and not public: any signed-in account."""

    name: str
    public: bool = False
    roles: frozenset[str] = frozenset()

    def allows(self, principal: Principal | None) -> bool:
        if self.public:
            return True
        if principal is None:
            return False
        return not self.roles or bool(self.roles & principal.roles)


PUBLIC = Policy("public", public=True)
SIGNED_IN = Policy("signed_in")


def allow(*roles: str) -> Policy:
    """Accounts that hold at least one of ``roles``."""
    if not roles:
        raise ValueError("name at least one role, or use SIGNED_IN")
    return Policy("roles:" + ",".join(sorted(roles)), roles=frozenset(roles))


@dataclass(frozen=True)
class Route:
    """What the registry says of one route.

    writes: its transaction writes; None means every method but GET and HEAD. A GET that records an access writes.
    idempotent: takes an Idempotency-Key and gives the first answer again.
    limit: the setting rate_<limit> that bounds the calls of one caller; None is the general limit.
    takes_files: its body may be as large as a photograph; every other body is bounded by json_max_bytes, or by
    max_bytes where a route takes many rows at once.
    """

    endpoint: str
    policy: Policy
    writes: bool | None = None
    idempotent: bool = False
    limit: str | None = None
    takes_files: bool = False
    max_bytes: int | None = None
