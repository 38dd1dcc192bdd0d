"""A throwaway site, served for real with every log record written, walked with canaries, and crashed."""

import json
import secrets
import select
import signal
import ssl
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from doorward.adapters.file_search import Needle
from doorward.adapters.processes import crash
from doorward.adapters.tls import CERTIFICATE
from doorward.errors import StorageError
from doorward.kernel.permissions import TOKEN_SCOPES
from doorward.people.consent import Purpose
from doorward.settings.environment import for_child
from doorward.settings.site import FILE_NAME, SiteSettings
from doorward.wiring.face.breach_canaries import Canary, planted
from doorward.wiring.face.needles import needles_for_text
from doorward.wiring.face.opening import MODELS, TLS, create_site
from doorward.wiring.face.site import open_site
from doorward.wiring.face.tokens import Tokens

LOG = "serve.log"
START_SECONDS = 60.0
REQUEST_SECONDS = 30.0


@dataclass(frozen=True, slots=True, eq=False)
class Served:
    """What a served site leaves behind. ``folder``: the site, ``log`` and, in ``work``, core dumps.

    ``needles``: what is known of its canaries, and the secrets it used. ``dumped``: whether its memory was written
    to a core dump.
    """

    folder: Path
    work: Path
    log: Path
    needles: tuple[Needle, ...]
    requests: int
    dumped: bool


@contextmanager
def served_and_crashed(
    command: Sequence[str], settings: SiteSettings, models: Path, while_serving: Callable[[Sequence[Needle]], None]
) -> Iterator[Served]:
    """The files of a site that was served by ``command``, walked, and killed by SIGSEGV with keys in its memory.

    ``settings`` and ``models``: where its models come from. ``while_serving`` is called with the needles of the
    served site. A crash leaves the write-ahead log unmerged, which is the thief's best moment. ``StorageError`` when
    the server does not start.
    """
    with tempfile.TemporaryDirectory(prefix="doorward-breach-") as place:
        folder, work, key = Path(place, "site"), Path(place, "work"), Path(place, "key")
        work.mkdir()
        create_site(folder, key_file=key)
        _use_models(folder, settings, models)
        with open_site(folder, _no_passphrase) as site:
            site.profiles.identify(b"breach test", "Breach test", "Breach test", site.stores.vault.clock.now())
            site.profiles.keep_photos(True)  # noqa: FBT003 - one switch
            site.doorkeeper.add("breach test")
            token, _ = Tokens(site.stores.grants, site.stores.vault.clock, site.stores.randomness).create(
                "breach test", TOKEN_SCOPES
            )
            with planted(site) as canaries, _running(command, folder, work) as (process, address):
                needles = [needle for canary in canaries for needle in canary.needles()]
                needles += needles_for_text("key of the served site", key.read_text(encoding="ascii").strip())
                needles += needles_for_text("token of the served site", token)
                walk = _Walk(address, folder / TLS / CERTIFICATE, token)
                walk.walk(canaries[0])  # one takes fewer requests than a token may send at once
                while_serving(needles)
                dumped = crash(process, signal.SIGSEGV)
                yield Served(folder, work, work / LOG, tuple(needles), walk.requests, dumped)


@contextmanager
def _running(command: Sequence[str], folder: Path, work: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    environment = for_child(DOORWARD_TRACEBACK="1", PYTHONASYNCIODEBUG="1")
    options = ["--site", str(folder), "--host", "127.0.0.1", "--port", "0", "--json"]
    with (work / LOG).open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own program and our own folder
            [*command, *options], stdout=subprocess.PIPE, stderr=log, text=True, cwd=work, env=environment
        )
    with process:
        try:
            told = _first_answer(process)
            if "address" not in told:
                raise StorageError(told.get("error", {}).get("message", "The server did not come to serve."))
            yield process, told["address"]
        finally:
            process.kill()


def _first_answer(process: subprocess.Popen[str]) -> dict[str, Any]:
    """The server's address, or its error; nothing when it ends or says neither within ``START_SECONDS``."""
    assert process.stdout is not None  # noqa: S101 - it was opened as a pipe
    readable, _, _ = select.select([process.stdout], [], [], START_SECONDS)
    try:
        told = json.loads(process.stdout.readline()) if readable else {}
    except json.JSONDecodeError:
        return {}
    return told if isinstance(told, dict) else {}


