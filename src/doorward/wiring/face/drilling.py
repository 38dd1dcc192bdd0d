"""The drill: a backup restored into a scratch site and tried, the date kept by the site that lives."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from doorward.adapters.stores.face.audit_check import check_log
from doorward.adapters.stores.face.erasure_ledger import SqlErasureLedger
from doorward.errors import BackupUnusable, DoorwardError
from doorward.kernel.audit import AuditEntry
from doorward.wiring.face.opening import AskPassphrase
from doorward.wiring.face.restoring import (
    BackupSet,
    check_origin,
    check_reaches,
    erase_again,
    opened_apart,
    remove_unreadable,
    unpack,
)
from doorward.wiring.face.site import Site

CANARY_GROUP = "canary"
"""Who is in this group is made up: the drill asks for their enrolments by this name."""

_KIND, _NAME = "backup", "drill"


@dataclass(frozen=True, slots=True)
class Drill:
    """``records``: sealed records that were opened. ``erased_again`` and ``unreadable`` as in ``Restored``.
    ``canaries``: how many had an enrolment that opened.
    """

    at: str
    people: int
    records: int
    erased_again: int
    unreadable: int
    canaries: int


def drill(
    live: Site, backups: BackupSet, ask: AskPassphrase, progress: Callable[[int, int], None] = lambda _done, _all: None
) -> Drill:
    """Restore ``backups`` into a scratch site with the live site's ledger, open every record of its people, and
    write into the live site's log that it went well, or that it did not.

    ``BackupUnusable`` or another error says what is wrong with the backup.
    """
    try:
        done = _tried(live, backups, ask, progress)
    except DoorwardError:
        _record(live, "backup drill failed")
        raise
    _record(live, "backup drill passed")
    live.stores.grants.put(_KIND, _NAME, asdict(done))
    return done


def last_drill(site: Site) -> str | None:
    """When a drill last went well (ISO 8601); ``None`` when none did."""
    held = site.stores.grants.get(_KIND, _NAME)
    return None if held is None else str(held["at"])


def _tried(live: Site, backups: BackupSet, ask: AskPassphrase, progress: Callable[[int, int], None]) -> Drill:
    with TemporaryDirectory(prefix="doorward-drill-") as scratch:
        folder = Path(scratch)
        unpacked = unpack(backups, folder)
        if unpacked.data.site != live.settings.site:
            raise BackupUnusable("That is a backup of another site; name one of this site.")
        with opened_apart(folder, ask) as site:
            check_origin(site, unpacked)
            if not check_log(site.stores.data, site.stores.vault, {}).ok:
                raise BackupUnusable("The log in the backup does not hold; run `doorward audit verify` on the site.")
            ledger = SqlErasureLedger(live.stores.data, live.settings.site)
            erased = erase_again(site, check_reaches(ledger.entries(), unpacked.keys))
            unreadable = remove_unreadable(site)
            people, records, canaries = _opened(site, progress)
    if people != unpacked.data.counts["persons"] - erased - unreadable:
        raise BackupUnusable("The restored site does not know as many people as it should; name another backup.")
    return Drill(live.stores.vault.clock.now().isoformat(), people, records, erased, unreadable, canaries)


def _opened(site: Site, progress: Callable[[int, int], None]) -> tuple[int, int, int]:
    """How many people are known, how many records were opened, and how many canaries are enrolled."""
    people = records = canaries = 0
    everybody = site.stores.people.count()
    for person in site.stores.people.all():
        enrolments = site.stores.enrolments.of(person.id)
        people += 1
        records += 1 + len(enrolments) + len(site.stores.consents.of(person.id))
        if any(one.group == CANARY_GROUP for one in person.memberships):
            if not enrolments:
                raise BackupUnusable("A canary of the backup has lost its enrolment; name another backup.")
            canaries += 1
        progress(people, everybody)
    return people, records, canaries


def _record(site: Site, action: str) -> None:
    site.stores.trail.record(AuditEntry(site.actor, action, None, site.stores.vault.clock.now()))
