"""What an audit of experts and draws finds."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """Something that does not fit. ``row``: the id of the row that shows it, of ``table``."""

    table: str
    row: str
    what: str
