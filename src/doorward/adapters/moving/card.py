"""A site's card: what another site needs to seal people for it, signed by the site, and told apart by a fingerprint.

The fingerprint stands for the site's id and its signing key, which stay as long as the site lives. The key that people
are sealed under is renewed now and then; the signature says whose it is.
"""

import hmac
import json
from base64 import b32encode, b64decode, b64encode
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from doorward.adapters.signing import Signature, Signer, check_signature
from doorward.errors import CardInvalid
from doorward.kernel.ids import SiteId
from doorward.people.moving import LONGEST_NAME
from doorward.people.person import is_plain

FORMAT = 1
USE = "site card"
LARGEST = 16_384
"""Bytes of a card that are read."""
LIFETIME = timedelta(days=90)
"""How long a card is taken: an older one may name a key that was given up."""

_RECIPIENT_LENGTH = 1216
_FINGERPRINT_OCTETS = 20
"""160 bits: making another site's key that fits takes 2^160 tries."""
_GROUP = 4
_NO_CARD = "That is no site's card, or it was altered; ask the other site for the output of `doorward site card`."


@dataclass(frozen=True, slots=True)
class SiteCard:
    """``name``: what the site calls itself. ``recipient``: the public key that people are sealed under.

    ``identity``: the Ed25519 key (hexadecimal) with which the site signs what it sends and its receipts.
    """

    site: SiteId
    name: str
    recipient: bytes
    identity: str
    made_at: datetime
    signature: Signature | None = None

    @property
    def fingerprint(self) -> str:
        """Eight groups of four letters and digits, to be compared by voice or on paper."""
        digest = sha256(f"doorward site 1\n{self.site}\n{self.identity}".encode()).digest()
        letters = b32encode(digest[:_FINGERPRINT_OCTETS]).decode()
        return "-".join(letters[place : place + _GROUP] for place in range(0, len(letters), _GROUP))

    @property
    def ends_at(self) -> datetime:
        return self.made_at + LIFETIME

    def statement(self) -> bytes:
        """What the signature covers: canonical JSON."""
        held = {
            "format": FORMAT,
            "kind": USE,
            "site": self.site,
            "name": self.name,
            "recipient": b64encode(self.recipient).decode(),
            "identity": self.identity,
            "made_at": self.made_at.isoformat(),
        }
        return json.dumps(held, sort_keys=True, separators=(",", ":")).encode()


def signed_card(site: SiteId, name: str, recipient: bytes, made_at: datetime, signer: Signer) -> SiteCard:
    card = SiteCard(site, name, recipient, signer.public_key, made_at)
    return replace(card, signature=signer.sign(USE, card.statement()))


def encode_card(card: SiteCard) -> bytes:
    """A text that can be mailed or printed; nothing in it is secret."""
    signature = card.signature and asdict(card.signature)
    return json.dumps({**json.loads(card.statement()), "signature": signature}, indent=2).encode() + b"\n"


def verified_card(octets: bytes) -> SiteCard:
    """The card; ``CardInvalid`` when it is none, or the key that it names did not sign it as it is.

    Whose key that is the fingerprint says alone: compare it.
    """
    card = _decoded(octets)
    refusal = CardInvalid(_NO_CARD)
    check_signature(USE, card.statement(), card.signature, {card.identity}, refusal)
    return card


def current_card(card: SiteCard, now: datetime) -> SiteCard:
    """``card`` itself; ``CardInvalid`` when it is older than ``LIFETIME``."""
    if now >= card.ends_at:
        raise CardInvalid(f"That card ended on {card.ends_at:%Y-%m-%d}; ask the other site for a new one.")
    return card


def compared(shown: str, typed: str) -> str:
    """``shown`` itself; ``CardInvalid`` unless the fingerprint that somebody ``typed`` is the same."""
    if not hmac.compare_digest(_letters(shown), _letters(typed)):
        raise CardInvalid(
            "The fingerprint is not that of the site which signed this; ask that site by telephone for theirs, and go "
            "on only when both are the same."
        )
    return shown


def _letters(fingerprint: str) -> bytes:
    return "".join(character for character in fingerprint.upper() if character.isalnum()).encode()


def _decoded(octets: bytes) -> SiteCard:
    try:
        held = json.loads(octets)
        if held["format"] != FORMAT or held["kind"] != USE:
            raise ValueError
        name, identity, recipient = held["name"], held["identity"], b64decode(held["recipient"], validate=True)
        is_key = len(recipient) == _RECIPIENT_LENGTH and bytes.fromhex(identity).hex() == identity
        if not is_site_name(name) or not is_key:
            raise ValueError
        made_at = datetime.fromisoformat(held["made_at"])
        if made_at.tzinfo is None:
            raise ValueError
        signature = Signature(str(held["signature"]["public_key"]), str(held["signature"]["value"]))
        return SiteCard(SiteId(str(UUID(held["site"]))), name, recipient, identity, made_at, signature)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError, OverflowError):
        raise CardInvalid(_NO_CARD) from None


def is_site_name(name: object) -> bool:
    """Whether a site may be called that: 1 to ``LONGEST_NAME`` characters, none of which breaks a line."""
    return isinstance(name, str) and 0 < len(name.strip()) <= LONGEST_NAME and is_plain(name)
