"""The folder with which another machine serves the same site: settings and certificate, and no key that opens."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from sqlalchemy import make_url

from doorward.adapters.durability import sync_folder
from doorward.adapters.stores.postgresql_url import is_this_machine, reached_by
from doorward.errors import StorageError, WrongUse
from doorward.settings.crowd.site import crowd_store
from doorward.settings.key import KeeperSettings
from doorward.settings.site import (
    FILE_NAME,
    SiteSettings,
    read_site_settings,
    replace_crowd_settings,
    replace_key_settings,
    replace_store_settings,
)
from doorward.wiring.face.opening import KEYS, MODELS, TLS, require_keys_here, vacant


def make_for_machine(site: Path, folder: Path, store: str | None, crowd: str | None = None) -> SiteSettings:
    """Make in ``folder``, new or empty, what another machine serves the site in ``site`` with; needs no key.

    ``store`` and ``crowd``: the URLs of the data and of the crowd's figures as that machine reaches them; the site's
    own if not given. ``WrongUse`` when the data is in a file, or a URL of the site's leads to this machine;
    ``SiteExists`` when the folder holds anything.
    """
    require_keys_here(site)
    settings = read_site_settings(site)
    if settings.store is None:
        raise WrongUse("The data of this site is in a file on this machine; `doorward migrate` moves it to PostgreSQL.")
    store = _from_elsewhere(store, settings.store, "--store")
    figures = crowd_store(site)
    if figures is not None:
        crowd = _from_elsewhere(crowd, figures, "--crowd-store")
    elif crowd is not None:
        raise WrongUse("The crowd's figures are in a file on this machine; `doorward crowd store` moves them.")
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
        replace_crowd_settings(unfinished, crowd)
        made = replace_store_settings(unfinished, store)
        with suppress(FileNotFoundError):
            folder.rmdir()
        os.replace(unfinished, folder)
    except BaseException as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        if isinstance(error, OSError):
            raise StorageError(f"{folder} cannot be made ({error.strerror}); check its rights and space.") from None
        raise
    sync_folder(folder.parent)
    return made


def _from_elsewhere(given: str | None, own: str, option: str) -> str:
    if given is None and is_this_machine(_host_of(own)):
        raise WrongUse(f"{own} leads to this machine; give the URL as the other machine reaches it: {option} URL.")
    reached_by(given or own)
    return given or own


def _host_of(store: str) -> str:
    address = make_url(store)
    return str(address.query.get("host") or address.host or "")
