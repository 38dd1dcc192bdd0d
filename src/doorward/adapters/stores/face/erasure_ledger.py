"""The erasure ledger: who was erased, as a chain of signed rows, so that a restored backup erases them again."""

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy import Connection, Engine, insert, select
from sqlalchemy.engine import Row

from doorward.adapters.signing import Signature, Signer, check_signature
from doorward.adapters.stores.database import writing
from doorward.adapters.stores.face.tables import erasure_ledger
from doorward.errors import LedgerUnusable
from doorward.kernel.ids import PersonId, SiteId
from doorward.kernel.moments import whole_hour

FORMAT = 1
USE = "erasure ledger"
_ALTERED = "The erasure ledger was altered or cut; name one that this site wrote."


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """``erased_at``: the full hour (ISO 8601, UTC). ``head``: SHA-256 in hexadecimal over all entries so far."""

    number: int
    person: PersonId
    erased_at: str
    head: str
    signature: Signature


class SqlErasureLedger:
    """The ledger of one site in data.db. Rows are only added."""

    def __init__(self, engine: Engine, site: SiteId) -> None:
        self._engine = engine
        self._site = site

    def newest(self) -> LedgerEntry | None:
        with self._engine.connect() as connection:
            return _newest(connection)

    def append(self, connection: Connection, person: PersonId, at: datetime, signer: Signer) -> None:
        """Enter ``person`` in the caller's transaction; nothing when they are in the ledger already."""
        of_person = erasure_ledger.c.person == person
        if connection.execute(select(erasure_ledger.c.number).where(of_person)).first() is not None:
            return
        newest = _newest(connection)
        number, before = (newest.number + 1, newest.head) if newest else (1, "")
        hour = whole_hour(at).isoformat()
        head = _head(self._site, before, number, person, hour)
        _insert(connection, LedgerEntry(number, person, hour, head, signer.sign(USE, head.encode())))

    def entries(self) -> tuple[LedgerEntry, ...]:
        """All entries, oldest first, as they lie there: ``verified`` says whether they hold."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(erasure_ledger).order_by(erasure_ledger.c.number)).all()
        return tuple(map(_entry, rows))

    def entry_of(self, person: PersonId) -> LedgerEntry | None:
        with self._engine.connect() as connection:
            row = connection.execute(select(erasure_ledger).where(erasure_ledger.c.person == person)).first()
        return None if row is None else _entry(row)

    def extend(self, entries: Sequence[LedgerEntry]) -> None:
        """Take over verified ``entries`` that go on where this ledger ends; ``LedgerUnusable`` when they do not."""
        held = self.entries()
        if tuple(entries[: len(held)]) != held:
            raise LedgerUnusable("The erasure ledger is older than the backup or another site's; name the newest one.")
        with writing(self._engine) as connection:
            for entry in entries[len(held) :]:
                _insert(connection, entry)


def verified(entries: Sequence[LedgerEntry], site: SiteId, trusted: Collection[str]) -> Sequence[LedgerEntry]:
    """``entries`` themselves; ``LedgerUnusable`` when one was altered, moved, left out or not signed by the site."""
    before = ""
    for number, entry in enumerate(entries, 1):
        if entry.number != number or entry.head != _head(site, before, number, entry.person, entry.erased_at):
            raise LedgerUnusable(_ALTERED)
        check_signature(USE, entry.head.encode(), entry.signature, trusted, LedgerUnusable(_ALTERED))
        before = entry.head
    return entries


def encode_ledger(site: SiteId, entries: Sequence[LedgerEntry]) -> bytes:
    """The ledger as it is handed out."""
    return json.dumps({"format": FORMAT, "site": site, "entries": [asdict(entry) for entry in entries]}).encode()


def decode_ledger(octets: bytes, site: SiteId) -> tuple[LedgerEntry, ...]:
    """The entries of a ledger that was handed out; ``LedgerUnusable`` when it is none, or another site's."""
    try:
        held = json.loads(octets)
        if held["format"] != FORMAT or held["site"] != site:
            raise ValueError
        return tuple(
            LedgerEntry(
                int(one["number"]),
                PersonId(str(UUID(one["person"]))),
                str(one["erased_at"]),
                str(one["head"]),
                Signature(str(one["signature"]["public_key"]), str(one["signature"]["value"])),
            )
            for one in held["entries"]
        )
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError, OverflowError):
        raise LedgerUnusable("That is no erasure ledger of this site; name the file that this site wrote.") from None


def _head(site: str, before: str, number: int, person: str, erased_at: str) -> str:
    return sha256(json.dumps([USE, site, before, number, person, erased_at]).encode()).hexdigest()


def _insert(connection: Connection, entry: LedgerEntry) -> None:
    row = asdict(entry)
    signature = row.pop("signature")
    row |= {"public_key": signature["public_key"], "signature": signature["value"]}
    connection.execute(insert(erasure_ledger).values(row))


def _newest(connection: Connection) -> LedgerEntry | None:
    row = connection.execute(select(erasure_ledger).order_by(erasure_ledger.c.number.desc()).limit(1)).first()
    return None if row is None else _entry(row)


def _entry(row: Row[tuple[object, ...]]) -> LedgerEntry:
    signature = Signature(row.public_key, row.signature)
    return LedgerEntry(row.number, PersonId(row.person), row.erased_at, row.head, signature)
