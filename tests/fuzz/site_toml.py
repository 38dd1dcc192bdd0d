"""Target: site.toml, and the scene file of the crowd."""

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from doorward.errors import DoorwardError
from doorward.settings.crowd.scene_file import load_scene
from doorward.settings.site import (
    FILE_NAME,
    KeyFileSettings,
    PassphraseSettings,
    SiteSettings,
    read_site_settings,
    write_site_settings,
)
from fuzz.manifest import SITE


def written(key: PassphraseSettings | KeyFileSettings) -> bytes:
    with TemporaryDirectory() as folder:
        write_site_settings(Path(folder), SiteSettings(SITE, datetime(2026, 11, 23, tzinfo=UTC), key))
        return (Path(folder) / FILE_NAME).read_bytes()


SEEDS = (written(PassphraseSettings(bytes(16), 65_536, 3, 4)), written(KeyFileSettings(Path("keys/site.key"))))
SCENE = b"""mount_height = 3.0
[image]
width = 640
height = 480
[[points]]
image = [0, 0]
ground = [0.0, 0.0]
[[lines]]
id = "a"
name = "A"
from = [0, 0]
to = [1, 1]
"""


def decode(data: bytes) -> SiteSettings:
    with TemporaryDirectory() as folder:
        (Path(folder) / FILE_NAME).write_bytes(data)
        return read_site_settings(Path(folder))


def fuzz(data: bytes) -> None:
    with TemporaryDirectory() as folder:
        for octets in (data, SCENE + data):
            (Path(folder) / FILE_NAME).write_bytes(octets)
            for read in (lambda: read_site_settings(Path(folder)), lambda: load_scene(Path(folder) / FILE_NAME, "a")):
                try:
                    read()
                except DoorwardError:
                    continue
