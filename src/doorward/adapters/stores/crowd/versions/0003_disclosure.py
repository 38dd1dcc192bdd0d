"""Counts that may be published, and the ledger of what was. Earlier quarters have none, and stay unpublished."""

import sqlalchemy as sa
from alembic import op

revision = "0003_disclosure"
down_revision = "0002_measures"


def upgrade() -> None:
    op.create_table(
        "bounded_counts",
        sa.Column("interval", sa.Integer, sa.ForeignKey("intervals.id"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("metric", sa.Text, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("way", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "releases",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("scene", sa.Text, nullable=False),
        sa.Column("metric", sa.Text, nullable=False),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("seconds", sa.Integer, nullable=False),
        sa.Column("epsilon", sa.Integer, nullable=False),
        sa.Column("coverage", sa.Integer, nullable=False),
        sa.UniqueConstraint("scene", "metric", "seconds", "start"),
    )
    op.create_table(
        "released_counts",
        sa.Column("release", sa.Integer, sa.ForeignKey("releases.id"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("way", sa.Text, nullable=False),
        sa.Column("noised", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
