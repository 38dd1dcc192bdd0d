"""From passphrase to key: Argon2id (RFC 9106) with named, recorded cost parameters."""

import unicodedata
from dataclasses import dataclass

from argon2.low_level import Type, hash_secret_raw

from doorward.errors import WrongUse
from doorward.vault.ports import KEY_LENGTH

SHORTEST_PASSPHRASE = 12
"""Characters. NIST SP 800-63B-4 asks for 15 where it is the only factor and 8 beside another."""

SALT_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Argon2Cost:
    """``memory_kib`` KiB, ``passes`` and ``lanes``, as recorded with the site and raised over time."""

    memory_kib: int
    passes: int
    lanes: int


RFC_9106_SECOND = Argon2Cost(memory_kib=65_536, passes=3, lanes=4)
"""RFC 9106, section 4, the second recommended option, for hosts where 2 GiB is too much."""

CHEAPEST = Argon2Cost(memory_kib=8, passes=1, lanes=1)
"""For tests, and for sites of nobody that are thrown away; it protects nothing."""


def raised(cost: Argon2Cost) -> Argon2Cost:
    """What a site made with ``cost`` should use today: nothing in it lower than today's. ``CHEAPEST`` stays."""
    if cost == CHEAPEST:
        return cost
    today = RFC_9106_SECOND
    return Argon2Cost(
        max(cost.memory_kib, today.memory_kib), max(cost.passes, today.passes), max(cost.lanes, today.lanes)
    )


def derive_key(passphrase: str, salt: bytes, cost: Argon2Cost) -> bytes:
    """``KEY_LENGTH`` bytes from ``passphrase`` (compared in Unicode's NFKC form) and the site's salt."""
    secret = unicodedata.normalize("NFKC", passphrase).encode(errors="surrogatepass")
    return hash_secret_raw(secret, salt, cost.passes, cost.memory_kib, cost.lanes, KEY_LENGTH, Type.ID)


def check_new_passphrase(passphrase: str) -> str:
    """The passphrase itself; ``WrongUse`` when it is too short to found a site on."""
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise WrongUse(
            f"The passphrase is too short: use at least {SHORTEST_PASSPHRASE} characters, such as five random words."
        )
    return passphrase
