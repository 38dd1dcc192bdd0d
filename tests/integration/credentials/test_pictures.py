"""Codes read from pictures: large, small, turned, stained, dazzled, among others; and what is not a credential."""

import io
import re
import struct
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random

import cv2
import numpy as np
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow

from doorward.adapters.credentials import card
from doorward.adapters.credentials.card import Card, CardForm, drawn
from doorward.adapters.credentials.codes import modules_of, read_credential
from doorward.adapters.credentials.text import octets_of, text_of
from doorward.adapters.images import decode_photo
from doorward.errors import CredentialNotFound, NotACredential, SeveralCredentials, WrongUse
from known_people import UNHURRIED
from portraits import grace_hopper

OCTETS, OTHERS = Random(1).randbytes(461), Random(2).randbytes(461)
UNTIL = datetime(2027, 11, 23, tzinfo=UTC)

Picture = np.ndarray


def picture_of_card(octets: bytes = OCTETS, width: int = 1000) -> Picture:
    """A card as a camera would see it straight on, ``width`` pixels wide: the code takes half of that."""
    picture = decode_photo(drawn(Card(modules_of(octets), UNTIL), CardForm.PNG), whole=True)
    height = round(width * picture.shape[0] / picture.shape[1])
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)


def on_a_table(held: Picture, side: int = 1400, turned: float = 0.0, leaning: float = 0.0) -> Picture:
    """The card on something grey, turned by degrees and leaning away."""
    height, width = held.shape[:2]
    corners = np.float32([[-width, -height], [width, -height], [width, height], [-width, height]]) / 2
    radians = np.deg2rad(turned)
    turn = np.float32([[np.cos(radians), -np.sin(radians)], [np.sin(radians), np.cos(radians)]])
    seen = (corners / (1 + leaning * corners[:, :1] / width)) @ turn.T + side / 2
    here = np.float32([[0, 0], [width, 0], [width, height], [0, height]])
    bent = cv2.getPerspectiveTransform(here, seen.astype(np.float32))
    return cv2.warpPerspective(held, bent, (side, side), flags=cv2.INTER_LINEAR, borderValue=(120, 120, 120))


