"""Signatories: who together may have people leave the site. Each has a secret, and one alone moves nobody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from unicodedata import normalize

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from doorward.adapters.stores.face.grant_store import GrantStore
from doorward.errors import Conflict, Forbidden, NotFound, Unauthenticated, WrongUse
from doorward.kernel.audit import Actor, AuditEntry, AuditTrail
from doorward.kernel.clock import Clock
from doorward.people.moving import LONGEST_NAME
from doorward.people.person import is_plain
from doorward.wiring.face.administrator import SHORTEST_SECRET

FEWEST = 2

_KIND = "signatory"
_REFUSED = "The name or the secret of the signatory is wrong; `doorward admin signatory list` shows the names."


@dataclass(frozen=True, slots=True)
class Signatory:
    name: str
    since: datetime


class Signatories:
    """Kept with an Argon2id hash (RFC 9106) each, in granted rows: who writes the database appoints nobody.

    The first two are appointed together; from then on two of them have to agree to every change.
    """

    def __init__(
        self, grants: GrantStore, trail: AuditTrail, clock: Clock, hasher: PasswordHasher | None = None
    ) -> None:
        self._grants = grants
        self._trail = trail
        self._clock = clock
        self._hasher = hasher or PasswordHasher()

    def all(self) -> Sequence[Signatory]:
        """By name; ``Tampered`` when a row was not written by this site."""
        held = (Signatory(row["name"], datetime.fromisoformat(row["since"])) for _, row in self._grants.all(_KIND))
        return sorted(held, key=lambda one: one.name.casefold())

    def appoint(self, actor: Actor, secrets: Mapping[str, str], by: Mapping[str, str]) -> Sequence[Signatory]:
        """Appoint whom ``secrets`` names. ``by``: names and secrets of two who are signatories; of none the first time.

        ``WrongUse`` for a name or secret that cannot be, or when the first are not two; ``Conflict`` when a name is
        taken; ``Unauthenticated`` or ``Forbidden`` as in ``agreed``.
        """
        known = self.all()
        if known:
            agreed = self.agreed(actor, by)
        elif len(secrets) < FEWEST:
            raise WrongUse("The first two signatories are appointed together: name both, each with their own secret.")
        else:
            agreed = ()
        names = [_checked_name(name) for name in secrets]
        if len({_row(name) for name in (*names, *(one.name for one in known))}) < len(names) + len(known):
            raise Conflict("There is a signatory of that name already; choose another.")
        plain = [_checked_secret(secret) for secret in secrets.values()]
        if len(set(plain)) < len(plain) or any(self._is_secret_of_another(secret) for secret in plain):
            raise WrongUse("That secret is another signatory's; each chooses their own, and tells it to nobody.")
        told = f"appointed by {' and '.join(agreed)}" if agreed else "the first of the site"
        for name in names:
            self._record(actor, f"signatory {name} appointed, {told}")
        since = self._clock.now().isoformat()
        rows = [
            {"name": name, "since": since, "argon2id": self._hasher.hash(secret)}
            for name, secret in zip(names, plain, strict=True)
        ]
        self._grants.change(_KIND, [_row(name) for name in names], lambda _held: rows)
        return self.all()

    def remove(self, actor: Actor, name: str, by: Mapping[str, str]) -> Sequence[Signatory]:
        """End an appointment; two agree, who may be the one. ``Conflict`` when fewer than two would stay."""
        held = self._grants.get(_KIND, _row(name))
        if held is None:
            raise NotFound("There is no signatory of that name; `doorward admin signatory list` shows them.")
        agreed = self.agreed(actor, by)
        if len(self.all()) <= FEWEST:
            raise Conflict("Two signatories have to stay, or nobody could appoint any; appoint the next one first.")
        self._record(actor, f"signatory {held['name']} removed by {' and '.join(agreed)}")
        self._grants.remove(_KIND, _row(name))
        return self.all()

    def agreed(self, actor: Actor, by: Mapping[str, str]) -> Sequence[str]:
        """The names of the two who agree; ``Forbidden`` unless they are two, ``Unauthenticated`` as below."""
        if len({_row(name) for name in by}) < FEWEST:
            raise Forbidden("Two signatories have to agree to this, each with their own secret.")
        return [self.authenticated(actor, name, secret) for name, secret in by.items()]

    def authenticated(self, actor: Actor, name: str, secret: str) -> str:
        """The signatory's name as they were appointed. A wrong secret is recorded.

        ``Unauthenticated`` in the same words, and after as long, for an unknown name and a wrong secret.
        """
        held = self._grants.get(_KIND, _row(name))
        if held is None:
            self._hasher.hash(secret)
            self._record(actor, "an unknown signatory refused")
            raise Unauthenticated(_REFUSED)
        if not self._fits(held, normalize("NFKC", secret)):
            self._record(actor, f"signatory {held['name']} refused: wrong secret")
            raise Unauthenticated(_REFUSED)
        return str(held["name"])

    def _is_secret_of_another(self, secret: str) -> bool:
        return any(self._fits(held, secret) for _, held in self._grants.all(_KIND))

    def _fits(self, held: Mapping[str, Any], secret: str) -> bool:
        try:
            return self._hasher.verify(held["argon2id"], secret)
        except (VerificationError, InvalidHashError):
            return False

    def _record(self, actor: Actor, action: str) -> None:
        self._trail.record(AuditEntry(actor, action, None, self._clock.now()))


def _row(name: str) -> str:
    return normalize("NFKC", name.strip()).casefold()


def _checked_name(name: str) -> str:
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not is_plain(name):
        raise WrongUse(f"A signatory's name has 1 to {LONGEST_NAME} printable characters; it stands in the log.")
    return name


def _checked_secret(secret: str) -> str:
    secret = normalize("NFKC", secret)
    if len(secret) < SHORTEST_SECRET:
        raise WrongUse(f"A signatory's secret has at least {SHORTEST_SECRET} characters, such as five random words.")
    return secret
