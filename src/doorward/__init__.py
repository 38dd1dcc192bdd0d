"""Doorward: faces verified, enrolled people identified, crowds counted, strangers forgotten.

``doorward.create`` makes a site and ``doorward.open`` opens one. They are loaded when first used, so that
importing a part of Doorward loads that part alone; their types stand in ``__init__.pyi``.
"""

from importlib import import_module

__version__ = "0.1.0"

_PLACES = {
    "Site": "doorward.wiring.face.site",
    "create": "doorward.wiring.face.api",
    "open": "doorward.wiring.face.api",
}
__all__ = ["__version__", *_PLACES]


def __getattr__(name: str) -> object:
    if name not in _PLACES:
        raise AttributeError(f"module 'doorward' has no attribute {name!r}")
    return getattr(import_module(_PLACES[name]), name)
