"""What the role that serves a site may do in its database: no more than the stores ask for."""

from collections.abc import Mapping
from types import MappingProxyType

from sqlalchemy import Connection

from doorward.adapters.stores.postgresql import SCHEMA

_TABLES: Mapping[str, str] = MappingProxyType(
    {
        "persons, consents, enrolments, changes, erasures, passages, tallies, hourly_counts, paces, grants": (
            "SELECT, INSERT, UPDATE, DELETE"
        ),
        "audit_head": "SELECT, INSERT, UPDATE",
        "audit_checkpoints": "SELECT, INSERT, UPDATE, DELETE",
        # What is only ever added to.
        "audit_entries, audit_nodes, erasure_ledger": "SELECT, INSERT",
        "alembic_version": "SELECT",
        "write_lock": "UPDATE",
    }
)


def grant(connection: Connection, role: str) -> None:
    """Let ``role``, which must exist, serve the site, and take every other right on it away."""
    grant_alone(connection, role, SCHEMA, _TABLES)
    to = connection.dialect.identifier_preparer.quote_identifier(role)
    connection.exec_driver_sql(f"GRANT EXECUTE ON FUNCTION {SCHEMA}.open_hour(text), {SCHEMA}.drop_hours(text) TO {to}")


def grant_alone(connection: Connection, role: str, schema: str, rights: Mapping[str, str]) -> None:
    """Give ``role`` these rights on tables of ``schema``, named with commas, and its sequences, and no other on it."""
    to = connection.dialect.identifier_preparer.quote_identifier(role)
    statements = [f"REVOKE ALL ON ALL {kind} IN SCHEMA {schema} FROM {to}" for kind in ("TABLES", "SEQUENCES")]
    statements += [f"REVOKE ALL ON SCHEMA {schema} FROM {to}", f"GRANT USAGE ON SCHEMA {schema} TO {to}"]
    for tables, right in rights.items():
        named = ", ".join(f"{schema}.{table}" for table in tables.split(", "))
        statements.append(f"GRANT {right} ON {named} TO {to}")
    statements.append(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {to}")
    for statement in statements:
        connection.exec_driver_sql(statement)


def is_more_than_needed(connection: Connection) -> bool:
    """Whether the connection's role may make and drop tables of the site, or everything on the server."""
    powers = "rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls"
    strong = f"SELECT {powers} FROM pg_roles WHERE rolname = current_user"  # noqa: S608 - words of our own
    makes_tables = f"SELECT has_schema_privilege(current_user, '{SCHEMA}', 'CREATE')"
    return any(bool(connection.exec_driver_sql(query).scalar_one()) for query in (strong, makes_tables))
