"""People to import in bulk."""

from doorward.adapters.stores.face.bulk import Newcomer
from known_people import consent, enrolment, face, person


def newcomer(seed: int, **details: object) -> Newcomer:
    known = person(f"Person {seed}", **details)
    return Newcomer(known, consent(known.id), enrolment(known.id, face(seed)))
