"""Known answers for what the vault composes itself: made by tests/vectors/make_vectors.py from raw primitives."""

import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from argon2.low_level import core, ffi, lib

from doorward.errors import DoorwardError, Tampered
from doorward.kernel.ids import PersonId, SiteId
from doorward.vault.bulk import BulkOpener
from doorward.vault.envelope import Place, open_sealed, seal
from doorward.vault.keyring import Key, Keyring
from doorward.vault.passphrase import Argon2Cost, derive_key
from doorward.vault.ports import KeyKind, WrappedKey
from doorward.vault.snapshots import SnapshotCipher
from doorward.vault.vault import Cell, Vault
from doorward.vault.wrapping import LocalCipher, Wrapper
from fakes.clock import FakeClock, FakeRandomness
from fakes.key_provider import FakeKeyProvider
from fakes.key_store import FakeKeyStore
from shared_data import REPOSITORY
from vectors.make_vectors import encoded, files, octets

VECTORS = REPOSITORY / "tests" / "vectors"


class Chosen(FakeRandomness):
    """Gives the nonce that the vector names."""

    def __init__(self, nonce: str) -> None:
        super().__init__()
        self._nonce = bytes.fromhex(nonce)

    def octets(self, length: int) -> bytes:
        assert length == len(self._nonce)
        return self._nonce


def read(name: str) -> Any:
    return json.loads((VECTORS / name).read_text())


def cases(name: str, *, valid: bool) -> Any:
    held = [case for case in read(name) if case["valid"] is valid]
    return pytest.mark.parametrize("case", held, ids=lambda case: case["comment"])


@pytest.mark.parametrize("name", files())
def test_the_generator_makes_the_files_that_are_kept(name: str) -> None:
    assert encoded(files()[name]) == (VECTORS / name).read_text()


def envelope_of(case: dict[str, Any]) -> tuple[bytes, str, Place]:
    return bytes.fromhex(case["key"]), case["key_id"], Place(**case["place"])


def opened_in_bulk(case: dict[str, Any]) -> bytes | None:
    key, key_id, place = envelope_of(case)
    opener = BulkOpener(SiteId(place.site), [(place.person, Key(key_id, key))])
    sealed = bytes.fromhex(case["sealed"])
    return opener.open(place.table, place.column, place.row, PersonId(place.person), place.generation, sealed)


@cases("envelope.json", valid=True)
def test_an_envelope_is_sealed_as_known_and_opens(case: dict[str, Any]) -> None:
    if "plaintext" in case:
        plaintext = bytes.fromhex(case["plaintext"])
    else:
        plaintext = octets(case["plaintext_label"], case["plaintext_length"])
    sealed = seal(*envelope_of(case), plaintext, Chosen(case["nonce"]))
    if "sealed" in case:
        assert sealed.hex() == case["sealed"]
        assert opened_in_bulk(case) == plaintext
    else:
        assert sha256(sealed).hexdigest() == case["sealed_sha256"]
    assert open_sealed(*envelope_of(case), sealed) == plaintext


@cases("envelope.json", valid=False)
def test_no_other_envelope_opens(case: dict[str, Any]) -> None:
    with pytest.raises(Tampered):
        open_sealed(*envelope_of(case), bytes.fromhex(case["sealed"]))
    assert opened_in_bulk(case) is None


def wrap_of(case: dict[str, Any]) -> WrappedKey:
    kind, wrapped = KeyKind(case["kind"]), bytes.fromhex(case["wrapped"])
    return WrappedKey(case["key_id"], kind, case["owner"], case["version"], FakeClock().now(), wrapped)


def wrapper_of(case: dict[str, Any]) -> Wrapper:
    randomness = Chosen(case["nonce"]) if "nonce" in case else FakeRandomness()
    return Wrapper(SiteId(case["site"]), LocalCipher(bytes.fromhex(case["key"])), randomness)


@cases("wrapping.json", valid=True)
def test_a_key_is_wrapped_as_known_and_unwrapped(case: dict[str, Any]) -> None:
    secret = bytes.fromhex(case["secret"])
    bound = (case["key_id"], KeyKind(case["kind"]), case["owner"], case["version"])
    assert wrapper_of(case).wrap(*bound, secret).hex() == case["wrapped"]
    assert wrapper_of(case).unwrap(wrap_of(case)) == secret


@cases("wrapping.json", valid=False)
def test_no_other_wrap_opens(case: dict[str, Any]) -> None:
    with pytest.raises(Tampered):
        wrapper_of(case).unwrap(wrap_of(case))


def chunk_of(case: dict[str, Any]) -> tuple[SnapshotCipher, int, bool]:
    key = Key(case["key_id"], bytes.fromhex(case["key"]))
    return SnapshotCipher(SiteId(case["site"]), case["snapshot"], key), case["number"], case["is_last"]


@cases("snapshot.json", valid=True)
def test_a_chunk_is_sealed_as_known_and_opens(case: dict[str, Any]) -> None:
    cipher, number, is_last = chunk_of(case)
    plaintext = bytes.fromhex(case["plaintext"])
    assert cipher.seal(number, plaintext, is_last=is_last).hex() == case["sealed"]
    assert cipher.open(number, bytes.fromhex(case["sealed"]), is_last=is_last) == plaintext


@cases("snapshot.json", valid=False)
def test_no_other_chunk_opens(case: dict[str, Any]) -> None:
    cipher, number, is_last = chunk_of(case)
    with pytest.raises(Tampered):
        cipher.open(number, bytes.fromhex(case["sealed"]), is_last=is_last)


