"""Secrets in pages of their own."""

import resource
from pathlib import Path
from uuid import uuid4

import pytest

from doorward.errors import Sealed
from doorward.vault.keyring import Keyring
from doorward.vault.memory import LockedSecret
from doorward.vault.ports import KeyKind
from fakes.clock import FakeClock, FakeRandomness
from fakes.key_provider import FakeKeyProvider
from fakes.key_store import FakeKeyStore

SMAPS = Path("/proc/self/smaps")


def test_gives_back_what_it_was_given_until_it_is_wiped() -> None:
    secret = LockedSecret(b"s" * 32)
    assert secret.octets() == b"s" * 32
    secret.wipe()
    secret.wipe()
    assert secret.is_wiped
    with pytest.raises(ValueError, match="closed"):
        secret.octets()


@pytest.mark.skipif(not SMAPS.exists(), reason="only Linux shows the flags of a page")
def test_is_locked_and_left_out_of_core_dumps_where_the_system_allows() -> None:
    before = flags()
    secret = LockedSecret(b"s" * 32)
    allowed = resource.getrlimit(resource.RLIMIT_MEMLOCK)[0] != 0
    assert secret.is_locked == allowed
    assert flags()["dd"] > before["dd"]
    assert (flags()["lo"] > before["lo"]) == allowed
    secret.wipe()


def flags() -> dict[str, int]:
    """KiB of memory under each flag."""
    counted = dict.fromkeys(("dd", "lo"), 0)
    size = 0
    for line in SMAPS.read_text().splitlines():
        name, _, value = line.partition(":")
        if name == "Size":
            size = int(value.split()[0])
        if name == "VmFlags":
            for flag in counted:
                counted[flag] += size * (flag in value.split())
    return counted


def test_a_closed_keyring_gives_no_key() -> None:
    store = FakeKeyStore()
    keyring = Keyring.found(str(uuid4()), store, FakeKeyProvider(), FakeClock(), FakeRandomness())
    keyring.create(KeyKind.PERSON, "ada")
    keyring.site_keys.close()
    with pytest.raises(Sealed):
        keyring.get(KeyKind.PERSON, "ada")
    with pytest.raises(Sealed):
        keyring.create(KeyKind.PERSON, "bo")
