"""The folder with which another machine serves the same site: settings and certificate, and no key that opens."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from sqlalchemy import make_url

from doorward.adapters.durability import sync_folder
from doorward.adapters.stores.postgresql_url import is_this_machine, reached_by
from doorward.errors import StorageError, WrongUse
from doorward.settings.key import KeeperSettings
from doorward.settings.site import (
    FILE_NAME,
    SiteSettings,
    read_site_settings,
    replace_key_settings,
    replace_store_settings,
)
from doorward.wiring.face.opening import KEYS, MODELS, TLS, require_keys_here, vacant


def make_for_machine(site: Path, folder: Path, store: str | None) -> SiteSettings:
    """Make in ``folder``, new or empty, what another machine serves the site in ``site`` with; needs no key.

    ``store``: the database's URL as that machine reaches it; the site's own if not given. ``WrongUse`` when the data
    is in a file, or the URL leads to this machine; ``SiteExists`` when the folder holds anything.
    """
    require_keys_here(site)
    settings = read_site_settings(site)
    if settings.store is None:
        raise WrongUse("The data of this site is in a file on this machine; `doorward migrate` moves it to PostgreSQL.")
    if store is None and is_this_machine(_host_of(settings.store)):
        raise WrongUse(
            "The site's URL leads to this machine; give the one by which the other reaches the database: --store URL."
        )
    reached_by(store or settings.store)
    folder = vacant(folder)
    unfinished = folder.with_name(f".{folder.name}.unfinished")
    try:
        shutil.rmtree(unfinished, ignore_errors=True)
        (unfinished / KEYS).parent.mkdir(mode=0o700, parents=True)
        unfinished.chmod(0o700)
        shutil.copy2(site / FILE_NAME, unfinished)
        for part in (TLS, MODELS):
            if (site / part).is_dir():
                shutil.copytree(site / part, unfinished / part)
        replace_key_settings(unfinished, KeeperSettings())
        made = replace_store_settings(unfinished, store or settings.store)
        with suppress(FileNotFoundError):
            folder.rmdir()
        os.replace(unfinished, folder)
    except OSError as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise StorageError(f"{folder} cannot be made ({error.strerror}); check its rights and free space.") from None
    sync_folder(folder.parent)
    return made


def _host_of(store: str) -> str:
    address = make_url(store)
    return str(address.query.get("host") or address.host or "")
