"""Made-up people for the breach test, everything of whom is known to the test and to nobody else."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from doorward.adapters.face.cards import SFACE
from doorward.adapters.file_search import Needle
from doorward.face.template import Template, TemplateOrigin
from doorward.kernel.audit import Actor
from doorward.kernel.ids import CheckpointId, PassageId
from doorward.passages.passage import Passage
from doorward.people.consent import Purpose
from doorward.people.enrolment import CapturedFrom
from doorward.people.person import Details, Document, Person
from doorward.people.pin import LONGEST_PIN
from doorward.people.ports import PinStore
from doorward.wiring.face.needles import needles_for_carried, needles_for_photo, needles_for_text, needles_for_vector
from doorward.wiring.face.site import Site

CANARIES = 3
PHOTO_BYTES = 8192

_ACTOR = Actor("breach test", "breach test")
_NOWHERE = CheckpointId("")


@dataclass(frozen=True, slots=True, eq=False)
class Canary:
    """One made-up person. ``texts`` and ``needles`` are what a thief would be glad of."""

    person: Person
    vector: NDArray[np.float32]
    photo: bytes
    passage: Passage
    carried: bytes
    pin: str

    def texts(self) -> tuple[tuple[str, str], ...]:
        """What can be read of the canary, by name."""
        details, document = self.person.details, self.person.details.document
        held = {
            "display name": self.person.display_name,
            "full name": details.full_name,
            "document number": document and document.number,
            "document issue date": document and document.issued and document.issued.isoformat(),
            "document expiry date": document and document.expires and document.expires.isoformat(),
            "birth date": details.birth_date and details.birth_date.isoformat(),
            "address": details.address,
            "employer": details.employer,
            "badge number": details.badge_number,
            "moment of the passage": self.passage.at.isoformat(),
            "PIN": self.pin,
        }
        return tuple((name, text) for name, text in held.items() if text)

    def needles(self) -> Iterator[Needle]:
        number = self.person.display_name.rsplit(" ", 1)[-1]
        for name, text in self.texts():
            yield from needles_for_text(f"{name} of canary {number}", text)
        yield from needles_for_vector(f"template of canary {number}", self.vector)
        yield from needles_for_photo(f"photo of canary {number}", self.photo)
        yield from needles_for_carried(f"canary {number}", self.vector, self.carried)


@contextmanager
def planted(site: Site) -> Iterator[tuple[Canary, ...]]:
    """Canaries in the site for the length of a ``with`` block."""
    canaries: list[Canary] = []
    try:
        while len(canaries) < CANARIES:
            canaries.append(plant(site))
        yield tuple(canaries)
    finally:
        for canary in canaries:
            site.register.erase(_ACTOR, canary.person.id)


def plant(site: Site) -> Canary:
    """A canary with everything a person can have, enrolled through the site's own doors, who passed just now."""
    mark = secrets.token_hex(4)
    day = date(1890, 1, 1) + timedelta(days=secrets.randbelow(20_000))
    details = Details(
        full_name=f"Canary Vogel-{mark} van der Kooi",
        document=Document(f"CANARY{mark}D", day + timedelta(days=7_001), day + timedelta(days=10_653)),
        birth_date=day,
        address=f"{mark} Aviary Lane, Kanarienstadt",
        employer=f"Canary Works {mark}",
        badge_number=f"CANARY{mark}B",
    )
    return enrol_made_up(site, f"Canary {mark}", details, secrets.token_bytes(PHOTO_BYTES))


def enrol_made_up(site: Site, name: str, details: Details, photo: bytes, pins: PinStore | None = None) -> Canary:
    """A made-up person with a random template, consents to everything, one passage, a credential and a PIN.

    ``pins``: where the PIN goes, if not into the site's own store.
    """
    person = site.register.add(_ACTOR, name, details)
    site.register.consent(_ACTOR, person.id, "breach test", "1", list(Purpose), "made up")
    drawn = np.random.default_rng(secrets.randbits(64)).standard_normal(128)
    vector = (drawn / np.linalg.norm(drawn)).astype(np.float32)
    template = Template(vector, TemplateOrigin(SFACE.name, "canary", "f32"))
    site.enroller.enrol(_ACTOR, person.id, template, CapturedFrom.LIVE, photo)
    passage = Passage(PassageId(site.stores.randomness.uuid()), person.id, _NOWHERE, site.stores.vault.clock.now())
    site.stores.passages.add(passage)
    issued, carried = site.credentials.prepare(_ACTOR, person.id)
    site.credentials.hand_over(issued)
    pin = f"{secrets.randbelow(10**LONGEST_PIN):0{LONGEST_PIN}}"
    (pins or site.stores.pins).put(person.id, pin)
    return Canary(person, vector, photo, passage, carried, pin)
