"""Doorward's gallery in a bench: filled from templates, sealed into a site's snapshot, and started from it."""

from pathlib import Path
from uuid import UUID, uuid4

import faiss
import numpy as np

from doorward.adapters.galleries.face.compact import CompactGallery
from doorward.adapters.galleries.face.gallery_file import AuditHead, WrittenGallery, encode_gallery
from doorward.adapters.galleries.face.rounded import GatheredReferences
from doorward.adapters.galleries.face.search_calls import GALLERY
from doorward.adapters.galleries.face.snapshot import read_snapshot, snapshot_place, write_snapshot
from doorward.bench.identify_probes import Matrix
from doorward.errors import InternalError
from doorward.face.template import Template, TemplateOrigin
from doorward.identify.deadlines import Deadlines
from doorward.identify.group_sets import GroupSets
from doorward.identify.person_ids import PersonIds
from doorward.identify.ports import Roll
from doorward.kernel.ids import PersonId
from doorward.people.person import EVERYONE
from doorward.wiring.face.api import create
from doorward.wiring.face.site import open_site

_ORIGIN = TemplateOrigin("bench", "none", "f32")
_GROUPS = frozenset({EVERYONE})
_SHIFT = 64
_ROOM = 1 << 20


class Ours:
    """Everybody with one reference and an id like a site's, in the group of everyone."""

    can_remove = True

    def __init__(self, folder: Path, dimensions: int, threads: int) -> None:
        faiss.omp_set_num_threads(threads)
        self._folder = folder / "site"
        self._key = folder / "site.key"
        self._gallery = CompactGallery()
        self._gathered = GatheredReferences(_ROOM)
        self._people = 0

    def add_many(self, vectors: Matrix) -> None:
        numbers = np.arange(self._people, self._people + len(vectors), dtype=np.uint64)
        people = PersonIds(np.stack([numbers, np.zeros(len(vectors), np.uint64)]))
        self._gathered.add(people, GroupSets([_GROUPS], np.zeros(len(vectors), np.uint16)), vectors)
        self._people += len(vectors)

    def save(self) -> None:
        self._gallery.fill(self._gathered.all())
        with create(self._folder, key_file=self._key) as site, self._gallery.written_down() as held:
            written = WrittenGallery(_ORIGIN.model, None, AuditHead(0, b""), Roll(0, held, Deadlines.of({})))
            parts = encode_gallery(written, self._gallery.steady, ())
            write_snapshot(
                snapshot_place(site.folder, GALLERY), parts, site.stores.vault.snapshots().create(str(uuid4()))
            )

    def load(self) -> None:
        with open_site(self._folder, str) as site:
            held = read_snapshot(snapshot_place(site.folder, GALLERY), site.stores.vault.snapshots())
        if held is None:
            raise InternalError("The snapshot that was just written does not open; report this.")
        self._gallery.fill(held[1].roll.references)
        self._people = self._gallery.references

    def find(self, probe: Matrix) -> int:
        return self.find_many(probe[None])[0]

    def find_many(self, probes: Matrix) -> list[int]:
        found = self._gallery.search_many([Template(probe, _ORIGIN) for probe in probes], EVERYONE, limit=2)
        return [UUID(candidates[0].person).int >> _SHIFT if candidates else -1 for candidates in found]

    def add(self, vector: Matrix) -> None:
        self._gallery.put(_person(self._people), [Template(vector, _ORIGIN)], _GROUPS)
        self._people += 1

    def remove(self, number: int) -> None:
        self._gallery.remove(_person(number))


def _person(number: int) -> PersonId:
    """Ids that differ in their first half, as a site's do."""
    return PersonId(str(UUID(int=number << _SHIFT)))
