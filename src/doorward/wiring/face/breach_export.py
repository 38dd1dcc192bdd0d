"""What of a move somebody meets on its way: the file of people, the card, the receipt."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from doorward.adapters.moving.card import encode_card
from doorward.adapters.moving.content import SECRET_LENGTH, MoveHeader, encode_end, encode_header, encode_people, tag_of
from doorward.adapters.moving.frames import FrameKind, MovingWriter
from doorward.adapters.moving.receipt import MovingReceipt, encode_moving_receipt, sign_moving_receipt
from doorward.kernel.ids import MoveId, PersonId, SiteId
from doorward.people.moved_person import leaving
from doorward.people.person_records import PersonRecords
from doorward.vault.moving import public_key_of, seal_for
from doorward.wiring.face.backup import signing_keys
from doorward.wiring.face.breach_loot import Pile
from doorward.wiring.face.site import Site
from doorward.wiring.face.site_cards import own_card

_TEXT = "breach test"


@contextmanager
def in_transit(site: Site, people: Sequence[PersonId]) -> Iterator[Pile]:
    """A file with ``people``, sealed for a site that does not exist, with what travels beside it."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        header = _header(site)
        _write(folder / "people.moving", site, header, [_records(site, person) for person in people])
        (folder / "site.card").write_bytes(encode_card(header.card))
        taken = [tag_of(header.secret, person) for person in people]
        now, signer = site.stores.vault.clock.now(), signing_keys(site).signer()
        receipt = MovingReceipt(header.move, header.card.site, header.to, taken, {}, now)
        (folder / "receipt").write_bytes(encode_moving_receipt(sign_moving_receipt(receipt, signer)))
        files = [(path, f"export/{path.name}") for path in sorted(folder.iterdir())]
        yield "export in transit", files, "people sealed to be moved to another site, the card and the receipt"


def _header(site: Site) -> MoveHeader:
    move, other = MoveId(site.stores.randomness.uuid()), SiteId(site.stores.randomness.uuid())
    recipient = public_key_of(secrets.token_bytes(SECRET_LENGTH))
    secret = secrets.token_bytes(SECRET_LENGTH)
    return MoveHeader(move, own_card(site), other, recipient, _TEXT, _TEXT, _TEXT, _TEXT, secret)


def _write(path: Path, site: Site, header: MoveHeader, people: Sequence[PersonRecords]) -> None:
    signer = signing_keys(site).signer()
    with MovingWriter(path, header.move) as file:
        for kind in FrameKind:
            frame = file.next_frame(kind, 0 if kind is FrameKind.HEADER else len(people))
            if kind is FrameKind.HEADER:
                content = encode_header(header, frame, signer)
            elif kind is FrameKind.PEOPLE:
                content = encode_people(people, frame, header.move, signer)
            else:
                content = encode_end(len(people), frame, header.move, signer)
            file.append(frame, seal_for(header.recipient, content, frame.context(header.move)))
        file.finish()


def _records(site: Site, person: PersonId) -> PersonRecords:
    stores = site.stores
    return leaving(
        stores.people.get(person),
        stores.consents.of(person),
        stores.enrolments.of(person),
        lambda reference: stores.enrolments.photo(person, reference),
        stores.vault.clock.now(),
    )
