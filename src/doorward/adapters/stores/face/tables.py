"""The tables of data.db. What is not sealed is declared leakage: ids, counts, order, links, a passage's hour."""

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, MetaData, Table, Text

metadata = MetaData()


def _person() -> Column[str]:
    return Column("person", Text, ForeignKey("persons.id", ondelete="CASCADE"), nullable=False, index=True)


persons = Table(
    "persons",
    metadata,
    Column("id", Text, primary_key=True),
    Column("generation", Integer, nullable=False),
    Column("record", LargeBinary, nullable=False),
)

consents = Table(
    "consents",
    metadata,
    Column("order", Integer, primary_key=True, autoincrement=True),
    Column("id", Text, unique=True, nullable=False),
    _person(),
    Column("generation", Integer, nullable=False),
    Column("record", LargeBinary, nullable=False),
)

enrolments = Table(
    "enrolments",
    metadata,
    Column("order", Integer, primary_key=True, autoincrement=True),
    Column("id", Text, unique=True, nullable=False),
    _person(),
    Column("generation", Integer, nullable=False),
    Column("record", LargeBinary, nullable=False),
    Column("photo", LargeBinary),
)

changes = Table(
    "changes",
    metadata,
    Column("person", Text, primary_key=True),
    Column("revision", Integer, nullable=False, unique=True),
)

erasures = Table(
    "erasures",
    metadata,
    Column("person", Text, primary_key=True),
    Column("mac", LargeBinary, nullable=False),
    Column("done", Integer, nullable=False),
)

erasure_ledger = Table(
    "erasure_ledger",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("person", Text, unique=True, nullable=False),
    Column("erased_at", Text, nullable=False),
    Column("head", Text, nullable=False),
    Column("public_key", Text, nullable=False),
    Column("signature", Text, nullable=False),
)

passages = Table(
    "passages",
    metadata,
    Column("id", Text, primary_key=True),
    Column("epoch", Text, nullable=False, index=True),
    Column("tag", LargeBinary, nullable=False, unique=True),
    Column("record", LargeBinary, nullable=False),
)

tallies = Table(
    "tallies",
    metadata,
    Column("checkpoint", Text, primary_key=True),
    Column("counter", Text, primary_key=True),
    Column("count", Integer, nullable=False),
)

hourly_counts = Table(
    "hourly_counts",
    metadata,
    Column("tag", Text, primary_key=True),
    Column("hour", Text, nullable=False, index=True),
    Column("record", LargeBinary, nullable=False),
)

paces = Table(
    "paces",
    metadata,
    Column("checkpoint", Text, primary_key=True),
    Column("minute", Text, nullable=False),
    Column("count", Integer, nullable=False),
)

grants = Table(
    "grants",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("generation", Integer, nullable=False),
    Column("payload", Text, nullable=False),
    Column("mac", LargeBinary, nullable=False),
)

audit_entries = Table(
    "audit_entries",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", Text, unique=True, nullable=False),
    Column("leaf", LargeBinary, nullable=False),
    Column("tag", LargeBinary, nullable=False, unique=True),
    Column("event", LargeBinary, nullable=False),
    Column("subject", LargeBinary, nullable=False),
    Column("commitments", LargeBinary),
)

audit_nodes = Table(
    "audit_nodes",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("size", Integer, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("peaks", LargeBinary, nullable=False),
    Column("mac", LargeBinary, nullable=False),
)

audit_checkpoints = Table(
    "audit_checkpoints",
    metadata,
    Column("size", Integer, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False),
    Column("handed_over", Integer, nullable=False),
)
