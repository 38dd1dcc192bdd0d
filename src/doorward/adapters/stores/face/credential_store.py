"""Who carries which credential, and which were ended, as granted rows: writing the database makes none hold."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from doorward.adapters.stores.face.grant_store import GrantStore
from doorward.kernel.ids import CredentialId, PersonId
from doorward.people.credential import Cause, Issued, Revocation

_CARRIED = "credential"
"""By person: there is one of each at most."""
_ENDED = "ended credential"
"""By credential, without the person."""


class SqlCredentialStore:
    """``CredentialStore`` over data.db."""

    def __init__(self, grants: GrantStore) -> None:
        self._grants = grants

    def issue(self, issued: Issued, ended: Revocation | None) -> None:
        if ended is not None:
            self._end(ended)
        row = {"id": issued.id, "issued_at": issued.issued_at.isoformat(), "until": issued.until.isoformat()}
        if issued.model_mark is not None:
            row["model_mark"] = issued.model_mark.hex()
        self._grants.put(_CARRIED, issued.person, row)

    def revoke(self, person: PersonId, revocation: Revocation) -> None:
        self._end(revocation)
        self._grants.remove(_CARRIED, person)

    def of(self, person: PersonId) -> Issued | None:
        held = self._grants.get(_CARRIED, person)
        issued = None if held is None else _issued(person, held)
        # A crash between the two writes of `issue` or `revoke` leaves a row that is ended.
        return None if issued is None or self.revocation(issued.id) else issued

    def revocation(self, credential: CredentialId) -> Revocation | None:
        held = self._grants.get(_ENDED, credential)
        return None if held is None else _revocation(credential, held)

    def all(self) -> Iterator[Issued]:
        ended = {one.id for one in self.revocations()}
        for person, held in self._grants.all(_CARRIED):
            if held["id"] not in ended:
                yield _issued(PersonId(person), held)

    def revocations(self) -> Iterator[Revocation]:
        for credential, held in self._grants.all(_ENDED):
            yield _revocation(CredentialId(credential), held)

    def forget(self, credential: CredentialId) -> None:
        self._grants.remove(_ENDED, credential)

    def _end(self, revocation: Revocation) -> None:
        row = {"cause": revocation.cause.value, "at": revocation.at.isoformat(), "until": revocation.until.isoformat()}
        self._grants.put(_ENDED, revocation.id, row)


def _issued(person: PersonId, held: Mapping[str, Any]) -> Issued:
    until = datetime.fromisoformat(held["until"])
    mark = held.get("model_mark")
    issued_at = datetime.fromisoformat(held["issued_at"])
    return Issued(CredentialId(held["id"]), person, issued_at, until, mark and bytes.fromhex(mark))


def _revocation(credential: CredentialId, held: Mapping[str, Any]) -> Revocation:
    until = datetime.fromisoformat(held["until"])
    return Revocation(credential, Cause(held["cause"]), datetime.fromisoformat(held["at"]), until)
