"""Target: a wrapped key as it lies in keys.db."""

from doorward.errors import DoorwardError
from doorward.kernel.ids import SiteId
from doorward.vault.ports import KeyKind, WrappedKey
from doorward.vault.wrapping import LocalCipher, Wrapper
from fakes.clock import FakeClock, FakeRandomness

KEY_ID = "0b3e6c1a-5d51-4a6e-b0d4-6f2f6b1f9a77"
WRAPPER = Wrapper(SiteId("site"), LocalCipher(bytes(32)), FakeRandomness())
SEEDS = (WRAPPER.wrap(KEY_ID, KeyKind.PERSON, "ada", 1, bytes(32)),)


def decode(data: bytes) -> bytes:
    return WRAPPER.unwrap(WrappedKey(KEY_ID, KeyKind.PERSON, "ada", 1, FakeClock().now(), data))


def fuzz(data: bytes) -> None:
    try:
        decode(data)
    except DoorwardError:
        return
