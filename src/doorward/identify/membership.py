"""Who may pass where, asked of the store itself and not of a gallery."""

from doorward.errors import PersonUnknown
from doorward.kernel.ids import PersonId
from doorward.people.ports import PersonStore


class Memberships:
    def __init__(self, people: PersonStore) -> None:
        self._people = people

    def is_member(self, person: PersonId, group: str) -> bool:
        """False of who is not here."""
        try:
            return group in self._people.get(person).groups
        except PersonUnknown:
            return False
