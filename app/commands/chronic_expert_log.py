"""``zhangban chronic experts log``: who changed a pool of experts, what, and when."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import click
from rich.table import Table
from sqlalchemy.orm import Session

from app.commands.acting import as_json_option, read, show
from app.commands.chronic_pool import opened, pool_option
from app.commands.common import console, fail, print_json
from app.identity import service as identity
from app.kit import clock
from app.kit.crypto import SealBroken
from app.kit.errors import invalid
from app.services.chronic_disease import draw_audit, pool_audit, pool_log
from app.services.chronic_disease.expert_pool import NO_ACCOUNT
from app.services.chronic_disease.models import ExpertPoolChange, PoolChange

_MOST = 500
_WHAT = {
    PoolChange.ENTERED: "entered",
    PoolChange.CHANGED: "changed",
    PoolChange.LEAVE_ADDED: "leave added",
    PoolChange.LEAVE_ENDED: "leave ended",
}


@click.command()
@pool_option
@click.option("--expert", "username", metavar="USERNAME", help="Only the changes of this expert.")
@click.option(
    "--limit", type=click.IntRange(1, _MOST), default=50, show_default=True, help="So many at once."
)
@click.option("--cursor", help="Go on where the last page ended; it says with what.")
@as_json_option
def log(pool: str | None, username: str | None, limit: int, cursor: str | None, as_json: bool) -> None:
    """List who entered or changed experts and leave, the latest first: what was before, and what is since. Names of
    experts are masked; who made the change is named."""
    database, _ = opened()

    def find(session: Session) -> tuple[list[dict[str, Any]], str | None]:
        pools = None if pool is None else draw_audit.pools(session, pool)
        account_id = None if username is None else _account(session, username)
        found = pool_log.page(session, pools=pools, account_id=account_id, cursor=cursor, limit=limit)
        return _as_json(session, found.items), found.next_cursor

    try:
        rows, following = read(database, find)
    except (LookupError, TypeError, ValueError) as error:
        fail(f"The log holds a value that cannot be read ({error}). Run: zhangban audit verify")
    if as_json:
        print_json({"changes": rows, "next_cursor": following})
        return
    show(_table(rows))
    if following:
        console.print(f"There are older ones: --cursor {following}", markup=False, soft_wrap=True)
    if not all(row["is_whole"] for row in rows):
        console.print("EDITED: changed by hand. Run: zhangban audit verify", style="red", soft_wrap=True)


def _account(session: Session, username: str) -> UUID:
    account = identity.expert_account(session, username)
    if account is None:
        raise invalid({"expert": [NO_ACCOUNT]})
    return account.account_id


def _as_json(session: Session, rows: Sequence[ExpertPoolChange]) -> list[dict[str, Any]]:
    """The changes with what differs, pools by name. Three statements for all."""
    accounts: set[UUID] = {row.account_id for row in rows}
    usernames = identity.usernames(session, accounts)
    names = identity.display_names_of_accounts(session, accounts)
    known = {pool for row in rows for pool in (row.organisation_id, row.moved_from_id) if pool is not None}
    pools = {str(one): name for one, name in identity.organisation_names(session, known).items()}
    shown = []
    for row in rows:
        before, after = _named(row.before, pools), _named(row.after, pools)
        differing = list(pool_log.differences(before, after or {}))
        shown.append(
            {
                "at": row.at.astimezone(clock.CHINA).isoformat(timespec="seconds"),
                "username": usernames.get(row.account_id, ""),
                "name": names.get(row.account_id, ""),
                "pool": pools.get(str(row.organisation_id), ""),
                "what": row.what.value,
                "before": None if before is None else {field: was for field, was, _ in differing},
                "after": {field: now for field, _, now in differing},
                "by": _author(row),
                "is_whole": pool_audit.is_intact(row),
            }
        )
    return shown


def _named(known: Mapping[str, Any] | None, pools: Mapping[str, str]) -> dict[str, Any] | None:
    """With the pool's name instead of its id."""
    return None if known is None else {**known, "pool": pools.get(str(known.get("pool")), "")}


def _author(row: ExpertPoolChange) -> str | None:
    """Who made the change; None if that was edited."""
    try:
        return row.by
    except SealBroken:
        return None


def _table(rows: Sequence[Mapping[str, Any]]) -> Table:
    table = Table("when", "user name", "name")
    for title in ("what", "before", "after", "by"):
        table.add_column(title, overflow="fold")
    for row in rows:
        table.add_row(
            row["at"][: len("2026-03-31T12:00")].replace("T", " "),
            row["username"],
            row["name"],
            _WHAT[PoolChange(row["what"])] + ("" if row["is_whole"] else "\nEDITED"),
            _words(row["before"] or {}),
            _words(row["after"]),
            row["by"] or "?",
        )
    return table


def _words(known: Mapping[str, Any]) -> str:
    """A line for each field."""
    return "\n".join(f"{field.replace('_', ' ')}: {_word(value)}" for field, value in known.items())


def _word(value: Any) -> str:
    """Leave is a list of pairs of days, specialties one of words; None is no daily limit."""
    if value is None:
        return "any"
    if not isinstance(value, list):
        return str(value)
    return (
        "、".join("–".join(map(str, one)) if isinstance(one, list) else str(one) for one in value) or "none"
    )
