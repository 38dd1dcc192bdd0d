"""Lines of text read by a model that marks characters along the line (CTC, Graves et al. 2006)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import onnx
from numpy.typing import NDArray

from doorward.adapters.documents.text_detector import as_input
from doorward.adapters.models.session import ModelSession
from doorward.documents.check_digits import ALPHABET, FILLER
from doorward.documents.doubts import UNLIKELY, Rivals
from doorward.errors import ModelRefused
from doorward.kernel.image import Image

_SIGNS = ("", *ALPHABET, FILLER)
_STEP = 160
"""Widths are padded to multiples of this, for a runtime prepares itself anew for every width."""
# Signs of other alphabets that the model takes a filler for.
_FILLERS = FILLER + "Λヘへくㄑ＜〈《«‹∧^"


def characters_of(model: onnx.ModelProto) -> list[str]:
    """The characters that the model's file names, in the order of its classes; ``ModelRefused`` where it names none."""
    for note in model.metadata_props:
        if note.key == "character":
            return str(note.value).split("\n")
    raise ModelRefused("The model that reads documents does not name its characters; get its file again.")


@dataclass(frozen=True, slots=True)
class ZoneText:
    """A line in the zone's own signs; ``rivals``: of each of them."""

    text: str
    rivals: tuple[Rivals, ...]


class TextRecogniser:
    """``characters``: what the model's classes stand for, the first class being none of them."""

    def __init__(self, session: ModelSession, characters: Sequence[str]) -> None:
        self._session = session
        places = {character: place for place, character in enumerate(characters, start=1)}
        if not {*ALPHABET, FILLER} <= places.keys():
            raise ModelRefused("The model that reads documents lacks characters of their zones; get its file again.")
        self._characters = ["", *characters, " "]
        self._of_zone = [0, *(places[sign] for sign in ALPHABET)]
        self._fillers = [places[sign] for sign in _FILLERS if sign in places]

    def read(self, line: Image) -> str:
        """The text on the picture of a line, of whatever characters the model knows."""
        return _told(self._run(line).argmax(axis=1), self._characters)

    def read_zone(self, line: Image) -> ZoneText:
        """The text in the zone's own signs, A to Z, 0 to 9 and ``<``: the likeliest of them at every place.

        A sign's rivals are those of where it is the likeliest: beside that place silence would have more of a share.
        """
        likely = self._run(line)
        fillers = likely[:, self._fillers].max(axis=1, keepdims=True)
        of_zone = np.hstack([likely[:, self._of_zone], fillers])
        classes = of_zone.argmax(axis=1)
        begins = np.flatnonzero(np.diff(classes, prepend=-1))
        ends = [*begins[1:], len(classes)]
        runs = [slice(begin, end) for begin, end in zip(begins, ends, strict=True) if classes[begin]]
        peaks = [run.start + int(of_zone[run, classes[run.start]].argmax()) for run in runs]
        return ZoneText(
            "".join(_SIGNS[classes[peak]] for peak in peaks), tuple(_rivals(of_zone[peak]) for peak in peaks)
        )

    def _run(self, line: Image) -> NDArray[np.float32]:
        height, width = line.shape[:2]
        padded = np.full((height, -(-width // _STEP) * _STEP, 3), 127, dtype=np.uint8)
        padded[:, :width] = line
        (likely,) = self._session.run(as_input(padded)).values()
        first: NDArray[np.float32] = likely[0]
        return first


def _rivals(shares: NDArray[np.float32]) -> Rivals:
    best = int(shares.argmax())
    found = np.flatnonzero(shares >= UNLIKELY * shares[best])
    return {_SIGNS[sign]: float(shares[sign] / shares[best]) for sign in found if sign not in (0, best)}


def _told(classes: NDArray[np.intp], characters: Sequence[str]) -> str:
    """A character for each run of equal classes; the first class is silent."""
    begins = np.flatnonzero(np.diff(classes, prepend=-1))
    return "".join(characters[classes[place]] for place in begins)
