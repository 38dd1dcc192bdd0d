"""What is read from outside (backups, ledgers, receipts) is read whole or refused in words."""

import json
from datetime import UTC, datetime
from hashlib import sha256
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorward.adapters.backup.container import MARK, described, extract, write_container
from doorward.adapters.backup.encryption import decrypt, encrypt, make_identity
from doorward.adapters.backup.manifest import BackupFile, BackupKind, LedgerMark, Manifest, decode_manifest
from doorward.adapters.backup.receipts import Receipt, encode_receipt, receipt_page, sign_receipt, verified_receipt
from doorward.adapters.signing import Signature, Signer, check_signature
from doorward.adapters.stores.face.erasure_ledger import decode_ledger
from doorward.errors import BackupUnusable, LedgerUnusable, ReceiptInvalid, WrongKey
from doorward.kernel.ids import PersonId, SiteId
from known_people import UNHURRIED, moments

SITE = SiteId("6f0d6f8e-4f0b-4c0e-9d59-6c1c3a3f1f50")
PERSON = PersonId("23d88b24-e0ea-4ee0-8b7a-04846263f2e6")
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SIGNER = Signer(bytes(range(32)))

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


def manifest(*files: BackupFile) -> Manifest:
    made = Manifest(BackupKind.DATA, SITE, NOON, {"persons": 1}, 1, None, LedgerMark(0, ""), files)
    return made.signed_by(SIGNER.sign("backup", made.statement()))


def packed(contents: dict[str, bytes]) -> bytes:
    with TemporaryDirectory() as folder:
        sources = {name: Path(folder) / str(number) for number, name in enumerate(contents)}
        for name, path in sources.items():
            path.write_bytes(contents[name])
        stream = BytesIO()
        write_container(stream, manifest(*(described(name, path) for name, path in sources.items())), sources)
    return stream.getvalue()


def unpacked(octets: bytes) -> dict[str, bytes]:
    with TemporaryDirectory() as folder:
        held = extract(BytesIO(octets), Path(folder), lambda _manifest: None)
        return {file.name: (Path(folder) / file.name).read_bytes() for file in held.files}


def signed_by_the_site(octets: bytes) -> None:
    with TemporaryDirectory() as folder:
        held = extract(BytesIO(octets), Path(folder), lambda _manifest: None)
    refusal = BackupUnusable("not signed")
    check_signature("backup", held.statement(), held.signature, {SIGNER.public_key}, refusal)


WHOLE = packed({"data.db": b"rows", "tls/site.crt": b"certificate"})


@UNHURRIED
@given(
    st.dictionaries(
        st.sampled_from(["data.db", "site.toml", "tls/site.crt", "keys/keys.db"]), st.binary(max_size=200), max_size=4
    )
)
def test_what_was_packed_is_unpacked(contents: dict[str, bytes]) -> None:
    assert unpacked(packed(contents)) == contents


@UNHURRIED
@given(st.data())
def test_a_backup_altered_anywhere_is_refused_or_still_the_signed_one(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(WHOLE) - 1))
    altered = WHOLE[:at] + bytes([WHOLE[at] ^ data.draw(st.integers(1, 255))]) + WHOLE[at + 1 :]
    try:
        signed_by_the_site(altered)
    except BackupUnusable:
        return
    assert unpacked(altered) == unpacked(WHOLE), (
        "signed, so it is the same backup, its date or a digest spelt otherwise"
    )


@UNHURRIED
@given(st.integers(0, len(WHOLE) - 1))
def test_a_backup_cut_anywhere_is_refused(at: int) -> None:
    with pytest.raises(BackupUnusable):
        unpacked(WHOLE[:at])


@UNHURRIED
@given(st.binary(max_size=300))
def test_other_bytes_are_no_backup(octets: bytes) -> None:
    for stream in (octets, MARK + octets):
        with pytest.raises(BackupUnusable):
            unpacked(stream)


@UNHURRIED
@given(json_values, st.sampled_from(["kind", "site", "created_at", "counts", "log_root", "ledger", "files"]))
def test_no_manifest_leaks_another_error(value: object, field: str) -> None:
    held = {**json.loads(manifest().statement()), "signature": {"public_key": "", "value": ""}}
    for octets in (json.dumps(value), json.dumps({**held, field: value})):
        try:
            decode_manifest(octets.encode())
        except BackupUnusable:
            continue


@pytest.mark.parametrize(
    "name", ["../data.db", "/etc/passwd", "a/b/c", "a/../b", "", ".hidden", "tls/..", "a\n", "a/.ssh", "A:b"]
)
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    held = json.loads(manifest(BackupFile("data.db", 0, sha256().hexdigest())).statement())
    held["files"][0]["name"] = name
    held["signature"] = {"public_key": "", "value": ""}
    with pytest.raises(BackupUnusable):
        decode_manifest(json.dumps(held).encode())


