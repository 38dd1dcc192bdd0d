"""Lookalikes: two people whose faces are nearer than a search keeps strangers apart, such as twins."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from doorward.errors import WrongUse
from doorward.kernel.ids import PersonId
from doorward.people.person import LONGEST_TEXT, is_plain


@dataclass(frozen=True, slots=True)
class Lookalike:
    """One whom a person resembles, and when an officer stated that they are two."""

    person: PersonId
    stated_at: datetime


@dataclass(frozen=True, slots=True)
class Distinction:
    """An officer's statement that somebody is none of ``people``, and how they know. ``WrongUse`` without a reason."""

    people: frozenset[PersonId]
    reason: str

    def __post_init__(self) -> None:
        if not self.people or not self.reason.strip() or not is_plain(self.reason):
            raise WrongUse(
                "Who states that two people are distinct names the other by id and says how they know, in 1 to "
                f"{LONGEST_TEXT} characters."
            )


def undistinguished(
    neighbours: Collection[PersonId], known: Collection[PersonId], stated: Distinction | None
) -> tuple[PersonId, ...]:
    """Those of ``neighbours`` of whom nobody said that they are another: neither earlier (``known``) nor now.

    ``WrongUse`` when ``stated`` names somebody whom the face does not resemble: that would record what nobody saw.
    """
    told = stated.people if stated else frozenset()
    if told - {*neighbours, *known}:
        raise WrongUse("The face does not resemble everybody who was named as distinct; leave those out.")
    return tuple(one for one in neighbours if one not in told and one not in known)
