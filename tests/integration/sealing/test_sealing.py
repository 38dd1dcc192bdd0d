"""A site unsealed for commands and servers of the same user, and sealed again: nobody holds a key then."""

import os
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from commands_in_process import run_json
from doorward.adapters.keeper.calls import NAME
from doorward.adapters.key_holders import KeyHolder, holders
from doorward.cli.program import run
from doorward.errors import Sealed
from doorward.wiring.face.keys import inventory
from throwaway_sites import PASSPHRASE, opened_stores, throwaway_site

PATIENCE_S = 30


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Path]:
    folder = throwaway_site(tmp_path)
    yield folder
    run(["seal", "--site", str(folder)])


@pytest.fixture
def passphrase(tmp_path: Path) -> Path:
    file = tmp_path / "passphrase"
    file.write_text(PASSPHRASE + "\n", encoding="utf-8")
    return file


@pytest.fixture
def unsealed(site: Path, passphrase: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert run_json(capsys, "unseal", "--site", site, "--passphrase-file", passphrase)[1]["begun"]
    return site


def test_commands_need_no_passphrase_until_it_is_sealed(unsealed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, added = run_json(capsys, "people", "add", "Grace Hopper", "--badge", "4711", "--site", unsealed)
    assert status == 0
    assert run_json(capsys, "people", "show", added["id"], "--site", unsealed)[0] == 0
    for which in ("site", "grants", "index", "audit", "tls"):
        assert run_json(capsys, "keys", "rotate", which, "--site", unsealed)[0] == 0
    assert run_json(capsys, "audit", "verify", "--site", unsealed)[1]["ok"]
    status, sealed = run_json(capsys, "seal", "--site", unsealed)
    assert (status, len(sealed["ended"]), sealed["left"]) == (0, 1, [])
    status, refused = run_json(capsys, "people", "show", added["id"], "--site", unsealed)
    assert (status, refused["error"]["code"]) == (2, "wrong_use")


def test_both_acts_are_in_the_log(unsealed: Path, passphrase: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_json(capsys, "seal", "--site", unsealed)
    _, shown = run_json(capsys, "audit", "show", "--site", unsealed, "--passphrase-file", passphrase)
    assert [entry["action"] for entry in shown["entries"]][:2] == ["site unsealed", "site sealed"]


def test_unsealing_takes_the_right_passphrase(site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("not the passphrase at all\n", encoding="utf-8")
    status, refused = run_json(capsys, "unseal", "--site", site, "--passphrase-file", wrong)
    assert (status, refused["error"]["code"]) == (1, "wrong_key")
    assert not inventory(site).holders


def test_unsealing_twice_starts_one_keeper(unsealed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = inventory(unsealed)
    assert not run_json(capsys, "unseal", "--site", unsealed)[1]["begun"]
    assert (before.has_keeper, inventory(unsealed).holders) == (True, before.holders)


def test_a_new_passphrase_is_taken_by_the_keeper(
    unsealed: Path, passphrase: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new = tmp_path / "new"
    new.write_text("another battery staples correctly\n", encoding="utf-8")
    change = ("keys", "provider", "change", "--provider", "passphrase", "--new-passphrase-file", new)
    assert run_json(capsys, *change, "--site", unsealed)[0] == 0
    assert run_json(capsys, "keys", "rotate", "site", "--site", unsealed)[0] == 0
    run_json(capsys, "seal", "--site", unsealed)
    assert run_json(capsys, "people", "list", "--site", unsealed, "--passphrase-file", passphrase)[0] == 1
    assert run_json(capsys, "people", "list", "--site", unsealed, "--passphrase-file", new)[0] == 0


def test_the_socket_is_for_this_user_alone(unsealed: Path) -> None:
    held = (unsealed / "keys" / NAME).stat()
    assert stat.S_ISSOCK(held.st_mode)
    assert stat.S_IMODE(held.st_mode) == 0o600


def test_a_keeper_that_was_killed_is_replaced(
    unsealed: Path, passphrase: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (keeper,) = inventory(unsealed).holders
    os.kill(keeper, signal.SIGKILL)
    wait_until(lambda: not inventory(unsealed).holders)
    assert (unsealed / "keys" / NAME).exists()
    assert run_json(capsys, "people", "list", "--site", unsealed)[0] == 2
    assert run_json(capsys, "unseal", "--site", unsealed, "--passphrase-file", passphrase)[1]["begun"]


def test_a_site_far_down_is_unsealed_too(tmp_path: Path, passphrase: Path, capsys: pytest.CaptureFixture[str]) -> None:
    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    folder = throwaway_site(deep)
    assert run_json(capsys, "unseal", "--site", folder, "--passphrase-file", passphrase)[1]["begun"]
    assert run_json(capsys, "people", "list", "--site", folder)[0] == 0
    assert len(run_json(capsys, "seal", "--site", folder)[1]["ended"]) == 1


def test_it_seals_itself_when_its_time_is_over(
    site: Path, passphrase: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("unseal", "--hours", 0.5 / 3600, "--site", site, "--passphrase-file", passphrase)
    assert run_json(capsys, *asked)[0] == 0
    wait_until(lambda: not inventory(site).holders)
    _, shown = run_json(capsys, "audit", "show", "--site", site, "--passphrase-file", passphrase)
    assert ("site sealed", "key keeper") in [(entry["action"], entry["actor"]) for entry in shown["entries"]]


def test_what_is_open_when_it_is_sealed_can_do_nothing_more(unsealed: Path) -> None:
    with closing(opened_stores(unsealed, "no passphrase is asked for")) as stores:
        assert not list(stores.people.all())
        (keeper, *_) = (process for process in inventory(unsealed).holders)
        os.kill(keeper, signal.SIGTERM)
        wait_until(lambda: keeper not in holders(unsealed / "keys"))
        with pytest.raises(Sealed):
            stores.vault.secret_for("anything")


def test_strange_words_end_the_connection_and_not_the_keeper(
    unsealed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in (
        b"\xff\xff\xff\xff",
        b"\0\0\0\0",
        b"\0\0\0\5\x63\0\0\0\0",
        b"\0\0\0\5\2\0\0\0\0",
        b"GET / HTTP/1.1\r\n",
    ):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(PATIENCE_S)
            connection.connect(str(unsealed / "keys" / NAME))
            connection.sendall(words)
            connection.shutdown(socket.SHUT_WR)
            with suppress(ConnectionResetError):
                assert connection.recv(1) == b""
    assert run_json(capsys, "people", "list", "--site", unsealed)[0] == 0


def test_sealing_ends_a_server_that_opened_the_site_itself(
    site: Path, passphrase: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [sys.executable, "-m", "doorward", "serve", "--port", "0", "--json"]
    command += ["--site", str(site), "--passphrase-file", str(passphrase)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        try:
            assert server.stdout is not None
            assert server.stdout.readline()
            assert tuple(inventory(site).holders) == (server.pid,)
            status, sealed = run_json(capsys, "seal", "--site", site)
            assert (status, sealed) == (0, {"ended": [server.pid], "left": []})
            assert server.wait(PATIENCE_S) is not None
        finally:
            server.kill()


def test_who_does_not_end_when_asked_is_made_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("doorward.wiring.face.sealing.PATIENCE_S", 0.3)
    folder = throwaway_site(tmp_path)
    child = forked(lambda: signal.signal(signal.SIGTERM, signal.SIG_IGN), folder / "keys")
    assert tuple(inventory(folder).holders) == (child,)
    threading.Thread(target=os.waitpid, args=(child, 0)).start()
    assert run(["seal", "--site", str(folder)]) == 0
    assert not inventory(folder).holders


def test_holders_are_told_whatever_else_is_opened_and_closed(tmp_path: Path) -> None:
    first, second = KeyHolder(tmp_path), KeyHolder(tmp_path)
    second.let_go()
    assert holders(tmp_path) == []
    children = [forked(lambda: None, tmp_path) for _ in range(5)]
    assert holders(tmp_path) == sorted(children)
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    assert holders(tmp_path) == []
    first.let_go()


def forked(first: object, folder: Path) -> int:
    """A process that holds keys of the site until it is killed."""
    hear, tell = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            assert callable(first)
            first()
            KeyHolder(folder)
            os.write(tell, b".")
            while True:
                signal.pause()
        finally:
            os._exit(1)
    os.close(tell)
    assert os.read(hear, 1)
    os.close(hear)
    return child


def wait_until(condition: object) -> None:
    assert callable(condition)
    done = threading.Event()
    for _ in range(PATIENCE_S * 20):
        if condition():
            return
        done.wait(0.05)
    raise AssertionError("it did not come to that")
