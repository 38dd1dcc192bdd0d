"""Keys and the blind index."""

import sqlalchemy as sa
from alembic import op

revision = "0001_keys"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "keys",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("kind", "owner", "version"),
    )
    op.create_table(
        "blind_index",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("tag", sa.LargeBinary, primary_key=True),
        sa.Column("person", sa.Text, nullable=False),
    )
    op.create_index("ix_blind_index_person", "blind_index", ["person"])
