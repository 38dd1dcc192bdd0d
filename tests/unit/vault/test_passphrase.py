"""Passphrases."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorward.errors import WrongUse
from doorward.vault.passphrase import CHEAPEST, SHORTEST_PASSPHRASE, Argon2Cost, check_new_passphrase, derive_key
from doorward.vault.ports import KEY_LENGTH

SALT = b"s" * 16


@given(passphrase=st.text(max_size=60), other=st.text(max_size=60))
@settings(deadline=None)
def test_any_text_gives_a_key_of_its_own(passphrase: str, other: str) -> None:
    key = derive_key(passphrase, SALT, CHEAPEST)
    assert len(key) == KEY_LENGTH
    assert derive_key(passphrase, SALT, CHEAPEST) == key
    assert derive_key(passphrase, b"t" * 16, CHEAPEST) != key
    assert derive_key(passphrase, SALT, Argon2Cost(16, 1, 1)) != key
    if passphrase.isascii() and other.isascii() and passphrase != other:
        assert derive_key(other, SALT, CHEAPEST) != key


def test_keyboards_may_compose_characters_differently() -> None:
    assert derive_key("caf\u00e9", SALT, CHEAPEST) == derive_key("cafe\u0301", SALT, CHEAPEST)


def test_a_passphrase_is_long_enough() -> None:
    assert check_new_passphrase("x" * SHORTEST_PASSPHRASE)
    with pytest.raises(WrongUse):
        check_new_passphrase("x" * (SHORTEST_PASSPHRASE - 1))
