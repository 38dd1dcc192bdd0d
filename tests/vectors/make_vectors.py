"""Makes the known answers beside it, from raw primitives alone: nothing of Doorward is imported here.

The formats are written down a second time, as the documents describe them, so that a change of either side shows.
Everything is fixed: running it again gives the same files. ``python tests/vectors/make_vectors.py``
"""

import hmac
import json
import struct
import unicodedata
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESGCMSIV
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

HERE = Path(__file__).parent
SITE = "3f0d3a76-8f2c-4d6a-9c1f-1f6f2f2b7c11"
ADA, BO = "23d88b24-e0ea-4ee0-8b7a-04846263f2e6", "6f0d6f8e-4f0b-4c0e-9d59-6c1c3a3f1f50"
KEY_ID, OTHER_ID = "0b3e6c1a-5d51-4a6e-b0d4-6f2f6b1f9a77", "c2a1f5de-7a0e-4b6c-8f5d-0d9c0f7a5b31"
NO_KEY = "00000000-0000-0000-0000-000000000000"
EPOCH = "2026-11-23T12"

Case = dict[str, Any]


def octets(label: str, length: int) -> bytes:
    """Bytes that the label alone decides."""
    blocks = (sha256(f"{label} {number}".encode()).digest() for number in range(-(-length // 32)))
    return b"".join(blocks)[:length]


def lengthed(*parts: bytes) -> bytes:
    return b"".join(struct.pack(">I", len(part)) + part for part in parts)


def tagged(key: bytes, *parts: bytes) -> str:
    return hmac.digest(key, lengthed(*parts), sha256).hex()


def padme(length: int) -> int:
    """Padmé's size class, worked out without the masks of the code."""
    if length <= 256:
        return 256
    exponent = len(bin(length)) - 3
    step = 1 << (exponent - len(bin(exponent)) + 2)
    return -(-length // step) * step


def padded(plaintext: bytes) -> bytes:
    body = struct.pack(">I", len(plaintext)) + plaintext
    return body + bytes(padme(len(body)) - len(body))


def place_octets(place: Case, key_id: str) -> bytes:
    fields = [place[name] for name in ("site", "table", "column", "row", "person")]
    return lengthed(*(field.encode() for field in (*fields, key_id, "1", str(place["generation"]))))


def envelope(key: bytes, key_id: str, place: Case, nonce: bytes, inner: bytes) -> bytes:
    sealed = AESGCM(key).encrypt(nonce, inner, place_octets(place, key_id))
    return b"\x01" + UUID(key_id).bytes + nonce + sealed


def flipped(sealed: bytes, at: int) -> bytes:
    held = bytearray(sealed)
    held[at] ^= 1
    return bytes(held)


def damaged(sealed: bytes, beginning: int) -> Iterator[tuple[str, bytes]]:
    """What must not open, whatever it was. ``beginning``: bytes before the ciphertext."""
    yield "tag altered", flipped(sealed, -1)
    yield "tag cut off", sealed[:-16]
    yield "one byte missing", sealed[:-1]
    yield "one byte too many", sealed + b"\0"
    yield "ciphertext altered", flipped(sealed, beginning)
    yield "nonce altered", flipped(sealed, beginning - 1)
    yield "beginning alone", sealed[:beginning]
    yield "beginning cut", sealed[: beginning - 1]
    yield "empty", b""


def envelopes() -> Iterator[Case]:
    key, here = octets("envelope key", 32), {
        "site": SITE, "table": "persons", "column": "record", "row": ADA, "person": ADA, "generation": 1,
    }  # fmt: skip
    for length in (0, 1, 251, 252, 253, 508, 1_000, 70_000):
        nonce, plaintext = octets(f"nonce {length}", 12), octets(f"plaintext {length}", length)
        sealed = envelope(key, KEY_ID, here, nonce, padded(plaintext))
        case = {"key": key.hex(), "key_id": KEY_ID, "place": here, "nonce": nonce.hex()}
        if length > 1_000:  # its digest stands for it
            case |= {"plaintext_label": f"plaintext {length}", "plaintext_length": length}
            yield {**case, "comment": f"{length} bytes", "sealed_sha256": sha256(sealed).hexdigest(), "valid": True}
        else:
            yield {
                **case,
                "comment": f"{length} bytes",
                "plaintext": plaintext.hex(),
                "sealed": sealed.hex(),
                "valid": True,
            }
    nonce = octets("nonce", 12)
    sealed = envelope(key, KEY_ID, here, nonce, padded(b"Ada"))
    given = {"key": key.hex(), "key_id": KEY_ID, "place": here, "sealed": sealed.hex(), "valid": False}
    yield {**given, "comment": "as it was", "nonce": nonce.hex(), "plaintext": b"Ada".hex(), "valid": True}
    for comment, other in damaged(sealed, 29):
        yield {**given, "comment": comment, "sealed": other.hex()}
    yield {**given, "comment": "another format", "sealed": ("02" + sealed.hex()[2:])}
    yield {**given, "comment": "another key", "key": octets("another", 32).hex()}
    yield {**given, "comment": "another key id asked for", "key_id": OTHER_ID}
    yield {
        **given,
        "comment": "another key id named",
        "sealed": (sealed[:1] + UUID(OTHER_ID).bytes + sealed[17:]).hex(),
    }
    for name in ("site", "table", "column", "row", "person"):
        yield {**given, "comment": f"moved: {name}", "place": {**here, name: BO}}
        yield {**given, "comment": f"moved: {name} empty", "place": {**here, name: ""}}
    yield {**given, "comment": "another generation", "place": {**here, "generation": 2}}
    yield {**given, "comment": "fields shifted", "place": {**here, "table": "personsr", "column": "ecord"}}
    yield {**given, "comment": "no padding", "sealed": envelope(key, KEY_ID, here, nonce, b"").hex()}
    for comment, inner in (
        ("a length beyond the padding", struct.pack(">I", 253) + bytes(252)),
        ("the greatest length", b"\xff\xff\xff\xff" + bytes(252)),
        ("padding that is not zero", padded(b"Ada")[:-1] + b"\x01"),
        ("padding cut", padded(b"Ada")[:-1]),
        ("padding of another size class", padded(b"Ada") + bytes(256)),
    ):
        yield {**given, "comment": comment, "sealed": envelope(key, KEY_ID, here, nonce, inner).hex()}


def binding(owner: Case) -> bytes:
    return "\0".join((owner["site"], owner["kind"], owner["owner"], owner["key_id"], str(owner["version"]))).encode()


def wraps() -> Iterator[Case]:
    key = octets("site key", 32)
    of = {"site": SITE, "kind": "person", "owner": ADA, "key_id": KEY_ID, "version": 1}
    for kind, owner, version in (("person", ADA, 1), ("epoch", EPOCH, 1), ("site", "", 7), ("audit signing", "", 1)):
        bound = {**of, "kind": kind, "owner": owner, "version": version}
        nonce, secret = octets(f"wrap {kind}", 12), octets(f"secret {kind}", 32)
        wrapped = nonce + AESGCMSIV(key).encrypt(nonce, secret, binding(bound))
        yield {
            "comment": f"a key of kind {kind}", "key": key.hex(), **bound, "nonce": nonce.hex(),
            "secret": secret.hex(), "wrapped": wrapped.hex(), "valid": True,
        }  # fmt: skip
    nonce = octets("wrap person", 12)
    wrapped = nonce + AESGCMSIV(key).encrypt(nonce, octets("secret person", 32), binding(of))
    given = {"key": key.hex(), **of, "wrapped": wrapped.hex(), "valid": False}
    for comment, other in damaged(wrapped, 12):
        yield {**given, "comment": comment, "wrapped": other.hex()}
    yield {**given, "comment": "another key", "key": octets("another", 32).hex()}
    yield {**given, "comment": "another site", "site": BO}
    yield {**given, "comment": "another kind", "kind": "epoch"}
    yield {**given, "comment": "another owner", "owner": BO}
    yield {**given, "comment": "another key id", "key_id": OTHER_ID}
    yield {**given, "comment": "another version", "version": 2}


def hkdf(secret: bytes, info: bytes) -> bytes:
    """RFC 5869 with SHA-256, no salt, one block."""
    extracted = hmac.digest(bytes(32), secret, sha256)
    return hmac.digest(extracted, b"doorward " + info + b"\x01", sha256)


def vault() -> Case:
    """What the vault makes of its keys."""
    keys = {kind: octets(f"vault {kind}", 32) for kind in ("person", "epoch", "index", "grants")}
    cell = {"site": SITE, "table": "passages", "column": "record", "row": KEY_ID, "person": ADA, "generation": 1}
    nonce, joined = octets("passage", 12), hkdf(keys["epoch"] + keys["person"], b"passage")
    swapped = hkdf(keys["person"] + keys["epoch"], b"passage")
    trail = hkdf(keys["person"], b"audit tag")
    granted = {"site": SITE, "table": "grants", "column": "payload", "row": "token/t", "person": "", "generation": 3}
    codes = {
        comment: tagged(keys["grants"], place_octets(place, key_id), payload)
        for comment, place, key_id, payload in (
            ("valid", granted, KEY_ID, b'{"name":"kiosk"}'),
            ("another row", {**granted, "row": "token/u"}, KEY_ID, b'{"name":"kiosk"}'),
            ("another column", {**granted, "column": "kind"}, KEY_ID, b'{"name":"kiosk"}'),
            ("another generation", {**granted, "generation": 2}, KEY_ID, b'{"name":"kiosk"}'),
            ("another site", {**granted, "site": BO}, KEY_ID, b'{"name":"kiosk"}'),
            ("another key id", granted, OTHER_ID, b'{"name":"kiosk"}'),
            ("another payload", granted, KEY_ID, b'{"name":"kiosk 2"}'),
            ("no payload", granted, KEY_ID, b""),
        )
    }
    codes["cut"] = codes["valid"][:-2]
    codes["altered"] = codes["valid"][:-2] + f"{int(codes['valid'][-2:], 16) ^ 1:02x}"
    codes["empty"] = ""
    return {
        "site": SITE, "person": ADA, "epoch": EPOCH, "key_id": KEY_ID,
        "keys": {kind: key.hex() for kind, key in keys.items()},
        "passage": {
            "cell": cell, "nonce": nonce.hex(), "plaintext": b"north".hex(),
            "sealed": envelope(joined, NO_KEY, cell, nonce, padded(b"north")).hex(),
            "invalid": {
                "person key first": envelope(swapped, NO_KEY, cell, nonce, padded(b"north")).hex(),
                "epoch key alone": envelope(keys["epoch"], NO_KEY, cell, nonce, padded(b"north")).hex(),
                "person key alone": envelope(keys["person"], NO_KEY, cell, nonce, padded(b"north")).hex(),
                "a key is named": envelope(joined, KEY_ID, cell, nonce, padded(b"north")).hex(),
                "another person": envelope(joined, NO_KEY, {**cell, "person": BO}, nonce, padded(b"north")).hex(),
            },
        },
        "epoch_tags": {
            str(number): tagged(hkdf(keys["epoch"], b"tag"), ADA.encode(), struct.pack(">Q", number))
            for number in (0, 1, 2**32, 2**64 - 1)
        },
        "audit_tags": {
            str(number): tagged(trail, ADA.encode(), struct.pack(">Q", number))
            for number in (0, 1, 2**32, 2**64 - 1)
        },
        "blind_tags": [
            {"kind": kind, "value": value, "tag": tagged(keys["index"], kind.encode(), value.encode())}
            for kind, value in (("badge", "7"), ("badge", ""), ("document", "7"), ("badge", "Ж" * 100))
        ],
        "grants": {"cell": granted, "payload": b'{"name":"kiosk"}'.hex(), "codes": codes},
    }  # fmt: skip


def chunks() -> Iterator[Case]:
    key = octets("snapshot key", 32)
    of = {"site": SITE, "snapshot": BO, "key_id": KEY_ID, "number": 0, "is_last": True}

    def sealed(place: Case, plaintext: bytes) -> bytes:
        bound = lengthed(
            b"gallery snapshot 1", place["site"].encode(), place["snapshot"].encode(), place["key_id"].encode()
        )
        bound += struct.pack(">Q?", place["number"], place["is_last"])
        return AESGCM(key).encrypt(place["number"].to_bytes(12, "big"), plaintext, bound)

    for number, is_last, length in (
        (0, True, 0),
        (0, False, 64),
        (1, True, 1),
        (2**40, True, 5),
        (2**64 - 1, False, 3),
    ):
        place, plaintext = {**of, "number": number, "is_last": is_last}, octets(f"chunk {number}", length)
        comment = f"chunk {number}, {length} bytes{', the last' if is_last else ''}"
        yield {
            "comment": comment, "key": key.hex(), **place, "plaintext": plaintext.hex(),
            "sealed": sealed(place, plaintext).hex(), "valid": True,
        }  # fmt: skip
    whole = sealed(of, b"faces")
    given = {"key": key.hex(), **of, "sealed": whole.hex(), "valid": False}
    for comment, other in (
        ("tag altered", flipped(whole, -1)), ("one byte missing", whole[:-1]), ("tag alone", whole[-16:]),
        ("shorter than a tag", whole[:15]), ("empty", b""), ("one byte too many", whole + b"\0"),
    ):  # fmt: skip
        yield {**given, "comment": comment, "sealed": other.hex()}
    yield {**given, "comment": "another number", "number": 1}
    yield {**given, "comment": "not the last", "is_last": False}
    yield {**given, "comment": "another snapshot", "snapshot": ADA}
    yield {**given, "comment": "another site", "site": ADA}
    yield {**given, "comment": "another key id", "key_id": OTHER_ID}
    yield {**given, "comment": "another key", "key": octets("another", 32).hex()}


def passphrases() -> Iterator[Case]:
    # github.com/P-H-C/phc-winner-argon2, src/test.c, Argon2id, version 0x13; memory is given there as its logarithm.
    for memory, passes, lanes, passphrase, salt, key in (
        (65_536, 2, 1, "password", "somesalt", "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7"),
        (256, 2, 1, "password", "somesalt", "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe"),
        (256, 2, 2, "password", "somesalt", "6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037"),
        (65_536, 1, 1, "password", "somesalt", "f6a5adc1ba723dddef9b5ac1d464e180fcd9dffc9d1cbf76cca2fed795d9ca98"),
        (
            65_536, 2, 1, "differentpassword", "somesalt",
            "0b84d652cf6b0c4beaef0dfe278ba6a80df6696281d7e0d2891b817d8c458fde",
        ),
        (65_536, 2, 1, "password", "diffsalt", "bdf32b05ccc42eb15d58fd19b1f856b113da1e9a5874fdcc544308565aa8141c"),
    ):  # fmt: skip
        yield {
            "comment": "the reference implementation's own", "memory_kib": memory, "passes": passes, "lanes": lanes,
            "passphrase": passphrase, "salt": salt.encode().hex(), "key": key,
        }  # fmt: skip
    salt = octets("salt", 16)
    for passphrase in ("", "cafe\u0301 au lait, s'il vous plai\u0302t", "ﬁve words of one ﬁle", "x" * 1_000, "\ud800"):
        secret = unicodedata.normalize("NFKC", passphrase).encode(errors="surrogatepass")
        key = Argon2id(salt=salt, length=32, iterations=3, lanes=4, memory_cost=64).derive(secret)
        yield {
            "comment": "by OpenSSL's Argon2id", "memory_kib": 64, "passes": 3, "lanes": 4,
            "passphrase": passphrase, "salt": salt.hex(), "key": key.hex(),
        }  # fmt: skip


def files() -> dict[str, object]:
    """The content of each file, by its name."""
    return {
        "envelope.json": list(envelopes()),
        "wrapping.json": list(wraps()),
        "vault.json": vault(),
        "snapshot.json": list(chunks()),
        "passphrase.json": list(passphrases()),
    }


def encoded(held: object) -> str:
    return json.dumps(held, indent=1) + "\n"


if __name__ == "__main__":
    for name, held in files().items():
        (HERE / name).write_text(encoded(held))
