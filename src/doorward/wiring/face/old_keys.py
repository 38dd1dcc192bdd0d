"""What earlier key providers kept: remembered at every change of provider, so that it can be destroyed by name.

A copy of keys.db from before the change still opens with it. A passphrase is kept nowhere, so none is remembered.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from doorward.adapters.keys.key_file import key_file_digest
from doorward.adapters.stores.face.grant_store import GrantStore
from doorward.errors import StorageError, WrongKey, WrongUse
from doorward.kernel.audit import Actor, AuditEntry
from doorward.settings.key import (
    KeeperSettings,
    KeyFileSettings,
    KeyringSettings,
    KeySettings,
    PassphraseSettings,
    key_from,
)
from doorward.wiring.face.opening import Stores
from doorward.wiring.face.providers import AskPassphrase, remove_key

_KIND = "old key"


@dataclass(frozen=True, slots=True)
class OldKey:
    """``digest``: of a key file's key, so that another one of the same name is left alone."""

    name: str
    settings: KeySettings
    digest: str | None


class OldKeys:
    """The old keys of one site, in granted rows: who writes the database has none destroyed."""

    def __init__(self, grants: GrantStore) -> None:
        self._grants = grants

    def remember(self, key: KeySettings) -> None:
        """Call it before the site is handed over: a crash in between leaves a row that ``held`` passes by."""
        if not isinstance(key, PassphraseSettings):
            name, settings = _described(key)
            digest = key_file_digest(key.path) if isinstance(key, KeyFileSettings) else None
            self._grants.put(_KIND, name, {"settings": settings, "digest": digest})

    def held(self, current: KeySettings) -> Iterator[OldKey]:
        """Those remembered and not destroyed yet, without the one that opens the site: ``current``."""
        for name, row in self._grants.all(_KIND):
            settings = key_from(row["settings"])
            if _described(settings)[0] != (None if isinstance(current, PassphraseSettings) else _described(current)[0]):
                yield OldKey(name, settings, row["digest"])

    def forget(self, key: OldKey) -> None:
        self._grants.remove(_KIND, key.name)


def destroy_old_keys(
    stores: Stores, current: KeySettings, ask: AskPassphrase, actor: Actor, *, already_gone: bool = False
) -> tuple[str, ...]:
    """Destroy what earlier providers kept; the providers' names. ``ask`` is asked for an old token's PIN.

    ``StorageError`` when one of them cannot be reached or destroyed: those before it are gone, the others stay
    remembered. ``already_gone``: destroy nothing, and remember them no longer.
    """
    old, destroyed = OldKeys(stores.grants), []
    for key in tuple(old.held(current)):
        done = "key of an earlier provider forgotten" if already_gone else "key of an earlier provider destroyed"
        stores.trail.record(AuditEntry(actor, f"{done}: {key.settings.provider}", None, stores.vault.clock.now()))
        if not already_gone:
            _destroy(key, ask)
        old.forget(key)
        destroyed.append(key.settings.provider)
    return tuple(destroyed)


def _destroy(key: OldKey, ask: AskPassphrase) -> None:
    settings = key.settings
    if isinstance(settings, KeyFileSettings) and key.digest not in (None, key_file_digest(settings.path)):
        raise StorageError(
            f"{settings.path} does not hold the key that opened this site before; bring that file back, or add "
            "--already-gone once you destroyed it."
        )
    try:
        remove_key(settings, ask)
    except (StorageError, WrongKey, WrongUse) as error:
        raise StorageError(
            f"What the earlier provider ({settings.provider}) kept is still there. {error.message} "
            "Then run `doorward keys provider forget`."
        ) from None


def _described(key: KeySettings) -> tuple[str, Mapping[str, str]]:
    """A name that no other key of this site has, and what ``key_from`` reads."""
    if isinstance(key, KeyFileSettings):
        return f"{key.provider} {key.path}", {"provider": key.provider, "path": str(key.path)}
    if isinstance(key, KeyringSettings):
        return f"{key.provider} {key.entry}", {"provider": key.provider, "entry": key.entry}
    if isinstance(key, PassphraseSettings | KeeperSettings):
        raise TypeError
    held = {"module": str(key.module), "token": key.token, "label": key.label, "sealed": key.sealed.hex()}
    return f"{key.provider} {key.label}", {"provider": key.provider, **held}
