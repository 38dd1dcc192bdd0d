"""Where the crowd's intervals are stored."""

from pathlib import Path

from doorward.errors import SiteMissing
from doorward.settings.environment import site_folder

SITE_FILE = "site.toml"


def crowd_site(given: Path | None) -> Path:
    """The site's folder: as given, else ``DOORWARD_SITE``, else here. ``SiteMissing`` when it is no site."""
    site = given or site_folder()
    if not (site / SITE_FILE).is_file():
        raise SiteMissing(
            f"There is no site in {site}; make one with `doorward init {site}` or name another by --site."
        )
    return site
