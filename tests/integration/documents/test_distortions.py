"""Pages photographed as hands, lenses and lamps make them: read, or refused, and never read wrong."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from commands_in_process import run_json
from doorward.bench import distorted_documents
from doorward.bench.distortions import DISTORTIONS, seen
from doorward.documents.reading import DocumentReading
from doorward.face.decision import Reason
from drawn_documents import VALID, drawn_page
from integration.documents.test_shared_documents import TRUTH, WRONG_THEMSELVES, photo, told
from portraits import encoded, grace_hopper
from zones import zone_of

Read = Callable[[np.ndarray], DocumentReading]

# A sample of the 14 x 36 that `doorward bench distortions` tries.
READ_DISTORTED = (
    ("100_pass-ltu.jpg", "tilted aside by 30 degrees"),
    ("100_pass-isl.png", "tilted both ways by 30 degrees"),
    ("98_pass-nld.jpg", "by hand"),
    ("53_id-d.jpg", "turned by 12 degrees"),
    ("100_id-mac.jpg", "JPEG at 30"),
)
# What was once confirmed wrong under them: two signs that outweigh each other.
READ_OR_REFUSED = (
    ("62_pass-pol.png", "by hand"),
    ("79_pass-hun.png", "noise of 30"),
    ("79_pass-hun.png", "tilted both ways by 30 degrees"),
    *((name, "by hand") for name in WRONG_THEMSELVES),
)


def distorted(name: str, how: str) -> np.ndarray:
    return np.ascontiguousarray(DISTORTIONS[how](photo(name), np.random.default_rng(1)))


@pytest.mark.parametrize(("name", "how"), READ_DISTORTED)
def test_a_distorted_page_is_read(read: Read, name: str, how: str) -> None:
    assert told(read(distorted(name, how))) == TRUTH[name][:5]


@pytest.mark.parametrize(("name", "how"), READ_OR_REFUSED)
def test_nothing_wrong_is_confirmed(read: Read, name: str, how: str) -> None:
    reading = read(distorted(name, how))
    assert reading.zone is None or told(reading) == TRUTH.get(name, ("",))[:5]


@pytest.mark.parametrize(("aside", "above"), [(30, 0), (-30, 0), (0, 30), (25, -25)])
def test_a_page_seen_at_a_slant_is_read_and_its_portrait_found(read: Read, aside: float, above: float) -> None:
    reading = read(seen(drawn_page(portrait=grace_hopper()), 0, aside, above))
    assert reading.zone is not None
    assert (reading.zone.number, str(reading.zone.expiry_date)) == (VALID.number, "2032-04-15")
    assert (reading.has_portrait, reading.name_confirmed) == (True, True)


def dazzled(page: np.ndarray, column: int) -> np.ndarray:
    rows, columns = np.mgrid[: page.shape[0], : page.shape[1]]
    spot = 400 * np.exp(-(((columns - column) / 70) ** 2 + ((rows - 750) / 90) ** 2))
    return np.clip(page + spot[..., None], 0, 255).astype(np.uint8)


@pytest.mark.parametrize("column", [180, 500, 900])
def test_glare_on_the_zone_is_refused_as_such(read_hurriedly: Read, column: int) -> None:
    reading = read_hurriedly(dazzled(drawn_page(lines=zone_of(VALID)), column))
    assert reading.zone is None
    assert reading.reason in (Reason.DOCUMENT_INCOMPLETE, Reason.DOCUMENT_NOT_CONFIRMED)


def test_the_command_counts_what_is_read_and_what_is_read_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, number in (("a", VALID.number), ("b", "X1234567")):
        (tmp_path / f"{name}.png").write_bytes(encoded(drawn_page(replace(VALID, number=number))))
    tried = {
        "as it is": lambda page, _rng: page,
        "exchanged": lambda _page, _rng: drawn_page(),
        "unreadable": lambda page, _rng: np.full_like(page, 255),
    }
    monkeypatch.setattr(distorted_documents, "DISTORTIONS", tried)
    status, result = run_json(capsys, "bench", "distortions", tmp_path)
    assert (status, result["seed"]) == (3, 1)
    counts = {name: tuple(one.values()) for name, one in result["distortions"].items()}
    assert counts == {"as it is": (2, 2, 2, 0, 0), "exchanged": (2, 1, 1, 1, 0), "unreadable": (2, 0, 0, 0, 0)}
    monkeypatch.setattr(distorted_documents, "DISTORTIONS", {"as it is": tried["as it is"]})
    assert run_json(capsys, "bench", "distortions", tmp_path)[0] == 0
