"""The breach test finds nothing in a site, and everything that was left lying in the clear."""

from base64 import b64encode
from pathlib import Path

import numpy as np
import pytest

from commands_in_process import run_json
from documented_names import documented, fits, shape
from doorward.adapters.file_search import search_folder
from doorward.demo.portraits import Portrait
from doorward.wiring.face.needles import needles_for_octets, needles_for_text, needles_for_vector
from doorward.wiring.face.site import Site
from known_people import EVERYTHING

SECRET = "Grace Brewster Murray Hopper"


def test_a_site_gives_nobody_away(
    site: Site, hopper: Portrait, collins: Portrait, capsys: pytest.CaptureFixture[str]
) -> None:
    site.profiles.keep_photos(True)  # noqa: FBT003 - one switch
    person = site.add_person(SECRET)
    site.record_consent(person, "Notice", "1", EVERYTHING, "form")
    site.enrol_photo(person, hopper.path)
    site.verify(collins.path, person)
    known = ("--text", SECRET, "--photo", hopper.path, "--photo", collins.path)
    status, outcome = run_json(capsys, "breach-test", site.folder, *known)
    assert (status, outcome["found"]) == (0, [])
    assert fits(documented()["breach-test"], shape(outcome))
    assert outcome["encodings"] == 4
    assert outcome["values"] > 40
    assert outcome["bytes"] > 100_000
    assert [known.display_name for known in site.stores.people.all()] == [SECRET], "the canaries were erased again"


def test_a_leak_is_found_in_every_encoding(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    leaks = {
        "raw": SECRET.encode(),
        "hex": SECRET.encode().hex().encode(),
        "base64": b64encode(b"x" + SECRET.encode() + b"yz"),
        "utf-16": SECRET.encode("utf-16"),
        "base64 in utf-16": b64encode(SECRET.encode()).decode().encode("utf-16-le"),
    }
    for name, leak in leaks.items():
        (site.folder / f"{name}.log").write_bytes(b"something " + leak + b" something")
    status, outcome = run_json(capsys, "breach-test", site.folder, "--text", SECRET)
    assert status == 3
    assert {found["file"]: found["encoding"] for found in outcome["found"]} == {f"{name}.log": name for name in leaks}


@pytest.mark.parametrize("precision", ["<f4", "<f2", "int8"])
def test_a_vector_is_found_in_every_precision(tmp_path: Path, precision: str) -> None:
    vector = np.linspace(-0.2, 0.2, 128, dtype=np.float32)
    scaled = np.round(vector * 127) if precision == "int8" else vector
    (tmp_path / "index").write_bytes(b"\x07" + scaled.astype(precision).tobytes())
    assert search_folder(tmp_path, list(needles_for_vector("template", vector))).findings


@pytest.mark.parametrize("before", range(4))
@pytest.mark.parametrize("after", range(4))
def test_base64_is_found_at_every_alignment(tmp_path: Path, before: int, after: int) -> None:
    (tmp_path / "dump").write_bytes(b64encode(b"b" * before + b"passport 4711" + b"a" * after))
    findings = search_folder(tmp_path, list(needles_for_octets("number", b"passport 4711"))).findings
    assert {finding.encoding for finding in findings} == {"base64"}


def test_file_names_are_searched_too(tmp_path: Path) -> None:
    (tmp_path / "Grace Hopper.txt").touch()
    assert search_folder(tmp_path, list(needles_for_text("name", "Grace Hopper"))).findings
