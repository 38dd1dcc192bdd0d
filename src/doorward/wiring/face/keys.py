"""Keys shown and renewed: one renewal at a time, online, taken up again after a crash at any point."""

import os
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from doorward.adapters.durability import sync_folder
from doorward.adapters.keeper.client import Keeper
from doorward.adapters.keeper.kept_store import KeptKeyStore
from doorward.adapters.lock_file import locked
from doorward.adapters.stores.database import closing_pool
from doorward.adapters.stores.face.log_handover import hand_log_over
from doorward.adapters.stores.face.rekeying import Rekeying
from doorward.adapters.stores.face.renewals import Progress, renew_grants, renew_index
from doorward.adapters.stores.keys.key_store import SqliteKeyStore
from doorward.adapters.tls import CERTIFICATE, PRIVATE_KEY, make_certificate
from doorward.errors import Sealed, SiteInUse, StorageError, WitnessUnreachable
from doorward.kernel.audit import Actor, AuditEntry
from doorward.kernel.ids import PersonId
from doorward.settings.key import KeeperSettings
from doorward.settings.site import SiteSettings, read_site_settings
from doorward.vault.ports import KeyCount, KeyKind
from doorward.wiring.face.holding import is_unsealed, key_holders
from doorward.wiring.face.opening import KEYS, TLS, Stores, open_keys, require_keys_here, tls_password
from doorward.wiring.face.providers import KEEPER_UNREACHED

BATCH = 5_000
"""Wraps renewed in one transaction: long enough to be quick, short enough to let others write in between."""

_LOCK = "renewal.lock"


class Renewable(StrEnum):
    """Site-wide keys that can be renewed by name; people's keys are renewed by person."""

    SITE = "site"
    GRANTS = "grants"
    INDEX = "index"
    AUDIT = "audit"
    AUDIT_SIGNING = "audit-signing"
    TLS = "tls"
    CREDENTIAL = "credential"
    DEVICE = "device"
    MOVING = "moving"

    @property
    def kind(self) -> KeyKind:
        """The kind by which the inventory counts its versions."""
        return KeyKind(self.value.replace("-", " "))


@dataclass(frozen=True, slots=True)
class KindOfKey:
    """Keys of one kind: how many, in which versions and states, and when the oldest was made (to the hour, UTC)."""

    kind: str
    count: int
    versions: Sequence[int]
    oldest: datetime
    states: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Inventory:
    """``on_older_site_key``: keys that a renewal of the site key has yet to wrap anew.

    ``has_keeper``: a key keeper holds the site's key; ``holders``: numbers of the processes that hold any key.
    """

    provider: str
    site_key_version: int
    on_older_site_key: int
    kinds: Sequence[KindOfKey]
    has_keeper: bool
    holders: Sequence[int]


def inventory(folder: Path) -> Inventory:
    """What keys there are, without needing one. ``SiteMissing`` when there is no site.

    ``Sealed`` when the keys lie on another machine that is not reached.
    """
    settings = read_site_settings(folder)
    counts = _counts(folder, settings)
    newest = max((count.version for count in counts if count.kind is KeyKind.SITE), default=0)
    older = sum(count.count for count in counts if count.kind is not KeyKind.SITE and count.wrapped_by < newest)
    kinds = [
        _of_one_kind([count for count in counts if count.kind is kind]) for kind in KeyKind if kind in _kinds(counts)
    ]
    return Inventory(settings.key.provider, newest, older, kinds, is_unsealed(folder, settings), key_holders(folder))


def _counts(folder: Path, settings: SiteSettings) -> Sequence[KeyCount]:
    if not isinstance(settings.key, KeeperSettings):
        with closing_pool(open_keys(folder)) as engine:
            return SqliteKeyStore(engine).inventory()
    keeper = Keeper.of((folder / KEYS).parent, settings.site)
    if keeper is None:
        raise Sealed(KEEPER_UNREACHED)
    with closing(keeper):
        return KeptKeyStore(keeper).inventory()


def _kinds(counts: Sequence[KeyCount]) -> frozenset[KeyKind]:
    return frozenset(count.kind for count in counts)


