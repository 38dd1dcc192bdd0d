"""Alarms."""

import sqlalchemy as sa
from alembic import op

from doorward.adapters.stores.column_types import LONG, TEXT

revision = "0004_alarms"
down_revision = "0003_disclosure"


def upgrade() -> None:
    op.create_table(
        "alarms",
        sa.Column("id", TEXT, primary_key=True),
        sa.Column("scene", TEXT, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("raised_at", LONG, nullable=False),
        sa.Column("acknowledged_at", LONG),
        sa.Column("acknowledged_by", sa.Text),
        sa.Column("handed_over_at", LONG),
        sa.Column("ended_at", LONG),
    )
