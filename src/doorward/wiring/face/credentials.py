"""Credentials put together: issued onto a card, and read from a picture or a camera."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from doorward.adapters.backup.files import write_whole
from doorward.adapters.credentials.card import Card, CardForm, drawn
from doorward.adapters.credentials.codes import modules_of, read_credential
from doorward.adapters.credentials.sealer import VaultCredentialSealer
from doorward.adapters.credentials.text import is_credential, octets_of
from doorward.adapters.images import decode_photo, read_photo
from doorward.adapters.stores.face.rekeying import Rekeying
from doorward.adapters.video.source import open_source
from doorward.errors import CredentialNotFound, NotACredential, PhotoError
from doorward.kernel.audit import Actor, AuditEntry
from doorward.kernel.ids import PersonId
from doorward.people.credential import Issued
from doorward.people.credential_desk import CredentialDesk
from doorward.wiring.face.keys import renewing
from doorward.wiring.face.opening import Stores

LONGEST_WAIT = 30.0
"""Seconds that a camera is watched for a credential."""


@dataclass(frozen=True, slots=True)
class IssuedCard:
    """``references_kept``: False when the site keeps none of the person's references any more."""

    issued: Issued
    file: Path
    octets: int
    references_kept: bool


def desk_of(stores: Stores) -> CredentialDesk:
    """Where the site's credentials are issued, ended and examined."""
    sealer = VaultCredentialSealer(stores.vault.credentials())
    return CredentialDesk(
        stores.people,
        stores.consents,
        stores.enrolments,
        stores.credentials,
        sealer,
        stores.trail,
        stores.vault.clock,
        stores.randomness,
    )


def issue_card(
    folder: Path,
    stores: Stores,
    actor: Actor,
    person: PersonId,
    path: Path,
    *,
    until: datetime | None = None,
    with_name: bool = False,
    carried_only: bool = False,
    model: str | None = None,
) -> IssuedCard:
    """Issue a credential onto a card at ``path``, whose ending says what it is. It replaces the person's former one.

    ``model``: whose reference it holds, if there is one of it.

    ``carried_only``: once the card is written, the person's references and photos are removed and their key renewed,
    so that no remnant of them opens. ``Conflict`` when the file exists or nothing is confirmed; ``WrongUse``,
    ``ConsentMissing`` or ``StorageError`` says what else cannot be, and then the former credential holds on.
    """
    form, desk = CardForm.of(path), desk_of(stores)
    name = stores.people.get(person).display_name if with_name else None
    with renewing(folder) if carried_only else nullcontext():
        issued, octets = desk.prepare(actor, person, until, model)
        card = drawn(Card(modules_of(octets), issued.until, name), form)
        write_whole(path, lambda file: file.write(card))
        with _or_removed(path):
            desk.hand_over(issued)
        if carried_only:
            _remove_references(stores, actor, person)
    return IssuedCard(issued, path, len(octets), not carried_only)


def credential_from_photo(photo: bytes | Path) -> bytes:
    """What the credential in a photo holds; ``PhotoError`` says what is wrong with the picture."""
    whole = decode_photo(photo, whole=True) if isinstance(photo, bytes) else read_photo(photo, whole=True)
    return read_credential(whole)


def credential_from_text(text: str) -> bytes:
    """What the text of a credential's code holds, as a hand scanner sends it; ``NotACredential`` for another text."""
    if not is_credential(text.strip("\r\n\t")):
        raise NotACredential("The text is no credential of Doorward; send the text of the code on the card.")
    return octets_of(text.strip("\r\n\t"))


def credential_from_source(spec: str) -> bytes:
    """What the credential that is held before a camera, or shown in a clip, holds.

    ``CredentialNotFound`` when none was read within ``LONGEST_WAIT``; otherwise what the last picture's fault was.
    """
    fault: PhotoError = CredentialNotFound("No credential was shown to the camera; hold the card flat before it.")
    with open_source(spec) as source:
        for frame in source:
            try:
                return read_credential(frame.image)
            except CredentialNotFound:
                pass
            except PhotoError as error:
                fault = error
            if frame.seconds > LONGEST_WAIT:
                break
    raise fault


def _remove_references(stores: Stores, actor: Actor, person: PersonId) -> None:
    now = stores.vault.clock.now()
    stores.trail.record(AuditEntry(actor, "references removed, carried only from now on", person, now))
    Rekeying(stores.data, stores.vault).drop_references(person)


@contextmanager
def _or_removed(path: Path) -> Iterator[None]:
    """A card whose credential does not hold is not left lying about."""
    try:
        yield
    except BaseException:
        path.unlink(missing_ok=True)
        raise
