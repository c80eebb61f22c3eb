"""The ``zhangban`` command."""

import click

from app.commands.audit import audit
from app.commands.chronic import chronic
from app.commands.chronic_expert_log import log
from app.commands.chronic_experts import experts, leave
from app.commands.chronic_visits import import_visits, screen
from app.commands.common import Commands
from app.commands.db import db
from app.commands.demo import demo
from app.commands.docs import docs
from app.commands.doctor import doctor
from app.commands.keys import keys
from app.commands.ledger import ledger
from app.commands.openapi import openapi
from app.commands.serve import serve
from app.commands.staff import staff
from app.commands.terminal import terminal
from app.commands.worker import worker


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="zhangban")
def main() -> None:
    """掌上办: medical insurance handled on a phone. Settings come from ZHANGBAN_* variables (docs/operations.md)."""


for command in (
    serve,
    db,
    worker,
    audit,
    doctor,
    keys,
    openapi,
    docs,
    demo,
    chronic,
    ledger,
    staff,
    terminal,
):
    main.add_command(command)
for command in (import_visits, screen, experts, leave):
    chronic.add_command(command)
experts.add_command(log)

if __name__ == "__main__":
    main()
