"""``zhangban keys``: the keys that wrap and seal personal data."""

import click

from app.commands.common import console, fail, need_migrated, settings
from app.kit import sealing
from app.kit.crypto import MasterKeyError, Suite, new_master_key, parse_master_keys
from app.kit.db import Database
from app.vouchers.codes import LAST_KEY_VERSION


@click.group()
def keys() -> None:
    """Make and change the keys of personal data at rest."""


@keys.command()
@click.argument("version")
def new(version: str) -> None:
    """Print a new master key for ZHANGBAN_MASTER_KEYS, such as “v2”. Keep it apart from the database."""
    click.echo(new_master_key(version))


@keys.command()
def rewrap() -> None:
    """After a master key was appended: wrap all keys with it. Then the older one can go from the settings."""
    found = settings()
    need_migrated(found)
    database = Database(found.effective_database_url)
    try:
        master = parse_master_keys(found.master_keys, Suite(found.crypto_suite))
        count = database.run(lambda session: sealing.rewrap_keys(session, master))
    except MasterKeyError as error:
        fail(f"ZHANGBAN_MASTER_KEYS: {error}", 1)
    console.print(f"{count} keys are wrapped by master key {master.version} now.")


@keys.command("new-data-key")
def new_data_key() -> None:
    """Begin a new data key. Restart all processes then: they seal with it, and still open what is older."""
    found = settings()
    need_migrated(found)
    database = Database(found.effective_database_url)
    suite = Suite(found.crypto_suite)
    master = parse_master_keys(found.master_keys, suite)
    number = database.run(lambda session: sealing.add_data_key(session, master, suite))
    console.print(f"Data key {number} is there. Restart web processes and workers at the same time.")


@keys.command("new-voucher-key")
def new_voucher_key() -> None:
    """Begin a new key of voucher codes. Processes notice it by themselves, and make codes with it a few minutes later;
    those of the key before are taken for some days more."""
    found = settings()
    need_migrated(found)
    database = Database(found.effective_database_url)
    suite = Suite(found.crypto_suite)
    master = parse_master_keys(found.master_keys, suite)
    number = database.run(
        lambda session: sealing.add_voucher_key(session, master, suite, last=LAST_KEY_VERSION)
    )
    if number is None:
        fail(f"There are {LAST_KEY_VERSION} voucher keys, and a code has no room for more.", 1)
    console.print(f"Voucher key {number:02d} is there. No process has to be restarted.")


@keys.command("retire-voucher-key")
@click.argument("number", type=int)
def retire_voucher_key(number: int) -> None:
    """When the key NUMBER leaked: take no code that it made any more, within a minute. Begin a new key first.

    Phones without signal show codes that are refused, until they are online again.
    """
    found = settings()
    need_migrated(found)
    database = Database(found.effective_database_url)
    if not database.run(lambda session: sealing.retire_voucher_key(session, number)):
        fail(
            f"Voucher key {number:02d} is not there, or is the newest: run zhangban keys new-voucher-key first.",
            1,
        )
    console.print(f"Voucher key {number:02d} counts for nothing within a minute, in every process.")
