"""The vault: person keys, hours, blind tags, granted rows."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import uuid4

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from doorward.errors import Conflict, PersonUnknown, Tampered
from doorward.kernel.ids import PersonId, SiteId
from doorward.people.person import Details, Document, Identifier, comparable
from doorward.vault.keyring import Keyring
from doorward.vault.vault import Cell, Vault, epoch_of
from fakes.clock import FakeClock, FakeRandomness
from fakes.key_provider import FakeKeyProvider
from fakes.key_store import FakeKeyStore
from known_people import UNHURRIED, person

ADA, BO = PersonId(str(uuid4())), PersonId(str(uuid4()))
CELL = Cell("persons", "record", "row")
HOUR = "2026-11-23T12"


def vault_over(store: FakeKeyStore, seed: int = 0) -> Vault:
    site = SiteId(str(uuid4()))
    clock, randomness = FakeClock(), FakeRandomness(seed)
    return Vault(site, Keyring.found(site, store, FakeKeyProvider(), clock, randomness), store, clock, randomness)


@pytest.fixture
def vault() -> Vault:
    made = vault_over(FakeKeyStore())
    made.admit(ADA)
    made.admit(BO)
    return made


def test_each_persons_records_open_with_their_own_key_only(vault: Vault) -> None:
    sealed = vault.seal_for_person(CELL, ADA, b"secret")
    assert vault.open_for_person(CELL, ADA, sealed) == b"secret"
    with pytest.raises(Tampered):
        vault.open_for_person(CELL, BO, sealed)


def test_shredding_leaves_noise_and_frees_the_index(vault: Vault) -> None:
    sealed = vault.seal_for_person(CELL, ADA, b"secret")
    vault.enter_index("badge", "7", ADA)
    with pytest.raises(Conflict):
        vault.enter_index("badge", "7", BO)
    vault.shred(ADA)
    assert not vault.knows(ADA)
    assert vault.knows(BO)
    vault.enter_index("badge", "7", BO)
    for act in (
        lambda: vault.open_for_person(CELL, ADA, sealed),
        lambda: vault.seal_for_person(CELL, ADA, b"more"),
        lambda: vault.trail(ADA).tag(0),
        lambda: vault.seal_for_epoch(CELL, HOUR, ADA, b"more"),
    ):
        with pytest.raises(PersonUnknown):
            act()


def test_a_passage_needs_both_the_hour_and_the_person(vault: Vault) -> None:
    sealed = vault.seal_for_epoch(CELL, HOUR, ADA, b"north")
    assert vault.open_for_epoch(CELL, HOUR, ADA, sealed) == b"north"
    with pytest.raises(Tampered):
        vault.open_for_epoch(CELL, HOUR, BO, sealed)
    vault.open_epoch("2026-11-23T13")
    with pytest.raises(Tampered):
        vault.open_for_epoch(CELL, "2026-11-23T13", ADA, sealed)
    vault.drop_epoch(HOUR)
    assert vault.open_for_epoch(CELL, HOUR, ADA, sealed) is None
    assert vault.epoch_tag(HOUR, ADA, 0) is None


def test_a_dropped_hour_that_comes_again_opens_nothing_old(vault: Vault) -> None:
    sealed = vault.seal_for_epoch(CELL, HOUR, ADA, b"north")
    vault.drop_epoch(HOUR)
    vault.open_epoch(HOUR)
    with pytest.raises(Tampered):
        vault.open_for_epoch(CELL, HOUR, ADA, sealed)


@UNHURRIED
@given(offset=st.integers(-12, 14), minutes=st.integers(0, 59))
def test_an_hour_is_the_same_in_every_zone(offset: int, minutes: int) -> None:
    moment = datetime(2026, 11, 23, 12, minutes, tzinfo=UTC)
    assert epoch_of(moment.astimezone(timezone(timedelta(hours=offset)))) == HOUR


def test_tags_never_repeat(vault: Vault) -> None:
    vault.open_epoch(HOUR)
    tags = {vault.epoch_tag(HOUR, who, number) for who in (ADA, BO) for number in range(50)}
    tags |= {vault.trail(who).tag(number) for who in (ADA, BO) for number in range(50)}
    assert len(tags) == 200


@UNHURRIED
@given(
    characters=st.lists(st.sampled_from("AZ09é"), min_size=1, max_size=12),
    separators=st.lists(st.sampled_from(["", " ", "-", "/", ".", "\u00a0"]), min_size=12, max_size=12),
    lower=st.booleans(),
)
def test_the_same_number_is_found_however_written(characters: list[str], separators: list[str], lower: bool) -> None:
    vault = vault_over(FakeKeyStore())
    plain = "".join(characters)
    written = "".join(a + b for a, b in zip(characters, separators, strict=False))
    written = written.lower() if lower else written
    holder = person(document=Document(plain))
    vault.enter_index("document", holder.identifiers()[Identifier.DOCUMENT], holder.id)
    assert vault.look_up("document", comparable(written)) == holder.id
    assert vault.look_up("badge", comparable(written)) is None
    assert vault.look_up("document", comparable(written + "1")) is None


@UNHURRIED
@given(number=st.text(max_size=30))
def test_the_comparable_form_is_stable(number: str) -> None:
    assert comparable(comparable(number)) == comparable(number)


def test_the_width_of_characters_makes_no_other_number() -> None:
    assert comparable("ＡＢ１２") == comparable("ab-12")
    assert person(badge_number="e\u0301 1").identifiers() == {Identifier.BADGE: comparable("É1")}
    assert person().details == Details()


def test_another_sites_key_gives_other_tags() -> None:
    stores = FakeKeyStore(), FakeKeyStore()
    vaults = [vault_over(store, seed) for seed, store in enumerate(stores)]
    tags = []
    for vault, store in zip(vaults, stores, strict=True):
        vault.enter_index("document", "X1", ADA)
        tags.append(next(tag for kind, tag in store._index))
    assert tags[0] != tags[1]
    assert all(b"X1" not in tag for tag in tags)


@UNHURRIED
@given(payload=st.binary(max_size=200), other=st.binary(max_size=200), generation=st.integers(2, 9))
def test_a_granted_row_is_bound_to_payload_and_place(payload: bytes, other: bytes, generation: int) -> None:
    vault = vault_over(FakeKeyStore())
    cell = Cell("grants", "token", "1")
    mac = vault.authenticate(cell, payload)
    assert vault.check(cell, payload, mac) == payload
    forgeries = [
        (Cell("grants", "token", "2"), payload, mac),
        (Cell("grants", "setting", "1"), payload, mac),
        (Cell("grants", "token", "1", generation), payload, mac),
        (cell, payload, b""),
        (cell, payload, mac.hex()),
    ]
    if other != payload:
        forgeries.append((cell, other, mac))
    for place, told, code in forgeries:
        with pytest.raises(Tampered):
            vault.check(place, told, code)


@UNHURRIED
@given(message=st.binary(max_size=200))
def test_the_audit_signature_is_the_same_vaults_and_no_other(message: bytes) -> None:
    keys, others = vault_over(FakeKeyStore()).log_signing(), vault_over(FakeKeyStore(), seed=1).log_signing()
    (public,), (foreign,) = keys.public_keys(), others.public_keys()
    signer = Ed25519PublicKey.from_public_bytes(public)
    signer.verify(keys.sign(message, public), message)
    with pytest.raises(InvalidSignature):
        signer.verify(others.sign(message, foreign), message)
    with pytest.raises(Tampered):
        keys.sign(message, foreign)


def test_both_signing_keys_are_held_until_the_old_one_is_forgotten() -> None:
    keys = vault_over(FakeKeyStore()).log_signing()
    (old,) = keys.public_keys()
    keys.renew()
    new, still = keys.public_keys()
    assert still == old
    assert keys.sign(b"x", old) != keys.sign(b"x", new)
    keys.forget_old()
    assert keys.public_keys() == (new,)
    with pytest.raises(Tampered):
        keys.sign(b"x", old)
