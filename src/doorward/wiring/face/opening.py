"""A site made, and a site opened: folder, settings, keys and stores put together."""

import os
import shutil
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from doorward.adapters.durability import sync_folder
from doorward.adapters.keeper.client import Keeper, KeptSiteKeys
from doorward.adapters.keeper.kept_store import KeptKeyStore
from doorward.adapters.key_holders import KeyHolder
from doorward.adapters.stores.database import in_one_transaction
from doorward.adapters.stores.face.attempt_store import SqlAttemptStore
from doorward.adapters.stores.face.audit_trail import SqlAuditTrail
from doorward.adapters.stores.face.audit_upgrade import upgrade_audit_log
from doorward.adapters.stores.face.changes import SqlChanges
from doorward.adapters.stores.face.checkpoint_store import SqlCheckpointStore
from doorward.adapters.stores.face.consent_store import SqlConsentStore
from doorward.adapters.stores.face.credential_store import SqlCredentialStore
from doorward.adapters.stores.face.delivery_store import SqlDeliveryStore
from doorward.adapters.stores.face.device_store import SqlDeviceStore
from doorward.adapters.stores.face.enrolment_store import SqlEnrolmentStore
from doorward.adapters.stores.face.grant_store import GrantStore
from doorward.adapters.stores.face.hold_store import SqlHoldStore
from doorward.adapters.stores.face.lookalike_store import SqlLookalikeStore
from doorward.adapters.stores.face.passage_store import SqlPaceStore, SqlPassageStore
from doorward.adapters.stores.face.person_store import SqlPersonStore
from doorward.adapters.stores.face.pin_store import SqlPinStore
from doorward.adapters.stores.face.rekeying import Rekeying
from doorward.adapters.stores.face.row_baseline import commit_rows_there_are
from doorward.adapters.stores.keys.key_store import SqliteKeyStore
from doorward.adapters.stores.postgresql import drop_postgresql, make_postgresql, open_postgresql
from doorward.adapters.stores.sqlite import open_sqlite
from doorward.adapters.system import SystemClock, SystemRandomness
from doorward.adapters.tls import make_certificate
from doorward.errors import Sealed, SiteExists, SiteInUse, SiteMissing, StorageError, WrongUse
from doorward.kernel.ids import SiteId
from doorward.settings.key import KeeperSettings
from doorward.settings.site import (
    KeyFileSettings,
    PassphraseSettings,
    SiteSettings,
    read_site_settings,
    write_site_settings,
)
from doorward.vault.keyring import Keyring
from doorward.vault.passphrase import RFC_9106_SECOND, Argon2Cost
from doorward.vault.ports import KeyProvider, KeyStore
from doorward.vault.vault import Vault
from doorward.wiring.face.attempts_of_erased import forgotten_with_person
from doorward.wiring.face.auditing import Auditing
from doorward.wiring.face.credential_ends import ended_with_person
from doorward.wiring.face.invitations import Invitations
from doorward.wiring.face.providers import KEEPER_UNREACHED, ProviderChoice, make_key, provider_of, remove_key
from doorward.wiring.face.providers import AskPassphrase as AskPassphrase

DATA = "data.db"
KEYS = "keys/keys.db"
FACE_VERSIONS = "doorward.adapters.stores.face.versions"
TLS = "tls"
MODELS = "models"
LIVE = "live"
_KEYS_ELSEWHERE = "The keys of this site lie on another machine; do this there."


@dataclass(frozen=True, slots=True, eq=False)
class Stores:
    """The stores of one open site, and the files under them.

    ``keys_here``: ``None`` where they lie on another machine.
    """

    data: Engine
    keys_here: Engine | None
    vault: Vault
    randomness: SystemRandomness
    people: SqlPersonStore
    consents: SqlConsentStore
    enrolments: SqlEnrolmentStore
    changes: SqlChanges
    passages: SqlPassageStore
    pace: SqlPaceStore
    trail: SqlAuditTrail
    grants: GrantStore
    checkpoints: SqlCheckpointStore
    credentials: SqlCredentialStore
    attempts: SqlAttemptStore
    devices: SqlDeviceStore
    deliveries: SqlDeliveryStore
    lookalikes: SqlLookalikeStore
    pins: SqlPinStore
    holds: SqlHoldStore
    holder: KeyHolder

    @property
    def auditing(self) -> Auditing:
        return Auditing(self.data, self.vault, self.trail, self.grants)

    def in_one_transaction(self) -> AbstractContextManager[None]:
        """What this thread writes of the site's data inside is durable together, or not at all."""
        return in_one_transaction(self.data)

    @property
    def keys(self) -> Engine:
        """keys.db; ``WrongUse`` where it lies on another machine."""
        if self.keys_here is None:
            raise WrongUse(_KEYS_ELSEWHERE)
        return self.keys_here

    def dispose(self) -> None:
        """Leave no database open; nothing is written."""
        self.data.dispose()
        if self.keys_here is not None:
            self.keys_here.dispose()

    def close(self) -> None:
        """What was recorded since the last checkpoint is signed and handed over, if that can be done."""
        self.auditing.conclude()
        self.vault.close()
        self.dispose()
        self.holder.let_go()


