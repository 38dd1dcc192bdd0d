"""Calls of a ``KeyStore`` and their answers in CBOR: what there is of ours bears a tag of its own."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import cbor2

from doorward.adapters.unix_socket.messages import MessageInvalid
from doorward.kernel.ids import PersonId
from doorward.vault.ports import IndexEntry, KeyCount, KeyKind, KeyState, KeyStore, WrappedKey

CALLS = frozenset(name for name, value in vars(KeyStore).items() if not name.startswith("_") and callable(value))
"""The names of all that a key store can be asked."""

_DEEPEST = 8
_KIND, _STATE, _KEY, _ENTRY, _COUNT = 0xD00A, 0xD00B, 0xD00C, 0xD00D, 0xD00E


def encoded(value: object) -> bytes:
    return cbor2.dumps(_plain(value))


def decoded(octets: bytes) -> Any:
    """``MessageInvalid`` unless ``octets`` are what ``encoded`` gives."""
    try:
        return _ours(cbor2.loads(octets, max_depth=_DEEPEST, allow_indefinite=False))
    except (cbor2.CBORError, ValueError, TypeError, OverflowError, RecursionError):
        raise MessageInvalid from None


def call_of(octets: bytes) -> tuple[str, Sequence[Any]]:
    """The name of a call and its arguments; ``MessageInvalid`` when there is no such call."""
    held = decoded(octets)
    if not isinstance(held, list) or len(held) != 2:
        raise MessageInvalid
    name, arguments = held
    if not isinstance(name, str) or name not in CALLS or not isinstance(arguments, list):
        raise MessageInvalid
    return name, arguments


def _plain(value: object) -> object:
    match value:
        case KeyKind() | KeyState():
            return cbor2.CBORTag(_KIND if isinstance(value, KeyKind) else _STATE, value.value)
        case WrappedKey():
            cells = (value.id, value.kind.value, value.owner, value.version, value.created_at.isoformat())
            return cbor2.CBORTag(_KEY, [*cells, value.wrapped, value.state.value, value.wrapped_by])
        case IndexEntry():
            return cbor2.CBORTag(_ENTRY, [value.kind, value.tag, value.person, value.version])
        case KeyCount():
            of = (value.kind.value, value.version, value.state.value)
            return cbor2.CBORTag(_COUNT, [*of, value.wrapped_by, value.count, value.oldest.isoformat()])
        case str() | bytes() | int() | None:
            return value
        case Mapping():
            return {_plain(key): _plain(held) for key, held in value.items()}
        case Sequence() | Iterator():
            return [_plain(one) for one in value]
    raise TypeError(type(value).__name__)


def _ours(value: Any) -> Any:
    if isinstance(value, list):
        return [_ours(one) for one in value]
    if isinstance(value, Mapping):
        return {key: _ours(held) for key, held in value.items()}
    if isinstance(value, cbor2.CBORTag):
        return _TAGGED[value.tag](value.value) if value.tag in _TAGGED else _refused(value)
    return value if isinstance(value, str | bytes | int | None) else _refused(value)


def _refused(_value: object) -> Any:
    raise MessageInvalid


def _key(cells: Any) -> WrappedKey:
    key_id, kind, owner, version, created_at, wrapped, state, wrapped_by = cells
    _require(str, key_id, kind, owner, created_at, state)
    _require(int, version, wrapped_by)
    _require(bytes, wrapped)
    made = datetime.fromisoformat(created_at)
    return WrappedKey(key_id, KeyKind(kind), owner, version, made, wrapped, KeyState(state), wrapped_by)


def _entry(cells: Any) -> IndexEntry:
    kind, tag, person, version = cells
    _require(str, kind, person)
    _require(bytes, tag)
    _require(int, version)
    return IndexEntry(kind, tag, PersonId(person), version)


def _count(cells: Any) -> KeyCount:
    kind, version, state, wrapped_by, count, oldest = cells
    _require(int, version, wrapped_by, count)
    return KeyCount(KeyKind(kind), version, KeyState(state), wrapped_by, count, datetime.fromisoformat(oldest))


def _require(kind: type, *values: object) -> None:
    if not all(type(value) is kind for value in values):
        raise MessageInvalid


_TAGGED: Mapping[int, Callable[[Any], object]] = {
    _KIND: KeyKind,
    _STATE: KeyState,
    _KEY: _key,
    _ENTRY: _entry,
    _COUNT: _count,
}
