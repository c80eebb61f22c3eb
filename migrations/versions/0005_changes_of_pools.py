"""changes of the pools of experts

Revision: 0005
Follows: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('expert_pool_change',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('account_id', sa.Uuid(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Uuid(), nullable=False),
    sa.Column('moved_from_id', sa.Uuid(), nullable=True),
    sa.Column('what', sa.String(length=16), nullable=False),
    sa.Column('before', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('after', sa.JSON(), nullable=False),
    sa.Column('by_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seal', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_expert_pool_change_account_id_account'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['moved_from_id'], ['organisation.id'], name=op.f('fk_expert_pool_change_moved_from_id_organisation'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_expert_pool_change_organisation_id_organisation'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_expert_pool_change'))
    )
    op.create_index('ix_expert_pool_change_moved_from_id_id', 'expert_pool_change', ['moved_from_id', 'id'], unique=False)
    op.create_index('ix_expert_pool_change_organisation_id_id', 'expert_pool_change', ['organisation_id', 'id'], unique=False)
    op.create_index('uq_expert_pool_change_account_id_seq', 'expert_pool_change', ['account_id', 'seq'], unique=True)


def downgrade() -> None:
    op.drop_index('uq_expert_pool_change_account_id_seq', table_name='expert_pool_change')
    op.drop_index('ix_expert_pool_change_organisation_id_id', table_name='expert_pool_change')
    op.drop_index('ix_expert_pool_change_moved_from_id_id', table_name='expert_pool_change')
    op.drop_table('expert_pool_change')