def create_site(
    folder: Path,
    *,
    passphrase: str | None = None,
    key_file: Path | None = None,
    cost: Argon2Cost = RFC_9106_SECOND,
    choice: ProviderChoice | None = None,
    store: str | None = None,
) -> SiteSettings:
    """Make a site in ``folder``, which must not exist or be empty, locked by a passphrase or a new key file.

    ``choice`` names another provider; ``passphrase`` is then the token's PIN, if one is asked for. ``store``: the URL
    of an empty PostgreSQL database for the data.

    All of it appears at once or not at all. ``SiteExists``, ``WrongUse`` or ``StorageError`` says what cannot be.
    """
    folder = vacant(folder)
    clock, randomness = SystemClock(), SystemRandomness()
    if choice is None:
        provider = PassphraseSettings.provider if key_file is None else KeyFileSettings.provider
        choice = ProviderChoice(provider, key_file, cost=cost)

    def ask() -> str:
        return passphrase or ""

    if store is not None:
        make_postgresql(store, FACE_VERSIONS)
    key = make_key(choice, folder, ask, randomness)
    settings = SiteSettings(SiteId(randomness.uuid()), clock.now(), key, store=store)
    unfinished = folder.with_name(f".{folder.name}.unfinished")
    try:
        _lay_out(unfinished, settings, provider_for(settings, ask))
        sync_folder(unfinished)
        os.replace(unfinished, folder)
    except BaseException as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        with suppress(StorageError):
            remove_key(key, ask)
        if store is not None:
            with suppress(StorageError):
                drop_postgresql(store)
        if isinstance(error, OSError):
            raise StorageError(
                f"The site cannot be made in {folder} ({error.strerror}); check the folder's rights and free space."
            ) from None
        raise
    sync_folder(folder.parent)
    return settings


def vacant(folder: Path) -> Path:
    """The folder's whole path; ``SiteExists`` when it holds anything."""
    folder = folder.expanduser().resolve()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SiteExists(f"{folder} is not empty; name a new folder for the site.")
    return folder


def _lay_out(folder: Path, settings: SiteSettings, provider: KeyProvider) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    (folder / KEYS).parent.mkdir(mode=0o700)
    (folder / MODELS).mkdir(mode=0o700)
    write_site_settings(folder, settings)
    keys = _open_keys(folder)
    Keyring.found(settings.site, SqliteKeyStore(keys), provider, SystemClock(), SystemRandomness())
    keys.dispose()
    if settings.store is None:
        _open_data(folder, settings).dispose()
    stores = open_stores(folder, settings, provider)
    make_certificate(folder / TLS, tls_password(stores.vault), stores.vault.clock.now())
    stores.close()


def open_stores(folder: Path, settings: SiteSettings, provider: KeyProvider) -> Stores:
    """Unlock the site and open its stores; finishes erasures that a crash interrupted.

    ``provider`` is not asked while a key keeper holds the site's key.
    """
    with ExitStack() as opened:
        holder = _holder(folder)
        opened.callback(holder.let_go)
        if read_site_settings(folder).store != settings.store:
            raise SiteInUse("The site's data was just moved; start this again.")
        keys = None if isinstance(settings.key, KeeperSettings) else open_keys(folder)
        if keys is not None:
            opened.callback(keys.dispose)
        if settings.store is None and not _has_content(folder / DATA):
            raise SiteMissing(f"{folder / DATA} is missing; restore it from the backup of the data.")
        keeper = Keeper.of((folder / KEYS).parent, settings.site)
        store = _key_store(keys, keeper)
        keyring = _keyring(settings, store, keeper, provider)
        opened.callback(keyring.site_keys.close)
        data = _open_data(folder, settings)
        opened.callback(data.dispose)
        vault = Vault(settings.site, keyring, store, SystemClock(), SystemRandomness())
        stores = _put_together(vault, keys, data, holder)
        opened.pop_all()
    return stores