class _Walk:
    """Requests as clients make them, right and wrong, with what is known of a canary in every place."""

    def __init__(self, address: str, certificate: Path, token: str) -> None:
        parts = urlsplit(address)
        self._host, self._port = parts.hostname or "", parts.port
        self._context = ssl.create_default_context(cafile=str(certificate))
        self._token = token
        self.requests = 0

    def walk(self, canary: Canary) -> None:
        person, details = canary.person, canary.person.details
        texts = [text for _, text in canary.texts()]
        known = {
            "display_name": person.display_name,
            "full_name": details.full_name,
            "document": {"number": details.document.number} if details.document else None,
            "address": details.address,
            "employer": details.employer,
            "badge_number": details.badge_number,
        }
        consent = {
            "notice": texts[0],
            "notice_version": "1",
            "purposes": [purpose.value for purpose in Purpose],
            "given_how": f"signed by {texts[0]}",
        }
        at = f"/v1/people/{person.id}"
        self._send("GET", "/v1/people", {})
        self._send("GET", at, {"Doorward-Purpose": f"asked by {texts[0]}"})
        self._send("GET", f"{at}/passages", {})
        self._send_json("POST", "/v1/people", known)
        self._send_json("POST", "/v1/people", {**known, "document": None, "badge_number": None})
        self._send_json("POST", f"{at}/consents", consent)
        self._send_json("POST", f"{at}/groups", {"group": texts[0]})
        self._send_form(f"{at}/enrolments", {}, canary)
        self._send_form("/v1/verifications", {"badge": details.badge_number or ""}, canary)
        self._send_form("/v1/verifications", {"person": str(person.id)}, canary)
        self._send_form("/v1/identifications", {"checkpoint": "breach test"}, canary)
        for text in texts:
            self._send("GET", f"/v1/people/{quote(text)}", {})
            self._send("GET", f"/v1/people?name={quote(text)}", {text.replace(" ", "-").replace(":", "-"): text})
        self._send_json("POST", "/v1/people", {text: text for text in texts})
        self._send("POST", "/v1/people", {"content-type": "application/json"}, f'{{"{texts[0]}'.encode())
        self._send("GET", "/v1/people", {"Authorization": f"Bearer {texts[0]}"})

    def _send_json(self, method: str, path: str, body: object) -> None:
        self._send(method, path, {"content-type": "application/json"}, json.dumps(body).encode())

    def _send_form(self, path: str, fields: Mapping[str, str], canary: Canary) -> None:
        mark = secrets.token_hex(16)
        parts = [
            f'--{mark}\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in fields.items()
        ]
        head = f'--{mark}\r\ncontent-disposition: form-data; name="photo"; filename="{canary.person.display_name}"'
        parts += [f"{head}\r\ncontent-type: image/jpeg\r\n\r\n".encode(), canary.photo, f"\r\n--{mark}--\r\n".encode()]
        self._send("POST", path, {"content-type": f"multipart/form-data; boundary={mark}"}, b"".join(parts))

    def _send(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None) -> None:
        given = {"Authorization": f"Bearer {self._token}", "Doorward-Purpose": "breach test", **headers}
        connection = HTTPSConnection(self._host, self._port, timeout=REQUEST_SECONDS, context=self._context)
        try:
            connection.request(method, path, body, given)
            connection.getresponse().read()
        except (OSError, HTTPException) as error:
            raise StorageError(f"The server did not answer the breach test ({type(error).__name__}).") from None
        finally:
            connection.close()
        self.requests += 1


def _use_models(folder: Path, settings: SiteSettings, models: Path) -> None:
    (folder / MODELS).rmdir()
    (folder / MODELS).symlink_to(models)
    with (folder / FILE_NAME).open("a", encoding="utf-8") as file:  # it ends with the table of models
        file.writelines(f"{json.dumps(name)} = {json.dumps(str(path))}\n" for name, path in settings.models.items())


def _no_passphrase() -> str:
    return ""
