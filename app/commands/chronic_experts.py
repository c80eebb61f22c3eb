"""``zhangban chronic experts`` and ``leave``: who can be drawn, for the supervisor of a county's pool."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import click
from rich.table import Table
from sqlalchemy.orm import Session

from app.commands.acting import as_json_option, by_option, read, show, write
from app.commands.chronic_pool import days, opened, pool_option
from app.commands.common import console, fail, print_json
from app.identity import service as identity
from app.services.chronic_disease import draw_audit, expert_pool
from app.services.chronic_disease import leave as leaves
from app.services.chronic_disease.expert_pool import Listed, Readiness, Said
from app.services.chronic_disease.experts import LOAD_DAYS
from app.services.chronic_disease.models import ExpertLeave, ExpertProfile

Command = Callable[..., None]
_READINESS = {
    Readiness.READY: "can be drawn",
    Readiness.FULL: "full today",
    Readiness.ON_LEAVE: "on leave",
    Readiness.NO_PROFILE: "NOT ENTERED: experts add",
    Readiness.LEFT: "has left",
}


@click.group()
def experts() -> None:
    """Who is in the pools of experts, and what the draw must know of them. Names are masked."""


@click.group()
def leave() -> None:
    """Days on which experts are not drawn. Cases that they have already stay with them until the deadline."""


@experts.command("list")
@pool_option
@as_json_option
def list_experts(pool: str | None, as_json: bool) -> None:
    """List who is in the pools, how often each was drawn, and who cannot be drawn now."""
    database, today = opened()

    def find(session: Session) -> list[tuple[str, list[Listed]]]:
        pools = draw_audit.pools(session, pool)
        names = identity.organisation_names(session, pools)
        return [(names[one], expert_pool.listed(session, one, today)) for one in pools]

    found = read(database, find)
    if as_json:
        shown = [{"pool": name, "experts": [*map(_listed_as_json, rows)]} for name, rows in found]
        print_json({"day": today, "pools": shown})
        return
    for name, rows in found:
        show(_table(name, rows))


def _described(command: Command) -> Command:
    """The options that describe an expert."""
    for option in reversed(
        (
            click.option(
                "--specialty", "specialties", multiple=True, help="Such as 心血管内科; give one or more."
            ),
            click.option("--hospital", help="Its full name: nobody judges the own hospital's patients."),
            click.option("--title", help="Such as 主任医师."),
            click.option("--daily-limit", type=int, help="The most cases a day."),
        )
    ):
        command = option(command)
    return command


@experts.command("add")
@click.argument("username")
@_described
@click.option("--pool", metavar="REGION", help="Which pool, by its region, for an expert of several.")
@by_option
@as_json_option
def add_expert(username: str, pool: str | None, by: str, as_json: bool, **said: Any) -> None:
    """Enter the staff account USERNAME, which holds the role of expert, with what the draw must know."""
    _keep(as_json, lambda session: expert_pool.enter(session, username, Said(pool=pool, **said), by=by))


@experts.command("change")
@click.argument("username")
@_described
@click.option("--no-daily-limit", "no_limit", is_flag=True, help="Any number of cases a day.")
@click.option("--pool", metavar="REGION", help="Move to this region's pool, where the role is held now.")
@by_option
@as_json_option
def change_expert(username: str, by: str, as_json: bool, **said: Any) -> None:
    """Change what is given and leave the rest; specialties are replaced as a whole. It counts from the next draw on."""
    if not any(value not in (None, (), False) for value in said.values()):
        fail(
            "Say what to change: --specialty, --hospital, --title, --daily-limit, --no-daily-limit or --pool."
        )
    _keep(as_json, lambda session: expert_pool.change(session, username, Said(**said), by=by))


@leave.command("list")
@pool_option
@as_json_option
def list_leave(pool: str | None, as_json: bool) -> None:
    """List the leave that is not over, the next one first."""
    database, today = opened()

    def find(session: Session) -> list[dict[str, Any]]:
        accounts = {
            one
            for pool_id in draw_audit.pools(session, pool)
            for one in identity.experts_at(session, pool_id)
        }
        return _leave_as_json(session, leaves.coming(session, accounts, today))

    found = read(database, find)
    if as_json:
        print_json({"day": today, "leave": found})
        return
    table = Table("user name", "name", "from", "to")
    for one in found:
        table.add_row(one["username"], one["name"], str(one["begins_on"]), str(one["ends_on"]))
    show(table)


@leave.command("add")
@click.argument("username")
@click.option("--from", "begins", metavar="DAY", help="The first day, 2026-03-31; today if left out.")
@click.option("--to", "ends", metavar="DAY", required=True, help="The last day.")
@by_option
@as_json_option
def add_leave(username: str, begins: str | None, ends: str, by: str, as_json: bool) -> None:
    """Enter leave of the expert USERNAME, both days included. With leave that it overlaps it becomes one."""
    database, today = opened()
    first, last = days({"--from": begins or str(today), "--to": ends})
    [kept] = write(
        database,
        lambda session: _leave_as_json(session, [leaves.begin(session, username, first, last, today, by=by)]),
    )
    if as_json:
        print_json(kept)
    else:
        click.echo(
            f"{kept['username']} {kept['name']} is on leave from {kept['begins_on']} to {kept['ends_on']}."
        )


@leave.command("end")
@click.argument("username")
@click.option("--of", "day", metavar="DAY", help="A day of the leave; today if left out.")
@by_option
@as_json_option
def end_leave(username: str, day: str | None, by: str, as_json: bool) -> None:
    """End leave of the expert USERNAME now, or take it out if it has not begun."""
    database, today = opened()
    [chosen] = days({"--of": day or str(today)})

    def work(session: Session) -> list[dict[str, Any]]:
        left = leaves.end(session, username, chosen, today, by=by)
        return [] if left is None else _leave_as_json(session, [left])

    left = write(database, work)
    if as_json:
        print_json({"username": username, "left": left[0] if left else None})
    elif left:
        click.echo(f"The leave of {username} ended on {left[0]['ends_on']}.")
    else:
        click.echo(f"The leave of {username} is taken out.")


def _keep(as_json: bool, work: Callable[[Session], ExpertProfile]) -> None:
    """Do it, and show the expert as he or she is afterwards."""
    database, today = opened()

    def keep(session: Session) -> tuple[str, Listed, bool]:
        kept = work(session)
        pool_id = kept.organisation_id
        rows = expert_pool.listed(session, pool_id, today)
        [one] = [row for row in rows if row.profile is kept]
        listed = expert_pool.is_listed_hospital(session, kept.hospital)
        return identity.organisation_names(session, [pool_id])[pool_id], one, listed

    name, kept, is_known = write(database, keep)
    if as_json:
        print_json({"pool": name, **_listed_as_json(kept), "hospital_is_listed": is_known})
    else:
        show(_table(name, [kept]))
    if not is_known and kept.profile is not None:
        console.print(
            f"No institution of the list is called {kept.profile.hospital}. The draw compares hospitals by name: "
            "check the spelling, or its own patients may come to this expert.",
            style="yellow",
            markup=False,
            soft_wrap=True,
        )


def _table(pool: str, rows: Sequence[Listed]) -> Table:
    table = Table(title=pool)
    for title in ("user name", "name", "specialties", "hospital", "title"):
        table.add_column(title, overflow="fold")
    for title in ("a day", "today", f"{LOAD_DAYS} days"):
        table.add_column(title, justify="right")
    table.add_column("state", overflow="fold")
    for row in rows:
        said = row.profile
        table.add_row(
            row.username,
            row.name,
            "、".join(said.specialties) if said else "",
            said.hospital if said else "",
            said.title if said else "",
            str(said.daily_limit or "any") if said else "",
            str(row.today),
            str(row.load),
            _state(row),
        )
    return table


def _state(row: Listed) -> str:
    words = _READINESS[row.readiness]
    if row.leave is None:
        return words
    if row.readiness is Readiness.ON_LEAVE:
        return f"{words} to {row.leave.ends_on}"
    return f"{words}; leave from {row.leave.begins_on} to {row.leave.ends_on}"


def _listed_as_json(row: Listed) -> dict[str, Any]:
    said = row.profile
    return {
        "username": row.username,
        "name": row.name,
        "state": row.readiness.value,
        "specialties": said.specialties if said else [],
        "hospital": said.hospital if said else None,
        "title": said.title if said else None,
        "daily_limit": said.daily_limit if said else None,
        "drawn_today": row.today,
        f"drawn_in_{LOAD_DAYS}_days": row.load,
        "leave": {"begins_on": row.leave.begins_on, "ends_on": row.leave.ends_on} if row.leave else None,
    }


def _leave_as_json(session: Session, found: Sequence[ExpertLeave]) -> list[dict[str, Any]]:
    accounts: set[UUID] = {one.account_id for one in found}
    usernames = identity.usernames(session, accounts)
    names = identity.display_names_of_accounts(session, accounts)
    return [
        {
            "username": usernames.get(one.account_id, ""),
            "name": names.get(one.account_id, ""),
            "begins_on": one.begins_on,
            "ends_on": one.ends_on,
        }
        for one in found
    ]
