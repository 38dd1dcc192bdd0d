"""Which models made whose references, read from the rows in batches."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Engine

from doorward.adapters.stores.face.records import enrolment_from
from doorward.adapters.stores.face.roll_reading import Openers
from doorward.kernel.ids import PersonId, TemplateId
from doorward.people.enrolment import Enrolment

BATCH = 2_000
"""People a read: short, so that an erasure meanwhile need not wait for its end."""

_PEOPLE = "SELECT DISTINCT person FROM enrolments WHERE person > ? ORDER BY person LIMIT ?"
_OF_PEOPLE = "SELECT person, id, generation, record FROM enrolments WHERE person IN (SELECT value FROM json_each(?))"


@dataclass(frozen=True, slots=True)
class ModelsOf:
    """The models that made a person's confirmed references, and their pending ones."""

    person: PersonId
    confirmed: frozenset[str]
    pending: frozenset[str]

    def lack(self, model: str) -> bool:
        """Whether they have references of others, and none that count of ``model``."""
        return model not in self.confirmed and bool((self.confirmed | self.pending) - {model})

    def wait_for(self, former: str, model: str) -> bool:
        """Whether they have references of ``former`` and none that count of ``model``."""
        return self.lack(model) and former in self.confirmed | self.pending


def models_of(person: PersonId, enrolments: Iterable[Enrolment]) -> ModelsOf:
    made = [(one.template.origin.model, one.is_pending) for one in enrolments]
    confirmed = frozenset(model for model, is_pending in made if not is_pending)
    return ModelsOf(person, confirmed, frozenset(model for model, is_pending in made if is_pending))


class ModelCensus:
    """Everybody with references over data.db, by id. Who does not open is left out: nobody can compare them."""

    def __init__(self, engine: Engine, vault: Openers) -> None:
        self._engine = engine
        self._vault = vault

    def read(self, after: str = "") -> Iterator[ModelsOf]:
        """Those whose id comes behind ``after``."""
        while True:
            with self._engine.connect() as connection:
                people = [row[0] for row in connection.exec_driver_sql(_PEOPLE, (after, BATCH))]
                if not people:
                    return
                rows = connection.exec_driver_sql(_OF_PEOPLE, (json.dumps(people),)).all()
            opener = self._vault.opener([PersonId(person) for person in people])
            found: dict[str, list[Enrolment]] = {person: [] for person in people}
            for person, row, generation, sealed in rows:
                if opener.knows(PersonId(person)):
                    record = opener.open("enrolments", "record", row, PersonId(person), generation, sealed)
                    if record is not None:
                        found[person].append(enrolment_from(TemplateId(row), PersonId(person), record))
            yield from (models_of(PersonId(person), held) for person, held in found.items() if held)
            after = people[-1]