@UNHURRIED
@given(st.binary(max_size=300) | json_values.map(lambda value: json.dumps(value).encode()))
def test_no_ledger_leaks_another_error(octets: bytes) -> None:
    with pytest.raises(LedgerUnusable):
        decode_ledger(octets, SITE)


@UNHURRIED
@given(json_values)
def test_no_ledger_entry_leaks_another_error(value: object) -> None:
    try:
        decode_ledger(json.dumps({"format": 1, "site": SITE, "entries": value}).encode(), SITE)
    except LedgerUnusable:
        return


receipts = st.builds(
    lambda at, gone_by, number: sign_receipt(Receipt(SITE, PERSON, at, gone_by, number, "ab" * 32), SIGNER),
    moments,
    st.none() | moments,
    st.integers(1, 10**9),
)


@UNHURRIED
@given(receipts)
def test_a_receipt_holds_as_it_was_signed(receipt: Receipt) -> None:
    assert verified_receipt(encode_receipt(receipt), {SIGNER.public_key}) == receipt


@UNHURRIED
@given(
    receipts,
    st.sampled_from(["site", "person", "erased_at", "keys_gone_by", "ledger_number", "ledger_head", "signature"]),
    json_values,
)
def test_a_receipt_changed_in_any_field_is_refused(receipt: Receipt, field: str, value: object) -> None:
    held = json.loads(encode_receipt(receipt))
    if held[field] == value and type(held[field]) is type(value):
        return
    with pytest.raises(ReceiptInvalid):
        verified_receipt(json.dumps({**held, field: value}).encode(), {SIGNER.public_key})


@UNHURRIED
@given(st.binary(max_size=300) | json_values.map(lambda value: json.dumps(value).encode()))
def test_other_bytes_are_no_receipt(octets: bytes) -> None:
    with pytest.raises(ReceiptInvalid):
        verified_receipt(octets, {SIGNER.public_key})


def test_a_receipt_of_another_key_or_for_another_use_is_refused() -> None:
    receipt = Receipt(SITE, PERSON, NOON, None, 1, "ab" * 32)
    other = sign_receipt(receipt, Signer(bytes(32)))
    for bad in (other, Receipt(SITE, PERSON, NOON, None, 1, "ab" * 32, SIGNER.sign("backup", receipt.statement()))):
        with pytest.raises(ReceiptInvalid):
            verified_receipt(encode_receipt(bad), {SIGNER.public_key})


Tags = list[tuple[str, list[tuple[str, str | None]]]]


def tags_of(page: str) -> Tags:
    tags: Tags = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            tags.append((tag, attrs))

    Reader().feed(page)
    return tags


def test_the_page_loads_nothing() -> None:
    page = receipt_page(sign_receipt(Receipt(SITE, PERSON, NOON, NOON, 1, "<script>"), SIGNER))
    tags = tags_of(page)
    assert {tag for tag, _ in tags}.isdisjoint({"script", "img", "link", "iframe"})
    assert not [name for _, attrs in tags for name, _ in attrs if name in ("src", "href")]
    assert "url(" not in page
    assert PERSON in page


def test_known_answer_of_rfc_8032() -> None:
    """Section 7.1, test 1, gives the public key of this seed."""
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert Signer(seed).public_key == public
    signature: Signature = Signer(seed).sign("use", b"statement")
    assert check_signature("use", b"statement", signature, {public}, ReceiptInvalid("no")) == b"statement"


def test_only_the_identity_opens(tmp_path: Path) -> None:
    recipient = make_identity(tmp_path / "identity")
    make_identity(tmp_path / "stranger")
    sealed, plain = BytesIO(), BytesIO()
    encrypt(BytesIO(WHOLE), sealed, recipient)
    decrypt(BytesIO(sealed.getvalue()), plain, tmp_path / "identity")
    assert plain.getvalue() == WHOLE
    with pytest.raises(WrongKey):
        decrypt(BytesIO(sealed.getvalue()), BytesIO(), tmp_path / "stranger")


@UNHURRIED
@given(st.binary(max_size=300))
def test_other_bytes_are_no_encrypted_backup(octets: bytes) -> None:
    with TemporaryDirectory() as folder:
        make_identity(Path(folder) / "identity")
        with pytest.raises((BackupUnusable, WrongKey)):
            decrypt(BytesIO(octets), BytesIO(), Path(folder) / "identity")
