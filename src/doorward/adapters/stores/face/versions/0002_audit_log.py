"""The audit log's tree: commitments, nodes, head and checkpoints."""

import sqlalchemy as sa
from alembic import op

from doorward.adapters.stores.column_types import TEXT

revision = "0002_audit_log"
down_revision = "0001_people"


def upgrade() -> None:
    op.add_column("audit_entries", sa.Column("commitments", sa.LargeBinary))
    op.create_table(
        "audit_nodes",
        sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("root", sa.LargeBinary, nullable=False),
        sa.Column("peaks", sa.LargeBinary, nullable=False),
        sa.Column("mac", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "audit_checkpoints",
        sa.Column("size", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("note", TEXT, nullable=False),
        sa.Column("handed_over", sa.Integer, nullable=False),
    )
