"""`/.well-known/security.txt` (RFC 9116): whom to tell of a weakness. Needs no token, like ``/healthz``."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse

from doorward.http.work import Workers

PATH = "/.well-known/security.txt"

GOOD_FOR = timedelta(days=90)
"""RFC 9116, section 2.5.5, recommends less than a year."""

_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}")


def add_security_txt(app: FastAPI, contact: Callable[[], str | None], work: Workers) -> None:
    """Add the route; ``contact`` gives the site's, or ``None`` when none was set."""

    @app.get(PATH, tags=["health"], response_class=PlainTextResponse)
    async def security_txt(request: Request) -> PlainTextResponse:
        """Whom to tell of a weakness; needs no token."""
        host = request.url.hostname or ""
        told = await work.run(contact)
        return PlainTextResponse(text_of(told, host if _HOST.fullmatch(host) else "localhost", datetime.now(UTC)))


def text_of(contact: str | None, host: str, now: datetime) -> str:
    """Without a contact the role mailbox of RFC 2142, and a remark that says so."""
    ends = (now + GOOD_FOR).replace(hour=0, minute=0, second=0, microsecond=0)
    remark = "" if contact else "# The operator has set no contact; this is the mailbox that RFC 2142 reserves.\n"
    return f"{remark}Contact: {contact or f'mailto:security@{host}'}\nExpires: {ends:%Y-%m-%dT%H:%M:%SZ}\n"
