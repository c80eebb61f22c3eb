"""Only the ledger writes its tables, and what it wrote it never changes: an account's balance alone moves."""

from tests.structure.sources import Source, calls, dotted, python_files

TABLES = frozenset({"LedgerTransaction", "LedgerEntry", "PersonalAccount"})
ALIASES = frozenset({"_TRANSACTION", "_ENTRY", "_ACCOUNT"})
"""What the ledger calls the tables themselves."""
WRITING = frozenset({"insert", "insert_if_absent", "insert_absent"})
CHANGING = frozenset({"update", "delete"})
APP = python_files("app")


def named(source: Source, verbs: frozenset[str], targets: frozenset[str]) -> list[str]:
    return [
        f"{source.where(call)} {name}"
        for call, name in calls(source)
        if name.split(".")[-1] in verbs and targets & {dotted(one).split(".")[-1] for one in call.args}
    ]


def test_only_the_ledger_writes_the_ledger() -> None:
    found = []
    for source in APP:
        if source.inside("app/ledger/"):
            continue
        found += named(source, WRITING | CHANGING, TABLES)
        found += [source.where(call) for call, name in calls(source) if name.split(".")[-1] in TABLES]
    assert found == []


def test_the_ledger_changes_nothing_but_balances() -> None:
    changed = [
        one
        for source in APP
        if source.inside("app/ledger/")
        for one in named(source, CHANGING, TABLES | ALIASES)
    ]
    assert len(changed) == 1, changed
    assert changed[0].startswith("app/ledger/posting.py")


def test_the_statements_that_write_are_found() -> None:
    """The rules above would hold for an empty list too."""
    written = [
        one
        for source in APP
        if source.inside("app/ledger/")
        for one in named(source, WRITING, TABLES | ALIASES)
    ]
    assert len(written) == 3, written
