"""Who may pass where, asked of the store itself and not of a gallery."""

from doorward.errors import PersonUnknown
from doorward.kernel.clock import Clock
from doorward.kernel.ids import PersonId
from doorward.people.ports import PersonStore


class Memberships:
    def __init__(self, people: PersonStore, clock: Clock) -> None:
        self._people = people
        self._clock = clock

    def is_member(self, person: PersonId, group: str) -> bool:
        """Now; false of who is not here."""
        try:
            return group in self._people.get(person).groups_at(self._clock.now())
        except PersonUnknown:
            return False
