"""What ``zhangban terminal`` and ``zhangban staff`` share: disabling, enabling, the log, and how accounts are shown."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click
from rich.table import Table
from sqlalchemy.orm import Session

from app.commands.acting import as_json_option, by_option, read, show, write
from app.commands.common import console, opened_parts, print_json, settings
from app.gateways.parts import Parts
from app.identity import account_log, administering
from app.identity import service as identity
from app.identity.account_models import AccountChange
from app.identity.actor import AccountKind
from app.identity.administering import Given, Listed
from app.kit import clock
from app.places import service as places

_MOST = 500
_NAMES = {AccountKind.STAFF: ("username", "USERNAME"), AccountKind.TERMINAL: ("client_id", "CLIENT_ID")}
_SECRETS = {AccountKind.STAFF: "password", AccountKind.TERMINAL: "client_secret"}


def opened() -> Parts:
    """The parts of a process on a database that is up to date."""
    return opened_parts(settings())


def give(given: Given, kind: AccountKind, *, as_json: bool) -> None:
    """Show what an account signs in with: on standard output, this once."""
    said = {_NAMES[kind][0]: given.login, _SECRETS[kind]: given.secret}
    if as_json:
        print_json(said)
        return
    for name, value in said.items():
        click.echo(f"{name} {value}")
    console.print("It is shown this once: only its hash is kept.", style="yellow")


def add_common(group: click.Group, kind: AccountKind) -> None:
    """The commands that are the same for both kinds of accounts."""
    metavar = _NAMES[kind][1]

    @group.command("list")
    @as_json_option
    def list_accounts(as_json: bool) -> None:
        """List the accounts, what they may do where, and which are disabled."""
        parts = opened()
        rows = read(parts.database, lambda session: _rows(session, kind))
        if as_json:
            print_json({"accounts": rows})
        else:
            show(_table(rows, metavar))

    @group.command("disable")
    @click.argument("login", metavar=metavar)
    @by_option
    def disable(login: str, by: str) -> None:
        """Let it do nothing from now on; what is signed in ends at once."""
        _change(lambda session: administering.disable(session, kind, login, by=by), "disabled")

    @group.command("enable")
    @click.argument("login", metavar=metavar)
    @by_option
    def enable(login: str, by: str) -> None:
        """Let it sign in again, with the secret it had."""
        _change(lambda session: administering.enable(session, kind, login, by=by), "enabled")

    @group.command("log")
    @click.option("--of", "login", metavar=metavar, help="Only what was done with this one.")
    @click.option("--limit", type=click.IntRange(1, _MOST), default=50, show_default=True)
    @click.option("--cursor", help="Go on where the last page ended; it says with what.")
    @as_json_option
    def log(login: str | None, limit: int, cursor: str | None, as_json: bool) -> None:
        """List who did what with the accounts, the latest first."""
        parts = opened()

        def find(session: Session) -> tuple[list[dict[str, Any]], str | None]:
            account_id = None if login is None else administering.account_of(session, kind, login)
            found = account_log.page(session, kind, account_id=account_id, cursor=cursor, limit=limit)
            logins = {one.account_id: one.login for one in administering.listed(session, kind)}
            return [_logged(row, logins.get(row.account_id, "")) for row in found.items], found.next_cursor

        rows, following = read(parts.database, find)
        if as_json:
            print_json({"changes": rows, "next_cursor": following})
            return
        show(_log_table(rows, metavar))
        if following:
            console.print(f"There are older ones: --cursor {following}", markup=False, soft_wrap=True)


def _change(work: Callable[[Session], bool], done: str) -> None:
    is_new = write(opened().database, work)
    console.print(f"It is {done} now." if is_new else f"It was {done} already.")


def _rows(session: Session, kind: AccountKind) -> list[dict[str, Any]]:
    found = administering.listed(session, kind)
    wanted = {held.institution_id for one in found for held in one.held if held.institution_id is not None}
    institutions = places.institutions_by_ids(session, wanted)
    names = identity.display_names_of_accounts(session, [one.account_id for one in found])
    return [
        {
            _NAMES[kind][0]: one.login,
            "name": names.get(one.account_id, ""),
            "roles": [_held(one, number, institutions) for number in range(len(one.held))],
            "since": _time(one.created_at),
            "disabled_at": None if one.disabled_at is None else _time(one.disabled_at),
        }
        for one in found
    ]


def _held(one: Listed, number: int, institutions: Mapping[Any, places.Institution]) -> dict[str, str | None]:
    held = one.held[number]
    institution = institutions.get(held.institution_id)
    return {
        "role": held.role.value,
        "at": held.organisation_name,
        "region": held.region_code,
        "institution": None if institution is None else institution.code,
    }


def _logged(row: AccountChange, login: str) -> dict[str, Any]:
    by = account_log.author(row)
    return {
        "at": _time(row.at),
        "account": login,
        "what": row.what.value,
        "said": row.said,
        "by": by,
        "is_whole": by is not None,
    }


def _time(moment: Any) -> str:
    return str(moment.astimezone(clock.CHINA).isoformat(timespec="seconds"))


def _table(rows: Sequence[Mapping[str, Any]], metavar: str) -> Table:
    table = Table(metavar.lower(), "name", "roles", "since", "disabled")
    for row in rows:
        login, name, roles, since, disabled_at = row.values()
        words = "\n".join(
            f"{one['role']} @ {one['institution'] or one['region']} {one['at']}" for one in roles
        )
        table.add_row(login, name, words, since[:10], (disabled_at or "")[:10])
    return table


def _log_table(rows: Sequence[Mapping[str, Any]], metavar: str) -> Table:
    table = Table("when", metavar.lower(), "what", "by")
    for row in rows:
        what = row["what"].replace("_", " ") + "".join(f"\n{role}" for role in row["said"].get("roles", ()))
        table.add_row(row["at"][:16].replace("T", " "), row["account"], what, row["by"] or "EDITED")
    return table
