"""Target: the gallery inside its snapshot."""

from contextlib import nullcontext
from datetime import UTC, datetime

import numpy as np

from doorward.adapters.galleries.face.coded import CodedRows
from doorward.adapters.galleries.face.gallery_file import AuditHead, WrittenGallery, decode_gallery, encode_gallery
from doorward.adapters.galleries.face.rounded import RoundedReferences
from doorward.errors import DoorwardError
from doorward.identify.deadlines import Deadlines
from doorward.identify.ports import References, Roll
from doorward.identify.references import ListedReferences
from doorward.kernel.ids import PersonId

ADA, BO = (PersonId(f"00000000-0000-4000-8000-{number:012}") for number in range(2))
EVERYONE, STAFF = frozenset({"everyone"}), frozenset({"everyone", "staff"})


def encoded(references: References) -> bytes:
    deadlines = Deadlines.of({BO: datetime(2026, 11, 23, tzinfo=UTC)})
    written = WrittenGallery("sface", "next", AuditHead(7, bytes(32)), Roll(9, references, deadlines))
    return b"".join(bytes(part) for part in encode_gallery(written, nullcontext, ()))


def listed(count: int, dimension: int) -> ListedReferences:
    vectors = np.random.default_rng(0).standard_normal((count, dimension), np.float32)
    return ListedReferences(([ADA] + [BO] * count)[:count], ([EVERYONE] + [STAFF] * count)[:count], vectors)


SEEDS = (
    encoded(ListedReferences([], [], np.zeros((0, 4), np.float32))),
    encoded(listed(3, 4)),
    encoded(CodedRows.of(RoundedReferences.of(listed(32, 16)))),
)


def decode(data: bytes) -> WrittenGallery:
    return decode_gallery([data], len(data))


def fuzz(data: bytes) -> None:
    try:
        decode(data)
    except DoorwardError:
        return
