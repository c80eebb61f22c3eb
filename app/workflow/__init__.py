"""The case engine's heart: a workflow is a table, and ``apply`` is the only way through it. Pure Python."""
