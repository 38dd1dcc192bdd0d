"""Erasure receipts: what a person takes home as proof, as signed JSON and as a page to print."""

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from html import escape
from uuid import UUID

from doorward.adapters.signing import Signature, Signer, check_signature
from doorward.errors import ReceiptInvalid
from doorward.kernel.ids import PersonId, SiteId

FORMAT = 2
USE = "erasure receipt"
LARGEST = 100_000
"""Bytes of a receipt that is read."""

_INVALID = "This erasure receipt was altered, or this site did not sign it."
_CONFIRMED = {True: "searched and confirmed", False: "could not be confirmed", None: "not searched"}
_NO_RECEIPT = "That is no erasure receipt; name the JSON file that was handed out."


@dataclass(frozen=True, slots=True)
class Receipt:
    """``erased_at``: the full hour. ``keys_gone_by``: when the last backup of the person's key is removed;
    ``None`` when Doorward made no backups of keys. ``ledger_number``, ``ledger_head``: their ledger entry.
    ``key_gone_confirmed``: whether the files of the keys were searched, and nothing of the key was found; ``None`` in
    receipts of format 1, which do not say.
    """

    site: SiteId
    person: PersonId
    erased_at: datetime
    keys_gone_by: datetime | None
    ledger_number: int
    ledger_head: str
    signature: Signature | None = None
    key_gone_confirmed: bool | None = None

    def statement(self) -> bytes:
        """What the signature covers: canonical JSON."""
        held = {
            **asdict(self),
            "format": 1 if self.key_gone_confirmed is None else FORMAT,
            "kind": USE,
            "erased_at": self.erased_at.isoformat(),
        }
        held["keys_gone_by"] = self.keys_gone_by and self.keys_gone_by.isoformat()
        del held["signature"]
        if self.key_gone_confirmed is None:
            del held["key_gone_confirmed"]
        return json.dumps(held, sort_keys=True, separators=(",", ":")).encode()


def sign_receipt(receipt: Receipt, signer: Signer) -> Receipt:
    return replace(receipt, signature=signer.sign(USE, receipt.statement()))


def encode_receipt(receipt: Receipt) -> bytes:
    held = json.loads(receipt.statement())
    return json.dumps({**held, "signature": receipt.signature and asdict(receipt.signature)}, indent=2).encode()


def verified_receipt(octets: bytes, trusted: Collection[str]) -> Receipt:
    """The receipt; ``ReceiptInvalid`` when it is none, was altered, or no key of ``trusted`` signed it."""
    receipt = _decoded(octets)
    check_signature(USE, receipt.statement(), receipt.signature, trusted, ReceiptInvalid(_INVALID))
    return receipt


def _decoded(octets: bytes) -> Receipt:
    try:
        held = json.loads(octets)
        confirmed = held["key_gone_confirmed"] if held["format"] == FORMAT else None
        if held["format"] not in (1, FORMAT) or held["kind"] != USE or (held["format"] == 1) != (confirmed is None):
            raise ValueError
        gone_by = held["keys_gone_by"]
        return Receipt(
            SiteId(str(UUID(held["site"]))),
            PersonId(str(UUID(held["person"]))),
            datetime.fromisoformat(held["erased_at"]),
            None if gone_by is None else datetime.fromisoformat(gone_by),
            int(held["ledger_number"]),
            str(held["ledger_head"]),
            Signature(str(held["signature"]["public_key"]), str(held["signature"]["value"])),
            None if confirmed is None else bool(confirmed),
        )
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError, OverflowError):
        raise ReceiptInvalid(_NO_RECEIPT) from None


def receipt_page(receipt: Receipt) -> str:
    """The receipt as one page of HTML that loads nothing from anywhere."""
    rows = {
        "Site": receipt.site,
        "Person": receipt.person,
        "Erased in the hour from": _shown(receipt.erased_at),
        "Last backup of the key gone by": _shown(receipt.keys_gone_by) if receipt.keys_gone_by else "none was made",
        "Nothing of the key left in its files": _CONFIRMED[receipt.key_gone_confirmed],
        "Entry in the erasure ledger": f"{receipt.ledger_number}, {receipt.ledger_head}",
        "Signing key (Ed25519)": receipt.signature.public_key if receipt.signature else "",
        "Signature": receipt.signature.value if receipt.signature else "",
    }
    listed = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in rows.items())
    return _PAGE.replace("{rows}", listed).replace("{deadline}", escape(_deadline(receipt)))


def _deadline(receipt: Receipt) -> str:
    if receipt.keys_gone_by is None:
        return "Doorward made no backups of keys on this site."
    return f"The last backup of the key that Doorward made is removed by {_shown(receipt.keys_gone_by)}."


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Erasure receipt</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>
body { font: 12pt/1.5 serif; max-width: 42em; margin: 3em auto; padding: 0 1em; }
dt { font-weight: bold; margin-top: .6em; } dd { margin: 0; font-family: monospace; overflow-wrap: anywhere; }
.name { border-bottom: 1px solid; height: 2em; }
</style></head><body>
<h1>Erasure receipt</h1>
<p>The key under which everything about this person was sealed has been destroyed, and the rows were removed.
What is left of them in backups of the data cannot be read without that key. {deadline}</p>
<dl>{rows}</dl>
<p>Name (filled in by hand; Doorward no longer knows it):</p><p class="name"></p>
<p>The JSON file of this receipt is checked with <code>doorward people receipt verify</code>.</p>
</body></html>
"""
