"""Who looks at exact figures over HTTP is noted."""

from collections.abc import Callable
from datetime import UTC, datetime

from fastapi import Request

from doorward.crowd.looks import LookBook, LookedAt
from doorward.http.access import caller

NoteLook = Callable[[Request, LookedAt, str], None]
"""Notes that who asks looks at this of a scene; nothing is to be shown where that cannot be noted."""


def noting_in(book: Callable[[], LookBook]) -> NoteLook:
    def note(request: Request, at: LookedAt, scene: str) -> None:
        book().note(caller(request).called, at, scene, datetime.now(UTC))

    return note