def _of_one_kind(counts: Sequence[KeyCount]) -> KindOfKey:
    states: Counter[str] = Counter()
    for count in counts:
        states[count.state.value] += count.count
    versions = sorted({count.version for count in counts})
    oldest = min(count.oldest for count in counts)
    return KindOfKey(counts[0].kind.value, states.total(), versions, oldest, states)


@contextmanager
def renewing(folder: Path) -> Iterator[None]:
    """Hold the site for one renewal or change of provider; ``SiteInUse`` while another is under way.

    ``WrongUse`` where the keys lie on another machine.
    """
    require_keys_here(folder)
    with locked((folder / KEYS).with_name(_LOCK)) as is_ours:
        if not is_ours:
            raise SiteInUse("Another process renews this site's keys; let it finish first.")
        yield


def renew_site_wide(folder: Path, stores: Stores, which: Renewable, actor: Actor, progress: Progress) -> None:
    """Renew one of the site's own keys. What a crash cut short is taken up where it was."""
    with renewing(folder):
        _record(stores, actor, f"key renewed: {which.value}", None)
        if which is Renewable.SITE:
            _renew_site_key(stores, progress)
        elif which is Renewable.GRANTS:
            renew_grants(stores.data, stores.vault)
        elif which is Renewable.INDEX:
            renew_index(stores.data, stores.vault, stores.people, progress)
        elif which is Renewable.AUDIT:
            stores.vault.renew_audit_key()
        elif which is Renewable.AUDIT_SIGNING:
            _renew_log_signing_key(stores)
        elif which is Renewable.CREDENTIAL:
            stores.vault.credentials().renew()
        elif which is Renewable.DEVICE:
            stores.vault.device_bodies().renew()
        elif which is Renewable.MOVING:
            stores.vault.moving().renew()
        else:
            _renew_certificate(folder, stores)


def renew_person(folder: Path, stores: Stores, person: PersonId, actor: Actor) -> None:
    """Seal everything about a person under a new key, and destroy the old one. ``PersonUnknown`` when there is none."""
    with renewing(folder):
        stores.people.get(person)
        _record(stores, actor, "key renewed: person", person)
        Rekeying(stores.data, stores.vault).renew(person)


def _renew_site_key(stores: Stores, progress: Progress) -> None:
    site_keys = stores.vault.site_keys()
    site_keys.renew()
    total, done = site_keys.to_rewrap(), 0
    while renewed := site_keys.rewrap(BATCH):
        done += renewed
        progress(min(done, total), total)
    site_keys.retire()


def _renew_log_signing_key(stores: Stores) -> None:
    keys = stores.vault.log_signing()
    keys.renew()
    hand_log_over(stores.data, stores.vault)
    with suppress(WitnessUnreachable):  # it is kept, and handed over next time
        stores.auditing.checkpoint()
    keys.forget_old()


def finish_certificate(folder: Path, stores: Stores) -> None:
    """Finish a renewal of the certificate that was cut short: until then the site cannot be served.

    Call it when the site is opened. While another process renews keys, or the disk refuses, nothing is done; nor where
    the keys lie on another machine, which finishes it.
    """
    if stores.keys_here is not None and stores.vault.is_renewing_tls():
        with suppress(SiteInUse, StorageError), renewing(folder):
            if stores.vault.is_renewing_tls():  # asked again: the other process may have ended
                _renew_certificate(folder, stores)


def _renew_certificate(folder: Path, stores: Stores) -> None:
    stores.vault.renew_tls_key()
    fresh, held = folder / f"{TLS}.new", folder / TLS
    shutil.rmtree(fresh, ignore_errors=True)
    make_certificate(fresh, tls_password(stores.vault), stores.vault.clock.now())
    try:
        for name in (PRIVATE_KEY, CERTIFICATE):
            os.replace(fresh / name, held / name)
        sync_folder(held)
        fresh.rmdir()
    except OSError as error:
        raise StorageError(f"{held} cannot be written ({error.strerror}); check its rights and free space.") from None
    stores.vault.tls_key_renewed()


def _record(stores: Stores, actor: Actor, action: str, about: PersonId | None) -> None:
    stores.trail.record(AuditEntry(actor, action, about, stores.vault.clock.now()))
