"""A credential to print or to keep on a telephone: a card of ISO/IEC 7810 size ID-1 as PDF, PNG or SVG.

In the clear it says what it is and when it ends. A name stands on it only where one is given.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from html import escape
from io import BytesIO
from pathlib import Path
from unicodedata import bidirectional

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from doorward.adapters.credentials.codes import Modules
from doorward.errors import WrongUse

WIDTH_MM, HEIGHT_MM = 85.60, 53.98
CODE_MM = 44.0
"""Side of the code without its quiet zone: the margin is wider than the four modules of ISO/IEC 18004, 6.3.8."""

_DPI = 600
_MM_AN_INCH = 25.4
_MARGIN_MM = (HEIGHT_MM - CODE_MM) / 2
_TEXT_MM = _MARGIN_MM + CODE_MM + 4.5
_LINES_MM = (11.0, 17.0, 22.5, 40.5, 44.0, 47.5)
_TITLE_MM, _SMALL_MM = 4.2, 2.5

FURTHER_FONTS = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "LiberationSans-Regular.ttf", "Arial.ttf")
"""Looked for among the system's where Pillow's own font, which has ASCII alone, lacks a letter of the name."""

_RIGHT_TO_LEFT = ("R", "AL")


class CardForm(StrEnum):
    """As the ending of the card's file says."""

    PDF = "pdf"
    PNG = "png"
    SVG = "svg"

    @staticmethod
    def of(path: Path) -> "CardForm":
        """``WrongUse`` for another ending."""
        try:
            return CardForm(path.suffix.lower().removeprefix("."))
        except ValueError:
            raise WrongUse("A card is a PDF, PNG or SVG; end its name with .pdf, .png or .svg.") from None


@dataclass(frozen=True, slots=True, eq=False)
class Card:
    """``until``: aware, in UTC. ``name``: what stands on it besides, if the person wants that."""

    modules: Modules
    until: datetime
    name: str | None = None

    @property
    def lines(self) -> tuple[str, ...]:
        """Each at its place of ``_LINES_MM``: title, end, name, and what to do with it."""
        advice = ("Keep it as you keep a key.", "Show it flat to the camera,", "together with your face.")
        return ("Credential", f"until {self.until:%Y-%m-%d}", self.name or "", *advice)


def drawn(card: Card, form: CardForm) -> bytes:
    """The file; ``WrongUse`` when the name has letters that no font here draws into a PDF or PNG."""
    if form is CardForm.SVG:
        return _svg(card).encode()
    picture = _picture(card)
    file = BytesIO()
    if form is CardForm.PNG:
        picture.save(file, "PNG", dpi=(_DPI, _DPI), optimize=True)
    else:
        # A black and white picture is packed without loss; the page is exactly as large as the card.
        picture.convert("1", dither=Pillow.Dither.NONE).save(file, "PDF", resolution=_DPI, title="Credential")
    return file.getvalue()


def _picture(card: Card) -> Pillow.Image:
    picture = Pillow.new("L", (_pixels(WIDTH_MM), _pixels(HEIGHT_MM)), 255)
    count = card.modules.shape[0]
    module = _pixels(CODE_MM) // count
    code = Pillow.fromarray(np.where(card.modules, 0, 255).astype(np.uint8)).resize(
        (module * count, module * count), Pillow.Resampling.NEAREST
    )
    picture.paste(code, (_pixels(_MARGIN_MM), (picture.height - code.height) // 2))
    draw = ImageDraw.Draw(picture)
    for line, (text, place) in enumerate(zip(card.lines, _LINES_MM, strict=True)):
        font = _fitting(text, _size_mm(line))
        draw.text((_pixels(_TEXT_MM), _pixels(place)), text, fill=0, font=font, anchor="ls")
    return picture


def _fitting(text: str, size_mm: float) -> ImageFont.FreeTypeFont:
    """The first font that has every letter of ``text``, no larger than lets it end on the card."""
    room = _pixels(WIDTH_MM - _TEXT_MM - 2)
    for name in (None, *FURTHER_FONTS):
        font = _font(name, _pixels(size_mm))
        if font is not None and _can_draw(font, text):
            length = font.getlength(text)
            return font if length <= room else font.font_variant(size=int(font.size * room / length))
    raise WrongUse("The name has letters that no font here draws; write the card as SVG, or leave the name out.")


def _font(name: str | None, size: float) -> ImageFont.FreeTypeFont | None:
    """Pillow's own, or the system's of that name."""
    try:
        font = ImageFont.load_default(size) if name is None else ImageFont.truetype(name, size)
    except OSError:
        return None
    return font if isinstance(font, ImageFont.FreeTypeFont) else None


def _can_draw(font: ImageFont.FreeTypeFont, text: str) -> bool:
    """Has it every letter? What is written from right to left it would set in the wrong order, so that it has none."""
    unknown = bytes(font.getmask("\uffff"))
    return not any(bidirectional(letter) in _RIGHT_TO_LEFT or bytes(font.getmask(letter)) == unknown for letter in text)


def _svg(card: Card) -> str:
    count = card.modules.shape[0]
    module = CODE_MM / count
    rows, columns = np.nonzero(card.modules)
    dark = "".join(f"M{column} {row}h1v1h-1z" for row, column in zip(rows, columns, strict=True))
    lines = "".join(
        f'<text x="{_TEXT_MM:.2f}" y="{place}" font-size="{_size_mm(line)}">{escape(text)}</text>'
        for line, (text, place) in enumerate(zip(card.lines, _LINES_MM, strict=True))
        if text
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH_MM}mm" height="{HEIGHT_MM}mm" '
        f'viewBox="0 0 {WIDTH_MM} {HEIGHT_MM}" font-family="sans-serif">'
        f'<rect width="{WIDTH_MM}" height="{HEIGHT_MM}" fill="#fff"/>'
        f'<path shape-rendering="crispEdges" d="{dark}" '
        f'transform="translate({_MARGIN_MM:.3f} {_MARGIN_MM:.3f}) scale({module:.6f})"/>{lines}</svg>\n'
    )


def _size_mm(line: int) -> float:
    return _TITLE_MM if line == 0 else _SMALL_MM


def _pixels(millimetres: float) -> int:
    return round(millimetres / _MM_AN_INCH * _DPI)
