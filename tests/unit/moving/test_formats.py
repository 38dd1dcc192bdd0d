"""Cards, frames and what is in them: what was written is read, and nothing else."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorward.adapters.moving.card import LIFETIME, compared, current_card, encode_card, signed_card, verified_card
from doorward.adapters.moving.content import (
    decode_end,
    decode_header,
    decode_people,
    encode_end,
    encode_header,
    encode_people,
    tag_of,
)
from doorward.adapters.moving.frames import Frame, FrameKind, MovingReader, MovingWriter, is_moving_file, unfinished_of
from doorward.adapters.signing import Signer
from doorward.errors import CardInvalid, Conflict, ExportUnusable, NotFound, SiteInUse, WrongUse
from doorward.kernel.ids import MoveId, PersonId, SiteId
from doorward.people.person import LONGEST_TEXT
from doorward.people.person_records import PersonRecords
from fuzz.manifest import NOON, SIGNER, SITE
from fuzz.moving_file import MOVE
from fuzz.moving_people import FRAME, HEADER
from fuzz.site_card import CARD, RECIPIENT
from known_people import UNHURRIED, consent, enrolment, face, people

OTHER = SiteId("9c9ef5ac-7c4e-4c0b-9f0a-5b9e5a3d6a10")


def test_a_card_is_read_as_it_was_signed() -> None:
    assert verified_card(encode_card(CARD)) == CARD
    for name in ("", " ", "x" * 61, "two\nlines", "x" * LONGEST_TEXT):
        with pytest.raises(CardInvalid):
            verified_card(encode_card(signed_card(SITE, name, RECIPIENT, NOON, SIGNER)))


def test_the_fingerprint_stays_with_the_sites_signing_key_and_is_typed_freely() -> None:
    renewed = signed_card(SITE, "Another name", bytes(1216), NOON + timedelta(days=9), SIGNER)
    assert renewed.fingerprint == CARD.fingerprint
    assert signed_card(OTHER, CARD.name, RECIPIENT, NOON, SIGNER).fingerprint != CARD.fingerprint
    assert signed_card(SITE, CARD.name, RECIPIENT, NOON, Signer(bytes(32))).fingerprint != CARD.fingerprint
    assert [len(group) for group in CARD.fingerprint.split("-")] == [4] * 8
    compared(CARD.fingerprint, f" {CARD.fingerprint.lower().replace('-', ' ')} ")
    for typed in ("", CARD.fingerprint[:-1], CARD.fingerprint[::-1]):
        with pytest.raises(CardInvalid):
            compared(CARD.fingerprint, typed)


def test_a_card_ends() -> None:
    assert current_card(CARD, NOON + LIFETIME - timedelta(seconds=1)) is CARD
    with pytest.raises(CardInvalid):
        current_card(CARD, NOON + LIFETIME)


@UNHURRIED
@given(people)
def test_people_are_read_as_they_were_written(somebody: object) -> None:
    own = somebody.id  # type: ignore[attr-defined] # what hypothesis draws is a person
    reference = enrolment(own, face(1))
    held = PersonRecords(somebody, (consent(own), consent(own, until=NOON)), (reference,), {reference.id: b"photo"})  # type: ignore[arg-type] # as above
    (read,) = decode_people(encode_people([held], FRAME, MOVE, SIGNER), FRAME, HEADER)
    assert (read.person, read.consents, read.photos) == (held.person, held.consents, held.photos)
    assert read.enrolments[0].template.vector.tobytes() == reference.template.vector.tobytes()
    assert replace(read.enrolments[0], template=reference.template) == reference


@pytest.mark.parametrize(
    ("frame", "signer"),
    [
        (replace(FRAME, number=2), SIGNER),
        (replace(FRAME, position=3), SIGNER),
        (replace(FRAME, kind=FrameKind.END), SIGNER),
        (FRAME, Signer(bytes(32))),
    ],
)
def test_a_frame_counts_at_its_own_place_and_under_its_own_signature_alone(frame: Frame, signer: Signer) -> None:
    octets = encode_people([], frame, MOVE, signer)
    with pytest.raises(ExportUnusable):
        decode_people(octets, FRAME, HEADER)
    with pytest.raises(ExportUnusable):
        decode_people(encode_people([], FRAME, MoveId(str(OTHER)), SIGNER), FRAME, HEADER)


def test_the_first_and_the_last_frame_say_who_and_how_many() -> None:
    first, last = Frame(FrameKind.HEADER, 0, 0), Frame(FrameKind.END, 2, 2)
    octets = encode_header(HEADER, first, SIGNER)
    assert decode_header(octets, first, MOVE, [bytes(1216), RECIPIENT]) == HEADER
    with pytest.raises(ExportUnusable):
        decode_header(octets, first, MOVE, [bytes(1216)])
    assert decode_end(encode_end(7, last, MOVE, SIGNER), last, HEADER) == 7
    with pytest.raises(ExportUnusable):
        decode_end(octets, first, HEADER)


def test_a_tag_tells_a_person_to_who_has_the_secret_alone() -> None:
    ada, bo = PersonId("ada"), PersonId("bo")
    assert tag_of(bytes(32), ada) == tag_of(bytes(32), ada)
    assert len({tag_of(bytes(32), ada), tag_of(b"x" * 32, ada), tag_of(bytes(32), bo)}) == 3


@UNHURRIED
@given(st.lists(st.binary(max_size=40), min_size=1, max_size=5), st.integers(0, 400))
def test_a_file_cut_anywhere_goes_on_behind_its_last_whole_frame(
    tmp_path_factory: pytest.TempPathFactory, contents: list[bytes], cut: int
) -> None:
    path = tmp_path_factory.mktemp("file") / "people.moving"
    whole = written(path, contents)
    path.unlink()
    unfinished = unfinished_of(path)
    unfinished.write_bytes(whole[: min(cut, len(whole))])
    assert written(path, contents) == whole
    assert not unfinished.exists()


def written(path: Path, contents: list[bytes]) -> bytes:
    with MovingWriter(path, MOVE) as file:
        frames = [(FrameKind.HEADER, b"head"), *((FrameKind.PEOPLE, one) for one in contents), (FrameKind.END, b"")]
        for number in range(0 if file.last is None else file.last.number + 1, len(frames)):
            kind, octets = frames[number]
            file.append(file.next_frame(kind, number), octets)
        file.finish()
    with MovingReader(path) as read:
        assert read.move == MOVE
        assert [octets for _, octets in read.frames()] == [b"head", *contents, b""]
    return path.read_bytes()


def test_one_process_writes_a_file_and_none_writes_over_another(tmp_path: Path) -> None:
    path = tmp_path / "people.moving"
    with MovingWriter(path, MOVE), pytest.raises(SiteInUse):
        MovingWriter(path, MOVE)
    with pytest.raises(Conflict):
        MovingWriter(path, MoveId(str(OTHER)))
    path.write_bytes(b"something")
    with pytest.raises(Conflict):
        MovingWriter(path, MOVE)


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        MovingReader(tmp_path / "missing")
    with pytest.raises(WrongUse):
        MovingReader(tmp_path)
    assert not is_moving_file(tmp_path / "missing")
    assert not is_moving_file(tmp_path)
