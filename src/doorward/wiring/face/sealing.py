"""A site unsealed and sealed: a key keeper of its own started, and every process that holds keys ended."""

import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from doorward.adapters.key_holders import end_holders
from doorward.errors import Conflict, DoorwardError, InternalError, StorageError
from doorward.kernel.audit import Actor, AuditEntry
from doorward.settings.key import KeeperSettings
from doorward.settings.site import SiteSettings
from doorward.vault.site_keys import UnlockedSiteKeys
from doorward.wiring.face.holding import is_unsealed
from doorward.wiring.face.opening import KEYS, AskPassphrase, Stores, open_stores, provider_for
from doorward.wiring.face.unlocking import unlock

PATIENCE_S = 10.0
"""How long a process may take to end by itself, a server with its last answers."""

_READY = b"ready\n"
_MODULE = "doorward.wiring.face.keeper"


@dataclass(frozen=True, slots=True)
class SealReport:
    """Numbers of the processes that ``seal`` ended, and of those that it could not end."""

    ended: Sequence[int]
    left: Sequence[int]


def unseal(folder: Path, settings: SiteSettings, ask: AskPassphrase, actor: Actor, hours: float | None = None) -> bool:
    """Start the site's key keeper, for ``hours`` if given; false when one runs already.

    ``WrongKey`` when the provider does not open the site. The act is an entry of the log.
    """
    if is_unsealed(folder, settings):
        return False
    stores = unlock(folder, settings, ask)
    try:
        site_keys = stores.vault.site_keys()
        if not isinstance(site_keys, UnlockedSiteKeys):  # another one was quicker
            return False
        _record(stores, actor, "site unsealed")
        _start(folder, site_keys.provider_key(), hours)
    finally:
        stores.close()
    return True


def seal(folder: Path, settings: SiteSettings, actor: Actor) -> SealReport:
    """End every process that holds keys of the site, the keeper among them, and not this one; needs no key.

    The act is an entry of the log while a keeper runs: without one nobody can write there.
    """
    if is_unsealed(folder, settings):
        with suppress(DoorwardError):  # a log that cannot be written must not keep the site open
            _recorded_by_keeper(folder, settings, actor)
    return SealReport(*end_holders((folder / KEYS).parent, PATIENCE_S))


def _recorded_by_keeper(folder: Path, settings: SiteSettings, actor: Actor) -> None:
    def nobody() -> str:
        raise Conflict("The site was sealed meanwhile.")

    stores = open_stores(folder, settings, provider_for(settings, nobody))
    try:
        here = "servers of another machine ended" if isinstance(settings.key, KeeperSettings) else "site sealed"
        _record(stores, actor, here)
    finally:
        stores.close()


def _record(stores: Stores, actor: Actor, action: str) -> None:
    stores.trail.record(AuditEntry(actor, action, None, stores.vault.clock.now()))


def _start(folder: Path, provider_key: bytes, hours: float | None) -> None:
    """The key goes through a pipe: arguments and environment can be read by others."""
    command = [sys.executable, "-m", _MODULE, str(folder), *([str(hours)] if hours is not None else [])]
    try:
        process = subprocess.Popen(  # noqa: S603 - our own module
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
        )
    except OSError as error:
        raise StorageError(f"The key keeper cannot be started ({error.strerror}); try again.") from None
    if process.stdin is None or process.stdout is None:
        raise InternalError("The key keeper has no pipes; report this.")
    with process.stdout, process.stdin:
        with suppress(BrokenPipeError):
            process.stdin.write(provider_key)
            process.stdin.close()
        if process.stdout.readline() != _READY:
            process.wait()
            raise StorageError("The key keeper could not begin its work; check the folder of the keys and try again.")
