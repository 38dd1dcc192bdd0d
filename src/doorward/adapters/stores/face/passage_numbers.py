"""Which number each person's next passage of the hour has: there are no gaps, so that counting up finds them all."""

from collections.abc import Callable, Collection, Mapping, Sequence

from sqlalchemy import Connection

from doorward.adapters.stores.face.numbering import first_free_of_many
from doorward.adapters.stores.face.passage_hours import rows_of_tags
from doorward.kernel.ids import PersonId

Whose = tuple[str, PersonId]
"""An hour, and a person."""

TagOf = Callable[[str, PersonId, int], bytes]

MOST_KEPT = 100_000
_TOGETHER = 500
_TAKEN = "SELECT 1 FROM passages WHERE tag = ?"
_REVISION = "SELECT max(revision) FROM changes"


class PassageNumbers:
    """Remembers what was given, and looks where it cannot know; for who holds the write lock.

    What another process added in between it finds out by the tag that is taken then.
    """

    def __init__(self) -> None:
        self._next: dict[Whose, int] = {}
        self._last: bytes | None = None
        self._is_given = False
        self._revision: int | None = None

    def look(self, connection: Connection) -> None:
        """Forget what was given in a transaction that failed, and all when somebody's data changed.

        A consent that is withdrawn takes passages with it, and numbers begin anew.
        """
        revision = connection.exec_driver_sql(_REVISION).scalar()
        failed = self._is_given or (self._last is not None and not _is_taken(connection, self._last))
        if failed or revision != self._revision or len(self._next) > MOST_KEPT:
            self._next.clear()
        self._revision, self._is_given = revision, False

    def following(self, connection: Connection, whose: Sequence[Whose], tag_of: TagOf) -> list[int]:
        """The number of each passage, in order, after ``look``."""
        self._is_given = True
        unknown = {one for one in whose if one not in self._next}
        if unknown:
            self._next |= _free(connection, unknown, tag_of)
        numbers = []
        for one in whose:
            numbers.append(self._next[one])
            self._next[one] += 1
        return numbers

    def sought(self, connection: Connection, whose: Sequence[Whose], tag_of: TagOf) -> list[int]:
        """``following``, after one of those numbers turned out to be taken."""
        for one in whose:
            self._next.pop(one, None)
        return self.following(connection, whose, tag_of)

    def written(self, last: bytes) -> None:
        """Rows with those numbers were written, ``last`` being the tag of one of them."""
        self._last, self._is_given = last, False


def _free(connection: Connection, whose: Collection[Whose], tag_of: TagOf) -> dict[Whose, int]:
    def taken(asked: Mapping[Whose, int]) -> list[Whose]:
        by_hour: dict[str, dict[bytes, Whose]] = {}
        for one, number in asked.items():
            by_hour.setdefault(one[0], {})[tag_of(*one, number)] = one
        return [own[tag] for hour, own in by_hour.items() for tag in _those_taken(connection, hour, list(own))]

    return first_free_of_many(taken, whose)


def _those_taken(connection: Connection, hour: str, tags: Sequence[bytes]) -> list[bytes]:
    found: list[bytes] = []
    for begin in range(0, len(tags), _TOGETHER):
        found += [row[0] for row in rows_of_tags(connection, "tag", hour, tags[begin : begin + _TOGETHER])]
    return found


def _is_taken(connection: Connection, tag: bytes) -> bool:
    return connection.exec_driver_sql(_TAKEN, (tag,)).first() is not None
