"""One pass finds what a plain search finds, wherever it lies."""

import os
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorward.adapters import file_search
from doorward.adapters.file_search import SHORTEST, Needle, Search, search_files, search_folder
from doorward.errors import WrongUse
from known_people import UNHURRIED

few_letters = st.lists(st.sampled_from([b"a", b"b", b"\0", b"\xff"]), max_size=40).map(b"".join)
sought = st.lists(few_letters.filter(lambda octets: len(octets) >= SHORTEST), min_size=1, max_size=4, unique=True)


@UNHURRIED
@given(sought, st.lists(few_letters, max_size=4), st.data(), st.integers(1, 40))
def test_it_finds_what_a_plain_search_finds_across_every_border(
    octets: list[bytes], filling: list[bytes], data: st.DataObject, chunk: int
) -> None:
    content = b"".join(data.draw(st.permutations([*filling, *octets[1:]])))
    needles = [Needle(one.hex(), "raw", one) for one in octets]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(file_search, "CHUNK", chunk)
        found = Search(needles).stream(BytesIO(content), "file", lambda _read: None)
    assert {(finding.value, finding.offset) for finding in found} == {
        (needle.value, content.find(needle.octets)) for needle in needles if needle.octets in content
    }


def test_what_is_too_short_is_refused() -> None:
    with pytest.raises(WrongUse):
        Search([Needle("name", "raw", b"Ada")])


def test_progress_is_told_in_bytes_and_ends_at_all_of_them(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(bytes(1000))
    (tmp_path / "two").write_bytes(bytes(500))
    told: list[tuple[int, int]] = []
    result = search_folder(tmp_path, [], lambda done, total: told.append((done, total)))
    assert (result.files, result.bytes, told[-1]) == (2, 1500, (1500, 1500))


def test_what_is_no_file_is_named_as_unread(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    result = search_files([(tmp_path / "pipe", "pipe"), (tmp_path / "gone", "gone")], [])
    assert (result.files, [name for name, _ in result.unread]) == (0, ["pipe"])
