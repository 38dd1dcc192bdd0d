"""The breach test: known people are planted, and every byte of the site is searched for what is known of them."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from doorward.adapters.file_search import Finding, Needle, SearchResult, search_folder
from doorward.errors import InternalError, WrongUse
from doorward.face.template import Template, TemplateOrigin
from doorward.kernel.audit import Actor
from doorward.kernel.ids import CheckpointId, PassageId
from doorward.passages.passage import Passage
from doorward.people.consent import Purpose
from doorward.people.enrolment import CapturedFrom
from doorward.people.person import Details, Document, Person
from doorward.wiring.face.needles import ENCODINGS, SHORTEST, needles_for_photo, needles_for_text, needles_for_vector
from doorward.wiring.face.site import Site

CANARIES = 3
_ACTOR = Actor("breach test", "breach test")
_NOWHERE = CheckpointId("")


@dataclass(frozen=True, slots=True)
class BreachOutcome:
    """``values`` distinct values were searched for in ``encodings`` encodings."""

    files: int
    bytes: int
    values: int
    encodings: int
    found: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Canary:
    """A made-up person, everything of whom is known to the test and to nobody else."""

    person: Person
    vector: NDArray[np.float32]
    photo: bytes
    passage: Passage

    def needles(self) -> Iterator[Needle]:
        details, document = self.person.details, self.person.details.document
        number = self.person.display_name.rsplit(" ", 1)[-1]
        texts = {
            "display name": self.person.display_name,
            "full name": details.full_name,
            "document number": document and document.number,
            "document issue date": document and document.issued and document.issued.isoformat(),
            "document expiry date": document and document.expires and document.expires.isoformat(),
            "birth date": details.birth_date and details.birth_date.isoformat(),
            "address": details.address,
            "employer": details.employer,
            "badge number": details.badge_number,
            "moment of the passage": self.passage.at.isoformat(),
        }
        for name, text in texts.items():
            yield from needles_for_text(f"{name} of canary {number}", text or "")
        yield from needles_for_vector(f"template of canary {number}", self.vector)
        yield from needles_for_photo(f"photo of canary {number}", self.photo)


def run_breach_test(
    site: Site,
    further: Sequence[Needle] = (),
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> BreachOutcome:
    """Plant canaries through the site's own doors, search its files for them, and erase them again.

    ``further``: values of real people to search for as well. The search is first tried on a file that holds
    every value in the clear: ``InternalError`` when it misses one there.
    """
    with planted(site) as canaries:
        needles = [needle for canary in canaries for needle in canary.needles()]
        needles += further
        _try_the_search(needles)
        result = search_folder(site.folder, needles, progress)
    return _outcome(result, needles)


def known_needles(site: Site, texts: Sequence[str], photos: Sequence[Path]) -> list[Needle]:
    """What else to search for: texts, and photos with the templates that the site's model makes of them."""
    needles: list[Needle] = []
    for number, text in enumerate(texts, 1):
        made = list(needles_for_text(f"text {number}", text))
        if not made:
            raise WrongUse(f"A text of fewer than {SHORTEST} bytes is found in any file by chance; give a longer one.")
        needles += made
    for number, photo in enumerate(photos, 1):
        needles += needles_for_vector(f"template from photo {number}", site.capture(photo).template.vector)
        needles += needles_for_photo(f"photo {number}", photo.read_bytes())
    return needles


@contextmanager
def planted(site: Site) -> Iterator[tuple[Canary, ...]]:
    """Canaries in the site for the length of a ``with`` block."""
    canaries: list[Canary] = []
    try:
        while len(canaries) < CANARIES:
            canaries.append(_plant(site))
        yield tuple(canaries)
    finally:
        for canary in canaries:
            site.register.erase(_ACTOR, canary.person.id)


def _plant(site: Site) -> Canary:
    mark = secrets.token_hex(4)
    now = site.stores.vault.clock.now()
    day = date(1890, 1, 1) + timedelta(days=secrets.randbelow(20_000))
    document = Document(f"CANARY{mark}D", day + timedelta(days=7_001), day + timedelta(days=10_653))
    details = Details(
        full_name=f"Canary Vogel-{mark} van der Kooi",
        document=document,
        birth_date=day,
        address=f"{mark} Aviary Lane, Kanarienstadt",
        employer=f"Canary Works {mark}",
        badge_number=f"CANARY{mark}B",
    )
    person = site.register.add(_ACTOR, f"Canary {mark}", details)
    site.register.consent(_ACTOR, person.id, "breach test", "1", list(Purpose), "made up")
    drawn = np.random.default_rng(secrets.randbits(64)).standard_normal(128)
    vector = (drawn / np.linalg.norm(drawn)).astype(np.float32)
    photo = secrets.token_bytes(8192)
    template = Template(vector, TemplateOrigin(site.models.embedder.origin.model, "canary", "f32"))
    site.enroller.enrol(_ACTOR, person.id, template, CapturedFrom.LIVE, photo)
    passage = Passage(PassageId(site.stores.randomness.uuid()), person.id, _NOWHERE, now)
    site.stores.passages.add(passage)
    return Canary(person, vector, photo, passage)


def _try_the_search(needles: Sequence[Needle]) -> None:
    with TemporaryDirectory() as folder:
        (Path(folder) / "plain").write_bytes(b"\n".join(needle.octets for needle in needles))
        found = {(finding.value, finding.encoding) for finding in search_folder(Path(folder), needles).findings}
    if found != {(needle.value, needle.encoding) for needle in needles}:
        raise InternalError("The search missed a value that lay in the clear, so its answer would be worth nothing.")


def _outcome(result: SearchResult, needles: Sequence[Needle]) -> BreachOutcome:
    values = {needle.value for needle in needles}
    return BreachOutcome(result.files, result.bytes, len(values), len(ENCODINGS), result.findings)
