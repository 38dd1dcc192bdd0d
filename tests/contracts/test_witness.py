"""The contract of ``Witness``: a folder, and a webhook served in this process."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from doorward.adapters.witness import FolderWitness, WebhookWitness, Witness
from doorward.errors import AuditInvalid, WitnessUnreachable, WrongUse

ORIGIN = "doorward.site/1"
NOTE = "doorward.site/1\n7\nroot\n\n— doorward.site/1 signature\n"


class Webhook:
    """Answers with ``answers`` in turn, then with 204; keeps what was posted."""

    def __init__(self, *answers: int) -> None:
        self.posted: list[str] = []
        waiting = list(answers)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(handler) -> None:  # noqa: N805 - the library calls it so; self is the webhook here
                octets = handler.rfile.read(int(handler.headers["Content-Length"]))
                self.posted.append(octets.decode())
                handler.send_response(waiting.pop(0) if waiting else 204)
                handler.send_header("Location", "/elsewhere")
                handler.end_headers()

            def log_message(handler, *_: Any) -> None:  # noqa: N805 - as above
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/checkpoints"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    served = Webhook()
    yield served
    served.close()


@pytest.fixture(params=["folder", "webhook"])
def witness(request: pytest.FixtureRequest, tmp_path: Path, webhook: Webhook) -> Witness:
    return FolderWitness(tmp_path) if request.param == "folder" else WebhookWitness(webhook.url)


def taken(witness: Witness, folder: Path, webhook: Webhook) -> list[str]:
    kept = FolderWitness(folder).kept(ORIGIN).values()
    return [*kept, *webhook.posted] if isinstance(witness, WebhookWitness) else list(kept)


def test_takes_checkpoints_whole_and_in_order(witness: Witness, tmp_path: Path, webhook: Webhook) -> None:
    notes = [NOTE.replace("7", str(size)) for size in (7, 20, 100)]
    for size, note in zip((7, 20, 100), notes, strict=True):
        witness.take(ORIGIN, size, note)
    assert taken(witness, tmp_path, webhook) == notes


def test_takes_the_same_checkpoint_again(witness: Witness) -> None:
    witness.take(ORIGIN, 7, NOTE)
    witness.take(ORIGIN, 7, NOTE)


def test_says_that_it_cannot(tmp_path: Path) -> None:
    closed = Webhook()
    closed.close()
    for unreachable in (FolderWitness(tmp_path / "missing"), WebhookWitness(closed.url, pause=lambda _: None)):
        with pytest.raises(WitnessUnreachable):
            unreachable.take(ORIGIN, 7, NOTE)
    with pytest.raises(WitnessUnreachable):
        FolderWitness(tmp_path / "missing").kept(ORIGIN)


def test_a_folder_never_replaces_a_checkpoint(tmp_path: Path) -> None:
    witness = FolderWitness(tmp_path)
    witness.take(ORIGIN, 7, NOTE)
    with pytest.raises(AuditInvalid):
        witness.take(ORIGIN, 7, NOTE.replace("root", "other"))
    assert list(witness.kept(ORIGIN).values()) == [NOTE]
    assert witness.kept("doorward.site/2") == {}
    assert [path.suffix for path in tmp_path.iterdir()] == [".checkpoint"]


@pytest.mark.parametrize(("answers", "tries"), [((500,), 2), ((503, 429), 3)])
def test_a_webhook_is_tried_again(answers: tuple[int, ...], tries: int) -> None:
    served, pauses = Webhook(*answers), list[float]()
    WebhookWitness(served.url, pause=pauses.append).take(ORIGIN, 7, NOTE)
    served.close()
    assert served.posted == [NOTE] * tries
    assert len(pauses) == tries - 1


@pytest.mark.parametrize("refusal", [500, 404, 302])
def test_a_webhook_that_refuses_is_said(refusal: int) -> None:
    served = Webhook(*[refusal] * 3)
    with pytest.raises(WitnessUnreachable):
        WebhookWitness(served.url, pause=lambda _: None).take(ORIGIN, 7, NOTE)
    served.close()
    assert len(served.posted) == 3, "no redirect was followed"


def test_a_hasty_one_tries_once() -> None:
    served = Webhook(500)
    with pytest.raises(WitnessUnreachable):
        WebhookWitness(served.url, hasty=True).take(ORIGIN, 7, NOTE)
    served.close()
    assert len(served.posted) == 1


@pytest.mark.parametrize(
    "url", ["http://example.org/", "ftp://example.org", "https://", "example.org", "file:///etc", "https://[x"]
)
def test_a_webhook_without_tls_is_refused(url: str) -> None:
    with pytest.raises(WrongUse):
        WebhookWitness(url)
