"""Whom somebody writes to who found a weakness: the contact in security.txt (RFC 9116)."""

from urllib.parse import urlsplit

from doorward.adapters.stores.face.grant_store import GrantStore
from doorward.errors import WrongUse

LONGEST = 200

_KIND, _NAME = "setting", "security contact"


class SecurityContact:
    """A granted row: who writes the database without the key does not receive reports."""

    def __init__(self, grants: GrantStore) -> None:
        self._grants = grants

    def set(self, uri: str) -> str:
        """Keep ``uri``; ``WrongUse`` unless it is a mailto:, tel: or https: address, as RFC 9116 asks for."""
        uri = uri.strip()
        parts = urlsplit(uri)
        usable = uri.isascii() and uri.isprintable() and " " not in uri and len(uri) <= LONGEST
        if not usable or parts.scheme not in ("mailto", "tel", "https") or not (parts.netloc or parts.path):
            raise WrongUse("Give the contact as mailto:NAME@HOST, https://… or tel:+…, as RFC 9116 asks for.")
        self._grants.put(_KIND, _NAME, {"uri": uri})
        return uri

    def get(self) -> str | None:
        """``Tampered`` when the row was not written by this site."""
        held = self._grants.get(_KIND, _NAME)
        return None if held is None else str(held["uri"])
