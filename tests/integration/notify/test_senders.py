"""Brokers, webhooks and commands: told for certain, or an error in words that hold no secret."""

import hmac
import json
import time
from base64 import b64decode, b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest

from brokers import PASSWORD, USER, Broker, broker
from doorward.adapters.notify.command import Command
from doorward.adapters.notify.mqtt import MqttBroker, Presence
from doorward.adapters.notify.webhook import Webhook, signature
from doorward.errors import ReceiverUnreachable, WrongUse
from web_hooks import SECRET, Hook

TOPIC = "doors/main"


@pytest.fixture(scope="module")
def mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with broker(tmp_path_factory.mktemp("broker")) as running:
        yield running


def connected(running: Broker, password: str = PASSWORD, presence: Presence | None = None) -> MqttBroker:
    return MqttBroker(running.url, USER, password, authority=running.authority, presence=presence, seconds=2.0)


def test_a_message_is_acknowledged_over_tls_and_kept_only_where_asked(mosquitto: Broker) -> None:
    with mosquitto.listening(TOPIC) as heard, connected(mosquitto) as sender:
        sender.send(TOPIC, b"open", expires=5)
        sender.send(TOPIC, b"state", retain=True)
        assert [heard.next()[1] for _ in range(2)] == [b"open", b"state"]
    with mosquitto.listening(TOPIC) as later:
        assert later.next() == (TOPIC, b"state", True)


def test_whoever_is_gone_without_a_word_is_told_by_the_broker(mosquitto: Broker) -> None:
    presence = Presence("doors/presence", b"here", b"gone")
    with mosquitto.listening(presence.topic) as heard:
        sender = connected(mosquitto, presence=presence)
        assert heard.next()[1] == b"here"
        sender._client._sock_close()  # type: ignore[no-untyped-call] # as a machine that lost its power
        assert heard.next()[1] == b"gone"
        assert heard.next()[1] == b"here", "and it connects again by itself"
        sender.close()
        time.sleep(0.1)
        left = [told for _, told, _ in heard.messages.queue]
        assert b"gone" not in left, "who said goodbye is not told as gone"


def test_what_a_broker_did_not_take_is_an_error_and_never_told_later(mosquitto: Broker) -> None:
    with mosquitto.listening(TOPIC + "/late") as before, connected(mosquitto) as sender:
        sender.send(TOPIC + "/late", b"first")
        assert before.next()[1] == b"first"
        mosquitto.stop()
        with pytest.raises(ReceiverUnreachable):
            sender.send(TOPIC + "/late", b"open")
        mosquitto.start()
        with mosquitto.listening(TOPIC + "/late") as heard:
            until = time.monotonic() + 8
            while True:
                try:
                    sender.send(TOPIC + "/late", b"next")
                    break
                except ReceiverUnreachable:
                    assert time.monotonic() < until
            assert heard.next()[1] == b"next"


@pytest.mark.parametrize("wrong", ["password", "authority"])
def test_a_broker_that_refuses_or_cannot_be_trusted_is_told(mosquitto: Broker, wrong: str, tmp_path: Path) -> None:
    password = "geheim" if wrong == "password" else PASSWORD
    authority = mosquitto.authority if wrong == "password" else None
    with (
        MqttBroker(mosquitto.url, USER, password, authority=authority, seconds=0.7) as sender,
        pytest.raises(ReceiverUnreachable) as caught,
    ):
        sender.send(TOPIC, b"open")
    assert "geheim" not in caught.value.message
    assert wrong == "authority" or "not authorized" in caught.value.message or "bad user" in caught.value.message


def test_a_webhook_is_signed_as_the_standard_says() -> None:
    body = json.dumps({"decision": "accepted"}).encode()
    with Hook() as hook:
        Webhook(hook.url, SECRET).send("event 1", body)
        path, headers, told = hook.told.get(timeout=5)
    headers = {name.lower(): value for name, value in headers.items()}
    assert (path, told, headers["webhook-id"]) == ("/hooks?door=1", body, "event 1")
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 5
    signed = f"event 1.{headers['webhook-timestamp']}.".encode() + body
    expected = b64encode(hmac.digest(b64decode(SECRET.removeprefix("whsec_")), signed, "sha256")).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"


def test_the_signature_is_that_of_the_standards_own_example() -> None:
    """https://github.com/standard-webhooks/standard-webhooks, its libraries' tests."""
    secret = b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    told = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}')
    assert told == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_webhook_that_does_not_take_it_is_an_error(status: int) -> None:
    with Hook(status) as hook, pytest.raises(ReceiverUnreachable, match=str(status)):
        Webhook(hook.url, SECRET).send("1", b"{}")
    with pytest.raises(ReceiverUnreachable, match="did not answer"):
        Webhook(hook.url, SECRET).send("1", b"{}")


@pytest.mark.parametrize(
    ("url", "secret"),
    [
        ("http://192.0.2.1/", SECRET),
        ("ftp://127.0.0.1/", SECRET),
        ("https://user:geheim@host/", SECRET),
        ("https://", SECRET),
        ("https://host:port/", SECRET),
        ("https://host/", "short"),
        ("https://host/", "not base64 at all, though long enough to be a secret"),
    ],
)
def test_an_address_or_a_secret_that_is_none_is_wrong_use(url: str, secret: str) -> None:
    with pytest.raises(WrongUse) as caught:
        Webhook(url, secret)
    assert "geheim" not in caught.value.message


def test_a_broker_elsewhere_is_reached_encrypted_or_not_at_all() -> None:
    for url in ("mqtt://192.0.2.1", "mqtts://", "mqtts://u:p@192.0.2.1", "tcp://127.0.0.1"):
        with pytest.raises(WrongUse):
            MqttBroker(url)


def test_a_command_is_told_on_its_input_and_its_end_counts(tmp_path: Path) -> None:
    Command(["/bin/sh", "-c", f"cat > {tmp_path / 'told'}; env > {tmp_path / 'env'}"]).send(b"open")
    assert (tmp_path / "told").read_bytes() == b"open"
    assert "DOORWARD" not in (tmp_path / "env").read_text()
    for words, said in (
        (["/bin/false"], "status 1"),
        (["/nowhere/x"], "cannot be run"),
        (["/bin/sleep", "9"], "ended"),
    ):
        with pytest.raises(ReceiverUnreachable, match=said):
            Command(words, seconds=0.2).send(b"open")
    for none in ([], ["open-door"]):
        with pytest.raises(WrongUse):
            Command(none)
