"""Periodic work: codes that paid long ago are forgotten."""

from datetime import timedelta
from typing import Final

from app.kit import clock
from app.kit.db import Database
from app.vouchers import queries

KEEP_USES: Final = timedelta(days=800)
"""Ours. That a code pays once needs an hour: an older one is unknown by itself. But only its use tells which phone paid for
a bill, and whoever looks into a voucher that was misused asks for two years (行政处罚法 第三十六条), and begins late."""
BATCH: Final = 500


def forget_old_uses(database: Database) -> int:
    """Delete what KEEP_USES is over for, in small transactions. Returns how many."""
    before = clock.now() - KEEP_USES
    deleted = 0
    while found := database.run(lambda session: queries.delete_uses(session, before, BATCH)):
        deleted += found
    return deleted
