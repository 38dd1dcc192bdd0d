"""Target: what devices send of a presentation."""

from doorward.adapters.devices.presentation_body import PresentationBody, decoded, encoded
from doorward.errors import DoorwardError
from doorward.face.pad import DevicePad, PadMethod
from doorward.face.quality import QualityReport
from doorward.kernel.ids import CheckpointId
from doorward.verify.second_factor import Factor
from known_people import face

DOOR = CheckpointId("0b3e6c1a-5d51-4a6e-b0d4-6f2f6b1f9a77")
QUALITY = QualityReport((), *(0.5 for _ in range(10)))
PAD = DevicePad(frozenset(PadMethod), "a detector", 0.7)
SEEDS = (
    encoded(PresentationBody(DOOR, None, PAD, (face(1), face(2)), QUALITY)),
    encoded(PresentationBody(DOOR, None, PAD, (face(1),), QUALITY, factor=Factor(pin="482913"))),
    encoded(PresentationBody(DOOR, "B 77", DevicePad(), picture=b"\xff\xd8\xff")),
)


def decode(data: bytes) -> PresentationBody:
    return decoded(data)


def fuzz(data: bytes) -> None:
    try:
        body = decode(data)
    except DoorwardError:
        return
    assert decoded(encoded(body)).checkpoint == body.checkpoint
