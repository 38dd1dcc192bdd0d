"""Works on a site until it is killed or its disk fails, and tells each act before it begins and after it is done.

Run as a process. Each line on standard input is one round; a child of its own does it, since imports cost a second.
"""

import json
import os
import random
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import numpy as np

from doorward.bench.faults_injection import Failing, fail_from_now
from doorward.bench.faults_told import key_version
from doorward.errors import DoorwardError
from doorward.face.template import Template, TemplateOrigin
from doorward.kernel.ids import PersonId
from doorward.people.consent import Purpose
from doorward.people.enrolment import CapturedFrom
from doorward.people.person import Details
from doorward.wiring.face.backup import back_up_keys, create_backup
from doorward.wiring.face.erasing import erase_person
from doorward.wiring.face.keys import Renewable, renew_person, renew_site_wide
from doorward.wiring.face.site import Site, open_site

MOST_PEOPLE = 8
"""Beyond it somebody is erased first, so that a round stays short."""

_DIMENSION = 128
_SECONDS_LEFT = 30
"""How long a process may go on after its disk began to fail."""


def template_of(number: int) -> Template:
    """A random unit vector that the number alone decides."""
    vector = np.random.default_rng(number).normal(size=_DIMENSION)
    unit = (vector / np.linalg.norm(vector)).astype(np.float32)
    return Template(unit, TemplateOrigin("sface", "openvino", "f32"))


class _Worker:
    def __init__(self, site: Site, backups: Path, recipient: str, first: int, chance: random.Random) -> None:
        self._site = site
        self._backups = backups
        self._recipient = recipient
        self._number = first
        self._chance = chance
        self._known = [person.id for person in site.stores.people.all()]

    def go_on(self) -> NoReturn:
        others = (self._withdraw, self._erase, self._rotate_person, self._rotate_site, self._back_up)
        while True:
            acts: list[Callable[[], None]] = [self._add]
            if self._known:
                acts = [self._erase] if len(self._known) > MOST_PEOPLE else [*[self._add] * 3, *others]
            self._chance.choice(acts)()

    def _add(self) -> None:
        number, site = self._number, self._site
        self._number += 1
        _say("begin", "add", number)
        person = site.add_person(f"Person {number}", Details(badge_number=f"B{number}")).id
        site.record_consent(person, "Entry", "1", [Purpose.VERIFY], "signed")
        site.enroller.enrol(site.actor, person, template_of(number), CapturedFrom.LIVE)
        _say("done", "add", number, person)
        self._known.append(person)

    def _withdraw(self) -> None:
        person = self._chance.choice(self._known)
        for consent in self._site.stores.consents.of(person):
            _say("begin", "withdraw", person)
            self._site.register.withdraw(self._site.actor, person, consent.id)
            _say("done", "withdraw", person)

    def _erase(self) -> None:
        person = self._known.pop(self._chance.randrange(len(self._known)))
        _say("begin", "erase", person)
        erase_person(self._site, person)
        _say("done", "erase", person)

    def _rotate_person(self) -> None:
        person: PersonId = self._chance.choice(self._known)
        _say("begin", "rotate", "person", person)
        renew_person(self._site.folder, self._site.stores, person, self._site.actor)
        self._rotated("person", person)

    def _rotate_site(self) -> None:
        which = self._chance.choice([Renewable.SITE, Renewable.GRANTS])
        _say("begin", "rotate", which.value, "")
        renew_site_wide(self._site.folder, self._site.stores, which, self._site.actor, lambda _done, _all: None)
        self._rotated(which.value, "")

    def _rotated(self, kind: str, owner: str) -> None:
        _say("done", "rotate", kind, owner, key_version(self._site.folder, kind, owner))

    def _back_up(self) -> None:
        _say("begin", "backup")
        data = create_backup(self._site, self._backups, self._recipient).path
        _say("done", "backup", str(data), str(back_up_keys(self._site, self._backups).path))


def _work(site: str, backups: str, recipient: str, first: int, seed: int, failing: str | None) -> None:
    def fail(*_: object) -> None:
        signal.alarm(_SECONDS_LEFT)
        if failing is None or not fail_from_now(Failing(failing)):
            os.kill(os.getpid(), signal.SIGKILL)

    signal.signal(signal.SIGUSR1, fail)
    _say("child", os.getpid())
    chance = random.Random(seed)  # noqa: S311 - it chooses acts and keeps no secret
    try:
        _Worker(open_site(site, lambda: ""), Path(backups), recipient, first, chance).go_on()
    except DoorwardError as error:
        _say("refused", error.code)


def _say(*words: object) -> None:
    print(json.dumps(words), flush=True)


def main() -> None:
    """One child a line, until there are no more."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                _work(**json.loads(line))
                status = 0
            finally:
                sys.stderr.flush()
                os._exit(status)
        _say("ended", os.waitpid(child, 0)[1])


if __name__ == "__main__":
    main()
