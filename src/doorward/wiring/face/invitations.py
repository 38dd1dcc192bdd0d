"""Invitations: a one-time code by which a person confirms their own enrolment, with no officer beside them."""

from datetime import datetime, timedelta
from hashlib import sha256

from doorward.adapters.stores.face.grant_store import GrantStore
from doorward.errors import Forbidden
from doorward.kernel.clock import Clock, Randomness
from doorward.kernel.ids import PersonId

LIFETIME = timedelta(days=7)
ATTEMPTS = 5
"""Live captures that may be tried with one invitation."""

_KIND = "invitation"
_OCTETS = 10
"""80 bits: not to be guessed within ``LIFETIME`` at any pace of asking."""


class Invitations:
    """Codes are kept as their SHA-256 in granted rows, for one person and one use."""

    def __init__(self, grants: GrantStore, clock: Clock, randomness: Randomness) -> None:
        self._grants = grants
        self._clock = clock
        self._randomness = randomness

    def invite(self, person: PersonId) -> tuple[str, datetime]:
        """A code, told here and never again, and when it ends."""
        code = self._randomness.octets(_OCTETS).hex()
        ends = self._clock.now() + LIFETIME
        self._put(code, person, ends, ATTEMPTS)
        return "-".join(code[place : place + 4] for place in range(0, len(code), 4)), ends

    def try_once(self, code: str, person: PersonId) -> str:
        """The code itself, one attempt nearer to its end.

        ``Forbidden``, in the same words, for an unknown, used, foreign or ended one.
        """
        held = self._grants.get(_KIND, _digest(code))
        if not held or held["person"] != person or datetime.fromisoformat(held["ends"]) <= self._clock.now():
            raise Forbidden("This invitation is not valid for this person any more; ask for a new one.")
        left = int(held["attempts"]) - 1
        if left:
            self._put(code, person, datetime.fromisoformat(held["ends"]), left)
        else:
            self.use_up(code)
        return code

    def withdraw(self, person: PersonId) -> None:
        """End every invitation of a person."""
        for digest, held in list(self._grants.all(_KIND)):
            if held["person"] == person:
                self._grants.remove(_KIND, digest)

    def use_up(self, code: str) -> None:
        self._grants.remove(_KIND, _digest(code))

    def _put(self, code: str, person: PersonId, ends: datetime, attempts: int) -> None:
        self._grants.put(_KIND, _digest(code), {"person": person, "ends": ends.isoformat(), "attempts": attempts})


def _digest(code: str) -> str:
    return sha256(code.replace("-", "").strip().lower().encode()).hexdigest()