KNOWN = read("vault.json")
ADA = PersonId(KNOWN["person"])


@pytest.fixture
def store() -> FakeKeyStore:
    return FakeKeyStore()


@pytest.fixture
def vault(store: FakeKeyStore) -> Vault:
    """A vault that holds the keys of the vectors, and whose next nonce is the known passage's."""
    site, clock = SiteId(KNOWN["site"]), FakeClock()
    keyring = Keyring.found(site, store, FakeKeyProvider(), clock, FakeRandomness())
    wrapper = keyring.site_keys.wrapper(1)
    owners = {"person": ADA, "epoch": KNOWN["epoch"]}
    for name, secret in KNOWN["keys"].items():
        kind, owner = KeyKind(name), owners.get(name, "")
        key_id = KNOWN["key_id"] if name == "grants" else FakeRandomness(len(name)).uuid()
        wrapped = wrapper.wrap(key_id, kind, owner, 1, bytes.fromhex(secret))
        store.add(WrappedKey(key_id, kind, owner, 1, clock.now(), wrapped))
    return Vault(site, keyring, store, clock, Chosen(KNOWN["passage"]["nonce"]))


def cell_of(place: dict[str, Any]) -> Cell:
    return Cell(place["table"], place["column"], place["row"], place["generation"])


def test_a_passage_lies_under_both_keys_joined(vault: Vault) -> None:
    known = KNOWN["passage"]
    cell, plaintext = cell_of(known["cell"]), bytes.fromhex(known["plaintext"])
    assert vault.seal_for_epoch(cell, KNOWN["epoch"], ADA, plaintext).hex() == known["sealed"]
    assert vault.open_for_epoch(cell, KNOWN["epoch"], ADA, bytes.fromhex(known["sealed"])) == plaintext


@pytest.mark.parametrize("comment", KNOWN["passage"]["invalid"])
def test_no_other_key_opens_a_passage(vault: Vault, comment: str) -> None:
    sealed = bytes.fromhex(KNOWN["passage"]["invalid"][comment])
    with pytest.raises(Tampered):
        vault.open_for_epoch(cell_of(KNOWN["passage"]["cell"]), KNOWN["epoch"], ADA, sealed)


@pytest.mark.parametrize("change", [{"row": "x"}, {"table": "persons"}, {"column": "photo"}, {"generation": 2}])
def test_a_passage_opens_at_its_place_alone(vault: Vault, change: dict[str, Any]) -> None:
    moved = replace(cell_of(KNOWN["passage"]["cell"]), **change)
    with pytest.raises(Tampered):
        vault.open_for_epoch(moved, KNOWN["epoch"], ADA, bytes.fromhex(KNOWN["passage"]["sealed"]))


def test_blind_tags_are_as_known(vault: Vault, store: FakeKeyStore) -> None:
    tags: dict[str, Callable[[int], bytes | None]] = {
        "epoch_tags": lambda number: vault.epoch_tag(KNOWN["epoch"], ADA, number),
        "audit_tags": lambda number: vault.trail(ADA).tag(number),
    }
    for name, tag in tags.items():
        assert {number: (tag(int(number)) or b"").hex() for number in KNOWN[name]} == KNOWN[name]
    for known in KNOWN["blind_tags"]:
        assert vault.look_up(known["kind"], known["value"]) is None
        store.index(known["kind"], bytes.fromhex(known["tag"]), ADA)
        assert vault.look_up(known["kind"], known["value"]) == ADA


@pytest.mark.parametrize("comment", KNOWN["grants"]["codes"])
def test_a_granting_row_has_its_own_code(vault: Vault, comment: str) -> None:
    known = KNOWN["grants"]
    cell, payload, code = cell_of(known["cell"]), bytes.fromhex(known["payload"]), known["codes"][comment]
    if comment == "valid":
        assert vault.authenticate(cell, payload).hex() == code
        assert vault.check(cell, payload, bytes.fromhex(code)) == payload
    else:
        with pytest.raises(DoorwardError):
            vault.check(cell, payload, bytes.fromhex(code))


@pytest.mark.parametrize("case", read("passphrase.json"), ids=lambda case: ascii(case["passphrase"])[:20])
def test_a_passphrase_gives_the_known_key(case: dict[str, Any]) -> None:
    cost = Argon2Cost(case["memory_kib"], case["passes"], case["lanes"])
    assert derive_key(case["passphrase"], bytes.fromhex(case["salt"]), cost).hex() == case["key"]


def test_the_library_gives_the_answer_of_rfc_9106() -> None:
    """Section 5.3. Its secret and associated data are nothing that a site uses: the library is asked itself."""
    parts = [
        ffi.new("uint8_t[]", octet * length) for octet, length in ((b"\1", 32), (b"\2", 16), (b"\3", 8), (b"\4", 12))
    ]
    out = ffi.new("uint8_t[]", 32)
    context = ffi.new("argon2_context*", {"version": 0x13, "out": out, "outlen": 32})
    context.pwd, context.pwdlen = parts[0], 32
    context.salt, context.saltlen = parts[1], 16
    context.secret, context.secretlen = parts[2], 8
    context.ad, context.adlen = parts[3], 12
    context.t_cost, context.m_cost, context.lanes, context.threads = 3, 32, 4, 4
    assert core(context, lib.Argon2_id) == lib.ARGON2_OK
    assert bytes(ffi.buffer(out, 32)).hex() == "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"
