"""What erasing a person does to the failures in a row that count against them."""

from collections.abc import Callable

from doorward.adapters.stores.face.attempt_store import SqlAttemptStore
from doorward.adapters.stores.face.credential_store import SqlCredentialStore
from doorward.kernel.ids import PersonId
from doorward.verify.attempts import Counted, Subject


def forgotten_with_person(attempts: SqlAttemptStore, credentials: SqlCredentialStore) -> Callable[[PersonId], None]:
    """They are forgotten; before the person's credential is ended, which names the other count."""

    def forget(person: PersonId) -> None:
        attempts.lift(subjects_of(person, credentials))

    return forget


def subjects_of(person: PersonId, credentials: SqlCredentialStore) -> tuple[Subject, ...]:
    """The person, and the credential that they carry."""
    held = credentials.of(person)
    own = Subject(Counted.PERSON, person)
    return (own,) if held is None else (own, Subject(Counted.CREDENTIAL, held.id))
