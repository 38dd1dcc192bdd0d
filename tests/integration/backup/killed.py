"""Does one act of a site and is killed (SIGKILL) at a named step of it.

Reads one JSON object a line: the act, the step, the site's folder and the folder of the backups; a child does it.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

from doorward.adapters.backup import files
from doorward.adapters.stores.face.ledger_copies import LedgerCopies
from doorward.kernel.ids import PersonId
from doorward.wiring.face import backup, erasing, restoring
from doorward.wiring.face.restoring import BackupSet
from doorward.wiring.face.site import Site, open_site
from throwaway_sites import PASSPHRASE


def ask() -> str:
    return PASSPHRASE


def killed(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def then_killed(act: Callable[..., object]) -> Callable[..., None]:
    def done(*told: Any, **named: Any) -> None:
        act(*told, **named)
        killed()

    return done


def half_written(_plain: object, sealed: Any, _recipient: str) -> None:
    sealed.write(b"age-encryption.org/v1\n")
    sealed.flush()
    killed()


STEPS: dict[str, dict[str, Callable[[Site], Any]]] = {
    "data": {
        "after the copies": lambda _: patch.object(backup, "row_counts", killed),
        "half written": lambda _: patch.object(backup, "encrypt", half_written),
        "before it appears": lambda _: patch.object(files.os, "replace", killed),
        "before the copies go": lambda _: patch.object(backup, "write_whole", then_killed(backup.write_whole)),
    },
    "keys": {
        "after the copies": lambda _: patch.object(backup, "row_counts", killed),
        "before it appears": lambda _: patch.object(files.os, "replace", killed),
        "before the ledger is handed out": lambda _: patch.object(LedgerCopies, "write", killed),
        "before the old ones go": lambda _: patch.object(backup, "remove_expired", killed),
    },
    "restore": {
        "after unpacking": lambda _: patch.object(restoring, "check_integrity", killed),
        "before the ledger": lambda _: patch.object(restoring, "ledger_for", killed),
        "after the ledger": lambda _: patch.object(restoring, "erase_again", then_killed(restoring.erase_again)),
        "before it appears": lambda _: patch.object(restoring.os, "replace", killed),
        "after it appeared": lambda _: patch.object(restoring.os, "replace", then_killed(os.replace)),
    },
    "erase": {
        "before the key goes": lambda site: patch.object(site.stores.vault, "shred", killed),
        "between key and rows": lambda site: patch.object(
            site.stores.vault, "shred", then_killed(site.stores.vault.shred)
        ),
        "before the receipt": lambda _: patch.object(erasing, "issue_receipt", killed),
        "before the ledger is handed out": lambda _: patch.object(LedgerCopies, "write", killed),
    },
}


def act(name: str, step: str, folder: str, told: dict[str, str]) -> None:
    with open_site(folder, ask) as site, STEPS[name][step](site):
        if name == "data":
            backup.create_backup(site, Path(told["to"]), told["recipient"])
        elif name == "keys":
            backup.back_up_keys(site, Path(told["to"]))
        elif name == "restore":
            backups = BackupSet(Path(told["data"]), Path(told["keys"]), Path(told["identity"]))
            restoring.restore(backups, Path(told["to"]), ask)
        else:
            erasing.erase_person(site, PersonId(told["person"]))


def main() -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            act(**json.loads(line))
            os._exit(0)
        print(os.waitpid(child, 0)[1], flush=True)


if __name__ == "__main__":
    main()
