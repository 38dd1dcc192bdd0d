"""Challenges given out: each has a number used once, a deadline, and an owner."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import RLock

from doorward.errors import TooFast
from doorward.face.challenge import MovementChallenge, draw_movements
from doorward.face.decision import Reason
from doorward.kernel.clock import Clock, Randomness

LASTS = timedelta(seconds=45)
"""From the first word to the decision; the movements themselves have less."""

MOST_OPEN = 64
MOST_FRAMES = 400
"""Of one challenge: twenty a second for as long as its movements may take."""

CLOCK_TOLERANCE = timedelta(seconds=30)
"""How far the clock of who takes the pictures may be from this machine's."""

KEPT = timedelta(minutes=10)
"""How long a spent nonce is known as such; afterwards it is unknown, and refused as well."""

_NONCE_OCTETS = 16


@dataclass(slots=True, eq=False)
class Issued:
    """``nonce``: 128 random bits, hexadecimal. ``holder``: who asked for it, and alone may use it."""

    nonce: str
    holder: str
    issued_at: datetime
    expires_at: datetime
    challenge: MovementChallenge
    frames: int = 0


class ChallengeBook:
    """In memory, for one process: after a restart every nonce is unknown. Safe to call from several threads."""

    def __init__(self, clock: Clock, randomness: Randomness) -> None:
        self._clock = clock
        self._randomness = randomness
        self._open: dict[str, Issued] = {}
        self._spent: dict[str, tuple[Reason, datetime]] = {}
        self._alone = RLock()

    def issue(self, holder: str, same_face: float) -> Issued:
        """A new challenge; ``TooFast`` when ``MOST_OPEN`` are open. ``same_face`` as ``MovementChallenge`` takes it."""
        with self._alone:
            now = self._clock.now()
            self.forget()
            if len(self._open) >= MOST_OPEN:
                raise TooFast("As many people are making movements as can at once; try again in a moment.", 5)
            issued = Issued(
                nonce=self._randomness.octets(_NONCE_OCTETS).hex(),
                holder=holder,
                issued_at=now,
                expires_at=now + LASTS,
                challenge=MovementChallenge(draw_movements(self._randomness), same_face),
            )
            self._open[issued.nonce] = issued
            return issued

    def find(self, nonce: str, holder: str, taken_at: datetime | None = None) -> Issued | Reason:
        """The open challenge, for one more frame; or why there is none.

        ``taken_at``: when the frame was taken by the clock of who took it, if that is told.
        """
        with self._alone:
            spent = self._spent.get(nonce)
            if spent is not None:
                return spent[0]
            issued = self._open.get(nonce)
            if issued is None or issued.holder != holder:
                return Reason.CHALLENGE_UNKNOWN
            reason = self._late(issued, taken_at)
            if reason is not None:
                self._spend(issued, reason)
                return reason
            issued.frames += 1
            return issued

    def redeem(self, nonce: str, holder: str) -> Issued | Reason:
        """The passed challenge, once: its nonce serves no second time, whatever this answers."""
        with self._alone:
            found = self.find(nonce, holder)
            if isinstance(found, Reason):
                return found
            self._spend(found, Reason.NONCE_USED)
            if found.challenge.template is None or found.challenge.refusal is not None or not found.challenge.is_over:
                return found.challenge.refusal or Reason.CHALLENGE_REQUIRED
            return found

    def forget(self) -> None:
        """Drop what has ended, and with it the templates of those who moved."""
        with self._alone:
            now = self._clock.now()
            for issued in [*self._open.values()]:
                reason = self._late(issued, None)
                if reason is not None:
                    self._spend(issued, reason)
            self._spent = {nonce: held for nonce, held in self._spent.items() if now < held[1]}

    def _late(self, issued: Issued, taken_at: datetime | None) -> Reason | None:
        now = self._clock.now()
        if now < issued.issued_at or (taken_at is not None and abs(taken_at - now) > CLOCK_TOLERANCE):
            return Reason.CLOCK_WRONG
        if now > issued.expires_at or issued.frames >= MOST_FRAMES:
            return Reason.CHALLENGE_EXPIRED
        return None

    def _spend(self, issued: Issued, reason: Reason) -> None:
        del self._open[issued.nonce]
        self._spent[issued.nonce] = reason, self._clock.now() + KEPT
