"""The audit log of an open site: shown, checked, proved, and its checkpoints handed to a witness."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Engine

from doorward.adapters.stores.face.audit_check import check_log
from doorward.adapters.stores.face.audit_trail import SqlAuditTrail
from doorward.adapters.stores.face.grant_store import GrantStore
from doorward.adapters.witness import FolderWitness, WebhookWitness, Witness, checked_url
from doorward.audit.note import origin_of
from doorward.errors import DoorwardError, PersonUnknown, WrongUse
from doorward.kernel.audit import Actor, AuditEntry, EntryProof, LoggedEntry, LogReport
from doorward.kernel.ids import PersonId
from doorward.vault.vault import Vault

_KIND, _NAME = "setting", "witness"


class WitnessKind(StrEnum):
    FOLDER = "folder"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class WitnessSetting:
    """``where``: a folder's absolute path, or an address."""

    kind: WitnessKind
    where: str


class Auditing:
    """What an officer does with the log. Showing and proving are looks, and leave entries of their own."""

    def __init__(self, data: Engine, vault: Vault, trail: SqlAuditTrail, grants: GrantStore) -> None:
        self._data = data
        self._vault = vault
        self._trail = trail
        self._grants = grants

    @property
    def origin(self) -> str:
        """The log's name in its checkpoints."""
        return origin_of(self._vault.site)

    @property
    def key(self) -> str:
        """What outsiders check this log's newest checkpoints with."""
        return self._trail.verifier_key()[0]

    @property
    def key_since(self) -> int:
        """The first entry (from 1) whose checkpoint that key signed."""
        return self._trail.verifier_key()[1]

    def show(
        self, actor: Actor, limit: int, about: PersonId | None = None, *, rows: bool = False
    ) -> Sequence[LoggedEntry]:
        """The newest ``limit`` entries, oldest first; ``PersonUnknown`` when nobody of that id is known.

        ``rows``: with the entries, nobody's acts, that say which rows changed.
        """
        if about is not None and not self._vault.knows(about):
            raise PersonUnknown("No such person is known here; `doorward people list` shows who is.")
        self._record(actor, "audit log read", about)
        return self._trail.listed(limit, about, rows=rows)

    def prove(self, actor: Actor, number: int) -> EntryProof:
        """The proof of entry ``number`` and what it says, except about whom."""
        self._record(actor, f"audit entry {number} proved", None)
        return self._trail.prove(number)

    def verify(self, folder: Path | None = None) -> LogReport:
        """Check the whole log, with the witness in ``folder``, else with the one that the site names, if a folder."""
        setting = self.witness()
        if folder is None and setting is not None and setting.kind is WitnessKind.FOLDER:
            folder = Path(setting.where)
        witnessed = FolderWitness(folder).kept(self.origin) if folder else {}
        return check_log(self._data, self._vault, witnessed)

    def checkpoint(self) -> str | None:
        """Sign what is recorded so far and hand it over; ``None`` of an empty log, ``WitnessUnreachable`` told."""
        note = self._trail.checkpoint()
        self._hand_over(hasty=False)
        return note

    def conclude(self) -> None:
        """What closing a site does. What cannot be done now is done next time, and `audit verify` sees the rest."""
        with suppress(DoorwardError):
            self._trail.checkpoint()
            self._hand_over(hasty=True)

    def waiting(self) -> int:
        """Checkpoints that no witness has taken yet."""
        return len(self._trail.not_handed_over())

    def witness(self) -> WitnessSetting | None:
        held = self._grants.get(_KIND, _NAME)
        return WitnessSetting(WitnessKind(held["kind"]), held["where"]) if held else None

    def set_witness(self, actor: Actor, setting: WitnessSetting | None) -> None:
        """Name the witness, or none. The change is recorded, and concerns every checkpoint not handed over yet."""
        if setting is not None and setting.kind is WitnessKind.WEBHOOK:
            checked_url(setting.where)
        elif setting is not None and not Path(setting.where).is_dir():
            raise WrongUse(f"There is no folder {setting.where}; make it, out of reach of this machine's other users.")
        self._record(actor, f"witness set: {setting.kind if setting else 'none'}", None)
        if setting is None:
            self._grants.remove(_KIND, _NAME)
        else:
            self._grants.put(_KIND, _NAME, {"kind": setting.kind.value, "where": setting.where})

    def _hand_over(self, *, hasty: bool) -> None:
        setting = self.witness()
        if setting is None:
            return
        witness: Witness = FolderWitness(Path(setting.where))
        if setting.kind is WitnessKind.WEBHOOK:
            witness = WebhookWitness(setting.where, hasty=hasty)
        for size, note in self._trail.not_handed_over():
            witness.take(self.origin, size, note)
            self._trail.handed_over(size)

    def _record(self, actor: Actor, action: str, about: PersonId | None) -> None:
        self._trail.record(AuditEntry(actor, action, about, self._vault.clock.now()))
