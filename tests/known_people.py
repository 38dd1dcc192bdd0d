"""People, consents and templates to test with, and the legal ranges they are drawn from."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from doorward.face.template import Template, TemplateOrigin
from doorward.kernel.audit import Actor
from doorward.kernel.ids import ConsentId, PassageId, PersonId, TemplateId
from doorward.passages.passage import Passage
from doorward.people.consent import Consent, Purpose
from doorward.people.enrolment import CapturedFrom, Enrolment
from doorward.people.membership import Membership, lasting
from doorward.people.person import EVERYONE, LONGEST_TEXT, Details, Document, Person

UNHURRIED = settings(deadline=None)
"""A busy machine is no fault of the code."""

NOON = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
OFFICER = Actor("officer Ada", "test")
ORIGIN = TemplateOrigin("sface", "openvino", "f32")
EVERYTHING = [purpose.value for purpose in Purpose]
BIOMETRIC = frozenset({Purpose.VERIFY, Purpose.IDENTIFY})


def person(name: str = "Ada", **details: object) -> Person:
    return Person(PersonId(str(uuid4())), name, Details(**details), lasting({EVERYONE}), NOON)


def consent(of: PersonId, purposes: frozenset[Purpose] = BIOMETRIC, **other: object) -> Consent:
    given = Consent(ConsentId(str(uuid4())), of, "Entry", "1", purposes, NOON - timedelta(days=1), "signed")
    return replace(given, **other)


def enrolment(of: PersonId, template: Template, confirmed: bool = True) -> Enrolment:
    captured = CapturedFrom.LIVE if confirmed else CapturedFrom.FILE
    return Enrolment(TemplateId(str(uuid4())), of, template, captured, NOON, NOON if confirmed else None)


def passage(of: PersonId, checkpoint: str = "north", at: datetime = NOON) -> Passage:
    return Passage(PassageId(str(uuid4())), of, checkpoint, at)


def face(seed: int) -> Template:
    """A stranger to every other seed: random unit vectors of 128 dimensions are nearly orthogonal."""
    return _unit(np.random.default_rng(seed).normal(size=128))


def resembling(template: Template, cosine: float, seed: int = 1_000) -> Template:
    """Another capture, at exactly ``cosine`` from ``template``."""
    other = face(seed).vector.astype(np.float64)
    own = template.vector.astype(np.float64)
    across = other - (other @ own) * own
    return _unit(cosine * own + np.sqrt(1 - cosine**2) * across / np.linalg.norm(across))


def _unit(vector: np.ndarray) -> Template:
    return Template((vector / np.linalg.norm(vector)).astype(np.float32), ORIGIN)


characters = st.characters(
    exclude_categories=["Cc", "Cn", "Co", "Cs", "Zl", "Zp"],
    exclude_characters="\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
)
texts = st.text(characters, max_size=40) | st.just("a" * LONGEST_TEXT)
names = texts.map(lambda text: text.strip() or "Ada")
moments = st.dates(date(1950, 1, 1), date(2100, 1, 1)).flatmap(
    lambda day: st.times().map(lambda time: datetime.combine(day, time, UTC))
)
days = st.dates(date(1900, 1, 1), NOON.date())
numbers = st.text("ABCXYZ0123456789 -", max_size=30).map(lambda text: text + "7")
documents = st.builds(
    lambda number, issued, expires: Document(number, *sorted((issued, expires))), numbers, days, days
) | st.builds(Document, numbers)
all_details = st.builds(
    Details,
    full_name=st.none() | texts,
    document=st.none() | documents,
    birth_date=st.none() | days,
    address=st.none() | texts,
    employer=st.none() | texts,
    badge_number=st.none() | numbers,
)
terms = st.lists(st.none() | moments, min_size=2, max_size=2, unique=True).map(
    lambda two: two if None in two else sorted(two)
)
people = st.builds(
    lambda name, details, groups, created: Person(
        PersonId(str(uuid4())),
        name,
        details,
        lasting({EVERYONE}) | {Membership(group, *term) for group, term in groups.items() if group != EVERYONE},
        created,
    ),
    names,
    all_details,
    st.dictionaries(names, st.just((None, None)) | terms, max_size=4),
    moments,
)
purposes = st.frozensets(st.sampled_from(list(Purpose)), min_size=1)
