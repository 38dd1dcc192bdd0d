"""Where a site's crowd.db lies."""

from pathlib import Path

FILE_NAME = "crowd.db"
FOLDER = "crowd"
VERSIONS = "doorward.adapters.stores.crowd.versions"


def crowd_database(site: Path) -> Path:
    """In the site's folder, or in its folder ``crowd`` where there is one: the only place that the user of the counting
    process has to be allowed to write to."""
    own = site / FOLDER
    return (own if own.is_dir() else site) / FILE_NAME
