"""site.toml."""

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorward.errors import SiteMissing, WrongUse
from doorward.kernel.ids import SiteId
from doorward.settings.site import (
    FILE_NAME,
    KeyFileSettings,
    PassphraseSettings,
    SiteSettings,
    read_site_settings,
    write_site_settings,
)
from known_people import UNHURRIED

MADE = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
paths = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/"), min_size=1, max_size=40)
keys = st.builds(PassphraseSettings, st.binary(min_size=16, max_size=16), st.just(64), st.just(3), st.just(2))
key_files = st.builds(lambda name: KeyFileSettings(Path("/keys") / name), paths)


@UNHURRIED
@given(key=keys | key_files)
def test_what_is_written_is_read(key: PassphraseSettings | KeyFileSettings) -> None:
    settings = SiteSettings(SiteId(str(uuid4())), MADE, key)
    with TemporaryDirectory() as folder:
        write_site_settings(Path(folder), settings)
        assert read_site_settings(Path(folder)) == settings


def test_a_folder_without_settings_is_no_site(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path, tmp_path / "none", tmp_path / "file"):
        with pytest.raises(SiteMissing, match="doorward init"):
            read_site_settings(folder)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    key = PassphraseSettings(b"s" * 16, 65_536, 3, 4)
    write_site_settings(tmp_path, SiteSettings(SiteId(str(uuid4())), MADE, key))
    return tmp_path / FILE_NAME


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("format = 1", "format = 2"),
        ("format = 1", ""),
        ('site = "', 'site = "x'),
        ("created_at = ", "created_at = 1 #"),
        ("[key]", "[lock]"),
        ('provider = "passphrase"', 'provider = "none"'),
        ("memory_kib = 65536", "memory_kib = 99999999999"),
        ("memory_kib = 65536", "memory_kib = 8"),
        ("passes = 3", "passes = 0"),
        ("passes = 3", "passes = 1000"),
        ("lanes = 4", "lanes = -1"),
        ("lanes = 4", 'lanes = "many"'),
        ('salt = "73', 'salt = "'),
        ("[models]", "[[models]]"),
        ("[models]", "[models]\nsface = 1"),
        ("format = 1", "format ="),
    ],
)
def test_a_wrong_setting_is_said_with_the_file(written: Path, before: str, after: str) -> None:
    text = written.read_text()
    assert before in text
    written.write_text(text.replace(before, after))
    with pytest.raises(WrongUse, match=FILE_NAME):
        read_site_settings(written.parent)


def test_a_key_file_inside_the_site_is_refused(tmp_path: Path) -> None:
    write_site_settings(tmp_path, SiteSettings(SiteId(str(uuid4())), MADE, KeyFileSettings(tmp_path / "sub" / "key")))
    with pytest.raises(WrongUse, match="move it out"):
        read_site_settings(tmp_path)


def test_settings_are_never_written_over(written: Path) -> None:
    with pytest.raises(FileExistsError):
        write_site_settings(written.parent, SiteSettings(SiteId(str(uuid4())), MADE, KeyFileSettings(Path("/k"))))
