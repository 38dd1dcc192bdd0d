"""Types of columns that mean the same in SQLite and in PostgreSQL."""

from sqlalchemy import Text

TEXT = Text().with_variant(Text(collation="C"), "postgresql")
"""Compared and sorted by its bytes, as SQLite does it, whatever language the server speaks."""
