"""Identity documents: read, and held against a live face. Nothing of them is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from time import monotonic
from types import MappingProxyType

from doorward.adapters.documents.cards import TEXT_DETECTION, TEXT_RECOGNITION
from doorward.adapters.documents.text_detector import CANVAS, TextDetector
from doorward.adapters.documents.text_lines import LINE_HEIGHT, turned_upright
from doorward.adapters.documents.text_recogniser import TextRecogniser, characters_of
from doorward.adapters.documents.zone_reader import ZoneFinding, ZoneReader
from doorward.adapters.images import decode_photo, read_photo
from doorward.adapters.models.inspection import parse_model
from doorward.adapters.models.library import ModelPlaces
from doorward.adapters.models.opening import fastest_choice, open_session, prepare
from doorward.adapters.models.session import SessionOptions
from doorward.documents.dates import printed_years
from doorward.documents.portrait import capture_portrait
from doorward.documents.reading import DocumentReading
from doorward.documents.zone import MachineReadableZone
from doorward.errors import PhotoError
from doorward.face.capture import Capture
from doorward.face.decision import Reason
from doorward.kernel.image import Image
from doorward.wiring.face.loading import LoadedOnce
from doorward.wiring.face.models import FaceModels

THREADS = 2
_NO_PATHS: Mapping[str, Path] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds in which further looks at a zone may begin, and in which printed lines beside it may."""

    zone: float = 2.0
    text: float = 2.0


DEFAULT_PATIENCE = Patience()


@dataclass(frozen=True, slots=True, eq=False)
class DocumentModels:
    zones: ZoneReader


def load_document_models(
    model_folder: Path | None, paths: Mapping[str, Path] = _NO_PATHS, patience: Patience = DEFAULT_PATIENCE
) -> DocumentModels:
    """The text models of this process, looked for as ``load_face_models`` does.

    ``ModelMissing`` or ``ModelRefused``.
    """
    places = ModelPlaces(model_folder, paths)
    cards = (TEXT_DETECTION, TEXT_RECOGNITION)
    return _loaded.get(patience, places, cards, lambda: _built(places, patience))


_loaded: LoadedOnce[DocumentModels] = LoadedOnce()


def _built(places: ModelPlaces, patience: Patience) -> DocumentModels:
    detection, recognition = places.read(TEXT_DETECTION), places.read(TEXT_RECOGNITION)
    detector = open_session(
        TEXT_DETECTION.name,
        prepare(TEXT_DETECTION.name, detection),
        SessionOptions(fastest_choice(TEXT_DETECTION.name), THREADS, (1, 3, CANVAS, CANVAS)),
    )
    session = open_session(
        TEXT_RECOGNITION.name,
        prepare(TEXT_RECOGNITION.name, recognition),
        SessionOptions(fastest_choice(TEXT_RECOGNITION.name), THREADS, (-1, 3, LINE_HEIGHT, -1)),
    )
    recogniser = TextRecogniser(session, characters_of(parse_model(TEXT_RECOGNITION.name, recognition)))
    return DocumentModels(ZoneReader(TextDetector(detector), recogniser, patience.zone, patience.text))


def decoded(scan: bytes | str | Path) -> Image:
    """The picture in a file or in its bytes; ``PhotoError`` where it is no usable one."""
    return decode_photo(scan) if isinstance(scan, bytes) else read_photo(Path(scan))


def read_page(page: Image, models: DocumentModels, faces: FaceModels, today: date) -> DocumentReading:
    """The zone of the one document on ``page``, how far it can be believed on the day ``today``, and its portrait."""
    began = monotonic()
    finding = models.zones.read(page, today)
    judgement = finding.judgement
    reading = DocumentReading(
        reason=_reason(finding),
        format=judgement.format if judgement else None,
        check_digits=judgement.check_digits if judgement else {},
        looks=finding.looks,
        first_look_seconds=finding.first_seconds,
        seconds=finding.seconds,
    )
    if judgement is None or judgement.zone is None:
        return reading
    texts = models.zones.read_beside(finding)
    zone: MachineReadableZone = judgement.zone.with_printed_years(printed_years(texts), today)
    return replace(
        reading,
        zone=zone,
        name_confirmed=zone.name.is_printed_in(texts),
        is_expired=zone.is_expired(today),
        portrait=_portrait(turned_upright(finding.page, finding.lines[0].angle), faces),
        seconds=monotonic() - began,
    )


def _reason(finding: ZoneFinding) -> Reason | None:
    if finding.is_confirmed:
        return None
    if finding.judgement is not None:
        return Reason.DOCUMENT_NOT_CONFIRMED
    return Reason.DOCUMENT_NOT_FOUND if finding.signs is None else Reason.DOCUMENT_INCOMPLETE


def _portrait(page: Image, faces: FaceModels) -> Capture | PhotoError:
    try:
        return capture_portrait(page, faces.detector, faces.embedder)
    except PhotoError as error:
        return error
