"""States, the site key that wraps each key, and the index key that made each tag. What is there is version 1."""

import sqlalchemy as sa
from alembic import op

revision = "0002_versions"
down_revision = "0001_keys"


def upgrade() -> None:
    op.add_column("keys", sa.Column("state", sa.Text, nullable=False, server_default="active"))
    op.add_column("keys", sa.Column("wrapped_by", sa.Integer, nullable=False, server_default="1"))
    op.execute("UPDATE keys SET wrapped_by = 0 WHERE kind = 'site'")
    op.create_index("ix_keys_wrapped_by", "keys", ["wrapped_by"])
    op.add_column("blind_index", sa.Column("version", sa.Integer, nullable=False, server_default="1"))
