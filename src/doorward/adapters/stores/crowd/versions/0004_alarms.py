"""Alarms."""

import sqlalchemy as sa
from alembic import op

revision = "0004_alarms"
down_revision = "0003_disclosure"


def upgrade() -> None:
    op.create_table(
        "alarms",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("scene", sa.Text, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("raised_at", sa.Integer, nullable=False),
        sa.Column("acknowledged_at", sa.Integer),
        sa.Column("acknowledged_by", sa.Text),
        sa.Column("handed_over_at", sa.Integer),
        sa.Column("ended_at", sa.Integer),
    )