def photographed(picture: Picture, blur: float = 0.7, noise: float = 6) -> Picture:
    grain = np.random.default_rng(1).normal(0, noise, picture.shape)
    taken = np.clip(cv2.GaussianBlur(picture, (0, 0), blur) * 0.7 + 40 + grain, 0, 255).astype(np.uint8)
    return decode_photo(cv2.imencode(".jpg", taken, [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes(), whole=True)


def with_glare(picture: Picture) -> Picture:
    rows, columns = np.mgrid[: picture.shape[0], : picture.shape[1]]
    spot = 255 * np.exp(-(((columns - 450) / 110) ** 2 + ((rows - 650) / 110) ** 2))
    return np.clip(picture + spot[..., None], 0, 255).astype(np.uint8)


def stained(picture: Picture) -> Picture:
    return cv2.circle(picture.copy(), (480, 700), 60, (60, 90, 120), -1)


def in_a_corner_of_a_large_photo() -> Picture:
    """So small that half of the pixels would not do, which are enough for a face."""
    photo = np.full((4000, 3000, 3), 90, np.uint8)
    held = picture_of_card(width=320)
    photo[-held.shape[0] - 20 : -20, -340:-20] = held
    return decode_photo(cv2.imencode(".jpg", photo)[1].tobytes(), whole=True)


SEEN: dict[str, Callable[[], Picture]] = {
    "straight": lambda: photographed(on_a_table(picture_of_card())),
    "turned": lambda: photographed(on_a_table(picture_of_card(), turned=33)),
    "upside down": lambda: photographed(on_a_table(picture_of_card(), turned=180)),
    "leaning": lambda: photographed(on_a_table(picture_of_card(), turned=10, leaning=0.35)),
    "small": lambda: photographed(on_a_table(picture_of_card(width=620), side=900), blur=0.5),
    "glare": lambda: photographed(with_glare(on_a_table(picture_of_card()))),
    "stained": lambda: photographed(stained(on_a_table(picture_of_card()))),
    "in the dark": lambda: (photographed(on_a_table(picture_of_card())) * 0.25).astype(np.uint8),
    "dark mode": lambda: 255 - photographed(on_a_table(picture_of_card())),
    "in a corner of 12 megapixels": in_a_corner_of_a_large_photo,
    "beside a web address": lambda: np.vstack(
        [photographed(on_a_table(picture_of_card())), on_a_table(a_code("https://a.example"))]
    ),
    "twice the same": lambda: np.vstack([on_a_table(picture_of_card()), on_a_table(picture_of_card())]),
}


def a_code(text: str) -> Picture:
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
    return cv2.cvtColor(np.asarray(code.to_image(scale=8)), cv2.COLOR_GRAY2BGR)


@pytest.mark.parametrize("how", SEEN)
def test_a_card_is_read(how: str) -> None:
    assert read_credential(SEEN[how]()) == OCTETS


def test_what_is_no_single_credential_is_told() -> None:
    for picture, error in (
        (np.full((400, 400, 3), 128, np.uint8), CredentialNotFound),
        (cv2.imread(str(grace_hopper())), CredentialNotFound),
        (photographed(on_a_table(picture_of_card(width=200))), CredentialNotFound),
        (on_a_table(a_code("https://a.example")), NotACredential),
        (np.vstack([on_a_table(picture_of_card()), on_a_table(picture_of_card(OTHERS))]), SeveralCredentials),
    ):
        with pytest.raises(error) as told:
            read_credential(picture)
        assert told.value.message.endswith(".")


def test_a_code_that_claims_to_be_one_holds_nothing() -> None:
    for text in ("DW1:", "DW1:small letters", "DW1::::", "DW1:" + "A" * 2000, "DW1:" + "0" * 4):
        assert octets_of(text) == b""
    assert read_credential(on_a_table(a_code("DW1:small letters"))) == b""


@UNHURRIED
@given(st.binary(max_size=500))
def test_whatever_is_written_as_text_is_read_back(octets: bytes) -> None:
    assert octets_of(text_of(octets)) == octets


def test_base45_is_that_of_rfc_9285() -> None:
    """Its examples, section 4.3 and 4.4."""
    assert text_of(b"AB") == "DW1:BB8"
    assert text_of(b"Hello!!") == "DW1:%69 VD92EX0"
    assert text_of(b"base-45") == "DW1:UJCLQE7W581"
    assert octets_of("DW1:QED8WEX0") == b"ietf!"
    assert octets_of("DW1:GGW") == octets_of("DW1:::") == b""


def test_every_card_has_the_size_of_a_card_and_one_size_of_code() -> None:
    modules = modules_of(OCTETS)
    assert modules.shape == modules_of(OTHERS).shape == (85, 85)
    png = decode_photo(drawn(Card(modules, UNTIL), CardForm.PNG), whole=True)
    assert (round(png.shape[1] / 600 * 25.4, 1), round(png.shape[0] / 600 * 25.4, 1)) == (85.6, 54.0)
    pdf = drawn(Card(modules, UNTIL), CardForm.PDF)
    assert pdf.startswith(b"%PDF")
    assert b"/MediaBox [ 0 0 242.64 153" in pdf
    svg = drawn(Card(modules, UNTIL, "Ada <Lovelace> & 李"), CardForm.SVG).decode()
    assert 'width="85.6mm" height="53.98mm"' in svg
    assert "Ada &lt;Lovelace&gt; &amp; 李" in svg


def test_an_svg_holds_the_same_modules() -> None:
    svg = drawn(Card(modules_of(OCTETS), UNTIL), CardForm.SVG).decode()
    modules = np.zeros((85, 85), bool)
    for column, row in re.findall(r"M(\d+) (\d+)h1v1h-1z", svg):
        modules[int(row), int(column)] = True
    assert np.array_equal(modules, modules_of(OCTETS))


def test_a_pdf_holds_a_picture_that_is_read() -> None:
    """The one picture of its page, packed as a fax is (CCITT group 4), put into a TIFF file to be unpacked."""
    pdf = drawn(Card(modules_of(OCTETS), UNTIL), CardForm.PDF)
    assert pdf.count(b"/Subtype /Image") == 1
    assert b"/CCITTFaxDecode" in pdf
    assert b"/BlackIs1 true" in pdf
    width, height = (int(re.search(rb"/%s (\d+)" % name, pdf)[1]) for name in (b"Width", b"Height"))
    packed = pdf[pdf.index(b"stream\n") + 7 : pdf.index(b"\nendstream")]
    tags = [(256, width), (257, height), (258, 1), (259, 4), (262, 1), (273, 110), (278, height), (279, len(packed))]
    header = b"II*\0" + struct.pack("<IH", 8, len(tags))
    header += b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags) + bytes(4)
    picture = np.asarray(Pillow.open(io.BytesIO(header + packed)).convert("L"))
    assert picture.mean() > 150, "dark on white"
    assert read_credential(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)) == OCTETS


def test_a_name_that_cannot_be_drawn_is_refused_rather_than_drawn_as_boxes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card, "FURTHER_FONTS", ())
    refused = ("Zoë", "李小龍", "علی")
    for form in (CardForm.PNG, CardForm.PDF):
        assert drawn(Card(modules_of(OCTETS), UNTIL, "Ada Lovelace"), form)
        for name in refused:
            with pytest.raises(WrongUse, match="SVG"):
                drawn(Card(modules_of(OCTETS), UNTIL, name), form)


def test_a_font_of_the_systems_is_taken_for_other_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    font = grace_hopper().parents[1] / "fonts" / "ttf" / "DejaVuSans.ttf"
    monkeypatch.setattr(card, "FURTHER_FONTS", ("no such font", str(font)))
    nameless = drawn(Card(modules_of(OCTETS), UNTIL), CardForm.PNG)
    assert drawn(Card(modules_of(OCTETS), UNTIL, "Zoë Łukasiewicz"), CardForm.PNG) != nameless
    assert drawn(Card(modules_of(OCTETS), UNTIL, "Ζωή " * 40), CardForm.PNG)


def test_no_name_stands_on_a_card_unless_given() -> None:
    assert Card(modules_of(OCTETS), UNTIL).lines[:3] == ("Credential", "until 2027-11-23", "")
