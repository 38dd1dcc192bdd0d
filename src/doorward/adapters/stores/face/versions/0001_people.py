"""People, consents, enrolments, passages, grants and the audit trail."""

import sqlalchemy as sa
from alembic import op

from doorward.adapters.stores.column_types import TEXT
from doorward.adapters.stores.face.postgresql_schema import create_passages, order_of_rows, tell_changes

revision = "0001_people"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "persons",
        sa.Column("id", TEXT, primary_key=True),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("record", sa.LargeBinary, nullable=False),
        *order_of_rows(),
    )
    _of_person("consents")
    _of_person("enrolments", sa.Column("photo", sa.LargeBinary))
    op.create_table(
        "changes",
        sa.Column("person", TEXT, primary_key=True),
        sa.Column("revision", sa.Integer, nullable=False, unique=True),
    )
    op.create_table(
        "erasures",
        sa.Column("person", TEXT, primary_key=True),
        sa.Column("mac", sa.LargeBinary, nullable=False),
        sa.Column("done", sa.Integer, nullable=False),
    )
    create_passages()
    op.create_table(
        "tallies",
        sa.Column("checkpoint", TEXT, primary_key=True),
        sa.Column("counter", TEXT, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
    )
    op.create_table(
        "paces",
        sa.Column("checkpoint", TEXT, primary_key=True),
        sa.Column("minute", TEXT, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
    )
    op.create_table(
        "grants",
        sa.Column("kind", TEXT, primary_key=True),
        sa.Column("id", TEXT, primary_key=True),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("payload", TEXT, nullable=False),
        sa.Column("mac", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "audit_entries",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("id", TEXT, unique=True, nullable=False),
        sa.Column("leaf", sa.LargeBinary, nullable=False),
        sa.Column("tag", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("event", sa.LargeBinary, nullable=False),
        sa.Column("subject", sa.LargeBinary, nullable=False),
        sqlite_autoincrement=True,
    )
    tell_changes()


def _of_person(name: str, *columns: sa.Column[bytes]) -> None:
    op.create_table(
        name,
        sa.Column("order", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("id", TEXT, unique=True, nullable=False),
        sa.Column("person", TEXT, sa.ForeignKey("persons.id", ondelete="CASCADE"), nullable=False, index=True),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("record", sa.LargeBinary, nullable=False),
        *columns,
    )
