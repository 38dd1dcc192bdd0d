"""Identifications beside other work and beside each other: none holds the server up, and nobody gone is answered."""

import http.client
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import httpx
import pytest

from doorward.adapters.galleries.face.compact import CompactGallery
from doorward.adapters.stores.turns import SiteTurns
from doorward.face.template import Template
from doorward.identify.ports import Candidate
from doorward.kernel.permissions import Scope
from doorward.people.person import Person
from doorward.wiring.face.site import Site
from integration.http.running import GRACE, PURPOSE, Running

PATIENCE_S = 20
DOORS = ("East door", "West door")


@dataclass
class Held:
    """A gallery in which searches wait until they are let go on."""

    begun: list[int] = field(default_factory=list)
    go_on: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def identifying(running: Running, grace: Person) -> Iterator[Running]:
    site = running.site
    site.profiles.identify(b"an assessment", "Assessment", "Notice 1", site.stores.vault.clock.now())
    for name in DOORS:
        if name not in [door.name for door in site.doorkeeper.all()]:
            site.doorkeeper.add(name)
    yield running
    site.profiles.verify()


@pytest.fixture
def held(identifying: Running, monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    made, search_many = Held(), CompactGallery.search_many

    def waits(gallery: CompactGallery, probes: Sequence[Template], *asked: object) -> Sequence[Sequence[Candidate]]:
        made.begun.append(len(probes))
        assert made.go_on.wait(PATIENCE_S)
        return search_many(gallery, probes, *asked)

    monkeypatch.setattr(CompactGallery, "search_many", waits)
    yield made
    made.go_on.set()


def identified(client: httpx.Client, door: str) -> httpx.Response:
    return client.post("/v1/identifications", files={"photo": ("photo", GRACE)}, data={"checkpoint": door})


def wait_until(is_so: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < ends
        time.sleep(0.01)


def test_other_work_goes_on_while_a_search_takes_its_time(identifying: Running, held: Held, grace: Person) -> None:
    client = identifying.client(Scope.IDENTIFY, Scope.PEOPLE_READ, Scope.PEOPLE_WRITE)
    with ThreadPoolExecutor(1) as pool:
        searching = pool.submit(identified, client, DOORS[0])
        wait_until(lambda: bool(held.begun))
        assert client.get(f"/v1/people/{grace.id}", headers=PURPOSE).status_code == 200
        assert client.post("/v1/people", json={"display_name": "Somebody"}).status_code == 201
        assert not searching.done()
        held.go_on.set()
        assert searching.result(PATIENCE_S).json()["person"] == grace.id


def test_what_writes_waits_for_the_turn_that_another_server_has(running: Running) -> None:
    client, site = running.client(Scope.PEOPLE_READ, Scope.PEOPLE_WRITE), running.site
    with ThreadPoolExecutor() as pool:
        with SiteTurns(site.stores.data, site.folder).next("serving"):
            adding = pool.submit(client.post, "/v1/people", json={"display_name": "Wait"})
            assert client.get("/healthz").status_code == 200
            with pytest.raises(TimeoutError):
                adding.result(0.2)
        assert adding.result(PATIENCE_S).status_code == 201


def test_searches_that_come_meanwhile_are_made_together(identifying: Running, held: Held, grace: Person) -> None:
    client = identifying.client(Scope.IDENTIFY)
    with ThreadPoolExecutor(3) as pool:
        searching = [pool.submit(identified, client, DOORS[0])]
        wait_until(lambda: bool(held.begun))
        searching += [pool.submit(identified, client, door) for door in DOORS]
        waiting = gathering(identifying.site)
        wait_until(lambda: len(waiting) == 2)
        held.go_on.set()
        assert {one.result(PATIENCE_S).json()["person"] for one in searching} == {grace.id}
    assert held.begun == [1, 2]


def test_who_goes_while_they_wait_is_not_searched_for(identifying: Running, held: Held) -> None:
    client, hasty = identifying.client(Scope.IDENTIFY), identifying.client(Scope.IDENTIFY)
    with ThreadPoolExecutor(1) as pool:
        searching = pool.submit(identified, client, DOORS[0])
        wait_until(lambda: bool(held.begun))
        going = begun(hasty, DOORS[1])
        waiting = gathering(identifying.site)
        wait_until(lambda: len(waiting) == 1)
        going.close()
        time.sleep(0.5)
        held.go_on.set()
        assert searching.result(PATIENCE_S).status_code == 200
    wait_until(lambda: len(waiting) == 0)
    assert held.begun == [1]


def begun(client: httpx.Client, door: str) -> http.client.HTTPSConnection:
    """An identification that is sent, and whose answer nobody has read."""
    asked = client.build_request(
        "POST", "/v1/identifications", files={"photo": ("photo", GRACE)}, data={"checkpoint": door}
    )
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = http.client.HTTPSConnection(asked.url.host, asked.url.port, context=context)
    connection.request("POST", asked.url.path, asked.read(), dict(asked.headers))
    return connection


def gathering(site: Site) -> Sequence[object]:
    """The searches that wait."""
    return site.searches._own._own.searches._gatherer._gathering
