"""What a credential may be used for."""

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """What a route asks for. A token holds only those it was made with."""

    PEOPLE_READ = "people:read"
    PEOPLE_WRITE = "people:write"
    VERIFY = "verify"
    IDENTIFY = "identify"
    PASSAGES_READ = "passages:read"
    OWN_READ = "own:read"
    STATISTICS_READ = "statistics:read"
    HOLDS_WRITE = "holds:write"
    PRESENCE_READ = "presence:read"
    LIVE_READ = "live:read"
    CROWD_READ = "crowd:read"
    CROWD_ACKNOWLEDGE = "crowd:acknowledge"
    SCORES_READ = "scores:read"
    DEVICE = "device"
    JOIN = "join"


TOKEN_SCOPES = frozenset(Scope) - {Scope.DEVICE, Scope.JOIN}
"""What a token may carry: only a device's signature acts as a device, and only an invitation lets one join."""


@dataclass(frozen=True, slots=True)
class Presented:
    """What a request presents: the ``scheme`` of its credential in small letters, and what is asked for with it."""

    scheme: str
    credential: str
    method: str
    path: str
