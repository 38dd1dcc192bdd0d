"""A real server in this process: uvicorn on a free port, TLS verified against the site's own certificate."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import httpx

from doorward.http.app import build_app
from doorward.http.limits import Limits
from doorward.http.server import make_server
from doorward.kernel.permissions import TOKEN_SCOPES, Scope
from doorward.wiring import serving
from doorward.wiring.face.site import Site
from doorward.wiring.face.tokens import Tokens

PASSPHRASE = "correct horse battery staple"
PURPOSE = {"Doorward-Purpose": "asked for by the person"}
EVERY_SCOPE = TOKEN_SCOPES
ROOMY = Limits(token_rate=1000, token_burst=1000, failure_rate=1000, failure_burst=1000)

_numbers = count()


def portrait(package: str, *parts: str) -> bytes:
    """A photo that an installed package carries, read without importing the package."""
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent.joinpath(*parts).read_bytes()


GRACE = portrait("matplotlib", "mpl-data", "sample_data", "grace_hopper.jpg")
EILEEN = portrait("skimage", "data", "astronaut.png")


@dataclass(frozen=True)
class Running:
    site: Site
    address: str
    context: ssl.SSLContext
    clients: list[httpx.Client] = field(default_factory=list)

    def token(self, *scopes: Scope, lifetime: timedelta = timedelta(days=1)) -> str:
        return serving.tokens_of(self.site).create(f"token {next(_numbers)}", frozenset(scopes), lifetime)[0]

    def client(self, *scopes: Scope, secret: str | None = None) -> httpx.Client:
        """One that bears a new token of ``scopes``, or ``secret``, or nothing."""
        secret = self.token(*scopes) if scopes else secret
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        client = httpx.Client(base_url=self.address, verify=self.context, headers=headers, timeout=20)
        self.clients.append(client)
        return client


@contextmanager
def run(site: Site, limits: Limits = ROOMY, crowd: object = None) -> Iterator[Running]:
    """Serve ``site`` until the block ends."""
    ready = threading.Event()
    with (
        serving.interval_store(site) as store,
        serving.listening("127.0.0.1", 0, serving.administrator_of(site)) as listener,
    ):
        transport = serving.site_transport(site)
        app = build_app(site, crowd or store, limits)  # type: ignore[arg-type] # a broken one, on purpose
        server = make_server(app, transport, ready.set, limits)
        address = serving.address_of(listener)
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            assert ready.wait(20)
            running = Running(site, address, ssl.create_default_context(cafile=str(transport.certificate)))
            yield running
            for client in running.clients:
                client.close()
        finally:
            server.should_exit = True
            thread.join(20)
    assert not thread.is_alive()


class At:
    """A clock that stands still."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    def now(self) -> datetime:
        return self._moment


def expired_token(site: Site) -> str:
    then = At(site.stores.vault.clock.now() - timedelta(days=2))
    tokens = Tokens(site.stores.grants, then, site.stores.randomness)
    return tokens.create(f"old {next(_numbers)}", EVERY_SCOPE, timedelta(days=1))[0]


def revoked_token(site: Site) -> str:
    tokens = serving.tokens_of(site)
    secret, made = tokens.create(f"revoked {next(_numbers)}", EVERY_SCOPE)
    tokens.revoke(made.name)
    return secret


def foreign_token(site: Site) -> str:
    """One that is well formed, of a site that this is not: its row is taken away."""
    secret, made = serving.tokens_of(site).create(f"foreign {next(_numbers)}", EVERY_SCOPE)
    site.stores.grants.remove("token", made.digest)
    return secret


SLOW = replace(ROOMY, body_seconds=0.5)
STRICT = replace(ROOMY, token_rate=0.5, token_burst=3, failure_rate=0.5, failure_burst=2)
