"""Copies of the erasure ledger outside the site, where a restore takes it from. They only ever grow."""

from pathlib import Path

from doorward.adapters.backup.files import write_whole
from doorward.adapters.stores.face.erasure_ledger import SqlErasureLedger, encode_ledger
from doorward.adapters.stores.face.grant_store import GrantStore
from doorward.errors import LedgerUnusable, StorageError
from doorward.kernel.ids import SiteId

KEY_BACKUPS = ("backup", "keys")
WITNESS = ("setting", "witness")
"""Granted rows that name folders: of the keys' backups, and of the audit log's witness."""

_END = b"]}"


class LedgerCopies:
    """The copies beside the newest backups of the keys, and with the log's witness where that is a folder."""

    def __init__(self, grants: GrantStore, ledger: SqlErasureLedger, site: SiteId) -> None:
        self._grants = grants
        self._ledger = ledger
        self._site = site

    def places(self) -> tuple[Path, ...]:
        """The files of the copies, whether they are there or not."""
        backups, witness = self._grants.get(*KEY_BACKUPS), self._grants.get(*WITNESS)
        folders = backups["folders"][-1:] if backups else []
        if witness is not None and witness["kind"] == "folder":
            folders = [*folders, witness["where"]]
        return tuple(Path(folder) / ledger_name(self._site) for folder in folders)

    def write(self, *further: Path) -> None:
        """Bring every copy, and those at ``further``, up to date.

        ``LedgerUnusable`` when one knows of erasures that this site does not; ``StorageError`` when it cannot be
        written.
        """
        octets = encode_ledger(self._site, self._ledger.entries())
        for path in (*self.places(), *further):
            self._write(path, octets)

    def _write(self, path: Path, octets: bytes) -> None:
        try:
            held = path.read_bytes() if path.exists() else _END
        except OSError as error:
            raise StorageError(f"{path} cannot be read ({error.strerror}); check its folder and rights.") from None
        if not octets.startswith(held.removesuffix(_END)):
            raise LedgerUnusable(f"{path} knows of erasures that this site does not; move it away, and find out why.")
        if held != octets:
            write_whole(path, lambda file: file.write(octets), replace=True)


def ledger_name(site: SiteId) -> str:
    return f"doorward-erasures-{site[:8]}.json"
