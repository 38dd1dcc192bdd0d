"""The erasure ledger."""

import sqlalchemy as sa
from alembic import op

from doorward.adapters.stores.column_types import TEXT

revision = "0003_erasure_ledger"
down_revision = "0002_audit_log"


def upgrade() -> None:
    op.create_table(
        "erasure_ledger",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("person", TEXT, unique=True, nullable=False),
        sa.Column("erased_at", TEXT, nullable=False),
        sa.Column("head", TEXT, nullable=False),
        sa.Column("public_key", TEXT, nullable=False),
        sa.Column("signature", TEXT, nullable=False),
    )
