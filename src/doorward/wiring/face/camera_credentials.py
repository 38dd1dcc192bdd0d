"""Credentials that people hold before the camera of a checkpoint, read from its own frames."""

from collections.abc import Iterator
from itertools import count

from doorward.adapters.credentials.codes import credentials_seen
from doorward.kernel.image import Frame
from doorward.verify.held_credentials import HeldCredentials

LOOK_EVERY = 0.25
"""Seconds of the source between two looks for codes: one costs about as much as finding a face (docs/figures.md)."""

ASK_FOR_CREDENTIAL = "Hold your card flat before the camera."
ONE_AT_A_TIME = "One card at a time; take the others away."
OTHER_CODE = "That code is no credential; show the one on your card."


class CameraCredentials:
    """``CheckpointClaims`` of whoever holds a card before the camera."""

    def __init__(self) -> None:
        self._held = HeldCredentials()
        self._others = False
        self._looks = count()
        self._last = float("-inf")

    @property
    def waiting(self) -> bool:
        return self._held.waiting

    @property
    def ask(self) -> str:
        if self._held.were_several:
            return ONE_AT_A_TIME
        return OTHER_CODE if self._others else ASK_FOR_CREDENTIAL

    def take(self) -> str | None:
        return self._held.take()

    def watching(self, frames: Iterator[Frame]) -> Iterator[Frame]:
        for frame in frames:
            if frame.seconds - self._last >= LOOK_EVERY - 1e-6:
                self._last = frame.seconds
                codes, self._others = credentials_seen(frame.image, next(self._looks))
                self._held.see_codes(frame.seconds, codes)
            yield frame

    def see_face(self, seconds: float, *, is_there: bool) -> None:
        self._held.see_face(seconds, is_there=is_there)
