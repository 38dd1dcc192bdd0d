"""A snapshot's chunks open at their number alone, the last one only as the last, and only while its key is there."""

from uuid import uuid4

import pytest

from doorward.errors import Tampered
from doorward.kernel.ids import PersonId, SiteId
from doorward.vault.keyring import Keyring
from doorward.vault.vault import Vault
from fakes.clock import FakeClock, FakeRandomness
from fakes.key_provider import FakeKeyProvider
from fakes.key_store import FakeKeyStore

SNAPSHOT, OTHER = str(uuid4()), str(uuid4())


@pytest.fixture
def vault() -> Vault:
    clock, randomness, keys = FakeClock(), FakeRandomness(), FakeKeyStore()
    site = SiteId(str(uuid4()))
    return Vault(site, Keyring.found(site, keys, FakeKeyProvider(), clock, randomness), keys, clock, randomness)


@pytest.mark.parametrize("is_last", [True, False])
def test_a_chunk_opens_at_its_number_and_end_alone(vault: Vault, is_last: bool) -> None:
    cipher = vault.snapshots().create(SNAPSHOT)
    sealed = cipher.seal(3, b"faces", is_last=is_last)
    held = vault.snapshots().get(SNAPSHOT)
    assert held is not None
    assert held.open(3, sealed, is_last=is_last) == b"faces"
    for number, end in ((2, is_last), (4, is_last), (3, not is_last)):
        with pytest.raises(Tampered):
            cipher.open(number, sealed, is_last=end)
    with pytest.raises(Tampered):
        vault.snapshots().create(OTHER).open(3, sealed, is_last=is_last)


def test_who_is_shredded_or_renewed_takes_every_snapshot_along(vault: Vault) -> None:
    ada = PersonId(str(uuid4()))
    vault.admit(ada)
    vault.snapshots().create(SNAPSHOT)
    vault.renew_person(ada)
    vault.forget_old_key(ada)
    assert vault.snapshots().get(SNAPSHOT) is None
    vault.snapshots().create(SNAPSHOT)
    vault.shred(ada)
    assert vault.snapshots().held() == ()
