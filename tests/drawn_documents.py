"""Pages of documents drawn for tests: a portrait, printed fields, and a zone with right check digits."""

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from zones import Fields, zone_of

VALID = Fields(number="L898902C3", expiry="320415")
EXPIRED = replace(VALID, expiry="120415")
_WIDTH, _HEIGHT = 1250, 880


def drawn_page(
    fields: Fields = VALID, portrait: Path | None = None, lines: list[str] | None = None, *, printed: bool = True
) -> np.ndarray:
    """A page of 1,250 x 880 pixels, blue, green, red; ``lines`` take the place of the zone that ``fields`` give.

    Above it the page prints the names and the number, if it is ``printed``.
    """
    page = Pillow.new("RGB", (_WIDTH, _HEIGHT), (232, 238, 240))
    pen = ImageDraw.Draw(page)
    texts = [fields.primary, fields.secondary, fields.number] if printed else [""] * 3
    for row, (label, text) in enumerate(zip(("Surname", "Given names", "Passport No."), texts, strict=True)):
        pen.text((560, 120 + 110 * row), label, font=_font(20), fill=(90, 90, 90))
        pen.text((560, 146 + 110 * row), text, font=_font(34), fill=(20, 20, 20))
    if portrait is not None:
        page.paste(Pillow.open(portrait).convert("RGB").resize((400, 500)), (70, 90))
    for row, line in enumerate(lines or zone_of(fields)):
        for place, sign in enumerate(line):
            pen.text((70 + place * 25.4, 690 + 62 * row), sign, font=_font(32), fill=(20, 20, 20))
    return cv2.cvtColor(np.asarray(page), cv2.COLOR_RGB2BGR)


def _font(size: int) -> ImageFont.FreeTypeFont:
    spec = find_spec("matplotlib")
    assert spec is not None
    assert spec.origin is not None
    fonts = Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf"
    return ImageFont.truetype(str(fonts / "DejaVuSansMono.ttf"), size)
