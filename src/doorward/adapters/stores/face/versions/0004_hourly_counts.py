"""How many passages an hour had at each checkpoint."""

import sqlalchemy as sa
from alembic import op

from doorward.adapters.stores.column_types import TEXT

revision = "0004_hourly_counts"
down_revision = "0003_erasure_ledger"


def upgrade() -> None:
    op.create_table(
        "hourly_counts",
        sa.Column("tag", TEXT, primary_key=True),
        sa.Column("hour", TEXT, nullable=False, index=True),
        sa.Column("record", sa.LargeBinary, nullable=False),
    )
