"""The Python API: make a site, open a site. Everything else is a method of ``Site``."""

from pathlib import Path

from doorward.errors import WrongUse
from doorward.wiring.face.opening import create_site
from doorward.wiring.face.site import Site, open_site


def create(
    folder: Path | str,
    *,
    passphrase: str | None = None,
    key_file: Path | str | None = None,
    store: str | None = None,
) -> Site:
    """Make a site and open it. Give a passphrase, or the path of a key file to be made outside ``folder``.

    ``store``: the URL of an empty PostgreSQL database for the data.

    ``SiteExists``, ``WrongUse``, ``Conflict`` or ``StorageError`` says what cannot be; nothing is left half made.
    """
    if (passphrase is None) == (key_file is None):
        raise WrongUse("Give either a passphrase or the path of a new key file.")
    create_site(Path(folder), passphrase=passphrase, key_file=Path(key_file) if key_file else None, store=store)
    return open_site(folder, lambda: passphrase or "")


def open(folder: Path | str, *, passphrase: str | None = None) -> Site:  # noqa: A001 - users call doorward.open
    """Open a site; ``passphrase`` only where the site has one. ``SiteMissing`` or ``WrongKey`` says why not."""
    return open_site(folder, lambda: passphrase or "")
