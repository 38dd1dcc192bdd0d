"""Erasing a person, with a receipt to hand out, and what a receipt is checked against."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from doorward.adapters.backup.files import write_whole
from doorward.adapters.backup.receipts import (
    LARGEST,
    Receipt,
    encode_receipt,
    receipt_page,
    sign_receipt,
    verified_receipt,
)
from doorward.adapters.stores.face.erasure_ledger import SqlErasureLedger
from doorward.errors import KeyRemnant, LedgerUnusable, NotFound, StorageError, WrongUse
from doorward.kernel.audit import Actor
from doorward.kernel.ids import PersonId
from doorward.wiring.face.backup import ledger_copies, signing_keys
from doorward.wiring.face.key_copies import key_backups, remove_expired
from doorward.wiring.face.site import Site

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Erasure:
    """``ledger_handed_out``: False when a folder that a restore takes the ledger from could not be written.

    ``remnant``: what to say when the erasure stands, and something may be left of the person's key.
    """

    receipt: Receipt
    ledger_handed_out: bool
    remnant: KeyRemnant | None = None


def erase_person(site: Site, person: PersonId, actor: Actor | None = None) -> Erasure:
    """Destroy the person's key and rows, hand the ledger out to where a restore takes it from, and make the receipt.

    ``PersonUnknown`` when there is no such person.
    """
    remnant = None
    try:
        site.register.erase(actor or site.actor, person)
    except KeyRemnant as found:
        remnant = found
    return Erasure(issue_receipt(site, person), hand_out(site), remnant)


def issue_receipt(site: Site, person: PersonId) -> Receipt:
    """The receipt of somebody who was erased, at any time since; ``NotFound`` when nobody of that id was."""
    entry = SqlErasureLedger(site.stores.data, site.settings.site).entry_of(person)
    if entry is None:
        raise NotFound("Nobody of that id was erased here; check the id.")
    at, policy = datetime.fromisoformat(entry.erased_at), key_backups(site)
    gone_by = at + _HOUR + timedelta(days=policy.days) if policy else None
    seen_off = site.stores.people.is_seen_off(person)
    receipt = Receipt(site.settings.site, person, at, gone_by, entry.number, entry.head, key_gone_confirmed=seen_off)
    return sign_receipt(receipt, signing_keys(site).signer())


def write_receipt(receipt: Receipt, path: Path) -> tuple[Path, Path]:
    """The receipt at ``path`` as JSON, and beside it as a page to print, with the ending ``.html``."""
    octets, page = encode_receipt(receipt), receipt_page(receipt).encode()
    printable = path.with_suffix(".html")
    if printable == path:
        raise WrongUse("The receipt is a JSON file with a page beside it; name it with the ending .json.")
    return (
        write_whole(path, lambda file: file.write(octets), replace=True),
        write_whole(printable, lambda file: file.write(page), replace=True),
    )


def read_receipt(path: Path, trusted: Collection[str]) -> Receipt:
    """The receipt in the file at ``path``; ``ReceiptInvalid`` when no key of ``trusted`` signed it as it is."""
    try:
        with path.open("rb") as file:
            octets = file.read(LARGEST)
    except OSError:
        raise WrongUse(f"The receipt {path} cannot be read; check its name and rights.") from None
    return verified_receipt(octets, trusted)


def trusted_keys(site: Site) -> frozenset[str]:
    """The public keys, in hexadecimal, that this site signs or signed receipts with."""
    return signing_keys(site).trusted()


def hand_out(site: Site) -> bool:
    """Whether the ledger lies where a restore takes it from. The store wrote it; what it could not is tried again."""
    try:
        ledger_copies(site).write()
        remove_expired(site)
    except (StorageError, LedgerUnusable, OSError):
        return False
    return True
