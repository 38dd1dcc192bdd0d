"""Types of columns that mean the same in SQLite and in PostgreSQL."""

from sqlalchemy import BigInteger, Integer, Text

TEXT = Text().with_variant(Text(collation="C"), "postgresql")
"""Compared and sorted by its bytes, as SQLite does it, whatever language the server speaks."""

LONG = BigInteger().with_variant(Integer(), "sqlite")
"""A whole number of 64 bits, as any of SQLite's may be: a time in seconds, or a number in ten-thousandths."""
