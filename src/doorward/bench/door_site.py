"""A site to measure a door with: so many people enrolled, some of whom are on photos."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import numpy as np

from doorward.adapters.stores.face.bulk import BulkStore, Newcomer
from doorward.adapters.stores.face.row_log import NewcomersLog
from doorward.errors import PhotoError, WrongUse
from doorward.face.template import Template, TemplateOrigin
from doorward.face.thresholds import Provenance, ThresholdSet
from doorward.kernel.ids import ConsentId, PersonId, TemplateId
from doorward.kernel.permissions import Scope
from doorward.people.consent import Consent, Purpose
from doorward.people.enrolment import CapturedFrom, Enrolment
from doorward.people.membership import lasting
from doorward.people.person import EVERYONE, Details, Person
from doorward.wiring.face.api import create
from doorward.wiring.face.site import Site, open_site
from doorward.wiring.serving import tokens_of

DIMENSION = 128
DOORS_GROUP = "doors"
_SEED = 20_261_123
_HELD = "door.json"
_THRESHOLDS = ((1e-2, 0.3), (1e-4, 0.42), (1e-6, 0.52), (1e-9, 0.6), (1e-12, 0.65))


@dataclass(frozen=True, slots=True)
class DoorSite:
    """``folder``: of the site. ``known``: who is enrolled from the references, in their order, None where no face was.

    ``enrolled_per_s``: people; None when they were enrolled before.
    """

    folder: Path
    known: Sequence[PersonId | None]
    enrolled_per_s: float | None


def made_site(
    place: Path, people: int, group: int | None, references: Sequence[bytes], on_progress: Callable[[int], None]
) -> DoorSite:
    """The site in ``place`` with so many people, of whom ``group`` may pass its doors, or all.

    Those on ``references`` are among both; everybody else has a random unit template. A site that was made before is
    used again; ``WrongUse`` when it was made otherwise.
    """
    asked = {"people": people, "group": group, "references": len(references)}
    held = place / _HELD
    if held.exists():
        before = json.loads(held.read_text(encoding="utf-8"))
        if before["asked"] != asked:
            raise WrongUse(f"The site in {place} was made for other numbers ({before['asked']}); name another folder.")
        return DoorSite(place / "site", before["known"], None)
    place.mkdir(parents=True, exist_ok=True)
    with create(place / "site", key_file=place / "site.key") as site:
        known, seconds = _filled(site, people, group, references, on_progress)
        now = site.stores.vault.clock.now()
        site.profiles.identify(b"for a measurement", "Measurement", "Measurement", now)
        _decide_at_any_size(site)
    held.write_text(json.dumps({"asked": asked, "known": known}), encoding="utf-8")
    return DoorSite(place / "site", known, people / seconds)


def opened(made: DoorSite) -> Site:
    return open_site(made.folder, lambda: "")


def tokens(site: Site, count: int) -> list[str]:
    """Tokens that may identify for a day, each as often as any may."""
    run, made = uuid4().hex[:8], tokens_of(site)
    return [made.create(f"bench {run} {n}", frozenset({Scope.IDENTIFY}), timedelta(days=1))[0] for n in range(count)]


def doors(site: Site, count: int) -> list[str]:
    """Names of new checkpoints: each lets only so many people be identified in a minute."""
    run = uuid4().hex[:8]
    return [site.doorkeeper.add(f"bench {run} {n}", DOORS_GROUP).name for n in range(count)]


def newcomer(number: int, template: Template, groups: frozenset[str] = frozenset({EVERYONE})) -> Newcomer:
    """Somebody with a consent and one confirmed reference."""
    now = datetime.now(UTC)
    person = Person(PersonId(str(uuid4())), f"Person {number}", Details(), lasting(groups), now)
    purposes = frozenset({Purpose.VERIFY, Purpose.IDENTIFY})
    consent = Consent(ConsentId(str(uuid4())), person.id, "Notice", "1", purposes, now, "signed")
    enrolment = Enrolment(TemplateId(str(uuid4())), person.id, template, CapturedFrom.LIVE, now, now)
    return Newcomer(person, consent, enrolment)


def _filled(
    site: Site, people: int, group: int | None, references: Sequence[bytes], on_progress: Callable[[int], None]
) -> tuple[list[PersonId | None], float]:
    vault, member = site.stores.vault, frozenset({EVERYONE, DOORS_GROUP})
    store = BulkStore(site.stores.data, vault, NewcomersLog(vault))
    on_photos = [newcomer(n, face, member) if face else None for n, face in enumerate(_faces(site, references))]
    enrolled = [one for one in on_photos if one is not None]
    members = people if group is None else group
    if not len(enrolled) <= members <= people:
        raise WrongUse("More people are on the photos than may pass, or more may pass than there are; change --people.")
    store.add(enrolled)
    begun = datetime.now(UTC)
    store.add(_others(people, members, len(enrolled), site.models.embedder.origin), on_progress)
    seconds = (datetime.now(UTC) - begun).total_seconds()
    return [one.person.id if one else None for one in on_photos], seconds


def _faces(site: Site, references: Sequence[bytes]) -> Iterator[Template | None]:
    for octets in references:
        face = None
        with suppress(PhotoError):
            face = site.capture(octets).template
        yield face


def _others(people: int, members: int, enrolled: int, origin: TemplateOrigin) -> Iterator[Newcomer]:
    random = np.random.default_rng(_SEED)
    for number in range(enrolled, people):
        vector = random.standard_normal(DIMENSION, np.float32)
        groups = {EVERYONE, DOORS_GROUP} if number < members else {EVERYONE}
        yield newcomer(number, Template(vector / np.linalg.norm(vector), origin), frozenset(groups))


def _decide_at_any_size(site: Site) -> None:
    """Thresholds that nobody measured, so that a search among more people than evaluations support decides at all."""
    model, now = site.models.embedder.origin, site.stores.vault.clock.now()
    provenance = Provenance("", model.runtime, model.precision, "bench", now.isoformat())
    invented = ThresholdSet("invented", model.model, "nothing: a measurement of speed", 1, 1, _THRESHOLDS, provenance)
    site.thresholds.adopt(site.actor, invented)
