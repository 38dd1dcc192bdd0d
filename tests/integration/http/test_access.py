"""Nothing but health and security.txt answers without a valid token that carries the route's scope."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from doorward.errors import Conflict, Tampered, WrongUse
from doorward.kernel.permissions import Scope
from doorward.wiring import serving
from doorward.wiring.face.site import Site
from integration.http.running import (
    EVERY_SCOPE,
    PURPOSE,
    STRICT,
    Running,
    expired_token,
    foreign_token,
    revoked_token,
    run,
)

OPEN = {"/healthz", "/.well-known/security.txt"}


def operations(running: Running) -> Iterator[tuple[str, str, dict[str, Any]]]:
    document = running.client(Scope.VERIFY).get("/v1/openapi.json").raise_for_status().json()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            address = path
            for name in ("{person}", "{consent}"):
                address = address.replace(name, str(uuid4()))
            yield method.upper(), address, operation


def test_health_answers_without_a_token(running: Running) -> None:
    answer = running.client().get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_every_other_route_refuses_whoever_has_no_valid_token(running: Running) -> None:
    site = running.site
    bad = {
        "none": None,
        "malformed": "doorward_12",
        "foreign": foreign_token(site),
        "expired": expired_token(site),
        "revoked": revoked_token(site),
    }
    routes = [(method, address) for method, address, _ in operations(running) if address not in OPEN]
    routes += [
        ("GET", "/v1/openapi.json"),
        ("GET", "/docs"),
        ("GET", "/"),
        ("POST", "/healthz/"),
        ("GET", "/.well-known/"),
        ("GET", "/.well-known/security.txt/"),
    ]
    assert len(routes) > 15
    wrong = []
    answers = set()
    for kind, secret in bad.items():
        client = running.client(secret=secret)
        for method, address in routes:
            answer = client.request(method, address, headers=PURPOSE)
            answers.add(answer.text)
            if answer.status_code != 401 or answer.headers["www-authenticate"] != 'Bearer realm="doorward"':
                wrong.append((kind, method, address, answer.status_code))
    assert wrong == []
    assert len(answers) == 1


def test_every_route_asks_for_its_own_scope(running: Running) -> None:
    clients = {scope: running.client(*(EVERY_SCOPE - {scope})) for scope in Scope}
    asked = set()
    for method, address, operation in operations(running):
        if address in OPEN:
            continue
        scope = Scope(operation["x-doorward-scope"])
        answer = clients[scope].request(method, address, headers=PURPOSE)
        assert answer.status_code == 403, (method, address, answer.text)
        assert answer.json()["code"] == "forbidden"
        assert scope.value in answer.json()["detail"]
        asked.add(scope)
    assert asked == set(Scope) - {Scope.SCORES_READ}


def test_a_score_needs_its_own_scope(running: Running) -> None:
    answer = running.client(Scope.VERIFY).post("/v1/verifications?show_score=true")
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert "scores:read" in answer.json()["detail"]


@pytest.mark.parametrize("header", ["Basic {}", "{}", "Bearer", "Bearer {} extra", "bearer\t{}"])
def test_only_a_bearer_token_is_a_credential(running: Running, header: str) -> None:
    secret = running.token(Scope.PEOPLE_READ)
    answer = running.client().get("/v1/people", headers={"Authorization": header.format(secret), **PURPOSE})
    assert answer.status_code == 401


def test_a_revoked_token_is_refused_from_the_next_request_on(running: Running) -> None:
    tokens = serving.tokens_of(running.site)
    secret, made = tokens.create("soon revoked", frozenset({Scope.PEOPLE_READ}))
    client = running.client(secret=secret)
    assert client.get("/v1/people", headers=PURPOSE).status_code == 200
    tokens.revoke(made.name)
    assert client.get("/v1/people", headers=PURPOSE).status_code == 401


def test_who_writes_the_database_grants_nothing(running: Running) -> None:
    site = running.site
    secret, made = serving.tokens_of(site).create("widened", frozenset({Scope.VERIFY}))
    client = running.client(secret=secret)
    with site.stores.data.begin() as connection:
        row = {"id": made.digest}
        before = connection.execute(text("SELECT payload FROM grants WHERE id = :id"), row).scalar_one()
        connection.execute(
            text("UPDATE grants SET payload = :payload WHERE id = :id"),
            {**row, "payload": before.replace('"verify"', '"people:read"')},
        )
    assert client.get("/v1/people", headers=PURPOSE).status_code == 401
    with pytest.raises(Tampered):
        serving.tokens_of(site).all()
    site.stores.grants.remove("token", made.digest)


def test_a_token_is_kept_as_a_hash_and_its_name_is_not_used_again(site: Site) -> None:
    tokens = serving.tokens_of(site)
    secret, _ = tokens.create("kiosk", frozenset({Scope.VERIFY}))
    assert secret.startswith("doorward_")
    assert tokens.holder(secret).name == "kiosk"
    stored = b"".join(path.read_bytes() for path in site.folder.rglob("*") if path.is_file())
    assert secret.removeprefix("doorward_")[:64].encode() not in stored
    assert bytes.fromhex(secret.removeprefix("doorward_")[:64]) not in stored
    tokens.revoke("kiosk")
    with pytest.raises(Conflict):
        tokens.create("Kiosk", frozenset({Scope.VERIFY}))
    with pytest.raises(WrongUse):
        tokens.create("nothing", frozenset())


def test_a_token_has_its_pace_and_so_has_whoever_guesses(site: Site) -> None:
    with run(site, STRICT) as server:
        client = server.client(Scope.CROWD_READ)
        answers = [client.get("/v1/crowd/intervals?scene=none") for _ in range(4)]
        assert [answer.status_code for answer in answers] == [404, 404, 404, 429]
        check_told_to_wait(answers[-1])
        assert server.client(Scope.CROWD_READ).get("/v1/crowd/intervals?scene=none").status_code == 404
        guesses = [server.client(secret="doorward_guess").get("/v1/people") for _ in range(3)]
        assert [answer.status_code for answer in guesses] == [401, 401, 429]
        check_told_to_wait(guesses[-1])
        assert server.client(Scope.CROWD_READ).get("/v1/crowd/intervals?scene=none").status_code == 404


def check_told_to_wait(answer: httpx.Response) -> None:
    assert answer.json()["code"] == "too_fast"
    assert 1 <= int(answer.headers["retry-after"]) <= 2
