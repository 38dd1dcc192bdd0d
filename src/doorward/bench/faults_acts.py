"""What a process under test does to a site, each act told before it begins and after it is done."""

import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import numpy as np

from doorward.bench.faults_told import GROUP, key_version
from doorward.face.template import Template, TemplateOrigin
from doorward.kernel.ids import CheckpointId, PassageId, PersonId
from doorward.passages.passage import Passage
from doorward.people.consent import Purpose
from doorward.people.enrolment import CapturedFrom
from doorward.people.person import Details
from doorward.wiring.face.backup import back_up_keys, create_backup
from doorward.wiring.face.erasing import erase_person
from doorward.wiring.face.keys import Renewable, renew_person, renew_site_wide
from doorward.wiring.face.site import Site

Say = Callable[..., None]

_DIMENSION = 128


def template_of(number: int) -> Template:
    """A random unit vector that the number alone decides."""
    vector = np.random.default_rng(number).normal(size=_DIMENSION)
    unit = (vector / np.linalg.norm(vector)).astype(np.float32)
    return Template(unit, TemplateOrigin("sface", "openvino", "f32"))


class Acts:
    """On one open site. ``first``: the number of the next person to be added. ``chance`` chooses whom an act is about.

    ``say`` is given ``begin`` or ``done``, the act, and what it is about.
    """

    def __init__(self, site: Site, backups: Path, recipient: str, first: int, chance: random.Random, say: Say) -> None:
        self._site = site
        self._backups = backups
        self._recipient = recipient
        self._number = first
        self._chance = chance
        self._say = say
        self.known = [person.id for person in site.stores.people.all()]

    def enrol(self) -> None:
        number, site = self._number, self._site
        self._number += 1
        self._say("begin", "add", number)
        person = site.add_person(f"Person {number}", Details(badge_number=f"B{number}")).id
        site.record_consent(person, "Entry", "1", [Purpose.VERIFY], "signed")
        site.enroller.enrol(site.actor, person, template_of(number), CapturedFrom.LIVE)
        self._say("done", "add", number, person)
        self.known.append(person)

    def pass_by(self) -> None:
        """Everybody known passes a checkpoint; not told."""
        for person in self.known:
            self._site.stores.passages.add(
                Passage(PassageId(str(uuid4())), person, CheckpointId("north"), datetime.now(UTC))
            )

    def withdraw(self) -> None:
        person = self._chance.choice(self.known)
        for consent in self._site.stores.consents.of(person):
            self._say("begin", "withdraw", person)
            self._site.register.withdraw(self._site.actor, person, consent.id)
            self._say("done", "withdraw", person)

    def permit(self) -> None:
        person = self._chance.choice(self.known)
        self._say("begin", "permit", person)
        self._site.register.permit(self._site.actor, person, GROUP)
        self._say("done", "permit", person)

    def pair(self) -> None:
        """Two of those known are stated to be lookalikes; nothing when there are none."""
        if len(self.known) < 2:
            return
        one, other = self._chance.sample(self.known, 2)
        self._say("begin", "pair", one, other)
        self._site.stores.lookalikes.pair(one, other, datetime.now(UTC))
        self._say("done", "pair", one, other)

    def erase(self) -> None:
        person = self.known.pop(self._chance.randrange(len(self.known)))
        self._say("begin", "erase", person)
        erase_person(self._site, person)
        self._say("done", "erase", person)

    def rotate_person(self) -> None:
        person: PersonId = self._chance.choice(self.known)
        self._say("begin", "rotate", "person", person)
        renew_person(self._site.folder, self._site.stores, person, self._site.actor)
        self._rotated("person", person)

    def rotate(self, which: Renewable) -> None:
        self._say("begin", "rotate", which.kind.value, "")
        renew_site_wide(self._site.folder, self._site.stores, which, self._site.actor, lambda _done, _all: None)
        self._rotated(which.kind.value, "")

    def back_up_data(self) -> Path:
        self._say("begin", "backup of data")
        path = create_backup(self._site, self._backups, self._recipient).path
        self._say("done", "backup of data")
        return path

    def back_up_keys(self) -> Path:
        self._say("begin", "backup of keys")
        path = back_up_keys(self._site, self._backups).path
        self._say("done", "backup of keys")
        return path

    def back_up(self) -> None:
        self._say("begin", "backup")
        data = create_backup(self._site, self._backups, self._recipient).path
        self._say("done", "backup", str(data), str(back_up_keys(self._site, self._backups).path))

    def _rotated(self, kind: str, owner: str) -> None:
        self._say("done", "rotate", kind, owner, key_version(self._site.folder, kind, owner))


def _rotating(which: Renewable) -> Callable[[Acts], object]:
    return lambda acts: acts.rotate(which)


BY_NAME: Mapping[str, Callable[[Acts], object]] = {
    "enrol": Acts.enrol,
    "withdraw": Acts.withdraw,
    "permit": Acts.permit,
    "pair": Acts.pair,
    "erase": Acts.erase,
    "rotate person": Acts.rotate_person,
    **{f"rotate {which.value}": _rotating(which) for which in Renewable},
    "back up data": Acts.back_up_data,
    "back up keys": Acts.back_up_keys,
}
"""What can be cut short on an open site. A restore is an act too, on a site that is not there yet."""
