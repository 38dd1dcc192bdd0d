"""Where the crowd's intervals are stored."""

from pathlib import Path

from doorward.adapters.models.library import ModelPlaces
from doorward.errors import SiteMissing
from doorward.settings.crowd.values import read_toml, table_in, text
from doorward.settings.environment import site_folder

SITE_FILE = "site.toml"
MODEL_FOLDER = "models"
LONGEST_PATH = 4096


def crowd_site(given: Path | None) -> Path:
    """The site's folder: as given, else ``DOORWARD_SITE``, else here. ``SiteMissing`` when it is no site."""
    site = given or site_folder()
    if not (site / SITE_FILE).is_file():
        raise SiteMissing(
            f"There is no site in {site}; make one with `doorward init {site}` or name another by --site."
        )
    return site


def crowd_store(site: Path) -> str | None:
    """The URL of the PostgreSQL database that the crowd's figures are in; ``None`` when they are in crowd.db."""
    if not (site / SITE_FILE).is_file():
        return None
    held = table_in(read_toml(site / SITE_FILE, "site"), "crowd", {"store"})
    return text(held, "store", "[crowd]", longest=LONGEST_PATH) if held else None


def crowd_models(given: Path | None) -> ModelPlaces:
    """Where models of people lie: in the site's folder ``models``, or where its settings say; packages without a site.

    The site's folder is found as ``crowd_site`` finds it.
    """
    site = given or site_folder()
    if given is None and not (site / SITE_FILE).is_file():
        return ModelPlaces()
    paths = table_in(read_toml(crowd_site(given) / SITE_FILE, "site"), "models")
    named = {name: Path(text(paths, name, "[models]", longest=LONGEST_PATH)) for name in paths}
    return ModelPlaces(site / MODEL_FOLDER, named)
