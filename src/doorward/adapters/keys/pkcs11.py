"""A security module or smart card as key provider, over PKCS #11 (OASIS, version 2.40).

The token makes an AES-256 key that never leaves it. Under that key (CKM_AES_CBC_PAD, a fresh initialisation vector)
it seals the key that wraps the site key; whoever has the settings but not the token and its PIN opens nothing. That
mechanism does not authenticate: the site key's own wrap, AES-256-GCM-SIV, does.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pkcs11
from pkcs11 import Attribute, KeyType, NoSuchKey, ObjectClass, PKCS11Error, Session

from doorward.errors import StorageError, WrongKey, WrongUse
from doorward.kernel.clock import Randomness
from doorward.vault.ports import KEY_LENGTH

_VECTOR_LENGTH = 16


class Pkcs11Provider:
    """``KeyProvider``: the token opens ``sealed``. The PIN is asked for when the key is needed, and not kept."""

    def __init__(self, module: Path, token: str, label: str, sealed: bytes, ask: Callable[[], str]) -> None:
        self._module = module
        self._token = token
        self._label = label
        self._sealed = sealed
        self._ask = ask

    def wrapping_key(self) -> bytes:
        vector, body = self._sealed[:_VECTOR_LENGTH], self._sealed[_VECTOR_LENGTH:]
        with _session(self._module, self._token, self._ask()) as session:
            try:
                opened = bytes(_key(session, self._label).decrypt(body, mechanism_param=vector))
            except PKCS11Error:
                raise WrongKey("The token does not hold this site's key; insert the right one.") from None
        if len(opened) != KEY_LENGTH:
            raise WrongKey("The token does not hold this site's key; insert the right one.")
        return opened


def make_token_key(module: Path, token: str, pin: str, randomness: Randomness) -> tuple[str, bytes]:
    """Make a key in the token; its label, and a new wrapping key sealed under it.

    ``WrongUse`` for a module or token that is not there, ``WrongKey`` for a wrong PIN, ``StorageError`` when the token
    cannot do what is needed.
    """
    label = f"doorward {randomness.uuid()}"
    vector, secret = randomness.octets(_VECTOR_LENGTH), randomness.octets(KEY_LENGTH)
    template = {Attribute.EXTRACTABLE: False, Attribute.SENSITIVE: True}
    with _session(module, token, pin, writing=True) as session:
        try:
            session.generate_key(KeyType.AES, 256, label=label, store=True, template=template)
            return label, vector + bytes(_key(session, label).encrypt(secret, mechanism_param=vector))
        except PKCS11Error:
            raise StorageError("The token cannot keep an AES key; free some room on it, or use another.") from None


def remove_token_key(module: Path, token: str, label: str, pin: str) -> None:
    """Destroy the key in the token; errors as in ``make_token_key``."""
    with _session(module, token, pin, writing=True) as session:
        try:
            _key(session, label).destroy()
        except PKCS11Error:
            raise StorageError("The token did not destroy its key; remove it with the token's own tools.") from None


def _key(session: Session, label: str) -> Any:
    """The token's key of that label, untyped: what it can do is known to the token only."""
    wanted = {Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.KEY_TYPE: KeyType.AES, Attribute.LABEL: label}
    found = list(session.get_objects(wanted))  # a search that is not read to its end fails when the session closes
    if len(found) != 1:
        raise NoSuchKey
    return found[0]


@contextmanager
def _session(module: Path, token: str, pin: str, *, writing: bool = False) -> Iterator[Session]:
    try:
        held = pkcs11.lib(str(module)).get_token(token_label=token)
    except (pkcs11.NoSuchToken, pkcs11.MultipleTokensReturned):
        raise WrongUse(f"No token, or more than one, is labelled {token}; insert it, or name another.") from None
    except PKCS11Error:
        raise WrongUse(f"{module} cannot be loaded as a PKCS #11 module; name the module's file.") from None
    try:
        session = held.open(rw=writing, user_pin=pin)
    except PKCS11Error:
        raise WrongKey("The token refused the PIN; check it before it locks.") from None
    with session:
        yield session
