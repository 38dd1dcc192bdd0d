"""Whose turn it is where the camera of a checkpoint reads credentials: one code, one face, one decision.

A code counts for the face that is there when it is read, or that comes within ``WITHIN``, for as long as that one
stays. It is spent by a decision, and forgotten when the face leaves or another code is read: a decision never rests on
one person's card and the face of another who came after. A code that was spent, or read beside another, counts again
only once it was out of sight for ``AWAY``.
"""

from collections.abc import Collection

WITHIN = 8.0
"""Seconds from when a code was last seen until it is forgotten, if no face came."""
AWAY = 2.0
"""Seconds for which a code must not be seen before it counts again."""
GONE_AFTER = 1.5
"""Seconds without a face after which who stood there has left; a card may hide a face for a moment."""


class HeldCredentials:
    """Fed with what is seen, at seconds that only go on."""

    def __init__(self) -> None:
        self._shown: str | None = None
        self._code_at = self._face_at = float("-inf")
        self._had_face = False
        self._unusable: dict[str, float] = {}
        self.were_several = False
        """Whether more than one code was shown last: nobody's turn."""

    def see_codes(self, seconds: float, codes: Collection[str]) -> None:
        """``codes``: the credentials that are read in a picture now."""
        self._forget_what_is_over(seconds)
        fresh = {code for code in codes if code not in self._unusable}
        self._unusable |= {code: seconds for code in codes if code in self._unusable}
        if not fresh:
            return
        others = fresh - {self._shown}
        if len(fresh) > 1 or (self._shown is not None and others):
            self._unusable |= dict.fromkeys(fresh | ({self._shown} if self._shown else set()), seconds)
            self._shown, self.were_several = None, True
            return
        if self._shown is None:
            self._shown, self._had_face, self.were_several = fresh.pop(), False, False
        self._code_at = seconds

    def see_face(self, seconds: float, *, is_there: bool) -> None:
        """Whether somebody stands before the camera now."""
        self._forget_what_is_over(seconds)
        if is_there:
            self._face_at, self._had_face = seconds, True
        elif self._had_face and seconds - self._face_at >= GONE_AFTER:
            self._drop()

    @property
    def waiting(self) -> bool:
        return self._shown is not None

    def take(self) -> str | None:
        """The code for the decision that is made now; it serves no other."""
        code = self._shown
        if code is not None:
            self._unusable[code] = self._code_at
            self._drop()
        return code

    def _drop(self) -> None:
        self._shown, self._had_face = None, False

    def _forget_what_is_over(self, seconds: float) -> None:
        if self._shown is not None and not self._had_face and seconds - self._code_at > WITHIN:
            self._drop()
        self._unusable = {code: at for code, at in self._unusable.items() if seconds - at < AWAY}
