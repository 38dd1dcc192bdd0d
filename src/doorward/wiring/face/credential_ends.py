"""What erasing a person does to the credential that they carry."""

from collections.abc import Callable

from doorward.adapters.stores.face.credential_store import SqlCredentialStore
from doorward.kernel.clock import Clock
from doorward.kernel.ids import PersonId
from doorward.people.credential import Cause, Revocation


def ended_with_person(credentials: SqlCredentialStore, clock: Clock) -> Callable[[PersonId], None]:
    """What erasing a person does to what they carry: its id stays, as that of an ended credential, without them."""

    def end(person: PersonId) -> None:
        held = credentials.of(person)
        if held is not None:
            at = clock.now().replace(microsecond=0)
            credentials.revoke(person, Revocation(held.id, Cause.ERASED, at, held.until))

    return end
