"""The site's own certificate: self-signed, its key encrypted at rest."""

from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from doorward.adapters.backup.files import write_whole
from doorward.errors import StorageError

VALIDITY = timedelta(days=825)
CERTIFICATE = "site.crt"
PRIVATE_KEY = "site.key.sealed"


def make_certificate(folder: Path, password: bytes, now: datetime) -> None:
    """Write ``site.crt`` and ``site.key.sealed`` (PKCS #8, encrypted under ``password``) into a new ``folder``.

    ``StorageError`` when they cannot be written.
    """
    key = generate_private_key(SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Doorward site")])
    alternatives: list[x509.GeneralName] = [x509.DNSName("localhost")]
    alternatives += [x509.IPAddress(ip_address(address)) for address in ("127.0.0.1", "::1")]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + VALIDITY)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, SHA256())
    )
    shown = certificate.public_bytes(Encoding.PEM)
    sealed = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password))
    try:
        folder.mkdir(mode=0o700)
    except OSError as error:
        raise StorageError(f"{folder} cannot be made ({error.strerror}); check its rights and free space.") from None
    write_whole(folder / CERTIFICATE, lambda file: file.write(shown))
    write_whole(folder / PRIVATE_KEY, lambda file: file.write(sealed))
