"""What must move, take in or erase nobody: wrong signatories, cards, files and receipts."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from doorward.adapters.moving import frames
from doorward.adapters.moving.card import encode_card, signed_card, verified_card
from doorward.adapters.moving.receipt import decode_moving_receipt, encode_moving_receipt, sign_moving_receipt
from doorward.adapters.signing import Signer
from doorward.adapters.system import SystemClock
from doorward.errors import Conflict
from doorward.kernel.ids import MoveId
from doorward.people.moving import LIFETIME
from doorward.wiring.face.backup import signing_keys
from doorward.wiring.face.moves import Moves
from doorward.wiring.face.opening import DATA
from known_people import person
from throwaway_sites import throwaway_site
from two_sites import ADA, GRACE, MovingHouse, known, named_site, secret_of

STRANGER = Signer(b"s" * 32)


def count(house: MovingHouse) -> int:
    with house.open() as site:
        return site.stores.people.count()


def later(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    now = SystemClock.now
    monkeypatch.setattr(SystemClock, "now", lambda self: now(self) + by)


@pytest.fixture
def ada(old: MovingHouse) -> str:
    with old.open() as site:
        return known(site, "Ada")


def test_nothing_is_written_before_two_signed(old: MovingHouse, new: MovingHouse, ada: str) -> None:
    move, file = old.ask(new, ada)[1]["move"], old.work / "people.moving"
    assert old.refused("people", "move", "write", move, file) == "conflict"
    assert old.approve(new, move, by=ADA)[1]["error"]["code"] == "forbidden"
    assert old.approve(new, move, by=ADA.upper())[1]["error"]["code"] == "forbidden"
    assert old.refused("people", "move", "write", move, file) == "conflict"
    assert list(old.work.glob("*people.moving*")) == []
    assert old.approve(new, move)[0] == 0
    assert old.approve(new, move)[1]["error"]["code"] == "conflict", "it is approved already"
    old.told("people", "move", "write", move, file)


def test_a_wrong_name_or_secret_signs_nothing_and_is_recorded(old: MovingHouse, new: MovingHouse, ada: str) -> None:
    wrong = old.work / "wrong"
    wrong.write_text("not the secret of anybody\n")
    for name in (ADA, "Nobody"):
        options = ("--to", new.card()[0], "--fingerprint", new.card()[1], "--purpose", "p", "--legal-basis", "l")
        told = ("people", "move", "ask", ada, *options, "--by", name, "--secret-file", name, wrong)
        assert old.refused(*told) == "unauthenticated"
    assert old.told("people", "move", "list")["moves"] == []
    actions = [entry["action"] for entry in old.told("audit", "show")["entries"]]
    assert actions[-3:-1] == [f"signatory {ADA} refused: wrong secret", "an unknown signatory refused"]


@pytest.mark.parametrize("stage", ["asked", "approved"])
def test_a_request_ends_after_its_time(
    old: MovingHouse, new: MovingHouse, ada: str, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    move = old.ask(new, ada)[1]["move"]
    if stage == "approved":
        assert old.approve(new, move)[0] == 0
    later(monkeypatch, LIFETIME)
    assert old.approve(new, move)[1]["error"]["code"] == "conflict"
    assert old.refused("people", "move", "write", move, old.work / "people.moving") == "conflict"
    assert old.ask(new, ada)[0] == 0, "it holds nobody any more"


def test_signatories_change_only_when_two_agree(old: MovingHouse, tmp_path: Path) -> None:
    emmy = tmp_path / "emmy"
    emmy.write_text("the secret words of Emmy\n")
    mine, of_others = ("--secret-file", "Emmy", emmy), old.secrets()
    add = ("admin", "signatory", "add", "Emmy", *mine, *of_others)
    assert old.refused(*add) == "forbidden"
    assert old.refused(*add, "--by", ADA) == "forbidden"
    assert old.refused(*add, "--by", ADA, "--by", ADA.lower()) == "forbidden"
    assert len(old.told("admin", "signatory", "list")["signatories"]) == 3
    both = ("--by", ADA, "--by", GRACE)
    emmy.write_text(f"{secret_of(ADA)}\n")
    assert old.refused(*add, *both) == "wrong_use", "that is another's secret"
    emmy.write_text("short\n")
    assert old.refused(*add, *both) == "wrong_use"
    emmy.write_text("the secret words of Emmy\n")
    assert old.refused("admin", "signatory", "add", ADA, *of_others, *both) == "conflict"
    assert len(old.told(*add, *both)["signatories"]) == 4
    for name in ("Emmy", "Mary Cartwright"):
        old.told("admin", "signatory", "remove", name, *of_others, *both)
    assert old.refused("admin", "signatory", "remove", ADA, *of_others, *both) == "conflict", "two have to stay"


def test_the_first_two_signatories_are_appointed_together(
    old: MovingHouse, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    bare = MovingHouse(throwaway_site(tmp_path, "bare"), capsys, tmp_path)
    assert bare.refused("admin", "signatory", "add", ADA, *old.secrets()) == "wrong_use"
    (tmp_path / "Gra.secret").write_text(secret_of(ADA))
    same = ("--secret-file", ADA, tmp_path / "Ada.secret", "--secret-file", GRACE, tmp_path / "Gra.secret")
    assert bare.refused("admin", "signatory", "add", ADA, GRACE, *same) == "wrong_use"
    assert bare.told("admin", "signatory", "list")["signatories"] == []
    assert len(bare.told("admin", "signatory", "add", ADA, GRACE, *old.secrets())["signatories"]) == 2


def test_a_card_with_another_key_or_fingerprint_moves_nobody(old: MovingHouse, new: MovingHouse, ada: str) -> None:
    file, fingerprint = new.card()
    assert old.ask(new, ada, fingerprint=old.card()[1])[1]["error"]["code"] == "card_invalid"
    assert old.ask(old, ada)[1]["error"]["code"] == "conflict", "its own card"
    genuine = verified_card(file.read_bytes())
    forged = signed_card(genuine.site, genuine.name, genuine.recipient, genuine.made_at, STRANGER)
    changed = {**json.loads(encode_card(genuine)), "recipient": json.loads(encode_card(forged))["recipient"][::-1]}
    options = ("--purpose", "p", "--legal-basis", "l", "--fingerprint", fingerprint, "--by", ADA, *old.secrets())
    for octets in (encode_card(forged), json.dumps(changed).encode(), b"{}", b"", b"\xff", b"[" * 99_999):
        card = old.work / "forged.card"
        card.write_bytes(octets)
        assert old.refused("people", "move", "ask", ada, "--to", card, *options) == "card_invalid"
    assert old.told("people", "move", "list")["moves"] == []
    assert old.told("site", "list")["sites"] == []


def test_an_old_card_and_one_older_than_was_seen_are_refused(
    old: MovingHouse, new: MovingHouse, ada: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = old.work / "first.card"
    shutil.copy(new.card()[0], first)
    fingerprint = new.card()[1]
    new.told("keys", "rotate", "moving")
    move = old.ask(new, ada)[1]["move"]
    old.told("people", "move", "cancel", move)
    options = ("--purpose", "p", "--legal-basis", "l", "--fingerprint", fingerprint, "--by", ADA, *old.secrets())
    assert old.refused("people", "move", "ask", ada, "--to", first, *options) == "card_invalid"
    newest = new.card()[0]
    later(monkeypatch, timedelta(days=91))
    assert old.refused("people", "move", "ask", ada, "--to", newest, *options) == "card_invalid"


def test_who_approves_compares_the_fingerprint_too(old: MovingHouse, new: MovingHouse, ada: str) -> None:
    move = old.ask(new, ada)[1]["move"]
    assert old.approve(new, move, fingerprint=old.card()[1])[1]["error"]["code"] == "card_invalid"
    assert old.told("people", "move", "list")["moves"][0]["stage"] == "asked"


def test_a_request_needs_people_a_purpose_and_a_legal_basis(old: MovingHouse, new: MovingHouse, ada: str) -> None:
    assert old.ask(new, ada, purpose=" ")[1]["error"]["code"] == "wrong_use"
    assert old.ask(new, ada, **{"legal-basis": "two\nlines"})[1]["error"]["code"] == "wrong_use"
    assert old.ask(new, MoveId("0d0f1f0e-6a86-4f3b-8a61-8fca1c1a9c55"))[1]["error"]["code"] == "person_unknown"


@pytest.fixture
def file(old: MovingHouse, new: MovingHouse, ada: str) -> Path:
    return old.send(new, ada)


def bit_turned(octets: bytes, place: int) -> bytes:
    return octets[:place] + bytes([octets[place] ^ 1]) + octets[place + 1 :]


def test_a_file_for_another_site_opens_nowhere_else(
    old: MovingHouse, new: MovingHouse, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    third = MovingHouse(named_site(old.work, "third"), capsys, old.work)
    assert third.receive(old, file)[1]["error"]["code"] == "wrong_key"
    assert old.receive(new, file)[1]["error"]["code"] == "wrong_key"
    assert count(third) == 0


def test_an_exporter_whose_fingerprint_is_unknown_or_wrong_brings_nobody(
    old: MovingHouse, new: MovingHouse, file: Path
) -> None:
    assert new.refused("people", "import", file) == "not_found"
    assert new.refused("people", "import", file, "--fingerprint", new.card()[1]) == "card_invalid"
    assert count(new) == 0
    assert new.receive(old, file)[0] == 0
    assert new.told("people", "import", file)["already_in"] == 1, "known from now on"


def test_a_file_that_was_cut_or_turned_brings_nobody(old: MovingHouse, new: MovingHouse, file: Path) -> None:
    whole = file.read_bytes()
    damaged = [whole[:length] for length in (0, 5, 20, 34, 60, len(whole) // 2, len(whole) - 1)]
    damaged += [bit_turned(whole, place) for place in range(0, len(whole), max(1, len(whole) // 25))]
    damaged += [whole + b"\0", whole + whole]
    for octets in damaged:
        file.write_bytes(octets)
        assert new.receive(old, file)[1]["error"]["code"] == "export_unusable"
    assert count(new) == 0
    file.write_bytes(whole)
    assert new.receive(old, file)[0] == 0


def hashes_put_right(octets: bytes, move: str) -> bytes:
    """What somebody writes who alters the sealed octets and then the hash, which needs no key."""
    at, parts = frames._PREAMBLE, [octets[: frames._PREAMBLE]]
    while at < len(octets):
        kind, number, position, length, _ = frames._HEAD.unpack_from(octets, at)
        frame = frames.Frame(frames.FrameKind(kind), number, position)
        sealed = octets[at + frames._HEAD.size : at + frames._HEAD.size + length]
        parts.append(frame.head(MoveId(move), sealed) + sealed)
        at += frames._HEAD.size + length
    return b"".join(parts)


def test_altered_frames_whose_hash_was_put_right_bring_nobody(old: MovingHouse, new: MovingHouse, file: Path) -> None:
    move = old.told("people", "move", "list")["moves"][0]["move"]
    whole = file.read_bytes()
    first = frames._PREAMBLE + frames._HEAD.size
    codes = set()
    for place in (first + 5, first + 1500, len(whole) // 2, len(whole) - 3):
        file.write_bytes(hashes_put_right(bit_turned(whole, place), move))
        codes.add(new.receive(old, file)[1]["error"]["code"])
    assert codes == {"wrong_key", "export_unusable"}
    assert not file.with_name("people.moving.receipt").exists()
    file.write_bytes(whole)
    _, answer = new.receive(old, file)
    assert answer["people"] == 1, "what was whole before is not taken twice"


def test_a_file_of_another_version_or_kind_is_refused(old: MovingHouse, new: MovingHouse, file: Path) -> None:
    whole = file.read_bytes()
    for octets in (whole.replace(b"moving 1\n", b"moving 2\n", 1), b"no such thing", b""):
        file.write_bytes(octets)
        assert new.receive(old, file)[1]["error"]["code"] == "export_unusable"
    assert new.receive(old, old.work / "missing.moving")[1]["error"]["code"] == "not_found"
    listed = old.work / "list.csv"
    listed.write_text("reference,display_name\n")
    assert new.refused("people", "import", listed, "--fingerprint", "X") == "wrong_use"


def test_after_two_renewals_of_the_moving_key_a_file_opens_no_more(
    old: MovingHouse, new: MovingHouse, file: Path
) -> None:
    new.told("keys", "rotate", "moving")
    new.told("keys", "rotate", "moving")
    assert new.receive(old, file)[1]["error"]["code"] == "wrong_key"


def test_a_file_on_its_way_opens_after_one_renewal(old: MovingHouse, new: MovingHouse, file: Path) -> None:
    new.told("keys", "rotate", "moving")
    assert new.receive(old, file)[0] == 0


def test_writing_over_something_or_into_the_site_is_refused(old: MovingHouse, new: MovingHouse, ada: str) -> None:
    move = old.agreed(new, ada)
    there = old.work / "there.moving"
    there.write_text("something else")
    assert old.refused("people", "move", "write", move, there) == "conflict"
    assert there.read_text() == "something else"
    (old.work / ".other.moving.unfinished").write_bytes(b"x" * 99)
    assert old.refused("people", "move", "write", move, old.work / "other.moving") == "conflict"
    assert old.refused("people", "move", "write", move, old.folder / "people.moving") == "wrong_use"
    assert old.refused("people", "move", "write", move, old.work / "no" / "people.moving") == "storage_error"
    old.told("people", "move", "write", move, old.work / "people.moving")


ALTERATIONS: dict[str, Callable[[MovingHouse, Path], bytes]] = {
    "is none": lambda _house, _path: b"{}",
    "is no JSON": lambda _house, _path: b"[" * 99_999,
    "was altered": lambda _house, path: path.read_bytes().replace(b'"taken": [', b'"taken": [ "' + b"a" * 32 + b'",'),
    "lost its signature": lambda _house, path: json.dumps(
        {**json.loads(path.read_bytes()), "signature": {"public_key": "", "value": ""}}
    ).encode(),
    "is signed by a stranger": lambda _house, path: encode_moving_receipt(
        sign_moving_receipt(decode_moving_receipt(path.read_bytes()), STRANGER)
    ),
    "is signed by this site": lambda house, path: _signed_by(house, path),
}


def _signed_by(house: MovingHouse, path: Path) -> bytes:
    with house.open() as site:
        signer = signing_keys(site).signer()
    return encode_moving_receipt(sign_moving_receipt(decode_moving_receipt(path.read_bytes()), signer))


@pytest.mark.parametrize("alteration", ALTERATIONS)
def test_a_receipt_that_the_destination_did_not_sign_as_it_is_erases_nobody(
    old: MovingHouse, new: MovingHouse, file: Path, alteration: str
) -> None:
    receipt = new.receipt(old, file)
    receipt.write_bytes(ALTERATIONS[alteration](old, receipt))
    assert old.refused("people", "moved", receipt) == "receipt_invalid"
    assert count(old) == 1


@pytest.mark.parametrize("changed", ["left", "arrived", "taken", "move"])
def test_a_receipt_about_another_site_person_or_move_erases_nobody(
    old: MovingHouse, new: MovingHouse, file: Path, changed: str
) -> None:
    """Even where the destination signed it."""
    receipt = new.receipt(old, file)
    held = decode_moving_receipt(receipt.read_bytes())
    other = "0d0f1f0e-6a86-4f3b-8a61-8fca1c1a9c55"
    value: object = [*held.taken, "ab" * 16] if changed == "taken" else other
    with new.open() as site:
        signer = signing_keys(site).signer()
    receipt.write_bytes(encode_moving_receipt(sign_moving_receipt(replace(held, **{changed: value}), signer)))
    assert old.refused("people", "moved", receipt) == ("not_found" if changed == "move" else "receipt_invalid")
    assert count(old) == 1


def test_a_receipt_is_taken_once_and_a_cancelled_move_takes_none(
    old: MovingHouse, new: MovingHouse, file: Path, ada: str
) -> None:
    receipt = new.receipt(old, file)
    assert old.told("people", "moved", receipt)["erased"] == 1
    with new.open() as site:
        site.stores.people.erase(ada)
    with old.open() as site:  # back by another way, under the same id
        site.stores.people.add(replace(person("Ada again"), id=ada))
    assert old.refused("people", "moved", receipt) == "conflict"
    assert count(old) == 1
    assert old.refused("people", "move", "cancel", decode_moving_receipt(receipt.read_bytes()).move) == "conflict"


def test_a_cancelled_move_takes_no_receipt(old: MovingHouse, new: MovingHouse, file: Path) -> None:
    receipt = new.receipt(old, file)
    move = decode_moving_receipt(receipt.read_bytes()).move
    old.told("people", "move", "cancel", move)
    assert old.refused("people", "moved", receipt) == "conflict"
    assert count(old) == 1


def test_the_receipt_names_nobody_to_others_and_is_written_again(
    old: MovingHouse, new: MovingHouse, file: Path, ada: str
) -> None:
    receipt = new.receipt(old, file)
    first = receipt.read_bytes()
    assert ada.encode() not in first
    receipt.unlink()
    assert new.receive(old, file)[1]["already_in"] == 1
    assert receipt.read_bytes() == first


def test_who_writes_the_database_approves_nothing(old: MovingHouse, new: MovingHouse, ada: str) -> None:
    move = old.ask(new, ada)[1]["move"]
    with closing(sqlite3.connect(old.folder / DATA)) as database, database:
        (payload,) = database.execute("SELECT payload FROM grants WHERE kind = 'move' AND id = ?", (move,)).fetchone()
        forged = json.dumps({**json.loads(payload), "stage": "approved", "approved_by": GRACE})
        database.execute("UPDATE grants SET payload = ? WHERE kind = 'move'", (forged,))
    assert old.refused("people", "move", "write", move, old.work / "people.moving") == "record_tampered"
    assert not (old.work / "people.moving").exists()


def test_a_move_is_taken_further_by_one_process_alone(old: MovingHouse, new: MovingHouse, ada: str) -> None:
    move = old.agreed(new, ada)
    with old.open() as site:
        moves = Moves(site)
        held = moves.get(MoveId(move))
        moves.step(held, replace(held, file="/elsewhere"))
        with pytest.raises(Conflict):
            moves.step(held, replace(held, file="/here"))
