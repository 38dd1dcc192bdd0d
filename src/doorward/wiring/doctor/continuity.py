"""What is needed on a worse day: keys renewed in whole, a ledger of erasures that holds, a backup that was tried."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from doorward.adapters.stores.face.erasure_ledger import SqlErasureLedger, verified
from doorward.errors import LedgerUnusable
from doorward.wiring.doctor.finding import Finding, Severity
from doorward.wiring.face.backup import signing_keys
from doorward.wiring.face.drilling import last_drill
from doorward.wiring.face.key_copies import expired, key_backups, newest_copy
from doorward.wiring.face.keys import inventory
from doorward.wiring.face.site import Site

DRILL_WITHIN = timedelta(days=92)
COPY_WITHIN = timedelta(hours=48)
"""The age at which the newest copy of the keys is too old: a server that runs makes one a day."""


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
    ledger = SqlErasureLedger(site.stores.data, site.settings.site)
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


def check_key_copies(site: Site, now: datetime) -> Iterator[Finding]:
    """The copies of the keys, once a folder was named for them: one that is new enough, and none that is too old."""
    policy = key_backups(site)
    if policy is None:
        return
    newest = newest_copy(site)
    if newest is None or now - newest > COPY_WITHIN:
        made = "is not there" if newest is None else f"was made on {newest:%Y-%m-%d}"
        yield Finding(
            "key-copy-too-old",
            Severity.WARNING,
            f"The newest copy of the keys in {policy.folders[-1]} {made}.",
            "Whoever was added since is lost with keys.db: without their key nothing about them can be read.",
            "doorward backup keys, daily while no server runs; a server makes one a day, if its folder can be written.",
        )
    if overdue := expired(site):
        yield Finding(
            "key-copies-overdue",
            Severity.WARNING,
            f"{len(overdue)} copies of the keys lie there for longer than {policy.days} days.",
            "The receipts of people erased since name an earlier day as the one when their key is gone everywhere.",
            "doorward backup keys, daily while no server runs; a server removes them, if their folders can be written.",
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
