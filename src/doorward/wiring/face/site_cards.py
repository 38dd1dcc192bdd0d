"""This site's card, and the sites whose fingerprint somebody compared."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from doorward.adapters.moving.card import (
    LARGEST,
    SiteCard,
    compared,
    current_card,
    is_site_name,
    signed_card,
    verified_card,
)
from doorward.errors import CardInvalid, Conflict, NotFound, WrongUse
from doorward.kernel.audit import Actor, AuditEntry
from doorward.kernel.ids import SiteId
from doorward.people.moving import LONGEST_NAME
from doorward.vault.moving import seal_for
from doorward.wiring.face.backup import signing_keys
from doorward.wiring.face.site import Site

_KIND = "known site"
_SETTING, _NAME = "setting", "site name"


@dataclass(frozen=True, slots=True)
class KnownSite:
    """``card_of``: when the newest card of it that was shown here was made."""

    site: SiteId
    name: str
    identity: str
    fingerprint: str
    since: datetime
    card_of: datetime


def own_card(site: Site, name: str | None = None) -> SiteCard:
    """A card made now. ``name``: what the site calls itself from now on; ``WrongUse`` when it cannot.

    Without one it keeps the name it has, or goes by the beginning of its id.
    """
    if name is not None and not is_site_name(name):
        raise WrongUse(f"A site's name has 1 to {LONGEST_NAME} printable characters; it stands in the other's log.")
    if name is not None:
        site.stores.grants.put(_SETTING, _NAME, {"name": name.strip()})
    held = site.stores.grants.get(_SETTING, _NAME)
    called = str(held["name"]) if held else f"site {site.settings.site[:8]}"
    recipient = site.stores.vault.moving().public_key()
    now = site.stores.vault.clock.now()
    return signed_card(site.settings.site, called, recipient, now, signing_keys(site).signer())


def read_card(path: Path) -> SiteCard:
    """The card in the file at ``path``; ``WrongUse`` when it cannot be read, ``CardInvalid`` when it is none."""
    try:
        with path.open("rb") as file:
            octets = file.read(LARGEST)
    except OSError:
        raise WrongUse(f"The card {path} cannot be read; check its name and rights.") from None
    return verified_card(octets)


class KnownSites:
    """Kept in granted rows: who writes the database makes no other site known."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._grants = site.stores.grants

    def all(self) -> Sequence[KnownSite]:
        return sorted((_known(name, row) for name, row in self._grants.all(_KIND)), key=lambda one: one.name.casefold())

    def get(self, site: SiteId) -> KnownSite | None:
        row = self._grants.get(_KIND, site)
        return None if row is None else _known(site, row)

    def introduced(self, actor: Actor, card: SiteCard, fingerprint: str) -> SiteCard:
        """``card`` itself, once ``fingerprint``, as somebody typed it, is its own; the site is known from then on.

        ``CardInvalid`` when it is not, or as in ``recognised``; ``Conflict`` for this site's own card.
        """
        compared(card.fingerprint, fingerprint)
        if card.site == self._site.settings.site:
            raise Conflict("That is this site's own card; name the other site's.")
        if self.get(card.site) is None:
            self._record(actor, f"site {card.name} known by its fingerprint {card.fingerprint}")
            self._put(card, self._site.stores.vault.clock.now())
        return self.recognised(card)

    def recognised(self, card: SiteCard) -> SiteCard:
        """``card`` itself; ``NotFound`` while the fingerprint of its site was not compared.

        ``CardInvalid`` when the site had another key then.
        """
        known = self.get(card.site)
        if known is None:
            raise NotFound(
                f"The site that calls itself “{card.name}” is not known here; ask it for its fingerprint by telephone, "
                "and run this again with --fingerprint."
            )
        if known.identity != card.identity:
            raise CardInvalid(
                "That site had another signing key when its fingerprint was compared; find out why, then "
                f"`doorward site forget {card.site}`."
            )
        return card

    def to_seal_for(self, actor: Actor, card: SiteCard, fingerprint: str) -> SiteCard:
        """``introduced``; ``CardInvalid`` too for a card that has ended, or is older than one seen before."""
        current_card(card, self._site.stores.vault.clock.now())
        try:
            seal_for(card.recipient, b"", b"")
        except ValueError:
            raise CardInvalid("The key on that card is none; ask the other site for a new one.") from None
        self.introduced(actor, card, fingerprint)
        known = self.get(card.site)
        if known is not None and card.made_at < known.card_of:
            raise CardInvalid("That card is older than one of that site's seen before; ask it for a new one.")
        if known is not None and card.made_at > known.card_of:
            self._put(card, known.since)
        return card

    def forget(self, actor: Actor, site: SiteId) -> KnownSite:
        """``NotFound`` when there is none of that id."""
        known = self.get(site)
        if known is None:
            raise NotFound("No such site is known here; `doorward site list` shows them.")
        self._record(actor, f"site {known.name} forgotten")
        self._grants.remove(_KIND, site)
        return known

    def _put(self, card: SiteCard, since: datetime) -> None:
        row = {
            "name": card.name,
            "identity": card.identity,
            "fingerprint": card.fingerprint,
            "since": since.isoformat(),
            "card_of": card.made_at.isoformat(),
        }
        self._grants.put(_KIND, card.site, row)

    def _record(self, actor: Actor, action: str) -> None:
        trail = self._site.stores.trail
        trail.record(AuditEntry(actor, action, None, self._site.stores.vault.clock.now()))


def _known(name: str, row: dict[str, str]) -> KnownSite:
    since, card_of = datetime.fromisoformat(row["since"]), datetime.fromisoformat(row["card_of"])
    return KnownSite(SiteId(name), row["name"], row["identity"], row["fingerprint"], since, card_of)
