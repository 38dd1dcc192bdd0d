"""What the people room needs from outside. Stores take and give plain objects; sealing is theirs to do."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from doorward.kernel.ids import ConsentId, CredentialId, PersonId, TemplateId
from doorward.people.consent import Consent, Purpose
from doorward.people.credential import Credential, Issued, Refusal, Revocation
from doorward.people.enrolment import Enrolment
from doorward.people.lookalikes import Lookalike
from doorward.people.person import Identifier, Person


class PersonStore(Protocol):
    """People by id and by unique number."""

    def add(self, person: Person) -> None:
        """Store a new person; ``Conflict`` when somebody else holds one of their numbers, and then nothing stays."""
        ...

    def update(self, person: Person) -> None:
        """Replace the record; ``PersonUnknown`` when there is none, ``Conflict`` as in ``add``."""
        ...

    def get(self, person: PersonId) -> Person:
        """``PersonUnknown`` when there is none."""
        ...

    def find(self, kind: Identifier, number: str) -> PersonId | None:
        """The holder of a number in its comparable form."""
        ...

    def all(self) -> Iterator[Person]:
        """Everybody, in no stated order."""
        ...

    def count(self) -> int: ...

    def erase(self, person: PersonId) -> None:
        """Destroy the person's keys, then every row about them, in every store of the site.

        Survives a crash at any point: what was begun is finished when the site is next opened.
        ``PersonUnknown`` when there is no such person; ``KeyRemnant`` when all of it is done, and something may be
        left of their key.
        """
        ...


class ConsentStore(Protocol):
    def add(self, consent: Consent) -> None:
        """``PersonUnknown`` when the person is not here."""
        ...

    def update(self, consent: Consent) -> None: ...

    def withdraw(self, ended: Consent, keep: Collection[Purpose]) -> None:
        """Store a consent that has ended, and re-key the person: what no purpose of ``keep`` covers is gone.

        Photos rest on ``photo``, references on ``verify`` or ``identify``, passages on ``passages``. What stays is
        sealed anew and the old key destroyed. ``NotFound`` when the person has no such consent.
        """
        ...

    def of(self, person: PersonId) -> Sequence[Consent]:
        """The person's consents, oldest first; empty when the person is not here."""
        ...

    def of_many(self, people: Collection[PersonId]) -> Mapping[PersonId, Sequence[Consent]]:
        """``of`` each of ``people`` who has any."""
        ...

    def get(self, person: PersonId, consent: ConsentId) -> Consent:
        """``NotFound`` when the person has no such consent."""
        ...


class EnrolmentStore(Protocol):
    def add(self, enrolment: Enrolment, photo: bytes | None = None) -> None:
        """Store a reference, and the photo beside it if the site keeps photos."""
        ...

    def confirm(self, enrolment: Enrolment) -> None:
        """Replace the stored record with ``enrolment``."""
        ...

    def of(self, person: PersonId) -> Sequence[Enrolment]:
        """The person's references, oldest first; empty when the person is not here."""
        ...

    def photo(self, person: PersonId, enrolment: TemplateId) -> bytes | None: ...

    def remove(self, person: PersonId, enrolment: TemplateId) -> None: ...


class Changes(Protocol):
    """Tells whose record, consents or enrolments changed, in this process or another."""

    def since(self, revision: int) -> tuple[int, Sequence[PersonId]]:
        """The newest revision, and who changed after ``revision``; start with 0 to be told of everybody."""
        ...


class PinStore(Protocol):
    """Who has a PIN, and whose a PIN is. What it is cannot be read back."""

    def put(self, person: PersonId, digits: str) -> None:
        """Let ``digits`` be the person's PIN, in place of another; ``PersonUnknown`` when there is no such person."""
        ...

    def remove(self, person: PersonId) -> None:
        """Nothing when they have none."""
        ...

    def has(self, person: PersonId) -> bool: ...

    def holders(self, people: Collection[PersonId], digits: str) -> frozenset[PersonId]:
        """Those of ``people`` whose PIN it is. Takes as long whoever of them has one, and whatever it is."""
        ...


class LookalikeStore(Protocol):
    """Who resembles whom so much that a face alone does not tell them apart. A pair is both people's."""

    def pair(self, one: PersonId, other: PersonId, at: datetime) -> None:
        """Durable in both records, or in neither; earlier copies of those records open no more.

        ``PersonUnknown`` when one of them is not here.
        """
        ...

    def of(self, person: PersonId) -> Sequence[Lookalike]:
        """Whom the person resembles, oldest first; empty when the person is not here. Nobody who was erased."""
        ...


class CredentialStore(Protocol):
    """Which credential each person carries, one at most, and which were revoked. What they say is not here."""

    def issue(self, issued: Issued, ended: Revocation | None) -> None:
        """Let the credential be the person's. ``ended`` is how the former one ends; it is stored first."""
        ...

    def revoke(self, person: PersonId, revocation: Revocation) -> None:
        """End the person's credential. The revocation stays, without the person."""
        ...

    def of(self, person: PersonId) -> Issued | None:
        """What the person carries; ``None`` when nothing was issued, or it was revoked."""
        ...

    def revocation(self, credential: CredentialId) -> Revocation | None: ...

    def all(self) -> Iterator[Issued]:
        """What is carried, in no stated order."""
        ...

    def revocations(self) -> Iterator[Revocation]: ...

    def forget(self, credential: CredentialId) -> None:
        """Drop a revocation: of a credential that expired since, and is refused without it."""
        ...


class CredentialSealer(Protocol):
    """Seals what a credential says for this site, and signs it."""

    def seal(self, credential: Credential) -> bytes:
        """At most 500 bytes, the same number for every credential."""
        ...

    def open(self, octets: bytes) -> Credential | Refusal:
        """What it says, or why it says nothing here; takes as long whatever is wrong with it."""
        ...
