"""All rows of a site's data copied to another database, so that what was cut short goes on where it stood."""

from sqlalchemy import Connection, Engine, delete, insert

from doorward.adapters.stores import row_copying
from doorward.adapters.stores.database import writing
from doorward.adapters.stores.face.passage_hours import open_hours
from doorward.adapters.stores.face.tables import metadata, passages
from doorward.adapters.stores.row_copying import Progress, as_mappings, batches, last_key, number_on


def count_rows(connection: Connection) -> int:
    """Of all tables together."""
    return row_copying.count_rows(connection, metadata)


def empty(target: Engine) -> None:
    """Delete every row."""
    with writing(target) as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(delete(table))


def copy_rows(source: Connection, target: Engine, progress: Progress = lambda _done, _all: None) -> None:
    """Copy what ``target`` does not have yet; ``source`` must not change meanwhile, nor since a copy was begun."""
    total = count_rows(source)
    with target.connect() as connection:
        done = count_rows(connection)
    for table in metadata.sorted_tables:
        with target.connect() as connection:
            last = last_key(connection, table)
        for rows in batches(source, table, last):
            with writing(target) as connection:
                if table is passages:
                    open_hours(connection, {row.epoch for row in rows})
                connection.execute(insert(table), as_mappings(rows))
            done += len(rows)
            progress(done, total)
    with writing(target) as connection:
        number_on(connection, metadata)


def digest(connection: Connection) -> str:
    """SHA-256 in hexadecimal over every row of every table."""
    return row_copying.digest(connection, metadata)
