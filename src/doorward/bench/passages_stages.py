"""Where the time goes when the site takes a batch: each stage by itself, in processor time, without the network."""

from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from statistics import median
from time import process_time
from typing import Any

from doorward.adapters.stores.face.records import passage_record
from doorward.bench.passages_devices import SimulatedDevice
from doorward.bench.passages_store import PassageRow, passages
from doorward.kernel.ids import PersonId
from doorward.kernel.permissions import Presented
from doorward.passages.passage import Passage
from doorward.passages.signed_request import SCHEME
from doorward.wiring.face.callers import Callers
from doorward.wiring.face.joined_device import DELIVERIES, signed_request
from doorward.wiring.face.signed_deliveries import SignedBody, SignedDeliveries
from doorward.wiring.face.site import Site
from doorward.wiring.serving import tokens_of

_ROUNDS = 5


def stages_us(site: Site, device: SimulatedDevice, people: list[PersonId], batch: int) -> dict[str, float]:
    """Microseconds a passage, the median of five batches.

    ``signature``: checking it and knowing the device; ``opening``: the seal, the form and everybody's consent;
    ``storing``: all of the transaction, the log and the sync, of which ``sealing`` is what the vault does.
    """
    random = Random(3)  # noqa: S311 - who walked where is no secret
    rounds = [_round(site, device, random, people, batch) for _ in range(_ROUNDS)]
    return {stage: round(median(one[stage] for one in rounds) * 1e6 / batch, 1) for stage in rounds[0]}


def _round(site: Site, device: SimulatedDevice, random: Random, people: list[PersonId], batch: int) -> dict[str, float]:
    now = datetime.now(UTC)
    some = [Passage(one.id, one.person, device.checkpoint, one.at) for one in passages(random, people, now, batch)]
    body = device.body(some)
    device.counter += 1
    request = signed_request(device.key, device.identity, device.counter, now, "POST", DELIVERIES, body)
    callers = Callers(tokens_of(site), site.devices)
    credential = request.header().removeprefix(f"{SCHEME} ")
    signature, signer = _timed(lambda: callers.holder(Presented(SCHEME, credential, "POST", DELIVERIES)))
    deliveries = SignedDeliveries(site.stores, site.devices.alarms)
    opening, opened = _timed(lambda: deliveries.opened([SignedBody(signer, body)]))
    storing, _ = _timed(lambda: site.stores.deliveries.take(opened, now))
    sealing, _ = _timed(lambda: _sealed(site, some, f"{now:%Y-%m-%dT%H}"))
    return {"signature": signature, "opening": opening, "storing": storing, "sealing": sealing}


def _sealed(site: Site, some: list[Passage], epoch: str) -> None:
    sealer: Any = site.stores.vault.passage_sealer({(epoch, one.person) for one in some})
    for _ in sealer.seal([PassageRow(one.id, epoch, one.person, 0, passage_record(one)) for one in some]):
        pass


def _timed(act: Callable[[], Any]) -> tuple[float, Any]:
    begun = process_time()
    done = act()
    return process_time() - begun, done
