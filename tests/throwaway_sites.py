"""Sites to test with: made once, copied for every test."""

import shutil
import tempfile
from functools import cache
from pathlib import Path

from doorward.settings.site import KeyFileSettings, read_site_settings, replace_key_settings
from doorward.vault.passphrase import CHEAPEST
from doorward.wiring.face.opening import Stores, create_site, open_stores, provider_for

PASSPHRASE = "correct horse battery staple"


@cache
def _made(name: str) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="doorward-test-")) / name
    create_site(folder, passphrase=PASSPHRASE, cost=CHEAPEST)
    return folder


def throwaway_site(parent: Path, name: str = "site") -> Path:
    """A fresh site in ``parent``; sites of one ``name`` share their id and keys, other names are other sites."""
    return Path(shutil.copytree(_made(name), parent / name))


@cache
def _made_with_key_file() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="doorward-test-"))
    create_site(folder / "site", key_file=folder / "site.key")
    return folder


def site_with_key_file(parent: Path) -> Path:
    """A fresh site in ``parent``, its key beside it; all of them share their id and keys."""
    made = _made_with_key_file()
    shutil.copy(made / "site.key", parent)
    folder = Path(shutil.copytree(made / "site", parent / "site"))
    replace_key_settings(folder, KeyFileSettings(parent / "site.key"))
    return folder


def opened_stores(folder: Path, passphrase: str = PASSPHRASE) -> Stores:
    settings = read_site_settings(folder)
    return open_stores(folder, settings, provider_for(settings, lambda: passphrase))
