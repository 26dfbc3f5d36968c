"""Service and reminders: teams, visits, demands, due rows; what the ladder keeps of earlier knowledge

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op
from app.infra.db import ExactDecimal, JsonText, UtcDateTime

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('holiday_day',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('city_id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('worked', sa.Boolean(), nullable=False),
    sa.Column('listed', sa.Boolean(), nullable=False),
    sa.Column('label', sa.String(length=60), nullable=False),
    sa.Column('document', sa.String(length=120), nullable=True),
    sa.Column('recorded_at', UtcDateTime(), nullable=False),
    sa.Column('recorded_by', sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_holiday_day')),
    sa.UniqueConstraint('city_id', 'day', name=op.f('uq_holiday_day_city_id_day'))
    )


def downgrade() -> None:
    op.drop_table('holiday_day')
