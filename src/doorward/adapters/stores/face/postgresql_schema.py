"""What PostgreSQL is told and data.db has of itself: the order of rows, a partition an hour, notices of changes."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from doorward.adapters.stores.column_types import TEXT
from doorward.adapters.stores.face.listened_changes import CHANGED
from doorward.adapters.stores.postgresql import SCHEMA

_NOTIFY = f"""
CREATE FUNCTION {SCHEMA}.tell_change() RETURNS trigger LANGUAGE plpgsql SET search_path = {SCHEMA}, pg_temp AS $$
BEGIN
  PERFORM pg_notify('{CHANGED}', '');
  RETURN NULL;
END $$;
CREATE TRIGGER told AFTER INSERT ON {SCHEMA}.changes FOR EACH STATEMENT EXECUTE FUNCTION {SCHEMA}.tell_change();
"""

_PASSAGES = f"""
CREATE TABLE {SCHEMA}.passages (
  id text COLLATE "C" NOT NULL,
  epoch text COLLATE "C" NOT NULL,
  tag bytea NOT NULL,
  record bytea NOT NULL,
  PRIMARY KEY (id, epoch),
  UNIQUE (tag, epoch)
) PARTITION BY LIST (epoch);
"""

# They run as their owner, so that the role that serves need not be let make or drop a table.
_HOURS = f"""
CREATE FUNCTION {SCHEMA}.open_hour(hour text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {SCHEMA}, pg_temp AS $$
DECLARE
  part text := 'passages_' || regexp_replace(hour, '[^0-9]', '', 'g');
BEGIN
  IF to_regclass(format('{SCHEMA}.%I', part)) IS NOT NULL THEN
    RETURN;
  END IF;
  IF hour !~ '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T[0-9]{{2}}$' THEN
    RAISE EXCEPTION 'that is no hour';
  END IF;
  EXECUTE format('CREATE TABLE {SCHEMA}.%I (LIKE {SCHEMA}.passages INCLUDING INDEXES)', part);
  EXECUTE format('ALTER TABLE {SCHEMA}.passages ATTACH PARTITION {SCHEMA}.%I FOR VALUES IN (%L)', part, hour);
END $$;
CREATE FUNCTION {SCHEMA}.drop_hours(oldest_kept text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {SCHEMA}, pg_temp AS $$
DECLARE
  part text;
  dropped bigint := 0;
BEGIN
  FOR part IN
    SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
    WHERE inhparent = '{SCHEMA}.passages'::regclass
    AND relname COLLATE "C" < 'passages_' || regexp_replace(oldest_kept, '[^0-9]', '', 'g')
  LOOP
    EXECUTE format('DROP TABLE {SCHEMA}.%I', part);
    dropped := dropped + 1;
  END LOOP;
  RETURN dropped;
END $$;
REVOKE ALL ON FUNCTION {SCHEMA}.open_hour(text), {SCHEMA}.drop_hours(text) FROM PUBLIC;
"""  # noqa: S608 - a name of our own


def is_postgresql() -> bool:
    """Whether the running migration's database is one."""
    return op.get_bind().dialect.name == "postgresql"


def order_of_rows() -> Sequence[sa.Column[int]]:
    """The column that SQLite's tables have without being told."""
    return [sa.Column("rowid", sa.BigInteger, sa.Identity(always=True), unique=True)] if is_postgresql() else []


def create_passages() -> None:
    """A partition an hour: what is past is dropped with its file, in one step."""
    if is_postgresql():
        op.execute(_PASSAGES)
        op.execute(_HOURS)
        return
    op.create_table(
        "passages",
        sa.Column("id", TEXT, primary_key=True),
        sa.Column("epoch", TEXT, nullable=False, index=True),
        sa.Column("tag", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("record", sa.LargeBinary, nullable=False),
    )


def tell_changes() -> None:
    """Have every change told to who listens, when it is committed."""
    if is_postgresql():
        op.execute(_NOTIFY)
