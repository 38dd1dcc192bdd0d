"""Presence lists of a site: turned on with a notice, each look an entry of the log about everybody on it."""

from collections.abc import Sequence
from datetime import datetime

from doorward.errors import Forbidden, PersonUnknown, Tampered, WrongUse
from doorward.kernel.audit import Actor, AuditEntry
from doorward.kernel.ids import CheckpointId
from doorward.passages.checkpoint import Checkpoint
from doorward.passages.presence import PresenceList, PresenceMode, Present, inside
from doorward.people.person import LONGEST_TEXT, is_plain
from doorward.wiring.face.opening import Stores

_KIND, _NAME = "setting", "presence lists"


class PresenceLists:
    """A granted row says whether there are any: who writes the database without the key turns nothing on."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._clock = stores.vault.clock

    def mode(self) -> PresenceMode | None:
        """``None`` while they are off."""
        held = self._stores.grants.get(_KIND, _NAME)
        if held is None:
            return None
        entries, exits = (frozenset(map(CheckpointId, held[way])) for way in ("entries", "exits"))
        return PresenceMode(entries, exits, held["notice"], datetime.fromisoformat(held["since"]))

    def turn_on(
        self, actor: Actor, entries: Sequence[Checkpoint], exits: Sequence[Checkpoint], notice: str
    ) -> PresenceMode:
        """Tell from now on who is inside. ``WrongUse`` without a notice, an entry and an exit that are two."""
        notice = notice.strip()
        if not notice or not is_plain(notice):
            raise WrongUse(f"Name the notice by which people were told, in at most {LONGEST_TEXT} characters.")
        inward, outward = (frozenset(door.id for door in doors) for doors in (entries, exits))
        if not inward or not outward or inward & outward:
            raise WrongUse("Name a checkpoint that leads in and another that leads out; none does both.")
        mode = PresenceMode(inward, outward, notice, self._clock.now())
        ways = [", ".join(sorted(door.name for door in doors)) for doors in (entries, exits)]
        self._record(actor, f"presence lists turned on: in by {ways[0]}; out by {ways[1]}; notice {notice}")
        self._stores.grants.put(
            _KIND,
            _NAME,
            {
                "entries": sorted(inward),
                "exits": sorted(outward),
                "notice": notice,
                "since": mode.since.isoformat(),
            },
        )
        return mode

    def turn_off(self, actor: Actor) -> None:
        self._record(actor, "presence lists turned off")
        self._stores.grants.remove(_KIND, _NAME)

    def read(self, actor: Actor) -> PresenceList:
        """Who is inside, the longest first; ``Forbidden`` while the lists are off.

        One entry of the log is about the look, and one about each person on the list; all of it is durable before
        anybody is named. Whose record is damaged keeps nobody else off it.
        """
        if not actor.purpose.strip():
            raise WrongUse("Say why you look; who is on the list can see it.")
        mode = self.mode()
        if mode is None:
            raise Forbidden("Presence lists are off here; `doorward presence on` turns them on once people were told.")
        stores = self._stores
        latest = stores.passages.latest_at(stores.people.ids(), mode.entries | mode.exits, mode.since)
        found, unreadable = [], len(latest.unreadable)
        for entry in inside(latest.found.values(), mode):
            try:
                name = stores.people.get(entry.person).display_name
                stores.vault.trail(entry.person)  # without it no entry can be about them
            except Tampered:
                unreadable += 1
            except PersonUnknown:  # erased at this moment
                continue
            else:
                found.append(Present(entry.person, name, entry.at, entry.checkpoint))
        now = self._clock.now()
        with stores.in_one_transaction():
            told = f"presence list read: {len(found)} people, {unreadable} unreadable"
            stores.trail.record(AuditEntry(actor, told, None, now))
            for one in found:
                stores.trail.record(AuditEntry(actor, "read on a presence list", one.person, now))
        return PresenceList(found, unreadable)

    def _record(self, actor: Actor, action: str) -> None:
        self._stores.trail.record(AuditEntry(actor, action, None, self._clock.now()))
