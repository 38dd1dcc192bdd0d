"""A site held against what was told of it: what was acknowledged is there, and nothing is half done."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from doorward.bench.faults_acts import template_of
from doorward.bench.faults_told import GROUP, Told, key_version, unfinished_renewals
from doorward.errors import DoorwardError, NotFound, PersonUnknown, VaultError
from doorward.kernel.ids import PersonId
from doorward.people.membership import Membership
from doorward.people.person import Details, Identifier
from doorward.wiring.doctor.databases import check_databases, check_overdue
from doorward.wiring.doctor.finding import Severity
from doorward.wiring.doctor.sealed import check_sealed
from doorward.wiring.face.restoring import BackupSet, restore
from doorward.wiring.face.site import Site, open_site

_LOG = ("log-altered", "rows-not-compared")
_INDEX = "index-matches-nobody"


@dataclass(slots=True)
class Faults:
    """Sentences, each once however often it is met. ``log_ok``: the audit log verified every time."""

    lost: set[str] = field(default_factory=set)
    half_done: set[str] = field(default_factory=set)
    log_ok: bool = True


def check(folder: Path, told: Told, identity: Path, faults: Faults) -> None:
    """Open the site, which finishes what was cut short, and enter what does not hold into ``faults``.

    Who was being added and not acknowledged is here or not, and is erased; if not, their number is nobody's.
    """
    try:
        with open_site(folder, lambda: "") as site:
            faults.lost.update(_lost(site, told))
            faults.half_done.update(_unsettled(site, told))
            faults.half_done.update(_paired_by_half(site, told))
            _check_deep(site, faults)
            if set(site.stores.people.ids()) - set(told.numbers):
                faults.half_done.add("Somebody is here whose adding was not acknowledged, past the number they hold.")
        found = (*check_databases(folder), *check_overdue(folder, datetime.now(UTC)))
        faults.half_done.update(finding.what for finding in found)
        if unfinished_renewals(folder):
            faults.half_done.add("A person's key was being renewed, and opening the site did not finish it.")
    except DoorwardError as error:
        faults.half_done.add(f"The site cannot be opened and read: {error.message}")
        faults.log_ok = False
    if told.backup is not None:
        faults.lost.update(_unrestorable(*told.backup, identity, folder.with_name("restored")))
        told.backup = None


def _lost(site: Site, told: Told) -> Iterator[str]:
    for person, number in told.numbers.items():
        if person in told.erased:
            if not _is_gone(site, person):
                yield f"Person {number} was erased and is still here."
        elif not (_is_whole(site, person, number, told) or (person in told.erasing and _is_gone(site, person))):
            yield f"Person {number} was enrolled, and is not as they were."
    for one, other in told.paired:
        if not {one, other} & told.erasing and not (_resembles(site, one, other) and _resembles(site, other, one)):
            yield "Two people were stated to be lookalikes, and are not."
    for (kind, owner), version in told.versions.items():
        if PersonId(owner) not in told.erasing and key_version(site.folder, kind, owner) < version:
            yield f"The key of kind {kind} was renewed to version {version}, and is older."


def _is_gone(site: Site, person: PersonId) -> bool:
    stores = site.stores
    left = person in stores.people.ids() or stores.vault.knows(person)
    return not (left or _rows(site, person))


def _resembles(site: Site, one: PersonId, other: PersonId) -> bool:
    try:
        return other in {lookalike.person for lookalike in site.stores.lookalikes.of(one)}
    except VaultError:
        return False


def _paired_by_half(site: Site, told: Told) -> Iterator[str]:
    for one in told.numbers.keys() - told.erasing:
        for other in told.numbers.keys() - told.erasing:
            if _resembles(site, one, other) and not _resembles(site, other, one):
                yield "Somebody is a lookalike of somebody who is none of theirs."


def _rows(site: Site, person: PersonId) -> bool:
    try:
        return bool(site.stores.consents.of(person) or site.stores.enrolments.of(person))
    except (PersonUnknown, VaultError):
        return True


def _is_whole(site: Site, person: PersonId, number: int, told: Told) -> bool:
    stores = site.stores
    try:
        held = stores.people.get(person)
        is_permitted = Membership(GROUP) in held.memberships
        if held.display_name != f"Person {number}" or (person in told.permitted and not is_permitted):
            return False
        consents, enrolments = stores.consents.of(person), stores.enrolments.of(person)
    except (NotFound, VaultError):
        return False
    ended = [consent.withdrawn_at is not None for consent in consents]
    allowed = [[True]] if person in told.withdrawn else [[True], [False]] if person in told.withdrawing else [[False]]
    if ended not in allowed or len(enrolments) != ended.count(False):
        return False
    vector = template_of(number).vector
    same = all(np.array_equal(enrolment.template.vector, vector) for enrolment in enrolments)
    return same and stores.people.find(Identifier.BADGE, f"B{number}") == person


def _unsettled(site: Site, told: Told) -> Iterator[str]:
    people = site.stores.people
    for number in sorted(told.begun_numbers):
        try:
            held = people.find(Identifier.BADGE, f"B{number}")
            if held is not None:
                people.erase(held)
            again = site.add_person("Again", Details(badge_number=f"B{number}"))
            people.erase(again.id)
        except DoorwardError as error:
            yield f"Number B{number} was not given out and cannot be: {error.message}"
    told.begun_numbers.clear()


def _check_deep(site: Site, faults: Faults) -> None:
    """A key without a row is left out: who was acknowledged is looked at by name, and nobody else's opens anything."""
    for finding in check_sealed(site, lambda _done, _all: None):
        if finding.id in _LOG:
            faults.log_ok = False
        elif finding.severity is Severity.CRITICAL or finding.id == _INDEX:
            faults.half_done.add(finding.what)


def _unrestorable(data: Path, keys: Path, identity: Path, to: Path) -> Iterator[str]:
    try:
        restore(BackupSet(data, keys, identity), to, lambda: "")
    except DoorwardError as error:
        yield f"The backup {data.name} does not restore: {error.message}"
    shutil.rmtree(to, ignore_errors=True)
