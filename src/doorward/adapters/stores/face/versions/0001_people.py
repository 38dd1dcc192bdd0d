"""People, consents, enrolments, passages, grants and the audit trail."""

import sqlalchemy as sa
from alembic import op

revision = "0001_people"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "persons",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("record", sa.LargeBinary, nullable=False),
    )
    _of_person("consents")
    _of_person("enrolments", sa.Column("photo", sa.LargeBinary))
    op.create_table(
        "changes",
        sa.Column("person", sa.Text, primary_key=True),
        sa.Column("revision", sa.Integer, nullable=False, unique=True),
    )
    op.create_table(
        "erasures",
        sa.Column("person", sa.Text, primary_key=True),
        sa.Column("mac", sa.LargeBinary, nullable=False),
        sa.Column("done", sa.Integer, nullable=False),
    )
    op.create_table(
        "passages",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("epoch", sa.Text, nullable=False, index=True),
        sa.Column("tag", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("record", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "tallies",
        sa.Column("checkpoint", sa.Text, primary_key=True),
        sa.Column("counter", sa.Text, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
    )
    op.create_table(
        "paces",
        sa.Column("checkpoint", sa.Text, primary_key=True),
        sa.Column("minute", sa.Text, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
    )
    op.create_table(
        "grants",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("mac", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "audit_entries",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("id", sa.Text, unique=True, nullable=False),
        sa.Column("leaf", sa.LargeBinary, nullable=False),
        sa.Column("tag", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("event", sa.LargeBinary, nullable=False),
        sa.Column("subject", sa.LargeBinary, nullable=False),
        sqlite_autoincrement=True,
    )


def _of_person(name: str, *columns: sa.Column[bytes]) -> None:
    op.create_table(
        name,
        sa.Column("order", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("id", sa.Text, unique=True, nullable=False),
        sa.Column("person", sa.Text, sa.ForeignKey("persons.id", ondelete="CASCADE"), nullable=False, index=True),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("record", sa.LargeBinary, nullable=False),
        *columns,
    )
