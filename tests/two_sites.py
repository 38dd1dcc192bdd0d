"""Two sites between which people are moved, by the commands that operators type."""

import shutil
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from commands_in_process import run_json
from doorward.kernel.ids import PersonId
from doorward.people.person import Details
from doorward.wiring.face.signatories import Signatories
from doorward.wiring.face.site import Site, open_site
from doorward.wiring.face.site_cards import own_card
from known_people import EVERYTHING, OFFICER, enrolment, face
from throwaway_sites import PASSPHRASE, throwaway_site

ADA, GRACE, MARY = "Ada Lovelace", "Grace Hopper", "Mary Cartwright"
SIGNATORIES = (ADA, GRACE, MARY)


@dataclass
class MovingHouse:
    """One of the two sites: ``say`` runs a command there, ``open`` opens it for what no command shows."""

    folder: Path
    capsys: pytest.CaptureFixture[str]
    work: Path

    def say(self, *command: object) -> tuple[int, dict[str, Any]]:
        secret = self.work / "passphrase"
        secret.write_text(PASSPHRASE)
        return run_json(self.capsys, *command, "--site", self.folder, "--passphrase-file", secret)

    def told(self, *command: object) -> dict[str, Any]:
        """What a command prints that is to succeed."""
        status, answer = self.say(*command)
        assert status == 0, answer
        return answer

    def refused(self, *command: object) -> str:
        """The code with which a command is refused."""
        status, answer = self.say(*command)
        assert status in (1, 2, 3)
        return str(answer["error"]["code"])

    def open(self) -> Site:
        return open_site(self.folder, lambda: PASSPHRASE)

    def card(self) -> tuple[Path, str]:
        """The site's card in a file, and its fingerprint."""
        file = self.work / f"{self.folder.name}.card"
        return file, self.told("site", "card", "--to", file)["fingerprint"]

    def secrets(self) -> tuple[str, ...]:
        options: tuple[str, ...] = ()
        for name in SIGNATORIES:
            file = self.work / f"{name[:3]}.secret"
            file.write_text(f"{secret_of(name)}\n")
            options += ("--secret-file", name, str(file))
        return options

    def ask(self, other: "MovingHouse", *people: object, by: str = ADA, **changed: str) -> tuple[int, dict[str, Any]]:
        card, fingerprint = other.card()
        given = {"purpose": "a new building", "legal-basis": "consent to notice 4", "fingerprint": fingerprint}
        options = [part for name, value in {**given, **changed}.items() for part in (f"--{name}", value)]
        return self.say("people", "move", "ask", *people, "--to", card, *options, "--by", by, *self.secrets())

    def approve(
        self, other: "MovingHouse", move: str, by: str = GRACE, fingerprint: str | None = None
    ) -> tuple[int, dict[str, Any]]:
        compared = fingerprint or other.card()[1]
        return self.say("people", "move", "approve", move, "--fingerprint", compared, "--by", by, *self.secrets())

    def agreed(self, other: "MovingHouse", *people: object) -> str:
        """The id of a move that two signatories agreed to."""
        status, asked = self.ask(other, *people)
        assert status == 0, asked
        status, approved = self.approve(other, asked["move"])
        assert status == 0, approved
        return str(asked["move"])

    def send(self, other: "MovingHouse", *people: object) -> Path:
        """The file of a move that two signatories agreed to."""
        file = self.work / "people.moving"
        self.say("people", "move", "write", self.agreed(other, *people), file)
        return file

    def receive(self, other: "MovingHouse", file: Path, *more: object) -> tuple[int, dict[str, Any]]:
        return self.say("people", "import", file, "--fingerprint", other.card()[1], *more)

    def receipt(self, other: "MovingHouse", file: Path) -> Path:
        """Of everybody who could be taken from the file."""
        _, answer = self.receive(other, file)
        return Path(answer["receipt"])


def secret_of(signatory: str) -> str:
    return f"the secret words of {signatory}"


def two_sites(folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[MovingHouse, MovingHouse]:
    """The site that people leave, with three signatories, and the one where they arrive."""
    old, new = (MovingHouse(named_site(folder, name), capsys, folder) for name in ("old", "new"))
    return old, new


def named_site(parent: Path, name: str) -> Path:
    """A fresh site with a name and signatories; those of one ``name`` share their id and keys."""
    return Path(shutil.copytree(_made(name), parent / name))


@cache
def _made(name: str) -> Path:
    folder = throwaway_site(Path(tempfile.mkdtemp(prefix="doorward-test-")), name)
    with open_site(folder, lambda: PASSPHRASE) as site:
        own_card(site, f"The {name} building")
        cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
        signatories = Signatories(site.stores.grants, site.stores.trail, site.stores.vault.clock, cheap)
        signatories.appoint(OFFICER, {name: secret_of(name) for name in SIGNATORIES}, {})
    return folder


def known(
    site: Site, name: str, purposes: list[str] = EVERYTHING, photo: bytes | None = None, **details: object
) -> PersonId:
    """Somebody with a reference, in the group of staff, who agreed to ``purposes``."""
    person = site.add_person(name, Details(**details), ["staff"])
    if purposes:
        site.record_consent(person, "Notice", "3", purposes, "signed form")
    site.stores.enrolments.add(enrolment(person.id, face(sum(name.encode()))), photo)
    return person.id
