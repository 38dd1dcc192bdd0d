"""A site unlocked, and its key handed from one provider to another: only the site key is wrapped anew."""

from contextlib import suppress
from functools import cache
from pathlib import Path

from doorward.errors import DoorwardError, SiteInUse, StorageError
from doorward.kernel.audit import Actor, AuditEntry
from doorward.settings.key import KeySettings, PassphraseSettings
from doorward.settings.site import SiteSettings, read_site_settings, replace_key_settings
from doorward.vault.passphrase import Argon2Cost, raised
from doorward.vault.site_keys import UnlockedSiteKeys
from doorward.wiring.face.keys import renewing
from doorward.wiring.face.old_keys import OldKeys
from doorward.wiring.face.opening import Stores, open_stores, provider_for
from doorward.wiring.face.providers import AskPassphrase, ProviderChoice, make_key, provider_of, remove_key


def unlock(folder: Path, settings: SiteSettings, ask: AskPassphrase) -> Stores:
    """The stores of the site, opened. A passphrase's cost is raised when it is below today's."""
    asked_once = cache(ask)
    stores = open_stores(folder, settings, provider_for(settings, asked_once))
    dearer = _raised(settings.key)
    if dearer is not None and isinstance(stores.vault.site_keys(), UnlockedSiteKeys):
        with suppress(SiteInUse, StorageError), renewing(folder):  # another time, then: the site is open all the same
            key = make_key(ProviderChoice(cost=dearer), folder, asked_once, stores.randomness)
            _hand_over(folder, stores, key, asked_once)
    return stores


def change_provider(
    folder: Path, stores: Stores, choice: ProviderChoice, ask: AskPassphrase, actor: Actor
) -> SiteSettings:
    """Let another provider keep the key: a new passphrase, key file, keyring entry or token key.

    ``ask`` is asked for the new passphrase or the token's PIN. Cut short at any point, either the old provider opens
    the site or the new one. What the old one keeps still opens older copies of the keys; it is remembered, until
    ``destroy_old_keys``.
    """
    asked_once = cache(ask)
    with renewing(folder):
        OldKeys(stores.grants).remember(read_site_settings(folder).key)
        stores.trail.record(
            AuditEntry(actor, f"key provider changed to {choice.provider}", None, stores.vault.clock.now())
        )
        key = make_key(choice, folder, asked_once, stores.randomness)
        return _hand_over(folder, stores, key, asked_once)


def _hand_over(folder: Path, stores: Stores, key: KeySettings, ask: AskPassphrase) -> SiteSettings:
    site_keys = stores.vault.site_keys()
    try:
        incoming = site_keys.stage(provider_of(key, ask))
    except DoorwardError:
        with suppress(StorageError):
            remove_key(key, ask)
        raise
    settings = replace_key_settings(folder, key)
    site_keys.adopt(incoming)
    return settings


def _raised(key: KeySettings) -> Argon2Cost | None:
    """The cost that the passphrase should have; ``None`` when it has it, or there is none."""
    if not isinstance(key, PassphraseSettings):
        return None
    cost = Argon2Cost(key.memory_kib, key.passes, key.lanes)
    return None if raised(cost) == cost else raised(cost)
