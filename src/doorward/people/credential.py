"""A carried credential: what it says, when it holds, and why it is refused. Pure; sealing is an adapter's.

The person keeps their reference, sealed and signed, in a code. The site keeps which one holds, and which do not.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from doorward.errors import ConsentMissing, WrongUse
from doorward.face.quantisation import bits_for, quantise, restore
from doorward.face.template import Template, TemplateOrigin
from doorward.kernel.ids import CredentialId, PersonId
from doorward.people.consent import Consent, Purpose

DEFAULT_LIFETIME = timedelta(days=365)
LONGEST_LIFETIME = timedelta(days=3 * 366)

CLOCK_TOLERANCE = timedelta(minutes=5)
"""By how much the clocks of the issuing and the examining machine may differ (RFC 7519, 4.1.4: a few minutes)."""

MODEL_MARK_LENGTH = 8


class Refusal(StrEnum):
    """Why a credential is refused: for the operator's record only. Outside, all of them are one answer."""

    UNREADABLE = "unreadable"
    FOREIGN = "of another site, or of keys that are gone"
    ALTERED = "altered"
    CLOCK_WRONG = "issued in the future, so a clock is wrong"
    EXPIRED = "expired"
    REISSUED = "replaced by a newer one"
    REVOKED = "revoked"
    UNKNOWN = "of nobody known"
    NO_CONSENT = "without a consent in force"
    OTHER_MODEL = "made with another model"


class Cause(StrEnum):
    """Why a credential was ended."""

    REISSUED = "reissued"
    REVOKED = "revoked"
    CONSENT_WITHDRAWN = "consent withdrawn"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Credential:
    """What the code says. ``reference``: a template of ``dimension`` numbers, quantised; ``model_mark``: whose.

    Times are aware, in UTC, to the second; ``until`` is the first moment at which it no longer holds.
    """

    id: CredentialId
    person: PersonId
    issued_at: datetime
    until: datetime
    model_mark: bytes
    dimension: int
    reference: bytes

    def template(self, origin: TemplateOrigin) -> Template | None:
        """The reference to compare with probes of ``origin``; ``None`` when another model made it."""
        if self.model_mark != model_mark(origin.model):
            return None
        return Template(restore(self.reference, bits_for(self.dimension), self.dimension), origin)


@dataclass(frozen=True, slots=True)
class Issued:
    """What the site keeps of a credential that holds. ``model_mark``: as in it; ``None`` of those issued before."""

    id: CredentialId
    person: PersonId
    issued_at: datetime
    until: datetime
    model_mark: bytes | None = None

    def may_be_of(self, model: str, now: datetime) -> bool:
        """Whether it holds still, and what is in it may have been made by ``model``."""
        return now < self.until and self.model_mark in (None, model_mark(model))


@dataclass(frozen=True, slots=True)
class Revocation:
    """What the site keeps of one that was ended: nothing of the person. ``until`` is when it had expired anyway."""

    id: CredentialId
    cause: Cause
    at: datetime
    until: datetime


def credential_for(issued: Issued, template: Template) -> Credential:
    """``WrongUse`` when the template's model has more numbers than fit."""
    dimension = len(template.vector)
    reference = quantise(template.vector, bits_for(dimension))
    mark = model_mark(template.origin.model)
    return Credential(issued.id, issued.person, issued.issued_at, issued.until, mark, dimension, reference)


def model_mark(model: str) -> bytes:
    """Stands for a model in a credential, at one length whatever its name."""
    return sha256(model.encode()).digest()[:MODEL_MARK_LENGTH]


def refusal_of(
    credential: Credential, held: Issued | None, revocation: Revocation | None, now: datetime
) -> Refusal | None:
    """Why it does not hold at ``now``, or ``None``. ``held`` is what the site has as the person's.

    What the site does not have as the person's does not hold, even if no revocation says so.
    """
    if revocation is not None:
        return Refusal.REISSUED if revocation.cause is Cause.REISSUED else Refusal.REVOKED
    if held is None or held.id != credential.id:
        return Refusal.UNKNOWN if held is None else Refusal.REISSUED
    if credential.issued_at > now + CLOCK_TOLERANCE:
        return Refusal.CLOCK_WRONG
    if now >= min(credential.until, held.until):
        return Refusal.EXPIRED
    return None


def expiry(wanted: datetime | None, consents: Iterable[Consent], now: datetime) -> datetime:
    """When a credential issued at ``now`` ends: never after the consent that it rests on.

    ``ConsentMissing`` without one in force for verification, ``WrongUse`` when ``wanted`` is not possible.
    """
    ends = [one.until for one in consents if one.in_force(now) and Purpose.VERIFY in one.purposes]
    if not ends:
        raise ConsentMissing(
            "No consent in force covers the purpose 'verify'; record one with `doorward people consent` and try again."
        )
    bounded = [end for end in ends if end is not None]
    last = max(bounded) if len(bounded) == len(ends) else None
    if wanted is None:
        until = now + DEFAULT_LIFETIME
        return (until if last is None else min(until, last)).replace(microsecond=0)
    if not now < wanted <= now + LONGEST_LIFETIME:
        raise WrongUse(f"A credential ends in the future, and within {LONGEST_LIFETIME.days} days.")
    if last is not None and wanted > last:
        raise WrongUse(f"The person's consent ends on {last:%Y-%m-%d}; let the credential end with it, or before.")
    return wanted.replace(microsecond=0)
