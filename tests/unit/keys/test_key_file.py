"""The key file."""

import os
from pathlib import Path

import pytest

from doorward.adapters.keys.key_file import KeyFileProvider, make_key_file
from doorward.errors import Conflict, StorageError, WrongKey, WrongUse
from fakes.clock import FakeRandomness


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return make_key_file(tmp_path / "site.key", tmp_path / "site", FakeRandomness())


def test_gives_the_same_32_bytes_and_is_its_owners_alone(key_file: Path) -> None:
    provider = KeyFileProvider(key_file)
    assert len(provider.wrapping_key()) == 32
    assert provider.wrapping_key() == provider.wrapping_key()
    assert key_file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o606, 0o601])
def test_a_file_that_others_may_touch_is_refused(key_file: Path, mode: int) -> None:
    key_file.chmod(mode)
    with pytest.raises(WrongUse, match="chmod 600"):
        KeyFileProvider(key_file).wrapping_key()


def test_a_key_inside_the_site_is_refused_by_whatever_path(tmp_path: Path) -> None:
    site = tmp_path / "site"
    (site / "keys").mkdir(parents=True)
    (tmp_path / "elsewhere").symlink_to(site / "keys")
    for inside in (site / "key", site / "keys" / "key", tmp_path / "elsewhere" / "key", tmp_path / "x/../site/key"):
        with pytest.raises(WrongUse):
            make_key_file(inside, site, FakeRandomness())
    assert not list(site.rglob("key"))


def test_no_key_is_overwritten(key_file: Path, tmp_path: Path) -> None:
    before = key_file.read_bytes()
    with pytest.raises(Conflict):
        make_key_file(key_file, tmp_path / "site", FakeRandomness(1))
    assert key_file.read_bytes() == before


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        make_key_file(tmp_path / "no" / "key", tmp_path / "site", FakeRandomness())


@pytest.mark.parametrize("content", [b"", b"00" * 31, b"00" * 33, b"zz" * 32, b"\xff" * 64])
def test_what_is_no_key_file_is_said(key_file: Path, content: bytes) -> None:
    key_file.write_bytes(content)
    with pytest.raises(WrongKey):
        KeyFileProvider(key_file).wrapping_key()


def test_a_missing_key_file_is_said(key_file: Path) -> None:
    os.unlink(key_file)
    with pytest.raises(WrongKey, match="cannot be read"):
        KeyFileProvider(key_file).wrapping_key()
