"""What a credential may be used for."""

from enum import StrEnum


class Scope(StrEnum):
    """The scopes a token may carry. A token holds only those it was made with."""

    PEOPLE_READ = "people:read"
    PEOPLE_WRITE = "people:write"
    VERIFY = "verify"
    IDENTIFY = "identify"
    PASSAGES_READ = "passages:read"
    CROWD_READ = "crowd:read"
    SCORES_READ = "scores:read"
