"""The PostgreSQL server that holds a site's data: durable, and open to no more than it need be."""

from collections.abc import Iterator

from sqlalchemy import Connection

from doorward.adapters.stores.database import closing_pool
from doorward.adapters.stores.postgresql import connected
from doorward.adapters.stores.postgresql_rights import is_more_than_needed
from doorward.errors import DoorwardError
from doorward.settings.site import SiteSettings
from doorward.wiring.doctor.finding import Finding, Severity

_DURABLE = ("fsync", "full_page_writes")


def check_postgresql(settings: SiteSettings) -> Iterator[Finding]:
    """Nothing of a site whose data is in data.db."""
    if settings.store is None:
        return
    try:
        engine = connected(settings.store)
        with closing_pool(engine), engine.connect() as connection:
            yield from _check_server(connection)
    except DoorwardError as error:
        yield Finding(
            "postgresql-unreachable",
            Severity.CRITICAL,
            f"The site's data cannot be read: {error.message}",
            "Nobody can be verified, and nobody's withdrawal is followed.",
            "Start the server, or correct the URL in site.toml.",
        )


def _check_server(connection: Connection) -> Iterator[Finding]:
    off = [name for name in _DURABLE if connection.exec_driver_sql(f"SHOW {name}").scalar_one() == "off"]
    if off:
        yield Finding(
            "postgresql-not-durable",
            Severity.CRITICAL,
            f"PostgreSQL does not write through to the disk: {', '.join(off)} is off.",
            "What was acknowledged, an erasure among it, can be lost when the power fails.",
            f"Set {' = on and '.join(off)} = on in postgresql.conf.",
        )
    if connection.exec_driver_sql("SHOW data_checksums").scalar_one() == "off":
        yield Finding(
            "postgresql-no-checksums",
            Severity.NOTE,
            "PostgreSQL keeps no checksums of its pages.",
            "A disk that fails silently is noticed only when a sealed record no longer opens.",
            "Stop the server and run pg_checksums --enable.",
        )
    if is_more_than_needed(connection):
        yield Finding(
            "postgresql-role-too-strong",
            Severity.WARNING,
            "The role in the store's URL may do more than serve: make and drop tables, or all on the server.",
            "Who takes the server's process over could then drop the audit log instead of adding to it.",
            "Make a role that may log in and nothing else, then: doorward store grant ROLE",
        )


def numbers_in_postgresql(settings: SiteSettings, query: str, *values: str) -> list[int]:
    """The one column of a ``SELECT``; nothing when the server cannot be asked, which ``check_postgresql`` tells."""
    if settings.store is None:
        return []
    try:
        engine = connected(settings.store)
        with closing_pool(engine), engine.connect() as connection:
            return [int(row[0]) for row in connection.exec_driver_sql(query, values)]
    except DoorwardError:
        return []
