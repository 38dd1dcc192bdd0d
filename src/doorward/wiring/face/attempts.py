"""Whose failures in a row are counted, told to an operator, and let go on again."""

from collections.abc import Sequence
from dataclasses import dataclass

from doorward.errors import NotFound
from doorward.kernel.audit import Actor, AuditEntry
from doorward.kernel.ids import PersonId
from doorward.verify.attempts import Counted, Streak, Subject, Verdict, verdict_on
from doorward.wiring.face.attempts_of_erased import subjects_of
from doorward.wiring.face.site import Site
from doorward.wiring.face.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Counting:
    """A streak of one who is known here, and what it comes to now under what the site asks for."""

    subject: Subject
    streak: Streak
    verdict: Verdict


def attempts_of(site: Site, actor: Actor) -> tuple[Sequence[Counting], int]:
    """Every streak of a person, credential or device of the site, and how many there are of others."""
    stores = site.stores
    _record(site, actor, "list of attempts read", None)
    now, with_pad = stores.vault.clock.now(), bool(site.attack_guard.required())
    known = _known(site)
    found = [
        Counting(subject, streak, verdict_on(streak, now, with_pad=with_pad))
        for subject, streak in zip(known, stores.attempts.streaks(known), strict=True)
        if streak.failures
    ]
    return sorted(found, key=lambda one: (one.subject.kind, one.subject.name)), stores.attempts.others(known)


def lift_person(site: Site, actor: Actor, person: PersonId) -> bool:
    """Let the person, and the credential that they carry, go on; False when nothing was counted of them."""
    site.stores.people.get(person)
    _record(site, actor, "failed attempts forgotten", person)
    return site.stores.attempts.lift(subjects_of(person, site.stores.credentials))


def lift_device(site: Site, actor: Actor, device: str) -> bool:
    """The same for a token or checkpoint, by the name that ``attempts_of`` tells; ``NotFound`` for another name."""
    subject = Subject(Counted.DEVICE, device)
    if subject not in _devices(site):
        raise NotFound("There is no device of that name; `doorward attempts list` shows those that failed.")
    _record(site, actor, f"failed attempts of {device} forgotten", None)
    return site.stores.attempts.lift([subject])


def lift_others(site: Site, actor: Actor) -> int:
    """The same for all that is of nobody known here: numbers and ids of nobody, documents, ended credentials."""
    _record(site, actor, "failed attempts of nobody known forgotten", None)
    return site.stores.attempts.lift_others(_known(site))


def _known(site: Site) -> list[Subject]:
    stores = site.stores
    people = [Subject(Counted.PERSON, person) for person in stores.vault.people()]
    carried = [Subject(Counted.CREDENTIAL, one.id) for one in stores.credentials.all()]
    return [*people, *carried, *_devices(site)]


def _devices(site: Site) -> list[Subject]:
    stores = site.stores
    tokens = Tokens(stores.grants, stores.vault.clock, stores.randomness).all()
    doors = stores.checkpoints.all()
    names = [*(f"token {one.name}" for one in tokens), *(f"checkpoint {one.name}" for one in doors)]
    return [Subject(Counted.DEVICE, name) for name in names]


def _record(site: Site, actor: Actor, action: str, about: PersonId | None) -> None:
    site.stores.trail.record(AuditEntry(actor, action, about, site.stores.vault.clock.now()))
