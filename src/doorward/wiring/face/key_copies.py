"""Copies of the keys outside the site: where they lie, which is the newest, and which are kept no longer."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from doorward.adapters.durability import sync_folder
from doorward.adapters.stores.face.ledger_copies import KEY_BACKUPS
from doorward.kernel.ids import SiteId
from doorward.wiring.face.site import Site

STAMP = "%Y%m%dT%H%M%S%fZ"
"""The moment in the name of a backup, in UTC."""

_ENDING = ".backup"


@dataclass(frozen=True, slots=True)
class KeyBackups:
    """Where the keys are backed up to (the newest folder last), and for how many days each copy is kept."""

    folders: tuple[Path, ...]
    days: int


def key_backups(site: Site) -> KeyBackups | None:
    """Where and for how long keys are backed up; ``None`` when they never were."""
    held = site.stores.grants.get(*KEY_BACKUPS)
    return None if held is None else KeyBackups(tuple(map(Path, held["folders"])), held["days"])


def newest_copy(site: Site) -> datetime | None:
    """When the newest copy in today's folder was made; ``None`` when there is none that was made before now."""
    policy = key_backups(site)
    if policy is None:
        return None
    now = site.stores.vault.clock.now()
    return max((made for _, made in _copies_in(site, policy.folders[-1]) if made <= now), default=None)


def expired(site: Site, within: timedelta = timedelta(0)) -> tuple[Path, ...]:
    """Copies that are older than they are kept, or will be ``within`` that time, in every folder ever named."""
    policy = key_backups(site)
    if policy is None:
        return ()
    limit = site.stores.vault.clock.now() + within - timedelta(days=policy.days)
    return tuple(file for folder in policy.folders for file, made in _copies_in(site, folder) if made <= limit)


def remove_expired(site: Site, within: timedelta = timedelta(0)) -> tuple[Path, ...]:
    """Remove what ``expired`` finds."""
    gone = expired(site, within)
    for file in gone:
        file.unlink(missing_ok=True)
        sync_folder(file.parent)
    return gone


def prefix_of(site: SiteId, kind: str) -> str:
    """How the names of this site's backups of one kind begin."""
    return f"doorward-{kind}-{site[:8]}-"


def _copies_in(site: Site, folder: Path) -> Iterator[tuple[Path, datetime]]:
    prefix = prefix_of(site.settings.site, "keys")
    for file in sorted(folder.glob(f"{prefix}*{_ENDING}")):
        try:
            yield file, datetime.strptime(file.stem.removeprefix(prefix), STAMP).replace(tzinfo=UTC)
        except ValueError:  # named by somebody else
            continue
