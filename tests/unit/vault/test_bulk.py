"""Sealing and opening in bulk makes and takes the very records that the single way does."""

from uuid import uuid4

import pytest

from doorward.errors import Conflict, Tampered
from doorward.kernel.ids import PersonId, SiteId
from doorward.vault.keyring import Keyring
from doorward.vault.vault import Cell, Vault
from fakes.clock import FakeClock, FakeRandomness
from fakes.key_provider import FakeKeyProvider
from fakes.key_store import FakeKeyStore

ADA, BO = PersonId(str(uuid4())), PersonId(str(uuid4()))
ROW = str(uuid4())


@pytest.fixture
def vault() -> Vault:
    clock, randomness, keys = FakeClock(), FakeRandomness(), FakeKeyStore()
    site = SiteId(str(uuid4()))
    return Vault(site, Keyring.found(site, keys, FakeKeyProvider(), clock, randomness), keys, clock, randomness)


@pytest.mark.parametrize("plaintext", [b"", b"x", bytes(range(256)) * 5])
def test_what_was_sealed_in_bulk_opens_singly(vault: Vault, plaintext: bytes) -> None:
    sealed = vault.admit_many([ADA, BO]).seal("persons", "record", ROW, ADA, plaintext)
    assert vault.open_for_person(Cell("persons", "record", ROW), ADA, sealed) == plaintext
    with pytest.raises(Tampered):
        vault.open_for_person(Cell("persons", "record", ROW, 2), ADA, sealed)


def test_what_was_sealed_singly_opens_in_bulk_at_its_place_alone(vault: Vault) -> None:
    vault.admit(ADA)
    sealed = vault.seal_for_person(Cell("persons", "record", ROW, 3), ADA, b"face")
    opener = vault.opener([ADA, BO])
    assert opener.open("persons", "record", ROW, ADA, 3, sealed) == b"face"
    assert opener.open("consents", "record", ROW, ADA, 3, sealed) is None
    assert opener.open("persons", "record", BO, ADA, 3, sealed) is None
    assert opener.open("persons", "record", ROW, ADA, 2, sealed) is None
    assert opener.open("persons", "record", ROW, BO, 3, sealed) is None
    assert opener.knows(ADA)
    assert not opener.knows(BO)


def test_no_altered_or_shortened_record_opens(vault: Vault) -> None:
    vault.admit(ADA)
    sealed = vault.seal_for_person(Cell("persons", "record", ROW), ADA, b"face")
    opener = vault.opener([ADA])
    for place in range(len(sealed)):
        altered = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        assert opener.open("persons", "record", ROW, ADA, 1, altered) is None
        assert opener.open("persons", "record", ROW, ADA, 1, sealed[:place]) is None
    for other in (None, "text", 7):
        assert opener.open("persons", "record", ROW, ADA, 1, other) is None


def test_a_renewed_person_opens_under_both_keys_until_the_old_one_is_forgotten(vault: Vault) -> None:
    sealer = vault.admit_many([ADA])
    sealed = sealer.seal("persons", "record", ROW, ADA, b"face")
    vault.renew_person(ADA)
    assert vault.opener([ADA]).open("persons", "record", ROW, ADA, 1, sealed) == b"face"
    vault.forget_old_key(ADA)
    assert vault.opener([ADA]).open("persons", "record", ROW, ADA, 1, sealed) is None


def test_all_are_admitted_or_none(vault: Vault) -> None:
    vault.admit_many([ADA], [("badge", "7", ADA)])
    assert vault.look_up("badge", "7") == ADA
    for people, numbers in (([BO, ADA], []), ([BO], [("badge", "7", BO)])):
        with pytest.raises(Conflict):
            vault.admit_many(people, numbers)
    assert not vault.knows(BO)
