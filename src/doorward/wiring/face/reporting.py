"""What the law asks a site to be able to show: its record of processing, and what an incident touched."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from doorward.adapters.stores.face.tables import consents, enrolments, passages, persons
from doorward.errors import WrongUse
from doorward.kernel.audit import Actor, AuditEntry
from doorward.passages.legal_hold import LONGEST
from doorward.passages.passage import RETENTION_HOURS
from doorward.people.consent import Purpose
from doorward.settings.site import PassphraseSettings
from doorward.wiring.doctor.people import ids_of
from doorward.wiring.face.contact import SecurityContact
from doorward.wiring.face.moves import Moves
from doorward.wiring.face.passage_uses import uses_of_passages
from doorward.wiring.face.profile import Profile
from doorward.wiring.face.site import Site
from doorward.wiring.serving import administrator_of, tokens_of

PURPOSES = {
    Purpose.VERIFY: "Comparing a face with that of the person who is claimed (1:1)",
    Purpose.IDENTIFY: "Finding who of a checkpoint's enrolled people presents themselves there (1:N)",
    Purpose.PASSAGES: "Recording when a person passed a checkpoint",
    Purpose.PHOTO: "Keeping the photo that a person was enrolled from",
}
PEOPLE = ("People who are enrolled or about to be, each with a consent of their own",)
DATA = (
    "Display name and group memberships",
    "Where entered: full name, document number with its dates, birth date, address, employer, badge number",
    "Consents: notice and version, purposes, when and how given, until when, when withdrawn",
    "Biometric templates, 128 numbers for each enrolled photo (GDPR Art. 9(1))",
    "Whom a person resembles so much that a face alone does not tell them apart, where an officer stated it",
    "Where set: a PIN, as a slow hash of which nobody can read it",
    "Credentials that people carry: id, when issued and until when, not what is in them; of ended ones not whose",
    "Passages: checkpoint and time, of those who consented to it",
    "Legal holds: whose passages of which span are kept longer, why, until when, and who signed for it",
    "Who read a person's data, when, and for which stated purpose",
    "Of strangers nothing but counters; of crowds numbers a minute",
)
PHOTOS = "Enrolment photos, of those who consented to it"


@dataclass(frozen=True, slots=True)
class ProcessingRecord:
    """The record after GDPR Art. 30(1). ``None`` is for the controller to fill in."""

    site: str
    made_at: datetime
    controller: str | None
    officer: str | None
    security_contact: str | None
    profile: Profile
    purposes: Mapping[str, str]
    uses_of_passages: Sequence[str]
    people: Sequence[str]
    data: Sequence[str]
    recipients: Sequence[str]
    transfers: str
    retention: Mapping[str, str]
    measures: Sequence[str]
    held: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Access:
    """How often ``actor`` did ``action``, first and last in the period."""

    actor: str
    action: str
    times: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class IncidentReport:
    """What GDPR Art. 33(3) asks for, as far as the site knows it; about nobody in particular.

    ``people_concerned``: of those still here, how many have an entry of the period in the log.
    """

    site: str
    begin: datetime
    end: datetime
    made_at: datetime
    entries: int
    people_concerned: int
    held: Mapping[str, int]
    data: Sequence[str]
    accesses: Sequence[Access]
    measures: Sequence[str]


def processing_record(site: Site, controller: str | None, officer: str | None) -> ProcessingRecord:
    """From the live settings: what would change if they were changed."""
    profile, now = site.profiles.current(), site.stores.vault.clock.now()
    used = [purpose for purpose in Purpose if _is_used(purpose, profile)]
    return ProcessingRecord(
        site.settings.site,
        now,
        controller,
        officer,
        SecurityContact(site.stores.grants).get(),
        profile,
        {purpose.value: PURPOSES[purpose] for purpose in used},
        uses_of_passages(site),
        PEOPLE,
        _data(profile),
        _recipients(site, now),
        "None by Doorward: it sends nothing anywhere.",
        {
            "passages": f"{RETENTION_HOURS} hours, then their hour's key is destroyed",
            "passages under a legal hold": f"until it ends, {LONGEST.days} days at most; its key is then destroyed",
            "templates, details, photos": "until the person withdraws or is erased; their key is then destroyed",
            "templates of people who carry theirs alone": "until the card is written; their key is then renewed",
            "consents": "as long as the person is known, withdrawn ones included, to show that there was one",
            "log": "kept; about whom an entry is can be read no more once that person is erased",
        },
        measures(site),
        held(site),
    )


def incident_report(site: Site, actor: Actor, begin: datetime, end: datetime) -> IncidentReport:
    """What the log knows of ``begin`` (included) to ``end`` (not); the look itself is recorded."""
    if end <= begin:
        raise WrongUse("The period ends before it begins; give --from first and --to after it.")
    trail, now = site.stores.trail, site.stores.vault.clock.now()
    entries = [
        entry for entry in (logged.entry for logged in trail.listed(max(trail.count(), 1))) if begin <= entry.at < end
    ]
    concerned = sum(any(begin <= entry.at < end for entry in trail.about(person)) for person in ids_of(site))
    trail.record(AuditEntry(actor, "incident report made", None, now))
    profile = site.profiles.current()
    return IncidentReport(
        site.settings.site,
        begin,
        end,
        now,
        len(entries),
        concerned,
        held(site),
        _data(profile),
        _accesses(entries),
        measures(site),
    )


def held(site: Site) -> dict[str, int]:
    """How many records of each kind the site holds now."""
    with site.stores.data.connect() as connection:
        counts = {
            table.name: int(connection.execute(select(func.count()).select_from(table)).scalar_one())
            for table in (persons, consents, enrolments, passages)
        }
        photos = connection.execute(select(func.count(enrolments.c.photo))).scalar_one()
    return {
        "people": counts["persons"],
        "consents": counts["consents"],
        "templates": counts["enrolments"],
        "photos": int(photos),
        "passages": counts["passages"],
        "log entries": site.stores.trail.count(),
    }


def measures(site: Site) -> tuple[str, ...]:
    """The technical measures in force at this site (GDPR Art. 32)."""
    key, profile = site.settings.key, site.profiles.current()
    if isinstance(key, PassphraseSettings):
        unlocking = f"a passphrase (Argon2id, {key.memory_kib} KiB, {key.passes} passes)"
    else:
        unlocking = "a key that lies outside the site's folder"
    beyond = administrator_of(site).has_secret()
    identification = (
        f"Identification on, resting on the assessment “{profile.assessment_title}” "
        f"(SHA-256 {profile.assessment_sha256}), after an act of the person at a checkpoint"
        if profile.identifies
        else "Identification off: nobody is searched for by face"
    )
    return (
        "Every record, template and photo sealed under a key of its person's own (AES-256-GCM), bound to its place",
        f"Keys apart from the data, wrapped by the site key (AES-256-GCM-SIV), which opens with {unlocking}",
        "Passages sealed under a key of their hour and their person together",
        "TLS 1.2 or newer; no route with data answers without a token; tokens kept as hashes, scoped and ending",
        "The server may listen beyond its machine" if beyond else "The server listens on its own machine alone",
        "Every reading of a person's data recorded with its purpose, visible to the person",
        "Enrolment from a file pending until the person confirms it in person",
        identification,
    )


def _is_used(purpose: Purpose, profile: Profile) -> bool:
    off = {Purpose.IDENTIFY: not profile.identifies, Purpose.PHOTO: not profile.keep_photos}
    return not off.get(purpose, False)


def _data(profile: Profile) -> tuple[str, ...]:
    return (*DATA, PHOTOS) if profile.keep_photos else DATA


def _recipients(site: Site, now: datetime) -> tuple[str, ...]:
    valid = [token for token in tokens_of(site).all() if token.is_valid(now)]
    told = [f"Holder of the token {token.name}: {', '.join(sorted(token.scopes))}" for token in valid]
    moved = [move.to for move in Moves(site).all() if move.written_at]
    sites = sorted({f"The site “{to.name}” ({to.site}), that people were moved to" for to in moved})
    return ("Operators with the site's key", *told, *sites)


def _accesses(entries: Sequence[AuditEntry]) -> tuple[Access, ...]:
    grouped: dict[tuple[str, str], list[datetime]] = {}
    for entry in entries:
        grouped.setdefault((entry.actor.name, entry.action), []).append(entry.at)
    return tuple(
        Access(actor, action, len(times), min(times), max(times)) for (actor, action), times in sorted(grouped.items())
    )
