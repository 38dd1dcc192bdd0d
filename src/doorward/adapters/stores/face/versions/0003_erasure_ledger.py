"""The erasure ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0003_erasure_ledger"
down_revision = "0002_audit_log"


def upgrade() -> None:
    op.create_table(
        "erasure_ledger",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("person", sa.Text, unique=True, nullable=False),
        sa.Column("erased_at", sa.Text, nullable=False),
        sa.Column("head", sa.Text, nullable=False),
        sa.Column("public_key", sa.Text, nullable=False),
        sa.Column("signature", sa.Text, nullable=False),
    )
