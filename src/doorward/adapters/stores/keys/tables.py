"""The tables of keys.db."""

from sqlalchemy import Column, Integer, LargeBinary, MetaData, Table, Text, UniqueConstraint

metadata = MetaData()

keys = Table(
    "keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("state", Text, nullable=False, server_default="active"),
    Column("wrapped_by", Integer, nullable=False, server_default="1", index=True),
    UniqueConstraint("kind", "owner", "version"),
)

blind_index = Table(
    "blind_index",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("tag", LargeBinary, primary_key=True),
    Column("person", Text, nullable=False, index=True),
    Column("version", Integer, nullable=False, server_default="1"),
)
