"""``KeyProvider`` with a key chosen by the test."""


class FakeKeyProvider:
    def __init__(self, key: bytes = b"k" * 32) -> None:
        self._key = key

    def wrapping_key(self) -> bytes:
        return self._key
