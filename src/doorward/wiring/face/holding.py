"""Who holds keys of a site at this moment; needs none to tell."""

from collections.abc import Sequence
from pathlib import Path

from doorward.adapters.keeper.client import Keeper
from doorward.adapters.key_holders import holders
from doorward.settings.site import SiteSettings
from doorward.wiring.face.opening import KEYS


def is_unsealed(folder: Path, settings: SiteSettings) -> bool:
    """Does a key keeper hold the site's key?"""
    keeper = Keeper.of((folder / KEYS).parent, settings.site)
    if keeper is None:
        return False
    keeper.close()
    return True


def key_holders(folder: Path) -> Sequence[int]:
    """The numbers of the processes that hold keys of the site at this moment; 0 for one in another container."""
    return holders((folder / KEYS).parent)
