"""Who looked at exact figures."""

import sqlalchemy as sa
from alembic import op

from doorward.adapters.stores.column_types import LONG, TEXT

revision = "0005_looks"
down_revision = "0004_alarms"


def upgrade() -> None:
    op.create_table(
        "looks",
        sa.Column("hour", LONG, primary_key=True),
        sa.Column("who", TEXT, primary_key=True),
        sa.Column("looked_at", TEXT, primary_key=True),
        sa.Column("scene", TEXT, primary_key=True),
        sa.Column("times", LONG, nullable=False),
    )
