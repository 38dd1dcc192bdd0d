"""Consent: which notice, for which purposes, given when and how, until when (GDPR Art. 7)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from doorward.errors import ConsentMissing
from doorward.kernel.ids import ConsentId, PersonId


class Purpose(StrEnum):
    """What a person's data may be used for; each is consented to by itself."""

    VERIFY = "verify"
    IDENTIFY = "identify"
    PASSAGES = "passages"
    PHOTO = "photo"


FOR_FACES = frozenset({Purpose.VERIFY, Purpose.IDENTIFY})
"""What references are kept for."""


@dataclass(frozen=True, slots=True)
class Consent:
    """``until`` is the first moment at which it no longer holds; ``None``: until withdrawn.

    ``moved_from``: the site that it was given to, where that is another one.
    """

    id: ConsentId
    person: PersonId
    notice: str
    notice_version: str
    purposes: frozenset[Purpose]
    given_at: datetime
    given_how: str
    until: datetime | None = None
    withdrawn_at: datetime | None = None
    moved_from: str | None = None

    def in_force(self, now: datetime) -> bool:
        return self.withdrawn_at is None and self.given_at <= now and (self.until is None or now < self.until)


def purposes_in_force(consents: Iterable[Consent], now: datetime) -> frozenset[Purpose]:
    """Every purpose that some consent in force covers."""
    covered: frozenset[Purpose] = frozenset()
    for consent in consents:
        if consent.in_force(now):
            covered |= consent.purposes
    return covered


def require_use_of_face(consents: Iterable[Consent], now: datetime) -> frozenset[Purpose]:
    """What is agreed to now; ``ConsentMissing`` unless verification or identification is among it."""
    held = tuple(consents)
    allowed = purposes_in_force(held, now)
    if not allowed & FOR_FACES:
        require_consent(held, Purpose.VERIFY, now)
    return allowed


def require_consent(consents: Iterable[Consent], purpose: Purpose, now: datetime) -> None:
    """``ConsentMissing`` unless a consent in force covers ``purpose``."""
    if purpose not in purposes_in_force(consents, now):
        raise ConsentMissing(
            f"No consent in force covers the purpose '{purpose}'; "
            "record one with `doorward people consent` and try again."
        )
