"""Enrolments in SQLite: templates, and photos if the site keeps them, sealed under the person's key."""

from collections.abc import Sequence

from sqlalchemy import Engine, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from doorward.adapters.stores.face.changes import mark_changed
from doorward.adapters.stores.face.person_cells import read_settled
from doorward.adapters.stores.face.records import enrolment_from, enrolment_record
from doorward.adapters.stores.face.row_log import writing_rows
from doorward.adapters.stores.face.tables import enrolments
from doorward.errors import NotFound, PersonUnknown
from doorward.kernel.ids import PersonId, TemplateId
from doorward.people.enrolment import Enrolment
from doorward.vault.row_names import RowKind
from doorward.vault.vault import Cell, Vault


class SqlEnrolmentStore:
    """``EnrolmentStore`` over data.db."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self._engine = engine
        self._vault = vault

    def add(self, enrolment: Enrolment, photo: bytes | None = None) -> None:
        try:
            # Sealed within: a renewal of the key then passes no row by.
            with writing_rows(self._engine, self._vault) as (connection, changed):
                row = {
                    "id": enrolment.id,
                    "person": enrolment.person,
                    "generation": 1,
                    "record": self._sealed(enrolment, 1),
                    "photo": photo and self._vault.seal_for_person(_photo(enrolment.id), enrolment.person, photo),
                }
                connection.execute(insert(enrolments).values(row))
                changed.put(RowKind.ENROLMENT, enrolment.id, enrolment.person)
                if photo is not None:
                    changed.put(RowKind.PHOTO, enrolment.id, enrolment.person)
                mark_changed(connection, enrolment.person)
        except IntegrityError:
            raise PersonUnknown("No such person is known here; add the person first.") from None

    def confirm(self, enrolment: Enrolment) -> None:
        of_row = (enrolments.c.id == enrolment.id) & (enrolments.c.person == enrolment.person)
        with writing_rows(self._engine, self._vault) as (connection, changed):
            generation = connection.execute(select(enrolments.c.generation).where(of_row)).scalar()
            if generation is None:
                raise NotFound("This person has no such enrolment; `doorward people show` lists theirs.")
            row = {"generation": generation + 1, "record": self._sealed(enrolment, generation + 1)}
            connection.execute(update(enrolments).where(of_row).values(row))
            changed.put(RowKind.ENROLMENT, enrolment.id, enrolment.person, generation + 1)
            mark_changed(connection, enrolment.person)

    def of(self, person: PersonId) -> Sequence[Enrolment]:
        return read_settled(lambda: self._of(person))

    def _of(self, person: PersonId) -> Sequence[Enrolment]:
        query = select(enrolments).where(enrolments.c.person == person).order_by(enrolments.c.order)
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        try:
            return [
                enrolment_from(
                    TemplateId(row.id),
                    person,
                    self._vault.open_for_person(_cell(row.id, row.generation), person, row.record),
                )
                for row in rows
            ]
        except PersonUnknown:
            return []

    def photo(self, person: PersonId, enrolment: TemplateId) -> bytes | None:
        return read_settled(lambda: self._photo(person, enrolment))

    def _photo(self, person: PersonId, enrolment: TemplateId) -> bytes | None:
        query = select(enrolments.c.photo).where(enrolments.c.id == enrolment, enrolments.c.person == person)
        with self._engine.connect() as connection:
            sealed = connection.execute(query).scalar()
        try:
            return None if sealed is None else self._vault.open_for_person(_photo(enrolment), person, sealed)
        except PersonUnknown:
            return None

    def remove(self, person: PersonId, enrolment: TemplateId) -> None:
        of_row = (enrolments.c.id == enrolment) & (enrolments.c.person == person)
        with writing_rows(self._engine, self._vault) as (connection, changed):
            row = connection.execute(select(enrolments.c.photo.is_not(None).label("photo")).where(of_row)).first()
            if row is None:
                return
            connection.execute(delete(enrolments).where(of_row))
            changed.gone(RowKind.ENROLMENT, enrolment, person)
            if row.photo:
                changed.gone(RowKind.PHOTO, enrolment, person)
            mark_changed(connection, person)

    def _sealed(self, enrolment: Enrolment, generation: int) -> bytes:
        cell = _cell(enrolment.id, generation)
        return self._vault.seal_for_person(cell, enrolment.person, enrolment_record(enrolment))


def _cell(enrolment: str, generation: int) -> Cell:
    return Cell("enrolments", "record", enrolment, generation)


def _photo(enrolment: str) -> Cell:
    return Cell("enrolments", "photo", enrolment)
