"""QR codes: written as a matrix of modules, and found in a picture (zxing-cpp)."""

from collections.abc import Callable, Iterator

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from doorward.adapters.credentials.text import is_credential, octets_of, text_of
from doorward.errors import CredentialNotFound, InternalError, NotACredential, SeveralCredentials
from doorward.kernel.image import Image

CORRECTION = "M"
"""15% of a code may be lost. Chosen by measurement: docs/figures.md."""

Modules = NDArray[np.bool_]
"""A code without its quiet zone, a module an entry; True is dark."""

_ENOUGH = 2200
"""Pixels of the longer side beyond which a picture is not enlarged: a code that fills little of it is large enough."""


def modules_of(octets: bytes) -> Modules:
    """The code of a credential."""
    code = zxingcpp.create_barcode(text_of(octets), zxingcpp.BarcodeFormat.QRCode, ec_level=CORRECTION)
    modules: Modules = np.asarray(code.to_image(scale=1, add_quiet_zones=False)) == 0
    if modules.ndim != 2 or modules.shape[0] != modules.shape[1]:
        raise InternalError("The library for codes gave no square code.")
    return modules


def read_credential(image: Image) -> bytes:
    """What the one credential in the picture holds; codes of other things beside it are passed over.

    ``CredentialNotFound`` without any code, ``NotACredential`` when there are only codes of other things,
    ``SeveralCredentials`` when there is more than one.
    """
    others = False
    for way in _ways(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(np.uint8)):
        texts = {code.text for code in _codes(way())}
        shown = {text for text in texts if is_credential(text)}
        if len(shown) > 1:
            raise SeveralCredentials("More than one credential is in the picture; show one at a time.")
        if shown:
            return octets_of(shown.pop())
        others = others or bool(texts)
    if others:
        raise NotACredential("The code in the picture is no credential of Doorward; show the code on the card.")
    raise CredentialNotFound("No credential was found in the picture; show the whole code, flat, sharp, without glare.")


def credentials_seen(image: Image, look: int) -> tuple[frozenset[str], bool]:
    """The texts of the credentials in a frame, read in one way, and whether there is any other code.

    ``look``: the number of the frame; the ways of ``read_credential`` take turns, for each costs time.
    """
    ways = list(_ways(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(np.uint8)))
    texts = {code.text for code in _codes(ways[look % len(ways)]())}
    shown = frozenset(text for text in texts if is_credential(text))
    return shown, bool(texts - shown)


def _codes(picture: NDArray[np.uint8]) -> list[zxingcpp.Barcode]:
    formats = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    return zxingcpp.read_barcodes(picture, formats, text_mode=zxingcpp.TextMode.Plain)


def _ways(grey: NDArray[np.uint8]) -> Iterator[Callable[[], NDArray[np.uint8]]]:
    """The picture, then with its light evened out, then twice as large: each finds codes that the ones before miss."""
    yield lambda: grey
    yield lambda: cv2.createCLAHE(clipLimit=3.0, tileGridSize=(8, 8)).apply(grey).astype(np.uint8)
    if max(grey.shape) <= _ENOUGH:
        yield lambda: cv2.resize(grey, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC).astype(np.uint8)
