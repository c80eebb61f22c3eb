"""Bills that were settled, the numbers that are used once, and what a year has used.

Revision: 0008
Follows: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('settlement_claim',
    sa.Column('institution_id', sa.Uuid(), nullable=False),
    sa.Column('claim', sa.String(length=66), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('settlement_id', sa.Uuid(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('institution_id', 'claim', name=op.f('pk_settlement_claim'))
    )
    op.create_table('accumulator',
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('year', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('counted_fen', sa.BigInteger(), nullable=False),
    sa.Column('deductible_fen', sa.BigInteger(), nullable=False),
    sa.Column('fund_fen', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('counted_fen >= 0', name=op.f('ck_accumulator_counted_not_negative')),
    sa.CheckConstraint('deductible_fen >= 0', name=op.f('ck_accumulator_deductible_not_negative')),
    sa.CheckConstraint('fund_fen >= 0', name=op.f('ck_accumulator_fund_not_negative')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_accumulator_person_id_person'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('person_id', 'year', 'key', name=op.f('pk_accumulator'))
    )
    op.create_table('settlement',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('coverage_id', sa.Uuid(), nullable=False),
    sa.Column('insutype', sa.String(length=6), nullable=False),
    sa.Column('insu_admdvs', sa.String(length=12), nullable=False),
    sa.Column('institution_id', sa.Uuid(), nullable=False),
    sa.Column('account_id', sa.Uuid(), nullable=False),
    sa.Column('mdtrt_id', sa.String(length=30), nullable=False),
    sa.Column('chrg_bchno', sa.String(length=30), nullable=False),
    sa.Column('msgid', sa.String(length=64), nullable=False),
    sa.Column('answered_msgid', sa.String(length=64), nullable=False),
    sa.Column('request_hash', sa.String(length=64), nullable=False),
    sa.Column('med_type', sa.String(length=6), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('medfee_fen', sa.BigInteger(), nullable=False),
    sa.Column('fulamt_ownpay_fen', sa.BigInteger(), nullable=False),
    sa.Column('overlmt_selfpay_fen', sa.BigInteger(), nullable=False),
    sa.Column('preselfpay_fen', sa.BigInteger(), nullable=False),
    sa.Column('inscp_scp_fen', sa.BigInteger(), nullable=False),
    sa.Column('act_pay_dedc_fen', sa.BigInteger(), nullable=False),
    sa.Column('fund_pay_fen', sa.BigInteger(), nullable=False),
    sa.Column('relief_fen', sa.BigInteger(), nullable=False),
    sa.Column('acct_pay_fen', sa.BigInteger(), nullable=False),
    sa.Column('acct_mulaid_pay_fen', sa.BigInteger(), nullable=False),
    sa.Column('psn_cash_pay_fen', sa.BigInteger(), nullable=False),
    sa.Column('balance_fen', sa.BigInteger(), nullable=True),
    sa.Column('pack_id', sa.String(length=40), nullable=True),
    sa.Column('benefit_id', sa.String(length=64), nullable=True),
    sa.Column('detail_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('settled_on', sa.Date(), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_on', sa.Date(), nullable=True),
    sa.Column('seal', sa.String(length=64), nullable=False),
    sa.CheckConstraint('medfee_fen = fund_pay_fen + acct_pay_fen + acct_mulaid_pay_fen + psn_cash_pay_fen', name=op.f('ck_settlement_adds_up')),
    sa.CheckConstraint('relief_fen >= 0 AND relief_fen <= fund_pay_fen', name=op.f('ck_settlement_relief_is_part_of_fund_pay')),
    sa.ForeignKeyConstraint(['coverage_id'], ['coverage.id'], name=op.f('fk_settlement_coverage_id_coverage'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_settlement_person_id_person'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_settlement'))
    )
    with op.batch_alter_table('settlement', schema=None) as batch_op:
        batch_op.create_index('ix_settlement_institution_id_settled_on_id', ['institution_id', 'settled_on', 'id'], unique=False)
        batch_op.create_index('ix_settlement_person_id_id', ['person_id', 'id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('settlement', schema=None) as batch_op:
        batch_op.drop_index('ix_settlement_person_id_id')
        batch_op.drop_index('ix_settlement_institution_id_settled_on_id')

    op.drop_table('settlement')
    op.drop_table('accumulator')
    op.drop_table('settlement_claim')
