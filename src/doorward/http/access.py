"""Who calls, and the purpose they state."""

from collections.abc import Callable
from typing import Annotated, Protocol

from fastapi import Depends, Header, Query, Request

from doorward.errors import Forbidden, WrongUse
from doorward.kernel.audit import Actor
from doorward.kernel.permissions import Presented, Scope

PURPOSE = "Doorward-Purpose"
LONGEST_PURPOSE = 200


class Holder(Protocol):
    """What a valid credential tells of its holder."""

    @property
    def called(self) -> str:
        """As the log names who acts."""
        ...

    @property
    def digest(self) -> str:
        """What the pace of its requests is counted by."""
        ...

    @property
    def scopes(self) -> frozenset[Scope]: ...


Authenticate = Callable[[Presented], Holder]
"""From what a request presents to its holder; ``Unauthenticated`` when it is not valid."""


def caller(request: Request) -> Holder:
    """Who was let in; the guard put them there before any route was looked for."""
    holder: Holder = request.scope["doorward.holder"]
    return holder


def require(holder: Holder, scope: Scope) -> None:
    """``Forbidden``, naming the scope, when the token does not carry it."""
    if scope not in holder.scopes:
        raise Forbidden(f"This credential lacks the scope {scope}; use one that has it.")


def _stated(
    header: Annotated[str | None, Header(alias=PURPOSE, max_length=LONGEST_PURPOSE)] = None,
    query: Annotated[str | None, Query(alias="purpose", max_length=LONGEST_PURPOSE)] = None,
) -> str | None:
    """Why the caller acts; the person concerned can see it."""
    purpose = (_in_utf8(header) if header else query or "").strip()
    if not purpose.isprintable():
        raise WrongUse(f"State the purpose in {PURPOSE} in printable characters.")
    return purpose or None


def _in_utf8(header: str) -> str:
    """A header is read as Latin-1, and sent as UTF-8 by whoever writes in another script."""
    try:
        return header.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return header


def _reader(request: Request, purpose: Annotated[str | None, Depends(_stated)]) -> Actor:
    if purpose is None:
        raise WrongUse(f"Say why you read this, in the header {PURPOSE}; the person can see it.")
    return Actor(caller(request).called, purpose)


def acting_for(otherwise: str) -> Callable[..., Actor]:
    """A dependency: the caller as an actor, whose purpose is ``otherwise`` unless they state one."""

    def actor(request: Request, purpose: Annotated[str | None, Depends(_stated)]) -> Actor:
        return Actor(caller(request).called, purpose or otherwise)

    return actor


Reader = Annotated[Actor, Depends(_reader)]
"""Whoever reads personal data: no purpose, no data."""

Registrar = Annotated[Actor, Depends(acting_for("registration"))]
