"""``zhangban terminal``: the accounts of hospitals' and pharmacies' systems."""

import secrets

import click
from sqlalchemy.orm import Session

from app.commands.accounts import add_common, give, opened
from app.commands.acting import as_json_option, by_option, write
from app.identity import administering
from app.identity.actor import AccountKind, OrganisationKind
from app.identity.administering import Given, Place
from app.kit.errors import invalid
from app.kit.text import Text
from app.places import service as places

_NO_INSTITUTION = Text("没有这家定点医药机构。", "No institution of the list has this code.")


@click.group()
def terminal() -> None:
    """Systems of hospitals and pharmacies that scan voucher codes and settle bills. All that is done here is logged."""


add_common(terminal, AccountKind.TERMINAL)


@terminal.command()
@click.argument("code")
@click.option("--client-id", help="The name that it signs in by; without it one is made of the code.")
@by_option
@as_json_option
def add(code: str, client_id: str | None, by: str, as_json: bool) -> None:
    """Enter a system of the institution CODE (fixmedins_code); its secret is printed once."""
    parts = opened()
    name = client_id or f"{code.lower()}-{secrets.token_hex(3)}"

    def enter(session: Session) -> Given:
        institution = places.institution_by_code(session, code.upper())
        if institution is None:
            raise invalid({"institution": [_NO_INSTITUTION]})
        place = Place(OrganisationKind.INSTITUTION, institution.region_code, institution.name, institution.id)
        return administering.add_terminal(session, parts.passwords, place, name, by=by)

    give(write(parts.database, enter), AccountKind.TERMINAL, as_json=as_json)


@terminal.command()
@click.argument("client_id", metavar="CLIENT_ID")
@click.option("--leaked", is_flag=True, help="End what is signed in with the old secret, too.")
@by_option
@as_json_option
def rotate(client_id: str, leaked: bool, by: str, as_json: bool) -> None:
    """Give it a new secret, printed once; the old one signs in no more.

    What is signed in goes on until its token ends, half an hour at most: time to enter the new secret.
    """
    parts = opened()

    def change(session: Session) -> Given:
        return administering.change_secret(
            session, parts.passwords, AccountKind.TERMINAL, client_id, end_sign_ins=leaked, by=by
        )

    give(write(parts.database, change), AccountKind.TERMINAL, as_json=as_json)
