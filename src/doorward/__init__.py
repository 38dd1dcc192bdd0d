"""Doorward: faces verified, enrolled people identified, crowds counted, strangers forgotten.

``doorward.create`` makes a site and ``doorward.open`` opens one; both are loaded when first used, so that
importing a part of Doorward loads that part alone.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from doorward.api import create as create
    from doorward.api import open as open  # noqa: A004 - doorward.open reads as what it does
    from doorward.wiring.face.site import Site as Site

__version__ = "0.1.0"
__all__ = ["Site", "__version__", "create", "open"]

_PLACES = {"create": "doorward.api", "open": "doorward.api", "Site": "doorward.wiring.face.site"}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'doorward' has no attribute {name!r}")
    return getattr(import_module(_PLACES[name]), name)
