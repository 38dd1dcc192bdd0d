"""Adds, enrols, withdraws and erases people until it fails, and prints each act before and after it."""

import random
import sys
from pathlib import Path

import numpy as np

from doorward.adapters.system import SystemClock, SystemRandomness
from doorward.face.template import Template, TemplateOrigin
from doorward.kernel.audit import Actor
from doorward.people.consent import Purpose
from doorward.people.enroller import Enroller
from doorward.people.enrolment import CapturedFrom
from doorward.people.person import Details
from doorward.people.register import Register
from doorward.settings.site import read_site_settings
from doorward.wiring.face.neighbours import NoSearch
from doorward.wiring.face.opening import open_stores, provider_for

ACTOR = Actor("worker", "crash test")


def vector_of(number: int) -> np.ndarray:
    vector = np.random.default_rng(number).normal(size=128)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def main(folder: Path, passphrase: str, first: int) -> None:
    settings = read_site_settings(folder)
    stores = open_stores(folder, settings, provider_for(settings, lambda: passphrase))
    clock, randomness, chance = SystemClock(), SystemRandomness(), random.Random(first)
    people = (stores.people, stores.consents, stores.enrolments)
    register = Register(*people, stores.lookalikes, stores.pins, stores.trail, clock, randomness)
    enroller = Enroller(*people, NoSearch(), stores.lookalikes, stores.trail, clock, randomness)
    known: list[tuple[int, str, str]] = []
    number = first
    while True:
        say("add", number)
        person = register.add(ACTOR, f"Person {number}", Details(badge_number=f"B{number}")).id
        given = register.consent(ACTOR, person, "Entry", "1", [Purpose.VERIFY], "signed")
        enroller.enrol(ACTOR, person, Template(vector_of(number), ORIGIN), CapturedFrom.LIVE)
        say("added", number, person)
        known.append((number, person, given.id))
        number += 1
        if chance.random() < 0.4:
            one, who, consent = chance.choice(known)
            say("withdraw", one)
            register.withdraw(ACTOR, who, consent)
            say("withdrawn", one)
        if chance.random() < 0.4:
            one, who, consent = known.pop(chance.randrange(len(known)))
            say("erase", one)
            register.erase(ACTOR, who)
            say("erased", one)


ORIGIN = TemplateOrigin("sface", "openvino", "f32")


def say(*words: object) -> None:
    print(*words, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
