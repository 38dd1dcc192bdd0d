"""A row's name: always the same for who has the person's key, noise to everybody else."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorward.errors import PersonUnknown
from doorward.kernel.ids import PersonId, SiteId
from doorward.vault.keyring import Keyring
from doorward.vault.row_names import NAME_LENGTH, RowKind, RowNames
from doorward.vault.vault import Vault
from fakes.clock import FakeClock, FakeRandomness
from fakes.key_provider import FakeKeyProvider
from fakes.key_store import FakeKeyStore

ADA, BO = PersonId(str(uuid4())), PersonId(str(uuid4()))
SITE = SiteId(str(uuid4()))
ROW = "7d444840-9dc0-11d1-b245-5ffdce74fad2"
HOUR = "2026-11-23T12"


@pytest.fixture
def vault() -> Vault:
    clock, randomness, keys = FakeClock(), FakeRandomness(), FakeKeyStore()
    vault = Vault(SITE, Keyring.found(SITE, keys, FakeKeyProvider(), clock, randomness), keys, clock, randomness)
    vault.admit(BO)
    return vault


@given(st.sampled_from(RowKind), st.uuids(), st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_a_name_is_opened_by_its_own_key_alone(kind: RowKind, row: UUID, secret: bytes, other: bytes) -> None:
    names = RowNames(SITE, secret)
    name = names.name(kind, str(row))
    assert len(name) == NAME_LENGTH
    assert name == RowNames(SITE, secret).name(kind, str(row))
    assert names.opened(name) == (kind, str(row))
    assert row.bytes not in name
    for elsewhere in (
        RowNames(SiteId("other"), secret),
        names.of_epoch(other),
        *([RowNames(SITE, other)] * (other != secret)),
    ):
        assert elsewhere.opened(name) is None


@pytest.mark.parametrize("row", ["", "x", "0123", ROW + "00", "not-hexadecimal"])
def test_only_a_uuid_has_a_name(row: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever it says
        RowNames(SITE, bytes(32)).name(RowKind.PERSON, row)


def test_singly_in_bulk_and_of_many_a_row_has_one_name_and_keeps_it_when_the_key_is_renewed(vault: Vault) -> None:
    rows = [(RowKind.PERSON, ADA), (RowKind.CONSENT, ROW)]
    in_bulk = vault.admit_many([ADA]).row_names(ADA, rows)
    for _ in range(3):
        assert [vault.row_names(ADA).name(*row) for row in rows] == in_bulk
        many = dict(vault.row_names_of([ADA, BO, PersonId(str(uuid4()))]))
        assert many.keys() == {ADA, BO}
        assert [many[ADA].name(*row) for row in rows] == in_bulk
        assert many[BO].opened(in_bulk[0]) is None
        vault.renew_person(ADA)
        vault.forget_old_key(ADA)


def test_who_is_erased_has_no_names(vault: Vault) -> None:
    vault.shred(BO)
    assert dict(vault.row_names_of([BO])) == {}
    with pytest.raises(PersonUnknown):
        vault.row_names(BO)


def test_a_passage_is_named_under_its_hour_too(vault: Vault) -> None:
    assert vault.passage_names(HOUR) is None
    vault.open_epoch(HOUR)
    key, of_epoch = vault.passage_names(HOUR) or ("", lambda names: names)
    assert vault.epoch_keys() == {key: HOUR}
    name = of_epoch(vault.row_names(BO)).name(RowKind.PASSAGE, ROW)
    assert of_epoch(vault.row_names(BO)).opened(name) == (RowKind.PASSAGE, ROW)
    vault.drop_epoch(HOUR)
    vault.open_epoch(HOUR)
    again, of_epoch = vault.passage_names(HOUR) or ("", lambda names: names)
    assert again != key
    assert of_epoch(vault.row_names(BO)).opened(name) is None, "the hour's key was dropped: nobody opens it again"


def test_tags_of_many_are_those_of_one(vault: Vault) -> None:
    assert vault.tagger(HOUR) is None
    vault.open_epoch(HOUR)
    tag_of = vault.tagger(HOUR)
    assert tag_of is not None
    assert [tag_of(BO, number) for number in range(3)] == [vault.epoch_tag(HOUR, BO, number) for number in range(3)]
