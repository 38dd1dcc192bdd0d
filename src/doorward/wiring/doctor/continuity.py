"""What is needed on a worse day: keys renewed in whole, a ledger of erasures that holds, a backup that was tried."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from doorward.adapters.stores.face.erasure_ledger import SqliteErasureLedger, verified
from doorward.errors import LedgerUnusable
from doorward.wiring.doctor.finding import Finding, Severity
from doorward.wiring.face.backup import signing_keys
from doorward.wiring.face.drilling import last_drill
from doorward.wiring.face.keys import inventory
from doorward.wiring.face.site import Site

DRILL_WITHIN = timedelta(days=92)


def check_wraps(folder: Path) -> Iterator[Finding]:
    """Keys still wrapped by a site key that was to be retired."""
    left = inventory(folder).on_older_site_key
    if left:
        yield Finding(
            "wraps-on-older-key",
            Severity.WARNING,
            f"{left} keys are still wrapped by an older site key.",
            "A site key is renewed because the old one may be known; until then it still opens these.",
            "doorward keys rotate site",
        )


def check_ledger(site: Site) -> Iterator[Finding]:
    """The ledger of erasures, which makes a restored backup erase again."""
    ledger = SqliteErasureLedger(site.stores.data, site.settings.site)
    try:
        verified(ledger.entries(), site.settings.site, signing_keys(site).trusted())
    except LedgerUnusable as altered:
        yield Finding(
            "erasure-ledger-altered",
            Severity.CRITICAL,
            altered.message,
            "A backup that is restored with it would bring people back who were told that they are erased.",
            "Restore the ledger from beside the keys' backups, and find out who writes the databases.",
        )


def check_drill(site: Site, now: datetime) -> Iterator[Finding]:
    """When a backup was last restored to see whether it can be."""
    last = last_drill(site)
    if last is None or now - datetime.fromisoformat(last) > DRILL_WITHIN:
        yield Finding(
            "backup-not-tried",
            Severity.NOTE,
            "No backup was ever tried." if last is None else f"A backup was last tried on {last[:10]}.",
            "A backup that nobody has restored is a hope.",
            "doorward backup drill",
        )
