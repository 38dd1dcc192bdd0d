"""A person's right to all that is held on them (GDPR Art. 15 and 20)."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from doorward.errors import Conflict, StorageError
from doorward.kernel.audit import Actor, AuditEntry
from doorward.kernel.ids import CheckpointId, PersonId, TemplateId
from doorward.passages.legal_hold import LegalHold
from doorward.passages.passage import Passage
from doorward.people.credential import Issued
from doorward.people.register import Dossier
from doorward.wiring.face.site import Site


@dataclass(frozen=True, slots=True)
class Holdings:
    """Everything held on one person. ``doors``: checkpoints' names by id; ``holds``: with what each keeps of
    them. ``invitations``: when each ends.

    ``credential``: what they carry, if it holds; what is in it they have themselves.
    """

    dossier: Dossier
    photos: Mapping[TemplateId, bytes]
    passages: Sequence[Passage]
    holds: Sequence[tuple[LegalHold, Sequence[Passage]]]
    doors: Mapping[CheckpointId, str]
    invitations: Sequence[str]
    credential: Issued | None
    at: datetime


def everything_on(site: Site, actor: Actor, person: PersonId, *, with_templates: bool) -> Holdings:
    """Recorded before it is read, and so among what it gives. ``PersonUnknown`` when there is no such person."""
    stores, now = site.stores, site.stores.vault.clock.now()
    stores.people.get(person)
    told = "with templates" if with_templates else "without templates"
    stores.trail.record(AuditEntry(actor, f"everything held exported, {told}", person, now))
    enrolments = stores.enrolments.of(person)
    photos = {one.id: stores.enrolments.photo(person, one.id) for one in enrolments}
    return Holdings(
        site.register.dossier(person),
        {enrolment: photo for enrolment, photo in photos.items() if photo is not None},
        stores.passages.of(person),
        site.legal_holds.of(person),
        site.doorkeeper.names(),
        [str(held["ends"]) for _, held in stores.grants.all("invitation") if held["person"] == person],
        stores.credentials.of(person),
        now,
    )


def write_private(path: Path, text: str) -> tuple[int, str]:
    """Write ``text`` into a new file that its owner alone may read; its size in bytes and its SHA-256.

    ``Conflict`` when the file exists, ``StorageError`` when it cannot be written; then none is left.
    """
    octets = text.encode()
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Conflict(f"{path} exists already; name another file, so that none is overwritten.") from None
    except OSError as error:
        raise StorageError(f"{path} cannot be written ({error.strerror}); name another place.") from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(octets)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        path.unlink(missing_ok=True)
        raise StorageError(f"{path} cannot be written ({error.strerror}); free some space.") from None
    return len(octets), sha256(octets).hexdigest()
