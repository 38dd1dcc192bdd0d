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
from doorward.adapters.stores.keys.key_store import SqliteKeyStore
from doorward.kernel.ids import ConsentId, PersonId
from doorward.people.consent import Purpose
from doorward.people.enrolment import CapturedFrom
from doorward.people.person import Details
from doorward.wiring.face import backup, erasing, restoring
from doorward.wiring.face.keys import Renewable, renew_site_wide
from doorward.wiring.face.restoring import BackupSet
from doorward.wiring.face.site import Site, open_site
from known_people import face
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
    "enrol": {
        "before the key": lambda site: patch.object(site.stores.vault, "admit", killed),
        "between key and row": lambda site: patch.object(
            site.stores.vault, "admit", then_killed(site.stores.vault.admit)
        ),
        "between row and consent": lambda site: patch.object(site.stores.consents, "add", killed),
        "before the reference": lambda site: patch.object(site.stores.enrolments, "add", killed),
    },
    "withdraw": {
        "before the new key": lambda site: patch.object(site.stores.vault, "renew_person", killed),
        "before the rows are sealed anew": lambda site: patch.object(
            site.stores.vault, "renew_person", then_killed(site.stores.vault.renew_person)
        ),
        "before the old key goes": lambda site: patch.object(site.stores.vault, "forget_old_key", killed),
        "after the old key went": lambda site: patch.object(
            site.stores.vault, "forget_old_key", then_killed(site.stores.vault.forget_old_key)
        ),
    },
    "rotate": {
        "after the new key": lambda _: patch.object(SqliteKeyStore, "succeed", then_killed(SqliteKeyStore.succeed)),
        "before the wraps": lambda _: patch.object(SqliteKeyStore, "rewrap", killed),
        "before the old key goes": lambda _: patch.object(SqliteKeyStore, "destroy_older", killed),
        "after the old key went": lambda _: patch.object(
            SqliteKeyStore, "destroy_older", then_killed(SqliteKeyStore.destroy_older)
        ),
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
        elif name == "enrol":
            cy = site.add_person("Cy", Details(badge_number="8"))
            site.record_consent(cy, "Entry", "1", [Purpose.VERIFY], "signed")
            site.enroller.enrol(site.actor, cy.id, face(2), CapturedFrom.LIVE)
        elif name == "withdraw":
            site.register.withdraw(site.actor, PersonId(told["person"]), ConsentId(told["consent"]))
        elif name == "rotate":
            renew_site_wide(site.folder, site.stores, Renewable.SITE, site.actor, lambda _done, _all: None)
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
