"""Counts that may be published, and the ledger of what was. Earlier quarters have none, and stay unpublished."""

import sqlalchemy as sa
from alembic import op

from doorward.adapters.stores.column_types import LONG, TEXT

revision = "0003_disclosure"
down_revision = "0002_measures"


def upgrade() -> None:
    op.create_table(
        "bounded_counts",
        sa.Column("interval", sa.Integer, sa.ForeignKey("intervals.id"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("metric", TEXT, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("way", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "releases",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("scene", TEXT, nullable=False),
        sa.Column("metric", TEXT, nullable=False),
        sa.Column("start", LONG, nullable=False),
        sa.Column("seconds", sa.Integer, nullable=False),
        sa.Column("epsilon", LONG, nullable=False),
        sa.Column("coverage", LONG, nullable=False),
        sa.UniqueConstraint("scene", "metric", "seconds", "start"),
    )
    op.create_table(
        "released_counts",
        sa.Column("release", sa.Integer, sa.ForeignKey("releases.id"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("way", sa.Text, nullable=False),
        sa.Column("noised", LONG, nullable=False),
        sqlite_with_rowid=False,
    )
