"""A real MQTT broker (Mosquitto) on loopback, over TLS and with a password, for tests."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

from doorward.adapters.tls import CERTIFICATE, PRIVATE_KEY, make_certificate

USER, PASSWORD = "door", "an example of a password"
_PATH = "/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/sbin"


@dataclass
class Broker:
    """``authority``: the certificate that vouches for it. ``stop`` and ``start`` take it away and bring it back."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def authority(self) -> Path:
        return self.folder / "tls" / CERTIFICATE

    @property
    def url(self) -> str:
        return f"mqtts://127.0.0.1:{self.port}"

    @property
    def plain_url(self) -> str:
        return f"mqtt://127.0.0.1:{self.port + 1}"

    def start(self) -> None:
        program = shutil.which("mosquitto", path=_PATH) or "mosquitto"
        self.process = subprocess.Popen([program, "-c", str(self.folder / "mosquitto.conf")])
        for port in (self.port, self.port + 1):
            _wait_for(port)

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    @contextmanager
    def listening(self, topic: str) -> Iterator["Heard"]:
        heard = Heard()
        client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv5)
        client.username_pw_set(USER, PASSWORD)
        client.on_message = lambda _c, _d, message: heard.messages.put(
            (message.topic, bytes(message.payload), message.retain)
        )
        client.on_subscribe = lambda *_: heard.ready.put(None)
        client.connect("127.0.0.1", self.port + 1)
        client.subscribe(topic, 1)
        client.loop_start()
        heard.ready.get(timeout=5)
        try:
            yield heard
        finally:
            client.disconnect()
            client.loop_stop()


@dataclass
class Heard:
    messages: "Queue[tuple[str, bytes, bool]]" = field(default_factory=Queue)
    ready: "Queue[Any]" = field(default_factory=Queue)

    def next(self, seconds: float = 5.0) -> tuple[str, bytes, bool]:
        """Topic, payload, and whether it was kept by the broker for whoever asks later."""
        return self.messages.get(timeout=seconds)


@contextmanager
def broker(folder: Path) -> Iterator[Broker]:
    """Running until the block ends; skips the test where Mosquitto is not installed."""
    if shutil.which("mosquitto", path=_PATH) is None:
        pytest.skip("Mosquitto is not installed (Debian: apt install mosquitto)")
    made = Broker(folder, _free_port())
    make_certificate(folder / "tls", b"x", datetime.now(UTC))
    key = load_pem_private_key((folder / "tls" / PRIVATE_KEY).read_bytes(), b"x")
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "broker.key").write_bytes(plain)
    hasher = shutil.which("mosquitto_passwd", path=_PATH) or "mosquitto_passwd"
    subprocess.run([hasher, "-b", "-c", str(folder / "passwords"), USER, PASSWORD], check=True, capture_output=True)
    for name in ("broker.key", "passwords"):
        (folder / name).chmod(0o644)  # started as root, it drops its rights before it reads them
    for place in (folder, folder / "tls"):
        place.chmod(0o755)
    (folder / "mosquitto.conf").write_text(
        "per_listener_settings false\nallow_anonymous false\nlog_type none\n"
        f"user root\npassword_file {folder / 'passwords'}\n"
        f"listener {made.port} 127.0.0.1\ncertfile {made.authority}\nkeyfile {folder / 'broker.key'}\n"
        f"listener {made.port + 1} 127.0.0.1\n"
    )
    made.start()
    try:
        yield made
    finally:
        made.stop()


def _free_port() -> int:
    """Of two that follow each other."""
    for port in range(20_000 + time.monotonic_ns() % 9_000, 32_000, 2):
        try:
            with socket.create_server(("127.0.0.1", port)), socket.create_server(("127.0.0.1", port + 1)):
                return port
        except OSError:
            continue
    raise AssertionError("no free port")


def _wait_for(port: int) -> None:
    until = time.monotonic() + 5
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError("the broker did not start")
