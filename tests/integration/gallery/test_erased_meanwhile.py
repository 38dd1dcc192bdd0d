"""Decisions about a person whose key goes, or is renewed, before any one of the reads that the decision takes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from doorward.adapters.stores.face.pin_store import SqlPinStore
from doorward.adapters.stores.face.rekeying import Rekeying
from doorward.face.template import Template
from doorward.kernel.ids import PersonId
from doorward.passages.checkpoint import Checkpoint
from doorward.people.consent import Purpose
from doorward.people.enrolment import CapturedFrom
from doorward.vault.passphrase import CHEAPEST
from doorward.verify.claim import Shown
from doorward.wiring.face.site import Site, open_site
from houses import real_site
from known_people import NOON, OFFICER, face
from throwaway_sites import PASSPHRASE

PIN = "482913"
NEVER = -1

Change = Callable[[Site, PersonId], None]
Decided = Callable[[Site, Checkpoint, PersonId, Template], PersonId | None]


def key_gone(site: Site, person: PersonId) -> None:
    """As an erasure begins: nothing opens any more, and every row is still there."""
    site.stores.vault.shred(person)


def renewed(site: Site, person: PersonId) -> None:
    Rekeying(site.stores.data, site.stores.vault).renew(person)


def verified(site: Site, _: Checkpoint, person: PersonId, probe: Template) -> PersonId | None:
    claim = site.verification.claims.of(Shown(person), probe.origin)
    return site.verification.verifier.decide(OFFICER, claim, probe).person


def found(site: Site, door: Checkpoint, person: PersonId, probe: Template) -> PersonId | None:
    """All that is read, and nothing written: what writes waits until a renewal is over."""
    group = site.search_policy.group(door)
    by_face = site.identifier.search(group, [probe], lambda one: site.memberships.is_member(one, door.group))
    by_pin = pins(site).holders([one.person for one in by_face.candidates], PIN)
    claimed = site.verification.claims.of(Shown(person), probe.origin)
    assert by_pin <= {person}
    return claimed.person if by_pin and claimed.references else None


class Interrupted:
    """A site's key store, before whose ``number``-th call ``act`` is run."""

    def __init__(self, store: object, number: int, act: Callable[[], None]) -> None:
        self.calls = 0
        self._store = store
        self._number = number
        self._act = act

    def __getattr__(self, name: str) -> object:
        if self.calls == self._number:
            self._act()
        self.calls += 1
        return getattr(self._store, name)


@contextmanager
def before_key_read(site: Site, number: int, act: Callable[[], None]) -> Iterator[Interrupted]:
    keyring = site.stores.vault._keyring
    store = keyring._store
    keyring._store = interrupted = Interrupted(store, number, act)
    try:
        yield interrupted
    finally:
        keyring._store = store


@pytest.mark.parametrize(
    ("database", "change", "decisions"),
    [("sqlite", key_gone, (found, verified)), ("postgresql", renewed, (found,))],
)
def test_whoever_goes_between_two_reads_is_nobody_and_no_fault(
    database: str, change: Change, decisions: tuple[Decided, ...], tmp_path: Path
) -> None:
    with (
        real_site(database, tmp_path) as folder,
        open_site(folder, lambda: PASSPHRASE) as site,
        open_site(folder, lambda: PASSPHRASE) as other,
    ):
        site.profiles.identify(b"signed", "Assessment", "Notice", NOON)
        door = site.doorkeeper.add("North")
        seed = 0
        for decided in decisions:
            person = enrolled(site, seed)
            with before_key_read(site, NEVER, lambda: None) as keys:
                assert decided(site, door, person, face(seed)) == person
            assert keys.calls > 3
            for number in range(keys.calls):
                with before_key_read(site, number, lambda who=person: change(other, who)):
                    assert decided(site, door, person, face(seed)) in (None, person)
                left = decided(site, door, person, face(seed))
                if change is renewed:
                    assert left == person
                    continue
                assert left is None
                seed += 1
                person = enrolled(site, seed)
            seed += 1


def pins(site: Site) -> SqlPinStore:
    return SqlPinStore(site.stores.data, site.stores.vault, CHEAPEST)


def enrolled(site: Site, seed: int) -> PersonId:
    person = site.add_person(f"Person {seed}").id
    site.record_consent(person, "notice", "1", [Purpose.VERIFY, Purpose.IDENTIFY], "on paper")
    site.enroller.enrol(site.actor, person, face(seed), CapturedFrom.LIVE)
    pins(site).put(person, PIN)
    return person
