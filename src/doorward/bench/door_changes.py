"""How soon a server's gallery follows what another process changes: asked over its socket at once after each change."""

from time import perf_counter
from typing import Any

import numpy as np

from doorward.adapters.stores.face.bulk import BulkStore
from doorward.adapters.stores.face.row_log import NewcomersLog
from doorward.bench.door_site import DIMENSION, newcomer
from doorward.errors import InternalError
from doorward.face.template import Template
from doorward.identify.ports import Asker
from doorward.kernel.ids import PersonId
from doorward.people.person import EVERYONE
from doorward.wiring.face.site import Site

ROUNDS = 40
_BENCH = Asker("bench")


def followed(site: Site) -> dict[str, Any]:
    """Milliseconds from the store's acknowledgement to a search's answer that shows the change.

    References are removed, and nobody is erased: that would take the snapshot with it.
    """
    random, stores = np.random.default_rng(), site.stores
    store = BulkStore(stores.data, stores.vault, NewcomersLog(stores.vault))
    added, removed = [], []
    for number in range(ROUNDS):
        vector = random.standard_normal(DIMENSION, np.float32)
        template = Template(vector / np.linalg.norm(vector), site.models.embedder.origin)
        somebody = newcomer(number, template)
        person, enrolment = somebody.person.id, somebody.enrolment
        if enrolment is None:
            raise InternalError("Somebody without a face was enrolled; report this.")
        store.add([somebody])
        added.append(_seen(site, template, person, is_there=True))
        stores.enrolments.remove(person, enrolment.id)
        removed.append(_seen(site, template, person, is_there=False))
    return {"changes": ROUNDS, "added": _told(added), "removed": _told(removed)}


def _seen(site: Site, template: Template, person: PersonId, *, is_there: bool) -> float:
    begun = perf_counter()
    found = site.searches.search(_BENCH, template, EVERYONE, 1)
    took = perf_counter() - begun
    if any(one.person == person for one in found) is not is_there:
        raise InternalError("A change was acknowledged, and a search begun afterwards does not show it; report this.")
    return took * 1e3


def _told(times: list[float]) -> dict[str, float]:
    return {name: round(float(np.quantile(times, share)), 2) for name, share in (("p50_ms", 0.5), ("p99_ms", 0.99))}
