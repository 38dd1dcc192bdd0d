"""A PostgreSQL server that speaks TLS: reached as ``verify-full`` says, and refused in one sentence otherwise."""

import ipaddress
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from commands_in_process import run_json

PROGRAMS = Path("/usr/lib/postgresql")
"""Where Debian puts them. The server that the other tests start speaks no TLS, so that without these none is tried."""

ACCOUNT = "postgres"
HOST = "127.0.0.1"
SSL_REQUEST = bytes.fromhex("0000000804d2162f")
"""Of the PostgreSQL frontend/backend protocol, 55.7 (Message Formats)."""

Authority = tuple[ec.EllipticCurvePrivateKey, x509.Certificate]


BIN = max((one.parent for one in PROGRAMS.glob("*/bin/pg_ctl")), key=lambda one: int(one.parts[-2]), default=PROGRAMS)


def name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def certified(
    subject: str, of: Authority | None, host: x509.GeneralName | None = None
) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    signer, issuer = (key, name(subject)) if of is None else (of[0], of[1].subject)
    built = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=of is None, path_length=None), critical=True)
    )
    if host is not None:
        built = built.add_extension(x509.SubjectAlternativeName([host]), critical=False)
    return key, built.sign(signer, hashes.SHA256())


class TlsServer:
    """A server at ``HOST`` whose certificate can be exchanged."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._data = folder / "data"
        self.port = self._free_port()
        self._command("initdb", "-D", self._data, "-U", "doorward", "-A", "trust", "-N")
        self.authority = certified("An authority", None)
        self.root = folder / "root.pem"
        self.root.write_bytes(self.authority[1].public_bytes(serialization.Encoding.PEM))
        self.show(x509.IPAddress(ipaddress.ip_address(HOST)))
        options = f"-c listen_addresses={HOST} -p {self.port} -k {folder} -c fsync=off"
        self._command("pg_ctl", "-D", self._data, "-w", "-l", folder / "log", "-o", options, "start")

    def show(self, host: x509.GeneralName, *, tls: bool = True) -> None:
        """From here on a certificate for ``host``, or no TLS at all."""
        key, certificate = certified("PostgreSQL", self.authority, host)
        encoding = serialization.Encoding.PEM
        form = serialization.PrivateFormat.PKCS8
        held = {
            "server.key": key.private_bytes(encoding, form, serialization.NoEncryption()),
            "server.crt": certificate.public_bytes(encoding),
            "postgresql.auto.conf": b"ssl = on\n" if tls else b"ssl = off\n",
        }
        for file, octets in held.items():
            (self._data / file).write_bytes(octets)
            (self._data / file).chmod(0o600)
            self._hand_over(self._data / file)
        if (self._data / "postmaster.pid").exists():
            self._command("pg_ctl", "-D", self._data, "reload")
            wanted = certificate.public_bytes(serialization.Encoding.DER) if tls else b""
            ends = time.monotonic() + 10
            while self._shown() != wanted:
                assert time.monotonic() < ends
                time.sleep(0.01)

    def url(self, root: Path, host: str = HOST) -> str:
        return f"postgresql://doorward@{host}:{self.port}/postgres?sslmode=verify-full&sslrootcert={root}"

    def _shown(self) -> bytes:
        """The certificate (DER) that the server shows now; nothing where it speaks no TLS."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with socket.create_connection((HOST, self.port), 10) as plain:
            plain.sendall(SSL_REQUEST)
            if plain.recv(1) != b"S":
                return b""
            with context.wrap_socket(plain) as wrapped:
                return wrapped.getpeercert(binary_form=True) or b""

    def end(self) -> None:
        self._command("pg_ctl", "-D", self._data, "-m", "immediate", "stop")

    def _command(self, program: str, *arguments: object) -> None:
        user = ACCOUNT if os.geteuid() == 0 else None
        self._hand_over(self._folder)
        command = [str(BIN / program), *map(str, arguments)]
        subprocess.run(command, check=True, user=user, stdout=subprocess.DEVNULL, cwd=self._folder, timeout=60)

    def _hand_over(self, path: Path) -> None:
        if os.geteuid() == 0:
            os.chown(path, pwd.getpwnam(ACCOUNT).pw_uid, -1)

    @staticmethod
    def _free_port() -> int:
        with socket.create_server((HOST, 0)) as listener:
            return int(listener.getsockname()[1])


@pytest.fixture(scope="module")
def server() -> Iterator[TlsServer]:
    folder = Path(tempfile.mkdtemp(prefix="doorward-pg-tls-"))
    made = TlsServer(folder)
    yield made
    made.end()
    shutil.rmtree(folder, ignore_errors=True)


def test_the_server_that_its_authority_vouches_for_holds_a_site(
    server: TlsServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url, site = server.url(server.root), tmp_path / "site"
    for arguments in (
        ("init", site, "--key-file", tmp_path / "key", "--store", url),
        ("people", "add", "Ada", "--site", site),
    ):
        status, told = run_json(capsys, *arguments)
        assert status == 0, told


def test_nobody_else_is_spoken_to(server: TlsServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "other.pem"
    other.write_bytes(certified("Another authority", None)[1].public_bytes(serialization.Encoding.PEM))
    here = x509.IPAddress(ipaddress.ip_address(HOST))
    for shown, tls, root in (
        (here, True, other),
        (x509.DNSName("another.example"), True, server.root),
        (here, False, server.root),
        (here, True, tmp_path / "no such file.pem"),
    ):
        server.show(shown, tls=tls)
        place = tmp_path / "site"
        status, told = run_json(capsys, "init", place, "--key-file", tmp_path / "key", "--store", server.url(root))
        assert (status, told["error"]["code"]) == (1, "storage_error"), told
        assert "prove over TLS" in told["error"]["message"]
        assert not place.exists()
    server.show(here)
