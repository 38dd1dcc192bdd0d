"""Target: a site's card that somebody brings."""

from doorward.adapters.moving.card import SiteCard, encode_card, signed_card, verified_card
from doorward.errors import DoorwardError
from fuzz.manifest import NOON, SIGNER, SITE

RECIPIENT = bytes(range(256)) * 4 + bytes(192)
CARD = signed_card(SITE, "New building", RECIPIENT, NOON, SIGNER)
SEEDS = (encode_card(CARD), encode_card(signed_card(SITE, "Ünïcode", RECIPIENT, NOON, SIGNER)))


def decode(data: bytes) -> SiteCard:
    return verified_card(data)


def fuzz(data: bytes) -> None:
    """What is taken for a card is one again when it is handed on, under the same fingerprint."""
    try:
        held = decode(data)
    except DoorwardError:
        return
    again = decode(encode_card(held))
    assert again == held
    assert again.fingerprint == held.fingerprint
