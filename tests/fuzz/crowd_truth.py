"""Target: what crowds are counted against: trajectories, clicks, and counted photos."""

import json
from collections.abc import Mapping

from doorward.crowd.clicks import parse_clicks
from doorward.crowd.count_set import true_counts
from doorward.crowd.walks import Walks, joined, moments_of, parse_walks
from doorward.errors import DoorwardError

SEEDS = (
    b"0 1 2.5 3.5\n10 1 3.0 3.5 0.1 0.2\n# a remark\n20 1 3.5 3.5\n",
    b"0 1 0 0\n10 1 1 0\n30 2 3 0\n40 2 4 0\n",
)
OTHERS = (
    b"seconds,line,direction\n12.5,door,in\n13,door,out\n",
    b'{"images": {"a.jpg": [[0, 0, 1, 1]], "b.jpg": []}}',
    b'{"images": [{"id": 1, "file_name": "a.jpg"}], "annotations": [{"image_id": 1, "category_id": 1}]}',
)


def decode(data: bytes) -> Walks:
    return parse_walks(data.decode(), 25)


def counts(text: str) -> Mapping[str, int] | None:
    try:
        return true_counts(json.loads(text))
    except (ValueError, RecursionError):
        return None


def fuzz(data: bytes) -> None:
    for text in (data.decode(errors="replace"), *(other.decode() + data.decode("latin-1") for other in OTHERS)):
        for read in (
            lambda text: moments_of(joined(parse_walks(text, 25)), 5),
            lambda text: parse_clicks(text, ("door",)),
            counts,
        ):
            try:
                read(text)
            except DoorwardError:
                continue
