"""Sealing passages in bulk: the very records and tags of the single way, and nothing kept that should be gone."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorward.kernel.ids import PersonId, SiteId
from doorward.vault.derivation import Code, code_over
from doorward.vault.keyring import Keyring
from doorward.vault.passages import Unsealed
from doorward.vault.ports import KeyKind
from doorward.vault.vault import Cell, Vault
from fakes.clock import FakeClock, FakeRandomness
from fakes.key_provider import FakeKeyProvider
from fakes.key_store import FakeKeyStore

ADA, BO = PersonId(str(uuid4())), PersonId(str(uuid4()))
HOUR, ROW = "2026-11-28T06", str(uuid4())


class CountedKeyStore(FakeKeyStore):
    """Counts how often people's keys are asked for."""

    asked = 0

    def of_owners(self, kind: KeyKind, owners: object) -> object:
        self.asked += 1
        return super().of_owners(kind, owners)  # type: ignore[arg-type] # as it was given


@pytest.fixture
def keys() -> CountedKeyStore:
    return CountedKeyStore()


@pytest.fixture
def vault(keys: CountedKeyStore) -> Vault:
    clock, randomness, site = FakeClock(), FakeRandomness(), SiteId(str(uuid4()))
    vault = Vault(site, Keyring.found(site, keys, FakeKeyProvider(), clock, randomness), keys, clock, randomness)
    for person in (ADA, BO):
        vault.admit(person)
    vault.open_epoch(HOUR)
    return vault


@given(st.binary(max_size=32), st.binary(max_size=80), st.binary(max_size=80))
def test_a_code_made_in_parts_is_the_code(key: bytes, first: bytes, second: bytes) -> None:
    code = Code(key, first)
    assert code.of(second) == code.of(second) == code_over(key, first, second)


def test_what_was_sealed_in_bulk_opens_singly_and_has_the_same_tag_and_name(vault: Vault) -> None:
    sealer = vault.passage_sealer({(HOUR, ADA), (HOUR, BO)})
    first, second = sealer.seal([Unsealed(ROW, HOUR, ADA, 0, b"north"), Unsealed(ROW, HOUR, BO, 7, b"south")])
    assert vault.open_for_epoch(Cell("passages", "record", ROW), HOUR, ADA, first.record) == b"north"
    assert vault.open_for_epoch(Cell("passages", "record", ROW), HOUR, BO, second.record) == b"south"
    assert second.tag == sealer.tag(HOUR, BO, 7) == vault.epoch_tag(HOUR, BO, 7)
    named = vault.passage_names(HOUR)
    assert named is not None
    key, of_hour = named
    assert (first.key, of_hour(vault.row_names(ADA)).opened(first.name)) == (key, (5, ROW))


def test_what_was_derived_is_kept_while_no_key_changes(vault: Vault, keys: CountedKeyStore) -> None:
    vault.passage_sealer({(HOUR, ADA)})
    asked = keys.asked
    vault.passage_sealer({(HOUR, ADA)})
    assert keys.asked == asked
    vault.passage_sealer({(HOUR, ADA), (HOUR, BO)})
    assert keys.asked > asked


@pytest.mark.parametrize(
    "gone",
    [
        lambda vault: vault.shred(ADA),
        lambda vault: vault.erase_many([ADA]),
        lambda vault: vault.drop_epoch(HOUR),
    ],
    ids=["person erased", "people erased", "hour dropped"],
)
def test_nobody_is_known_once_a_key_is_gone(vault: Vault, gone: Callable[[Vault], object]) -> None:
    assert vault.passage_sealer({(HOUR, ADA)}).knows(HOUR, ADA)
    gone(vault)
    assert not vault.passage_sealer({(HOUR, ADA)}).knows(HOUR, ADA)


def test_a_renewed_key_seals_from_then_on(vault: Vault) -> None:
    vault.passage_sealer({(HOUR, ADA)})
    vault.renew_person(ADA)
    vault.forget_old_key(ADA)
    (sealed,) = vault.passage_sealer({(HOUR, ADA)}).seal([Unsealed(ROW, HOUR, ADA, 0, b"north")])
    assert vault.open_for_epoch(Cell("passages", "record", ROW), HOUR, ADA, sealed.record) == b"north"


def test_nothing_is_kept_once_it_is_to_be_forgotten(vault: Vault, keys: CountedKeyStore) -> None:
    vault.passage_sealer({(HOUR, ADA)})
    asked = keys.asked
    vault.forget_passage_keys()
    vault.passage_sealer({(HOUR, ADA)})
    assert keys.asked > asked
