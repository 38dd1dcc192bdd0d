"""A photo held against the credential that is shown with it."""

from pathlib import Path

from doorward.adapters.credentials.text import LONGEST
from doorward.errors import CredentialNotFound, NotACredential, SeveralCredentials
from doorward.face.decision import Decision, refusal_of_photo
from doorward.face.thresholds import DEFAULT_VERIFICATION_FMR
from doorward.kernel.audit import Actor
from doorward.wiring.face.attack_guard import NOTHING, Methods
from doorward.wiring.face.credentials import credential_from_photo, credential_from_source, credential_from_text
from doorward.wiring.face.site import Site

SAME = "same"
"""Stands for the photo of the face, where the card is on it too."""

LONGEST_CODE = LONGEST
_FAULTS_OF_CODES = (CredentialNotFound, NotACredential, SeveralCredentials)


def verify_carried(
    site: Site,
    photo: bytes | Path,
    shown: str,
    fmr: float = DEFAULT_VERIFICATION_FMR,
    actor: Actor | None = None,
    *,
    attack_checks: Methods = NOTHING,
) -> Decision:
    """Is the face in ``photo`` that of the credential in ``shown``: a photo, a live source, or ``same``?

    ``PhotoError`` or ``SourceError`` when one cannot be read; a picture without one credential is a refusal.
    """
    try:
        octets = _octets(photo, shown)
    except _FAULTS_OF_CODES as error:
        return refusal_of_photo(error)
    return site.verify(photo, None, fmr, actor, attack_checks=attack_checks, credential=octets)


def verify_carried_text(
    site: Site,
    photo: bytes,
    shown: str,
    fmr: float = DEFAULT_VERIFICATION_FMR,
    actor: Actor | None = None,
    *,
    movements: str | None = None,
) -> Decision:
    """The same for the text of the code, as a hand scanner reads it, or ``same``. ``movements`` as ``Site.verify``."""
    try:
        octets = credential_from_photo(photo) if shown == SAME else credential_from_text(shown)
    except _FAULTS_OF_CODES as error:
        return refusal_of_photo(error)
    return site.verify(photo, None, fmr, actor, movements=movements, credential=octets)


def _octets(photo: bytes | Path, shown: str) -> bytes:
    if shown == SAME:
        return credential_from_photo(photo)
    if "://" in shown or shown.startswith("camera:") or Path(shown).is_dir():
        return credential_from_source(shown)
    return credential_from_photo(Path(shown))
