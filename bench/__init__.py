"""Speed, measured: ``python -m bench`` (``make bench``). docs/measurements.md says how and holds figures.

The same SQL that a call executes is replayed by pgbench on the same PostgreSQL in the same run, so the figure that
counts is a ratio, which a slower or busier machine changes little. Absolute figures stand beside it.
"""