def _holder(folder: Path) -> KeyHolder:
    place = (folder / KEYS).parent
    if not place.is_dir():
        raise SiteMissing(f"{folder / KEYS} is missing; restore it from the backup of the keys.")
    return KeyHolder(place)


def _key_store(keys: Engine | None, keeper: Keeper | None) -> KeyStore:
    if keys is not None:
        return SqliteKeyStore(keys)
    if keeper is None:
        raise Sealed(KEEPER_UNREACHED)
    return KeptKeyStore(keeper)


def _keyring(settings: SiteSettings, store: KeyStore, keeper: Keeper | None, provider: KeyProvider) -> Keyring:
    clock, randomness = SystemClock(), SystemRandomness()
    if keeper is None:
        return Keyring.unlocked(settings.site, store, provider, clock, randomness)
    return Keyring(store, KeptSiteKeys(settings.site, store, keeper, randomness), clock, randomness)


def _put_together(vault: Vault, keys: Engine | None, data: Engine, holder: KeyHolder) -> Stores:
    clock, randomness = SystemClock(), SystemRandomness()
    passages = SqlPassageStore(data, vault)
    grants = GrantStore(data, vault)
    invitations = Invitations(grants, clock, randomness)
    credentials = SqlCredentialStore(grants)
    attempts = SqlAttemptStore(grants, vault)
    lookalikes = SqlLookalikeStore(data, vault)
    before_erasure = (
        passages.remove_all,
        invitations.withdraw,
        lookalikes.part,
        forgotten_with_person(attempts, credentials),
        ended_with_person(credentials, clock),
    )
    people = SqlPersonStore(data, vault, before_erasure=before_erasure)
    upgrade_audit_log(data, vault, randomness)
    commit_rows_there_are(data, vault)
    people.finish_erasures()
    Rekeying(data, vault).finish()
    return Stores(
        data,
        keys,
        vault,
        randomness,
        people,
        SqlConsentStore(data, vault),
        SqlEnrolmentStore(data, vault),
        SqlChanges(data),
        passages,
        SqlPaceStore(data),
        SqlAuditTrail(data, vault, randomness),
        grants,
        SqlCheckpointStore(grants),
        credentials,
        attempts,
        SqlDeviceStore(grants),
        SqlDeliveryStore(data, vault, grants, passages),
        lookalikes,
        SqlPinStore(data, vault),
        SqlHoldStore(grants, vault),
        holder,
    )


def provider_for(settings: SiteSettings, ask: AskPassphrase) -> KeyProvider:
    """The provider that the site's settings name."""
    return provider_of(settings.key, ask)


def read_settings(folder: Path) -> SiteSettings:
    return read_site_settings(folder)


def tls_password(vault: Vault) -> bytes:
    """The password of the TLS key's file."""
    return vault.renewed_secret_for("tls key file").hex().encode()


def _has_content(file: Path) -> bool:
    """An empty file would be migrated like a new one, and the site be opened with nobody in it."""
    return file.is_file() and file.stat().st_size > 0


def _open_data(folder: Path, settings: SiteSettings) -> Engine:
    if settings.store is not None:
        return open_postgresql(settings.store, FACE_VERSIONS)
    return open_sqlite(folder / DATA, FACE_VERSIONS)


def require_keys_here(folder: Path) -> None:
    """``WrongUse`` where the site's keys lie on another machine."""
    if isinstance(read_settings(folder).key, KeeperSettings):
        raise WrongUse(_KEYS_ELSEWHERE)


def open_keys(folder: Path) -> Engine:
    """keys.db, which takes no key to open; ``SiteMissing`` when it is not there."""
    if not _has_content(folder / KEYS):
        raise SiteMissing(f"{folder / KEYS} is missing; restore it from the backup of the keys.")
    return _open_keys(folder)


def _open_keys(folder: Path) -> Engine:
    return open_sqlite(folder / KEYS, "doorward.adapters.stores.keys.versions")
