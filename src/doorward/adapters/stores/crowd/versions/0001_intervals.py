"""Minute aggregates of scenes."""

import sqlalchemy as sa
from alembic import op

from doorward.adapters.stores.column_types import LONG, TEXT

revision = "0001_intervals"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "scenes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", TEXT, nullable=False, unique=True),
    )
    op.create_table(
        "intervals",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("scene", sa.Integer, sa.ForeignKey("scenes.id"), nullable=False),
        sa.Column("start", LONG, nullable=False),
        sa.Column("coverage", sa.Float, nullable=False),
        sa.Column("method", sa.Text, nullable=False),
    )
    op.create_index("ix_intervals_scene_start", "intervals", ["scene", "start"])
    op.create_table(
        "line_counts",
        sa.Column("interval", sa.Integer, sa.ForeignKey("intervals.id"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("line", sa.Text, nullable=False),
        sa.Column("inward", sa.Integer),
        sa.Column("outward", sa.Integer),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "zone_occupancies",
        sa.Column("interval", sa.Integer, sa.ForeignKey("intervals.id"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("mean", sa.Float),
        sa.Column("least", sa.Integer),
        sa.Column("most", sa.Integer),
        sa.Column("p95", sa.Integer),
        sqlite_with_rowid=False,
    )
