"""``zhangban staff``: the accounts of those who work at agencies, at institutions' desks and in pools of experts."""

from collections.abc import Sequence

import click
from sqlalchemy.orm import Session

from app.commands.accounts import add_common, give, opened
from app.commands.acting import as_json_option, by_option, write
from app.commands.common import fail
from app.identity import administering, queries, register
from app.identity.actor import STAFF_ROLES, AccountKind, OrganisationKind, Role
from app.identity.administering import Given, Place
from app.identity.id_numbers import BadNumber
from app.identity.models import Person
from app.identity.names import BadName, same_name, tidy_name
from app.identity.service import tidy_number
from app.kit.errors import invalid
from app.kit.text import Text
from app.places import service as places

_NO_INSTITUTION = Text("没有这家定点医药机构。", "No institution of the list has this code.")
_NO_REGION = Text("没有这个行政区划代码。", "There is no such region.")
_OTHER_NAME = Text("登记簿里这个号码是另一个姓名。", "The register has another name for this ID number.")


@click.group()
def staff() -> None:
    """Accounts of staff. All that is done here is logged."""


add_common(staff, AccountKind.STAFF)


@staff.command()
@click.argument("username")
@click.option(
    "--role",
    "roles",
    type=click.Choice(sorted(role.value for role in STAFF_ROLES)),
    multiple=True,
    required=True,
    help="One or more.",
)
@click.option("--name", required=True, help="The person's name, as on the ID card.")
@click.option("--agency", metavar="REGION", help="Held at the agency of this region …")
@click.option("--institution", metavar="CODE", help="… or at the desk of this institution …")
@click.option("--pool", metavar="REGION", help="… or in the pool of experts of this region.")
@click.option("--place-name", help="What the agency or pool is called, if it is not there yet.")
@by_option
@as_json_option
def add(
    username: str,
    roles: tuple[str, ...],
    name: str,
    agency: str | None,
    institution: str | None,
    pool: str | None,
    place_name: str | None,
    by: str,
    as_json: bool,
) -> None:
    """Enter the account USERNAME; its password is printed once.

    The person's ID number is asked for, so that it stands in no history of commands. It is needed, because nobody decides
    on the own case or a relative's.
    """
    if sum(one is not None for one in (agency, institution, pool)) != 1:
        fail("Say where the role is held: one of --agency, --institution and --pool.")
    if (Role.EXPERT.value in roles) != (pool is not None) or (institution and set(roles) != {Role.HANDLER}):
        fail("Experts are in a pool and nobody else; at an institution's desk there are handlers.")
    id_no = click.prompt("ID number", hide_input=True, err=True)
    parts = opened()

    def enter(session: Session) -> Given:
        person = _person(session, name, id_no)
        place = _place(session, agency, institution, pool, place_name)
        held: Sequence[Role] = [Role(one) for one in roles]
        return administering.add_staff(session, parts.passwords, person, username, held, place, by=by)

    give(write(parts.database, enter), AccountKind.STAFF, as_json=as_json)


@staff.command("reset-password")
@click.argument("username")
@by_option
@as_json_option
def reset_password(username: str, by: str, as_json: bool) -> None:
    """Give a new password, printed once; whatever is signed in with the old one ends."""
    parts = opened()

    def change(session: Session) -> Given:
        return administering.change_secret(
            session, parts.passwords, AccountKind.STAFF, username, end_sign_ins=True, by=by
        )

    give(write(parts.database, change), AccountKind.STAFF, as_json=as_json)


def _person(session: Session, name: str, id_no: str) -> Person:
    """The person of the register; entered if nobody has the number."""
    try:
        number, tidy = tidy_number(id_no), tidy_name(name)
    except BadNumber:
        fail("The ID number is not right.")
    except BadName:
        fail("--name is no name.")
    found = queries.person_by_id_no(session, number)
    if found is None:
        return register.add_person(session, name=tidy, id_no=number)
    if found.name is None or not same_name(tidy, found.name):
        raise invalid({"name": [_OTHER_NAME]})
    return found


def _place(
    session: Session, agency: str | None, institution: str | None, pool: str | None, name: str | None
) -> Place:
    if institution is not None:
        found = places.institution_by_code(session, institution.upper())
        if found is None:
            raise invalid({"institution": [_NO_INSTITUTION]})
        return Place(OrganisationKind.INSTITUTION, found.region_code, found.name, found.id)
    field, kind, region = (
        ("agency", OrganisationKind.AGENCY, agency)
        if agency is not None
        else ("pool", OrganisationKind.EXPERT_POOL, pool)
    )
    if region is None or not places.exists(region):
        raise invalid({field: [_NO_REGION]})
    return Place(kind, region, name)
