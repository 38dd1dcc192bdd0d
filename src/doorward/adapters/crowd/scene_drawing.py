"""A scene's plan over its still, as PNG and as SVG."""

from base64 import b64encode
from textwrap import wrap
from xml.sax.saxutils import escape, quoteattr

import cv2
import numpy as np
from numpy.typing import NDArray

from doorward.crowd.geometry import Points
from doorward.crowd.scene_plan import Colour, ScenePlan
from doorward.kernel.image import Image

FILL = 0.3
"""How much of a square's colour lies over the still."""
TEXT_HEIGHT, MARGIN = 18, 8
LETTER_WIDTH = 8.0
FARTHEST = 20_000
"""Pixels beyond which nothing is drawn: OpenCV counts them in 32 bits, of which four are fractions."""
Corners = NDArray[np.int32]
INK, PAPER = (30, 30, 30), 255


def png_bytes(image: Image) -> bytes:
    return bytes(cv2.imencode(".png", image)[1])


def scene_png(still: Image, plan: ScenePlan) -> bytes:
    """The drawing, with its legend and notes below the picture."""
    canvas = still.copy()
    for shape in plan.shapes:
        if shape.filled:
            # Cells lie side by side, so that each is laid over the still on its own.
            _lay(canvas, _drawn(shape.corners), shape.colour)
    for shape in plan.shapes:
        if len(shape.corners) == 1:
            cv2.drawMarker(canvas, _drawn(shape.corners)[0].tolist(), shape.colour[::-1], cv2.MARKER_CROSS, 16, 2)
        elif not shape.filled:
            is_closed = len(shape.corners) > 2
            cv2.polylines(canvas, [_drawn(shape.corners)], is_closed, shape.colour[::-1], 1, cv2.LINE_AA)
    for label in plan.labels:
        _write(canvas, label.words, _inside(label.at, plan), (255, 255, 255), outlined=True)
    return png_bytes(np.vstack([canvas, _footer(plan)]))


def scene_svg(still: Image, plan: ScenePlan) -> str:
    """The same drawing, with the still inside."""
    width, height = plan.size
    lines = _notes(plan)
    total = height + _footer_height(lines)
    picture = b64encode(png_bytes(still)).decode()
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {total}" width="{width}" height="{total}" '
        'font-family="sans-serif" font-size="13">',
        f'<rect width="{width}" height="{total}" fill="#fff"/>',
        f'<svg width="{width}" height="{height}" viewBox="0 0 {width} {height}">',
        f'<image width="{width}" height="{height}" href="data:image/png;base64,{picture}"/>',
    ]
    for shape in plan.shapes:
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in _near(shape.corners).tolist())
        paint = _hex(shape.colour)
        if len(shape.corners) == 1:
            x, y = shape.corners[0].tolist()
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="none" stroke="{paint}" stroke-width="2"/>')
        elif shape.filled:
            parts.append(f'<polygon points="{points}" fill="{paint}" fill-opacity="{FILL}"/>')
        else:
            kind = "polygon" if len(shape.corners) > 2 else "polyline"
            parts.append(f'<{kind} points="{points}" fill="none" stroke="{paint}"/>')
    for label in plan.labels:
        x, y = _inside(label.at, plan)
        style = 'fill="#fff" stroke="#000" stroke-width="3" paint-order="stroke"'
        parts.append(f'<text x="{x}" y="{y}" {style}>{escape(label.words)}</text>')
    parts.append("</svg>")
    for place, (words, colour) in enumerate(plan.legend):
        left = MARGIN + place * 120
        parts.append(f'<rect x="{left}" y="{height + MARGIN}" width="12" height="12" fill={quoteattr(_hex(colour))}/>')
        parts.append(f'<text x="{left + 18}" y="{height + MARGIN + 11}">{escape(words)}</text>')
    for row, words in enumerate(lines, start=1):
        parts.append(f'<text x="{MARGIN}" y="{height + MARGIN + 11 + row * TEXT_HEIGHT}">{escape(words)}</text>')
    return "\n".join([*parts, "</svg>\n"])


def _footer(plan: ScenePlan) -> Image:
    lines = _notes(plan)
    footer: Image = np.full((_footer_height(lines), plan.size[0], 3), PAPER, dtype=np.uint8)
    for place, (words, colour) in enumerate(plan.legend):
        x = MARGIN + place * 120
        cv2.rectangle(footer, (x, MARGIN), (x + 12, MARGIN + 12), colour[::-1], -1)
        _write(footer, words, (x + 18, MARGIN + 11), INK)
    for row, words in enumerate(lines, start=1):
        _write(footer, words, (MARGIN, MARGIN + 11 + row * TEXT_HEIGHT), INK)
    return footer


def _notes(plan: ScenePlan) -> list[str]:
    letters = max(20, int((plan.size[0] - 2 * MARGIN) / LETTER_WIDTH))
    said = ("Uncertainty of a place on the ground, by the square.", *plan.notes)
    return [line for note in said for line in wrap(note, letters)]


def _footer_height(lines: list[str]) -> int:
    return 2 * MARGIN + TEXT_HEIGHT * (len(lines) + 1)


def _lay(canvas: Image, corners: Corners, colour: Colour) -> None:
    left, top, width, height = cv2.boundingRect(corners)
    left, top, right, bottom = max(left, 0), max(top, 0), left + width, top + height
    part = canvas[top:bottom, left:right]
    if not part.size:
        return
    mask: Image = np.zeros(part.shape[:2], dtype=np.uint8)
    cv2.fillPoly(mask, [corners - np.array([left, top], dtype=np.int32)], 1)
    inside = mask.astype(bool)
    part[inside] = ((1 - FILL) * part[inside] + FILL * np.array(colour[::-1])).astype(np.uint8)


def _near(corners: Points) -> Points:
    return np.clip(corners, -FARTHEST, FARTHEST)


def _drawn(corners: Points) -> Corners:
    return np.round(_near(corners)).astype(np.int32)


def _inside(at: tuple[float, float], plan: ScenePlan) -> tuple[int, int]:
    """Where a text begins so that it stands in the picture."""
    x = min(max(at[0] + 4, 2), max(2, plan.size[0] - 90))
    return round(x), round(min(max(at[1] - 4, 14), plan.size[1] - 4))


def _write(canvas: Image, words: str, at: tuple[int, int], colour: Colour, outlined: bool = False) -> None:
    if outlined:
        cv2.putText(canvas, words, at, cv2.FONT_HERSHEY_SIMPLEX, 0.42, (0, 0, 0), 3, cv2.LINE_AA)
    cv2.putText(canvas, words, at, cv2.FONT_HERSHEY_SIMPLEX, 0.42, colour[::-1], 1, cv2.LINE_AA)


def _hex(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
