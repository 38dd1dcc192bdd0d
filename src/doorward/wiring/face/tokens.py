"""Tokens of the HTTP interface: 256 random bits, shown once, kept as a SHA-256 in a granted row."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from zlib import crc32

from doorward.adapters.stores.face.grant_store import GrantStore
from doorward.errors import Conflict, NotFound, Tampered, Unauthenticated, WrongUse
from doorward.kernel.clock import Clock, Randomness
from doorward.kernel.permissions import TOKEN_SCOPES, Scope

PREFIX = "doorward_"
"""By which a token in the wrong place (a log, a repository) is recognised."""

DEFAULT_LIFETIME = timedelta(days=90)
LONGEST_LIFETIME = timedelta(days=366)
LONGEST_NAME = 60

_KIND = "token"
_OCTETS = 32
_REFUSED = "This needs a valid token; make one with `doorward token create`."


@dataclass(frozen=True, slots=True)
class Token:
    """What is kept of a token: never the token itself. ``name`` stands in the audit trail, and is not used again."""

    digest: str
    name: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None

    @property
    def called(self) -> str:
        """As the log names who bears it."""
        return f"token {self.name}"

    def is_valid(self, now: datetime) -> bool:
        return self.revoked_at is None and now < self.expires_at


class Tokens:
    """Who writes the database without the key adds no token: rows are authenticated by the vault."""

    def __init__(self, grants: GrantStore, clock: Clock, randomness: Randomness) -> None:
        self._grants = grants
        self._clock = clock
        self._randomness = randomness

    def create(self, name: str, scopes: frozenset[Scope], lifetime: timedelta = DEFAULT_LIFETIME) -> tuple[str, Token]:
        """The token, told here and never again, and what is kept of it.

        ``WrongUse`` for an unusable name, no scope or a lifetime not within 0 to ``LONGEST_LIFETIME``;
        ``Conflict`` when the name was ever given.
        """
        name = name.strip()
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            raise WrongUse(f"A token's name has 1 to {LONGEST_NAME} printable characters; it stands in the log.")
        if not scopes or not scopes <= TOKEN_SCOPES:
            raise WrongUse(f"A token needs at least one scope, of {', '.join(sorted(TOKEN_SCOPES))}.")
        if not timedelta(0) < lifetime <= LONGEST_LIFETIME:
            raise WrongUse(f"A token expires in the future, and within {LONGEST_LIFETIME.days} days.")
        if any(known.name.casefold() == name.casefold() for known in self.all()):
            raise Conflict("A token had that name already, and it stands in the log; choose another.")
        secret = _with_checksum(self._randomness.octets(_OCTETS).hex())
        now = self._clock.now()
        return secret, self._put(Token(_digest(secret), name, scopes, now, now + lifetime))

    def all(self) -> tuple[Token, ...]:
        """Every token ever made, by name; ``Tampered`` when a row was not written by this site."""
        found = (_token(digest, held) for digest, held in self._grants.all(_KIND))
        return tuple(sorted(found, key=lambda token: token.name.casefold()))

    def revoke(self, name: str) -> Token:
        """End a token now; ``NotFound`` when there is none of that name."""
        for known in self.all():
            if known.name.casefold() == name.strip().casefold():
                ended = known.revoked_at or self._clock.now()
                return self._put(
                    Token(known.digest, known.name, known.scopes, known.created_at, known.expires_at, ended)
                )
        raise NotFound("There is no token of that name; `doorward token list` shows them.")

    def holder(self, secret: str) -> Token:
        """The valid token that ``secret`` is.

        ``Unauthenticated`` otherwise, in the same words for an unknown, foreign, forged, expired and revoked one.
        """
        if not _is_well_formed(secret):
            raise Unauthenticated(_REFUSED)
        digest = _digest(secret)
        try:
            held = self._grants.get(_KIND, digest)
        except Tampered:
            raise Unauthenticated(_REFUSED) from None
        if held is None:
            raise Unauthenticated(_REFUSED)
        token = _token(digest, held)
        if not hmac.compare_digest(str(held["sha256"]), digest) or not token.is_valid(self._clock.now()):
            raise Unauthenticated(_REFUSED)
        return token

    def _put(self, token: Token) -> Token:
        self._grants.put(
            _KIND,
            token.digest,
            {
                "sha256": token.digest,
                "name": token.name,
                "scopes": sorted(token.scopes),
                "created_at": token.created_at.isoformat(),
                "expires_at": token.expires_at.isoformat(),
                "revoked_at": token.revoked_at and token.revoked_at.isoformat(),
            },
        )
        return token


def _token(digest: str, held: dict[str, Any]) -> Token:
    return Token(
        digest,
        held["name"],
        frozenset(Scope(scope) for scope in held["scopes"]),
        datetime.fromisoformat(held["created_at"]),
        datetime.fromisoformat(held["expires_at"]),
        datetime.fromisoformat(held["revoked_at"]) if held["revoked_at"] else None,
    )


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _with_checksum(random: str) -> str:
    """A checksum, so that a scanner of code or logs can tell a real token from a look-alike without asking."""
    return f"{PREFIX}{random}{crc32(random.encode()):08x}"


def _is_well_formed(secret: str) -> bool:
    random = secret.removeprefix(PREFIX)[: 2 * _OCTETS]
    return secret.isascii() and hmac.compare_digest(secret.encode(), _with_checksum(random).encode())
