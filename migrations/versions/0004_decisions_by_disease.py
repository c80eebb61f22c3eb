"""decisions by disease, changes of institutions

Revision: 0004
Follows: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not in batch mode: SQLite adds and drops such columns by itself, without copying the tables.
    op.add_column('chronic_entitlement', sa.Column('institutions_changed_before', sa.JSON(none_as_null=True), nullable=True))
    op.add_column('chronic_item', sa.Column('reason_sealed', sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column('chronic_item', 'reason_sealed')
    op.drop_column('chronic_entitlement', 'institutions_changed_before')
